"""The shortest of several sequences says how often the mirrored loop runs, too."""
# ruff: noqa

import numpy as np

def f(y, B, k):
    val = 0.5
    for j in range(k):
        for r, (gap, d) in enumerate(zip(y, B)):
            val = np.sin(val + gap ** 2 * val)
    for gap, d in zip(y, B):
        val = val + gap ** 2
    return val


ARGS = (np.array([0.3, -0.4, 0.7]), np.ones((2, 2)), 2)
MORE_ARGS = (np.array([0.3, -0.4]), np.ones((4, 2)), 1)
WRT = 0
