"""Random structured programs: what is printed computes what the interpreter computes."""

from __future__ import annotations

import ast
import copy
import warnings

import numpy as np
import pytest

from srcdiff.ad.derivative import Wrt, value_and_grad, wrt_leaves
from srcdiff.emit.module import emit, module_text
from srcdiff.ir.core import Function
from srcdiff.ir.interp import run
from srcdiff.ir.verify import verify
from srcdiff.passes.activity import active_values
from srcdiff.passes.inplace import update_in_place
from srcdiff.passes.pipeline import FINISH, PREPARE
from srcdiff.passes.pipeline import run as run_passes

from .programs import Generator
from .support import execute, same


def arguments(seed: int) -> tuple[object, ...]:
    rng = np.random.default_rng(seed)
    return rng.normal(), rng.normal(), rng.normal(size=5), rng.normal(size=5)


def gradient(seed: int) -> Function:
    """Value and gradient of a random program, optimised, updates not yet in place."""
    function = run_passes(Generator(seed).function(scalar=True), PREPARE)
    wrt = Wrt(("x", "y", "b"), False)
    derived = value_and_grad(function, wrt, active_values(function, wrt_leaves(function, wrt)))
    return run_passes(derived, FINISH)


def check(function: Function, seed: int) -> str:
    args = arguments(seed)
    text = module_text([emit(update_in_place(function))])
    given = copy.deepcopy(args)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = run(function, *copy.deepcopy(args))
        got = execute(text, function.name)(*given)
    assert same(want, got), (want, got)
    assert same(args, given), "an argument was written"
    return text


@pytest.mark.parametrize("seed", range(150))
def test_programs(seed: int) -> None:
    function = Generator(seed).function()
    verify(function)
    check(function, seed)


@pytest.mark.parametrize("seed", range(100))
def test_gradients(seed: int) -> None:
    check(gradient(seed), seed)


@pytest.mark.parametrize("seed", range(0, 100, 10))
def test_text_is_the_same_each_time(seed: int) -> None:
    first, second = (module_text([emit(update_in_place(Generator(seed).function()))]) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("seed", range(0, 100, 10))
def test_both_printers_agree(seed: int) -> None:
    tree = ast.parse(module_text([emit(update_in_place(gradient(seed)))]))
    assert ast.dump(ast.parse(ast.unparse(tree))) == ast.dump(tree)
