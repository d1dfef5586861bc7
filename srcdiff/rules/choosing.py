"""Entries that are chosen by conditions and by number, and grids of coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Value
from srcdiff.ir.opdef import TypingError
from srcdiff.ir.types import Array, Scalar

from .binding import METHODS, binds, operand, static
from .calculus import rank_of, strided
from .compose import composed
from .dtypes import array_code
from .fit import cast_to
from .kinds import constant
from .shapes import normal_axis

# --- reading by conditions


@binds(np.compress)
def _compress(b: Builder, condition: Any, a: Any, axis: Any = None) -> Value:
    """``a[condition]`` along an axis."""
    x, mask = operand(b, a), operand(b, condition)
    if axis is None:
        x, place = (x if rank_of(x, "np.compress") == 1 else b.op("ravel", x)), 0
    else:
        place = normal_axis(static(axis, "axis"), rank_of(x, "np.compress"))
    return strided(b, x, place, b.op("flatnonzero", mask))


METHODS["compress"] = lambda b, x, condition, axis=None: _compress(b, condition, x, axis)


@binds(np.extract)
def _extract(b: Builder, condition: Any, arr: Any) -> Value:
    items = [operand(b, item) for item in (arr, condition)]
    flat = [x if rank_of(x, "np.extract") == 1 else b.op("ravel", x) for x in items]
    return strided(b, flat[0], 0, b.op("flatnonzero", flat[1]))


constant("np.flatnonzero(x)", lambda typing, types, attrs: Array("i64", (typing.fresh_size("k"),)))


def _joined_code(choices: Sequence[Value]) -> str | None:
    if not all(isinstance(x.type, (Array, Scalar)) for x in choices):
        return None
    return array_code(np.add, [x.type for x in choices])  # type: ignore[misc]


def _select(b: Builder, *operands: Value, count: int) -> Value:
    """The first choice whose condition holds, as nested selections; the last operand where none does."""
    conditions, choices, found = operands[:count], operands[count:-1], operands[-1]
    code = _joined_code(operands[count:])
    number = isinstance(found.type, Scalar) and code is not None
    found = b.op("number", found, dtype=code) if number else cast_to(b, found, code)
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        found = b.op("where", condition, cast_to(b, choice, code), found)
    return found


composed(
    "select",
    lambda b, *operands, count: _select(b, *operands, count=count),
    "select",
    evaluate=lambda *operands, count: np.select(operands[:count], operands[count:-1], operands[-1]),
    spelling=lambda op, texts: (
        f"np.select([{', '.join(texts[: op.attrs['count']])}], "
        f"[{', '.join(texts[op.attrs['count'] : -1])}], {texts[-1]})"
    ),
)


@binds(np.select)
def _select_call(b: Builder, condlist: Any, choicelist: Any, default: Any = 0) -> Value:
    if isinstance(condlist, Value) or isinstance(choicelist, Value) or len(condlist) != len(choicelist):
        raise TypingError("np.select needs two lists of one length, written out", "SD050", "write `[a, b]`")
    items = [operand(b, item) for item in (*condlist, *choicelist, default)]
    return b.op("select", *items, count=len(condlist))


def _choose(b: Builder, where: Value, *choices: Value) -> Value:
    """The choice that each entry names, as nested selections."""
    code = _joined_code(choices)
    found, *others = (cast_to(b, choice, code) for choice in reversed(choices))
    for k, choice in zip(reversed(range(len(others))), others, strict=True):
        found = b.op("where", b.op("eq", where, k), choice, found)
    return found


composed(
    "choose",
    _choose,
    "choose",
    evaluate=lambda a, *choices: np.choose(a, choices),
    spelling=lambda op, texts: f"np.choose({texts[0]}, [{', '.join(texts[1:])}])",
)


@binds(np.choose)
def _choose_call(b: Builder, a: Any, choices: Any) -> Value:
    if isinstance(choices, Value):
        raise TypingError("np.choose needs its choices as a list, written out", "SD050", "write `[a, b]`")
    return b.op("choose", operand(b, a), *(operand(b, choice) for choice in choices))


# --- grids


@binds(np.meshgrid)
def _meshgrid(b: Builder, *xi: Any, indexing: Any = "xy", sparse: Any = False) -> tuple[Value, ...]:
    """Each vector along an axis of its own, repeated along the others."""
    items = [operand(b, x) for x in xi]
    rank = len(items)
    order = list(range(rank))
    if static(indexing, "indexing") == "xy" and rank > 1:
        order[:2] = [1, 0]
    vectors = [b.op("reshape", x, -1) if rank_of(x, "np.meshgrid") != 1 else x for x in items]
    lengths = [b.op("dim", vectors[order.index(k)], axis=0) for k in range(rank)]
    found = []
    for x, place in zip(vectors, order, strict=True):
        new = tuple(k for k in range(rank) if k != place)
        spread = b.op("expand_dims", x, axis=new if len(new) > 1 else new[0]) if new else x
        found.append(spread if static(sparse) else b.op("copy", b.op("broadcast_to", spread, *lengths)))
    return tuple(found)


@binds(np.broadcast_arrays)
def _broadcast_arrays(b: Builder, *args: Any) -> tuple[Value, ...]:
    items = [operand(b, x) for x in args]
    whole = items[0]
    for x in items[1:]:
        whole = b.op("add", b.op("zeros_like", whole), b.op("zeros_like", x))
    return tuple(b.op("broadcast_like", x, whole) for x in items)
