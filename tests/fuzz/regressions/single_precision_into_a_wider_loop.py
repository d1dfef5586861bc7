"""wrong: type (seed 100/5/25/2).

type: reverse: gradient [0] is float64[1], expected float32[1]
"""
# ruff: noqa

import numpy as np

def f(x):
    for d, cur in zip(x, x):
        z = old = np.prod(x)
        part = np.arctan(2)
    for t in x:
        old *= part
    return old


ARGS = (np.array([-1.076200008392334], dtype=np.float32),)
WRT = 0
