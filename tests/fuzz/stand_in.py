"""A stand-in for the compiler that differentiates by differences, with faults to plant.

It shows that the oracles can fail: without a fault every smooth program passes, with one the right oracle speaks. Its
numbers are good to about 1e-8 at first order and 1e-3 at second, hence `TOLERANCES`.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import differences, trees
from tests.oracles.checks import Case, Tolerances

TOLERANCES = Tolerances(exact=1e-5, differences=2e-5)


class StandInRefusal(Exception):
    """The base class of what this compiler refuses."""


def compiler(fault: str = "") -> Any:
    """The public names of srcdiff, with one fault planted in them."""
    made = _StandIn(fault)
    names = ("value_and_grad", "grad", "vjp", "jvp")
    parts: dict[str, Any] = {name: getattr(made, name) for name in names}
    parts["SrcdiffError"] = StandInRefusal
    parts["compile"] = types.SimpleNamespace(interpret=made.interpret)
    return types.SimpleNamespace(**parts)


class _Function:
    """A function with the signature of another, as compiled functions have."""

    def __init__(self, function: Callable[..., Any], wrapped: Any) -> None:
        self.function = function
        self.__wrapped__ = wrapped

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


class _StandIn:
    """Differences dressed as a compiler."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.last: Any = None

    # -- the public interface

    def value_and_grad(self, f: Any, wrt: Any = 0, optimize: str = "default") -> Any:
        """Value and gradient of a scalar function."""

        def run(*args: Any) -> Any:
            case = Case(f, args, wrt)
            try:
                value = self._value(f, args)
            except Exception:
                if self.fault == "exception swallowed":
                    return 0.0, case.packed([trees.zeros_like(part) for part in case.wanted])
                raise
            return value, case.packed(self._spoiled(case, self._pulled(case, value, 1.0), optimize))

        return _Function(run, f)

    def grad(self, f: Any, wrt: Any = 0) -> Any:
        """The gradient alone."""

        def run(*args: Any) -> Any:
            case = Case(f, args, wrt)
            parts = self._pulled(case, self._value(f, args), 1.0)
            return case.packed(self._spoiled(case, parts, "default"))

        return _Function(run, f)

    def vjp(self, f: Any, wrt: Any = 0, optimize: str = "default") -> Any:
        """Value and pullback."""
        second = isinstance(f, _Function)

        def run(*args: Any) -> Any:
            plain = second and isinstance(wrt, tuple) and not any(isinstance(w, str) for w in wrt)
            case = Case(f, trees.clone(args), wrt, tuple(wrt) if plain else ())
            value = self._value(f, args)
            calls = [0]

            def pullback(bar: Any) -> Any:
                latest = self.last if self.fault == "state between calls" else case
                parts = self._spoiled(case, self._pulled(latest, value, bar), optimize)
                calls[0] += 1
                if self.fault == "pullback used up" and calls[0] == 2:
                    parts = [trees.zeros_like(part) for part in parts]
                if self.fault == "cotangent written" and isinstance(bar, np.ndarray):
                    bar *= 0.0
                if self.fault == "second order reverse" and second:
                    parts = [_scaled(part, 1.05) for part in parts]
                return case.packed(parts)

            self.last = case
            return value, pullback

        return _Function(run, f)

    def jvp(self, f: Any, wrt: Any = 0) -> Any:
        """Value and tangent; the last arguments are the tangents."""
        count = len(wrt) if isinstance(wrt, tuple) else 1
        second = isinstance(f, _Function)

        def run(*both: Any) -> Any:
            args, dot = both[:-count], both[-count:]
            case = Case(f, args, wrt)
            value = self._value(f, args)
            step = 1e-2 if second else differences.STEP
            numbers = differences.directional(f, trees.as_double(args), case.direction(dot), step).numbers
            if self.fault == "jvp wrong":
                numbers = numbers * 1.01
            if self.fault == "second order forward" and second:
                numbers = numbers * 1.05
            return value, _shaped(value, numbers)

        return _Function(run, f)

    def interpret(self, f: Any, wrt: Any, args: Any, mode: str) -> Any:
        """What the reference interpreter would return."""
        value, packed = self.value_and_grad(f, wrt)(*args)
        return value, trees.map_leaves(lambda g: g * 1.01, packed) if self.fault == "interpreter wrong" else packed

    # -- numbers

    def _value(self, f: Any, args: Any) -> Any:
        value = f(*(args if self.fault == "argument written" else trees.clone(args)))
        if self.fault == "value off" and isinstance(value, float):
            return type(value)(np.nextafter(value, 10.0))
        if self.fault == "value of another type" and isinstance(value, np.float64):
            return float(value)
        return value

    def _pulled(self, case: Case, value: Any, bar: Any) -> list[Any]:
        """`J^T bar` entry by entry."""
        weights = differences.flat(bar if not isinstance(bar, float) else np.asarray(bar))
        step = 1e-2 if isinstance(case.f, _Function) else differences.STEP
        numbers = []
        for _, parts in trees.entry_directions(case.wanted):
            estimate = differences.directional(case.f, trees.as_double(case.args), case.direction(parts), step)
            numbers.append(float(estimate.numbers @ weights))
        return list(_shaped(case.wanted, np.array(numbers)))

    def _spoiled(self, case: Case, parts: list[Any], optimize: str) -> list[Any]:
        """Plant the fault in a gradient."""
        first = parts[0]
        faults: dict[str, Callable[[], Any]] = {
            "one entry scaled": lambda: _scaled(first, 1.01),
            "zero": lambda: trees.zeros_like(first),
            "none": lambda: None,
            "another type": lambda: trees.map_leaves(_retyped, first),
            "another shape": lambda: trees.map_leaves(lambda g: np.asarray(g)[None], first),
            "not a number": lambda: trees.map_leaves(lambda g: g * np.nan, first),
            "argument returned": lambda: trees.map_leaves(lambda g, a: a, first, case.wanted[0]),
            "read only": lambda: trees.map_leaves(_frozen, first),
            "crash": lambda: dict[str, Any]()["missing"],
        }
        if self.fault == "not optimised wrong" and optimize == "none":
            return [_scaled(first, 1.01), *parts[1:]]
        if self.fault == "gradients share memory":
            return [first] * len(parts) if len({trees.kind(p) for p in parts}) == 1 else parts
        if self.fault == "refused":
            raise StandInRefusal("no")
        return [faults[self.fault](), *parts[1:]] if self.fault in faults else parts


