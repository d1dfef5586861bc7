"""Loops over ranges, arrays, lists, zip, enumerate, reversed; while; what is carried and what is not."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.core import FOR, WHILE, Loop
from tests.frontend.support import agree, read, refused, text

X = np.array([0.5, -1.0, 2.0, 0.25])
A = np.arange(12.0).reshape(4, 3) / 5


def test_ranges_of_every_kind() -> None:
    def f(x, a, b, s):
        total = 1.0
        for i in range(a, b, s):
            total = total * 0.5 + x[i] * i
        return total

    for bounds in [(0, 4, 1), (1, 4, 2), (3, -1, -1), (0, 4, 3), (2, 2, 1), (3, 0, -2), (4, 1, 1)]:
        agree(f, X, *bounds)


def test_only_what_is_needed_is_carried() -> None:
    def f(x):
        total = 0.0
        for i in range(len(x)):
            y = x[i] * 2
            z = y + 1
            total += z * y
        return total

    function = agree(f, X)
    (loop,) = [Loop.of(op) for op in function.body.ops if op.kind is FOR]
    assert [value.name for value in loop.carried_params] == ["total"]


def test_the_loop_variable_after_the_loop() -> None:
    def f(x, n):
        i = -1
        for i in range(n):
            x = x * 0.5
        return x + i

    for n in (0, 1, 4):
        agree(f, 2.0, n)

    def g(x, n):
        for i in range(1, n, 2):
            x = x + i
        return x * i

    agree(g, 2.0, 6)


def test_a_local_of_the_loop_after_the_loop() -> None:
    def f(x):
        for i in range(len(x)):
            row = x[i] * 2
            part = x[: i + 1]
        return row + np.sum(part)

    agree(f, X)


def test_a_name_without_a_value_on_the_first_trip() -> None:
    def f(x):
        for i in range(len(x)):
            if i > 0:
                y = y + x[i]
            else:
                y = x[i]
        return y

    assert [code for code, _ in refused(f, X)] == ["SD040"]


def test_a_variable_updated_in_some_trips_only() -> None:
    def f(x):
        best = x[0]
        where = 0
        for i in range(1, len(x)):
            if x[i] > best:
                best = x[i]
                where = i
        return best, where

    agree(f, X)
    agree(f, X[:1])


def test_types_are_joined_until_they_are_stable() -> None:
    def f(x):
        a = 0
        b = 1
        c = 0.0
        for i in range(len(x)):
            c = c + b
            b = a + 1
            a = x[i] * 2
        return a, b, c

    agree(f, X)
    agree(f, X[:2])
    agree(f, X[:0])


def test_arrays_that_grow() -> None:
    def f(x, n):
        y = x
        for _ in range(n):
            y = np.concatenate((y, x))
        return np.sum(y * y)

    for n in (0, 1, 3):
        agree(f, X, n)


def test_a_number_that_becomes_an_array() -> None:
    def f(a):
        total = 0
        for row in a:
            total = total + row
        return np.sum(total * 2)

    agree(f, A)
    agree(f, A[:0])


def test_items_of_arrays_and_lists() -> None:
    def f(x, a, xs):
        total = 0.0
        for v in x:
            total += v * v
        for row in a:
            total += row @ row
        for k in xs:
            total += k
        for v in reversed(x):
            total = total * 0.5 + v
        for i in reversed(range(1, 6, 2)):
            total = total * 0.5 + i
        return total

    agree(f, X, A, [1.0, 2.0])


def test_zip_and_enumerate() -> None:
    def f(x, y, a):
        total = 0.0
        for u, v in zip(x, y):
            total = total * 0.5 + u * v
        for i, u in enumerate(x):
            total += i * u
        for i, (u, row) in enumerate(zip(y, a), 2):
            total = total + i * u * row[0]
        for pair in zip(x, y, strict=False):
            total += pair[0] - pair[1]
        for (i, u), v in zip(enumerate(x), reversed(y)):
            total += i * u * v
        return total

    agree(f, X, X[:3], A)
    agree(f, X[:2], X, A[:1])
    spelled = text(f, X, X, A)
    assert "spelling='zip({0}, {1})'" in spelled and "spelling='enumerate({1})'" in spelled


def test_nested_loops_with_bounds_that_depend_on_each_other() -> None:
    def f(a):
        total = 0.0
        for i in range(len(a)):
            for j in range(i, a.shape[1]):
                for k in range(j):
                    total = total * 0.9 + a[i, k] * a[k, j]
        return total

    agree(f, A)


def test_bounds_are_fixed_when_the_loop_starts() -> None:
    def f(x, n):
        for i in range(n):
            n = n - 1
            x = x * i + n
        return x, n

    agree(f, 2.0, 5)


def test_while() -> None:
    def f(x, tol):
        steps = 0
        while abs(x * x - 2) > tol:
            x = 0.5 * (x + 2 / x)
            steps += 1
        return x, steps

    agree(f, 1.0, 1e-9)
    agree(f, 1.0, 5.0)

    def g(x):
        i = 0
        while i < len(x) and x[i] != 2.0:
            i += 1
        return x[:i]

    agree(g, X)


def test_while_with_an_int_as_condition() -> None:
    def f(x, n):
        while n:
            x = x * 0.5
            n -= 1
        return x

    agree(f, 3.0, 4)
    agree(f, 3.0, 0)


def test_a_while_loop_that_cannot_end_is_refused() -> None:
    def f(x):
        while True:
            x = x * 2
        return x

    assert refused(f, 1.0) == [("SD001", "True")]


def test_a_rotation_is_carried_in_parallel() -> None:
    def f(a, b, c, n):
        for _ in range(n):
            a, b, c = b, c, a + 1
        return a + 2 * b + 3 * c

    for n in range(5):
        agree(f, 1.0, 2.0, 3.0, n)


def test_loops_over_containers_are_unrolled() -> None:
    def f(layers, x):
        for w, b in layers:
            x = np.tanh(w * x + b)
        for i, (w, b) in enumerate(layers):
            x = x + i * w
        for (w, _), k in zip(layers, (1.0, 2.0)):
            x = x * k + w
        for w, b in reversed(layers):
            x = x - w * b
        return x

    layers = [(0.5, 1.0), (np.float64(2.0), X)]
    assert not any(op.kind is FOR for op in agree(f, layers, 0.5).body.walk())


def test_loops_that_index_a_container_are_unrolled() -> None:
    def f(layers, x):
        for i in range(len(layers)):
            x = x @ layers[i]["w"] + i
        n = len(layers) - 1
        for j in range(n):
            for k in range(2):
                x = x * np.sum(layers[j + 1]["w"]) + k
        return x

    layers = [{"w": np.eye(3)}, {"w": np.ones((3, 2))}]
    function = agree(f, layers, A)
    assert sum(op.kind is FOR for op in function.body.walk()) == 1


def test_dicts_are_looped_over() -> None:
    def f(params):
        total = 0.0
        for name, value in params.items():
            if name != "b":
                total += np.sum(value)
        for name in params:
            total += np.sum(params[name] * 2)
        for value in params.values():
            total -= np.max(value)
        return total

    agree(f, {"a": X, "b": A})


def test_too_many_trips_to_unroll() -> None:
    def f(xs):
        total = 0.0
        for x in xs:
            total += np.sum(x)
        return total

    assert refused(f, [X] * 65) == [("SD001", "xs")]
    agree(f, [X] * 5)


def test_an_index_into_a_container_that_is_not_known() -> None:
    def f(layers, n, x):
        for i in range(n):
            x = x * layers[i]
        return x

    assert refused(f, [X, A[0]], 2, 1.0) == [("SD050", "i")]


def test_no_trip_at_all() -> None:
    def f(x):
        y = x
        for i in range(0):
            y = y * i
        while False:
            y = y + 1
        return y

    agree(f, 2.0)


def test_a_loop_in_a_branch_in_a_loop() -> None:
    def f(x):
        total = 0.0
        for i in range(len(x)):
            if x[i] > 0:
                for j in range(i + 1):
                    total += x[j]
            else:
                k = 0
                while k < i:
                    total = total * 2
                    k += 1
        return total

    agree(f, X)


def test_a_loop_with_a_way_out_carries_a_flag_first() -> None:
    def f(x):
        s = 1.0
        for v in x:
            if v > 2.0:
                break
            s = s * v
        return s

    (loop,) = [op for op in read(f, X).function.body.walk() if op.kind is FOR]
    assert loop.attrs["exits"] is True
    assert [value.name for value in loop.results] == ["stop", "s"]


def test_the_loop_names_its_items_and_carried_values() -> None:
    def f(x):
        total = x[0]
        for i, v in enumerate(x):
            total = total * v + i
        return total

    function = read(f, X).function
    (loop,) = [Loop.of(op) for op in function.body.ops if op.kind is FOR]
    assert [value.name for value in loop.items] == ["i", "v"]
    assert loop.carried_params[0].name == loop.carried_results[0].name == "total"
    assert loop.op.stmt.text == "for i, v in enumerate(x):"


def test_while_blocks_have_the_statements_of_their_lines() -> None:
    def f(x):
        while x > 1:
            x = x / 2
        return x

    function = agree(f, 9.0)
    (loop,) = [op for op in function.body.ops if op.kind is WHILE]
    assert loop.stmt.text == "while x > 1:"
    assert loop.blocks[1].ops[0].stmt.text == "x = x / 2"
