"""Once crashed: UnboundLocalError in srcdiff/api.py:pullback.

crash: reverse: UnboundLocalError in srcdiff/api.py:pullback
Traceback (most recent call last):
  File "tests/oracles/checks.py", line 152, in guarded
    yield
  File "tests/oracles/checks.py", line 203, in reverse
    gradient = scaled = self.case.unpacked(pullback(trees.clone(bar)))
                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "srcdiff/api.py", line 129, in pullback
    gradient = entry.call(*kept, as_cotangent(value_bar), **named)[1]
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "<srcdiff f_vjp 3905>", line 16, in f_vjp
    x2 = x2.copy()
         ^^
UnboundLocalError: cannot access local variable 'x2' where it is not associated with a value
"""
# ruff: noqa

import numpy as np

def f(x):
    s = 0
    for part in range(2, -1, -1):
        if s > 0.3:
            x[2] = s
            x[2] += x @ x
        else:
            pass
    return x


ARGS = (np.array([-1.1333, 0.3167]),)
WRT = 0
