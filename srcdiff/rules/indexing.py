"""Reading and writing of elements, slices and selections: ``get``, ``set``, ``add_at``, ``take``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value, constant_value
from srcdiff.ir.opdef import FRESH, Attrs, Storage, Typing, TypingError, may_view, view_of
from srcdiff.ir.types import Array, List, Scalar, Type, dims_of

from . import helpers
from .binding import binds, given, operand, static
from .contributions import Contribution, Update, applied
from .fit import cast_like, dropped, fitted
from .kinds import Cotangents, Dots, constant, general, zero_like
from .pattern import Part, Slice, fill, index_of, parse
from .regions import is_basic, known_unique, place, region_of, slice_dim
from .shapes import assignable, normal_axis, unknown

# --- get


def _infer_get(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    x, *index = types
    if isinstance(x, List):
        return _list_item(typing, x, attrs["index"], index)
    dims = region_of(typing, x, attrs, index, "reading an element")
    assert isinstance(x, Array)
    if dims or any(part == "..." for part in parse(attrs["index"])):
        return Array(x.dtype, dims)
    return Scalar(x.dtype) if x.dtype is not None else Scalar("f64", "either")


def _list_item(typing: Typing, x: List, pattern: str, types: Sequence[Type]) -> Type:
    (part,) = parse(pattern)
    if isinstance(part, Slice):
        return List(x.item, None if x.length is None else slice_dim(typing, x.length, part, types))
    return x.item


def _get_storage(types: Sequence[Type], attrs: Attrs) -> tuple[Storage, ...]:
    x, *index = types
    if isinstance(x, List):
        return (FRESH,) if isinstance(x.item, Scalar) else (may_view(0),)
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


def _takes_all(part: Part, operands: Sequence[Value]) -> bool:
    """Whether a part of an index takes every entry once: ``:``, ``::-1``, ``...``, ``None``."""
    if not isinstance(part, Slice):
        return isinstance(part, str)
    step = -1 if part.step is None else constant_value(operands[part.step])
    return part.start is None and part.stop is None and step == -1


def _put_back(b: Builder, g: Value, index: Sequence[Value], pattern: str) -> Value | None:
    """The cotangent of an operand of which every entry was read once; None where it was not."""
    parts = parse(pattern)
    if not all(_takes_all(part, index) for part in parts):
        return None
    from_end = parts.index("...") if "..." in parts else len(parts)
    new = [k if k < from_end else k - len(parts) for k, part in enumerate(parts) if part == "None"]
    if new:
        g = dropped(b, g, new[0] if len(new) == 1 else tuple(new))
    if index:
        g = b.op("get", g, *index, index=", ".join(text for text in pattern.split(", ") if text != "None"))
    return g


def _padded(b: Builder, op: Op, g: Value) -> Value | None:
    """The cotangent of a list of which all behind, or all in front of, a place was read."""
    x, *index = op.inputs
    pattern = op.attrs["index"]
    if pattern == ":":
        return g
    if pattern == "::@" and constant_value(index[0]) == -1:
        return b.op("get", g, -1, index=pattern)
    if pattern not in ("@:", ":@"):
        return None
    rest = b.op("list_zeros", b.op("get", x, *index, index=":@" if pattern == "@:" else "@:"))
    return b.op("list_join", rest, g) if pattern == "@:" else b.op("list_join", g, rest)


def _get_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    x, *index = op.inputs
    nothing: list[Contribution] = [None] * len(index)
    if g[0] is None or not wanted[0]:
        return [None, *nothing]
    if isinstance(op.result.type, List) and (padded := _padded(b, op, applied(b, g[0]))) is not None:
        return [padded, *nothing]
    if isinstance(op.result.type, List):
        raise TypingError("a slice of a list has no derivative yet", "SD010", "make it an array: `np.array(x)`")
    bar = cast_like(b, applied(b, g[0]), x.type.item if isinstance(x.type, List) else op.result.type)
    whole = _put_back(b, bar, index, op.attrs["index"])
    if whole is not None:
        return [whole, *nothing]
    return [Update(lambda builder, total: add_into(builder, total, bar, index, op.attrs)), *nothing]


def _get_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[0] is None or isinstance(dots[0].type, Scalar):
        return (dots[0],)
    return (b.op("get", dots[0], *op.inputs[1:], **op.attrs),)


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
    dims = region_of(typing, x, attrs, index, "writing into an array")
    shape = dims_of(value)
    if shape is not None:
        assignable(typing, shape, dims)
    return x


def _copied(x: Any) -> Any:
    return np.copy(x) if isinstance(x, np.ndarray) else x.copy()


def _evaluate_set(x: Any, value: Any, *operands: Any, index: str, count: str = "") -> Any:
    result = _copied(x)
    result[index_of(index, operands)] = value
    return result


def _evaluate_add_at(x: Any, value: Any, *operands: Any, index: str, count: str = "", repeats: bool = False) -> Any:
    result, where = _copied(x), index_of(index, operands)
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


def _written(b: Builder, op: Op, bar: Value, mask_repeats: bool) -> Value:
    """What the written value gets: the cotangent of the region, where this entry was the last one written."""
    index, attrs = op.inputs[2:], place(op.attrs)
    if isinstance(bar.type, Scalar):
        return fitted(b, bar, op.inputs[1])
    part = bar if isinstance(bar.type, Scalar) else b.op("get", bar, *index, **attrs)
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
    if wanted[0] and not isinstance(bar.type, Scalar):
        parts[0] = b.op("set", bar, 0.0, *op.inputs[2:], **place(op.attrs))
    return parts


def _set_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[0] is None and dots[1] is None:
        return (None,)
    value = dots[1] if dots[1] is not None else b.constant(0.0)
    if _is_point(op.inputs[0]):
        return (value,)
    base = dots[0] if dots[0] is not None else zero_like(b, op.inputs[0])
    return (b.op("set", base, value, *op.inputs[2:], **op.attrs),)


def _is_point(x: Value) -> bool:
    """Whether an array has rank 0: its cotangents and tangents are numbers, as NumPy's arithmetic makes them."""
    return isinstance(x.type, Array) and x.type.dims == ()


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
    if _is_point(op.inputs[0]):
        return (dots[1] if dots[0] is None else b.op("add", dots[0], dots[1]),)
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
    return Array("b1", region_of(typing, x, attrs, index, "writing into an array"))


_last_writer: Callable[..., Any] = helpers.last_writer


def _evaluate_last_writer(x: Any, *operands: Any, index: str, count: str = "") -> Any:
    return _last_writer(np.shape(x), index_of(index, operands))


def _spell_last_writer(op: Op, texts: Sequence[str]) -> str:
    where = fill(op.attrs["index"], texts[1:])
    if ":" in where or "..." in where:
        where = f"np.s_[{where}]"
    return f"last_writer({texts[0]}.shape, {f'({where})' if ',' in where else where})"


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
