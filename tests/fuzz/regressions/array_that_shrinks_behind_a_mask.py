"""What NumPy enforces of a length that a loop changes holds for that one value."""
# ruff: noqa

import numpy as np

def f(x, k):
    r, mix = (2, 0.5)
    x[k] = np.sum(x[x > 0.35])
    old = x
    for p in range(k):
        old = old[1:]
    d = np.sum(old)
    r += d
    return r


ARGS = (np.array([-0.8826, 0.9965, 0.5562]), 2)
WRT = 0
