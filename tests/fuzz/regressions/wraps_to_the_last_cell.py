"""`y[i - 1]` wraps to the last cell at `i = 0`, which a later trip overwrites: it must be saved or rewound."""
# ruff: noqa

import numpy as np


def f(x, s):
    y = x.copy()
    for i in range(len(y)):
        y[i] = np.sin(y[i - 1] * s) + 0.5 * y[i]
    return np.sum(y * y)


ARGS = (np.array([0.3, -0.8, 1.1, 0.6]), 0.7)
MORE_ARGS = (np.array([0.9, -0.2]), -1.3)
WRT = (0, 1)
