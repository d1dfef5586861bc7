"""wrt=(2,): the gradient is a tuple of one, and so is the cotangent of its pullback."""
# ruff: noqa

import numpy as np


def f(x, t, A, y, s):
    new = A
    return np.mean(new**2)


ARGS = (np.array([-1.374]), 1.2424, np.array([[0.52]]), np.array([0.4065]), -1.3778)
WRT = (2,)
