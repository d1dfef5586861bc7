"""Functions that cut arrays up, put them together, turn them, pad them, and read them by conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.opdef import TypingError, may_view, view_of
from srcdiff.ir.types import Array, Scalar

from .binding import METHODS, binds, given, number, operand, static
from .calculus import part, rank_of, strided
from .compose import composed
from .dtypes import array_code
from .fit import cast_to
from .kinds import constant
from .shapes import array_dims, normal_axes, normal_axis
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


composed("roll(x, shift=(0,), axis=(0,))", _roll_axes, "roll_axes", linear=1, evaluate=np.roll, spelling=called("np.roll"))


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
    values = cast_to(b, values, getattr(x.type, "dtype", None))
    if rank_of(values, "np.insert") < rank:
        shape = [b.op("dim", x, axis=k) for k in range(rank) if k != place]
        slab = b.op("broadcast_to", values, *shape) if shape and rank_of(values, "") < rank - 1 else values
        values = b.op("expand_dims", slab, axis=place) if shape else b.op("reshape", slab, -1)
    front, back = part(b, x, place, None, index), part(b, x, place, index)
    return b.op("concatenate", front, values, back, **given(axis=place or None))


composed("np.insert(x, values, index=0, axis=None)", _insert, linear=2,
         evaluate=lambda x, values, index=0, axis=None: np.insert(x, index, values, axis),
         spelling=lambda op, texts: f"np.insert({texts[0]}, {op.attrs.get('index', 0)}, {texts[1]}{_axis(op)})")


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


composed("np.delete(x, index=0, axis=None)", _delete, linear=1, infer=_infer_delete,
         evaluate=lambda x, index=0, axis=None: np.delete(x, index, axis),
         spelling=lambda op, texts: f"np.delete({texts[0]}, {op.attrs.get('index', 0)}{_axis(op)})")


@binds(np.delete)
def _delete_call(b: Builder, arr: Any, obj: Any, axis: Any = None) -> Value:
    return b.op("delete", operand(b, arr), index=static(obj, "obj"), **given(axis=static(axis, "axis")))


# --- padding


def _widths(widths: Any, rank: int) -> list[tuple[int, int]]:
    """How much is put in front and behind of each axis."""
    if isinstance(widths, int):
        return [(widths, widths)] * rank
    if all(isinstance(item, int) for item in widths):
        pair = tuple(widths) if len(widths) == 2 else (widths[0],) * 2
        return [pair] * rank
    pairs = [tuple(item) if len(item) == 2 else (item[0],) * 2 for item in widths]
    return pairs * rank if len(pairs) == 1 else pairs


def _infer_pad(typing: Any, types: Sequence[Any], attrs: Any) -> Any:
    dims = array_dims(types[0], "np.pad")
    pairs = _widths(attrs["widths"], len(dims))
    if len(pairs) != len(dims):
        raise TypingError(f"np.pad: {attrs['widths']} does not fit an array of rank {len(dims)}")
    padded = tuple(dim + before + after for dim, (before, after) in zip(dims, pairs, strict=True))
    return Array(getattr(types[0], "dtype", None), padded)


def _pad_with(b: Builder, x: Value, value: Value, widths: Any) -> Value:
    """An array full of the value, with the operand in its middle."""
    pairs = _widths(widths, rank_of(x, "np.pad"))
    lengths = [b.op("dim", x, axis=k) for k in range(len(pairs))]
    whole = [b.op("add", length, before + after) for length, (before, after) in zip(lengths, pairs, strict=True)]
    code = getattr(x.type, "dtype", None)
    full = b.op("full", value, *whole, **given(dtype=code))
    parts, bounds = [], []
    for length, (before, after) in zip(lengths, pairs, strict=True):
        parts.append(f"{'@' if before else ''}:{'@' if after else ''}")
        bounds += ([before] if before else []) + ([b.op("add", length, before) if before else length] if after else [])
    return b.op("set", full, x, *bounds, index=", ".join(parts))


def _evaluate_pad_with(x: Any, value: Any, widths: Any = 0) -> Any:
    return np.pad(x, widths, constant_values=value)


composed("pad_with(x, value, widths=0)", _pad_with, "pad_with", infer=_infer_pad, evaluate=_evaluate_pad_with,
         spelling=lambda op, texts: f"np.pad({texts[0]}, {op.attrs['widths']}, constant_values={texts[1]})")
composed("pad_zeros(x, widths=0)", lambda b, x, widths: _pad_with(b, x, b.constant(0.0), widths), "pad_zeros", linear=1, infer=_infer_pad,
         evaluate=lambda x, widths=0: np.pad(x, widths),
         spelling=lambda op, texts: f"np.pad({texts[0]}, {op.attrs['widths']})")


def _pad(b: Builder, x: Value, widths: Any, mode: str) -> Value:
    """Along each axis the entries that the padded indices name."""
    for axis, (before, after) in enumerate(_widths(widths, rank_of(x, "np.pad"))):
        if before or after:
            places = b.op("arange", b.op("dim", x, axis=axis))
            x = strided(b, x, axis, b.op("pad", places, widths=(before, after), mode=mode))
    return x


composed("pad(x, widths=0, mode='edge')", _pad, "pad", linear=1, infer=_infer_pad,
         evaluate=lambda x, widths, mode: np.pad(x, widths, mode=mode),
         spelling=lambda op, texts: f"np.pad({texts[0]}, {op.attrs['widths']}, mode={op.attrs['mode']!r})")


@binds(np.pad)
def _pad_call(b: Builder, array: Any, pad_width: Any, mode: Any = "constant", constant_values: Any = None) -> Value:
    x, widths, how = operand(b, array), static(pad_width, "pad_width"), static(mode, "mode")
    if how == "constant":
        if constant_values is None:
            return b.op("pad_zeros", x, widths=widths)
        return b.op("pad_with", x, number(b, constant_values), widths=widths)
    if how not in ("edge", "wrap", "reflect", "symmetric"):
        hint = "write 'constant', 'edge', 'reflect', 'symmetric' or 'wrap'"
        raise TypingError(f"np.pad with mode={how!r} has no rule", "SD010", hint)
    return b.op("pad", x, widths=widths, mode=how)


# --- views of windows


def _windows(b: Builder, x: Value, window: Any, axis: Any) -> Value:
    """``x[..., i:i + window]`` for every i, as a gather: a cell that several windows share gets from all."""
    axes = normal_axes(axis, rank_of(x, "sliding_window_view"))
    lengths = (window,) if isinstance(window, int) else window
    for place, length in zip(axes, lengths, strict=True):
        starts = b.op("arange", b.op("sub", b.op("dim", x, axis=place), length - 1))
        where = b.op("add", b.op("expand_dims", starts, axis=1), b.op("arange", length))
        x = strided(b, x, place, where)
        rank = rank_of(x, "")
        x = b.op("transpose", x, axes=(*range(place + 1), *range(place + 2, rank), place + 1))
    return x


composed("windows(x, window_shape=1, axis=None)", lambda b, x, window_shape, axis: _windows(b, x, window_shape, axis),
         "windows", linear=1,
         evaluate=lambda x, window_shape, axis=None: np.lib.stride_tricks.sliding_window_view(x, window_shape, axis).copy(),
         spelling=called("np.lib.stride_tricks.sliding_window_view"))


@binds(np.lib.stride_tricks.sliding_window_view)
def _sliding_window_view(b: Builder, x: Any, window_shape: Any, axis: Any = None) -> Value:
    attrs = {"window_shape": static(window_shape, "window_shape"), **given(axis=static(axis, "axis"))}
    return b.op("windows", operand(b, x), **attrs)


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
    flat = [v if rank_of(v, "np.extract") == 1 else b.op("ravel", v) for v in map(lambda v: operand(b, v), (arr, condition))]
    return strided(b, flat[0], 0, b.op("flatnonzero", flat[1]))


constant("np.flatnonzero(x)", lambda typing, types, attrs: Array("i64", (typing.fresh_size("k"),)))


def _joined_code(choices: Sequence[Value]) -> str | None:
    return array_code(np.add, [x.type for x in choices])  # type: ignore[misc]


def _select(b: Builder, *operands: Value, count: int) -> Value:
    """The first choice whose condition holds, as nested selections; the last operand where none does."""
    conditions, choices, found = operands[:count], operands[count:-1], operands[-1]
    code = _joined_code(operands[count:])
    found = cast_to(b, found, code) if not isinstance(found.type, Scalar) or code is None else b.op("number", found, dtype=code)
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        found = b.op("where", condition, cast_to(b, choice, code), found)
    return found


composed(
    "select",
    lambda b, *operands, count: _select(b, *operands, count=count),
    "select",
    evaluate=lambda *operands, count: np.select(operands[:count], operands[count:-1], operands[-1]),
    spelling=lambda op, texts: f"np.select([{', '.join(texts[: op.attrs['count']])}], "
    f"[{', '.join(texts[op.attrs['count'] : -1])}], {texts[-1]})",
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