def _shaped(pattern: Any, numbers: np.ndarray) -> Any:
    """A flat vector as a tree like `pattern`."""
    position = [0]

    def take(leaf: Any) -> Any:
        if not trees.is_float(leaf):
            return None
        size = int(np.size(leaf))
        part = numbers[position[0] : position[0] + size]
        position[0] += size
        return trees.like(leaf, part)

    return trees.map_leaves(take, pattern)


def _scaled(tree: Any, factor: float) -> Any:
    """One entry of the first leaf, the largest, times a factor."""
    done = [False]

    def spoil(leaf: Any) -> Any:
        if done[0] or leaf is None or np.size(leaf) == 0:
            return leaf
        done[0] = True
        numbers = np.array(leaf)
        numbers.flat[int(np.argmax(np.abs(numbers)))] *= factor
        return trees.like(leaf, numbers)

    return trees.map_leaves(spoil, tree)


def _retyped(leaf: Any) -> Any:
    if isinstance(leaf, np.ndarray):
        return leaf.astype(np.float32 if leaf.dtype == np.float64 else np.float64)
    return np.float64(leaf) if type(leaf) is float else float(leaf)


def _frozen(leaf: Any) -> Any:
    if isinstance(leaf, np.ndarray):
        leaf.flags.writeable = False
    return leaf
