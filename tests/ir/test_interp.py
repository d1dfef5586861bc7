"""The reference evaluator: what each control op means, on programs written as text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import srcdiff.rules  # noqa: F401  (the table of operations)
from srcdiff.ir.core import HOLE_VALUE, Block, Function, Value, hole
from srcdiff.ir.equal import equal
from srcdiff.ir.interp import HoleError, interpret, run
from srcdiff.ir.parse import parse
from srcdiff.ir.structure import Leaf, Node, Parameter
from srcdiff.ir.text import to_text
from srcdiff.ir.types import FLOAT
from srcdiff.ir.verify import verify

from .programs import random_function

TEXTS = Path(__file__).parent / "texts"


def program(text: str) -> Function:
    function = parse(text)
    verify(function)
    return function


def text_of(name: str) -> Function:
    return program((TEXTS / f"{name}.ir").read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------------- whole programs


def test_a_recurrence_in_place_of_nothing() -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0])
    kept = x.copy()
    total, y, y_kept = run(text_of("scan"), 0.5, x)
    assert y.tolist() == [1.0, 2.5, 4.25, 6.125] and total == 13.875 and y_kept == [2.0, 3.0, 4.0]
    assert np.array_equal(x, kept)


def test_branches_of_different_types() -> None:
    x = np.array([1.0, 2.0])
    z, best = run(text_of("branches"), x, True, 0.0)
    assert z.tolist() == [2.0, 4.0] and best == 1.0 and isinstance(best, np.float64)
    z, best = run(text_of("branches"), x, False, 0.0)
    assert z.tolist() == [1.0] and best == 1.5 and type(best) is float


def test_a_while_loop_keeps_what_it_stacks() -> None:
    root, kept, count = run(text_of("newton"), 2.0)
    assert abs(root - 2**0.5) < 1e-10 and len(kept) == count and kept[0] == 2.0


def test_a_gradient_by_hand() -> None:
    c = np.array([3.0, -1.0, 2.0])
    x_bar, c_bar = run(text_of("reverse"), 1.5, c)
    assert x_bar == 2 * 3.0 * 1.5 - 1.0 and c_bar.tolist() == [2.25, 1.5, 1.0]


def test_containers_are_packed_and_unpacked() -> None:
    function = text_of("containers")
    net = function.parameters[1].tree.cls(bias=0.5, name="net")  # type: ignore[union-attr]
    w, deep = np.ones(2), np.zeros(2)
    result = run(function, {"w": w, "b": (1.0, {"deep": deep})}, net, mode="fast", act=np.sin, empty=(), scale=2.0)
    assert result == {"w": w, "rest": [3.0, (deep,)], "kind": None} and result["w"] is w


# ---------------------------------------------------------------------------------------------------------- for loops

LOOP = """
def f(x: f64[n], y: f64[m], start: float) -> (float | f64, [float | f64]):
    last: float | f64
    kept: [float | f64]
    for a, b in each(x, y{reverse}):
        s: float | f64 = carry(start)
        p = mul(a, b)
        t: float | f64 = sub(p, s)
        yield t, s
    return last, kept
"""


def reference(x: list[float], y: list[float], s: float, reverse: bool) -> tuple[float, list[float]]:
    count = min(len(x), len(y))
    kept = [0.0] * count
    for j in reversed(range(count)) if reverse else range(count):
        kept[j] = s
        s = x[j] * y[j] - s
    return s, kept


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("lengths", [(3, 3), (3, 2), (2, 4), (1, 1), (0, 3), (0, 0)])
def test_entry_j_of_a_stack_belongs_to_item_j(lengths: tuple[int, int], reverse: bool) -> None:
    """Whatever the direction, and the shortest sequence ends the loop."""
    function = parse(LOOP.format(reverse=", reverse=True" if reverse else ""))
    x, y = [1.0, 2.0, 3.0][: lengths[0]], [0.5, -1.0, 4.0, 2.0][: lengths[1]]
    last, kept = run(function, np.array(x), np.array(y), 10.0)
    assert (last, kept) == reference(x, y, 10.0, reverse)


def test_zero_trips_give_what_was_carried_in() -> None:
    start = 3.5
    last, kept = run(parse(LOOP.format(reverse="")), np.zeros(0), np.zeros(0), start)
    assert last is start and kept == []


def test_a_loop_over_the_stack_of_another_meets_its_entries_again() -> None:
    function = program("""
