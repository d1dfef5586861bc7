"""Fits a contribution to its input: sums over what was broadcast, narrows the dtype, takes the real part."""

from __future__ import annotations

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Value
from srcdiff.ir.dims import Dim
from srcdiff.ir.types import Array, List, Scalar, Type, cotangent_type, dims_of, kind

from .shapes import same_dims


def fitted(b: Builder, value: Value, x: Value) -> Value:
    """``value``, whose shape is that of an element-wise result, as a contribution to its operand ``x``."""
    return cast_like(b, summed(b, value, x), x.type)


def summed(b: Builder, value: Value, x: Value) -> Value:
    """``value`` summed over the axes along which ``x`` was broadcast."""
    have, want = dims_of(value.type), dims_of(x.type)
    if have is None or want is None:
        return b.op("unbroadcast", value, x)
    lead = len(have) - len(want)
    if not want and have:
        return b.op("sum", value)
    if lead < 0:  # a store drops leading axes of length 1
        return summed(b, b.op("expand_dims", value, axis=0 if lead == -1 else tuple(range(-lead))), x)
    kept = [axis for axis in range(lead, len(have)) if _shrinks(b, have[axis], want[axis - lead])]
    if any(b.typing.facts.is_one(want[axis - lead]) is None for axis in kept):
        return b.op("unbroadcast", value, x)
    if kept:
        value = b.op("sum", value, axis=kept[0] if len(kept) == 1 else tuple(kept), keepdims=True)
    if lead:
        value = b.op("sum", value, axis=0 if lead == 1 else tuple(range(lead)))
    return value


def dropped(b: Builder, value: Value, axis: int | tuple[int, ...]) -> Value:
    """``value`` without axes of length 1; a sum that kept them for this is made again without."""
    made = b.definitions.get(value)
    if made is not None and made.name == "sum" and made.attrs == {"axis": axis, "keepdims": True}:
        return b.op("sum", made.inputs[0], axis=axis)
    return b.op("squeeze", value, axis=axis)


def _shrinks(b: Builder, have: Dim, want: Dim) -> bool:
    """Whether an axis of length ``want`` may have been stretched to ``have``."""
    facts = b.typing.facts
    return not facts.equal(have, want) and facts.is_one(want) is not False


def has_shape_of(b: Builder, value: Value, x: Value) -> bool:
    """Whether two values provably have the same shape."""
    return value is x or same_dims(b.typing, dims_of(value.type), dims_of(x.type))


def cast_like(b: Builder, value: Value, type_: Type) -> Value:
    """``value`` in the dtype of the cotangents of ``type_``; a Python number, being weak, fits as it is."""
    code = getattr(cotangent_type(type_), "dtype", None)
    if isinstance(type_, Scalar) and isinstance(value.type, Array):
        return b.op("number", value, dtype=code)
    return cast_to(b, value, code)


def cast_to(b: Builder, value: Value, code: str | None) -> Value:
    """``value`` in a dtype; the real part if it is complex and the dtype is not."""
    have = value.type
    if code is None or not isinstance(have, (Scalar, Array)) or have.dtype == code:
        return value
    if isinstance(have, Scalar) and have.strength == "python" and kind(have.dtype) != "c":
        return value
    if kind(have.dtype) == "c" and kind(code) != "c":
        return cast_to(b, b.op("real", value), code)
    if isinstance(have, Array):
        return b.op("astype", value, dtype=code)
    return b.op("float_", value) if code == "f64" else b.op("number", value, dtype=code)


def spread_over(b: Builder, value: Value, x: Value) -> Value:
    """``value`` repeated over the shape of ``x``: a number as an array of its dtype, as a weak number has none."""
    have, want = value.type, x.type
    number = isinstance(have, Scalar) and isinstance(want, Array) and want.rank != 0
    if number and kind(getattr(want, "dtype", None)) in ("c" if kind(getattr(have, "dtype", None)) == "c" else "fc"):
        return b.op("full_like", x, value)
    return b.op("broadcast_like", value, x)


def list_of(b: Builder, part: Value, like: Type | None = None) -> Value:
    """An array as the adjoint of a list of numbers or arrays; like: the list, if it may hold lists."""
    nested = isinstance(like, List) and isinstance(like.item, List)
    flat = dims_of(part.type) is not None and len(dims_of(part.type) or ()) == 1
    plain = (flat or nested) and getattr(part.type, "dtype", None) == "f64"
    return b.op("tolist" if plain else "list_of_array", part)


def broadcast_to_result(b: Builder, value: Value, result: Value) -> Value:
    """A tangent of an operand, brought to the shape and dtype of the result."""
    if not has_shape_of(b, value, result) and not isinstance(result.type, Scalar):
        value = spread_over(b, value, result)
    return cast_like(b, value, result.type)
