"""What becomes a statement, and what nests: over writes and effects, into regions, and how deep."""

from __future__ import annotations

import ast

import pytest

import srcdiff.rules  # noqa: F401
from srcdiff.emit.module import emit
from srcdiff.ir.build import Builder
from srcdiff.ir.core import Block, Function, Value
from srcdiff.ir.parse import parse
from srcdiff.ir.structure import Leaf, Parameter
from srcdiff.ir.types import FLOAT

from .support import execute


def lines(ir: str) -> list[str]:
    text = emit(parse(ir)).text
    return [line.strip() for line in text.splitlines()[3:]]


def test_nothing_nests_over_a_write_of_what_it_reads() -> None:
    assert lines("""
dims(n='axis')
def f(x: f64[n]) -> (f64[n], f64, f64):
    y = copy(x)
    _1 = get(y, 1, index='@:')
    _2 = sum(_1)
    _3 = sum(x)
    y__2 = set(y, 1.0, 0, index='@')
    a = mul(_2, 2.0)
    b = mul(_3, 2.0)
    return y__2, a, b
""")[:4] == ["y = x.copy()", "t = np.sum(y[1:])", "y[0] = 1.0", "a = t * 2.0"]


def test_a_write_inside_a_loop_counts() -> None:
    assert "y_zero = y[0]" in lines("""
dims(n='axis')
def f(x: f64[n]) -> (f64[n], f64):
    y = copy(x)
    _1 = get(y, 0, index='@')
    _2 = range(0, 3, 1)
    y__2: f64[n]
    for i in each(_2):
        y__3: f64[n] = carry(y)
        y__4 = set(y__3, 1.0, i, index='@')
        yield y__4
    a = mul(_1, 2.0)
    return y__2, a
""")


def test_a_shape_may_be_read_after_a_write() -> None:
    assert "a = len(y) * 2.0" in lines("""
dims(n='axis')
def f(x: f64[n]) -> (f64[n], float):
    y = copy(x)
    _1 = dim(y, axis=0)
    y__2 = set(y, 1.0, 0, index='@')
    a = mul(_1, 2.0)
    return y__2, a
""")


def test_nothing_nests_over_an_effect() -> None:
    assert lines("""
def f(x: float) -> (float):
    _1 = math_log(x)
    effect(text="print('now')", raises=False)
    y = mul(_1, 2.0)
    return y
""") == ["log_x = math.log(x)", 'print("now")', "y = log_x * 2.0", "return y"]


def test_nothing_nests_into_a_branch_or_a_loop() -> None:
    found = lines("""
def f(x: float, n: int) -> (float):
    _1 = math_exp(x)
    _2 = math_sin(x)
    _3 = gt(x, 0.0)
    _4: [int] = range(0, n, 1)
    y: float
    if _3:
        y__2 = mul(_1, 2.0)
        yield y__2
    else:
        yield x
    z: float
    for i in each(_4):
        z__2: float = carry(y)
        z__3 = add(z__2, _2)
        yield z__3
    return z
""")
    assert found[:3] == ["exp_x = math.exp(x)", "sin_x = math.sin(x)", "if x > 0.0:"]


def test_not_even_into_a_conditional_expression() -> None:
    assert "exp_x = math.exp(x)" in lines("""
def f(x: float) -> (float):
    _1 = math_exp(x)
    _3 = gt(x, 0.0)
    y: float
    if when(_3, _form='ifexp'):
        _2 = mul(_1, 2.0)
        yield _2
    else:
        yield x
    return y
""")


def test_the_result_is_computed_before_the_derived_part() -> None:
    assert lines("""
def f(x: float) -> (float, float):
    _1 = math_exp(x)
    _2 = mul(_1, x)
    at(why='adjoint')
    x_bar = add(_1, _1)
    return _2, x_bar
""") == ["exp_x = math.exp(x)", "value = exp_x * x", "", "x_bar = exp_x + exp_x", "return value, x_bar"]


def test_the_condition_of_a_loop_stays_inside() -> None:
    text = emit(parse("""
def f(x: float) -> (float):
    def test(x__9: float):
        _1 = math_sin(x__9)
        _2 = mul(_1, _1)
        _3 = gt(_2, 0.1)
        return _3
    y: float
    while test(x):
        y__2: float = carry(x)
        y__3 = mul(y__2, 0.5)
        yield y__3
    return y
""")).text
    assert "while True:\n" in text and "break" in text
    assert 0 < execute("import math\n" + text, "f")(1.0) < 0.4


@pytest.mark.parametrize("count", [3, 100, 600, 2000])
def test_long_sums(count: int) -> None:
    b = Builder()
    params = tuple(Value(FLOAT, f"x{k}") for k in range(3))
    total: Value = params[0]
    for k in range(count):
        total = b.op("add", total, params[k % 3])
    function = Function("f", tuple(Parameter(p.name, Leaf()) for p in params), Block(params, b.ops, (total,)), Leaf())
    emitted = emit(function)
    want = 1.0
    for k in range(count):
        want += (1.0, 2.0, 3.0)[k % 3]
    assert execute(emitted.text, "f")(1.0, 2.0, 3.0) == want
    deepest = max(len(line) for line in emitted.text.splitlines())
    assert deepest < 400
    ast.parse(emitted.text)


def test_what_is_used_twice_gets_one_statement() -> None:
    found = lines("""
dims(n='axis')
def f(z: f64[n]) -> (f64[n]):
    _1 = exp(z)
    _2 = sum(_1)
    y = div(_1, _2)
    return y
""")
    assert found == ["exp_z = np.exp(z)", "y = exp_z / np.sum(exp_z)", "return y"]


def test_shapes_and_steps_are_written_again() -> None:
    found = lines("""
dims(n='axis')
def f(x: f64[n]) -> (float | f64):
    _1 = dim(x, axis=0)
    _2 = range(1, _1, 1)
    s: float | f64
    for i in each(_2):
        s__2: float | f64 = carry(0.0)
        _3 = sub(i, 1)
        _4 = get(x, _3, index='@')
        s__3: float | f64 = mul(s__2, _4)
        _5 = get(x, i, index='@')
        _6 = mul(_5, _3)
        s__4: float | f64 = add(s__3, _6)
        yield s__4
    _7: float | f64 = div(s, _1)
    return _7
""")
    loop = ["for i in range(1, len(x)):", "s = s * x[i - 1]", "s = s + x[i] * (i - 1)"]
    assert found == ["s = 0.0", *loop, "return s / len(x)"]


def test_a_shape_is_not_read_under_a_name_that_has_moved_on() -> None:
    text = emit(parse("""
dims(n='axis')
def f(x: f64[n]) -> (f64[max(n - 1, 0)], int):
    y = tanh(x)
    _1 = dim(y, axis=0)
    y__2 = get(y, 1, index='@:')
    y__3 = tanh(y__2)
    return y__3, _1
""")).text
    import numpy as np

    assert execute("import numpy as np\n" + text, "f")(np.ones(4))[1] == 4
