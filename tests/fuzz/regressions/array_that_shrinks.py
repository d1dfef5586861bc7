"""An array has another length in each trip: no length of one trip may be taken for that of another."""
# ruff: noqa

import numpy as np

def f(y, w, k):
    val = 0.5
    for j in range(k):
        for gap in y:
            val = np.sin(val + gap ** 2 * val)
        val = val + np.mean(np.tanh(y * w))
        y = y[1:] * w
    return val + np.sum(y)


ARGS = (np.array([0.3, -0.4, 0.7, 0.2]), 0.8, 2)
MORE_ARGS = (np.array([0.3, -0.4]), 0.9, 0)
WRT = (0, 1)
