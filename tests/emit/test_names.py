"""Names: versions, collisions, numbers; what shares a variable and what must not."""

from __future__ import annotations

import re

import pytest

import srcdiff.rules  # noqa: F401
from srcdiff.emit.lives import disjoint, merged
from srcdiff.emit.module import emit
from srcdiff.emit.numbering import TRIED, Numbering, numbered
from srcdiff.ir.interp import run
from srcdiff.ir.parse import parse

from .support import execute, same


def text_of(ir: str) -> str:
    return emit(parse(ir)).text


def test_a_number_is_added_only_against_a_name_that_is_alive() -> None:
    text = text_of("""
def f(x: float) -> (float, float):
    y = math_sin(x)
    z = math_cos(y)
    y__2 = math_sin(z)
    y__3 = math_tanh(y__2)
    return y__3, y__2
""")
    assert re.findall(r"(\w+) = ", text) == ["y", "z", "y", "y2"]


def test_inserting_a_statement_renames_nothing_else() -> None:
    base = """
def f(x: float) -> (float, float, float):
    y = math_sin(x)
    y__2 = math_cos(y)
    {}
    y__3 = math_sin(x)
    return y, y__2, y__3
"""
    before = text_of(base.format("pass"))
    inserted = "_1 = math_exp(x)\n    _2 = mul(_1, _1)\n    effect(_2, text='print({0})', raises=False)"
    after = text_of(base.format(inserted))
    assert [line for line in after.splitlines() if line in before.splitlines()] == before.splitlines()


@pytest.mark.parametrize("name", ["len", "np", "zip", "None", "lambda", "unbroadcast", "range"])
def test_locals_give_way_to_what_the_text_uses(name: str) -> None:
    from srcdiff.ir.build import Builder
    from srcdiff.ir.core import Block, Function, Value
    from srcdiff.ir.structure import Leaf, Parameter
    from srcdiff.ir.types import UNKNOWN, Array

    b = Builder()
    x, y = Value(UNKNOWN, "x"), Value(Array("f64", None), "y")
    local = b.op("sin", y, hint=name)
    result = b.op("mul", b.op("unbroadcast", local, x), local)
    loop = b.loop([b.op("range", 0, 2, 1)], [result], [result.type], lambda items, carried: ((carried[0],), ()))
    body = Block((x, y), b.ops, (loop.results[0], local))
    emitted = emit(Function("f", (Parameter("x", Leaf()), Parameter("y", Leaf())), body, Leaf()))
    assert f"    {name} = " not in emitted.text
    assert emitted.helpers == ("unbroadcast",)


def test_a_branch_does_not_keep_a_name_from_the_other() -> None:
    text = text_of("""
def f(x: float) -> (float, float):
    c = gt(x, 0.0)
    z: float
    t__9: float
    if c:
        t = math_sin(x)
        t__2 = mul(t, t)
        effect(t__2, text='print({0})', raises=False)
        yield t, t__2
    else:
        t__3 = math_cos(x)
        t__4 = mul(t__3, t__3)
        effect(t__4, text='print({0})', raises=False)
        yield t__3, t__4
    return z, t__9
""")
    assert "t3" not in text


def test_a_value_from_outside_a_loop_lives_through_it() -> None:
    ir = """
def f(x: float, n: int) -> (float, float):
    y = math_sin(x)
    _1: [int] = range(0, n, 1)
    total: float
    for i in each(_1):
        total__2: float = carry(0.0)
        _2 = mul(y, y)
        total__3 = add(total__2, _2)
        y__2 = math_cos(total__3)
        total__4 = add(total__3, y__2)
        effect(y__2, text='str({0})', raises=False)
        yield total__4
    return total, x
"""
    function = parse(ir)
    text = emit(function).text
    assert "y2 = math.cos(total)" in text
    call = execute("import math\n" + text, "f")
    assert same(run(function, 0.5, 3), call(0.5, 3))


def test_an_update_of_what_is_read_later_writes_a_copy() -> None:
    text = text_of("""
dims(n='axis')
def f(x: f64[n]) -> (f64[n], f64):
    y = copy(x)
    y__2 = set(y, 1.0, 0, index='@')
    _1 = sum(y)
    return y__2, _1
""")
    assert "y2 = y.copy()\n    y2[0] = 1.0" in text


def test_an_argument_is_never_written() -> None:
    text = text_of("""
dims(n='axis')
def f(x: f64[n]) -> (f64[n]):
    x__2 = set(x, 1.0, 0, index='@')
    return x__2
""")
    assert "x = x.copy()\n    x[0] = 1.0" in text


def test_what_nobody_reads_is_called_underscore() -> None:
    text = text_of("""
dims(n='axis')
def f(x: f64[n], n: int) -> (float):
    _1: [int] = range(0, n, 1)
    total: float
    for i, v in each(_1, x):
        total__2: float = carry(0.0)
        total__3 = add(total__2, 1.0)
        yield total__3
    return total
""")
    assert "for _, _ in zip(range(n), x):" in text


def test_underscore_is_no_name_for_what_is_read() -> None:
    text = text_of("""
def f(x: float, n: int) -> (float):
    _ = math_sin(x)
    _1: [int] = range(0, n, 1)
    total: float
    for i in each(_1):
        total__2: float = carry(0.0)
        total__3 = add(total__2, _)
        yield total__3
    return total
""")
    assert "sin_x = math.sin(x)" in text and "for _ in range(n):" in text


def test_intervals() -> None:
    assert merged([]) == []
    assert merged([(5, 5), (1, 2), (2, 4), (6, 9), (3, 4)]) == [(1, 4), (6, 9)]
    assert disjoint([], [(1, 2)])
    assert disjoint([(2, 3), (8, 9)], [(1, 2), (3, 8)])
    assert not disjoint([(2, 4)], [(1, 2), (3, 8)])
    assert not disjoint([(1, 9)], [(3, 4)])
    assert not disjoint([(3, 4)], [(1, 9)])


def test_numbers_are_reused_and_never_shared() -> None:
    numbering = Numbering()
    given: dict[str, list[tuple[int, int]]] = {}
    for k in range(200):
        lives = [(k, k + 3 * TRIED)] if k % 3 else [(k, k + 1)]
        name = numbering.first_free("y", lives, lambda name: name != "y3")
        numbering.take(name, lives)
        assert all(disjoint(lives, [other]) for other in given.get(name, []))
        given.setdefault(name, []).extend(lives)
    assert "y3" not in given
    assert len(given) <= 3 * TRIED + 2
    assert numbered("x1", 3) == "x1_3"
