"""Stores in a branch of a loop into the array that is returned: the pullback wrote into its cotangent."""
# ruff: noqa

import numpy as np


def f(y, c, A, t):
    for t_kept in c:
        A[:, :2] *= 2
        for val in range(2):
            if y[0]:
                A[val, 1] += t
            else:
                pass
    return A


ARGS = (
    np.array([0.156, -0.8052]),
    np.array([[-0.9112], [0.2869]]),
    np.array([[0.1772, -0.4363], [0.4499, 0.7595]]),
    -1.3762,
)
WRT = 3
