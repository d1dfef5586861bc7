"""Lengths of formulas change from trip to trip with the lengths in them."""
# ruff: noqa

import numpy as np

def f(x, s):
    tmp = x
    for h in range(2 - 1):
        row = np.sum(tmp * tmp)
        tmp = tmp[1:]
    row = row + np.sum(np.sin(tmp))
    q, u = (row, s)
    return q


ARGS = (np.array([-0.4177, -1.4328]), -1.4356)
WRT = 0
