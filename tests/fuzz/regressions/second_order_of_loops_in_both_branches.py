"""Lists of lists that were turned round and popped all the same."""
# ruff: noqa
import numpy as np

def f(A, k, w):
    for z in range(2):
        if k > 1:
            for h in range(len(A)):
                w[h] *= 0.5 * w[h - 1]
        else:
            for e in range(1, -1, -1):
                w[e] *= 0.5 * w[e + 1]
    return np.sum(w * w)

ARGS = (np.array([[-1.1531], [-1.4697], [-0.546]]), 0, np.array([-0.7375, -0.0772, -0.0531]))
WRT = ('w',)
