"""One gradient module to make: what ``srcdiff grad`` was asked for, and how ``srcdiff check`` asks again."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srcdiff.cli import core
from srcdiff.cli.load import Target, example_args, parse_wrt
from srcdiff.compare import apart, random_like, same_arguments, vector_of
from srcdiff.diagnostics import GradientCheckError
from srcdiff.differences import CheckReport, Comparison, Functional, Point, Vector, probe, random_direction
from srcdiff.usercode import call_user_code

RTOL = 1e-5
DIRECTIONS = 5


@dataclass(frozen=True)
class Job:
    """The options of one ``srcdiff grad``; all paths are relative to ``base``, the folder where it was called."""

    target: str
    wrt: str | None
    out: str | None
    sig: str | None
    example: str | None
    mode: str
    base: Path

    def command(self) -> str:
        """The command that makes the file again, for its header; no path in it leads upwards or names the machine."""
        file, _, name = self.target.rpartition(":")
        words = ["srcdiff", "grad", f"{self._relative(file)}:{name}"]
        if self.wrt is not None:
            words += ["--wrt", self.wrt]
        if self.sig is not None:
            words += ["--sig", self.sig]
        if self.example is not None:
            example, _, name = self.example.rpartition(":")
            words += ["--example", f"{self._relative(example)}:{name}"]
        if self.mode != "value_and_grad":
            words += ["--mode", self.mode]
        if self.out is not None:
            words += ["-o", self._relative(self.out)]
        return shlex.join(words)

    def _root(self) -> Path:
        """The folder where the header's command is to be called: the present one if it holds all files."""
        files = [text.rpartition(":")[0] for text in (self.target, self.example) if text is not None]
        paths = [(self.base / file).resolve() for file in [*files, self.out] if file is not None]
        base = self.base.resolve()
        return base if all(path.is_relative_to(base) for path in paths) else Path(os.path.commonpath(paths))

    def _relative(self, file: str) -> str:
        return Path(os.path.relpath((self.base / file).resolve(), self._root())).as_posix()

    def text(self) -> tuple[str, str]:
        """The text of the module and what was checked; raises where the gradient disagrees with differences."""
        target = Target.parse(self.target, self.base)
        function = target.load()
        wrt = parse_wrt(self.wrt) if self.wrt is not None else 0
        args = example_args(target, function, self.example, self.base)
        derived = core.derive(function, wrt, self.mode, self.sig, args)
        if args is None:
            checked = "not checked (no example arguments)"
        else:
            report = verify(function, derived.callable, args, wrt, self.mode)
            checked = "checked against finite differences" + (", except at kinks" if report.kinks else "")
        return derived.readable(self.command(), self._source(target), checked), checked

    def _source(self, target: Target) -> str:
        """The author's file as seen from the generated one."""
        folder = (self.base / self.out).resolve().parent if self.out is not None else self.base
        return Path(os.path.relpath(target.path, folder)).as_posix()


def verify(
    function: Callable[..., Any], derived: Callable[..., Any], args: tuple[Any, ...], wrt: Any, mode: str
) -> CheckReport:
    """Check a derived function against differences at example arguments."""
    point = Point(function, args, wrt)
    result = call_user_code(function, point.fresh(), "the function raises with its example arguments")
    rng = np.random.default_rng(0)
    if mode == "jvp":
        return _verify_tangents(point, derived, result, rng)
    cotangent = random_like(result, rng) if mode == "vjp" else None
    given = point.fresh()
    _, gradient = derived(*given) if cotangent is None else derived(*given, cotangent)
    same_arguments(point, given, "the gradient")
    apart(point, gradient, given)
    comparison = Comparison(Functional(point, cotangent), vector_of(point, gradient), RTOL, rng)
    comparison.check_entries()
    for _ in range(0 if comparison.wrong else DIRECTIONS):
        comparison.check_direction()
    return comparison.report()


def _verify_tangents(point: Point, derived: Callable[..., Any], result: Any, rng: np.random.Generator) -> CheckReport:
    """Forward mode along random directions, and along every entry of small arguments."""
    cotangent = random_like(result, rng)
    functional = Functional(point, cotangent)
    directions = [random_direction(point, rng) for _ in range(DIRECTIONS)]
    if sum(leaf.start.size for leaf in point.leaves) <= 100:
        directions += _units(point)
    kinks = []
    for direction in directions:
        _, tangent = derived(*point.fresh(), *point.tangents(direction))
        slope, _ = functional.of(tangent)
        verdict = probe(functional.line(direction), slope, max(RTOL, *(2000 * leaf.epsilon for leaf in point.leaves)))
        if verdict.kind == "wrong":
            said = f"forward mode says {verdict.slope:.10g}, differences say {verdict.estimate:.10g}"
            raise GradientCheckError(f"the tangent of {point.function.__name__} disagrees with differences: {said}")
        if verdict.kind == "kink":
            kinks.append("a direction")
    return CheckReport(0.0, 0, len(directions), tuple(kinks))


def _units(point: Point) -> list[Vector]:
    found: list[Vector] = []
    for index, leaf in enumerate(point.leaves):
        for entry in range(leaf.start.size):
            unit: Vector = [np.zeros(other.start.shape) for other in point.leaves]
            unit[index].reshape(-1)[entry] = 1.0
            found.append(unit)
    return found
