"""Which of the author's operations may raise: their statements stay although nothing reads their results."""

from __future__ import annotations

from srcdiff.ir.core import AGAIN, Function, Op, constant_value, is_hole
from srcdiff.ir.types import Array, Scalar

from .missing import may_miss
from .pattern import Slice, parse

RAISING = frozenset("get set add_at matmul dot reshape concatenate stack np_solve inv solve".split())
RAISING_WHEN_EMPTY = frozenset("max min argmax argmin".split())
RAISING_ON_NUMBERS = frozenset("div floordiv mod pow".split())


class Raising:
    """Whether an op of the author's, or one inside its blocks, may raise: variables that are not bound, indices out of
    bounds, shapes that do not fit, division by zero, the largest entry of nothing."""

    def __init__(self, function: Function) -> None:
        self._missing = may_miss(function)

    def __call__(self, op: Op) -> bool:
        if op.blocks:
            return any(self(inner) for block in op.blocks for inner in block.ops)
        return not op.why and (self._unbound(op) or _may_raise(op))

    def _unbound(self, op: Op) -> bool:
        return not op.kind.moves and any(is_hole(value) or value in self._missing for value in op.inputs)


def _may_raise(op: Op) -> bool:
    if op.name in RAISING_WHEN_EMPTY:
        return any(isinstance(value.type, Array) for value in op.inputs)
    if op.kind.constant or op.form == AGAIN or (op.name == "get" and _is_slice(op)):
        return False
    if op.name in RAISING:
        return True
    python = all(isinstance(value.type, Scalar) and value.type.strength != "numpy" for value in op.inputs)
    if python:
        return op.name in RAISING_ON_NUMBERS or op.name.startswith("math_")
    arrays = [value.type for value in op.inputs if not isinstance(value.type, Scalar)]
    return op.kind.group in ("elementwise", "selection") and len(arrays) > 1 and len(set(arrays)) > 1


def _is_slice(op: Op) -> bool:
    """Whether a part is taken by slices alone, which are cut to the array."""
    x, *operands = op.inputs
    parts = [part for part in parse(op.attrs["index"]) if part not in ("...", "None")]
    if not isinstance(x.type, Array) or x.type.dims is None or len(parts) > len(x.type.dims):
        return False
    slices = [part for part in parts if isinstance(part, Slice)]
    steps = [constant_value(operands[part.step]) for part in slices if part.step is not None]
    return len(slices) == len(parts) and all(isinstance(step, int) and step != 0 for step in steps)
