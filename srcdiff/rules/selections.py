"""Functions that select entries of their operands: ``where``, ``maximum``, ``minimum``, ``clip``.

At a tie the derivative is 0 if one operand is active (the strict winner takes all); if both are, they share equally.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import Attrs, Typing
from srcdiff.ir.types import UNKNOWN, Array, Scalar, Type, Unknown, dims_of, join

from .binding import binds, operand
from .contributions import Masked, both, opposite, truth
from .dtypes import array_code, require_real
from .kinds import Choose, Dots, selection
from .shapes import broadcast, require_number


def _extremum(b: Builder, wins: str, own: Value, other: Value, shared: bool, g: Value) -> Masked:
    """What ``own`` gets of ``g`` against ``other``; wins: ``>`` or ``<``; shared: both are active."""
    names = {"own": own, "other": other, "g": g}
    if not shared:
        return Masked(g, read(b, f"own {wins} other", names))
    numbers = all(isinstance(value.type, Scalar) for value in (own, other, g))
    halved = "0.5 * g if own == other else g" if numbers else "where(own == other, 0.5 * g, g)"
    return Masked(read(b, halved, names), read(b, f"own {wins}= other", names))


def _choose_extremum(wins: str) -> Choose:
    def choose(b: Builder, op: Op, active: Sequence[bool], k: int, g: Value) -> Masked:
        return _extremum(b, wins, op.inputs[k], op.inputs[1 - k], all(active), g)

    return choose


_greatest, _least = _choose_extremum(">"), _choose_extremum("<")

selection("np.maximum(a, b)", _greatest)
selection("np.minimum(a, b)", _least)
selection("np.fmax(a, b)", _greatest)
selection("np.fmin(a, b)", _least)


def _infer_one_of(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type]:
    """Python's ``max`` and ``min`` give one of their operands as it is."""
    left, right = (require_number(type_, "the operands of `max` and `min`") for type_ in types)
    return (join(left, right),)


selection("max(a, b)", _greatest, infer=_infer_one_of)
selection("min(a, b)", _least, infer=_infer_one_of)


# --- clip: minimum(maximum(x, lo), hi)


def _choose_clip(b: Builder, op: Op, active: Sequence[bool], k: int, g: Value) -> Masked:
    x, lo, hi = op.inputs
    if list(active) == [True, False, False]:
        inside = both(b, read(b, "x > lo", {"x": x, "lo": lo}), read(b, "x < hi", {"x": x, "hi": hi}))
        assert inside is not None
        return Masked(g, inside)
    raised = b.op("maximum", x, lo)
    shared = active[2] and (active[0] or active[1])
    if k == 2:
        return _extremum(b, "<", hi, raised, shared, g)
    outer = _extremum(b, "<", raised, hi, shared, g)
    inner = _extremum(b, ">", op.inputs[k], op.inputs[1 - k], active[0] and active[1], outer.value)
    mask = both(b, inner.mask, outer.mask)
    assert mask is not None
    return Masked(inner.value, mask)


selection("np.clip(x, lo, hi)", _choose_clip, ufunc=np.maximum)
selection(
    "np.clip(x, lo, None)", _greatest, name="clip_low", ufunc=np.maximum, evaluate=lambda x, lo: np.clip(x, lo, None)
)
selection(
    "np.clip(x, None, hi)", _least, name="clip_high", ufunc=np.minimum, evaluate=lambda x, hi: np.clip(x, None, hi)
)


@binds(np.clip, method="clip")
def clip(b: Builder, a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Value:
    """``np.clip`` with either bound left out."""
    x, lo, hi = operand(b, a), min if a_min is None else a_min, max if a_max is None else a_max
    if lo is None and hi is None:
        raise TypeError("clip needs a bound")
    if lo is None or hi is None:
        return b.op("clip_high", x, operand(b, hi)) if lo is None else b.op("clip_low", x, operand(b, lo))
    return b.op("clip", x, operand(b, lo), operand(b, hi))


# --- where


def _choose_where(b: Builder, op: Op, active: Sequence[bool], k: int, g: Value) -> Masked | None:
    if k == 0:
        return None
    condition = op.inputs[0]
    return Masked(g, truth(b, condition) if k == 1 else opposite(b, condition))


def _join_where(b: Builder, op: Op, dots: Dots) -> Value | None:
    if dots[1] is None and dots[2] is None:
        return None
    return b.op("where", op.inputs[0], *(0.0 if dot is None else dot for dot in dots[1:]))


def _infer_where(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type]:
    if any(isinstance(type_, Unknown) for type_ in types):
        require_real(types)
        return (UNKNOWN,)
    code = array_code(np.add, types[1:])
    shapes = [dims for dims in map(dims_of, types) if dims is not None]
    return (Array(code, broadcast(typing, shapes) if len(shapes) == len(types) else None),)


selection("np.where(c, a, b)", _choose_where, _join_where, infer=_infer_where)
