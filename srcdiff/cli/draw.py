"""Draws arguments that fit a signature: small, seeded, of lengths that fit together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcdiff.frontend.signature import Signature
from srcdiff.ir.dims import Dim, Fact, Symbol, constant
from srcdiff.ir.structure import leaf_count, unflatten
from srcdiff.ir.types import DTYPES, Array, List, Scalar, Type, Unknown, kind, symbols_of
from srcdiff.leaves import describe, leaves

LENGTHS = (3, 4, 2, 5, 6)
NUMBERS, ARRAYS = "numbers", "arrays"


@dataclass(frozen=True)
class Drawn:
    """Arguments. kind: what stands for a type that is not known, numbers or arrays; kinds: all that are possible."""

    args: tuple[Any, ...]
    names: tuple[str, ...]
    kind: str
    kinds: frozenset[str]

    def __str__(self) -> str:
        parts = [leaf for name, value in zip(self.names, self.args, strict=True) for leaf in leaves(value, name)]
        return ", ".join(f"{path}: {value if np.ndim(value) == 0 else describe(value)}" for path, value in parts)


class CannotDraw(Exception):
    """No arguments of this signature can be drawn; says why."""


def drawer(function: Callable[..., Any], signature: Signature, facts: Iterable[Fact]) -> Callable[..., Drawn | str]:
    """A function ``(rng, number) -> Drawn`` for the tries 0, 1, …; it gives the reason where none can be drawn.

    facts: equalities of lengths that the program needs. Odd tries draw positive numbers alone; the lengths grow.
    """
    lengths = _Lengths(signature, tuple(facts))

    def draw(rng: np.random.Generator, number: int) -> Drawn | str:
        try:
            return _draw(function, signature, lengths, rng, number)
        except CannotDraw as reason:
            return str(reason)

    return draw


def _draw(
    function: Callable[..., Any], signature: Signature, lengths: _Lengths, rng: np.random.Generator, number: int
) -> Drawn:
    unknown = any(isinstance(t, Unknown) or (isinstance(t, Array) and t.dims is None) for t in signature.types)
    numbers_too = any(isinstance(t, Unknown) for t in signature.types)
    kinds = frozenset({ARRAYS, NUMBERS} if numbers_too else {ARRAYS} if unknown else {NUMBERS})
    chosen = sorted(kinds)[number // 2 % len(kinds)]
    maker = _Maker(rng, lengths.values(number), chosen, number % 2 == 1)
    types = iter(signature.types)
    args, names = [], []
    for parameter in signature.parameters:
        if parameter.kind != "positional":
            if not parameter.default:
                raise CannotDraw(f"no example arguments for the keyword-only `{parameter.name}`")
            for _ in range(leaf_count(parameter.tree)):
                next(types)
            continue
        values = [maker.value(next(types), parameter.name) for _ in range(leaf_count(parameter.tree))]
        args.append(unflatten(parameter.tree, values))
        names.append(parameter.name)
    return Drawn(tuple(args), tuple(names), chosen, kinds)


class _Lengths:
    """What the symbols of a signature may stand for."""

    def __init__(self, signature: Signature, facts: tuple[Fact, ...]) -> None:
        self.symbols = sorted({symbol for type_ in signature.types for symbol in symbols_of(type_)})
        self.equal: dict[Symbol, Dim] = {}
        for fact in (*signature.facts, *facts):
            if fact.right is not None:
                self.join(fact.left.substitute(self.equal), fact.right.substitute(self.equal))

    def join(self, left: Dim, right: Dim) -> None:
        """Let one symbol stand for the other side of an equality."""
        for one, other in ((left, right), (right, left)):
            symbol = one.lone_symbol
            if symbol is not None and symbol in self.symbols and symbol not in other.symbols:
                self.equal = {key: dim.substitute({symbol: other}) for key, dim in self.equal.items()}
                self.equal[symbol] = other
                return

    def values(self, number: int) -> Mapping[Symbol, int]:
        """A length for each symbol; other ones in each try."""
        free = [symbol for symbol in self.symbols if symbol not in self.equal]
        found = {symbol: LENGTHS[(index + number // 4) % len(LENGTHS)] for index, symbol in enumerate(free)}
        constants = {symbol: constant(length) for symbol, length in found.items()}
        for symbol, dim in self.equal.items():
            value = dim.substitute(constants).value
            found[symbol] = value if value is not None and value > 0 else LENGTHS[0]
        return found


@dataclass(frozen=True)
class _Maker:
    """Makes values of types."""

    rng: np.random.Generator
    lengths: Mapping[Symbol, int]
    chosen: str
    positive: bool

    def value(self, type_: Type, name: str) -> Any:
        if isinstance(type_, Unknown):
            return self.floats(()).item() if self.chosen == NUMBERS else self.floats((LENGTHS[0],))
        if isinstance(type_, Scalar):
            return self.number(type_, name)
        if isinstance(type_, Array):
            dims = (LENGTHS[0],) if type_.dims is None else tuple(self.length(dim) for dim in type_.dims)
            return self.array(type_.dtype or "f64", dims, name)
        if isinstance(type_, List):
            count = LENGTHS[0] if type_.length is None else self.length(type_.length)
            return [self.value(type_.item, name) for _ in range(count)]
        raise CannotDraw(f"no example arguments for `{name}: {type_}`")

    def length(self, dim: Dim) -> int:
        value = dim.substitute({symbol: constant(length) for symbol, length in self.lengths.items()}).value
        return LENGTHS[0] if value is None else value

    def number(self, type_: Scalar, name: str) -> Any:
        if type_.strength == "python" and kind(type_.dtype) == "i":
            symbol = type_.value.lone_symbol if type_.value is not None else None
            known = self.lengths.get(symbol) if symbol is not None else None
            return int(self.rng.integers(1, 4)) if known is None else known
        value = self.array(type_.dtype, (), name)[()]
        return value.item() if type_.strength != "numpy" else value

    def array(self, code: str, shape: tuple[int, ...], name: str) -> np.ndarray[Any, Any]:
        dtype = np.dtype(DTYPES[code])
        if dtype.kind == "f":
            return np.asarray(self.floats(shape), dtype)
        if dtype.kind == "b":
            return np.asarray(self.rng.random(shape) < 0.5)
        if dtype.kind in "iu":
            return np.asarray(self.rng.integers(0, 2, shape), dtype)
        raise CannotDraw(f"no example arguments for `{name}`, which is complex")

    def floats(self, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        drawn = self.rng.uniform(0.25, 1.75, shape) if self.positive else self.rng.standard_normal(shape)
        return np.asarray(drawn)
