"""A loop in the arm that is not taken, at second order: its kept list was not bound."""
# ruff: noqa

import numpy as np


def f(x, s):
    if len(x):
        pass
    else:
        for w, tmp in zip(x, x):
            s = np.tanh(s)
    return np.tanh(s)


ARGS = (np.array([0.1554, -0.0519]), 0.4983)
WRT = 1
