"""Types: single precision stays, integers are data, Python floats stay Python floats, scalars of every kind."""

import numpy as np


def single_precision(x, a):
    y = x * 2 + a
    return np.sum(np.sin(y) * y) / 3


def single_with_double(x, y):
    return np.sum(x * y)


def single_buffer(x):
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = x[i] * x[i] + y[i - 1]
    return np.sum(y * x)


def double_stored_into_single(x, y):
    x[1:] = y * y
    return np.sum(x * x)


def single_mean_of_axis(A):
    return np.mean(np.mean(A, axis=0) ** 2)


def python_float_stays(a, b):
    c = a * b
    for _ in range(3):
        c = c * a + 1
    return c


def numpy_scalar(a, x):
    return a * a * np.sum(x)


def single_scalar(a, x):
    return np.sum(np.tanh(a * x))


def integer_array_is_data(x, counts):
    return np.sum(x * counts) + np.sum(x**2 / (1 + counts))


def integer_buffer_as_mask(x):
    k = np.arange(len(x)) % 2
    return np.sum(np.where(k == 0, x * x, x))


def boolean_mask_as_data(x, mask):
    return np.sum(x[mask] ** 2) + np.sum(np.where(mask, x, 0.5 * x * x))


def int_parameter(x, k):
    return np.sum(x) ** k + k * x[k]


def int_and_float_joined(x, k):
    s = 0
    for i in range(k):
        s = s + x[i] * i
    return s * 1.0


def whole_number_powers(a, k):
    return a**k + k**a + a ** (k - 3)


def integers_from_floats(x):
    n = int(np.floor(x[0] * 3))
    return np.sum(x * x) * (n + 1)


def float_of_element(x):
    a = float(x[0])
    return a * x[1] + a * a


def zero_dimensional_single(a, x):
    return a * np.sum(x)


def _single(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


CASES = {
    "single_precision": lambda rng: (_single(rng, 4), np.float32(0.7)),
    "single_with_double": lambda rng: (_single(rng, 4), rng.normal(size=4)),
    "single_buffer": lambda rng: (_single(rng, 4),),
    "double_stored_into_single": lambda rng: (_single(rng, 4), rng.normal(size=3)),
    "single_mean_of_axis": lambda rng: (_single(rng, 3, 2),),
    "python_float_stays": lambda rng: (0.7, -1.1),
    "numpy_scalar": lambda rng: (np.float64(0.7), rng.normal(size=3)),
    "single_scalar": lambda rng: (np.float32(0.7), _single(rng, 3)),
    "integer_array_is_data": lambda rng: (rng.normal(size=4), np.array([1, 0, 3, 2])),
    "integer_buffer_as_mask": lambda rng: (rng.normal(size=5),),
    "boolean_mask_as_data": lambda rng: (rng.normal(size=4), np.array([True, False, True, True])),
    "int_parameter": lambda rng: (rng.uniform(0.5, 1, size=4), 2),
    "int_and_float_joined": lambda rng: (rng.normal(size=4), 3),
    "whole_number_powers": lambda rng: (1.3, 2),
    "integers_from_floats": lambda rng: (np.array([0.9, -0.4]),),
    "float_of_element": lambda rng: (rng.normal(size=3),),
    "zero_dimensional_single": lambda rng: (np.array(0.7, dtype=np.float32), _single(rng, 3)),
}
MAY_BE_REFUSED = {"integers_from_floats", "float_of_element"}  # conversions are not in the first language
