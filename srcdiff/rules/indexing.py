"""Reading and writing of elements, slices and selections: ``get``, ``set``, ``add_at``, ``take``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import Dim, size
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.opdef import FRESH, Attrs, Storage, Typing, TypingError, may_view, view_of
from srcdiff.ir.types import Array, List, Scalar, Type, Unknown, dims_of, is_integer, kind

from . import helpers, lengths
from .binding import binds, given, operand, static
from .contributions import Contribution, Update, applied
from .fit import cast_like, fitted
from .kinds import Cotangents, Dots, constant, general, zero_like
from .pattern import Part, Slice, fill, index_of, parse
from .shapes import Dims, assignable, broadcast, normal_axis, unknown

# --- the attributes of an index

_COUNTS: WeakKeyDictionary[Value, str] = WeakKeyDictionary()
"""What the number of entries that a mask selects is called."""


def attributes(b: Builder, operands: Sequence[Value], pattern: str) -> dict[str, Any]:
    """The attributes of a ``get``, ``set`` or ``add_at`` at this index.

    Regions selected by one mask get one name for their length, so that ``x[m] * y[m]`` is known to fit.
    """
    masks = [value for value in operands if is_mask(value.type)]
    if len(masks) != 1:
        return {"index": pattern}
    if masks[0] not in _COUNTS:
        _COUNTS[masks[0]] = b.typing.fresh_name("k")
    return {"index": pattern, "count": _COUNTS[masks[0]]}


def known_unique(b: Builder, operands: Sequence[Value], pattern: str) -> bool:
    """Whether an index is known to name no cell twice: basic, a mask, or ``arange(n)`` with others of its length."""
    types = [value.type for value in operands]
    if not may_repeat(types, pattern):
        return True
    arrays = [value for value in operands if not isinstance(value.type, Scalar)]
    vectors = all(
        isinstance(value.type, Array) and value.type.rank == 1 and not is_mask(value.type) for value in arrays
    )
    return vectors and any(_counts_up(b, value) for value in arrays)


def _counts_up(b: Builder, value: Value) -> bool:
    """Whether a vector is ``0, 1, 2, …``."""
    made = b.definitions.get(value)
    return made is not None and made.name == "arange" and len(made.inputs) == 1


# --- the shape of a region


def is_mask(type_: Type) -> bool:
    """Whether an index selects by booleans."""
    return isinstance(type_, Array) and kind(type_.dtype) == "b"


def is_index_array(type_: Type) -> bool:
    """Whether an index is an array (or list) of ints."""
    if isinstance(type_, List):
        return is_integer(type_.item)
    return isinstance(type_, Array) and type_.dims != () and kind(type_.dtype) in "iu"


def is_basic(pattern: str, types: Sequence[Type]) -> bool:
    """Whether an index has no arrays in it: numbers, slices, ``...`` and ``None``."""
    return not any(is_mask(types[p]) or is_index_array(types[p]) for p in parse(pattern) if isinstance(p, int))


def may_repeat(types: Sequence[Type], pattern: str) -> bool:
    """Whether an index may name one cell twice; types: those of the index operands."""
    return any(is_index_array(types[part]) for part in parse(pattern) if isinstance(part, int))


def region(typing: Typing, dims: Dims, attrs: Attrs, types: Sequence[Type]) -> Dims:
    """The dims of ``x[index]`` where ``x`` has ``dims``; types: those of the index operands."""
    pattern: str = attrs["index"]
    parts = _expanded(dims, parse(pattern), types)
    result: list[Dim] = []
    arrays: list[Dims] = []
    places: list[int] = []
    spots: list[int] = []
    has_arrays = not is_basic(pattern, types)
    axis = 0
    for spot, part in enumerate(parts):
        if part == "None":
            result.append(fixed(1))
        elif isinstance(part, Slice):
            result.append(_slice_dim(typing, dims[axis], part, types))
            axis += 1
        else:
            assert isinstance(part, int)
            shape, used = _array_index(typing, types[part], attrs)
            _check_number(dims[axis], types[part])
            if has_arrays:
                arrays.append(shape)
                places.append(len(result))
                spots.append(spot)
            axis += used
    if not has_arrays:
        return tuple(result)
    together = spots == list(range(spots[0], spots[0] + len(spots)))
    where = places[0] if together else 0
    return (*result[:where], *broadcast(typing, arrays), *result[where:])


def _expanded(dims: Dims, parts: Sequence[Part], types: Sequence[Type]) -> list[Part]:
    """The parts with ``...`` written out and the axes that are left out taken whole."""
    used = sum(_axes_used(part, types) for part in parts)
    if used > len(dims):
        raise TypingError(f"too many indices: {used} for an array of rank {len(dims)}")
    whole: list[Part] = [Slice(None, None, None)] * (len(dims) - used)
    if "..." not in parts:
        return [*parts, *whole]
    spot = parts.index("...")
    return [*parts[:spot], *whole, *parts[spot + 1 :]]


def _axes_used(part: Part, types: Sequence[Type]) -> int:
    if isinstance(part, str):
        return 0
    if isinstance(part, int) and is_mask(types[part]):
        mask = types[part]
        assert isinstance(mask, Array)
        if mask.dims is None:
            raise unknown("a mask", mask)
        return len(mask.dims)
    return 1


def _array_index(typing: Typing, type_: Type, attrs: Attrs) -> tuple[Dims, int]:
    """The dims that one index contributes, and the number of axes that it takes."""
    if is_mask(type_):
        assert isinstance(type_, Array) and type_.dims is not None
        return (size(attrs["count"]) if "count" in attrs else typing.fresh_size("k"),), len(type_.dims)
    if isinstance(type_, List) and is_index_array(type_):
        return (type_.length if type_.length is not None else typing.fresh_size("k"),), 1
    if isinstance(type_, Array) and kind(type_.dtype) in "iu":
        if type_.dims is None:
            raise unknown("an index array", type_)
        return type_.dims, 1
    if isinstance(type_, Scalar) and kind(type_.dtype) in "iu":
        return (), 1
    if isinstance(type_, Unknown) or getattr(type_, "dtype", "") is None:
        raise TypingError("an index of unknown type", "SD011", "annotate it: `i: int`")
    raise TypingError(f"an index must be an int, an array of ints or a mask, not {type_}")


def _check_number(dim: Dim, type_: Type) -> None:
    """TypingError where a known index is outside a known length."""
    value = type_.value.value if isinstance(type_, Scalar) and type_.value is not None else None
    if value is not None and dim.value is not None and not -dim.value <= value < dim.value:
        raise TypingError(f"index {value} is out of range for an axis of length {dim}")


def _slice_dim(typing: Typing, dim: Dim, part: Slice, types: Sequence[Type]) -> Dim:
    bounds: list[Dim | None] = []
    for number in part.operands():
        type_ = None if number is None else types[number]
        if type_ is not None and not is_integer(type_):
            raise TypingError(f"the bounds of a slice must be ints, not {type_}")
        value = getattr(type_, "value", None)
        if number is not None and value is None:
            return typing.fresh_size("k")
        bounds.append(value)
    return lengths.slice_length(dim, *bounds)


def _region_of(typing: Typing, type_: Type, attrs: Attrs, types: Sequence[Type], what: str) -> Dims:
    if not isinstance(type_, Array) or type_.dims is None:
        if isinstance(type_, Scalar):
            raise TypingError(f"a number (type {type_}) cannot be indexed", "SD012")
        raise unknown(what, type_)
    return region(typing, type_.dims, attrs, types)


# --- get


def _infer_get(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    x, *index = types
    if isinstance(x, List):
        return _list_item(typing, x, attrs["index"], index)
    dims = _region_of(typing, x, attrs, index, "reading an element")
    assert isinstance(x, Array)
    if dims or any(part == "..." for part in parse(attrs["index"])):
        return Array(x.dtype, dims)
    return Scalar(x.dtype) if x.dtype is not None else Scalar("f64", "either")


def _list_item(typing: Typing, x: List, pattern: str, types: Sequence[Type]) -> Type:
    (part,) = parse(pattern)
    if isinstance(part, Slice):
        return List(x.item, None if x.length is None else _slice_dim(typing, x.length, part, types))
    return x.item


def _get_storage(types: Sequence[Type], attrs: Attrs) -> tuple[Storage, ...]:
    x, *index = types
    if not isinstance(x, Array) or not is_basic(attrs["index"], index):
        return (FRESH,)
    if any(isinstance(type_, Array) for type_ in index):
        return (may_view(0),)
    parts = parse(attrs["index"])
    whole = x.dims is not None and "..." not in parts and "None" not in parts and len(parts) == len(x.dims)
    return (FRESH,) if whole and all(isinstance(part, int) for part in parts) else (view_of(0),)


def _evaluate_get(x: Any, *operands: Any, index: str, count: str = "") -> Any:
    return x[index_of(index, operands)]


def _spell_get(op: Op, texts: Sequence[str]) -> str:
    return f"{texts[0]}[{fill(op.attrs['index'], texts[1:])}]"


def add_into(b: Builder, accumulator: Value, part: Value, index: Sequence[Value], attrs: Attrs) -> Value:
    """The accumulator with ``part`` added at an index."""
    repeats = not known_unique(b, index, attrs["index"])
    return b.op("add_at", accumulator, part, *index, **attrs, **given(repeats=repeats))


def _get_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    x, *index = op.inputs
    nothing: list[Contribution] = [None] * len(index)
    if g[0] is None or not wanted[0]:
        return [None, *nothing]
    if isinstance(op.result.type, List):
        raise TypingError("a slice of a list has no derivative yet", "SD010", "make it an array: `np.array(x)`")
    bar = cast_like(b, applied(b, g[0]), x.type.item if isinstance(x.type, List) else op.result.type)
    return [Update(lambda builder, total: add_into(builder, total, bar, index, op.attrs)), *nothing]


def _get_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    return (None if dots[0] is None else b.op("get", dots[0], *op.inputs[1:], **op.attrs),)


general(
    "get",
    _get_jvp,
    _get_vjp,
    _infer_get,
    "get",
    evaluate=_evaluate_get,
    spelling=_spell_get,
    storage=_get_storage,
    cheap=True,
)

# --- set and add_at


def _infer_update(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    x, value, *index = types
    if isinstance(x, List):
        return x
    dims = _region_of(typing, x, attrs, index, "writing into an array")
    shape = dims_of(value)
    if shape is not None:
        assignable(typing, shape, dims)
    return x


def _evaluate_set(x: Any, value: Any, *operands: Any, index: str, count: str = "") -> Any:
    result = x.copy()
    result[index_of(index, operands)] = value
    return result


def _evaluate_add_at(x: Any, value: Any, *operands: Any, index: str, count: str = "", repeats: bool = False) -> Any:
    result, where = x.copy(), index_of(index, operands)
    if repeats and isinstance(result, np.ndarray):
        np.add.at(result, where, value)
    else:
        result[where] += value
    return result


def _spell_set(op: Op, texts: Sequence[str]) -> str:
    return f"{texts[0]}[{fill(op.attrs['index'], texts[2:])}] = {texts[1]}"


def _spell_add_at(op: Op, texts: Sequence[str]) -> str:
    where = fill(op.attrs["index"], texts[2:])
    if op.attrs.get("repeats"):
        return f"np.add.at({texts[0]}, {f'({where})' if ',' in where else where}, {texts[1]})"
    return f"{texts[0]}[{where}] += {texts[1]}"


def place(attrs: Attrs) -> dict[str, Any]:
    """The attributes that say where."""
    return {name: value for name, value in attrs.items() if name in ("index", "count")}


def _written(b: Builder, op: Op, bar: Value, mask_repeats: bool) -> Value:
    """What the written value gets: the cotangent of the region, where this entry was the last one written."""
    index, attrs = op.inputs[2:], place(op.attrs)
    part = b.op("get", bar, *index, **attrs)
    if mask_repeats and not known_unique(b, index, attrs["index"]):
        survived = b.op("last_writer", op.inputs[0], *index, **attrs)
        part = b.op("where", survived, part, 0.0)
    return fitted(b, part, op.inputs[1])


def _set_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    parts: list[Contribution] = [None] * len(op.inputs)
    if g[0] is None:
        return parts
    bar = applied(b, g[0])
    if wanted[1]:
        parts[1] = _written(b, op, bar, True)
    if wanted[0]:
        parts[0] = b.op("set", bar, 0.0, *op.inputs[2:], **place(op.attrs))
    return parts


def _set_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[0] is None and dots[1] is None:
        return (None,)
    base = dots[0] if dots[0] is not None else zero_like(b, op.inputs[0])
    value = dots[1] if dots[1] is not None else 0.0
    return (b.op("set", base, value, *op.inputs[2:], **op.attrs),)


def _add_at_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    parts: list[Contribution] = [None] * len(op.inputs)
    if g[0] is None:
        return parts
    bar = applied(b, g[0])
    parts[0] = bar if wanted[0] else None
    parts[1] = _written(b, op, bar, not op.attrs.get("repeats")) if wanted[1] else None
    return parts


def _add_at_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[1] is None:
        return (dots[0],)
    base = dots[0] if dots[0] is not None else zero_like(b, op.inputs[0])
    return (b.op("add_at", base, dots[1], *op.inputs[2:], **op.attrs),)


general("set", _set_jvp, _set_vjp, _infer_update, "set", evaluate=_evaluate_set, spelling=_spell_set, updates=0)
general(
    "add_at",
    _add_at_jvp,
    _add_at_vjp,
    _infer_update,
    "add_at",
    evaluate=_evaluate_add_at,
    spelling=_spell_add_at,
    updates=0,
)


# --- the last writer of a cell


def _infer_last_writer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    x, *index = types
    return Array("b1", _region_of(typing, x, attrs, index, "writing into an array"))


_last_writer: Callable[..., Any] = helpers.last_writer


def _evaluate_last_writer(x: Any, *operands: Any, index: str, count: str = "") -> Any:
    where = index_of(index, operands)
    return _last_writer(np.shape(x), *(where if isinstance(where, tuple) else (where,)))


def _spell_last_writer(op: Op, texts: Sequence[str]) -> str:
    return f"last_writer({texts[0]}.shape, {fill(op.attrs['index'], texts[1:]).replace(':', 'slice(None)')})"


constant(
    "last_writer",
    _infer_last_writer,
    "last_writer",
    evaluate=_evaluate_last_writer,
    spelling=_spell_last_writer,
    shape_only=(0,),
    info={"helper": "last_writer"},
)


# --- take


@binds(np.take, method="take")
def _take(b: Builder, a: Any, indices: Any, axis: Any = None) -> Value:
    """``np.take(x, i)`` reads the flattened array, with an axis it is ``x[:, i]``."""
    x, index = operand(b, a), operand(b, indices)
    if not isinstance(x.type, Array) or x.type.dims is None:
        raise unknown("np.take", x.type)
    if axis is None:
        return b.op("get", x if len(x.type.dims) == 1 else b.op("ravel", x), index, index="@")
    before = normal_axis(static(axis, "axis"), len(x.type.dims))
    return b.op("get", x, index, index=", ".join([":"] * before + ["@"]))
