"""An item of x outlives its trip while x is updated in place: right, or refused."""
# ruff: noqa

import numpy as np


def f(x, s):
    for b, cur in enumerate(x):
        x += s
        s = cur
    return np.sum(x)


ARGS = (np.array([-0.0063, 0.0252, -0.9798]), -0.6865)
WRT = 1
