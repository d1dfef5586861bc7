"""Reverse against differences, forward against reverse, order 2, and every pass against what it was given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import srcdiff.rules  # noqa: F401
from srcdiff.ad.derivative import Wrt, gradient_only, jvp, value_and_grad, wrt_leaves
from srcdiff.ir.core import Function
from srcdiff.ir.interp import interpret
from srcdiff.ir.parse import parse
from srcdiff.ir.verify import verify
from srcdiff.passes.activity import active_values, varied_values
from srcdiff.passes.inplace import update_in_place
from srcdiff.passes.pipeline import FINISH, PREPARE
from tests.ad.programs import PROGRAMS

NAMES = sorted(PROGRAMS)


def load(name: str) -> tuple[Function, Wrt, tuple[Any, ...]]:
    text, wrt, arguments = PROGRAMS[name]
    function = parse(text)
    verify(function)
    for step in PREPARE:
        function = step(function)
        verify(function)
    return function, Wrt(wrt, False), arguments(np.random.default_rng(7))


def reversed_(function: Function, wrt: Wrt) -> Function:
    both = value_and_grad(function, wrt, active_values(function, wrt_leaves(function, wrt)))
    verify(both)
    return both


def directions(function: Function, wrt: Wrt, args: Sequence[Any], seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    names = [parameter.name for parameter in function.parameters]
    chosen = [args[names.index(name)] for name in wrt.names]
    return [rng.normal(size=np.shape(x)) if np.ndim(x) else float(rng.normal()) for x in chosen]


def moved(function: Function, wrt: Wrt, args: Sequence[Any], along: Sequence[Any], step: float) -> list[Any]:
    names = [parameter.name for parameter in function.parameters]
    args = list(args)
    for name, direction in zip(wrt.names, along, strict=True):
        args[names.index(name)] = args[names.index(name)] + step * direction
    return args


def slope(function: Function, wrt: Wrt, args: Sequence[Any], along: Sequence[Any]) -> float:
    h = 1e-6
    with np.errstate(all="ignore"):
        ends = [interpret(function, moved(function, wrt, args, along, s))[0] for s in (h, -h)]
    return float((ends[0] - ends[1]) / (2 * h))


def dot(gradients: Sequence[Any], along: Sequence[Any]) -> float:
    return float(sum(np.sum(g * d) for g, d in zip(gradients, along, strict=True)))


@pytest.mark.parametrize("name", NAMES)
def test_reverse_agrees_with_differences(name: str) -> None:
    function, wrt, args = load(name)
    results = interpret(reversed_(function, wrt), args)
    along = directions(function, wrt, args, 1)
    assert results[0] == interpret(function, args)[0]
    assert dot(results[1:], along) == pytest.approx(slope(function, wrt, args, along), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_forward_agrees_with_reverse(name: str) -> None:
    function, wrt, args = load(name)
    gradients = interpret(reversed_(function, wrt), args)[1:]
    along = directions(function, wrt, args, 2)
    pushed = jvp(function, wrt, varied_values(function, wrt_leaves(function, wrt)))
    verify(pushed)
    positions = [k for k, p in enumerate(pushed.parameters) if p.name.endswith("_dot")]
    leaves = [*args[: positions[0]], *along, *args[positions[0] :]]
    value, tangent = interpret(pushed, leaves)
    assert tangent == pytest.approx(dot(gradients, along), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_every_pass_keeps_the_meaning(name: str) -> None:
    function, wrt, args = load(name)
    both = reversed_(function, wrt)
    expected = interpret(both, args)
    for step in (*FINISH, update_in_place):
        both = step(both)
        verify(both)
        for old, new in zip(expected, interpret(both, args), strict=True):
            np.testing.assert_allclose(new, old, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("optimised", [False, True])
def test_second_order(name: str, optimised: bool) -> None:
    """The gradient of a projection of the gradient, against differences of the gradient; reverse of forward too."""
    function, wrt, args = load(name)
    first = gradient_only(reversed_(function, wrt))
    for step in FINISH if optimised else ():
        first = step(first)
    along = directions(function, wrt, args, 3)
    pushed = jvp(first, wrt, varied_values(first, wrt_leaves(first, wrt)))
    verify(pushed)
    positions = [k for k, p in enumerate(pushed.parameters) if p.name.endswith("_dot")]
    leaves = [*args[: positions[0]], *along, *args[positions[0] :]]
    tangents = interpret(pushed, leaves)[len(wrt.names) :]
    h = 1e-6
    ends = [interpret(first, moved(function, wrt, args, along, s)) for s in (h, -h)]
    for k, tangent in enumerate(tangents):
        difference = (np.asarray(ends[0][k]) - np.asarray(ends[1][k])) / (2 * h)
        np.testing.assert_allclose(tangent, difference, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_reverse_of_forward(name: str) -> None:
    """The gradient of the tangent is the Hessian times the direction, as forward over reverse gives it."""
    function, wrt, args = load(name)
    along = directions(function, wrt, args, 4)
    pushed = jvp(function, wrt, varied_values(function, wrt_leaves(function, wrt)))
    results = pushed.body.results[1:]
    from dataclasses import replace

    tangent = replace(pushed, body=replace(pushed.body, results=results), returns=pushed.returns.children[1])
    both = value_and_grad(tangent, wrt, active_values(tangent, wrt_leaves(tangent, wrt)))
    verify(both)
    positions = [k for k, p in enumerate(pushed.parameters) if p.name.endswith("_dot")]

    def leaves(values: Sequence[Any]) -> list[Any]:
        return [*values[: positions[0]], *along, *values[positions[0] :]]

    gradients = interpret(both, leaves(args))[1:]
    other = directions(function, wrt, args, 5)
    h = 1e-6
    ends = [interpret(tangent, leaves(moved(function, wrt, args, other, s)))[0] for s in (h, -h)]
    assert dot(gradients, other) == pytest.approx(float((ends[0] - ends[1]) / (2 * h)), rel=1e-5, abs=1e-7)
