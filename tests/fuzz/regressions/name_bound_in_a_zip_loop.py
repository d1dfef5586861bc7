"""A name bound in a loop over zip(x, x) and read after it."""
# ruff: noqa

import numpy as np


def f(x, c):
    gap = 0.0
    for tmp, p in zip(x, x):
        r = c
    gap -= x + r
    return gap


ARGS = (np.array([-0.7323]), np.array([[1.1734]]))
WRT = (0, 1)
