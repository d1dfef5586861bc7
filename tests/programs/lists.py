"""Lists and dicts that are changed, lists that grow in loops, and loops over sequences of all kinds."""

from typing import NamedTuple

import numpy as np


class Point(NamedTuple):
    """Two coordinates."""

    x: float
    y: float


def append_pop_insert(x):
    xs = [x]
    xs.append(x * x)
    xs.extend([x + 1.0, 2 * x])
    first = xs.pop(0)
    xs.insert(0, first * first)
    return xs[0] * xs[-1] + xs[1] * len(xs)


def state_in_a_dict(x, n):
    state = {"x": x, "v": 0.0}
    for _ in range(n):
        state["v"] += -0.1 * state["x"]
        state["x"] = state["x"] + 0.1 * state["v"]
    return state["x"] * state["v"]


def _push(record, key, value):
    record[key] = value
    return value


def changed_by_a_function(x, n):
    record = {"k": x}
    s = 0.0
    for _ in range(n):
        s += _push(record, "k", record["k"] * 0.5 + x)
    return record["k"] * s


def second_name_of_a_dict(x):
    d = {"a": x}
    e = d
    if x > 0:
        e["a"] = x * x * x
    return d["a"] * 2.0


def computed_keys(x):
    d = {}
    for i in range(3):
        d[f"W{i}"] = x * i
    d["W1"] = x * x
    return d["W1"] * d["W2"]


def named_tuple_replaced(x):
    p = Point(x, 2.0 * x)
    q = p._replace(x=x * x)
    return q.x * q.y + sum([p.x, q.x, 3.0])


def starred_and_slices(x):
    a, *rest = [x, x * x, x**3]
    rest.append(a)
    t = (x,) + (2.0 * x, 3.0 * x)
    u, v = t[1:]
    return rest[0] * rest[-1] + u * v * len(t)


def tail_of_a_vector(camera):
    f, k1, k2 = camera[6:]
    return f * k1 * k2 * camera[0]


def containers_with_rows(ws, a):
    s = 0.0
    for i, (w, row) in enumerate(zip(ws, a)):
        s += i * np.sum(w * row) ** 2
    return s


def all_cells(a):
    s = 0.0
    for i, j in np.ndindex(a.shape):
        s += a[i, j] * i + a[i, j] ** 2 * j
    return s


def pairs_from_the_end(x):
    s = 0.0
    for i, (a, b) in reversed(list(enumerate(zip(x, x[1:])))):
        s = s * a + b * i
    return s


def list_in_a_dict(x):
    history = dict(a=x, b=[x, 2.0 * x])
    history["b"][0] = x * x
    history["b"].append(x)
    copy = history.copy()
    copy["a"] = 0.0
    history["b"][1] += x
    return history["a"] * history["b"][0] + copy["b"][-1] * copy["b"][1]


def last_four(x, n):
    fs = [x]
    for _ in range(3):
        fs.append(fs[-1] * x)
    for _ in range(n):
        fs.append(fs[-1] * 0.3 + fs[-3])
        fs.pop(0)
    return fs[0] * fs[-1]


def orbit(x, n):
    xs = [x]
    for _ in range(n):
        xs.append(np.sin(xs[-1]) * 1.1)
    return xs[-1] * xs[0] + sum(xs)


def trajectory(y, n):
    path = [y]
    for _ in range(n):
        y = y + 0.1 * np.sin(y)
        path.append(y)
    stacked = np.stack(path)
    return np.sum(stacked * stacked) + np.sum(path[-1])


def two_lists_of_a_while(y, stop):
    ys, ts, t = [], [], 0.0
    while t < stop:
        y = y - 0.1 * y * y
        t += 0.5
        ys.append(y)
        ts.append(t)
    return np.sum(np.array(ys) * np.array(ts))


def list_of_pairs(y, n):
    history = []
    for _ in range(n):
        y = y + 0.1 * np.sin(y)
        history.append((y, np.sum(y)))
    s = 0.0
    for a, b in history:
        s += np.sum(a) * b
    return s


def appended_under_a_condition(x):
    out = []
    for v in x:
        if v > 0:
            out.append(v * v)
    return sum(out) + len(out)


