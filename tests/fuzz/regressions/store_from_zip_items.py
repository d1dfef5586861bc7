"""A store of the second item of zip(w, w)."""
# ruff: noqa

import numpy as np


def f(x, w):
    for y, (val, last) in enumerate(zip(w, w)):
        x[2] += last
    return x


ARGS = (np.array([-0.6124, -0.1726, -1.2617]), np.array([0.4885]))
WRT = 1
