"""Ways out of loops: break, continue, else, returns at any depth; what they leave behind."""

import numpy as np


def break_after_update(x, a):
    s = a
    for i in range(len(x)):
        s = s + x[i] * s * 0.3
        if s > 1.6:
            break
    return s * s


def break_before_update(x, a):
    s = 0.5
    for v in x:
        if s * a > 0.7:
            break
        s = s + v * v * a
    return s


def skips(x, a):
    s = 0.2
    for v in x:
        if v < 0:
            continue
        s = s * a + v
    return s * s


def skip_with_work(x, a):
    s, t = 0.2, a
    for v in x:
        if v < 0:
            t = t * (1.0 + v * v)
            continue
        elif v > 1.0:
            t = t + s
            continue
        s = s + t * v
    return s * t


def skip_in_both_sides(x, a):
    s = a
    for v in x:
        if v > 0:
            if v > 1.0:
                continue
            s = s * (1.0 + v)
        else:
            if s > 2.0:
                break
            s = s + v * v
        s = s + 0.1 * s * a
    return s


def first_that_fits(x, a):
    for v in x:
        if v * a > 0.4:
            return v * v * a
    return a


def found_or_else(x, a):
    for i in range(len(x)):
        if x[i] > 5.0:
            y = x[i] * a
            break
    else:
        y = a * a + x[0]
    return y * a


def else_without_break(x, a):
    s = a
    for v in x:
        s = s * v + a
    else:
        s = s * s
    return s


def two_ways_out(x, a):
    s = a
    for v in x:
        s = s + v * v
        if s > 4.0:
            return s * a
        if v < -0.9:
            break
        s = s * 1.1
    return s + a


def out_of_nested_loops(A, a):
    s = a
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            s = s + A[i, j] * s * 0.2
            if s > 1.5:
                return s * A[i, j]
        s = s * 1.05
    return s


def break_of_the_inner_loop(A, a):
    s = a
    for i in range(A.shape[0]):
        t = 0.1
        for j in range(A.shape[1]):
            t = t + A[i, j] * A[i, j] * a
            if t > 0.8:
                break
        else:
            s = s + t * t
        s = s * (1.0 + 0.2 * t)
    return s


def newton(a, b):
    x = a
    for _ in range(50):
        step = (x * x * x - a * b) / (3 * x * x)
        x = x - step
        if abs(step) < 1e-12:
            break
    return x


def endless(a, b):
    x = a + 1.0
    while True:
        new = 0.5 * (x + a * b / x)
        if abs(new - x) < 1e-13:
            return new * b
        x = new


def while_with_break_and_else(a, b):
    s, n = a, 0
    while s < 30.0:
        s = s * (1.0 + b * b)
        n = n + 1
        if n > 3:
            s = s + b
            break
    else:
        s = s * b
    return s


def array_written_until(x, a):
    y = x.copy()
    for i in range(1, len(y)):
        y[i] = y[i] * y[i - 1] + a
        if y[i] > 1.4:
            break
        y[i] = y[i] * y[i]
    return y


def rows_until(A, a):
    out = np.zeros(A.shape[1])
    for row in A:
        out += row * a
        if np.sum(out * out) > 2.0:
            break
        out *= 1.1
    return np.sum(np.sin(out))


def jacobi_until(A, x):
    u = x.copy()
    for _ in range(40):
        new = u.copy()
        new[1:-1] = 0.5 * (u[2:] + u[:-2]) + 0.01 * A[0, : len(x) - 2] * u[1:-1]
        change = np.max(np.abs(new - u))
        u = new
        if change < 1e-3:
            break
    return np.sum(u * u)


def tuple_from_a_loop(x, a):
    for i in range(len(x)):
        if x[i] > 0.2:
            return x[i] * a, a
    return a, a


def counter_behind(x, a):
    n = 0
    for v in x:
        n += 1
        if v > 0.9:
            break
    return a**n * x[n - 1]


def helper(v, limit):
    s = v
    while s < limit:
        s = s * 1.5 + v
        if s > 10 * v:
            return s * v
    return s


def in_helpers(x, a):
    total = 0.0
    for i in range(len(x)):
        if x[i] < 0.0:
            continue
        total = total + helper(a + x[i] * x[i], 2.0)
    return total


def unrolled(parts, a):
    s = a
    for p in parts:
        s = s + np.sum(p * p)
        if s > 2.0:
            break
        s = s * a
    return s


def from_the_end(x, a):
    s = a
    for i in reversed(range(1, len(x))):
        s = s + x[i] * s * 0.3
        if s > 1.9:
            break
    for v in reversed(x):
        if v < -1.0:
            break
        s = s * (1.0 + v * v)
    return s


def _x(rng):
    return np.array([0.5, -0.7, 1.3, 0.4, -1.1, 0.8]) + 0.01 * rng.normal(size=6)


def _a(rng):
    return float(1.0 + 0.05 * rng.random())


def _matrix(rng):
    return np.array([[0.5, -0.4, 0.9, 0.3], [0.8, 0.6, -0.5, 0.7], [0.2, 1.1, 0.4, -0.3]]) + 0.01 * rng.normal(size=(3, 4))


def _xa(rng):
    return _x(rng), _a(rng)


def _ma(rng):
    return _matrix(rng), _a(rng)


def _numbers(rng):
    return 1.5 + 0.1 * rng.random(), 0.8 + 0.1 * rng.random()


CASES = {
    **dict.fromkeys(
        [
            *("break_after_update", "break_before_update", "skips", "skip_with_work", "skip_in_both_sides"),
            *("first_that_fits", "found_or_else", "else_without_break", "two_ways_out", "array_written_until"),
            *("tuple_from_a_loop", "counter_behind", "in_helpers", "from_the_end"),
        ],
        _xa,
    ),
    **dict.fromkeys(["out_of_nested_loops", "break_of_the_inner_loop", "rows_until"], _ma),
    **dict.fromkeys(["newton", "endless", "while_with_break_and_else"], _numbers),
    "jacobi_until": lambda rng: (_matrix(rng), _x(rng)),
    "unrolled": lambda rng: ([_x(rng)[:2], _x(rng), np.ones((2, 2))], _a(rng)),
}
