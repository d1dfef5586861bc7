"""Without the lists that are emptied the loop would run more often."""
# ruff: noqa

import numpy as np

def blend(a, v):
    return (a, a)

def f(k, A, x):
    for r, step in enumerate(A):
        z = x[k]
        for cur, u in zip(step, step[1:]):
            x[1:] += cur ** np.cos(z)
    e, mix = blend(z, z)
    return e


ARGS = (0, np.array([[0.06719999760389328]], dtype=np.float32), np.array([0.4152]))
WRT = 1
