"""Items of an array that the body writes, read after the loop."""
# ruff: noqa

import numpy as np


def f(x):
    for f1, last in zip(x, x):
        x[1:2] = 0.5
        tmp = last
    return tmp


ARGS = (np.array([-0.2542, 1.3119]),)
WRT = 0
