"""Once crashed: UnboundLocalError in srcdiff/dispatch.py:__call__.

crash: reverse: UnboundLocalError in srcdiff/dispatch.py:__call__
Traceback (most recent call last):
  File "tests/oracles/checks.py", line 152, in guarded
    yield
  File "tests/oracles/checks.py", line 177, in called
    result = function(*args, *extra)
             ^^^^^^^^^^^^^^^^^^^^^^^
  File "srcdiff/dispatch.py", line 49, in __call__
    return self.entry(*args, **kwargs).call(*args, **kwargs)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "<srcdiff f_value_and_grad 4759>", line 15, in f_value_and_grad
    t_kept.append(tmp_part.copy())
                  ^^^^^^^^
UnboundLocalError: cannot access local variable 'tmp_part' where it is not associated with a value
"""
# ruff: noqa

import numpy as np

def f(t, s, A):
    for tmp in A:
        row = t
        s = t
        if s >= 0.5:
            row = np.sum(tmp[1:])
    for acc in A:
        A = row * A
    A -= True
    return np.sum(A)


ARGS = (-1.1677, np.float64(0.7892), np.array([[-0.9987]]))
WRT = 2
