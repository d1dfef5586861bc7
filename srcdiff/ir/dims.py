"""Dimensions: integer polynomials of named symbols, compared by normal form.

A dim is in one of three states: it *is* 1, it is *known not to be* 1, or it *may be* 1. Un-broadcasting, views and
guards all hang on these three, so the states are computed here and nowhere else.

>>> n, d = axis("n"), axis("d")
>>> str(n * 2 - 1), str(n * d), str(n - n + 3)
('2*n - 1', 'd*n', '3')
>>> n.is_one(), constant(1).is_one(), (n - 1).is_one()
(False, True, None)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, order=True)
class Symbol:
    """An unknown integer of one function.

    kind: ``"axis"`` (a length, known not to be 1), ``"size"`` (a length, may be 1), ``"loop"`` (a length that may be 1
    and may change from trip to trip of a loop) or ``"int"`` (any integer).
    """

    name: str
    kind: str = "int"


Monomial = tuple[Symbol, ...]


@dataclass(frozen=True)
class Dim:
    """A polynomial with integer coefficients: ``terms`` is sorted, holds no zero, and ``()`` is the constant's key."""

    terms: tuple[tuple[Monomial, int], ...]

    @staticmethod
    def of(terms: Mapping[Monomial, int]) -> Dim:
        return Dim(tuple(sorted((key, value) for key, value in terms.items() if value)))

    def __add__(self, other: Dim | int) -> Dim:
        total = dict(self.terms)
        for key, value in as_dim(other).terms:
            total[key] = total.get(key, 0) + value
        return Dim.of(total)

    def __mul__(self, other: Dim | int) -> Dim:
        product: dict[Monomial, int] = {}
        for key, value in self.terms:
            for other_key, other_value in as_dim(other).terms:
                both = tuple(sorted(key + other_key))
                product[both] = product.get(both, 0) + value * other_value
        return Dim.of(product)

    def __neg__(self) -> Dim:
        return self * -1

    def __sub__(self, other: Dim | int) -> Dim:
        return self + as_dim(other) * -1

    __radd__ = __add__
    __rmul__ = __mul__

    @cached_property
    def symbols(self) -> frozenset[Symbol]:
        return frozenset(symbol for key, _ in self.terms for symbol in key)

    @property
    def value(self) -> int | None:
        """The integer, if no symbol is left."""
        if not self.terms:
            return 0
        return self.terms[0][1] if len(self.terms) == 1 and not self.terms[0][0] else None

    @property
    def offset(self) -> int:
        """The constant term."""
        return dict(self.terms).get((), 0)

    @property
    def lone_symbol(self) -> Symbol | None:
        """The symbol, if the dim is one symbol and nothing else."""
        if len(self.terms) == 1 and self.terms[0][1] == 1 and len(self.terms[0][0]) == 1:
            return self.terms[0][0][0]
        return None

    def is_one(self) -> bool | None:
        """True, False, or None where it may be 1."""
        if self.value is not None:
            return self.value == 1
        divisor = math.gcd(*(value for key, value in self.terms if key))
        if divisor > 1 and (1 - self.offset) % divisor:
            return False
        if len(self.terms) == 1 and all(symbol.kind == "axis" for symbol in self.terms[0][0]):
            return False
        return False if (self - 2).is_nonnegative() else None

    @property
    def changes(self) -> bool:
        """Whether this may be another length in another trip of a loop."""
        return any(symbol.kind == "loop" for symbol in self.symbols)

    def is_nonnegative(self) -> bool:
        """Whether it is provably 0 or more (lengths are; other integers are not known)."""
        return all(value >= 0 and all(s.kind != "int" for s in key) for key, value in self.terms)

    def substitute(self, values: Mapping[Symbol, Dim]) -> Dim:
        if not any(symbol in values for symbol in self.symbols):
            return self
        total = constant(0)
        for key, value in self.terms:
            product = constant(value)
            for symbol in key:
                product = product * values.get(symbol, Dim((((symbol,), 1),)))
            total = total + product
        return total

    def __str__(self) -> str:
        terms = sorted(self.terms, key=lambda term: (not term[0], term[0]))
        text = " ".join(_term(key, value) for key, value in terms)
        return f"-{text[2:]}" if text.startswith("- ") else text.removeprefix("+ ") or "0"


