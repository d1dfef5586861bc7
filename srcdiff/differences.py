"""Compares a gradient with differences of its function, entry by entry.

A difference is taken at two step sizes, which gives an estimate of fourth order, a measure of its own error, and the
two one-sided slopes.  Where steps of every size disagree with each other, or where the one-sided slopes stay apart, the
function has a kink (or the edge of its domain): that is reported, it is no failure.  A gradient is wrong where the
differences agree with each other and not with it.
"""

from __future__ import annotations

import copy
import inspect
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcdiff.diagnostics import GradientCheckError, SignatureError
from srcdiff.leaves import describe, is_integer, is_real, leaves, map_leaves

Vector = list[np.ndarray[Any, np.dtype[np.float64]]]
"""A point or a direction: one float64 array for each leaf that is differentiated."""

STEPS = (1e-3, 1e-4, 1e-5, 1e-6)
ENTRIES = 400
"""Arguments with more entries than this are checked in as many random ones, and along random directions."""
SHOWN = 5


@dataclass(frozen=True)
class CheckReport:
    """What a check has seen.

    ``max_relative_error`` is relative to the largest entry of the leaf; ``entries`` counts single entries,
    ``directions`` random directions through all of them; ``kinks`` names the places where the function has none.
    """

    max_relative_error: float
    entries: int
    directions: int = 0
    kinks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leaf:
    """A number or an array that is differentiated: where it stands, as it came, and as float64."""

    path: str
    original: Any
    start: np.ndarray[Any, np.dtype[np.float64]]

    @property
    def epsilon(self) -> float:
        """The rounding of the gradient, which has the dtype of the leaf."""
        return float(np.finfo(self.original.dtype).eps) if _is_float_array(self.original) else 2.0**-52


def _is_float_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "f"


def restore(leaf: Leaf, entry: np.ndarray[Any, Any]) -> Any:
    """``entry`` as the kind of thing that the leaf is: a number for a number, an array for an array (of any rank)."""
    if isinstance(leaf.original, np.ndarray):
        return np.asarray(entry)
    return float(entry) if isinstance(leaf.original, float | int) and not _is_float_array(leaf.original) else entry[()]


# --- a function at a point


class Point:
    """A function with the arguments at which it is checked, and the leaves that are differentiated."""

    def __init__(self, function: Callable[..., Any], args: Sequence[Any], wrt: Any = 0) -> None:
        self.function = function
        self.args = tuple(args)
        self.names = argument_names(function, len(self.args))
        self.positions = positions_of(wrt, self.names)
        self.several = isinstance(wrt, tuple | list)
        self.leaves = [leaf for position in self.positions for leaf in self._leaves_of(position)]
        self.start: Vector = [leaf.start for leaf in self.leaves]

    def _leaves_of(self, position: int) -> Iterator[Leaf]:
        argument = self.args[position]
        for path, value in leaves(argument, self.names[position]):
            if isinstance(value, complex | np.complexfloating) or getattr(value, "dtype", np.dtype(bool)).kind == "c":
                raise SignatureError(f"`{path}` is complex: differences are taken of real arguments only")
            if is_real(value) or (is_integer(value) and value is argument):
                yield Leaf(path, value, np.array(value, dtype=np.float64))  # keeps the memory order
            elif value is argument:
                raise SignatureError(f"`{path}` is {describe(value)}, which has no derivative")

    def fresh(self) -> tuple[Any, ...]:
        """Copies of all arguments, so that no call sees what another one wrote."""
        return copy.deepcopy(self.args)

    def replaced(self, at: Vector) -> tuple[Any, ...]:
        """Copies of all arguments with the differentiated leaves replaced."""
        args = list(self.fresh())
        paths = {leaf.path: restore(leaf, entry.copy(order="K")) for leaf, entry in zip(self.leaves, at, strict=True)}
        for position in self.positions:
            args[position] = map_leaves(lambda path, old: paths.get(path, old), args[position], self.names[position])
        return tuple(args)

    def call(self, at: Vector) -> Any:
        """The function's result at other values of the leaves."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return self.function(*self.replaced(at))

    def tangents(self, direction: Vector) -> tuple[Any, ...]:
        """A direction as arguments for a forward-mode call: like the arguments, None for what has no derivative."""
        parts = {leaf.path: as_kind(leaf, entry) for leaf, entry in zip(self.leaves, direction, strict=True)}
        return tuple(
            map_leaves(lambda path, _: parts.get(path), self.args[position], self.names[position])
            for position in self.positions
        )


def random_direction(point: Point, rng: np.random.Generator) -> Vector:
    """Normally distributed, in proportion to the size of each leaf."""
    sizes = [max(1.0, float(np.max(np.abs(leaf.start), initial=0.0))) for leaf in point.leaves]
    return [size * rng.standard_normal(leaf.start.shape) for size, leaf in zip(sizes, point.leaves, strict=True)]


def as_kind(leaf: Leaf, entry: np.ndarray[Any, Any]) -> Any:
    """A tangent or cotangent for a leaf: of its kind and dtype (float64 for integers)."""
    dtype = leaf.original.dtype if _is_float_array(leaf.original) else np.float64
    return restore(leaf, entry.astype(dtype))


def argument_names(function: Callable[..., Any], count: int) -> list[str]:
    """The names of the first arguments; ``args[1]`` for those that a ``*args`` takes."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return [f"argument {position}" for position in range(count)]
    names: list[str] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{index}]" for index in range(count - len(names))]
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    if count > len(names):
        raise SignatureError(f"{count} arguments are given, the function takes {len(names)}")
    return names[:count]


