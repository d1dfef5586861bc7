"""Once crashed: TypeError in srcdiff/api.py:pullback.

crash: order2: TypeError in srcdiff/api.py:pullback
Traceback (most recent call last):
  File "tests/oracles/checks.py", line 152, in guarded
    yield
  File "tests/oracles/orders.py", line 80, in _order2
    product = case.unpacked(pullback(trees.clone(bar)))
                            ^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "srcdiff/api.py", line 129, in pullback
    gradient = entry.call(*kept, as_cotangent(value_bar), **named)[1]
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "<srcdiff f_grad_vjp 3830>", line 583, in f_grad_vjp
    t_kept49 = [0.0] * len(tanh_kept7)
                       ^^^^^^^^^^^^^^^
TypeError: object of type 'NoneType' has no len()
"""
# ruff: noqa

import math
import numpy as np

def f(x, s, t):
    for c in range(1, len(x)):
        x = np.tanh(x + x[::-1])
    part = 0.0
    d = 1
    while d < 3:
        for step in range(d + 1):
            t += 0.25 * np.tanh(np.sum(x[1:])) ** 3
            t = np.arctan(np.mean(t - x))
            t -= np.tanh(0.5 ** 2 if -0.6 < 0.9 ** 2 < 0.9 else sum(x))
            s = s * 0.7 + np.tanh(np.sum(x) if np.sum(x) >= s else np.maximum(t, part)) * s * 0.1
        if np.mean(x) >= 0.3:
            part *= 0.8 + 0.2 * np.cos(np.sin(math.sqrt(0.25 * s * (0.25 * s) + 1.25)))
        d += 1
    acc = 0
    while acc < 2:
        if len(x) > 3:
            for f1 in range(len(x) - 1):
                y = np.arctan(np.square(-1.1 + t))
                s *= 0.8 + 0.2 * np.cos(np.tanh(s * t))
            old = np.sin(min(part / (1.5 + np.cos(t) ** 2), np.sum(x)))
        else:
            for a, q in zip(x, x):
                t /= 1.5 + np.tanh(x[acc + 1] - (0.25 * part) ** 3) ** 2
            old = np.sin(np.sum(x + s))
        part = np.tanh(part + np.tanh(np.log1p(2.5 + np.tanh(x[0]))))
        acc += 1
    pass
    return 3 * part + np.sum(x * (x * x)) + old * old


ARGS = (np.array([0.1519, 0.0966, -1.1008, -0.2775]), 1.4626, 1.047)
WRT = 'x'
