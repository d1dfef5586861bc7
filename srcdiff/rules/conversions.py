"""Copies, conversions of dtype and kind, arrays of numbers, and the lengths of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.opdef import Attrs, Typing, TypingError, view_of
from srcdiff.ir.types import DTYPES, FLOAT, INT, Array, List, Scalar, Type, Unknown, dims_of, dtype_code, int_of, kind

from .binding import binds, given, number, operand, static, static_dtype
from .contributions import Contribution, applied
from .creation import dtype_text
from .dtypes import PYTHON_CODES
from .fit import cast_like, list_of
from .kinds import Cotangents, Dots, TypingRule, constant, general, linear
from .shapes import array_dims, enforce, normal_axis, product, require_number, unknown

# --- copies and conversions


def _same(b: Builder, op: Op, g: Value) -> Value:
    return g


def _like_operand(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return types[0]


def _copy_of(x: Any, via: str = "") -> Any:
    if isinstance(x, np.ndarray):
        return np.copy(x) if via else x.copy()
    return x


def _spell_copy(op: Op, texts: Sequence[str]) -> str:
    """``via`` is the function that the author calls."""
    return f"np.{op.attrs['via']}({texts[0]})" if "via" in op.attrs else f"{texts[0]}.copy()"


linear("np.copy(x)", _same, _like_operand, evaluate=_copy_of, spelling=_spell_copy)


linear("copy_if_there(x)", _same, _like_operand, "copy_if_there", evaluate=_copy_of, moves=True)
"""The copy of an array that is not there on every path. The in-place pass writes it, after all derivatives."""


@binds(method="copy")
def _copy_method(b: Builder, x: Value) -> Value:
    return b.op("copy", x)


@binds(np.copy)
def _copy(b: Builder, a: Any) -> Value:
    value = operand(b, a)
    if isinstance(value.type, Scalar):
        return b.op("array", value, shape=())
    return b.op("copy", value, via="copy")


def _infer_astype(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    (type_,), code = types, attrs["dtype"]
    if isinstance(type_, Array):
        return Array(code, type_.dims)
    return Scalar(code) if isinstance(type_, Scalar) else type_


def _spell_astype(op: Op, texts: Sequence[str]) -> str:
    if isinstance(op.inputs[0].type, Array):
        return f"{texts[0]}.astype({dtype_text(op.attrs['dtype'])})"
    return _spell_number(op, texts)


def _spell_number(op: Op, texts: Sequence[str]) -> str:
    return f"np.{DTYPES[op.attrs['dtype']].name}({texts[0]})"


def _evaluate_astype(x: Any, dtype: str) -> Any:
    return x.astype(DTYPES[dtype]) if isinstance(x, np.ndarray) else DTYPES[dtype].type(x)


def _infer_number(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return Scalar(attrs["dtype"])


def _evaluate_number(x: Any, dtype: str) -> Any:
    return DTYPES[dtype].type(x)


linear("astype(x)", _same, _infer_astype, "astype", evaluate=_evaluate_astype, spelling=_spell_astype)
linear("number(x)", _same, _infer_number, "number", evaluate=_evaluate_number, spelling=_spell_number, cheap=True)
linear(
    "cast_as(x, like)",
    _same,
    lambda typing, types, attrs: types[1],
    "cast_as",
    evaluate=lambda x, like: type(like)(x),
    spelling=lambda op, texts: f"type({texts[1]})({texts[0]})",
    shape_only=(1,),
    cheap=True,
)
"""A number of the class of another, of which it is not known whether it is Python's or NumPy's."""


def _infer_real(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    (type_,) = types
    if not isinstance(type_, (Scalar, Array)) or kind(type_.dtype) != "c":
        return type_
    code = "f32" if type_.dtype == "c64" else "f64"
    return Array(code, type_.dims) if isinstance(type_, Array) else Scalar(code, type_.strength)


linear("real(x)", _same, _infer_real, "real", evaluate=np.real, spelling="x.real", storage=(view_of(0),))


@binds(np.real, attribute="real")
def _real(b: Builder, x: Any) -> Value:
    """The real part: of real values the value itself."""
    value = operand(b, x)
    return b.op("real", value) if kind(getattr(value.type, "dtype", None)) in "c?" else value


@binds(method="astype")
def _astype(b: Builder, x: Any, dtype: Any, copy: Any = True) -> Value:
    if not static(copy):
        raise TypingError("`astype(copy=False)` may copy or not", "SD050", "write `.astype(dtype)`")
    return b.op("astype", operand(b, x), dtype=static_dtype(dtype))


def _number_binder(code: str) -> Any:
    def binder(b: Builder, x: Any = 0) -> Value:
        value = operand(b, x)
        if isinstance(value.type, Unknown):
            raise unknown(f"np.{DTYPES[code].name}", value.type)
        if isinstance(value.type, Array) and value.type.dims != ():
            return b.op("astype", value, dtype=code)
        return b.op("number", value, dtype=code)

    return binder


for _code, _dtype in DTYPES.items():
    binds(_dtype.type)(_number_binder(_code))


# --- arrays of numbers


def _imag_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    return (None if dots[0] is None else cast_like(b, b.op("imag", dots[0]), op.result.type),)


def _imag_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    """``Re(-1j * g * dz)`` is ``g`` times the imaginary part of ``dz``."""
    if g[0] is None or not wanted[0]:
        return [None]
    return [cast_like(b, b.op("mul", applied(b, g[0]), -1j), op.inputs[0].type)]


general(
    "imag(x)", _imag_jvp, _imag_vjp, _infer_real, "imag", evaluate=np.imag, spelling="x.imag", storage=(view_of(0),)
)


@binds(np.imag, attribute="imag")
def _imag(b: Builder, x: Any) -> Value:
    """The imaginary part: of real values zeros."""
    value = operand(b, x)
    complex_ = kind(getattr(value.type, "dtype", None)) in "c?"
    return b.op("imag", value) if complex_ else b.op("zeros_like", value)


@binds(np.angle)
def _angle(b: Builder, z: Any, deg: Any = False) -> Value:
    """The angle of complex numbers, by their parts."""
    found = b.op("arctan2", _imag(b, z), _real(b, z))
    return b.op("degrees", found) if static(deg, "deg") else found


def _infer_array(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    codes = [require_number(type_, "the entries of an array").dtype for type_ in types]
    code = attrs.get("dtype") or (dtype_code(np.result_type(*(DTYPES[c] for c in codes))) if codes else "f64")
    return Array(code, tuple(map(fixed, attrs["shape"])))


def _evaluate_array(*values: Any, shape: tuple[int, ...], dtype: str | None = None) -> Any:
    return np.array(values, dtype=None if dtype is None else DTYPES[dtype]).reshape(shape)


def _spell_array(op: Op, texts: Sequence[str]) -> str:
    items: list[str] = list(texts)
    for length in reversed(op.attrs["shape"][1:]):
        items = [f"[{', '.join(items[k : k + length])}]" for k in range(0, len(items), length)]
    inner = f"[{', '.join(items)}]" if op.attrs["shape"] else items[0]
    code = op.attrs.get("dtype")
    return f"np.array({inner}{'' if code is None else f', dtype={dtype_text(code)}'})"


def _array_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    if g[0] is None:
        return [None] * len(op.inputs)
    bar, shape = applied(b, g[0]), op.attrs["shape"]
    pattern = ", ".join("@" * len(shape))
    found: list[Contribution] = []
    for want, place, x in zip(wanted, np.ndindex(*shape), op.inputs, strict=True):
        entry = b.op("get", bar, *place, index=pattern) if want and shape else bar
        found.append(cast_like(b, entry, x.type) if want else None)
    return found


def _array_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if all(dot is None for dot in dots):
        return (None,)
    values = [0.0 if dot is None else dot for dot in dots]
    return (cast_like(b, b.op("array", *values, **op.attrs), op.result.type),)


general("array", _array_jvp, _array_vjp, _infer_array, "array", evaluate=_evaluate_array, spelling=_spell_array)


def _infer_array_of_list(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    (type_,) = types
    if not isinstance(type_, List):
        raise TypingError(f"a list is needed here, not a value of type {type_}")
    length = type_.length if type_.length is not None else typing.fresh_size("n")
    if isinstance(type_.item, Scalar):
        return Array(type_.item.dtype, (length,))
    if isinstance(type_.item, Array) and type_.item.dims is not None:
        return Array(type_.item.dtype, (length, *type_.item.dims))
    if isinstance(type_.item, List) and type_.item.length is not None:  # of numbers: they are of one length
        rows = _infer_array_of_list(typing, [type_.item], attrs)
        assert isinstance(rows, Array)
        return Array(rows.dtype, (length, *(rows.dims or ())))
    if isinstance(type_.item, List):
        raise TypingError("the rows of this array may differ in length", "SD012", "fill an array: `x = np.zeros(…)`")
    raise unknown("an array of a list", type_.item)


linear(
    "array_of_list(x)",
    lambda b, op, g: list_of(b, g, op.inputs[0].type),
    _infer_array_of_list,
    "array_of_list",
    evaluate=lambda x, via="array": getattr(np, via)(x),
    spelling=lambda op, texts: f"np.{op.attrs.get('via', 'array')}({texts[0]})",
)


def _nested(items: Any) -> tuple[tuple[int, ...], list[Any]]:
    """The shape of nested sequences and their leaves."""
    if not isinstance(items, (tuple, list)):
        return (), [items]
    parts = [_nested(item) for item in items]
    if len({shape for shape, _ in parts}) > 1:
        raise TypingError("the rows of this array are not of one length")
    inner = parts[0][0] if parts else ()
    return (len(items), *inner), [leaf for _, leaves in parts for leaf in leaves]


@binds(np.array, np.asarray, np.ascontiguousarray)
def _array(b: Builder, a: Any, dtype: Any = None, *, copy: Any = True) -> Value:
    """``np.array`` of numbers, of nested lists of numbers, of a list of arrays of one shape; a copy of an array."""
    if static(copy, "copy") is not True:
        raise TypingError("`np.array` with a `copy` that is not True", "SD001", "write np.asarray(…)")
    code = static_dtype(dtype)
    if isinstance(a, Value) and isinstance(a.type, List):
        made = b.op("array_of_list", a)
        return made if code is None else b.op("astype", made, dtype=code)
    if isinstance(a, Value) and not isinstance(a.type, Scalar):
        return (
            b.op("copy", a, via="array")
            if code in (None, getattr(a.type, "dtype", None))
            else b.op("astype", a, dtype=code)
        )
    shape, leaves = _nested(a)
    values = [number(b, leaf) for leaf in leaves]
    if values and len(shape) == 1 and any(isinstance(value.type, Array) for value in values):
        made = b.op("stack", *values)
        return made if code is None else b.op("astype", made, dtype=code)
    return b.op("array", *values, shape=shape, **given(dtype=code))


@binds(np.asarray)
def _asarray(b: Builder, a: Any, dtype: Any = None) -> Value:
    """``np.asarray``: the array itself where nothing has to be converted."""
    code = static_dtype(dtype)
    if isinstance(a, Value) and isinstance(a.type, Array) and code in (None, a.type.dtype):
        return a
    if isinstance(a, Value) and (isinstance(a.type, Unknown) or isinstance(a.type, Array) and a.type.dtype is None):
        raise unknown("np.asarray", a.type)
    return _array(b, a, dtype)


# --- lengths


def _infer_dim(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    (type_,) = types
    dims = dims_of(type_)
    if isinstance(type_, List):
        return INT if type_.length is None else int_of(type_.length)
    if dims is None:
        return INT
    return int_of(dims[normal_axis(attrs["axis"], len(dims))])


def _spell_dim(op: Op, texts: Sequence[str]) -> str:
    axis = op.attrs["axis"]
    return f"len({texts[0]})" if axis == 0 and op.form != "shape" else f"{texts[0]}.shape[{axis}]"


def _infer_size(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims = dims_of(types[0])
    return INT if dims is None else int_of(product(dims))


def _spell_size(op: Op, texts: Sequence[str]) -> str:
    return f"{texts[0]}.size" if isinstance(op.inputs[0].type, Array) else f"np.size({texts[0]})"


def _length(name: str, infer: TypingRule, evaluate: Callable[..., Any], spelling: Any) -> None:
    constant(f"{name}(x)", infer, name, evaluate=evaluate, spelling=spelling, shape_only=(0,), cheap=True)


_length("dim", _infer_dim, lambda x, axis: np.shape(x)[axis], _spell_dim)
_length("size", _infer_size, lambda x: int(np.size(x)), _spell_size)
_length("ndim", lambda typing, types, attrs: INT, np.ndim, "np.ndim(x)")
_length("shape", lambda typing, types, attrs: List(INT), np.shape, "np.shape(x)")
_length("length", _infer_dim, len, "len(x)")


@binds(np.shape, attribute="shape")
def _shape(b: Builder, a: Any) -> Any:
    """The shape: a tuple of ints where the rank is known."""
    x = operand(b, a)
    dims = dims_of(x.type)
    if dims is None:
        return b.op("shape", x)
    with b.at(b.stmt, b.loc, b.why, "shape"):
        return tuple(b.op("dim", x, axis=axis) for axis in range(len(dims)))


@binds(np.size, attribute="size")
def _size(b: Builder, a: Any, axis: Any = None) -> Value:
    return b.op("size", operand(b, a)) if axis is None else b.op("dim", operand(b, a), axis=static(axis, "axis"))


@binds(np.ndim, attribute="ndim")
def _ndim(b: Builder, a: Any) -> Any:
    x = operand(b, a)
    dims = dims_of(x.type)
    return b.op("ndim", x) if dims is None else len(dims)


@binds(len)
def _len(b: Builder, a: Any) -> Any:
    if not isinstance(a, Value):
        return len(a)
    if isinstance(a.type, List):
        return b.op("length", a)
    if isinstance(a.type, Scalar) or isinstance(a.type, Array) and a.type.dims == ():
        raise TypeError(f"a value of type {a.type} has no len()")
    return b.op("dim", a, axis=0)


@binds(method="item")
def _item(b: Builder, x: Value, *index: Any) -> Value:
    """``x.item()``: the only entry as a Python number."""
    if index:
        raise TypingError("`item` with an index is not supported", "SD010", "write `float(x[i])`")
    return b.op("item", x)


def _infer_item(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    for dim in array_dims(types[0], "`item`"):
        enforce(typing, dim, fixed(1))
    code = getattr(types[0], "dtype", None)
    return FLOAT if code is None else Scalar(PYTHON_CODES[kind(code)], "python")


def _item_back(b: Builder, op: Op, g: Value) -> Value:
    x = op.inputs[0]
    return b.op("full_like", x, g) if isinstance(x.type, Array) else g


def _spell_item(op: Op, texts: Sequence[str]) -> str:
    return f"{texts[0]}.item()"


linear("item(x)", _item_back, _infer_item, "item", evaluate=lambda x: x.item(), spelling=_spell_item)
