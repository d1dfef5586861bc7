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
  File "<srcdiff f_grad_vjp 4285>", line 48, in f_grad_vjp
    x_kept_bar2 = [0.0] * len(x_kept)
                          ^^^^^^^^^^^
TypeError: object of type 'NoneType' has no len()
"""
# ruff: noqa

import numpy as np

def f(x, y):
    for best in x:
        if np.mean(y):
            pass
        else:
            for val in range(1, 2):
                x[val] += x * x
    return np.mean(x)


ARGS = (np.array([-1.0604]), np.array([-1.2259]))
WRT = 0
