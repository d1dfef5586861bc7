"""Calls of the user's own functions: values, several results, branches and loops inside, arguments that they write."""

import functools

import numpy as np

SCALE = 1.7
WEIGHTS = np.array([0.3, -0.8, 1.1])


def square(v):
    return v * v


def scaled(v, factor=2.0, *, offset=0.5):
    return v * factor + offset


def halves(x):
    return x[:1], x[1:]


def statistics(x):
    mean = np.mean(x)
    spread = np.sqrt(np.mean((x - mean) ** 2) + 0.1)
    return mean, spread


def absolute(a):
    if a < 0:
        return -a
    return a


def horner(c, t):
    s = 0.0
    for v in c[::-1]:
        s = s * t + v
    return s


def normalise(x):
    x /= np.sum(x * x) + 1.0
    x[0] = x[0] * 2


def twice(g, v):
    return g(g(v))


def called_twice(a, b):
    return square(a * b) * square(square(a) + b)


def called_with_keywords(x, a):
    return np.sum(scaled(x, offset=a) * scaled(x, a) * scaled(x))


def several_results(x):
    mean, spread = statistics(x)
    return np.sum(np.sin((x - mean) / spread))


def branch_in_callee(a, b):
    return absolute(a * b) * absolute(-a)


def loop_in_callee(c, t):
    return horner(c, t) * horner(c, t * t)


def callee_in_a_loop(x, a):
    s = a
    for v in x:
        s = absolute(s * v) + square(a)
    return s


def callee_writes_argument(x):
    y = x * x
    normalise(y)
    z = y * x
    normalise(y)
    return np.sum(y * z)


def callee_writes_parameter(x, a):
    normalise(x)
    return np.sum(x) * a


def views_from_a_callee(x):
    head, tail = halves(x)
    return np.sum(head * tail)


def function_as_argument(a):
    return twice(square, a) + twice(absolute, a)


def same_array_twice(x):
    return _inner(x, x) + _inner(x, x * x)


def _inner(x, y):
    return np.sum(x * y * y)


def globals_are_read(x):
    return np.sum(WEIGHTS * x) * SCALE


def closure(x, a):
    def shifted(v):
        return v * a + x[0]

    return np.sum(shifted(x)) * shifted(a)


def lambdas(a, b):
    first, second = (lambda v: v * v), (lambda v: v + b)
    return first(a) * second(a)


def _three(a, b, c):
    return a * b - c * c * a


partial_function = functools.partial(_three, c=0.7)


def calls_a_partial(a, b):
    return partial_function(a, b) * a


def _raises(a, limit):
    if a > limit:
        raise ValueError("above the limit")
    return a * a


def callee_may_raise(a):
    return _raises(a, 5.0) * _raises(a * a, 5.0)


CASES = {
    "called_twice": lambda rng: (0.7, -0.4),
    "called_with_keywords": lambda rng: (rng.normal(size=3), 0.7),
    "several_results": lambda rng: (rng.normal(size=4),),
    "branch_in_callee": lambda rng: (0.7, -0.4),
    "loop_in_callee": lambda rng: (rng.normal(size=4), 0.7),
    "callee_in_a_loop": lambda rng: (rng.normal(size=4), 0.7),
    "callee_writes_argument": lambda rng: (rng.normal(size=4),),
    "callee_writes_parameter": lambda rng: (rng.normal(size=4), 0.7),
    "views_from_a_callee": lambda rng: (rng.normal(size=4),),
    "function_as_argument": lambda rng: (0.7,),
    "same_array_twice": lambda rng: (rng.normal(size=4),),
    "globals_are_read": lambda rng: (rng.normal(size=3),),
    "calls_a_partial": lambda rng: (0.7, -0.4),
    "callee_may_raise": lambda rng: (0.7,),
    "closure": lambda rng: (rng.normal(size=3), 0.7),
    "lambdas": lambda rng: (0.7, -0.4),
}
MAY_BE_REFUSED = {  # nested functions and writes of a callee (through its second name) come with the language issue
    "closure",
    "lambdas",
    "calls_a_partial",
    "callee_writes_argument",
    "callee_writes_parameter",
}
