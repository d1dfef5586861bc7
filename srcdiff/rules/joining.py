"""Functions that put arrays together, and that repeat or rotate their entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.opdef import Attrs, Typing, TypingError, view_of
from srcdiff.ir.types import DTYPES, Array, List, Type, dtype_code

from .binding import FUNCTIONS, binds, given, integer, operand, static
from .kinds import jointly_linear, linear
from .shapes import array_dims, enforce, normal_axes, normal_axis, product
from .shaping import like


def common_code(types: Sequence[Type], what: str) -> str | None:
    """The dtype code of arrays put together."""
    if not types:
        raise TypingError(f"{what} needs at least one array")
    codes = [getattr(type_, "dtype", None) for type_ in types]
    return None if None in codes else dtype_code(np.result_type(*(DTYPES[code] for code in codes if code)))


def _infer_concatenate(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    shapes = [array_dims(type_, "np.concatenate") for type_ in types]
    code = common_code(types, "np.concatenate")
    first = shapes[0]
    if any(len(dims) != len(first) for dims in shapes) or not first:
        raise TypingError("np.concatenate needs arrays of one rank, above 0")
    axis = normal_axis(attrs.get("axis", 0), len(first))
    for dims in shapes[1:]:
        for k, (one, other) in enumerate(zip(first, dims, strict=True)):
            if k != axis:
                enforce(typing, one, other)
    total = reduce(lambda sum_, dims: sum_ + dims[axis], shapes, fixed(0))
    return Array(code, (*first[:axis], total, *first[axis + 1 :]))


def _slab(b: Builder, op: Op, g: Value, k: int) -> Value:
    """The part of the cotangent that belongs to operand ``k``."""
    axis = normal_axis(op.attrs.get("axis", 0), len(array_dims(op.inputs[k].type, "np.concatenate")))
    lengths = [b.op("dim", x, axis=axis) for x in op.inputs[: k + (k + 1 < len(op.inputs))]]
    start = reduce(lambda left, right: b.op("add", left, right), lengths[:k]) if k else None
    stop = None
    if k + 1 < len(op.inputs):
        stop = lengths[k] if start is None else b.op("add", start, lengths[k])
    bounds = [bound for bound in (start, stop) if bound is not None]
    text = f"{'@' if start is not None else ''}:{'@' if stop is not None else ''}"
    return b.op("get", g, *bounds, index=", ".join([":"] * axis + [text]))


def _spell_joined(name: str) -> Callable[..., str]:
    def spelling(op: Op, texts: Sequence[str]) -> str:
        axis = op.attrs.get("axis", 0)
        listed = f"[{', '.join(texts)}]"
        if "via" in op.attrs:
            return f"np.{op.attrs['via']}({listed})"
        return f"np.{name}({listed}{f', axis={axis}' if axis else ''})"

    return spelling


def _joined(function: Callable[..., Any]) -> Callable[..., Any]:
    def evaluate(*arrays: Any, axis: int = 0, via: str = "") -> Any:
        return function(arrays, axis=axis)

    return evaluate


jointly_linear(
    "concatenate",
    _slab,
    _infer_concatenate,
    "concatenate",
    evaluate=_joined(np.concatenate),
    spelling=_spell_joined("concatenate"),
)


def _infer_stack(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    code = common_code(types, "np.stack")
    shapes = [array_dims(type_, "np.stack") for type_ in types]
    first = shapes[0]
    for dims in shapes[1:]:
        if len(dims) != len(first):
            raise TypingError("np.stack needs arrays of one shape")
        for one, other in zip(first, dims, strict=True):
            enforce(typing, one, other)
    axis = normal_axis(attrs.get("axis", 0), len(first) + 1)
    return Array(code, (*first[:axis], fixed(len(types)), *first[axis:]))


def _layer(b: Builder, op: Op, g: Value, k: int) -> Value:
    axis = normal_axis(op.attrs.get("axis", 0), len(array_dims(g.type, "np.stack")))
    return b.op("get", g, k, index=", ".join([":"] * axis + ["@"]))


jointly_linear("stack", _layer, _infer_stack, "stack", evaluate=_joined(np.stack), spelling=_spell_joined("stack"))


def _arrays(b: Builder, arrays: Any) -> list[Value]:
    if isinstance(arrays, Value):
        raise TypingError("the arrays to join must be written as a list or tuple", "SD050", "write `[a, b]`")
    return [operand(b, array) for array in arrays]


def _is_list(arrays: Any) -> bool:
    return isinstance(arrays, Value) and isinstance(arrays.type, List)


def _of_list(b: Builder, arrays: Value, name: str, axis: int | None) -> Value:
    """The arrays of a list of run-time length, put together along an axis."""
    made = b.op("array_of_list", arrays, **given(via="stack" if name == "stack" and axis == 0 else None))
    rank = len(array_dims(made.type, f"np.{name}"))
    if name == "stack":
        place = normal_axis(axis or 0, rank)
        return made if place == 0 else FUNCTIONS[np.moveaxis](b, made, 0, place)  # type: ignore[no-any-return]
    if rank == 1:
        raise TypingError("np.concatenate needs arrays, and these are numbers", "SD012", "write np.array")
    if axis is not None:
        place = normal_axis(axis, rank - 1)
        made = made if place == 0 else FUNCTIONS[np.moveaxis](b, made, 0, place)
    lengths = [b.op("dim", made, axis=k) for k in range(rank)]
    if axis is None:
        return b.op("ravel", made)
    both = b.op("mul", lengths[place], lengths[place + 1])
    shape = (*lengths[:place], both, *lengths[place + 2 :])
    return FUNCTIONS[np.reshape](b, made, shape)  # type: ignore[no-any-return]


def _axis(axis: Any, rank: int) -> dict[str, Any]:
    place = static(axis, "axis")
    return given(axis=place if normal_axis(place, rank) else None)


@binds(np.concatenate)
def _concatenate(b: Builder, arrays: Any, axis: Any = 0) -> Value:
    if _is_list(arrays):
        return _of_list(b, arrays, "concatenate", static(axis, "axis"))
    items = _arrays(b, arrays)
    if axis is None:
        return b.op("concatenate", *(b.op("ravel", item) for item in items))
    return b.op("concatenate", *items, **_axis(axis, len(array_dims(items[0].type, "np.concatenate")) or 1))


@binds(np.stack)
def _stack(b: Builder, arrays: Any, axis: Any = 0) -> Value:
    if _is_list(arrays):
        return _of_list(b, arrays, "stack", static(axis, "axis"))
    items = _arrays(b, arrays)
    return b.op("stack", *items, **_axis(axis, len(array_dims(items[0].type, "np.stack")) + 1))


@binds(np.vstack)
def _vstack(b: Builder, tup: Any) -> Value:
    return _by_rank(b, tup, "vstack", stacked=0, joined=0)


@binds(np.hstack)
def _hstack(b: Builder, tup: Any) -> Value:
    items = _arrays(b, tup)
    flat = len(array_dims(items[0].type, "np.hstack")) == 1
    return b.op("concatenate", *items, via="hstack", **given(axis=None if flat else 1))


@binds(np.column_stack)
def _column_stack(b: Builder, tup: Any) -> Value:
    return _by_rank(b, tup, "column_stack", stacked=1, joined=1)


def _by_rank(b: Builder, tup: Any, via: str, stacked: int, joined: int) -> Value:
    """Vectors become rows or columns, arrays are joined."""
    items = _arrays(b, tup)
    ranks = {len(array_dims(item.type, f"np.{via}")) for item in items}
    if ranks == {1, 2}:
        new = 1 if joined else 0
        rows = [b.op("expand_dims", x, axis=new) if len(array_dims(x.type, via)) == 1 else x for x in items]
        return b.op("concatenate", *rows, **given(axis=joined or None))
    if len(ranks) > 1 or 0 in ranks:
        raise TypingError(f"np.{via} of arrays of several ranks is not supported", "SD010", "use np.concatenate")
    name, axis = ("stack", stacked) if ranks == {1} else ("concatenate", joined)
    return b.op(name, *items, via=via, **given(axis=axis or None))


# --- flip, roll, repeat, tile


def _infer_same(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims, axis = array_dims(types[0], "this function"), attrs.get("axis")
    normal_axes(axis, len(dims))
    return like(types[0], dims)


linear("np.flip(x, axis=None)", lambda b, op, g: b.op("flip", g, **op.attrs), _infer_same, storage=(view_of(0),))


def _spell_roll(op: Op, texts: Sequence[str]) -> str:
    axis = op.attrs.get("axis")
    return f"np.roll({', '.join(texts)}{'' if axis is None else f', axis={axis}'})"


linear(
    "np.roll(x, shift, axis=None)",
    lambda b, op, g: b.op("roll", g, b.op("neg", op.inputs[1]), **op.attrs),
    _infer_same,
    spelling=_spell_roll,
)


def _infer_repeat(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims, axis = array_dims(types[0], "np.repeat"), attrs.get("axis")
    times = getattr(types[1], "value", None)
    if isinstance(types[1], Array):
        raise TypingError("np.repeat with an array of counts is not supported", "SD010", "use an index array")
    count = times if times is not None else typing.fresh_size("n")
    if axis is None:
        return like(types[0], (product(dims) * count,))
    place = normal_axis(axis, len(dims))
    return like(types[0], (*dims[:place], dims[place] * count, *dims[place + 1 :]))


def _repeat_back(b: Builder, op: Op, g: Value) -> Value:
    """The sum over each entry's copies: the axis is split in two and the second half summed."""
    (x, times), axis = op.inputs, op.attrs.get("axis")
    dims = array_dims(x.type, "np.repeat")
    if axis is None:
        rows = b.op("sum", b.op("reshape", g, b.op("size", x), times), axis=1)
        return rows if len(dims) == 1 else b.op("reshape_like", rows, x)
    place = normal_axis(axis, len(dims))
    lengths = [b.op("dim", x, axis=k) for k in range(len(dims))]
    split = b.op("reshape", g, *lengths[: place + 1], times, *lengths[place + 1 :])
    return b.op("sum", split, axis=place + 1)


