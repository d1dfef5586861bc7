"""Calls of the user's functions, closures, defaults, globals, containers and records."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from tests.frontend import helpers
from tests.frontend.helpers import layer
from tests.frontend.support import agree, evaluate, read, refusals, refused, same

X = np.array([0.5, -1.0, 2.0])
RATE = 0.25
WEIGHTS = np.array([1.0, 2.0, 3.0])
MODE = "double"
TABLE = {"a": 2.0, "b": np.array([1.0, 1.0, 2.0])}


@dataclass
class Gaussian:
    mean: np.ndarray
    scale: float = 1.0

    def log_density(self, x):
        z = (x - self.mean) / self.scale
        return -0.5 * np.sum(z * z) - math.log(self.scale)

    @property
    def variance(self):
        return self.scale**2


class Point(NamedTuple):
    x: float
    y: float = 2.0


def square(x):
    """Its square."""
    return x * x


def clipped(x, low=0.0, *, high=1.0):
    if x < low:
        return low
    if x > high:
        return high
    return x


def test_functions_are_read_in_place() -> None:
    def f(x, w):
        hidden = layer(x, w, 0.5)
        out = layer(hidden, b=1.0, w=w)
        return np.sum(square(out)) + clipped(x[0]) + clipped(x[1], -2.0) + clipped(x[2], high=1.5)

    function = agree(f, X, np.eye(3))
    named = {op.result.name: op for op in function.body.ops if op.results}
    assert named["hidden"].name == "tanh"
    assert named["hidden"].stmt.text == "hidden = layer(x, w, 0.5)"
    assert named["hidden"].loc.source.filename.endswith("helpers.py")


def test_functions_of_other_modules_use_their_own_globals() -> None:
    def f(x):
        return helpers.scaled(x) + helpers.FACTOR

    found = read(f, 2.0)
    assert [parameter.name for parameter in found.function.parameters] == ["x", "FACTOR"]
    assert same(evaluate(found, 2.0), f(2.0))
    before = helpers.FACTOR
    try:
        helpers.FACTOR = 7.0
        assert found.holds()
        assert same(evaluate(found, 2.0), f(2.0))
    finally:
        helpers.FACTOR = before


def test_globals_and_cells_are_hidden_parameters() -> None:
    shift = np.array([1.0, 0.0, -1.0])
    name = "shift"

    def f(x):
        y = x * RATE + WEIGHTS
        if MODE == "double" and name == "shift":
            y = 2 * y + shift
        return np.sum(y) + TABLE["a"] * TABLE["b"][0]

    found = read(f, X)
    hidden = [p.name for p in found.function.parameters if p.kind == "hidden"]
    assert hidden == ["RATE", "WEIGHTS", "shift", "TABLE"]
    assert [h.hidden for h in found.hidden] == hidden
    assert str(found.signature).startswith("x: f64[n], RATE: float, WEIGHTS: f64[")
    assert same(evaluate(found, X), f(X))
    assert found.holds()
    shift = np.ones(3)
    assert same(evaluate(found, X), f(X))
    name = "none"
    assert not found.holds()


def test_a_helper_that_is_rebound_is_noticed() -> None:
    def f(x):
        return helpers.swapped(x)

    found = read(f, 2.0)
    before = helpers.swapped
    try:
        helpers.swapped = square
        assert not found.holds()
    finally:
        helpers.swapped = before
    assert found.holds()


def test_two_hidden_values_of_one_name() -> None:
    FACTOR = 3.0

    def f(x):
        return helpers.scaled(x) * FACTOR

    found = read(f, 2.0)
    assert sorted(p.name for p in found.function.parameters) == ["FACTOR", "FACTOR_2", "x"]
    assert same(evaluate(found, 2.0), f(2.0))


def test_inner_functions_and_lambdas() -> None:
    def f(x, w):
        scale = 2.0

        def g(y, p=scale):
            return scale * y**p + w

        scale = 3.0
        double = lambda v: 2 * v  # noqa: E731
        pick = (lambda a: a[0], lambda a: a[1])
        return double(g(x)) + g(x, 3) + pick[1]((x, w)) + (lambda: w)()

    agree(f, 1.5, 2.0)


def test_inner_functions_in_loops_see_the_present_values() -> None:
    def f(x):
        total = 0.0
        for i in range(3):

            def g(y):
                return y * i + total

            total = total + g(x)
        return total

    agree(f, 2.0)


def test_functions_as_arguments() -> None:
    def apply(function, x):
        return function(x)

    def f(x):
        return apply(np.sin, x) + apply(square, x) + apply(lambda v: v + 1, x)

    agree(f, 2.0)

    def g(x, function):
        return function(x)

    agree(g, 2.0, square)


def test_partials() -> None:
    half = functools.partial(clipped, high=0.5)

    def f(x):
        return half(x)

    agree(f, 2.0)
    agree(f, -2.0)


def test_returned_functions() -> None:
    def make(a):
        b = a * 2
        return lambda x: a * x + b

    def f(x):
        g = make(x)
        h = make(2.0)
        return g(3.0) + h(x)

    agree(f, 1.5)

    def early(a):
        def g(x):
            return a * x

        if a > 0:
            a = 1.0
            return g
        a = 2.0
        return g

    def h(x):
        return early(x)(x)

    assert refused(h, 1.5)[0][0] == "SD001"


def test_recursion_of_unknown_depth_is_refused() -> None:
    def f(x):
        return f(x - 1) + f(x - 2) if x > 0 else 0.0

    assert [code for code, _ in refused(f, 3.0)] == ["SD051"]


def test_a_recursion_that_is_too_long_is_refused() -> None:
    def power(x, n):
        return x * power(x, n - 1) if n else 1.0

    def tree(x, n):
        return tree(x, n - 1) + tree(x, n - 1) if n else x

    assert "goes deeper than 24 levels" in refusals(lambda x: power(x, 40), 3.0)[0].message
    assert "takes more than 256 calls" in refusals(lambda x: tree(x, 12), 3.0)[0].message


def test_wrong_calls_are_refused() -> None:
    def f(x):
        a = square(x, x)
        b = clipped()
        c = square(y=x)
        return a + b + c

    assert [code for code, _ in refused(f, 3.0)] == ["SD001"] * 3


def test_functions_without_a_rule() -> None:
    def f(x):
        a = np.roots(x)
        b = x.tobytes()
        return a + b

    found = refusals(f, X)
    assert [(p.code, p.message) for p in found] == [
        ("SD010", "there is no rule for `np.roots`"),
        ("SD010", "there is no rule for the method `.tobytes`"),
    ]


# --- containers


def test_containers_in_and_out() -> None:
    def f(params, pair):
        w, b = params["w"], params["b"]
        a, (c, d) = pair
        result = {"w": w * a, "inner": [b, (c, d)], "none": None, "text": "t"}
        return result

    agree(f, {"w": X, "b": 2.0}, (1.5, [np.float64(2.0), X]))


def test_lists_of_numbers() -> None:
    def f(xs, i):
        total = xs[0] + xs[-1] * xs[i]
        for x in xs:
            total = total * 0.5 + x
        return total + len(xs) + sum(xs) + np.sum(np.array(xs))

    agree(f, [1.0, 2.0, 3.5], 1)
    agree(f, [1, 2, 3], 2)


def test_local_containers() -> None:
    def f(x, y):
        pair = (x, y)
        both = pair + (x * y,)
        table = {"a": x, **{"b": y}}
        spread = {**table, "a": 2.0}
        items = [x, y][::-1] * 2
        return both[2] + spread["a"] + table["b"] * items[0] - items[-1] + len(items), "a" in table, both[:2], dict(table, c=x)

    agree(f, 1.5, 2.5)


def test_records() -> None:
    def f(q, x, p):
        other = Gaussian(q.mean * 2, scale=q.scale + 1)
        third = replace(other, scale=2.0)
        origin = Point(0.0)
        moved = Point(p.x + origin.y, y=p.y)
        a, b = moved
        return q.log_density(x) + other.log_density(x) + third.variance * a - moved[1] * b, other, moved

    agree(f, Gaussian(X, 2.0), X * 2, Point(1.0, 3.0))


def test_methods_of_bound_objects() -> None:
    q = Gaussian(X, 2.0)
    found = read(q.log_density, X * 2)
    assert [p.name for p in found.function.parameters] == ["self", "x"]
    assert same(evaluate(found, q, X * 2), q.log_density(X * 2))


def test_carried_containers() -> None:
    def f(x, v, n):
        state = (x, v, {"t": 0})
        for _ in range(n):
            x, v, log = state
            state = (x + 0.1 * v, v - 0.1 * x, {"t": log["t"] + 1})
        return state

    for n in (0, 1, 3):
        agree(f, 1.0, 2.0, n)


def test_missing_items() -> None:
    def f(params, pair):
        a = params["c"]
        b = pair[2]
        return a + b

    assert [code for code, _ in refused(f, {"a": 1.0}, (1.0, 2.0))] == ["SD012", "SD012"]


def test_containers_of_the_module_cannot_be_changed() -> None:
    def f(x):
        SHARED["rate"] = x
        rates = SHARED
        rates.update(rate=x)
        return SHARED["rate"] * x

    assert [code for code, _ in refused(f, 1.0)] == ["SD001", "SD001"]


def test_a_second_name_of_a_container_sees_its_changes() -> None:
    def f(x):
        d = {"a": x, "in": [x]}
        e, inner = d, d["in"]
        if x > 0:
            e["a"] = x * x
        inner.append(3 * x)
        return d["a"] * d["in"][-1]

    agree(f, 0.7)
    agree(f, -0.7)


def test_a_loop_cannot_change_a_container_of_two_names() -> None:
    def f(x, n):
        d = {"a": x}
        e = d
        for _ in range(n):
            e["a"] = e["a"] * x
        return d["a"]

    assert [code for code, _ in refused(f, 0.7, 3)] == ["SD001"]


def test_two_names_that_become_one_list_cannot_be_changed() -> None:
    def chosen(x):
        xs, ys = [x, x], [2 * x, x]
        t = xs if x > 0 else ys
        xs[0] = x * x * x
        return t[0]

    def next_trip(x, n):
        state, t, s = {"a": x}, {"a": 0.0}, 0.0
        for _ in range(n):
            state["a"] = state["a"] * 2.0
            s += t["a"]
            t = state
        return s

    assert [code for code, _ in refused(chosen, 0.7)] == ["SD001"]
    assert [code for code, _ in refused(next_trip, 0.7, 3)] == ["SD001"]


def test_arrays_in_a_list_that_are_written_later_are_refused() -> None:
    def behind(y, n):
        path = []
        for _ in range(n):
            y = y * 1.1
            path.append(y)
        y[0] = 5.0
        return np.sum(np.stack(path))

    def on_the_next_trip(y, n):
        path = []
        for _ in range(n):
            y[0] += y[1]
            path.append(y)
        return np.sum(np.stack(path))

    def rows(y):
        found = [row for row in y]
        y[0, 0] = 3.0
        return np.sum(found[0])

    assert [code for code, _ in refused(behind, X, 3)] == ["SD022"]
    assert [code for code, _ in refused(on_the_next_trip, X, 3)] == ["SD022"]
    assert [code for code, _ in refused(rows, np.ones((2, 3)))] == ["SD022"]


def test_a_loop_that_is_written_out_cannot_change_what_it_has_not_come_to() -> None:
    def f(x):
        d = {"a": x, "b": 2 * x}
        for key, value in d.items():
            d["b"] = value * 3.0
        return d["b"]

    assert [code for code, _ in refused(f, 0.7)] == ["SD001"]


def test_a_function_changes_the_container_of_its_caller() -> None:
    def step(state, h):
        state["v"] = state["v"] - h * state["x"]
        state["x"] = state["x"] + h * state["v"]

    def f(x, n):
        state = {"x": x, "v": 0.0}
        for _ in range(n):
            step(state, 0.1)
        return state["x"] * state["v"]

    agree(f, 0.7, 3)


def test_isinstance_and_none() -> None:
    def f(x, y=None):
        if isinstance(x, np.ndarray):
            x = np.sum(x)
        if y is None:
            y = 1.0
        assert isinstance(y, (int, float))
        return x * y

    agree(f, X)
    agree(f, 2.0, 3.0)


# --- effects


def test_print_assert_and_raise() -> None:
    def f(x, n):
        print("x is", x, sep=": ")
        print(f"{x:.3f} and {n!r} in {{}}", {"a": x}, (n,), [n, 2.0])
        assert n > 0
        assert x > -5, "too small"
        assert x < 5, f"x = {x}"
        for i in range(n):
            print(i, end=" ", flush=True)
        if x > 4:
            raise ValueError
        return x * n

    function = read(f, 1.5, 2).function
    texts = [op.attrs["text"] for op in function.body.walk() if op.name == "effect"]
    assert texts[0] == "print('x is', {0}, sep=': ')"
    assert texts[1].startswith("print('{{:.3f}} and {{!r}} in {{{{}}}}'.format({0}, {1}), {{'a': {0}}}, ({1},), [{1}, 2.0])")
    assert texts[2] == "assert {0}"
    assert "raise AssertionError('x = {{}}'.format({0}))" in texts
    assert "raise ValueError" in texts


def test_print_prints(capsys) -> None:
    def f(x, n):
        print("x is", x, sep=": ")
        for i in range(n):
            print(i, (x, [n]), end=" ", flush=True)
        return x

    agree(f, 1.5, 2)
    printed = capsys.readouterr().out
    assert printed[: len(printed) // 2] == printed[len(printed) // 2 :] != ""


def test_effects_that_cannot_be_kept() -> None:
    class Mine(Exception):
        pass

    def f(x):
        print(x, file=None)
        if x > 1:
            raise Mine("no")
        return x

    assert [code for code, _ in refused(f, 1.0)] == ["SD001"] * 2


SHARED = {"mode": "fast", "rate": 2.0, "apply": square}
ACTIVATIONS = {"square": square, "sine": np.sin}


def test_constants_in_hidden_containers_are_watched() -> None:
    def f(x):
        y = SHARED["apply"](x) * SHARED["rate"]
        return y if SHARED["mode"] == "fast" else -y

    found = read(f, 2.0)
    try:
        SHARED["rate"] = 5.0
        assert found.holds()
        assert same(evaluate(found, 2.0), f(2.0))
        SHARED["mode"] = "slow"
        assert not found.holds()
        SHARED["mode"], SHARED["rate"] = "fast", np.ones(3)
        assert not found.holds()
    finally:
        SHARED.update(mode="fast", rate=2.0)
    assert found.holds()


def test_tables_of_functions_are_no_parameters() -> None:
    def f(x, name):
        return ACTIVATIONS[name](x) + ACTIVATIONS["sine"](x)

    function = agree(f, 2.0, "square")
    assert [p.name for p in function.parameters] == ["x", "name"]


def test_constants_of_mathematics_are_no_parameters() -> None:
    from math import pi

    e = math.e

    def f(x):
        return x * pi + e

    assert [p.name for p in agree(f, 2.0).parameters] == ["x"]


def test_arrays_of_the_module_are_not_written() -> None:
    def f(x):
        w = WEIGHTS
        w[0] = x
        return np.sum(w)

    assert refused(f, 2.0) == [("SD020", "w[0]")]

    def g(x):
        for _ in range(2):
            w = TABLE["b"][1:]
            w += x
        return x

    assert refused(g, 2.0) == [("SD020", "w += x")]


def test_parts_of_containers_have_their_own_names() -> None:
    def f(p):
        p["w"][0] = 2.0
        return np.sum(p["w"]) + np.sum(p["v"])

    agree(f, {"w": X, "v": X * 2})
    assert refused(f, {"w": X, "v": X}) == [("SD021", "p[\"w\"][0]")]


def test_methods_that_change_their_array() -> None:
    def f(x):
        x.partition(1)
        return x[0]

    assert refused(f, X)[0][0] == "SD001"
