"""Branches, conditional expressions, and/or/not, chained comparisons, early returns."""

from __future__ import annotations

import numpy as np
import pytest

from tests.frontend.support import agree, refused, text

X = np.array([0.5, -1.0, 2.0])


def both(function, *cases) -> None:
    for case in cases:
        agree(function, *case)


def test_if_elif_else() -> None:
    def f(x):
        if x > 1:
            y = x * x
            z = 1.0
        elif x > 0:
            y = x
            z = 2.0
        else:
            y = -x
            z = 3
        return y * z

    both(f, (2.0,), (0.5,), (-1.0,))


def test_a_name_bound_before_and_changed_in_one_branch() -> None:
    def f(x, flag):
        y = 3.0
        if x > 0:
            y = y * x
        if flag:
            y += 1
        return y

    both(f, (2.0, True), (-2.0, False))


def test_a_name_that_is_bound_in_one_branch_is_refused_where_it_is_read() -> None:
    def f(x):
        if x > 0:
            y = x
        return y

    assert refused(f, 1.0) == [("SD040", "y")]

    def g(x):
        if x > 0:
            y = x
            x = y
        return x

    both(g, (1.0,), (-1.0,))


def test_conditional_expressions() -> None:
    def f(x, y):
        a = x if x > y else y
        b = (x, y) if y > 0 else (y, x)
        return a, b[0] - b[1]

    both(f, (1.0, 2.0), (2.0, -1.0))
    assert "when(" in text(f, 1.0, 2.0)


def test_and_or_not_give_values() -> None:
    def f(x, y, n):
        a = x and y
        b = x or y
        c = n or 5
        d = not x
        e = x > 0 and y > 0 and n > 0
        g = x < 0 or y < 0 or n < 0
        return a, b, c, d, e, g

    both(f, (0.0, 2.0, 0), (1.5, 0.0, 3), (-1.0, 0.0, 0), (2.0, 3.0, 1))


def test_short_circuits_guard_what_they_guard() -> None:
    def f(x, i):
        return i < len(x) and x[i] > 0, i >= len(x) or x[i] < 0

    both(f, (X, 0), (X, 1), (X, 3))


def test_chained_comparisons() -> None:
    def f(a, b, c, d):
        return a < b < c, a < b <= c != d, 0 <= a < 10

    both(f, (1.0, 2.0, 3.0, 4.0), (2.0, 1.0, 3.0, 3.0), (1.0, 2.0, 2.0, 2.0), (-1.0, 11.0, 1.0, 1.0))


def test_early_return() -> None:
    def f(x):
        if x < 0:
            return 0.0
        y = x * x
        if y > 4:
            y = 4 + x
            return y
        return y + 1

    both(f, (-1.0,), (1.0,), (3.0,))


def test_early_returns_at_any_depth() -> None:
    def f(x, y):
        z = 1.0
        if x > 0:
            if y > 0:
                return x * y
            z = 2.0
            if y < -1:
                return z
            z = z + x
        else:
            z = 3.0
            if y > 5:
                z = 4.0
        z = z * y
        if z > 100:
            return z
        return z + x

    cases = [(1.0, 1.0), (1.0, -2.0), (1.0, -0.5), (-1.0, 6.0), (-1.0, 1.0), (-1.0, 50.0), (200.0, -0.9)]
    both(f, *cases)


def test_return_in_both_branches_and_nothing_behind() -> None:
    def f(x):
        if x > 0:
            return x
        else:
            return -x

    both(f, (1.0,), (-1.0,))


def test_returns_of_containers() -> None:
    def f(x, y):
        if x > y:
            return {"a": x, "b": (y, 1.0)}
        return {"a": y, "b": (x, 2.0)}

    both(f, (1.0, 2.0), (2.0, 1.0))


def test_returning_on_one_path_only_is_refused() -> None:
    def f(x):
        if x > 0:
            return x

    assert refused(f, 1.0)[0][0] == "SD012"


def test_types_join() -> None:
    def f(x, n):
        if n > 0:
            y = 1
        else:
            y = x
        z = np.float32(2.0) if n > 1 else 3.0
        return y * 2, z + 1

    both(f, (2.5, 1), (2.5, 0), (2.5, 3))


def test_number_and_array_join_to_unknown() -> None:
    def f(x, n):
        y = 0.0 if n > 0 else x
        return np.sum(y * 2)

    agree(f, X, 0)

    def g(x, n):
        y = 0.0 if n > 0 else x
        return y @ y

    assert refused(g, X, 1) == [("SD011", "y @ y")]


def test_different_kinds_do_not_join() -> None:
    def f(x, n):
        if n > 0:
            y = (x, x)
        else:
            y = x
        return y[0]

    assert refused(f, 1.0, 1) == [("SD012", "y")]


def test_constants_decide_at_compile_time() -> None:
    def f(x, mode, scale=None, flag=True):
        if mode == "double":
            y = 2 * x
        elif mode in ("half", "third"):
            y = x / 2
        else:
            y = np.undefined(x)
        if scale is not None:
            y = y * scale
        return y if flag else -y

    assert "if " not in text(f, 1.0, "double")
    agree(f, 1.0, "double")
    agree(f, 1.0, "half", 3.0)
    agree(f, 1.0, "third", None, False)


def test_shapes_decide_at_compile_time() -> None:
    def f(x):
        if x.ndim == 2:
            return np.sum(x[0])
        return np.sum(x)

    agree(f, X)
    agree(f, X.reshape(3, 1))


def test_raise_in_a_branch() -> None:
    def f(x):
        if x < 0:
            raise ValueError("negative", x)
        elif x > 10:
            y = 10.0
        else:
            y = x
        return y * 2

    function = agree(f, 3.0)
    assert sum(op.name == "effect" for op in function.body.walk()) == 1
    agree(f, 11.0)

    def g(x):
        if x > 0:
            return x
        if x < -1:
            return -x
        raise ValueError(f"{x:.2f} is between")

    both(g, (1.0,), (-2.0,))


def test_an_array_that_one_branch_writes() -> None:
    def f(x, n):
        y = x.copy()
        if n > 0:
            y[0] = 5.0
        return np.sum(y)

    both(f, (X, 1), (X, 0))


def test_many_branches_in_a_row() -> None:
    def f(x, y):
        if x > 0:
            a = x
        else:
            a = y
        if y > 0:
            a = a * 2
        if a > 1:
            return a
        b = a if x > y else 1.0
        return b - x

    both(f, (1.0, 1.0), (-1.0, 0.2), (0.1, -1.0), (-3.0, -2.0))


def test_conditions_that_have_no_truth() -> None:
    def f(x):
        if x > 0:
            return 1.0
        return 2.0

    assert refused(f, X) == [("SD013", "x > 0")]


@pytest.mark.parametrize("n", [0, 3])
def test_numbers_as_conditions(n: int) -> None:
    def f(x, n):
        return x if n else -x

    agree(f, 2.0, n)
