"""Functions that cut arrays up, put them together and turn them round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.opdef import TypingError, may_view, view_of
from srcdiff.ir.types import Array, Scalar

from .binding import binds, given, number, operand, static
from .calculus import part, rank_of, strided
from .compose import composed
from .fit import cast_to
from .shapes import array_dims, normal_axis
from .spelling import called

VIEW, MAYBE = (view_of(0),), (may_view(0),)

# --- turning


def _reversed(b: Builder, x: Value, *axes: int) -> Value:
    """``x[::-1]`` along these axes."""
    text = ", ".join("::@" if k in axes else ":" for k in range(max(axes) + 1))
    return b.op("get", x, *[-1] * len(axes), index=text)


def _at_least(b: Builder, x: Value, rank: int, what: str) -> Value:
    if rank_of(x, what) < rank:
        raise TypingError(f"{what} needs an array of rank {rank} or more")
    return x


composed("np.flipud(x)", lambda b, x: _reversed(b, _at_least(b, x, 1, "np.flipud"), 0), linear=1, storage=VIEW)
composed("np.fliplr(x)", lambda b, x: _reversed(b, _at_least(b, x, 2, "np.fliplr"), 1), linear=1, storage=VIEW)


def _rot90(b: Builder, x: Value, k: int, axes: Sequence[int]) -> Value:
    first, second = (normal_axis(axis, rank_of(x, "np.rot90")) for axis in axes)
    turns = k % 4
    if turns == 0:
        return b.op("get", x, index="...")
    if turns == 2:
        return _reversed(b, x, *sorted((first, second)))
    if turns == 1:
        return b.op("swapaxes", _reversed(b, x, second), axis1=first, axis2=second)
    return _reversed(b, b.op("swapaxes", x, axis1=first, axis2=second), second)


composed("np.rot90(x, k=1, axes=(0, 1))", _rot90, linear=1, storage=VIEW)


def _roll_axes(b: Builder, x: Value, shift: Any, axis: Any) -> Value:
    for places, along in zip(shift, axis, strict=True):
        x = b.op("roll", x, places, axis=along)
    return x


composed(
    "roll(x, shift=(0,), axis=(0,))", _roll_axes, "roll_axes", linear=1, evaluate=np.roll, spelling=called("np.roll")
)


@binds(np.roll)
def _roll(b: Builder, a: Any, shift: Any, axis: Any = None) -> Value:
    along = static(axis, "axis")
    if not isinstance(along, tuple) and not isinstance(shift, (tuple, list)):
        return b.op("roll", operand(b, a), number(b, shift), **given(axis=along))
    axes = along if isinstance(along, tuple) else (along,)
    places = static(shift, "shift")
    places = places if isinstance(places, tuple) else (places,) * len(axes)
    return b.op("roll_axes", operand(b, a), shift=places, axis=axes * (len(places) if len(axes) == 1 else 1))


@binds(np.rollaxis)
def _rollaxis(b: Builder, a: Any, axis: Any, start: Any = 0) -> Value:
    """``np.rollaxis`` as the permutation that it is."""
    x = operand(b, a)
    rank = rank_of(x, "np.rollaxis")
    place, to = normal_axis(static(axis, "axis"), rank), static(start, "start")
    to += rank if to < 0 else 0
    order = [k for k in range(rank) if k != place]
    order.insert(to - (place < to), place)
    return b.op("transpose", x, axes=tuple(order))


# --- ranks


def _atleast(name: str, rank: int) -> None:
    def body(b: Builder, x: Value) -> Value:
        have = rank_of(x, f"np.{name}")
        if isinstance(x.type, Scalar) or have == 0:
            return b.op("reshape", x, *[1] * rank)
        if have >= rank:
            return b.op("get", x, index="...")
        if rank == 3:
            return b.op("expand_dims", x, axis=(0, 2) if have == 1 else 2)
        return b.op("expand_dims", x, axis=0)

    composed(f"np.{name}(x)", body, linear=1, storage=MAYBE)


for _rank in (1, 2, 3):
    _atleast(f"atleast_{_rank}d", _rank)

# --- cutting


@binds(np.array_split)
def _array_split(b: Builder, ary: Any, indices_or_sections: Any, axis: Any = 0) -> tuple[Value, ...]:
    """The slices that ``np.array_split`` gives: bounds as they are written, or parts of nearly one length."""
    x, place = operand(b, ary), static(axis, "axis")
    place = normal_axis(place, rank_of(x, "np.split"))
    if isinstance(indices_or_sections, (tuple, list)):
        bounds = [None, *(number(b, bound) for bound in indices_or_sections), None]
        return tuple(_between(b, x, place, *pair) for pair in zip(bounds[:-1], bounds[1:], strict=True))
    count = static(indices_or_sections, "indices_or_sections")
    if not isinstance(count, int) or count < 1:
        raise TypingError("the number of parts must be an int above 0")
    length = array_dims(x.type, "np.split")[place].value
    if length is not None:
        cuts = np.cumsum([0] + [length // count + (k < length % count) for k in range(count)]).tolist()
        return tuple(_between(b, x, place, *pair) for pair in zip(cuts[:-1], cuts[1:], strict=True))
    whole = b.op("dim", x, axis=place)
    size, extra = (b.op(name, whole, count) for name in ("floordiv", "mod"))
    cut = [b.op("add", b.op("mul", size, k), b.op("min_", extra, k)) for k in range(1, count)]
    bounds = [None, *cut, None]
    return tuple(_between(b, x, place, *pair) for pair in zip(bounds[:-1], bounds[1:], strict=True))


def _between(b: Builder, x: Value, axis: int, start: Any, stop: Any) -> Value:
    bounds = [bound for bound in (start, stop) if bound is not None]
    text = f"{'@' if start is not None else ''}:{'@' if stop is not None else ''}"
    return b.op("get", x, *bounds, index=", ".join([":"] * axis + [text]))


@binds(np.split)
def _split(b: Builder, ary: Any, indices_or_sections: Any, axis: Any = 0) -> tuple[Value, ...]:
    """Parts of one length; NumPy raises where the length is not a multiple of their number."""
    if isinstance(indices_or_sections, (tuple, list)):
        return _array_split(b, ary, indices_or_sections, axis)
    x, place, count = operand(b, ary), static(axis, "axis"), static(indices_or_sections, "indices_or_sections")
    place = normal_axis(place, rank_of(x, "np.split"))
    lengths = [b.op("dim", x, axis=k) for k in range(rank_of(x, "np.split"))]
    folded = b.op("reshape", x, *lengths[:place], count, b.op("floordiv", lengths[place], count), *lengths[place + 1 :])
    return tuple(strided(b, folded, place, k) for k in range(count))


@binds(np.hsplit)
def _hsplit(b: Builder, ary: Any, indices_or_sections: Any) -> tuple[Value, ...]:
    x = operand(b, ary)
    return _split(b, x, indices_or_sections, 0 if rank_of(x, "np.hsplit") == 1 else 1)


@binds(np.vsplit)
def _vsplit(b: Builder, ary: Any, indices_or_sections: Any) -> tuple[Value, ...]:
    return _split(b, ary, indices_or_sections, 0)


@binds(np.dsplit)
def _dsplit(b: Builder, ary: Any, indices_or_sections: Any) -> tuple[Value, ...]:
    return _split(b, ary, indices_or_sections, 2)


# --- joining


def _append(b: Builder, x: Value, values: Value, axis: int | None) -> Value:
    if axis is not None:
        return b.op("concatenate", x, values, **given(axis=axis or None))
    flat = [v if rank_of(v, "np.append") == 1 else b.op("reshape", v, -1) for v in (x, values)]
    return b.op("concatenate", *flat)


composed("np.append(x, values, axis=None)", _append, linear=2)


@binds(np.dstack)
def _dstack(b: Builder, tup: Any) -> Value:
    """The arrays with three axes, joined along the third."""
    if isinstance(tup, Value):
        raise TypingError("the arrays to join must be written as a list or tuple", "SD050", "write `[a, b]`")
    return b.op("concatenate", *(b.op("atleast_3d", operand(b, item)) for item in tup), axis=2)


@binds(np.block)
def _block(b: Builder, arrays: Any) -> Value:
    """Lists of one depth: the innermost are joined along the last axis."""

    def depth(item: Any) -> int:
        return 1 + depth(item[0]) if isinstance(item, (tuple, list)) else 0

    def leaves(item: Any) -> list[Value]:
        return [v for one in item for v in leaves(one)] if isinstance(item, (tuple, list)) else [operand(b, item)]

    levels = depth(arrays)
    rank = max([levels, *(rank_of(x, "np.block") for x in leaves(arrays))])

    def lifted(x: Value) -> Value:
        have = rank_of(x, "np.block")
        if isinstance(x.type, Scalar) or not have:
            return b.op("reshape", x, *[1] * rank)
        return x if have == rank else b.op("expand_dims", x, axis=tuple(range(rank - have)))

    def joined(item: Any, axis: int) -> Value:
        if not isinstance(item, (tuple, list)):
            return lifted(operand(b, item))
        return b.op("concatenate", *(joined(one, axis + 1) for one in item), **given(axis=axis or None))

    return joined(arrays, rank - levels)


def _insert(b: Builder, x: Value, values: Value, index: int, axis: int | None) -> Value:
    """The part before, what is inserted, the part behind."""
    if axis is None:
        x, axis = (x if rank_of(x, "np.insert") == 1 else b.op("ravel", x)), 0
    place, rank = normal_axis(axis, rank_of(x, "np.insert")), rank_of(x, "np.insert")
    if rank_of(values, "np.insert") < rank:
        shape = [b.op("dim", x, axis=k) for k in range(rank) if k != place]
        slab = b.op("broadcast_to", values, *shape) if shape and rank_of(values, "") < rank - 1 else values
        values = b.op("expand_dims", slab, axis=place) if shape else b.op("reshape", slab, -1)
    values = cast_to(b, values, getattr(x.type, "dtype", None))
    front, back = part(b, x, place, None, index), part(b, x, place, index)
    return b.op("concatenate", front, values, back, **given(axis=place or None))


composed(
    "np.insert(x, values, index=0, axis=None)",
    _insert,
    linear=2,
    evaluate=lambda x, values, index=0, axis=None: np.insert(x, index, values, axis),
    spelling=lambda op, texts: f"np.insert({texts[0]}, {op.attrs.get('index', 0)}, {texts[1]}{_axis(op)})",
)


def _axis(op: Op) -> str:
    return f", axis={op.attrs['axis']}" if op.attrs.get("axis") is not None else ""


@binds(np.insert)
def _insert_call(b: Builder, arr: Any, obj: Any, values: Any, axis: Any = None) -> Value:
    index = static(obj, "obj")
    if not isinstance(index, int):
        raise TypingError("np.insert at several places has no rule", "SD010", "insert one after the other")
    return b.op("insert", operand(b, arr), operand(b, values), index=index, **given(axis=static(axis, "axis")))


def _delete(b: Builder, x: Value, index: Any, axis: int | None) -> Value:
    """Every entry but those that are named."""
    if axis is None:
        x, axis = (x if rank_of(x, "np.delete") == 1 else b.op("ravel", x)), 0
    place = normal_axis(axis, rank_of(x, "np.delete"))
    if isinstance(index, int):
        cuts = [part(b, x, place, None, index)] + ([part(b, x, place, index + 1)] if index != -1 else [])
        return b.op("concatenate", *cuts, **given(axis=place or None))
    left = b.op("delete", b.op("arange", b.op("dim", x, axis=place)), index=index)
    return strided(b, x, place, left)


def _infer_delete(typing: Any, types: Sequence[Any], attrs: Any) -> Any:
    (type_,), index = types, attrs.get("index", 0)
    b = Builder()
    b.typing = typing
    dims = array_dims(type_, "np.delete")
    axis = attrs.get("axis")
    if isinstance(index, int):
        return _delete(b, Value(type_), index, axis).type
    place = 0 if axis is None else normal_axis(axis, len(dims))
    flat = array_dims(b.op("ravel", Value(type_)).type, "np.delete") if axis is None else dims
    return Array(getattr(type_, "dtype", None), (*flat[:place], typing.fresh_size("k"), *flat[place + 1 :]))


composed(
    "np.delete(x, index=0, axis=None)",
    _delete,
    linear=1,
    infer=_infer_delete,
    evaluate=lambda x, index=0, axis=None: np.delete(x, index, axis),
    spelling=lambda op, texts: f"np.delete({texts[0]}, {op.attrs.get('index', 0)}{_axis(op)})",
)


@binds(np.delete)
def _delete_call(b: Builder, arr: Any, obj: Any, axis: Any = None) -> Value:
    return b.op("delete", operand(b, arr), index=static(obj, "obj"), **given(axis=static(axis, "axis")))
