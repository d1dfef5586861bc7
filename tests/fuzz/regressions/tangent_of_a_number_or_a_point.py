"""The tangent of what may be a number or a 0-d array."""
# ruff: noqa

import numpy as np

def f(A, s, t, k):
    for u in range(k):
        t = A[0, u]
    return t


ARGS = (np.array([[-0.7213, -0.293, -0.7981, -1.484], [1.3793, 0.7655, 0.3349, -0.6779], [-1.061, -0.5985, -0.7722, 0.0377]]), np.float64(0.8651), np.array(1.4073), 1)
WRT = 1
