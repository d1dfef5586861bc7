"""Reductions and running sums: along all axes, one, or several; ``keepdims``; ties share equally; zeros are exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import constant as one_dim
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import Attrs, Infer, Typing
from srcdiff.ir.types import DTYPES, Array, List, Scalar, Type, Unknown, dims_of, dtype_code

from .binding import given
from .contributions import Contribution, applied
from .fit import cast_like, spread_over
from .kinds import Cotangents, Dots, constant, general, linear
from .shapes import array_dims, normal_axes, product, unknown

# --- typing


def reduced(dtype_of: Callable[[str], str]) -> Infer:
    """The typing of a reduction; ``dtype_of`` gives the result's dtype code for the operand's."""

    def infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type]:
        (type_,) = types
        axis, keepdims = attrs.get("axis"), attrs.get("keepdims", False)
        code = attrs.get("dtype") or _code(type_, dtype_of)
        dims = dims_of(type_)
        if dims is None or isinstance(type_, (Unknown, List)):
            if axis is not None or keepdims:
                raise unknown("a reduction along an axis", type_)
            return (_number(code),)
        axes = normal_axes(axis, len(dims))
        if keepdims:
            left = tuple(one_dim(1) if k in axes else dim for k, dim in enumerate(dims))
        else:
            left = tuple(dim for k, dim in enumerate(dims) if k not in axes)
        return (Array(code, left) if left else _number(code),)

    return infer


def _code(type_: Type, dtype_of: Callable[[str], str]) -> str | None:
    code = getattr(type_, "dtype", None)
    return None if code is None else dtype_of(code)


def _number(code: str | None) -> Scalar:
    return Scalar(code) if code else Scalar("f64", "either")


def _dtype_by(function: Callable[..., Any]) -> Callable[[str], str]:
    """The dtype of a reduction, as the function itself gives it."""
    known: dict[str, str] = {}

    def dtype_of(code: str) -> str:
        if code not in known:
            known[code] = dtype_code(np.asarray(function(np.ones(1, DTYPES[code]))).dtype)
        return known[code]

    return dtype_of


product_type = _dtype_by(np.prod)

# --- sums


def spread(b: Builder, op: Op, g: Value) -> Value:
    """The cotangent of a reduction, repeated along the axes that were reduced."""
    x = op.inputs[0]
    return spread_over(b, kept(b, op, g), x) if not isinstance(x.type, Scalar) else g


def kept(b: Builder, op: Op, value: Value) -> Value:
    """A value of the result's shape, with the reduced axes put back as axes of length 1."""
    axis = op.attrs.get("axis")
    if axis is None or op.attrs.get("keepdims", False) or isinstance(value.type, Scalar):
        return value
    return b.op("expand_dims", value, axis=axis)


def count(b: Builder, op: Op) -> Value:
    """The number of entries that a reduction takes together, as the author would write it."""
    x, axis = op.inputs[0], op.attrs.get("axis")
    dims = dims_of(x.type)
    if dims is None or (axis is None and len(dims) != 1):
        return b.op("size", x)
    lengths = [b.op("dim", x, axis=k) for k in normal_axes(axis, len(dims))]
    total = lengths[0]
    for length in lengths[1:]:
        total = b.op("mul", total, length)
    return total


def with_dtype(function: Callable[..., Any]) -> Callable[..., Any]:
    """A NumPy function whose ``dtype`` argument is a code."""

    def evaluate(x: Any, dtype: str | None = None, **attrs: Any) -> Any:
        return function(x, **attrs) if dtype is None else function(x, dtype=DTYPES[dtype], **attrs)

    return evaluate


linear(
    "np.sum(x, axis=None, dtype=None, keepdims=False)",
    spread,
    reduced(_dtype_by(np.sum)),
    evaluate=with_dtype(np.sum),
)
linear(
    "np.mean(x, axis=None, dtype=None, keepdims=False)",
    lambda b, op, g: spread(b, op, b.op("div", g, count(b, op))),
    reduced(_dtype_by(np.mean)),
    evaluate=with_dtype(np.mean),
)


def running(function: Callable[..., Any]) -> Infer:
    """The typing of a running sum or product."""
    dtype_of = _dtype_by(function)

    def infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type]:
        (type_,) = types
        dims = array_dims(type_, f"np.{function.__name__}")
        axis = attrs.get("axis")
        if axis is not None:
            normal_axes(axis, len(dims))
        return (Array(attrs.get("dtype") or _code(type_, dtype_of), (product(dims),) if axis is None else dims),)

    return infer


def _reverse_cumsum(b: Builder, op: Op, g: Value) -> Value:
    """``flip(cumsum(flip(g)))`` along the axis."""
    x, axis = op.inputs[0], op.attrs.get("axis")
    along = 0 if axis is None else axis
    result = flipped(b, b.op("cumsum", flipped(b, g, along), **given(axis=axis)), along)
    return b.op("reshape_like", result, x) if axis is None and len(dims_of(x.type) or ()) != 1 else result


