"""A loop over x whose body does x += item: right, or refused."""
# ruff: noqa

import numpy as np


def f(x):
    for new in x:
        x += new
    return np.mean(x)


ARGS = (np.array([-1.2104, -1.0741]),)
WRT = 0
