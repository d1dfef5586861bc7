"""A length that branches leave open, and that a store of a known length settles, is checked by the guard."""
# ruff: noqa

import numpy as np

def f(x, y, s):
    if s:
        y = np.abs(x)
    else:
        pass
    y += np.arange(2)
    return np.sum(y * x)


ARGS = (np.array([0.2001, -1.1423]), np.array([-0.4718, -0.5578]), -1.3025)
WRT = 0
