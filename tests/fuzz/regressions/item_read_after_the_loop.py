"""The item of enumerate(zip(x, x)) is read after the loop."""
# ruff: noqa

import numpy as np


def f(x, s):
    for t, (pullback, part) in enumerate(zip(x, x)):
        s = pullback
    return s


ARGS = (np.array([-1.4755]), -0.9112)
MORE_ARGS = (np.array([1.0044, 1.1697, 1.1366]), 1.2174)
WRT = 0
