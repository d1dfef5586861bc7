"""Gradient checks: a function's compiled derivatives against differences and against each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.api import jvp, value_and_grad, vjp
from srcdiff.compare import check_gradient, compare, is_number, random_like, vector_of
from srcdiff.diagnostics import GradientCheckError
from srcdiff.differences import (
    CheckReport,
    Comparison,
    Functional,
    Point,
    Vector,
    random_direction,
)
from srcdiff.leaves import describe, is_real, leaves
from srcdiff.written import returning

__all__ = ["CheckReport", "check_grad", "compare"]


def check_grad(
    function: Callable[..., Any],
    *args: Any,
    wrt: Any = 0,
    rtol: float = 1e-5,
    seed: int = 0,
    directions: int = 5,
    of: Any = None,
) -> CheckReport:
    """Check the reverse and forward derivatives of ``function`` at ``args``.

    Every entry (or 400 random ones) is compared with differences at two step sizes; for random tangents ``u`` and
    cotangents ``v`` the two modes have to agree: ``<v, J u> = <J' v, u>``.  A result that is no number is checked
    through a random cotangent.  The value, the kinds of the gradients, and that nothing is written to or shared are
    checked too.  Raises ``GradientCheckError`` with the argument, the entry and both numbers.  Where the function has a
    kink there is nothing to compare with; the report names those places.  of: the arguments that hold the result,
    as for ``vjp``.

    >>> import srcdiff
    >>> def f(x):
    ...     return x * x * x
    >>> srcdiff.check_grad(f, 2.0).kinks
    ()
    """
    point = Point(returning(function, of), args, wrt)
    rng = np.random.default_rng(seed)
    expected = point.function(*point.fresh())
    options = {} if of is None else {"of": of}
    pull, push = vjp(function, wrt, **options), jvp(function, wrt, **options)
    cotangent = None if is_number(expected) else random_like(expected, rng)
    both = value_and_grad(function, wrt, **options)

    def gradient(*given: Any) -> Any:
        value, found = both(*given) if cotangent is None else pull(*given)
        same_value(expected, value, rtol)
        return found if cotangent is None else found(cotangent)

    report = check_gradient(point, gradient, cotangent, rtol, rng)
    worst = [report.max_relative_error]
    for _ in range(directions):
        worst.append(_check_modes(point, pull, push, rtol, rng))
    return dataclasses.replace(report, max_relative_error=max(worst), directions=directions)


def same_value(expected: Any, value: Any, rtol: float) -> None:
    """Refuse a value that is not the function's: another kind, or other numbers."""
    ours, theirs = list(leaves(expected)), list(leaves(value))
    if [(path, describe(leaf)) for path, leaf in ours] != [(path, describe(leaf)) for path, leaf in theirs]:
        kinds = [", ".join(f"{path} {describe(leaf)}".strip() for path, leaf in part) for part in (ours, theirs)]
        raise GradientCheckError(f"the function returns {kinds[0]}, its derivative's value is {kinds[1]}")
    for (path, old), (_, new) in zip(ours, theirs, strict=True):
        if is_real(old) and not np.allclose(new, old, rtol=rtol, atol=0.0, equal_nan=True):
            raise GradientCheckError(f"the value{path} is {new!r}, the function returns {old!r}")


def _check_modes(point: Point, pull: Any, push: Any, rtol: float, rng: np.random.Generator) -> float:
    """One random tangent and cotangent through both modes; the relative error between them.

    The pullback is called twice, because the first call must leave nothing behind.
    """
    value, pullback = pull(*point.fresh())
    cotangent = random_like(value, rng)
    direction = random_direction(point, rng)
    tangent, tangent_value = push(*point.fresh(), *point.tangents(direction))[::-1]
    same_value(value, tangent_value, rtol)
    forward, forward_size = _inner(tangent, cotangent)
    pulled = [vector_of(point, pullback(cotangent)) for _ in range(2)]
    if not all(np.array_equal(first, again, equal_nan=True) for first, again in zip(*pulled, strict=True)):
        raise GradientCheckError("a second call of the pullback gives another gradient")
    reverse, reverse_size = _dot(pulled[0], direction)
    epsilon = max([leaf.epsilon for leaf in point.leaves], default=2.0**-52)
    allowed = max(rtol, 2000 * epsilon) * max(abs(forward), abs(reverse))
    error = abs(forward - reverse)
    if not error <= allowed + 1000 * epsilon * max(forward_size, reverse_size):
        _blame(point, push, pulled[0], cotangent)
        raise GradientCheckError(f"forward mode gives {forward:.10g}, reverse mode {reverse:.10g} (random directions)")
    return error / max(forward_size, reverse_size) if error else 0.0


def _blame(point: Point, push: Any, gradient: Vector, cotangent: Any) -> None:
    """Name the first argument in which the two modes disagree, and say which of them differences are on the side of."""
    comparison = Comparison(Functional(point, cotangent), gradient, 1e-5, np.random.default_rng(0))
    comparison.check_entries()
    comparison.report()
    for index, leaf in enumerate(point.leaves):
        unit: Vector = [np.zeros(other.start.shape) for other in point.leaves]
        for entry in range(min(leaf.start.size, 400)):
            unit[index].reshape(-1)[entry] = 1.0
            forward, size = _inner(push(*point.fresh(), *point.tangents(unit))[1], cotangent)
            unit[index].reshape(-1)[entry] = 0.0
            reverse = float(gradient[index][np.unravel_index(entry, leaf.start.shape)])
            if abs(forward - reverse) > 1e-4 * max(size, abs(reverse)):
                path = comparison.path(entry + sum(comparison.sizes[:index]))
                raise GradientCheckError(
                    f"{path}: forward mode gives {forward:.10g}, reverse mode and differences {reverse:.10g}"
                )


def _inner(tangent: Any, cotangent: Any) -> tuple[float, float]:
    """The inner product of two results, and the size of its terms."""
    weights = dict(leaves(cotangent))
    terms = [
        np.asarray(leaf, dtype=np.float64) * np.asarray(weights[path], dtype=np.float64)
        for path, leaf in leaves(tangent)
        if leaf is not None and weights.get(path) is not None
    ]
    return _sums(terms)


def _dot(gradient: Vector, direction: Vector) -> tuple[float, float]:
    return _sums([g * d for g, d in zip(gradient, direction, strict=True)])


def _sums(terms: list[Any]) -> tuple[float, float]:
    return float(sum(np.sum(term) for term in terms)), float(sum(np.sum(np.abs(term)) for term in terms))
