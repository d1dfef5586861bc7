"""What a reverse rule may give for an input besides a plain value.

A contribution is None (nothing), a Value, a Masked (a selection that is still pending) or an Update (a change of the
accumulator in place of a sum with it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Value
from srcdiff.ir.expr import read
from srcdiff.ir.types import Scalar, kind


@dataclass(frozen=True)
class Masked:
    """``np.where(mask, value, 0)`` that is not applied yet.

    The mask is applied last in a chain of element-wise operations, so that a nan of what was not selected goes nowhere.
    """

    value: Value
    mask: Value


@dataclass(frozen=True)
class Update:
    """A contribution that is made by changing the accumulator: ``apply(b, accumulator)`` is the new accumulator."""

    apply: Callable[[Builder, Value], Value]


Contribution = Value | Masked | Update | None


def applied(b: Builder, contribution: Value | Masked) -> Value:
    """The value of a contribution with its mask applied."""
    if not isinstance(contribution, Masked):
        return contribution
    value, mask = contribution.value, contribution.mask
    made = b.definitions.get(mask)
    negated = made is not None and made.name in ("invert", "not_")
    numbers = isinstance(value.type, Scalar) and isinstance(mask.type, Scalar)
    condition = made.inputs[0] if made is not None and negated else mask
    return read(b, _SELECTED[numbers, negated], {"v": value, "m": condition})


_SELECTED = {
    (True, False): "v if m else 0.0",
    (True, True): "0.0 if m else v",
    (False, False): "where(m, v, 0.0)",
    (False, True): "where(m, 0.0, v)",
}
"""How a mask is applied, by (all are numbers, the mask is a negation)."""


def both(b: Builder, first: Value | None, second: Value | None) -> Value | None:
    """The conjunction of two masks; None is the mask that selects everything."""
    if first is None or second is None:
        return second if first is None else first
    return b.op("bit_and", first, second)


def truth(b: Builder, condition: Value) -> Value:
    """A condition as booleans: itself, or ``condition != 0`` where it is a number or an array of numbers."""
    return condition if _is_boolean(condition) else b.op("ne", condition, 0)


def opposite(b: Builder, condition: Value) -> Value:
    """The negation of a condition, element by element."""
    if not _is_boolean(condition):
        return b.op("eq", condition, 0)
    python = isinstance(condition.type, Scalar) and condition.type.strength != "numpy"
    return b.op("not_" if python else "invert", condition)


def _is_boolean(condition: Value) -> bool:
    return kind(getattr(condition.type, "dtype", None)) == "b"