def _term(key: Monomial, value: int) -> str:
    sign = "-" if value < 0 else "+"
    factors = [symbol.name for symbol in key]
    if abs(value) != 1 or not factors:
        factors.insert(0, str(abs(value)))
    return f"{sign} {'*'.join(factors)}"


def constant(value: int) -> Dim:
    return Dim.of({(): value})


def symbol_dim(name: str, kind: str) -> Dim:
    return Dim((((Symbol(name, kind),), 1),))


def axis(name: str) -> Dim:
    """A length that is known not to be 1 (an argument's axis, by the signature)."""
    return symbol_dim(name, "axis")


def size(name: str) -> Dim:
    """A length that may be 1 (a mask's count)."""
    return symbol_dim(name, "size")


def formula(text: str, *of: Dim) -> Dim:
    """A length that is no polynomial of the dims it depends on, named by its formula; equal texts are equal dims."""
    return symbol_dim(text, "loop" if any(dim.changes for dim in of) else "size")


def integer(name: str) -> Dim:
    """A run-time int (an argument, a loop counter)."""
    return symbol_dim(name, "int")


def as_dim(value: Dim | int) -> Dim:
    return constant(value) if isinstance(value, int) else value


@dataclass(frozen=True)
class Fact:
    """What a program text relies on: two dims are equal, or one dim is not 1.

    left, right: the dims (right is None for "left is not 1"); enforced: NumPy itself raises where it does not hold,
    so the guard need not repeat it.
    """

    left: Dim
    right: Dim | None = None
    enforced: bool = False

    def __str__(self) -> str:
        return f"{self.left} == {self.right}" if self.right is not None else f"{self.left} != 1"


class Facts:
    """The facts of one function: a growing list, and normal forms of dims under its equalities.

    Only equalities that hold wherever the function is entered belong here (none from inside a branch).

    >>> facts = Facts()
    >>> facts.equate(axis("m"), axis("n"), enforced=True)
    >>> facts.equal(axis("m") - 1, axis("n") - 1)
    True
    """

    def __init__(self, facts: Iterable[Fact] = (), derived: bool = False) -> None:
        """derived: for code that meets values of different trips, where lengths that a loop changes are never equal."""
        self.derived = derived
        self.facts: list[Fact] = []
        self._values: dict[Symbol, Dim] = {}
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        if fact in self.facts:
            return
        if fact.right is not None:
            difference = self.normal(fact.left) - self.normal(fact.right)
            if not difference.terms:
                return
            self._solve(difference)
        self.facts.append(fact)

    def equate(self, left: Dim, right: Dim, enforced: bool = False) -> None:
        self.add(Fact(left, right, enforced))

    def require_not_one(self, dim: Dim) -> None:
        self.add(Fact(dim))

    def _solve(self, difference: Dim) -> None:
        """Turn ``difference == 0`` into a substitution for a symbol that stands alone, if there is one.

        Axes are replaced last: more is known of them than of what they equal.
        """
        alone = [(key[0], value) for key, value in difference.terms if len(key) == 1 and abs(value) == 1]
        alone = [(s, value) for s, value in alone if sum(s in key for key, _ in difference.terms) == 1]
        for symbol, value in sorted(alone, key=lambda pair: pair[0].kind == "axis", reverse=True)[-1:]:
            solved = (Dim((((symbol,), value),)) - difference) * value
            self._values = {s: dim.substitute({symbol: solved}) for s, dim in self._values.items()}
            self._values[symbol] = solved

    def normal(self, dim: Dim) -> Dim:
        return dim.substitute(self._values)

    def equal(self, left: Dim | None, right: Dim | None) -> bool:
        if left is None or right is None or (self.derived and left.changes):
            return False
        return self.normal(left) == self.normal(right)

    def is_one(self, dim: Dim) -> bool | None:
        """The state of a dim: of itself, of what it is known to equal, or as a fact says."""
        state = dim.is_one()
        if state is None:
            normal = self.normal(dim)
            state = normal.is_one()
            if state is None and any(f.right is None and self.normal(f.left) == normal for f in self.facts):
                return False
        return state
