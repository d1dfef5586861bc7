"""Views, second names and callees that write: what one name does to an array, all other names of it see."""

import numpy as np


def _sweep(u, f):
    u[1:-1] = 0.5 * (u[2:] + u[:-2]) - f * u[1:-1] ** 2


def callee_writes(u, f, n):
    u = u.copy()
    for _ in range(n):
        _sweep(u, f)
    return np.sum(u * u)


def _scale(v, s):
    v *= s
    v[0] += s
    return v


def _twice(v, s):
    _scale(v, s)
    return _scale(v[1:], s)


def callees_write_through_depths(x, s):
    y = x * 1.0
    z = _twice(y, s)
    z[-1] = y[0] * s
    return np.sum(y * np.arange(1.0, len(x) + 1)) + np.sum(z)


def callee_writes_rows_and_slices(a, s):
    b = np.sin(a)
    for i in range(len(b)):
        _scale(b[i], s)
    _sweep(b[:, 1], s)
    _scale(b.T[0], b[1, 1])
    return np.sum(b * a)


def _relax(state, w):
    state["x"][1:] += w * state["v"][:-1]
    state["v"] *= 1.0 - w


def callee_writes_entries(x, v, w):
    state = {"x": x.copy(), "v": v.copy()}
    for _ in range(3):
        _relax(state, w)
    return np.sum(state["x"] * state["v"])


def _axpy(a, x, y):
    y[:] = a * x + y
    return y


def callee_gets_one_array_twice(x, a):
    y = x.copy()
    _axpy(a, y, y)
    return np.sum(_axpy(a, y, x.copy()) * y)


def callee_with_early_returns(x, s):
    def limit(v, k):
        if v[k] > 0.5:
            v[k] = 0.5 * s
            return
        if v[k] < -0.5:
            v[k] = -v[k] * s
            return
        v[k] *= v[k]

    y = x * 2.0
    for k in range(len(y)):
        limit(y, k)
    return np.sum(y * x)


def second_name_written(x):
    y = x * x
    z = y
    z[0] = 3.0 * x[1]
    z += x
    return np.sum(y * z)


def second_name_in_a_loop(x, n):
    y = x.copy()
    z = y
    for i in range(n):
        y[i] = z[i - 1] * np.cos(z[i])
        z *= 1.1
    return np.sum(z * y)


def chained_assignment(x):
    a = b = np.zeros(len(x))
    a[0] = x[0] * x[1]
    b[1:] = x[1:] ** 2
    return np.sum(a * b)


def view_seen_after_writes(x):
    y = x * 1.0
    inner = y[1:-1]
    y[1] = x[0] * x[2]
    y *= y
    return np.sum(inner * np.sin(inner)) + y[1]


def views_of_views(a, s):
    b = a * 1.0
    inner = b[1:-1, 1:-1]
    corner = inner[1:, :-1]
    corner[0] *= s
    inner[0, 1] = corner[0, 0] * s
    inner[:, -1] += corner[-1, 0]
    return np.sum(b * a) + np.sum(corner)


def elements_of_slices(x, s):
    y = np.exp(x)
    u = y[1:]
    v = y[::2]
    w = y[::-1]
    for i in range(len(u)):
        u[i] = u[i] * s + y[i]
        v[-1] += 0.1 * u[i]
        w[i] *= 0.5
    u[-1] = s * s
    return np.sum(y * x)


def chained_subscripts(a, i):
    b = a.copy()
    b[i][0] = a[0, 0] * a[1, 1]
    b[i][1:] *= b[0][:-1]
    b[1:][i - 1][-1] -= b[i][0]
    return np.sum(b * b)


def rows_of_a_loop(a, s):
    b = a * 1.0
    for row in b:
        row += s * row[0]
        row[1:] *= row[:-1]
    for k, row in enumerate(b[1:]):
        row -= b[k]
    return np.sum(b * a)


def rows_of_two_arrays(a, s):
    b = np.zeros_like(a)
    for row, out in zip(a, b):
        out[:] = np.sin(row) * s
        out[0] += np.sum(out)
    return np.sum(b * a)


def transposed(a, s):
    b = a * 1.0
    t = b.T
    for j in range(t.shape[0]):
        t[j] *= s + b[0, j]
        t[j, -1] = b[1, j] ** 2
    return np.sum(b * a)


def flat_view(a, s):
    b = a.copy()
    flat = b.reshape(-1)
    for k in range(1, len(flat)):
        flat[k] = np.tanh(s * flat[k - 1] + flat[k])
    b[0] *= 2.0
    return np.sum(flat * flat) + b[1, 1]


def ravelled(x, s):
    m = np.zeros((2, len(x)))
    m[0] = x
    line = m.ravel()
    line[len(x) :] = line[: len(x)] * s
    m[1, 0] = s
    return np.sum(line * line * line)


def grown_axes(x, s):
    y = x * s
    column = y[:, None]
    column *= s
    column[0, 0] = x[1] * y[2]
    lifted = np.expand_dims(y, 0)
    lifted[0, 1:] += y[:-1]
    return np.sum(y * y)


def swapped_buffers(u, c, n):
    u = u.copy()
    unew = u.copy()
    for _ in range(n):
        unew[1:-1] = u[1:-1] + c * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]
        u, unew = unew, u
    return np.sum(u * u)


def three_levels(x, c, n):
    old, now, new = np.zeros(len(x)), x.copy(), np.zeros(len(x))
    for _ in range(n):
        new[1:-1] = 2 * now[1:-1] - old[1:-1] + c * now[2:] * now[:-2]
        old, now, new = now, new, old
    return np.sum(now * old) + np.sum(now)


