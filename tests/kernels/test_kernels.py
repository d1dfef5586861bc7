"""The programs of `programs/` through the compiler, in every mode; the format and the fairness of both folders.

`REFUSED` is the one table of what the compiler does not take today.  It is checked from both sides: a program in it is
refused with that code (no crash, no wrong number), and one that is not in it is right.  It shrinks as the language
grows.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fuzz.examine import real_compiler
from tests.kernels.examine import MODES, accepts, examine
from tests.kernels.plain import examined
from tests.kernels.program import Program, files, load

REFUSED = {
    "bundle_adjustment": "SD011",
}
"""Programs that the compiler refuses, with the first code of the refusal."""

KINKS = {("bfgs", "jvp")}
"""Where a step along the direction changes the number of iterations, so that differences say nothing."""

HERE = Path(__file__).parent
PROGRAMS = {path.stem: path for path in files(HERE / "programs")}
ASIDE = {path.stem: path for path in files(HERE / "aside")}
COMPILER = real_compiler()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_is_right_or_in_the_table(name: str, mode: str) -> None:
    program = load(PROGRAMS[name])
    if not accepts(program, COMPILER):
        pytest.skip("results in arguments (`of`) are not there yet")
    verdict = examine(program, COMPILER, mode)
    if (name, mode) in KINKS:
        assert verdict.status == "not compared" and "kinks" in verdict.texts[0]
        return
    if name not in REFUSED:
        assert verdict.status == "right", "\n".join(verdict.texts)
        return
    assert verdict.status != "right", f"{name} is no longer refused: take it out of the table"
    assert (verdict.status, verdict.code) == ("refused", REFUSED[name]), "\n".join(verdict.texts)


def test_the_table_lists_programs_only() -> None:
    assert set(REFUSED) <= set(PROGRAMS)


def test_there_are_enough_programs() -> None:
    assert len(PROGRAMS) >= 30
    assert len(ASIDE) == 40
    assert not set(PROGRAMS) & set(ASIDE)


@pytest.mark.parametrize("path", [*PROGRAMS.values(), *ASIDE.values()], ids=lambda path: path.stem)
def test_the_program_is_fair(path: Path) -> None:
    """It works, gives a number, and is smooth with a slope at its point; no compiler takes part."""
    assert 20 <= len(path.read_text().splitlines()) <= 150
    assert "srcdiff" not in path.read_text()
    assert examined(load(path)) == []


# -- the examination can fail


class StandInError(Exception):
    """What a stand-in for the compiler refuses with."""


def stand_in(gradient: Callable[[Callable[..., Any], tuple[Any, ...]], Any]) -> Any:
    """A compiler whose gradient of every function is ``gradient(function, arguments)``."""

    def value_and_grad(function: Callable[..., Any], wrt: Any) -> Callable[..., Any]:
        return lambda *args: (function(*args), gradient(function, args))

    return types.SimpleNamespace(
        value_and_grad=value_and_grad, vjp=lambda *_: None, jvp=None, compile=None, SrcdiffError=StandInError
    )


def square(points: list[float]) -> Program:
    """The program ``x @ x`` at ``points``."""
    module = types.ModuleType("square")
    module.__dict__.update(f=lambda x: float(x @ x), example=lambda rng: (np.array(points),))
    return Program(module, "f", ("x",), None, {})


def refuse(*_: Any) -> Any:
    raise StandInError("no")


def write(_: Any, args: tuple[Any, ...]) -> Any:
    args[0][:] = 0.0
    return (np.array([2.0, 4.0]),)


@pytest.mark.parametrize(
    ("gradient", "status", "code"),
    [
        (lambda f, args: (2 * args[0],), "right", ""),
        (lambda f, args: (2.001 * args[0],), "wrong", "differences"),
        (lambda f, args: (2 * args[0].astype(np.float32),), "wrong", "type"),
        (lambda f, args: 1 / 0, "crashed", "reverse: ZeroDivisionError in kernels/test_kernels.py:<lambda>"),
        (write, "wrong", "arguments"),
        (refuse, "refused", "StandInError"),
    ],
)
def test_the_verdict_says_what_happened(gradient: Any, status: str, code: str) -> None:
    verdict = examine(square([1.0, 2.0]), stand_in(gradient))
    assert (verdict.status, verdict.code) == (status, code)


def test_a_program_at_a_kink_is_not_called_right() -> None:
    program = square([0.0, 0.0])
    vars(program.module)["f"] = lambda x: float(np.sum(np.abs(x)))
    assert examine(program, stand_in(lambda f, args: (0 * args[0],))).status == "not compared"
