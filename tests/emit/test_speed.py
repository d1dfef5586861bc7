"""How long emission takes: twenty lines at once, thousands of statements in seconds, and no worse than linear."""

from __future__ import annotations

import time

import pytest

import srcdiff.rules  # noqa: F401
from srcdiff.emit.module import emit
from srcdiff.ir.build import Builder
from srcdiff.ir.core import Block, Function, Statement, Value
from srcdiff.ir.structure import Leaf, Node, Parameter
from srcdiff.ir.types import FLOAT


def straight(count: int, names: int) -> Function:
    """A chain of statements whose values are all kept for the backward part; ``names``: how many names they share."""
    b = Builder()
    x = Value(FLOAT, "x")
    values, kept = [x], []
    for k in range(count):
        with b.at(Statement(k + 2, "y = math.sin(y) * x", k)):
            kept.append(b.op("math_sin", values[-1]))
            values.append(b.op("mul", kept[-1], x, hint=f"y{k % names}"))
    bar: Value = b.constant(1.0)
    for k in reversed(range(count)):
        with b.at(Statement(k + 2, "y = math.sin(y) * x", k), why="adjoint"):
            factor = b.op("mul", b.op("math_cos", values[k]), kept[k])
            bar = b.op("mul", bar, factor, hint=f"y{k % names}_bar")
    tree = Node("tuple", (0, 1), (Leaf(), Leaf()))
    return Function("f", (Parameter("x", Leaf()),), Block((x,), b.ops, (values[-1], bar)), tree)


def seconds(function: Function) -> float:
    start = time.process_time()
    emit(function)
    return time.process_time() - start


@pytest.mark.parametrize("names", [1, 50])
def test_linear(names: int) -> None:
    seconds(straight(20, names))
    small = min(seconds(straight(250, names)) for _ in range(3))
    large = seconds(straight(2000, names))
    assert large < 10
    assert large < 8 * 3 * small


def test_twenty_lines() -> None:
    function = straight(20, 20)
    emit(function)
    assert min(seconds(function) for _ in range(3)) < 0.05
