"""The minimum of an empty array raises, used or not."""
# ruff: noqa

import numpy as np

def f(x, s):
    z, part = (s, 2)
    row = s
    part, row = (row, np.min(x[:-1]))
    return z


ARGS = (np.array([1.0413, 0.731]), -1.2728)
MORE_ARGS = (np.array([-0.4475]), -1.446)
WRT = 0
