"""wrong: type (seed 100/3/16/0).

type: jvp: the tangent of the result: it is float, expected float64
"""
# ruff: noqa

import numpy as np

def f(A, s):
    u = 0
    for p in A:
        u = p
    return np.mean(u)


ARGS = (np.array([[-0.2251]]), 0.8886)
WRT = 1