def _spell_repeat(op: Op, texts: Sequence[str]) -> str:
    axis = op.attrs.get("axis")
    return f"np.repeat({', '.join(texts)}{'' if axis is None else f', axis={axis}'})"


linear("np.repeat(x, repeats, axis=None)", _repeat_back, _infer_repeat, spelling=_spell_repeat)


def _infer_tile(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims, reps = _tile_parts(array_dims(types[0], "np.tile"), attrs["reps"])
    return like(types[0], tuple(dim * times for dim, times in zip(dims, reps, strict=True)))


def _tile_parts(dims: Any, reps: Any) -> tuple[list[Any], list[int]]:
    """The dims and the repetitions, filled up with 1 on the left to one rank."""
    times = [reps] if isinstance(reps, int) else list(reps)
    rank = max(len(dims), len(times))
    return [fixed(1)] * (rank - len(dims)) + list(dims), [1] * (rank - len(times)) + times


def _tile_back(b: Builder, op: Op, g: Value) -> Value:
    """The sum over the copies: each axis is split into (copy, entry)."""
    x = op.inputs[0]
    have = array_dims(x.type, "np.tile")
    dims, reps = _tile_parts(have, op.attrs["reps"])
    lead = len(dims) - len(have)
    lengths: list[Any] = []
    for k, times in enumerate(reps):
        lengths += [times, 1 if k < lead else b.op("dim", x, axis=k - lead)]
    total = b.op("sum", b.op("reshape", g, *lengths), axis=tuple(range(0, 2 * len(reps), 2)))
    return b.op("reshape_like", total, x) if lead else total


def _spell_tile(op: Op, texts: Sequence[str]) -> str:
    return f"np.tile({texts[0]}, {op.attrs['reps']})"


linear("np.tile(x, reps=1)", _tile_back, _infer_tile, spelling=_spell_tile)


@binds(np.tile)
def _tile(b: Builder, A: Any, reps: Any) -> Value:
    return b.op("tile", operand(b, A), reps=static(reps, "reps"))


@binds(np.repeat, method="repeat")
def _repeat(b: Builder, a: Any, repeats: Any, axis: Any = None) -> Value:
    return b.op("repeat", operand(b, a), integer(b, repeats, "repeats"), **given(axis=static(axis, "axis")))
