"""The smallest example: a decorator, a call, and the source of the gradient.

python examples/mean.py
"""

import numpy as np

import srcdiff


@srcdiff.grad
def f(x):
    z = x * 2
    return z.mean()


if __name__ == "__main__":
    print(f(np.array([1.0, 2.0, 3.0])))
    print(f.source)
