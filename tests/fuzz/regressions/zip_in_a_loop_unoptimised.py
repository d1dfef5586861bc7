"""A loop over zip inside a loop, not optimised: the inner counter ran on over the outer trips."""
# ruff: noqa

import numpy as np


def f(A, w):
    for val in range(2, -1, -1):
        for u, t in zip(w, A):
            v = u - np.min(A)
    return v


ARGS = (np.array([[1.2294, -0.1187], [0.9912, -1.3872]]), np.array([-0.9106, 0.7389]))
WRT = (0, 1)
