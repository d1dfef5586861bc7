"""Rules of ``simplify`` for writes into adjoint arrays.

Before::

    t = full_like(part, g)              # part is row[1:]
    row_bar = add_at(zeros_like(row), t, 1, index="@:")
    A_bar2 = add_at(A_bar, row_bar, i)

After::

    A_bar2 = add_at(A_bar, g, i, 1, index="@, @:")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from srcdiff.ir.core import Value
from srcdiff.ir.dims import Dim
from srcdiff.ir.types import Array
from srcdiff.rules.pattern import composed
from srcdiff.rules.regions import is_basic, place, region

from .cse import identity
from .simplify import SPREAD, Rule, Simplify, number, rule


@rule("add_at")
def add_after_clear(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    """Clearing a cell and adding to it is one assignment."""
    target, added, *index = inputs
    cleared = p.b.definitions.get(target)
    if attrs.get("repeats") or cleared is None or cleared.name != "set" or not cleared.why:
        return None
    base, written, *written_index = cleared.inputs
    same = [identity(v) for v in index] == [identity(v) for v in written_index]
    if number(written) == 0 and same and cleared.attrs["index"] == attrs["index"] and p.uses[target] == 1:
        return p.make("set", base, added, *index, **place(attrs))
    return None


def _unspread(name: str) -> Rule:
    """A value that is repeated over the region that is written repeats itself."""

    def attempt(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
        target, value, *index = inputs
        for op, position in SPREAD.items():
            operands = p.made_by(value, op)
            if operands is not None and p.equal_dims(_dims(value), _region(p, target, index, attrs)):
                return p.make(name, target, operands[position], *index, **attrs)
        return None

    return attempt


for _name in ("set", "add_at"):
    rule(_name)(_unspread(_name))


@rule("add_at")
def add_part_of_nothing(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    """A region of zeros with something in it is added where that is."""
    target, value, *index = inputs
    inner = p.b.definitions.get(value)
    if inner is None or inner.name not in ("set", "add_at") or not inner.why or p.uses[value] != 1:
        return None
    empty, part, *inner_index = inner.inputs
    types = [v.type for v in index], [v.type for v in inner_index]
    basic = is_basic(attrs["index"], types[0]) and is_basic(inner.attrs["index"], types[1])
    if not basic or p.made_by(empty, "zeros_like") is None or p.uses[empty] != 1:
        return None
    both = composed(attrs["index"], inner.attrs["index"])
    if both is None or not p.equal_dims(_dims(value), _region(p, target, index, attrs)):
        return None
    pattern, order = both
    operands = [*index, *inner_index]
    with p.b.at(inner.stmt, inner.loc, inner.why):
        return p.make("add_at", target, part, *(operands[k] for k in order), **{**attrs, "index": pattern})


def _dims(value: Value) -> tuple[Dim, ...] | None:
    return value.type.dims if isinstance(value.type, Array) else None


def _region(p: Simplify, target: Value, index: Sequence[Value], attrs: Any) -> Sequence[Dim] | None:
    dims = _dims(target)
    return None if dims is None else region(p.b.typing, dims, attrs, [value.type for value in index])
