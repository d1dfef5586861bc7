"""A kept array that an inner loop reads at an index was popped in each trip."""
# ruff: noqa

import numpy as np

def f(y, B, k, x):
    for f1 in range(k):
        for r, (gap, d) in enumerate(zip(y, B)):
            y, x = (x, y)
            val = gap ** 2
        z = val + y[f1]
    return z


ARGS = (np.array([1.281, -0.2355]), np.array([[-1.17, 0.0399], [-1.0693, -1.2463]]), 2, np.array([0.8804, -0.0708]))
WRT = 3
