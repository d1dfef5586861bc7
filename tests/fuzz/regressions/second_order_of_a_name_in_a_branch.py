"""A name bound in one arm only, at second order."""
# ruff: noqa

import numpy as np


def f(s, A, t, x):
    if t:
        pass
    else:
        total = np.mean(t * np.ones((2, 2)), axis=-2)
        x += total * total
    return np.mean(x * x)


ARGS = (
    0.1504,
    np.array([[0.9777, -0.9296, 0.4651], [0.9979, -0.1804, 0.8811]]),
    0.0892,
    np.array([1.2522, 1.3788, 0.0445]),
)
WRT = ("t", "x")