def positions_of(wrt: Any, names: Sequence[str]) -> tuple[int, ...]:
    """``wrt`` as positions.

    >>> positions_of(("b", -2), ["w", "b", "x"])
    (1, 1)
    """
    found = []
    for item in wrt if isinstance(wrt, tuple | list) else (wrt,):
        if isinstance(item, str) and item in names:
            found.append(names.index(item))
        elif isinstance(item, int) and not isinstance(item, bool) and -len(names) <= item < len(names):
            found.append(item % len(names))
        else:
            raise SignatureError(f"wrt names no argument that is given: {item!r} (there are {', '.join(names)})")
    return tuple(found)


# --- one slope against differences of one function of one number


@dataclass(frozen=True)
class Verdict:
    """``agrees``, ``wrong`` or ``kink``, with the slope that was claimed and the best estimate."""

    kind: str
    slope: float
    estimate: float = math.nan

    @property
    def error(self) -> float:
        return abs(self.slope - self.estimate)


@dataclass(frozen=True)
class _Estimate:
    slope: float
    noise: float
    smooth: bool


Line = Callable[[float], tuple[float, float]]
"""A function of one number: its value, and the size of what was rounded on the way (see ``Functional``)."""


def probe(line: Line, slope: float, rtol: float, steps: Sequence[float] = STEPS, slack: float = 0.0) -> Verdict:
    """Whether ``slope`` is the derivative of ``line`` at 0.

    >>> probe(lambda t: (math.sin(t), 1e-16), 1.0, 1e-6).kind
    'agrees'
    >>> probe(lambda t: (math.sin(t), 1e-16), 1.1, 1e-6).kind
    'wrong'
    >>> probe(lambda t: (abs(t), 1e-16), 0.5, 1e-6).kind
    'kink'
    """
    start = line(0.0)
    found: list[_Estimate] = []
    for step in steps:
        estimate = _estimate(line, start, step)
        if estimate is None:
            continue
        allowed = rtol * max(abs(slope), abs(estimate.slope)) + estimate.noise + slack
        if math.isfinite(slope) and abs(slope - estimate.slope) <= allowed:
            return Verdict("agrees", slope, estimate.slope)
        found.append(estimate)
    for estimate, finer in zip(found, found[1:], strict=False):
        clear = not abs(slope - estimate.slope) <= 4 * abs(estimate.slope - finer.slope)  # a slope of nan is clear
        if estimate.smooth and clear:
            return Verdict("wrong", slope, estimate.slope)
    return Verdict("kink", slope, found[-1].slope if found else math.nan)


