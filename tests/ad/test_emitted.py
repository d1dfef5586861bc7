"""The emitted text of every transform of the IR programs computes what the interpreter computes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcdiff.ad.derivative import gradient_only, jvp, value_and_grad, wrt_leaves
from srcdiff.emit.module import emit, module_text
from srcdiff.ir.core import Function
from srcdiff.ir.dims import Facts
from srcdiff.ir.interp import run
from srcdiff.ir.structure import Leaf
from srcdiff.passes.activity import active_values, varied_values
from srcdiff.passes.inplace import update_in_place
from srcdiff.passes.pipeline import FINISH, PREPARE
from tests.ad.test_transforms import NAMES, directions, load, reversed_


def executed(function: Function) -> Any:
    text = module_text([emit(update_in_place(function))])
    namespace: dict[str, Any] = {"np": np, "math": math}
    exec(compile(text, function.name, "exec"), namespace)
    return namespace[function.name]


def same(left: Any, right: Any) -> None:
    if isinstance(left, tuple):
        for a, b in zip(left, right, strict=True):
            same(a, b)
    else:
        np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-14)


def both_ways(function: Function, args: Sequence[Any], optimised: bool) -> None:
    for step in FINISH if optimised else ():
        function = step(function)
    untouched = [np.copy(a) if isinstance(a, np.ndarray) else a for a in args]
    same(executed(function)(*args), run(function, *args))
    for before, after in zip(untouched, args, strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("optimised", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_reverse(name: str, optimised: bool) -> None:
    function, wrt, args = load(name)
    both_ways(reversed_(function, wrt), args, optimised)


@pytest.mark.parametrize("optimised", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_forward(name: str, optimised: bool) -> None:
    function, wrt, args = load(name)
    pushed = jvp(function, wrt, varied_values(function, wrt_leaves(function, wrt)))
    along = directions(function, wrt, args, 1)
    given = iter(along)
    values = iter(args)
    leaves = [next(given) if p.name.endswith("_dot") else next(values) for p in pushed.parameters]
    both_ways(pushed, leaves, optimised)


@pytest.mark.parametrize("optimised", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_reverse_over_reverse(name: str, optimised: bool) -> None:
    """The gradient of a random projection of the gradient."""
    function, wrt, args = load(name)
    first = gradient_only(reversed_(function, wrt))
    for step in (*FINISH, *PREPARE) if optimised else ():
        first = step(first)
    kept = replace(first, body=replace(first.body, results=first.body.results[-1:]), returns=Leaf())
    from srcdiff.ir.build import Builder

    b = Builder(Facts(kept.facts))
    with b.region() as ops:
        square = b.op("mul", kept.body.results[0], kept.body.results[0])
        total = b.op("sum", square) if getattr(square.type, "dims", None) else square
    body = replace(kept.body, ops=(*kept.body.ops, *ops), results=(total,))
    scalar = replace(kept, body=body)
    both = value_and_grad(scalar, wrt, active_values(scalar, wrt_leaves(scalar, wrt)))
    both_ways(both, args, optimised)