def flipped(b: Builder, x: Value, axis: int) -> Value:
    """``x`` reversed along an axis, written ``x[::-1]`` where that is the first."""
    if axis == 0:
        return b.op("get", x, -1, index="::@")
    return b.op("flip", x, axis=axis)


linear("np.cumsum(x, axis=None, dtype=None)", _reverse_cumsum, running(np.cumsum), evaluate=with_dtype(np.cumsum))

# --- extrema


def _share(b: Builder, op: Op) -> tuple[Value, Value]:
    """Where the extremum is attained, and at how many places (with the reduced axes kept)."""
    x, y = op.inputs[0], op.results[0]
    attained = b.op("eq", x, kept(b, op, y))
    axis = op.attrs.get("axis")
    if axis is None:
        return attained, b.op("sum", attained)
    return attained, b.op("sum", attained, axis=axis, keepdims=True)


def _extremum_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    if g[0] is None or not wanted[0]:
        return [None]
    bar = applied(b, g[0])
    if isinstance(op.inputs[0].type, Scalar):
        return [bar]
    attained, times = _share(b, op)
    part = read(b, "attained * (g / times)", {"attained": attained, "g": kept(b, op, bar), "times": times})
    return [cast_like(b, part, op.inputs[0].type)]


def _extremum_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    (dot,) = dots
    if dot is None or isinstance(op.inputs[0].type, Scalar):
        return (dot,)
    attained, times = _share(b, op)
    share = read(b, "where(attained, dot, 0.0) / times", {"attained": attained, "dot": dot, "times": times})
    return (cast_like(b, b.op("sum", share, **op.attrs), op.result.type),)


def _extremum(text: str) -> None:
    general(text, _extremum_jvp, _extremum_vjp, reduced(lambda code: code), group="reduction")


_extremum("np.max(x, axis=None, keepdims=False)")
_extremum("np.min(x, axis=None, keepdims=False)")

# --- variance


def _deviation(b: Builder, op: Op) -> Value:
    x, axis = op.inputs[0], op.attrs.get("axis")
    mean = b.op("mean", x) if axis is None else b.op("mean", x, axis=axis, keepdims=True)
    return b.op("sub", x, mean)


def _freedom(b: Builder, op: Op) -> Value:
    ddof = op.attrs.get("ddof", 0)
    return b.op("sub", count(b, op), ddof) if ddof else count(b, op)


def over_result(b: Builder, op: Op, value: Value) -> Value:
    """``value / y`` for the result ``y`` of an op, and 0 where that is 0."""
    number = isinstance(op.result.type, Scalar)
    text = "v / y if y else 0.0" if number else "where(y == 0, 0.0, v) / where(y == 0, 1.0, y)"
    return read(b, text, {"v": value, "y": op.result})


def _var_scale(b: Builder, op: Op, g: Value) -> Value:
    """What the cotangent is for half the sum of squared deviations."""
    return read(b, "2 * g / n", {"g": g, "n": _freedom(b, op)})


def _std_scale(b: Builder, op: Op, g: Value) -> Value:
    return over_result(b, op, b.op("div", g, _freedom(b, op)))


def _spread_rules(scale: Callable[[Builder, Op, Value], Value]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
        if g[0] is None or not wanted[0]:
            return [None]
        scaled = kept(b, op, scale(b, op, applied(b, g[0])))
        return [cast_like(b, b.op("mul", scaled, _deviation(b, op)), op.inputs[0].type)]

    def jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
        if dots[0] is None:
            return (None,)
        attrs = {name: value for name, value in op.attrs.items() if name != "ddof"}
        total = b.op("sum", b.op("mul", _deviation(b, op), dots[0]), **attrs)
        return (cast_like(b, scale(b, op, total), op.result.type),)

    return jvp, vjp


def _inexact(code: str) -> str:
    return dtype_code(np.var(np.ones(1, DTYPES[code])).dtype)


general(
    "np.var(x, axis=None, ddof=0, keepdims=False)", *_spread_rules(_var_scale), reduced(_inexact), group="reduction"
)
general(
    "np.std(x, axis=None, ddof=0, keepdims=False)", *_spread_rules(_std_scale), reduced(_inexact), group="reduction"
)

# --- what carries no derivative


constant("np.argmax(x, axis=None, keepdims=False)", reduced(lambda code: "i64"))
constant("np.argmin(x, axis=None, keepdims=False)", reduced(lambda code: "i64"))
constant("np.any(x, axis=None, keepdims=False)", reduced(lambda code: "b1"))
constant("np.all(x, axis=None, keepdims=False)", reduced(lambda code: "b1"))
constant("np.count_nonzero(x, axis=None, keepdims=False)", reduced(lambda code: "i64"))
