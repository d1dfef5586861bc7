"""t += s of a 0-d array argument writes in place, in a loop over rows."""
# ruff: noqa

import numpy as np


def f(A, t, s):
    for row in A:
        t += s
    return t


ARGS = (
    np.array([[-1.3325, 1.0039, -0.5473], [0.1136, 1.148, 0.1685], [0.2243, 1.1808, 0.1557], [1.1046, 0.0013, -0.771]]),
    np.array(0.0717),
    np.float32(0.7168999910354614),
)
WRT = 2
