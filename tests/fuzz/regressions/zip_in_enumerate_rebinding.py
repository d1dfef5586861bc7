"""zip inside enumerate over an array that the body rebinds."""
# ruff: noqa

import numpy as np


def f(x, c, w):
    new = x
    p = 1.0
    u, v = (0.5, p)
    for last, acc in enumerate(new):
        for b, rest in zip(w, c):
            c = w[:, None]
            row = v
            w = w + b / row**2
    return np.mean(c)


ARGS = (np.array([0.1619, 0.5387]), np.array([[-1.3989], [-0.8143]]), np.array([1.1647, -0.3273]))
WRT = 2
