"""Once crashed: IndexError in srcdiff/compile.py:primal.

crash: order2: IndexError in srcdiff/compile.py:primal
Traceback (most recent call last):
  File "tests/oracles/checks.py", line 152, in guarded
    yield
  File "tests/oracles/checks.py", line 177, in called
    result = function(*args, *extra)
             ^^^^^^^^^^^^^^^^^^^^^^^
  File "tests/oracles/orders.py", line 74, in <lambda>
    (gradient, pullback), _ = checker.called("order2", lambda *a: checker.compiler.vjp(second.f, second.wrt)(*a))
                                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "srcdiff/api.py", line 125, in __call__
    value = entry.module.primal(*unshared(args), **unshared(kwargs))
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "srcdiff/compile.py", line 103, in primal
    return module.callable(*args, **kwargs, **module.hidden_values())
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "<srcdiff f_grad 3825>", line 21, in f_grad
    a_bar = d_bar * t_kept.pop()
                    ^^^^^^^^^^^^
IndexError: pop from empty list
"""
# ruff: noqa

import numpy as np

def f(y, s):
    mix = s
    total = np.ones(1) + s
    d = mix
    for acc, a in zip(y, total):
        cur = np.mean(y)
        if cur:
            d += (mix > 0.35) * a
    return d


ARGS = (np.array([0.6955]), 0.5401)
WRT = 1
