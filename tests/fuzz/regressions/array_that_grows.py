"""An array is one longer in each trip."""
# ruff: noqa

import numpy as np

def f(y, k):
    for j in range(k):
        total = np.sum(y * y)
        y = np.concatenate((y * 0.9, np.ones(1) * np.sin(total)))
    return np.mean(y * y)


ARGS = (np.array([0.3, -0.4, 0.7]), 3)
MORE_ARGS = (np.array([0.3]), 0)
WRT = 0
