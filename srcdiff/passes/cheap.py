"""Which ops are worth computing twice rather than keeping their results."""

from __future__ import annotations

from srcdiff.ir.core import Op, Value
from srcdiff.ir.types import List, Scalar

from .dce import has_effect


def is_cheap(op: Op) -> bool:
    """Whether computing an op twice costs less than keeping its result."""
    if op.blocks or has_effect(op) or op.kind.updates is not None:
        return False
    if op.kind.cheap or op.name == "get":
        return True
    return all(_is_index(value) for value in (*op.inputs, *op.results))


def _is_index(value: Value) -> bool:
    """Ints, bools and ranges."""
    type_ = value.type
    if isinstance(type_, List):
        type_ = type_.item
    return isinstance(type_, Scalar) and type_.dtype[0] in "biu"


