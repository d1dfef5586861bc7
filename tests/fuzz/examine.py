"""One program under all oracles: what the fuzzer does for each seed, and what the shrinker repeats."""

from __future__ import annotations

import importlib
import types
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.fuzz.program import OutOfTime, Program, Workspace, quiet, time_limit
from tests.oracles import orders, trees
from tests.oracles.checks import Case, Checker, Refused, Report, Tolerances, crash_site

SECONDS = 60  # for one program under all oracles
FIRST_ORDER = ("reverse", "vjp", "jvp", "none", "interpreter")
SECOND_CALL = "second call"


@dataclass
class Verdict:
    """What came out for one program. `status`: right, refused, kink, wrong, crashed."""

    status: str
    key: str = ""  # the class of the failure or refusal: what the shrinker keeps
    messages: list[str] = field(default_factory=list)
    partly: list[tuple[str, str]] = field(default_factory=list)  # (mode, code) refused in a later mode only
    kinks: int = 0
    compared: int = 0
    missing: set[str] = field(default_factory=set)
    mode: str = ""  # where the first failure was seen


@dataclass(frozen=True)
class Plan:
    """How thoroughly a program is looked at; `only` one mode, for the shrinker."""

    only: str = ""
    orders: tuple[str, ...] = ()  # modes of second order
    readable: bool = False
    tolerances: Tolerances = field(default_factory=Tolerances)


def real_compiler() -> Any:
    """srcdiff, with `srcdiff.compile` imported; None while there is none."""
    try:
        compiler = importlib.import_module("srcdiff")
    except ImportError:
        return None
    if not hasattr(compiler, "value_and_grad"):
        return None
    parts = {name: getattr(compiler, name, None) for name in ("value_and_grad", "grad", "vjp", "jvp", "SrcdiffError")}
    try:
        parts["compile"] = importlib.import_module("srcdiff.compile")
    except ImportError:
        parts["compile"] = None
    return types.SimpleNamespace(**parts)


def examine(program: Program, compiler: Any, workspace: Workspace, plan: Plan | None = None) -> Verdict:
    """Run a program under all oracles."""
    plan = plan or Plan()
    function = workspace.load(program.source)
    try:
        with time_limit(SECONDS), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report, failed = _checked(Case(function, program.args, program.wrt), program, compiler, plan)
    except OutOfTime:
        return Verdict("crashed", f"longer than {SECONDS} s")
    finally:
        workspace.forget()
    verdict = _verdict(report)
    verdict.mode = failed
    return verdict


def _checked(case: Case, program: Program, compiler: Any, plan: Plan) -> tuple[Report, str]:
    """All modes in turn, and the mode that first failed; a program that is refused at once is not tried further."""
    checker = Checker(case, compiler, np.random.default_rng(7), plan.tolerances)
    report, failed = checker.report, ""
    modes = [*FIRST_ORDER, *(["readable"] if plan.readable else []), SECOND_CALL]
    modes += plan.orders
    for mode in [plan.only] if plan.only else modes:
        if report.findings and mode not in FIRST_ORDER and mode != "readable":
            break
        if mode in orders.MODES:
            orders.run(checker, mode)
        elif mode == SECOND_CALL and program.more_args is not None:
            _second_call(checker, Case(case.f, program.more_args, case.wrt))
        elif mode != SECOND_CALL:
            checker.run(mode)
        if report.findings and not failed:
            failed = mode
        if mode == "reverse" and report.refusals:
            break
    return report, failed


def _second_call(checker: Checker, case: Case) -> None:
    """Other arguments and sizes for the same compiled functions; then the first pullback again."""
    try:
        quiet(case.f, case.args)
    except Exception as error:
        _raises_the_same(checker, case, error)
        return
    second = Checker(case, checker.compiler, np.random.default_rng(8), checker.base)
    second.compiled, second.report = checker.compiled, checker.report
    refused_before = len(checker.report.refusals)
    for mode in ("reverse", "jvp"):
        second.run(mode)
    try:
        _interleaved(checker, second)
    except Refused:
        pass
    later = checker.report.refusals[refused_before:]
    checker.report.refusals[refused_before:] = [(f"second call, {mode}", code, text) for mode, code, text in later]


def _raises_the_same(checker: Checker, case: Case, expected: Exception) -> None:
    """Where the author's function raises, so does its gradient, and of the same type."""
    function = checker.function("value_and_grad" if checker.scalar else "vjp")
    try:
        with np.errstate(all="ignore"):
            function(*trees.clone(case.args))
    except Exception as error:
        known = getattr(checker.compiler, "SrcdiffError", ())
        if isinstance(error, known) or isinstance(error, type(expected)):
            return
        site = crash_site(error)
        checker.report.add("raises", f"author: {type(expected).__name__}: {expected}; gradient: {error!r} ({site})")
        return
    checker.report.add("raises", f"author: {type(expected).__name__}: {expected}; the gradient does not raise")


def _interleaved(first: Checker, second: Checker) -> None:
    """Two forward sweeps, then both pullbacks: no state is shared between calls."""
    function = first.function("vjp")
    (_, pull_first), _ = first.called("interleaved", function)
    alone = {id(c): c.reverse_quietly("default") for c in (first, second)} if not first.scalar else {}
    (_, pull_second), _ = second.called("interleaved", function)
    for checker, pullback in ((first, pull_first), (second, pull_second)):
        with checker.guarded("interleaved"):
            gradient = checker.case.unpacked(pullback(trees.clone(checker.cotangent())))
        if checker.scalar:
            with checker.guarded("interleaved"):
                wanted = checker.case.unpacked(function(*trees.clone(checker.case.args))[1](checker.cotangent()))
        else:
            wanted = alone[id(checker)]
        if not trees.identical(gradient, wanted):
            checker.report.add("interleaved", "a pullback gives another gradient after a second call of its function")


def _verdict(report: Report) -> Verdict:
    """One word for a report."""
    messages = [str(finding) for finding in report.findings]
    partly = [(mode, code) for mode, code, _ in report.refusals]
    rest = {"kinks": report.kinks, "compared": report.compared, "missing": report.missing}
    crashes = [finding for finding in report.findings if finding.oracle == "crash"]
    if crashes:
        return Verdict("crashed", crashes[0].message.split("\n")[0].split(": ", 1)[1], messages, **rest)  # type: ignore[arg-type]
    if report.findings:
        return Verdict("wrong", report.findings[0].oracle, messages, **rest)  # type: ignore[arg-type]
    if partly and partly[0][0] == "reverse":
        _, code, text = report.refusals[0]
        return Verdict("refused", code, [text])
    status = "kink" if report.kinks and not report.compared else "right"
    texts = [f"{mode}: {text}" for mode, _, text in report.refusals]
    return Verdict(status, "", texts, partly, **rest)  # type: ignore[arg-type]
