"""Straight-line programs: arithmetic, reductions, powers, scalars of both kinds, dead and linear code."""

import math

import numpy as np


def mean_of_double(x):
    z = x * 2
    return z.mean()


def logistic_loss(w, b, x, y):
    z = x @ w + b
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def python_scalars(a, b):
    c = math.sin(a) * math.exp(b) + math.sqrt(a * a + 1)
    return c / (1 + math.atan(b) ** 2)


def numpy_on_scalars(a, b):
    return np.sin(a) * np.exp(b) - np.log(2 + np.tanh(a * b)) + abs(a)


def powers(a, x):
    return np.sum(x**3 - x**2 + x**-1 + 2.0**x + x**a + np.abs(x) ** 1.5) + a**4


def quotients(a, x, y):
    return np.sum(x / y + a / x + x / a + 1 / (x * y)) - a / 3


def shared_subexpressions(x):
    e = np.exp(x)
    return np.sum(e * e + e / (1 + e) + np.sin(e) * e)


def reused_name(x):
    x = np.sin(x)
    x = x * x
    x = np.cos(x) + x
    return np.sum(x * x * x)


def augmented_number(a, b):
    s = a
    s += b * a
    s *= s
    s -= 3 * b
    s /= 1 + a * a
    return s * a


def augmented_array_rebinds_nothing(x, w):
    y = x * 1.0
    y += w * x
    y *= y
    y -= x
    y /= 2 + w * w
    return np.sum(y * x)


def swapped(a, b):
    c = a * b
    a, b = b, a * a
    a, b, c = c, a + b, b * c
    return a * b + c * a


def chained_assignment(a):
    b = c = a * a
    b = b + c
    return b * c


def dead_code(x):
    unused = np.exp(x) * 3
    unused = unused + x
    y = x * x
    return np.sum(y)


def no_influence(x, y):
    z = y * 2
    return np.sum(x * x)


def linear(x, w):
    return np.sum(3 * x - x[::-1]) + 0 * np.sum(w)


def full_reductions(x):
    return x.sum() * np.mean(x) + np.max(x) * x.min() - np.prod(x) + np.sum(x * x) ** 2


def axis_reductions(x):
    rows = np.sum(x, axis=0) * np.mean(x, axis=0)
    columns = np.max(x, axis=-1, keepdims=True) - x.min(axis=1, keepdims=True)
    return np.sum(x * rows * columns) + np.sum(x.sum(axis=1) ** 2)


def log_sum_exp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def softmax_rows(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def array_result(x, a):
    return np.sin(x) * a + x * x


def pair_result(x, a):
    y = x * a
    return np.sum(y * y), y * x


def sums_of_products_of_entries(x):
    return x[0] * x[1] + x[-1] * x[0] - x[2] ** 2 / x[1]


def polynomial_long(a):
    return 1 + a - a * a / 2 + a * a * a / 6 - a**4 / 24 + a**5 / 120 - a**6 / 720 + a**7 / 5040


def far_out_sigmoid(x):
    return np.sum(1 / (1 + np.exp(-x * 4)))


def _unit(rng, *shape):
    return rng.uniform(0.4, 1.4, size=shape)


CASES = {
    "mean_of_double": lambda rng: (rng.normal(size=3),),
    "logistic_loss": lambda rng: (rng.normal(size=3), 0.3, rng.normal(size=(5, 3)), np.array([0.0, 1, 1, 0, 1])),
    "python_scalars": lambda rng: (0.7, -0.4),
    "numpy_on_scalars": lambda rng: (-0.7, 0.4),
    "powers": lambda rng: (1.3, _unit(rng, 4)),
    "quotients": lambda rng: (1.7, _unit(rng, 3), _unit(rng, 3)),
    "shared_subexpressions": lambda rng: (rng.normal(size=4),),
    "reused_name": lambda rng: (rng.normal(size=4),),
    "augmented_number": lambda rng: (0.6, 1.2),
    "augmented_array_rebinds_nothing": lambda rng: (rng.normal(size=4), rng.normal(size=4)),
    "swapped": lambda rng: (0.6, 1.2),
    "chained_assignment": lambda rng: (0.8,),
    "dead_code": lambda rng: (rng.normal(size=4),),
    "no_influence": lambda rng: (rng.normal(size=4), rng.normal(size=2)),
    "linear": lambda rng: (rng.normal(size=4), rng.normal(size=2)),
    "full_reductions": lambda rng: (_unit(rng, 4),),
    "axis_reductions": lambda rng: (rng.normal(size=(3, 4)),),
    "log_sum_exp": lambda rng: (rng.normal(size=5),),
    "softmax_rows": lambda rng: (rng.normal(size=(2, 3)),),
    "array_result": lambda rng: (rng.normal(size=4), 0.7),
    "pair_result": lambda rng: (rng.normal(size=3), 1.1),
    "sums_of_products_of_entries": lambda rng: (_unit(rng, 4),),
    "polynomial_long": lambda rng: (0.9,),
    "far_out_sigmoid": lambda rng: (np.array([-300.0, -0.01, 0.02, 250.0]),),
}
WRT = {"logistic_loss": (0, 1), "no_influence": (0, 1)}