def f(n: int) -> ([int], [int]):
    r = range(0, n, 1)
    squares: [int]
    for i in each(r):
        s = mul(i, i)
        yield s
    sums: [int]
    for j, q in each(r, squares, reverse=True):
        t = add(j, q)
        yield t
    return squares, sums
""")
    assert run(function, 4) == ([0, 1, 4, 9], [0, 2, 6, 12])


def test_loops_in_loops_and_branches_in_loops() -> None:
    function = program("""
def f(n: int) -> (int, [[int]]):
    r = range(0, n, 1)
    total: int
    rows: [[int]]
    for i in each(r):
        a: int = carry(0)
        inner = range(0, i, 1)
        b: int
        row: [int]
        for j in each(inner, reverse=True):
            c: int = carry(a)
            odd = mod(j, 2)
            d: int
            if odd:
                e = add(c, j)
                yield e
            else:
                yield c
            yield d, d
        yield b, row
    return total, rows
""")
    total, rows, expected = 0, [], []
    for i in range(5):
        row = [0] * i
        for j in reversed(range(i)):
            total += j if j % 2 else 0
            row[j] = total
        expected.append(row)
    found, rows = run(function, 5)
    assert found == total and rows == expected


def test_rows_of_a_matrix_and_lists_of_lists() -> None:
    function = program("""
def f(A: f64[n, 2]) -> [f64[2]]:
    rows: [f64[2]]
    for row in each(A, reverse=True):
        double = mul(row, 2.0)
        yield double
    return rows
""")
    rows = run(function, np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert [row.tolist() for row in rows] == [[2.0, 4.0], [6.0, 8.0]]


# -------------------------------------------------------------------------------------------------------- while loops


def test_a_while_loop_may_run_no_trip() -> None:
    function = program("""
def f(x: float) -> (float, [float]):
    def test(y: float):
        t = lt(y, 10.0)
        return t
    z: float
    kept: [float]
    while test(x):
        y__2: float = carry(x)
        y__3 = mul(y__2, 2.0)
        yield y__3, y__2
    return z, kept
""")
    assert run(function, 20.0) == (20.0, [])
    assert run(function, 3.0) == (12.0, [3.0, 6.0])


def test_parallel_assignment_at_the_end_of_a_trip() -> None:
    """What is yielded are the values of this trip, not what was assigned just before."""
    function = program("""
def f(n: int) -> (int, int):
    r = range(0, n, 1)
    a: int
    b: int
    for i in each(r):
        c: int = carry(0)
        d: int = carry(1)
        e = add(c, d)
        yield d, e
    return a, b
""")
    assert run(function, 10) == (55, 89)


# ---------------------------------------------------------------------------------------------------------------- holes

HOLES = """
def f(c: bool, x: float) -> float:
    y: float
    if c:
        yield x
    else:
        yield hole(float)
    z: float
    if {tested}:
        {use}
        yield u
    else:
        yield 0.0
    return {result}
"""


def test_a_hole_that_is_moved_about_is_no_error() -> None:
    function = program(HOLES.format(tested="c", use="u = mul(y, 2.0)", result="z"))
    assert run(function, True, 3.0) == 6.0 and run(function, False, 3.0) == 0.0
    function = program(HOLES.format(tested="c", use="u = mul(x, 2.0)", result="y"))
    assert run(function, False, 3.0) is HOLE_VALUE


def test_the_use_of_a_hole_is_an_error() -> None:
    function = program(HOLES.format(tested="True", use="u = mul(y, 2.0)", result="z"))
    assert run(function, True, 3.0) == 6.0
    with pytest.raises(HoleError, match="mul.* uses %y: float, which is a hole here"):
        run(function, False, 3.0)
    function = program(HOLES.format(tested="True", use="u = mul(hole(float), 2.0)", result="z"))
    with pytest.raises(HoleError, match="mul.* uses a hole"):
        run(function, False, 3.0)
    function = program(HOLES.format(tested="y", use="u = mul(x, 2.0)", result="z"))
    with pytest.raises(HoleError, match="if_"):
        run(function, False, 3.0)


def test_loops_do_not_use_the_holes_that_they_carry() -> None:
    function = program("""