def _estimate(line: Line, start: tuple[float, float], step: float) -> _Estimate | None:
    """The central difference at ``step`` and at half of it, extrapolated; None outside the domain."""
    wide_up, wide_down, up, down = (line(step * part) for part in (1.0, -1.0, 0.5, -0.5))
    values = [start, wide_up, wide_down, up, down]
    if not all(math.isfinite(value) for value, _ in values):
        return None
    noise = 32 * max(rounding for _, rounding in values) / step
    wide, narrow = (wide_up[0] - wide_down[0]) / (2 * step), (up[0] - down[0]) / step
    wide_jump = (wide_up[0] - 2 * start[0] + wide_down[0]) / step  # what the one-sided slopes differ by
    jump = (up[0] - 2 * start[0] + down[0]) / (step / 2)
    straight = abs(wide - narrow) <= 1e-2 * max(abs(wide), abs(narrow)) + noise
    closing = abs(jump) <= 0.75 * abs(wide_jump) + 4 * noise
    return _Estimate((4 * narrow - wide) / 3, noise, straight and closing)


def steps_for(size: float) -> list[float]:
    """The steps for a number of this size; small numbers also get steps that do not cross zero."""
    steps = [step * max(1.0, size) for step in STEPS]
    return steps + ([1e-3 * size, 1e-4 * size] if 0.0 < size < 1e-2 else [])


# --- a gradient against differences


class Functional:
    """``<cotangent, f(args)>`` as a real function of the leaves; without a cotangent f has to give one number."""

    def __init__(self, point: Point, cotangent: Any = None) -> None:
        self.point = point
        self.cotangent = None if cotangent is None else dict(leaves(cotangent))

    def __call__(self, at: Vector) -> tuple[float, float]:
        try:
            result = self.point.call(at)
        except (ArithmeticError, ValueError, IndexError, AssertionError):
            return math.nan, 0.0
        return self.of(result)

    def of(self, result: Any) -> tuple[float, float]:
        """The functional of a result, and how far rounding may have moved it."""
        value = rounding = 0.0
        for path, leaf in leaves(result):
            weight = 1.0 if self.cotangent is None else self.cotangent.get(path)
            if weight is not None and (is_real(leaf) or self.cotangent is None):
                if np.iscomplexobj(leaf):
                    return math.nan, 0.0  # Python's answer outside the domain of `x ** 0.5`
                terms = np.asarray(leaf, dtype=np.float64) * np.asarray(weight, dtype=np.float64)
                value += float(np.sum(terms))
                epsilon = float(np.finfo(leaf.dtype).eps) if _is_float_array(leaf) else 2.0**-52
                rounding += epsilon * float(np.sum(np.abs(terms)))
        return value, rounding

    def line(self, direction: Vector) -> Line:
        """The functional along a direction through the point."""
        start = self.point.start
        return lambda t: self([a + t * b for a, b in zip(start, direction, strict=True)])


