"""Branches: updates on one path only, early returns taken and not taken, masks and guards at singular points."""

import numpy as np


def two_arms(a, b):
    if a > b:
        c = a * b
    else:
        c = a - b * b
    return c * c


def one_arm(a, b):
    c = a * b
    if a > 0.5:
        c = c * a
    return np.sin(c)


def chain_of_arms(a, k):
    if k == 0:
        s = a
    elif k == 1:
        s = a * a
    elif k == 2 and a > 0:
        s = a * a * a
    else:
        s = -a
    return s * 2 + a


def nested_branches(a, b, x):
    s = np.sum(x)
    if a > 0:
        t = a * s
        if b > 0:
            t = t * t
        else:
            s = s * b
    else:
        t = b
    return t * s + a


def swapped_in_branch(a, b):
    if a < b:
        a, b = b, a
    return a * a - 3 * b


def early_return_taken(a):
    if a < 0.0:
        return a * a
    return np.exp(a)


def early_return_not_taken(a):
    if a > 0.0:
        return a * a
    return np.exp(a)


def early_return_of_constant(a):
    if a == 0.0:
        return 0.0
    b = a * a
    if b > 100.0:
        return b
    return b * a


def conditional_expression(a, b):
    c = a if a > b else b * b
    return c * (1 if b > 0 else a)


def condition_on_result(x):
    s = np.sum(x)
    t = s * s if s > 1 else s
    return t * np.mean(x)


def chained_comparison(a):
    return a**3 if 0.1 < a < 0.9 else a


def booleans(a, b, flag):
    if flag and (a > 0 or b > 0) and not a > 5:
        return a * b
    return a + b


def where_both_finite(x, y):
    return np.sum(np.where(x > 0.1, x * y, np.sin(y)) * x)


def where_guards_log(x):
    return np.sum(np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), x * x))


def where_guards_root(x):
    return np.sum(np.where(x > 0, np.sqrt(x), 0.0))


def where_broadcast(x, a):
    return np.sum(np.where(x > 0, a, x[:, :1]) * x)


def relu_network(x, w, v):
    hidden = np.maximum(x @ w, 0)
    return np.sum(hidden @ v)


def clipped(x, a):
    return np.sum(np.clip(x * a, -0.5, 0.8) * x) + np.minimum(a, 2.0) * np.maximum(a, 0.1)


def maximum_broadcast(x, y):
    return np.sum(np.maximum(x, y) * np.minimum(x, y[:, ::-1]))


def python_extrema(a, b):
    return max(a, b) * min(a * a, b, 3.0)


def mask_as_number(x):
    return np.sum((x > 0) * x * x) + np.mean(x * (x < 0.5))


def raise_not_taken(x):
    s = np.sum(x * x)
    if not s < 1e6:
        raise ValueError("too large")
    assert s >= 0, "cannot happen"
    return np.sqrt(s)


def array_that_shrinks_on_one_side(x, a):
    if a * a < 0.75:
        return np.sum(np.sin(x * a))
    rest = 0.5 * x
    for _ in range(len(x) - 2):
        rest = rest[::2] * 0.9
    return np.sum(np.sin(rest)) + np.tanh(a)


def negated_mask_of_a_number(a, b):
    return -((a > 0.35) * np.square(a)) + b


CASES = {
    "array_that_shrinks_on_one_side": lambda rng: (rng.normal(size=4), 1.2),
    "negated_mask_of_a_number": lambda rng: (np.float64(0.6 + 0.1 * rng.random()), 0.3),
    "two_arms": lambda rng: (0.4, 0.9),
    "one_arm": lambda rng: (0.8, -1.1),
    "chain_of_arms": lambda rng: (0.8, 2),
    "nested_branches": lambda rng: (0.8, -0.3, rng.normal(size=3)),
    "swapped_in_branch": lambda rng: (0.3, 1.4),
    "early_return_taken": lambda rng: (-0.6,),
    "early_return_not_taken": lambda rng: (-0.6,),
    "early_return_of_constant": lambda rng: (0.7,),
    "conditional_expression": lambda rng: (0.3, -0.8),
    "condition_on_result": lambda rng: (np.array([0.5, 0.9, 0.4]),),
    "chained_comparison": lambda rng: (0.5,),
    "booleans": lambda rng: (0.4, 0.3, True),
    "where_both_finite": lambda rng: (np.array([0.3, -0.4, 1.2]), rng.normal(size=3)),
    "where_guards_log": lambda rng: (np.array([0.3, -0.4, 1.2]),),
    "where_guards_root": lambda rng: (np.array([0.3, -0.4, 1.2]),),
    "where_broadcast": lambda rng: (rng.normal(size=(2, 3)), 0.7),
    "relu_network": lambda rng: (rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=5)),
    "clipped": lambda rng: (np.array([0.3, -1.4, 1.2]), 0.9),
    "maximum_broadcast": lambda rng: (rng.normal(size=(3, 1)), rng.normal(size=(1, 4))),
    "python_extrema": lambda rng: (0.7, 1.3),
    "mask_as_number": lambda rng: (np.array([0.3, -0.4, 1.2]),),
    "raise_not_taken": lambda rng: (rng.normal(size=4),),
}
WRT = {"chain_of_arms": 0}
