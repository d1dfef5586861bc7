"""Passes on IR text: what goes in, what comes out, and that the meaning stays."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import srcdiff.rules  # noqa: F401
from srcdiff.ir.core import Function
from srcdiff.ir.interp import interpret
from srcdiff.ir.parse import parse
from srcdiff.ir.verify import verify
from srcdiff.passes.branches import merge_branches
from srcdiff.passes.cse import eliminate_common_subexpressions
from srcdiff.passes.dce import eliminate_dead_code
from srcdiff.passes.inplace import update_in_place
from srcdiff.passes.recognise import recognise
from srcdiff.passes.retype import narrow_types
from srcdiff.passes.simplify import simplify

Pass = Callable[[Function], Function]


def ops(function: Function) -> list[str]:
    return [op.name for op in function.body.walk()]


def rewritten(text: str, step: Pass, args: Sequence[Any]) -> Function:
    """The function after a pass, checked to be valid and to mean the same at ``args``."""
    before = parse(textwrap.dedent(text))
    verify(before)
    after = step(before)
    verify(after)
    for old, new in zip(interpret(before, args), interpret(after, args), strict=True):
        np.testing.assert_array_equal(old, new)
    return after


def test_cse_merges_equal_ops_but_no_allocations() -> None:
    after = rewritten(
        """
        def f(x: float) -> (float, f64[3], f64[3]):
            a = mul(x, x)
            b = mul(x, x)
            c = add(a, b)
            p = zeros(3)
            q = zeros(3)
            return c, p, q
        """,
        eliminate_common_subexpressions,
        [1.5],
    )
    assert ops(after) == ["mul", "add", "zeros", "zeros"]


def test_cse_never_crosses_a_write() -> None:
    after = rewritten(
        """
        dims(n='axis')
        def f(x: f64[n]) -> (f64, f64):
            a = get(x, 0, index='@')
            y = set(x, 5.0, 0, index='@')
            b = get(y, 0, index='@')
            return a, b
        """,
        eliminate_common_subexpressions,
        [np.arange(3.0)],
    )
    assert ops(after) == ["get", "set", "get"]


def test_cse_keeps_guarded_ops_in_their_branch() -> None:
    text = """
        def f(x: float) -> (float, float):
            c = gt(x, 0.0)
            a: float
            if c:
                t = div(1.0, x)
                yield t
            else:
                yield 0.0
            b: float
            if c:
                t = div(1.0, x)
                yield t
            else:
                yield 1.0
            return a, b
        """
    after = rewritten(text, eliminate_common_subexpressions, [0.0])
    assert ops(after).count("div") == 2


def test_dce_drops_what_a_loop_carries_for_itself_only() -> None:
    after = rewritten(
        """
        def f(n: int, x: float) -> (float):
            r: [int] = range(0, n, 1)
            s: float
            t: float
            kept: [float]
            for i in each(r):
                i: int[i_1]
                s1: float = carry(0.0)
                t1: float = carry(1.0)
                s2 = add(s1, x)
                t2 = mul(t1, x)
                yield s2, t2, t2
            return s
        """,
        eliminate_dead_code,
        [3, 1.5],
    )
    assert ops(after) == ["range", "for_", "add"]


def test_dce_keeps_effects() -> None:
    after = rewritten(
        """
        def f(x: float) -> (float):
            y = mul(x, 2.0)
            effect(y, text='pass', raises=False)
            return x
        """,
        eliminate_dead_code,
        [1.5],
    )
    assert ops(after) == ["mul", "effect"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a = mul(x, 1.0)", []),
        ("a = mul(x, -1.0)", ["neg"]),
        ("b = neg(y)\n            a = add(x, b)", ["sub"]),
        ("b = neg(y)\n            c = mul(b, x)\n            a = add(y, c)", ["mul", "sub"]),
        ("a = add(x, x)", ["mul"]),
        ("b = mul(x, 3.0)\n            a = mul(2.0, b)", ["mul"]),
        ("a = mul(0.0, x)", ["mul"]),
        ("b = full_like(x, 2.0)\n            a = mul(b, y)", ["mul"]),
    ],
)
def test_simplify(body: str, expected: list[str]) -> None:
    text = f"""
        dims(n='axis')
        def f(x: f64[n], y: f64[n]) -> (f64[n]):
            at(why='adjoint')
            {body}
            return a
        """
    args = [np.array([1.0, -2.0, 0.5]), np.array([3.0, 4.0, -1.0])]
    after = eliminate_dead_code(rewritten(text, simplify, args))
    assert ops(after) == expected


def test_simplify_leaves_the_authors_statements() -> None:
    text = """
        def f(x: float) -> (float):
            a = mul(x, 1.0)
            return a
        """
    assert ops(rewritten(text, simplify, [2.0])) == ["mul"]


def test_clearing_and_adding_is_one_assignment() -> None:
    text = """
        dims(n='axis')
        def f(x: f64[n], v: float) -> (f64[n]):
            at(why='adjoint')
            y = set(x, 0.0, 1, index='@')
            z = add_at(y, v, 1, index='@')
            return z
        """
    after = eliminate_dead_code(rewritten(text, simplify, [np.arange(3.0), 7.0]))
    assert ops(after) == ["set"]


def test_a_value_that_a_loop_does_not_change_is_not_carried() -> None:
    text = """
        def f(n: int, x: float) -> (float):
            r: [int] = range(0, n, 1)
            s: float
            c: float
            for i in each(r):
                i: int[i_1]
                s1: float = carry(0.0)
                c1: float = carry(x)
                s2 = add(s1, c1)
                yield s2, c1
            at(why='adjoint')
            y = mul(s, c)
            return y
        """
    after = eliminate_dead_code(rewritten(text, simplify, [3, 1.5]))
    loop = next(op for op in after.body.ops if op.blocks)
    assert len(loop.results) == 1


def test_adjacent_branches_become_one() -> None:
    text = """
        def f(x: float) -> (float, float):
            c = gt(x, 0.0)
            y: float
            t: float
            if c:
                t1 = mul(x, 3.0)
                yield t1, t1
            else:
                yield 0.0, hole(float)
            at(why='adjoint')
            z: float
            if c:
                u = mul(t, 2.0)
                yield u
            else:
                yield 1.0
            return y, z
        """
    after = eliminate_dead_code(rewritten(text, merge_branches, [1.5]))
    assert ops(after).count("if_") == 1


def test_open_types_become_narrow() -> None:
    text = """
        def f(x: float) -> (float):
            c = gt(x, 0.0)
            at(why='adjoint')
            y: float | f64
            if c:
                u = mul(x, 2.0)
                yield u
            else:
                yield 0.0
            z = float_(y)
            return z
        """
    after = rewritten(text, narrow_types, [1.5])
    branch = next(op for op in after.body.ops if op.blocks)
    assert str(branch.result.type) == "float"


def test_the_sigmoid_is_recognised() -> None:
    text = """
        dims(n='axis')
        def f(z: f64[n]) -> (f64[n]):
            a = neg(z)
            b = exp(a)
            c = add(1, b)
            p = div(1, c)
            return p
        """
    assert "stable" in ops(rewritten(text, recognise, [np.array([0.5, -2.0])]))


# --- in place


def copies(text: str, args: Sequence[Any]) -> tuple[int, Function]:
    after = rewritten(text, update_in_place, args)
    return ops(after).count("copy"), after


def test_an_argument_is_copied_once_outside_the_loop() -> None:
    count, after = copies(
        """
        dims(n='axis')
        def f(x: f64[n], m: int[m]) -> (f64[n]):
            r: [int] = range(0, m, 1)
            y: f64[n]
            for i in each(r):
                i: int[i_1]
                y1: f64[n] = carry(x)
                e = get(y1, i, index='@')
                d = mul(e, 2.0)
                y2 = set(y1, d, i, index='@')
                yield y2
            return y
        """,
        [np.arange(3.0), 3],
    )
    assert count == 1 and "copy" in [op.name for op in after.body.ops]


def test_the_view_is_copied_not_the_array() -> None:
    count, after = copies(
        """
        dims(m='axis')
        def f(n: int[m]) -> (f64[m], f64):
            x: f64[m] = zeros(n)
            row = get(x, index=':')
            y: f64[m] = set(x, 5.0, 0, index='@')
            s = sum(row)
            return y, s
        """,
        [3],
    )
    copied = next(op for op in after.body.walk() if op.name == "copy")
    assert count == 1 and copied.result.name == "row"


def test_swapping_buffers_needs_no_copy_in_the_loop() -> None:
    count, _ = copies(
        """
        dims(n='axis')
        def f(x: f64[n], m: int[m]) -> (f64[n]):
            r: [int] = range(0, m, 1)
            a0: f64[n] = copy(x)
            b0: f64[n] = zeros_like(x)
            a: f64[n]
            b: f64[n]
            for i in each(r):
                i: int[i_1]
                a1: f64[n] = carry(a0)
                b1: f64[n] = carry(b0)
                e = get(a1, 0, index='@')
                d = mul(e, 2.0)
                b2 = set(b1, d, 0, index='@')
                yield b2, a1
            return a
        """,
        [np.arange(1.0, 4.0), 3],
    )
    assert count == 1


def test_results_share_no_memory() -> None:
    count, _ = copies(
        """
        dims(n='axis')
        def f(x: f64[n]) -> (f64[n], f64[n], f64[n]):
            y = mul(x, 2.0)
            return x, y, y
        """,
        [np.arange(3.0)],
    )
    assert count == 2


def test_what_a_loop_collects_outlives_later_writes() -> None:
    count, after = copies(
        """
        dims(n='axis')
        def f(x: f64[n], m: int[m]) -> (f64[n], float | f64):
            r: [int] = range(0, m, 1)
            y0 = copy(x)
            y: f64[n]
            kept: [f64[n]]
            for i in each(r):
                i: int[i_1]
                y1: f64[n] = carry(y0)
                row = get(y1, index=':')
                y2 = set(y1, 5.0, i, index='@')
                yield y2, row
            s: float | f64
            for k in each(kept):
                s1: float | f64 = carry(0.0)
                t = sum(k)
                s2 = add(s1, t)
                yield s2
            return y, s
        """,
        [np.arange(3.0), 3],
    )
    loop = next(op for op in after.body.ops if op.blocks)
    assert count == 2 and "copy" in [op.name for op in loop.blocks[0].ops]
