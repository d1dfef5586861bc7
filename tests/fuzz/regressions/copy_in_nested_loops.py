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
  File "<srcdiff f_value_and_grad 4581>", line 29, in f_value_and_grad
    t_kept3.append(t2.copy())
                   ^^
UnboundLocalError: cannot access local variable 't2' where it is not associated with a value
crash: pullback: UnboundLocalError in srcdiff/api.py:pullback
Traceback (most recent call last):
  File "tests/oracles/checks.py", line 152, in guarded
    yield
  File "tests/oracles/checks.py", line 268, in jvp
    gradient = self.case.unpacked(pullback(trees.clone(bar)))
                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "srcdiff/api.py", line 129, in pullback
    gradient = entry.call(*kept, as_cotangent(value_bar), **named)[1]
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "<srcdiff f_vjp 4583>", line 29, in f_vjp
    t_kept3.append(t2.copy())
                   ^^
UnboundLocalError: cannot access local variable 't2' where it is not associated with a value
crash: interleaved: UnboundLocalError in srcdiff/api.py:pullback
Traceback (most recent call last):
  File "tests/oracles/checks.py", line 152, in guarded
    yield
  File "tests/fuzz/examine.py", line 145, in _interleaved
    gradient = checker.case.unpacked(pullback(trees.clone(checker.cotangent())))
                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "srcdiff/api.py", line 129, in pullback
    gradient = entry.call(*kept, as_cotangent(value_bar), **named)[1]
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "<srcdiff f_vjp 4583>", line 29, in f_vjp
    t_kept3.append(t2.copy())
                   ^^
UnboundLocalError: cannot access local variable 't2' where it is not associated with a value
"""
# ruff: noqa

import numpy as np

def f(x, y, p, t):
    r = t
    for acc in range(2):
        for h in range(0, 2, 2):
            if r > 0.75:
                y[2] += np.mean(y[1:])
            else:
                y[acc] *= p[1]
        r = np.sum(y * 0.5)
    x = r
    return x


ARGS = (np.array([0.2074, 0.1858, -0.0369]), np.array([1.1281, 0.0815, 0.86]), (np.array([-0.6652, -0.2459, -1.3793]), 0.9059), 0.98)
MORE_ARGS = (np.array([-1.2639, 1.0284]), np.array([-0.4687, 0.6519]), (np.array([-0.8686, -1.4731]), -1.0281), -0.8967)
WRT = 2
