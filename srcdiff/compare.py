"""Checks any gradient callable against its function: kinds, memory, the caller's arguments, and every number.

``compare`` knows nothing of the compiler, so it checks hand-written and generated gradients alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcdiff.diagnostics import GradientCheckError, SignatureError
from srcdiff.differences import CheckReport, Comparison, Functional, Point, Vector
from srcdiff.leaves import children, describe, is_real, leaves, map_leaves


def compare(
    function: Callable[..., Any],
    gradient: Callable[..., Any],
    args: Sequence[Any],
    wrt: Any = 0,
    *,
    rtol: float = 1e-5,
    seed: int = 0,
    directions: int = 5,
) -> CheckReport:
    """Check ``gradient(*args)`` against differences of ``function``, which gives one number.

    ``gradient`` returns one gradient, or a tuple of them if ``wrt`` is a tuple.  Raises ``GradientCheckError`` with the
    argument, the entry and both numbers; a kink of the function is reported, it is no failure.

    >>> compare(lambda x: x * x, lambda x: 2.0 * x, (3.0,)).entries
    1
    >>> compare(lambda x, y: x * y, lambda x, y: x, (3.0, 5.0))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    srcdiff.diagnostics.GradientCheckError: ...
    """
    point = Point(function, args, wrt)
    result_is_number(point)
    return check_gradient(point, gradient, None, rtol, np.random.default_rng(seed), directions)


def check_gradient(
    point: Point,
    gradient: Callable[..., Any],
    cotangent: Any,
    rtol: float,
    rng: np.random.Generator,
    directions: int = 0,
) -> CheckReport:
    """Check ``gradient(*args)``: kinds, memory, the arguments, every entry, then random directions.

    cotangent: what the results are weighed with, None for a function that gives one number. GradientCheckError as
    ``compare`` raises it.
    """
    given = point.fresh()
    got = gradient(*given)
    same_arguments(point, given, "the gradient")
    vector = vector_of(point, got)
    apart(point, got, given)
    comparison = Comparison(Functional(point, cotangent), vector, rtol, rng)
    comparison.check_entries()
    for _ in range(0 if comparison.wrong else directions):
        comparison.check_direction()
    return comparison.report()


def is_number(value: Any) -> bool:
    """Whether a result is one real number: a float, a NumPy scalar, a 0-d array (or an integer of these kinds)."""
    return children(value) is None and np.ndim(value) == 0 and np.asarray(value).dtype.kind in "fiub"


def random_like(result: Any, rng: np.random.Generator) -> Any:
    """A cotangent for a result: random numbers of its kinds, None for what has no derivative."""

    def draw(_: str, leaf: Any) -> Any:
        if not is_real(leaf):
            return None
        drawn = rng.standard_normal(np.shape(leaf))
        if isinstance(leaf, np.ndarray):
            return np.asarray(drawn, dtype=leaf.dtype)
        return leaf.dtype.type(drawn) if isinstance(leaf, np.generic) else float(drawn)

    return map_leaves(draw, result)


def result_is_number(point: Point) -> None:
    """Refuse a function whose result is not one number."""
    result = point.call(point.start)
    if not is_number(result):
        kinds = ", ".join(f"{path} {describe(leaf)}".strip() for path, leaf in leaves(result))
        raise SignatureError(f"the result is not a number: {kinds or 'nothing'}")


def vector_of(point: Point, got: Any) -> Vector:
    """The numbers of a gradient, after its structure, kinds, dtypes and shapes were compared with the arguments'."""
    parts = got if point.several else (got,)
    if not isinstance(parts, tuple) or len(parts) != len(point.positions):
        raise GradientCheckError(f"{len(point.positions)} gradients in a tuple are due, got {describe(got)}")
    found: dict[str, Any] = {}
    for position, part in zip(point.positions, parts, strict=True):
        same_structure(point.names[position], point.args[position], part)
        found.update(leaves(part, point.names[position]))
    vector: Vector = []
    for leaf in point.leaves:
        due, is_ = _due(leaf.original), describe(found[leaf.path])
        if due != is_ and (due, is_) != ("float", "f64"):  # a NumPy double is a float in Python
            raise GradientCheckError(f"`{leaf.path}` is {describe(leaf.original)}: its gradient is {is_}, due is {due}")
        vector.append(np.asarray(found[leaf.path], dtype=np.float64))
    return vector


def _due(original: Any) -> str:
    """The kind that the gradient of an argument has: its own; float64 for integers."""
    if is_real(original):
        return describe(original)
    return describe(np.zeros(original.shape)) if isinstance(original, np.ndarray) else "float"


def same_structure(path: str, argument: Any, gradient: Any) -> None:
    """Refuse a gradient whose containers are not those of the argument."""
    ours, theirs = children(argument), children(gradient)
    if ours is None and theirs is None:
        return
    if type(argument) is not type(gradient) or ours is None or theirs is None or _keys(ours) != _keys(theirs):
        raise GradientCheckError(f"`{path}` is {_outline(argument)}: its gradient is {_outline(gradient)}")
    for (suffix, item), (_, part) in zip(ours, theirs, strict=True):
        same_structure(path + suffix, item, part)


def _keys(parts: list[tuple[str, Any]]) -> list[str]:
    return [suffix for suffix, _ in parts]


def _outline(value: Any) -> str:
    parts = children(value)
    return describe(value) if parts is None else f"{type(value).__name__} with {', '.join(_keys(parts)) or 'no parts'}"


def same_arguments(point: Point, given: Sequence[Any], what: str) -> None:
    """Refuse a call that has written to the caller's arguments."""
    for name, before, after in zip(point.names, point.args, given, strict=True):
        for (path, old), (_, new) in zip(leaves(before, name), leaves(after, name), strict=True):
            if isinstance(old, np.ndarray) and not np.array_equal(old, new, equal_nan=old.dtype.kind in "fc"):
                raise GradientCheckError(f"{what} has written to the argument `{path}`")


def apart(point: Point, got: Any, given: Sequence[Any]) -> None:
    """Refuse results that cannot be written, or that share memory with an argument or with each other."""
    results = [(f"result{path}", leaf) for path, leaf in leaves(got) if isinstance(leaf, np.ndarray)]
    others = [
        (path, leaf)
        for name, argument in zip(point.names, given, strict=True)
        for path, leaf in leaves(argument, name)
        if isinstance(leaf, np.ndarray)
    ]
    for index, (path, result) in enumerate(results):
        if not result.flags.writeable:
            raise GradientCheckError(f"the gradient's {path} is read-only")
        for other_path, other in others + results[:index]:
            if np.may_share_memory(result, other) and np.shares_memory(result, other):
                raise GradientCheckError(f"the gradient's {path} shares memory with `{other_path}`")
