"""The two sweeps of a split derivative: together they are the whole, and the second may run many times."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from srcdiff.ad.derivative import vjp, wrt_leaves
from srcdiff.ad.motion import split
from srcdiff.emit.module import Options, emit_sweeps, module_text
from srcdiff.ir.core import Function
from srcdiff.ir.interp import interpret
from srcdiff.ir.types import is_inexact
from srcdiff.ir.verify import verify
from srcdiff.passes.activity import active_values
from srcdiff.passes.inplace import update_in_place
from srcdiff.passes.pipeline import FINISH_APART, FINISH_SWEEP, PREPARE, run
from tests.ad.programs import PROGRAMS
from tests.ad.test_transforms import load
from tests.oracles import trees


def pulled(name: str, optimised: bool) -> tuple[Function, Sequence[Any]]:
    """The vjp of a program, and arguments with a random cotangent."""
    function, wrt, args = load(name)
    if optimised:
        function = run(function, PREPARE)
    derivative = vjp(function, wrt, active_values(function, wrt_leaves(function, wrt)))
    values = interpret(function, copy.deepcopy(args))
    rng = np.random.default_rng(3)
    bars = [trees.random_like(value, rng) for value in values]
    return (run(derivative, FINISH_APART) if optimised else derivative), [*args, *bars]


def is_differentiable(name: str) -> bool:
    return all(is_inexact(value.type) for value in load(name)[0].body.results)


def run_sweeps(forward: Callable[..., Any], backward: Callable[..., Any], args: Sequence[Any], bar: Any) -> Any:
    """The gradient, pulled back for the second time."""
    given, given_bar = copy.deepcopy(args), copy.deepcopy(bar)
    value, kept = forward(*given)
    spoil(value)  # what the caller does with the value is no business of the second sweep
    spoil(backward(kept, given_bar))
    assert trees.identical(tuple(given), tuple(args))
    assert trees.identical(given_bar, bar)
    return backward(kept, given_bar)


def spoil(tree: Any) -> None:
    for _, leaf in trees.leaves(tree):
        if isinstance(leaf, np.ndarray):
            leaf[...] = np.nan


@pytest.mark.parametrize("optimised", [True, False])
@pytest.mark.parametrize("name", [name for name in PROGRAMS if is_differentiable(name)])
def test_sweeps_are_the_whole(name: str, optimised: bool) -> None:
    whole, args = pulled(name, optimised)
    count = len(load(name)[0].body.results)
    values, bars = args[:-count], args[-count:]
    gradient = interpret(whole, copy.deepcopy(args))[count:]
    forward, backward = (run(sweep, FINISH_SWEEP if optimised else ()) for sweep in split(whole))
    verify(forward)
    verify(backward)
    kept = interpret(forward, copy.deepcopy(values))[count:]
    assert trees.distance(interpret(backward, [*kept, *bars]), gradient) < 1e-13
    sweeps = [update_in_place(sweep) for sweep in (forward, backward)]
    names: dict[str, Any] = {"np": np}
    exec(module_text(emit_sweeps(*sweeps, Options())), names)
    bar = bars[0] if count == 1 else tuple(bars)
    second = run_sweeps(names[forward.name], names[backward.name], values, bar)
    assert trees.distance(second if isinstance(second, tuple) else (second,), tuple(gradient)) < 1e-13
