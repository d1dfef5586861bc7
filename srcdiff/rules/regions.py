"""What an index means: the region that it names, whether it names a cell twice, how its length is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import Dim, size
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.opdef import Attrs, Typing, TypingError
from srcdiff.ir.types import Array, List, Scalar, Type, Unknown, dims_of, is_integer, kind

from . import lengths
from .pattern import Part, Slice, parse
from .shapes import Dims, broadcast, enforce, unknown

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


def place(attrs: Attrs) -> dict[str, Any]:
    """The attributes that say where."""
    return {name: value for name, value in attrs.items() if name in ("index", "count")}


def known_unique(b: Builder, operands: Sequence[Value], pattern: str) -> bool:
    """Whether an index is known to name no cell twice: basic, a mask, or ``arange(n)`` with others of its length."""
    if not may_repeat([value.type for value in operands], pattern):
        return True
    lengths: list[Dim] = []
    counting: list[Dim] = []
    for value in operands:
        type_ = value.type
        if isinstance(type_, Scalar):
            continue
        if not isinstance(type_, Array) or is_mask(type_) or type_.dims is None or len(type_.dims) != 1:
            return False
        lengths.append(type_.dims[0])
        if _counts_up(b, value):
            counting.append(type_.dims[0])
    facts = b.typing.facts
    return any(facts.is_one(dim) is False or all(facts.equal(dim, other) for other in lengths) for dim in counting)


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


def is_region(op: Op) -> bool:
    """Whether an op reads a part of an array whose shape follows from the array's and the index."""
    return op.name == "get" and is_basic(op.attrs["index"], [value.type for value in op.inputs[1:]])


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
            result.append(slice_dim(typing, dims[axis], part, types))
            axis += 1
        else:
            assert isinstance(part, int)
            shape, used = _array_index(typing, types[part], attrs)
            _check_number(dims[axis], types[part])
            _check_mask(typing, dims[axis : axis + used], types[part])
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
        if not mask.dims:
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


def _check_mask(typing: Typing, dims: Dims, type_: Type) -> None:
    """A mask has the lengths of the axes that it selects from."""
    if is_mask(type_):
        for dim, length in zip(dims, dims_of(type_) or (), strict=True):
            enforce(typing, dim, length)


def slice_dim(typing: Typing, dim: Dim, part: Slice, types: Sequence[Type]) -> Dim:
    """The length of a slice of an axis."""
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


def region_of(typing: Typing, type_: Type, attrs: Attrs, types: Sequence[Type], what: str) -> Dims:
    """The dims of ``x[index]`` for an operand ``x`` of a type; what: the operation, for the refusal."""
    if not isinstance(type_, Array) or type_.dims is None:
        if isinstance(type_, Scalar):
            raise TypingError(f"a number (type {type_}) cannot be indexed", "SD012")
        raise unknown(what, type_)
    return region(typing, type_.dims, attrs, types)
