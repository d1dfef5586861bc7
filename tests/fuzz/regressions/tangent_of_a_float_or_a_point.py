"""The tangent of what may be a float or a 0-d array."""
# ruff: noqa

import numpy as np

def f(x, s, A):
    t = 0.5
    for gap in A:
        s = t
    return 0.25 * s


ARGS = (np.array([-0.0509, 1.4597, -1.1065]), np.array(-1.1635), np.array([[1.0349, 0.5179, 0.5066], [-0.3855, 0.5563, -1.0338], [0.6977, 0.4829, 0.098], [-0.2964, -1.4655, 1.3683]]))
WRT = 0
