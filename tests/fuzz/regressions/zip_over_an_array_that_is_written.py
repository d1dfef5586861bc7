"""zip(p[0], x) while the body may write x: the items are read as the loop reaches them."""
# ruff: noqa

import numpy as np


def f(p, A, s, x):
    old = x
    d = 0.5
    for t, a in zip(p[0], x):
        if min(x) > 0.3:
            pass
        else:
            for new in range(len(x)):
                x[new] += x[new - 1] * p[0][new] * 0.5
        d -= np.tanh(a)
    return np.clip(p[0], -0.6, 0.7) * p[0] + d


ARGS = (
    (np.array([-0.9724, 0.6927, -0.8777, -0.5768]), 1.1986),
    np.array(
        [[-1.0022, -1.113, 0.6742, -0.1088], [-0.1704, 1.2434, -0.9178, 1.0289], [1.426, -0.7626, -1.023, 1.2393]]
    ),
    -0.6819,
    np.array([-0.8965, 0.6299, 0.8213, 0.1721]),
)
WRT = ("p", "A", "x")
