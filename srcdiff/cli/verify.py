"""Checks a derivative before it is written: at example arguments, or at arguments drawn from its signature."""

from __future__ import annotations

import contextlib
import io
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from srcdiff.cli.core import Derived
from srcdiff.compare import check_gradient, random_like
from srcdiff.diagnostics import GradientCheckError, SrcdiffError
from srcdiff.differences import CheckReport, Functional, Point, Vector, probe, random_direction
from srcdiff.leaves import is_real, leaves
from srcdiff.usercode import call_user_code

RTOL = 1e-5
DIRECTIONS = 5
TRIES = 20
SECONDS = 5
"""How long one try with drawn arguments may take."""
CHECKED = "checked against finite differences"


def check_example(function: Callable[..., Any], derived: Derived, args: tuple[Any, ...], wrt: Any, mode: str) -> str:
    """What the header says of a check at example arguments. GradientCheckError where there is a disagreement."""
    point = Point(function, args, wrt)
    result = call_user_code(function, point.fresh(), "the function raises with its example arguments")
    if not is_finite(result):
        return f"not checked ({function.__name__} is not finite at its example arguments)"
    with _quiet():
        report = verify(point, derived.callable, result, mode)
    return CHECKED + (", except at kinks" if report.kinks else "")


def check_drawn(function: Callable[..., Any], derived: Derived, wrt: Any, mode: str) -> str:
    """What the header says of a check at arguments that are drawn from the signature, always the same ones.

    The first arguments at which the function is finite are taken, each kind once where numbers and arrays are possible.
    GradientCheckError where there is a disagreement.
    """
    if derived.draw is None:
        return "not checked (no example arguments)"
    rng = np.random.default_rng(0)
    done: set[str] = set()
    kinks = False
    reason = ""
    for number in range(TRIES):
        drawn = derived.draw(rng, number)
        if isinstance(drawn, str):
            return f"not checked ({drawn})"
        if drawn.kind in done:
            continue
        try:
            with _limited(), _quiet():
                point = Point(function, drawn.args, wrt)
                result = function(*point.fresh())
                if not is_finite(result):
                    reason = reason or f"{function.__name__} is not finite at any of {TRIES} arguments that were drawn"
                    continue
                report = verify(point, derived.callable, result, mode)
        except GradientCheckError as error:
            raise GradientCheckError(f"{error}\n(at arguments that were drawn: {drawn})") from None
        except _TooLong:
            reason = f"{function.__name__} gives no result within {SECONDS} s at arguments that were drawn"
            break
        except SrcdiffError:
            raise
        except Exception as error:  # the author's function need not take everything that its signature allows
            reason = f"{function.__name__} raises at arguments that were drawn: {_said(error)}"
            continue
        done.add(drawn.kind)
        kinks = kinks or bool(report.kinks)
        if done == drawn.kinds:
            break
    if not done:
        return f"not checked ({reason})"
    return f"{CHECKED} at random arguments" + (", except at kinks" if kinks else "")


def _said(error: Exception) -> str:
    first = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {first[0]}" if first else type(error).__name__
    return text if len(text) <= 100 else text[:97] + "..."


class _TooLong(BaseException):
    """A try has taken too long; no `except Exception` of the author's stops it."""


@contextmanager
def _limited() -> Iterator[None]:
    """End what takes too long, where the system can: an endless loop at drawn arguments must not stop the command."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the author's function prints and warns of: a check calls it again and again."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def is_finite(result: Any) -> bool:
    """Whether all that has a derivative in a result is finite."""
    return all(bool(np.all(np.isfinite(leaf))) for _, leaf in leaves(result) if is_real(leaf))


def verify(point: Point, derived: Callable[..., Any], result: Any, mode: str) -> CheckReport:
    """Check a derived function against differences at a point where the function gives ``result``."""
    rng = np.random.default_rng(0)
    if mode == "jvp":
        return _verify_tangents(point, derived, result, rng)
    cotangent = random_like(result, rng) if mode == "vjp" else None

    def gradient(*given: Any) -> Any:
        found = derived(*given)[1]
        return found if cotangent is None else found(cotangent)

    return check_gradient(point, gradient, cotangent, RTOL, rng, DIRECTIONS)


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
