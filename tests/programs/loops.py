"""Loops: carried values, starts that are not 0, every kind of range, trip counts that depend on data."""

import numpy as np


def nonzero_start(x, a):
    s = a * a
    for i in range(len(x)):
        s = s * x[i] + a
    return s * s


def sum_and_square_after(x):
    total = 0.0
    for v in x:
        total += v * v
    return total**2


def overwritten_each_trip(x):
    t = 1.0
    for i in range(len(x)):
        t = x[i] * x[i]
    return t * x[0]


def local_reset_each_trip(x, a):
    total = 0.0
    for v in x:
        t = v * a
        t = t * t
        total += t * v
    return total


def local_used_after(x, a):
    for v in x:
        t = v * a
    return t * t + a


def updated_in_some_trips(x, a):
    best = a
    for i in range(len(x)):
        if x[i] > 0:
            best = best * x[i] + a
    return best


def counter_used_after(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * i
    return s * i


def zero_trips(x, a):
    s = a
    for i in range(len(x), len(x)):
        s = s * x[i]
    return s * a


def negative_step(x):
    s = 0.3
    for i in range(len(x) - 1, -1, -1):
        s = np.tanh(s + x[i] * i)
    return s


def step_of_three(x):
    s = 1.0
    for i in range(0, 8, 3):
        s = s * x[i] + i
    return s


def negative_step_of_two(x):
    s = 0.5
    for i in range(len(x) - 1, 0, -2):
        s = np.sin(s) * x[i]
    return s


def triangular(x):
    s = 0.0
    for i in range(len(x)):
        for j in range(i):
            s += x[i] * x[j] * (i - j)
    return s


def triangular_carried(x):
    s = 1.0
    for i in range(len(x)):
        t = x[i]
        for j in range(i, len(x)):
            t = t * 0.5 + x[j] * s
        s = np.sin(s + t)
    return s


def bound_changes_in_body(x, k):
    s = 0.2
    n = k
    for i in range(n):
        n = n - 1
        s = s * x[i] + n
    return s


def counter_rebound_in_body(x):
    s = 0.0
    for i in range(3):
        i = i + 1
        s = s * 0.5 + x[i] * i
    return s


def fibonacci(a, k):
    p, q = a, 1.0
    for _ in range(k):
        p, q = q, p * q + a
    return p


def over_rows(A, w):
    s = 0.0
    for row in A:
        s += np.tanh(row @ w)
    return s


def over_zip(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s += a * b * s + a
    return s


def over_enumerate(x):
    s = 1.0
    for i, v in enumerate(x):
        s = s * v + i
    return s


def over_enumerate_zip(A, y):
    s = 0.0
    for i, (row, t) in enumerate(zip(A, y)):
        r = np.sum(row) - t
        s += r * r * (i + 1)
    return s


def sum_of_rows_from_zero(A):
    total = 0
    for row in A:
        total = total + row * row
    return np.sum(np.sin(total))


def carried_array(W, x, k):
    h = x
    for _ in range(k):
        h = np.tanh(W @ h + x)
    return np.sum(h * h)


def while_counting(a, k):
    i = 0
    s = a
    while i < k:
        s = s * a + i
        i += 1
    return s


def newton_root(a, tol):
    if a == 0.0:
        return 0.0
    x = a
    while abs(x * x - a) > tol:
        x = 0.5 * (x + a / x)
    return x


def while_depends_on_value(a, b):
    t = a
    s = 0.0
    while t > 0.1:
        s += t * b
        t = t * 0.5 * b
    return s * t


def while_never_entered(a):
    t = a
    while t > 100.0:
        t = t * 0.5
    return t * t


def loop_start_from_data(x, a):
    start = 1 if a > 0 else 2
    s = a
    for i in range(start, len(x)):
        s = s * x[i]
    return s


def two_loops_one_name(x):
    s = 1.0
    for v in x:
        s = s * v + 0.3
    for v in x[::-1]:
        s = np.sin(s * v)
    return s


def nested_with_rows(A, b):
    s = 0.0
    for i in range(A.shape[0]):
        t = b[i]
        for j in range(A.shape[1]):
            t -= A[i, j] * b[j]
        s += t * t
    return s


def mean_in_loop(x, k):
    for _ in range(k):
        x = x - 0.3 * np.mean(x * x)
    return np.sum(x)


CASES = {
    "nonzero_start": lambda rng: (rng.normal(size=4), 0.8),
    "sum_and_square_after": lambda rng: (rng.normal(size=4),),
    "overwritten_each_trip": lambda rng: (rng.normal(size=4),),
    "local_reset_each_trip": lambda rng: (rng.normal(size=4), 0.8),
    "local_used_after": lambda rng: (rng.normal(size=4), 0.8),
    "updated_in_some_trips": lambda rng: (np.array([0.5, -1.0, 1.3, -0.2]), 0.8),
    "counter_used_after": lambda rng: (rng.normal(size=4),),
    "zero_trips": lambda rng: (rng.normal(size=4), 0.8),
    "negative_step": lambda rng: (rng.normal(size=4),),
    "step_of_three": lambda rng: (rng.normal(size=8),),
    "negative_step_of_two": lambda rng: (rng.normal(size=6),),
    "triangular": lambda rng: (rng.normal(size=4),),
    "triangular_carried": lambda rng: (rng.normal(size=4),),
    "bound_changes_in_body": lambda rng: (rng.normal(size=4), 3),
    "counter_rebound_in_body": lambda rng: (rng.normal(size=4),),
    "fibonacci": lambda rng: (0.6, 5),
    "over_rows": lambda rng: (rng.normal(size=(3, 4)), rng.normal(size=4)),
    "over_zip": lambda rng: (rng.normal(size=4), rng.normal(size=4)),
    "over_enumerate": lambda rng: (rng.normal(size=4),),
    "over_enumerate_zip": lambda rng: (rng.normal(size=(3, 2)), rng.normal(size=3)),
    "sum_of_rows_from_zero": lambda rng: (rng.normal(size=(3, 4)),),
    "carried_array": lambda rng: (rng.normal(size=(3, 3)), rng.normal(size=3), 4),
    "while_counting": lambda rng: (0.7, 4),
    "newton_root": lambda rng: (2.0, 1e-14),
    "while_depends_on_value": lambda rng: (1.7, 0.9),
    "while_never_entered": lambda rng: (1.7,),
    "loop_start_from_data": lambda rng: (rng.normal(size=4), 0.6),
    "two_loops_one_name": lambda rng: (rng.normal(size=4),),
    "nested_with_rows": lambda rng: (rng.normal(size=(3, 3)), rng.normal(size=3)),
    "mean_in_loop": lambda rng: (rng.normal(size=4), 3),
}
WRT = {"newton_root": 0}
