"""Arrays from nothing, from numbers, from the shape of other arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value, constant_value
from srcdiff.ir.dims import Dim
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import Attrs, Typing, TypingError
from srcdiff.ir.types import DTYPES, Array, List, Scalar, Type, cotangent_type, dtype_code, kind

from . import lengths
from .binding import binds, given, integer, integers, number, operand, static, static_dtype
from .contributions import Contribution, applied
from .fit import cast_like, spread_over
from .kinds import Cotangents, Dots, constant, general, linear
from .shapes import enforce_length, require_number

_DTYPE_TEXT = {"b1": "bool", "i64": "int"}


def dtype_text(code: str) -> str:
    """How a dtype is written in NumPy code."""
    return _DTYPE_TEXT.get(code, f"np.{DTYPES[code].name}")


def shape_dims(typing: Typing, types: Sequence[Type]) -> tuple[Dim, ...] | None:
    """The dims of an array whose shape is given by ints of these types; None for a list of unknown length."""
    if any(isinstance(type_, List) for type_ in types):
        return None
    dims = []
    for type_ in types:
        if not (isinstance(type_, Scalar) and kind(type_.dtype) in "iu"):
            raise TypingError(f"a length must be an int, not {type_}")
        dim = type_.value if type_.value is not None else typing.fresh_size("n")
        enforce_length(typing, dim)
        dims.append(dim)
    return tuple(dims)


def shape_tuple(lengths: Sequence[Any]) -> Any:
    """The shape argument that NumPy gets."""
    return lengths[0] if len(lengths) == 1 else tuple(lengths)


def _shape_text(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def _keyword(attrs: Attrs, default: str | None = None) -> str:
    code = attrs.get("dtype")
    return "" if code in (None, default) else f", dtype={dtype_text(code)}"


# --- of a given shape


def _filled(function: Callable[..., Any]) -> Callable[..., Any]:
    def evaluate(*lengths: Any, dtype: str = "f64") -> Any:
        return function(shape_tuple(lengths), dtype=DTYPES[dtype])

    return evaluate


def _infer_filled(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return Array(attrs.get("dtype", "f64"), shape_dims(typing, types))


def _declare_filled(name: str, function: Callable[..., Any]) -> None:
    def spelling(op: Op, texts: Sequence[str]) -> str:
        return f"np.{name}({_shape_text(texts)}{_keyword(op.attrs)})"

    constant(name, _infer_filled, name, evaluate=_filled(function), spelling=spelling)

    @binds(function)
    def bind(b: Builder, shape: Any, dtype: Any = None) -> Value:
        code = static_dtype(dtype)
        return b.op(name, *shape_operands(b, shape), **given(dtype=None if code == "f64" else code))


def shape_operands(b: Builder, shape: Any) -> list[Value]:
    """The operands that a shape argument stands for."""
    if isinstance(shape, Value) and isinstance(shape.type, List):
        return [shape]
    return integers(b, shape)


_declare_filled("zeros", np.zeros)
_declare_filled("ones", np.ones)
_declare_filled("empty", np.empty)


def _infer_full(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return Array(attrs.get("dtype") or getattr(types[0], "dtype", None), shape_dims(typing, types[1:]))


def _evaluate_full(value: Any, *lengths: Any, dtype: str | None = None) -> Any:
    return np.full(shape_tuple(lengths), value, dtype=None if dtype is None else DTYPES[dtype])


def _spell_full(op: Op, texts: Sequence[str]) -> str:
    return f"np.full({_shape_text(texts[1:])}, {texts[0]}{_keyword(op.attrs)})"


def _total(b: Builder, op: Op, g: Value) -> Value:
    return b.op("sum", g)


linear("full(v)", _total, _infer_full, "full", evaluate=_evaluate_full, spelling=_spell_full)


@binds(np.full)
def _full(b: Builder, shape: Any, fill_value: Any, dtype: Any = None) -> Value:
    code, value = static_dtype(dtype), operand(b, fill_value)
    if isinstance(value.type, Array) and value.type.dims != ():
        hint = "write np.broadcast_to(v, shape)"
        raise TypingError("np.full with an array to fill in is not supported", "SD010", hint)
    return b.op("full", value, *shape_operands(b, shape), **given(dtype=code))


def _infer_eye(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims = shape_dims(typing, types)
    assert dims is not None
    return Array(attrs.get("dtype", "f64"), (dims[0], dims[-1]))


def _evaluate_eye(n: int, m: int | None = None, k: int = 0, dtype: str = "f64") -> Any:
    return np.eye(n, m, k=k, dtype=DTYPES[dtype])


def _spell_eye(op: Op, texts: Sequence[str]) -> str:
    offset = f", k={op.attrs['k']}" if op.attrs.get("k") else ""
    return f"np.eye({', '.join(texts)}{offset}{_keyword(op.attrs)})"


constant("eye", _infer_eye, "eye", evaluate=_evaluate_eye, spelling=_spell_eye)


@binds(np.eye)
def _eye(b: Builder, N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Value:
    code = static_dtype(dtype)
    sides = [integer(b, side, "eye") for side in (N, M) if side is not None]
    return b.op("eye", *sides, **given(k=static(k, "k") or None, dtype=None if code == "f64" else code))


@binds(np.identity)
def _identity(b: Builder, n: Any, dtype: Any = None) -> Value:
    return _eye(b, n, dtype=dtype)


# --- ranges of numbers


def _infer_arange(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    values: list[Dim | None] = [getattr(type_, "value", None) for type_ in types]
    start, stop, step = [*([fixed(0)] if len(types) == 1 else []), *values, fixed(1)][:3]
    if start is None or stop is None or step is None:
        length = typing.fresh_size("n")
    else:
        length = lengths.range_length(start, stop, step)
    codes = [DTYPES[require_number(type_, "the bounds of np.arange").dtype] for type_ in types]
    return Array(attrs.get("dtype") or dtype_code(np.result_type(*codes)), (length,))


def _evaluate_arange(*bounds: Any, dtype: str | None = None) -> Any:
    return np.arange(*bounds, dtype=None if dtype is None else DTYPES[dtype])


def _spell_arange(op: Op, texts: Sequence[str]) -> str:
    return f"np.arange({', '.join(texts)}{_keyword(op.attrs)})"


def _arange_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    """Entry k is start + k * step; the bound behind the last entry has no influence."""
    nothing: list[Contribution] = [None] * len(op.inputs)
    if g[0] is None or len(op.inputs) == 1:
        return nothing
    bar = applied(b, g[0])
    if wanted[0]:
        nothing[0] = cast_like(b, b.op("sum", bar), op.inputs[0].type)
    if len(op.inputs) == 3 and wanted[2]:
        steps = b.op("mul", bar, b.op("arange", b.op("dim", op.result, axis=0)))
        nothing[2] = cast_like(b, b.op("sum", steps), op.inputs[2].type)
    return nothing


def _arange_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    start, step = (dots[0] if len(dots) > 1 else None), (dots[2] if len(dots) == 3 else None)
    total = None if start is None else spread_over(b, start, op.result)
    if step is not None:
        part = b.op("mul", step, b.op("arange", b.op("dim", op.result, axis=0)))
        total = part if total is None else b.op("add", total, part)
    return (None if total is None else cast_like(b, total, op.result.type),)


general("arange", _arange_jvp, _arange_vjp, _infer_arange, "arange", evaluate=_evaluate_arange, spelling=_spell_arange)


@binds(np.arange)
def _arange(b: Builder, *bounds: Any, dtype: Any = None) -> Value:
    if not 1 <= len(bounds) <= 3:
        raise TypeError("np.arange takes 1 to 3 numbers")
    code = static_dtype(dtype)
    return b.op("arange", *(number(b, bound) for bound in bounds), **given(dtype=code))


def _infer_linspace(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    for type_ in types[:2]:
        require_number(type_, "the bounds of np.linspace")
    dims = shape_dims(typing, types[2:])
    roles = [DTYPES[type_.dtype] for type_ in types[:2] if isinstance(type_, Scalar) and type_.strength == "numpy"]
    return Array(dtype_code(np.result_type(*roles, float)), dims)


def _weights(b: Builder, op: Op) -> Value:
    """How much of the stop is in each entry."""
    return b.op("linspace", 0.0, 1.0, op.inputs[2], **op.attrs)


def _linspace_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    parts: list[Contribution] = [None] * 3
    for k, text in enumerate(("sum(g * (1 - t))", "sum(g * t)")):
        if g[0] is not None and wanted[k]:
            part = read(b, text, {"g": applied(b, g[0]), "t": _weights(b, op)})
            parts[k] = cast_like(b, part, op.inputs[k].type)
    return parts


def _linspace_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[0] is None and dots[1] is None:
        return (None,)
    start, stop = (0.0 if dot is None else dot for dot in dots[:2])
    return (cast_like(b, b.op("linspace", start, stop, op.inputs[2], **op.attrs), op.result.type),)


general("np.linspace(start, stop, num, endpoint=True)", _linspace_jvp, _linspace_vjp, _infer_linspace)


@binds(np.linspace)
def _linspace(b: Builder, start: Any, stop: Any, num: Any = 50, endpoint: Any = True) -> Value:
    attrs: dict[str, Any] = {} if static(endpoint) else {"endpoint": False}
    return b.op("linspace", number(b, start), number(b, stop), integer(b, num, "num"), **attrs)


# --- like another array


def _infer_like(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    """The type of an array like another; a number gives the number of its kind."""
    type_, code = types[0], attrs.get("dtype")
    if code is not None and isinstance(type_, (Array, Scalar)):
        return Array(code, type_.dims) if isinstance(type_, Array) else Scalar(code)
    if isinstance(type_, Scalar):
        return Scalar(type_.dtype, type_.strength)
    return type_


def _like(function: Callable[..., Any]) -> Callable[..., Any]:
    def evaluate(x: Any, *fill: Any, dtype: str | None = None) -> Any:
        if isinstance(x, np.ndarray):
            return function(x, *fill, dtype=None if dtype is None else DTYPES[dtype])
        value = fill[0] if fill else {"zeros_like": 0, "empty_like": 0, "ones_like": 1}[function.__name__]
        return (type(x) if dtype is None else DTYPES[dtype].type)(value)

    return evaluate


def _declare_like(function: Callable[..., Any]) -> None:
    name = function.__name__

    def spelling(op: Op, texts: Sequence[str]) -> str:
        return f"np.{name}({', '.join(texts)}{_keyword(op.attrs)})"

    constant(name, _infer_like, name, evaluate=_like(function), spelling=spelling, shape_only=(0,))

    @binds(function)
    def bind(b: Builder, a: Any, dtype: Any = None) -> Value:
        code, x = static_dtype(dtype), operand(b, a)
        if isinstance(x.type, Scalar):
            return b.op(name.removesuffix("_like"), dtype=code or x.type.dtype)
        return b.op(name, x, **given(dtype=code))


for _function in (np.zeros_like, np.ones_like, np.empty_like):
    _declare_like(_function)


def _infer_full_like(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return _infer_like(typing, types[:1], attrs)


def _full_like_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    if g[0] is None or not wanted[1]:
        return [None, None]
    bar = applied(b, g[0])
    total = bar if isinstance(bar.type, Scalar) else b.op("sum", bar)
    return [None, cast_like(b, total, op.inputs[1].type)]


def _full_like_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[1] is None:
        return (None,)
    code = getattr(cotangent_type(op.result.type), "dtype", None)
    attrs = {} if code in (None, getattr(op.inputs[0].type, "dtype", None)) else {"dtype": code}
    return (b.op("full_like", op.inputs[0], dots[1], **attrs),)


def _spell_full_like(op: Op, texts: Sequence[str]) -> str:
    if constant_value(op.inputs[1]) == 1:
        return f"np.ones_like({texts[0]}{_keyword(op.attrs)})"
    return f"np.full_like({', '.join(texts)}{_keyword(op.attrs)})"


general(
    "full_like",
    _full_like_jvp,
    _full_like_vjp,
    _infer_full_like,
    "full_like",
    evaluate=_like(np.full_like),
    spelling=_spell_full_like,
    shape_only=(0,),
)


@binds(np.full_like)
def _full_like(b: Builder, a: Any, fill_value: Any, dtype: Any = None) -> Value:
    code = static_dtype(dtype)
    return b.op("full_like", operand(b, a), operand(b, fill_value), **given(dtype=code))
