"""A result that no trip has bound: the author's function raises, and so does the gradient."""
# ruff: noqa

import numpy as np

def f(c, s, y):
    for r in range(len(c) - 1):
        t = s
    return t


ARGS = (np.array([[0.9259], [-1.1268]]), 1.345, np.array([0.7249]))
MORE_ARGS = (np.array([[-0.0816]]), 1.1222, np.array([-0.6307, -1.3127, 0.8459, -0.8505, 1.3653]))
WRT = 2