def appended_in_two_loops(a):
    out = []
    for row in a:
        for v in row:
            out.append(v * v * v)
    return np.sum(np.array(out) ** 2)


def appended_twice(x):
    out = []
    for i in range(len(x)):
        out.append(x[i] * 2.0)
        for j in range(i):
            out.append(x[i] * x[j])
    return sum(v * v for v in out)


def table_of_a_recursion(x, n):
    xs = [x, x * x]
    for i in range(2, n):
        xs.append(xs[i - 1] * 0.5 + xs[i - 2])
    return xs[-1] * xs[2]


def copies_of_a_state(y, n):
    y = y.copy()
    path = []
    for _ in range(n):
        y[0] += y[1] * 0.1
        path.append(y.copy())
    return np.sum(np.stack(path) ** 2)


def hidden_states(y, n):
    hs = [np.zeros(2)]
    for _ in range(n):
        hs.append(np.tanh(hs[-1] + y))
    s = 0.0
    for k, h in enumerate(hs):
        s += k * np.sum(h * h)
    for a, b in zip(hs[:-1], hs[1:]):
        s += np.sum(a * b)
    for h in reversed(hs):
        s = s * 0.9 + np.sum(h)
    return s


def state_of_arrays(y, n):
    d = {"u": y.copy(), "k": 1.0}
    for _ in range(n):
        d["u"][0] = d["u"][0] * 2.0
        d["k"] = d["k"] + np.sum(d["u"])
        d["u"] = d["u"] * 1.1
    return d["k"] * np.sum(d["u"])


def swapped_in_a_list(y, n):
    us = [y.copy(), y * 2.0]
    for _ in range(n):
        us[0][0] += us[1][0]
        us[0], us[1] = us[1], us[0]
    return np.sum(us[0] * 3.0 + us[1] ** 2)


def list_argument_that_grows(xs, n):
    ys = list(xs)
    for _ in range(n):
        ys.append(ys[0] * ys[-1])
    return sum(ys) * ys[-1] + xs[-1] * len(xs)


def number_from_squeeze(x):
    s = np.sum(x * x, keepdims=True)
    return 0.5 * s.squeeze()


CASES = {
    "append_pop_insert": lambda rng: (0.7,),
    "state_in_a_dict": lambda rng: (0.7, 5),
    "changed_by_a_function": lambda rng: (0.7, 3),
    "second_name_of_a_dict": lambda rng: (0.7,),
    "computed_keys": lambda rng: (0.7,),
    "named_tuple_replaced": lambda rng: (0.7,),
    "starred_and_slices": lambda rng: (0.7,),
    "tail_of_a_vector": lambda rng: (rng.normal(size=9),),
    "containers_with_rows": lambda rng: ([rng.normal(size=2) for _ in range(3)], rng.normal(size=(3, 2))),
    "all_cells": lambda rng: (rng.normal(size=(2, 3)),),
    "pairs_from_the_end": lambda rng: (rng.normal(size=4),),
    "list_in_a_dict": lambda rng: (0.6,),
    "last_four": lambda rng: (0.6, 3),
    "orbit": lambda rng: (0.7, 4),
    "trajectory": lambda rng: (rng.normal(size=3), 4),
    "two_lists_of_a_while": lambda rng: (0.7, 3),
    "list_of_pairs": lambda rng: (rng.normal(size=2), 3),
    "appended_under_a_condition": lambda rng: (rng.normal(size=5),),
    "appended_in_two_loops": lambda rng: (rng.normal(size=(2, 3)),),
    "appended_twice": lambda rng: (rng.normal(size=3),),
    "table_of_a_recursion": lambda rng: (0.6, 5),
    "copies_of_a_state": lambda rng: (rng.normal(size=2), 3),
    "list_argument_that_grows": lambda rng: ([0.3, 0.4], 3),
    "number_from_squeeze": lambda rng: (rng.normal(size=3),),
    "state_of_arrays": lambda rng: (rng.normal(size=2), 3),
    "swapped_in_a_list": lambda rng: (rng.normal(size=2), 3),
    "hidden_states": lambda rng: (rng.normal(size=2), 3),
}
WRT = {"two_lists_of_a_while": 0}
