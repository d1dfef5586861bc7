"""zip(x, x): what was paired with itself was taken for the array."""
# ruff: noqa

import numpy as np


def f(s, x):
    for g, b in zip(x, x):
        s = s
    return x + s


ARGS = (0.7513, np.array([-1.2263]))
WRT = (0, 1)
