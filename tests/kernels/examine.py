"""One program under the oracles that the small programs and the fuzzer are checked with."""

from __future__ import annotations

import inspect
import types
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.kernels.program import SEED, Program
from tests.oracles.checks import Case, Checker, Report

MODES = ("reverse", "vjp", "jvp", "none", "readable", "interpreter")


@dataclass
class Verdict:
    """What came out: ``right``, ``refused``, ``wrong``, ``crashed``, or ``not compared`` where every point was a kink.

    ``code`` is the code of a refusal or the oracles that complained, ``texts`` are the messages.
    """

    status: str
    code: str = ""
    texts: list[str] = field(default_factory=list)


def compiler_for(program: Program, compiler: Any) -> Any:
    """``compiler`` with the program's own options, asked for the argument that holds the result where that is one."""
    extra = dict(program.options)
    if program.of is not None:
        extra["of"] = program.of

    def transform(name: str) -> Any:
        return lambda _, wrt, **options: getattr(compiler, name)(program.function, wrt, **extra, **options)

    parts = {name: transform(name) for name in ("value_and_grad", "vjp", "jvp")}
    return types.SimpleNamespace(**parts, compile=compiler.compile, SrcdiffError=compiler.SrcdiffError)


def accepts(program: Program, compiler: Any) -> bool:
    """Whether the compiler's interface knows what the program needs of it: ``of`` is not there yet."""
    return program.of is None or "of" in inspect.signature(compiler.vjp).parameters


def examine(program: Program, compiler: Any, mode: str = "reverse") -> Verdict:
    """Run one program in one of `MODES`: value, gradient, types, memory, arguments."""
    if not accepts(program, compiler):
        return Verdict("refused", "of=", ["the interface has no `of`"])
    case = Case(program.returning(), program.arguments(), program.wrt)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        checker = Checker(case, compiler_for(program, compiler), np.random.default_rng(SEED), entries=6)
        return verdict_of(checker.run(mode), mode)


def verdict_of(report: Report, mode: str) -> Verdict:
    """The report of one mode in one word."""
    crashes = [finding.message for finding in report.findings if finding.oracle == "crash"]
    if crashes:
        return Verdict("crashed", crashes[0].split("\n")[0], crashes)
    if report.findings:
        oracles = sorted({finding.oracle for finding in report.findings})
        return Verdict("wrong", ", ".join(oracles), list(map(str, report.findings)))
    if report.refusals:
        return Verdict("refused", report.refusals[0][1], [text for _, _, text in report.refusals])
    if mode in ("reverse", "vjp", "jvp") and not report.compared:
        return Verdict("not compared", "kink", [f"{report.kinks} kinks"])
    return Verdict("right")
