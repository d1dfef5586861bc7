"""The corpus of `tests/programs` in every mode: reverse, forward, both orders, optimised or not, interpreted.

Each program is held against differences at two step sizes, with random cotangents and tangents. Without a compiler only
the corpus itself is looked at: that its programs run, are smooth, and are all listed.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fuzz.examine import real_compiler
from tests.oracles import differences, orders, trees
from tests.oracles.checks import Case, Checker

COMPILER = real_compiler()
THEMES = sorted(p.stem for p in (Path(__file__).parent / "programs").glob("*.py") if p.stem != "__init__")
FIRST_ORDER = ("reverse", "vjp", "jvp", "none", "readable", "interpreter")
MODES = (*FIRST_ORDER, *orders.MODES)


def seed_of(name: str) -> int:
    """A seed for each program, the same in every run."""
    return sum(map(ord, name))


def case_of(module: Any, name: str) -> Case:
    """A program with its arguments; differentiated by all float arguments unless it says otherwise."""
    function: Callable[..., Any] = getattr(module, name)
    args = module.CASES[name](np.random.default_rng(seed_of(name)))
    able = tuple(k for k, arg in enumerate(args) if all(trees.is_float(leaf) for _, leaf in trees.leaves(arg)))
    wrt = getattr(module, "WRT", {}).get(name, able if len(able) > 1 else able[0])
    return Case(function, args, wrt)


MODULES = {theme: importlib.import_module(f"tests.programs.{theme}") for theme in THEMES}
PROGRAMS = [(theme, name) for theme, module in MODULES.items() for name in module.CASES]
IDS = [f"{theme}.{name}" for theme, name in PROGRAMS]


@pytest.mark.skipif(COMPILER is None, reason="srcdiff.value_and_grad does not exist yet")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("theme", "name"), PROGRAMS, ids=IDS)
def test_program(theme: str, name: str, mode: str) -> None:
    checker = Checker(case_of(MODULES[theme], name), COMPILER, np.random.default_rng(seed_of(name)), entries=6)
    if mode == "interpreter" and not hasattr(COMPILER.compile, "interpret"):
        pytest.skip("srcdiff.compile.interpret does not exist yet")
    if not checker.scalar and mode in ("interpreter", "order2", "forward_over_reverse"):
        pytest.skip("for programs with a number as result")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if mode in orders.MODES:
            orders.run(checker, mode)
        else:
            checker.run(mode)
    report = checker.report
    refused = [text for _, _, text in report.refusals]
    if refused and name in getattr(MODULES[theme], "MAY_BE_REFUSED", set()):
        pytest.skip(f"refused: {refused[0]}")
    assert not report.findings, "\n".join(map(str, report.findings))
    assert not refused, "\n".join(refused)
    assert report.kinks == 0


# -- the corpus itself


@pytest.mark.parametrize(("theme", "name"), PROGRAMS, ids=IDS)
def test_the_program_is_usable(theme: str, name: str) -> None:
    case = case_of(MODULES[theme], name)
    value = case.author()
    assert trees.float_leaves(value)
    assert np.all(np.isfinite(differences.flat(value)))
    assert len(trees.float_leaves(value)) == len(list(trees.leaves(value)))
    rng = np.random.default_rng(5)
    parts = tuple(trees.random_like(part, rng) for part in case.wanted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimate = differences.directional(case.f, trees.as_double(case.args), case.direction(parts))
    assert estimate.smooth
    assert np.any(estimate.numbers)


@pytest.mark.parametrize("theme", THEMES)
def test_every_program_is_listed_or_called(theme: str) -> None:
    module = MODULES[theme]
    text = inspect.getsource(module)
    own = [n for n, v in vars(module).items() if inspect.isfunction(v) and v.__module__ == module.__name__]
    forgotten = [n for n in own if n not in module.CASES and text.count(n) < 2]
    assert not forgotten