def swapped_with_a_view(u, c, n):
    u = u.copy()
    v = np.zeros(len(u))
    for _ in range(n):
        inner = v[1:-1]
        inner[:] = u[1:-1] * c
        inner += u[2:] * u[:-2]
        u, v = v, u
    return np.sum(u * u)


def handed_back(u, c, n):
    u = u.copy()
    for _ in range(n):
        u = _axpy(c, np.sin(u), u)
    return np.sum(u * u)


def alias_bound_in_branches(x, s):
    y = x.copy()
    if s > 0:
        a = y
        a[0] = s * s
    else:
        a = np.zeros(2)
    y[1] = a[0] * s
    return np.sum(y * x)


def written_in_one_branch(x, s):
    y = x.copy()
    part = y[1:]
    if s > 0:
        part *= s
    else:
        y[0] = s
    return np.sum(part * part) * y[0]


def fresh_in_both_branches(x, s):
    if np.sum(x) > 100:
        a = np.zeros(len(x))
    else:
        a = x * s
    b = a
    b[0] = s
    a[1] *= b[0]
    return np.sum(a * b)


def filled_and_copied(x, s):
    y = np.empty(len(x))
    y.fill(s)
    y[1:].fill(s * s)
    z = np.zeros(len(x))
    np.copyto(z[1:], x[1:])
    np.copyto(y, x * s, where=x > 0)
    y[...] = y + z
    return np.sum(y * z)


def out_arguments(x, a):
    y = np.zeros(len(x))
    np.multiply(x, x, out=y)
    z = np.add(y, x, y)
    np.exp(z, out=z)
    m = np.zeros((a.shape[0], a.shape[0]))
    np.matmul(a, a.T, out=m)
    np.dot(a, x, out=m[0])
    np.sum(a, axis=1, out=m[1])
    return np.sum(y * z) + np.sum(m * m)


def out_where(x, s):
    y = x * 1.0
    np.divide(s, x, out=y, where=x > 0)
    return np.sum(y * x * x)


def diagonal_and_put(a, s):
    b = a * 1.0
    np.fill_diagonal(b, s * s)
    np.put(b, [1, 3], a[0, :2] * s)
    b[0].put([2], s)
    return np.sum(b * b)


def ufuncs_at(x, idx, s):
    y = x * 1.0
    np.add.at(y[1:], idx, s * x[: len(idx)])
    np.subtract.at(y, idx, s)
    np.multiply.at(y, 0, s)
    return np.sum(y * y)


def scan_of_closures(x, s):
    y = x.copy()

    def push(k, v):
        y[k] += v * y[k - 1]

    for k in range(1, len(x)):
        push(k, s)
    return np.sum(y * y)


CASES = {
    "callee_writes": lambda rng: (rng.normal(size=6), 0.3, 3),
    "callees_write_through_depths": lambda rng: (rng.normal(size=4), 0.7),
    "callee_writes_rows_and_slices": lambda rng: (rng.normal(size=(4, 3)), 0.7),
    "callee_writes_entries": lambda rng: (rng.normal(size=4), rng.normal(size=4), 0.3),
    "callee_gets_one_array_twice": lambda rng: (rng.normal(size=3), 0.7),
    "callee_with_early_returns": lambda rng: (np.array([0.6, -0.9, 0.1, 0.4]), 0.7),
    "second_name_written": lambda rng: (rng.normal(size=3),),
    "second_name_in_a_loop": lambda rng: (rng.normal(size=4), 3),
    "chained_assignment": lambda rng: (rng.normal(size=4),),
    "view_seen_after_writes": lambda rng: (rng.normal(size=5),),
    "views_of_views": lambda rng: (rng.normal(size=(5, 4)), 0.7),
    "elements_of_slices": lambda rng: (0.5 * rng.normal(size=5), 0.7),
    "chained_subscripts": lambda rng: (rng.normal(size=(3, 3)), 1),
    "rows_of_a_loop": lambda rng: (rng.normal(size=(3, 4)), 0.7),
    "rows_of_two_arrays": lambda rng: (rng.normal(size=(3, 4)), 0.7),
    "transposed": lambda rng: (rng.normal(size=(3, 4)), 0.7),
    "flat_view": lambda rng: (rng.normal(size=(2, 3)), 0.7),
    "ravelled": lambda rng: (rng.normal(size=3), 0.7),
    "grown_axes": lambda rng: (rng.normal(size=4), 0.7),
    "swapped_buffers": lambda rng: (rng.normal(size=6), 0.2, 3),
    "three_levels": lambda rng: (rng.normal(size=5), 0.2, 4),
    "swapped_with_a_view": lambda rng: (rng.normal(size=5), 0.7, 3),
    "handed_back": lambda rng: (rng.normal(size=3), 0.3, 3),
    "alias_bound_in_branches": lambda rng: (rng.normal(size=3), 0.7),
    "written_in_one_branch": lambda rng: (rng.normal(size=3), 0.7),
    "fresh_in_both_branches": lambda rng: (rng.normal(size=3), 0.7),
    "filled_and_copied": lambda rng: (np.array([0.6, -0.9, 1.3, 0.5]), 0.7),
    "out_arguments": lambda rng: (0.5 * rng.normal(size=3), 0.5 * rng.normal(size=(3, 3))),
    "out_where": lambda rng: (np.array([0.6, -0.9, 1.3, 0.5]), 0.7),
    "diagonal_and_put": lambda rng: (rng.normal(size=(3, 3)), 0.7),
    "ufuncs_at": lambda rng: (rng.normal(size=4), np.array([0, 2, 0]), 0.7),
    "scan_of_closures": lambda rng: (rng.normal(size=4), 0.7),
}
