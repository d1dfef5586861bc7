"""OpDef: the one record that declares an operation, and the table of all.

A rule file makes OpDefs; everybody else reads them. The record says what an op computes (``infer``, ``evaluate``), how
its results are stored (``storage``, ``effect``), how it is differentiated (``jvp``, ``vjp``) and how it is written in
NumPy (``spelling``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .dims import Dim, Facts, integer, size
from .types import Type

Attrs = Mapping[str, Any]


class TypingError(Exception):
    """An op cannot be applied to operands of these types; ``code`` is the diagnostic's, ``hint`` the way out."""

    def __init__(self, message: str, code: str = "SD013", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class Typing:
    """What typing an op may need beyond the operand types: the facts of the function and new symbols.

    conditional: inside a branch or a loop, where an equality that NumPy enforces must not be taken for granted
    elsewhere. taken: gives the names of symbols that are in use already; asked once, when the first new one is needed.
    """

    def __init__(self, facts: Facts | None = None, taken: Callable[[], Iterable[str]] = tuple) -> None:
        self.facts = facts or Facts()
        self.conditional = 0
        self._taken = taken
        self._names: set[str] | None = None
        self._counts: dict[str, int] = {}

    def reserve(self, names: Iterable[str]) -> None:
        """No new symbol gets one of these names."""
        if self._names is None:
            self._names = set(self._taken())
        self._names.update(names)

    def fresh_name(self, hint: str) -> str:
        """A name that no symbol has."""
        self.reserve(())
        while True:
            count = self._counts[hint] = self._counts.get(hint, 0) + 1
            if self._names is not None and f"{hint}_{count}" not in self._names:
                return f"{hint}_{count}"

    def fresh_size(self, hint: str = "k") -> Dim:
        """A new length that may be 1."""
        return size(self.fresh_name(hint))

    def fresh_int(self, hint: str = "i") -> Dim:
        """A new int, such as a loop counter."""
        return integer(self.fresh_name(hint))


@dataclass(frozen=True)
class Storage:
    """Where a result lives: ``"fresh"``, ``"view"`` of input ``of``, or ``"maybe"`` (either, as reshape)."""

    kind: str = "fresh"
    of: int = 0


FRESH = Storage()


def view_of(index: int) -> Storage:
    return Storage("view", index)


def may_view(index: int) -> Storage:
    return Storage("maybe", index)


Infer = Callable[[Typing, Sequence[Type], Attrs], tuple[Type, ...]]
Evaluate = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class OpDef:
    """One operation.

    name: its name in IR text; group: the kind it was declared by (``elementwise``, ``linear``, …, ``structure``);
    infer: operand types and attrs -> result types (raises TypingError); evaluate: ``evaluate(*inputs, **attrs)``, the
    meaning (one result, or a tuple for several); spelling: the NumPy text, with the operands' names, such as
    ``np.sum(x, axis=None, keepdims=False)``, or a function ``(op, operand texts) -> text``; storage: one entry for each
    result, or a function ``(operand types, attrs) -> entries`` where it depends on them (``get``); shape_only: inputs
    of which only shape and dtype are read; effect: keeps its order, is never removed, duplicated, merged or moved;
    updates: the input that result 0 is a changed version of (``set``, ``add_at``); moves: a hole as input is no error
    but a hole as result;
    jvp, vjp: the derivative (see ``srcdiff.rules.kinds``), None where there is none; constant: results carry no
    derivative (comparisons, argmax, shapes); cheap: one element-wise operation or less, worth computing twice rather
    than keeping.
    """

    name: str
    group: str
    infer: Infer
    evaluate: Evaluate
    spelling: str | Callable[..., str] = ""
    storage: tuple[Storage, ...] | Callable[[Sequence[Type], Attrs], tuple[Storage, ...]] = (FRESH,)
    shape_only: tuple[int, ...] = ()
    effect: bool = False
    updates: int | None = None
    moves: bool = False
    jvp: Callable[..., Any] | None = None
    vjp: Callable[..., Any] | None = None
    constant: bool = False
    cheap: bool = False
    info: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.name


OPS: dict[str, OpDef] = {}


def declare(opdef: OpDef) -> OpDef:
    """Enter an OpDef into the table; a name is declared once."""
    if opdef.name in OPS:
        raise ValueError(f"the operation {opdef.name!r} is declared twice")
    OPS[opdef.name] = opdef
    return opdef
