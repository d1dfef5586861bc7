"""Nested loops, the inner over zip(x, x) with an in-place update of x: right, or refused."""
# ruff: noqa

import numpy as np


def f(x):
    value_bar = 0.5
    for u in range(1, 2):
        for h, a in zip(x, x):
            if value_bar >= h:
                pass
            else:
                gap = x[None, :]
                x += -2 * gap[:, u]
    return x


ARGS = (np.array([1.408, 1.1882]),)
WRT = 0
