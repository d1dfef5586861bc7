"""wrong: order2 (seed 3/3/45/0).

order2: along a random direction 1.3370404000162388, differences 1.520820400007968 (±2e-05)
order2: along a random direction 6.504689960637675, differences 4.648913960645373 (±5e-05)
order2: along [0][0] 4.854, differences 2.0999999999885923 (±2e-05)
"""
# ruff: noqa

import numpy as np

def f(x, s):
    tmp = x
    for h in range(2 - 1):
        row = np.sum(tmp * tmp)
        tmp = tmp[1:]
    row = row + np.sum(np.sin(tmp))
    q, u = (row, s)
    return q


ARGS = (np.array([-0.4177, -1.4328]), -1.4356)
WRT = 0
