"""What the backward sweep keeps, in elements, as a formula of the sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcdiff.ir.core import FOR, WHILE, Function, Loop
from srcdiff.ir.interp import interpret
from srcdiff.passes.inplace import update_in_place
from srcdiff.passes.pipeline import FINISH
from tests.ad.test_transforms import load, reversed_


def saved_elements(function: Function, args: Sequence[Any]) -> int:
    """The numbers in all lists that loops at the function's level collect."""
    loops = [Loop.of(op) for op in function.body.ops if op.kind in (FOR, WHILE)]
    stacks = tuple(stack for loop in loops for stack in loop.stacks)
    lists = interpret(replace(function, body=replace(function.body, results=stacks)), args)
    return sum(map(count, lists))


def count(value: Any) -> int:
    return sum(map(count, value)) if isinstance(value, (list, tuple)) else int(np.size(value))


def optimised(name: str) -> Function:
    function, wrt, _ = load(name)
    derivative = reversed_(function, wrt)
    for step in FINISH:
        derivative = step(derivative)
    return derivative


@pytest.mark.parametrize(
    ("name", "arguments", "formula"),
    [
        ("scan", lambda n: (0.4, np.linspace(0, 1, n)), lambda n: 2 * (n - 1)),
        ("elimination", lambda n: (np.eye(n) * 4 + 0.1,), lambda n: n * (n - 1) // 2),
        ("swap", lambda n: (1.2, 0.4, n), lambda n: 2 * n),
        ("buffers", lambda n: (np.linspace(0, 1, n), 3), lambda n: 2 * 3 * (n - 2)),
        ("guarded_store", lambda n: (np.linspace(0, 1, n),), lambda n: 2 * (n - 1)),
    ],
)
def test_saved_elements(name: str, arguments: Callable[[int], Any], formula: Callable[[int], int]) -> None:
    function = optimised(name)
    assert [saved_elements(function, arguments(n)) for n in (6, 12)] == [formula(6), formula(12)]


@pytest.mark.parametrize("name", ["scan", "elimination", "buffers", "guarded_store", "wrapping_scan"])
def test_no_array_is_copied_inside_a_loop(name: str) -> None:
    """Copies of what is written stand outside loops (slices that are kept are copied where they are kept)."""
    function = update_in_place(optimised(name))
    for op in function.body.walk():
        for block in op.blocks:
            for inner in block.ops:
                if inner.name == "copy":
                    made = next(o for o in block.ops if inner.inputs[0] in o.results)
                    assert made.name == "get"