class Comparison:
    """One gradient, compared entry by entry and along directions; collects what it sees."""

    def __init__(self, functional: Functional, gradient: Vector, rtol: float, rng: np.random.Generator) -> None:
        self.functional, self.gradient, self.rtol, self.rng = functional, gradient, rtol, rng
        self.leaves = functional.point.leaves
        self.sizes = [leaf.start.size for leaf in self.leaves]
        self.wrong: dict[str, Verdict] = {}
        self.kinks: list[str] = []
        self.entries = self.directions = 0
        self.worst = 0.0

    def place(self, number: int) -> tuple[int, int]:
        """The leaf and the entry in it that a running number stands for."""
        for index, size in enumerate(self.sizes):
            if number < size:
                return index, number
            number -= size
        raise IndexError(number)

    def path(self, number: int) -> str:
        """An entry as the author would write it."""
        index, entry = self.place(number)
        leaf = self.leaves[index]
        if not leaf.start.ndim:
            return leaf.path
        where = np.unravel_index(entry, leaf.start.shape)
        return f"{leaf.path}[{', '.join(str(int(i)) for i in where)}]"

    def check_entry(self, number: int) -> Verdict:
        """Compare one entry and take down the verdict."""
        index, entry = self.place(number)
        leaf, gradient = self.leaves[index], self.gradient[index]
        unit: Vector = [np.zeros(other.start.shape) for other in self.leaves]
        unit[index].reshape(-1)[entry] = 1.0
        largest = float(np.max(np.abs(gradient)))
        steps = steps_for(abs(float(leaf.start[np.unravel_index(entry, leaf.start.shape)])))
        slope = float(gradient[np.unravel_index(entry, gradient.shape)])
        rtol, slack = max(self.rtol, 2000 * leaf.epsilon), 64 * leaf.epsilon * largest
        verdict = probe(self.functional.line(unit), slope, rtol, steps, slack if math.isfinite(slack) else 0.0)
        self.entries += 1
        if verdict.kind == "wrong":
            self.wrong[self.path(number)] = verdict
        elif verdict.kind == "kink":
            self.kinks.append(self.path(number))
        elif verdict.error:
            self.worst = max(self.worst, verdict.error / max(largest, abs(verdict.estimate)))
        return verdict

    def check_entries(self) -> None:
        """Compare all entries, or a random choice of them."""
        total = sum(self.sizes)
        chosen = range(total) if total <= ENTRIES else np.sort(self.rng.choice(total, ENTRIES, replace=False))
        for number in chosen:
            self.check_entry(int(number))

    def check_direction(self) -> None:
        """Compare along a random direction; where that disagrees, halve the direction until one entry is left."""
        self.directions += 1
        direction = random_direction(self.functional.point, self.rng)
        chosen = np.arange(sum(self.sizes))
        if self.along(direction, chosen).kind != "wrong":
            return
        while len(chosen) > 1:
            halves = chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :]
            guilty = [half for half in halves if self.along(direction, half).kind == "wrong"]
            if not guilty:
                break
            chosen = guilty[0]
        if len(chosen) > 1 or self.check_entry(int(chosen[0])).kind != "wrong":
            paths = f"{self.path(int(chosen[0]))} to {self.path(int(chosen[-1]))}, along a random direction"
            self.wrong[paths] = self.along(direction, chosen)

    def along(self, direction: Vector, chosen: np.ndarray[Any, Any]) -> Verdict:
        """The verdict along the part of a direction that moves the chosen entries only."""
        kept = np.zeros(sum(self.sizes))
        kept[chosen] = 1.0
        parts = np.split(kept, np.cumsum(self.sizes)[:-1])
        moved: Vector = [d * part.reshape(d.shape) for d, part in zip(direction, parts, strict=True)]
        terms = [g * d for g, d in zip(self.gradient, moved, strict=True)]
        slope = float(sum(np.sum(term) for term in terms))
        epsilon = max(leaf.epsilon for leaf in self.leaves)
        slack = 64 * epsilon * float(sum(np.sum(np.abs(term)) for term in terms))
        return probe(self.functional.line(moved), slope, max(self.rtol, 2000 * epsilon), slack=slack)

    def report(self) -> CheckReport:
        """The report; raises if anything was wrong."""
        if self.wrong:
            raise GradientCheckError(disagreement(self.functional.point.function, self.wrong, self.entries))
        return CheckReport(self.worst, self.entries, self.directions, tuple(self.kinks))


def disagreement(function: Callable[..., Any], wrong: dict[str, Verdict], entries: int) -> str:
    """What is said of entries that disagree: where, and both numbers; the worst first."""
    name = getattr(function, "__name__", "the function")
    worst = sorted(wrong.items(), key=lambda item: -item[1].error if math.isfinite(item[1].error) else -math.inf)
    lines = [f"the gradient of {name} disagrees with differences:"]
    for path, verdict in worst[:SHOWN]:
        lines.append(f"  {path}: the gradient says {verdict.slope:.10g}, differences say {verdict.estimate:.10g}")
    if len(wrong) > SHOWN:
        lines.append(f"  and {len(wrong) - SHOWN} more")
    return "\n".join([*lines, f"({entries} entries were compared)"])