def f(x: f64[n]) -> (float | f64, [float | f64]):
    last: float | f64
    before: [float | f64]
    for e in each(x):
        p: float | f64 = carry(hole(float | f64))
        yield e, p
    return last, before
""")
    last, before = run(function, np.array([1.0, 2.0]))
    assert last == 2.0 and before == [HOLE_VALUE, 1.0]
    assert run(function, np.zeros(0))[0] is HOLE_VALUE


def test_a_while_loop_must_not_test_a_hole() -> None:
    function = program("""
def f(x: float) -> float:
    def test(y: bool):
        return y
    z: bool
    while test(hole(bool)):
        y__2: bool = carry(hole(bool))
        yield False
    return x
""")
    with pytest.raises(HoleError, match="tests a hole"):
        run(function, 1.0)


def test_a_loop_over_a_hole_is_an_error() -> None:
    function = program("""
def f(x: float) -> float:
    for e in each(hole([float])):
        e: float
        pass
    return x
""")
    with pytest.raises(HoleError, match="for_"):
        run(function, 1.0)


# ---------------------------------------------------------------------------------------------------------- the caller


def identity(parameters: tuple[Parameter, ...]) -> Function:
    params = tuple(Value(FLOAT, parameter.name) for parameter in parameters)
    return Function("f", parameters, Block(params, (), params[-1:]), Leaf())


def test_arguments_are_bound_as_python_does() -> None:
    a, b, hidden = Parameter("a", Leaf()), Parameter("b", Leaf(), "keyword", "2.5"), Parameter("h", Leaf(), "hidden")
    function = replace(identity((a, b, hidden)), returns=Node("tuple", (0, 1, 2), (Leaf(),) * 3))
    function = replace(function, body=replace(function.body, results=function.params))
    assert run(function, 1.0, h=0.5) == (1.0, 2.5, 0.5)
    assert run(function, a=1.0, b=3.0, h=0.5) == (1.0, 3.0, 0.5)
    for args, kwargs, problem in [
        ((1.0,), {}, "misses the argument 'h'"),
        ((), {"h": 1.0}, "misses the argument 'a'"),
        ((1.0, 2.0), {}, "takes 1 positional arguments, not 2"),
        ((1.0,), {"a": 1.0}, "got two values for 'a'"),
        ((1.0,), {"c": 1.0}, "got a value for 'c'"),
    ]:
        with pytest.raises(TypeError, match=problem):
            run(function, *args, **kwargs)


def test_leaves_are_counted() -> None:
    with pytest.raises(TypeError, match="takes 1 leaves, not 2"):
        interpret(identity((Parameter("a", Leaf()),)), [1.0, 2.0])


def test_results_may_be_constants() -> None:
    function = Function("f", (), Block((), (), (hole(FLOAT),)), Leaf())
    assert run(function) is HOLE_VALUE


def test_exceptions_of_the_program_pass_through() -> None:
    function = program("def f(x: float) -> float:\n    y = div(1.0, x)\n    return y\n")
    with pytest.raises(ZeroDivisionError):
        run(function, 0.0)


# --------------------------------------------------------------------------------------------------------- random ones


def same(left: Any, right: Any) -> bool:
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    return left is right or (type(left) is type(right) and np.array_equal(left, right, equal_nan=True))


@pytest.mark.parametrize("seed", range(60))
def test_inputs_stay_as_they_are_and_text_means_the_same(seed: int) -> None:
    """Read-only inputs: an op that wrote in place would raise."""
    function = random_function(seed)
    again = parse(to_text(function))
    assert equal(function, again)
    for length in (3, 1):
        x, y = np.linspace(-1, 1, length), np.linspace(0.5, 2, length)
        x.flags.writeable = y.flags.writeable = False
        found = run(function, {"w": 0.5, "x": x}, y)
        assert same(found, run(again, {"w": 0.5, "x": x}, y))
        assert not any(leaf is HOLE_VALUE for leaf in found)
