"""Diagonals, triangles, powers of a vector, windows, spaced numbers: what builds matrices and vectors of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import FRESH, Attrs, Typing, TypingError
from srcdiff.ir.types import INT, Array, Scalar, Type, kind

from .binding import binds, given, integer, number, operand, static
from .calculus import rank_of
from .compose import composed
from .creation import shape_dims, shape_operands
from .fit import cast_to
from .joining import common_code
from .kinds import constant
from .pieces import VIEW
from .shapes import array_dims, normal_axis
from .spelling import called

# --- diagonals


def _diagonal(b: Builder, x: Value, offset: int, axis1: int, axis2: int) -> Value:
    """``x[..., rows, rows + offset]`` with the two axes at the end."""
    rank = rank_of(x, "np.diagonal")
    pair = [normal_axis(axis, rank) for axis in (axis1, axis2)]
    order = (*(k for k in range(rank) if k not in pair), *pair)
    if order != tuple(range(rank)):
        x = b.op("transpose", x, axes=order)
    down, right = max(-offset, 0), max(offset, 0)
    height, width = (
        b.op("sub", b.op("dim", x, axis=rank - 2 + k), less) if less else b.op("dim", x, axis=rank - 2 + k)
        for k, less in ((0, down), (1, right))
    )
    rows = b.op("arange", b.op("min_", height, width))
    index = [b.op("add", rows, less) if less else rows for less in (down, right)]
    return b.op("get", x, *index, index=", ".join([":"] * (rank - 2) + ["@", "@"]))


composed("np.diagonal(x, offset=0, axis1=0, axis2=1)", _diagonal, linear=1, storage=VIEW)


def _on_diagonal(b: Builder, x: Value, k: int) -> Value:
    flat = x if rank_of(x, "np.diagflat") == 1 else b.op("reshape", x, -1)
    side = read(b, "n + k", {"n": b.op("dim", flat, axis=0), "k": abs(k)}) if k else b.op("dim", flat, axis=0)
    rows = b.op("arange", b.op("dim", flat, axis=0))
    index = [b.op("add", rows, less) if less else rows for less in (max(-k, 0), max(k, 0))]
    code = getattr(x.type, "dtype", None)
    zeros = b.op("zeros", side, side, **given(dtype=None if code == "f64" else code))
    return b.op("set", zeros, flat, *index, index="@, @")


composed("np.diagflat(x, k=0)", _on_diagonal, linear=1)
composed(
    "diag_k(x, k=0)",
    lambda b, x, k: _on_diagonal(b, x, k) if rank_of(x, "np.diag") == 1 else _diagonal(b, x, k, 0, 1),
    "diag_k",
    linear=1,
    evaluate=lambda x, k=0: np.diag(x, k).copy(),
    spelling=lambda op, texts: (
        f"np.diag({texts[0]}, k={op.attrs['k']}).copy()"
        if isinstance(op.result.type, Array) and op.result.type.rank == 1
        else f"np.diag({texts[0]}, k={op.attrs['k']})"
    ),
)


@binds(np.diag)
def _diag(b: Builder, v: Any, k: Any = 0) -> Value:
    offset = static(k, "k")
    return b.op("diag_k", operand(b, v), k=offset) if offset else b.op("diag", operand(b, v))


def _trace(b: Builder, x: Value, offset: int, axis1: int, axis2: int) -> Value:
    return b.op("sum", _diagonal(b, x, offset, axis1, axis2), axis=-1)


composed("np.trace(x, offset=0, axis1=0, axis2=1)", _trace, "trace_along", linear=1, spelling=called("np.trace"))


@binds(np.trace, method="trace")
def _trace_call(b: Builder, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Value:
    x = operand(b, a)
    attrs = {"offset": static(offset, "offset"), "axis1": static(axis1, "axis1"), "axis2": static(axis2, "axis2")}
    usual = {"offset": 0, "axis1": 0, "axis2": 1}
    if attrs == usual and rank_of(x, "np.trace") == 2:
        return b.op("trace", x)
    return b.op("trace_along", x, **{name: value for name, value in attrs.items() if value != usual[name]})


@binds(method="diagonal")
def _diagonal_method(b: Builder, x: Value, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Value:
    attrs = {"offset": static(offset, "offset"), "axis1": static(axis1, "axis1"), "axis2": static(axis2, "axis2")}
    usual = {"offset": 0, "axis1": 0, "axis2": 1}
    return b.op("diagonal", x, **{name: value for name, value in attrs.items() if value != usual[name]})


# --- polynomials


def _vander(b: Builder, x: Value, N: int | None, increasing: bool) -> Value:
    count = N if N is not None else array_dims(x.type, "np.vander")[0].value
    if count is None:
        raise TypingError("np.vander needs its number of columns", "SD050", "write `np.vander(x, n)` with a number")
    x = cast_to(b, x, common_code([x.type, INT], "np.vander"))
    powers = range(count) if increasing else range(count - 1, -1, -1)
    columns = [b.op("ones_like", x) if p == 0 else x if p == 1 else b.op("pow", x, p) for p in powers]
    return b.op("stack", *columns, axis=1)


composed("np.vander(x, N=None, increasing=False)", _vander)


def _polyval(b: Builder, p: Value, x: Value) -> Value:
    """The sum of coefficients times powers."""
    count = b.op("dim", p, axis=0)
    powers = read(b, "n - 1 - k", {"n": count, "k": b.op("arange", count)})
    return _powers(b, p, x, powers)


def _powers(b: Builder, c: Value, x: Value, powers: Value) -> Value:
    code = getattr(x.type, "dtype", None)
    if code is not None and kind(code) == "f" and isinstance(x.type, Array):
        powers = cast_to(b, powers, code)
    column = x if isinstance(x.type, Scalar) else b.op("expand_dims", x, axis=-1)
    return b.op("sum", b.op("mul", c, b.op("pow", column, powers)), axis=-1)


composed("np.polyval(p, x)", _polyval)


def _polynomial(b: Builder, x: Value, c: Value) -> Value:
    return _powers(b, c, x, b.op("arange", b.op("dim", c, axis=0)))


composed(
    "polynomial(x, c)",
    _polynomial,
    "polynomial",
    evaluate=np.polynomial.polynomial.polyval,
    spelling=called("np.polynomial.polynomial.polyval"),
)


@binds(np.polynomial.polynomial.polyval)
def _polynomial_call(b: Builder, x: Any, c: Any) -> Value:
    return b.op("polynomial", operand(b, x), operand(b, c))


def _polyfit(b: Builder, x: Value, y: Value, deg: int) -> Value:
    """The least squares solution for the powers of x."""
    return read(b, "pinv(v) @ y", {"v": b.op("vander", x, N=deg + 1), "y": y})


composed("np.polyfit(x, y, deg=1)", _polyfit)

# --- spaced numbers


def _logspace(b: Builder, start: Value, stop: Value, num: Value, endpoint: bool, base: float) -> Value:
    line = b.op("linspace", start, stop, num, **({} if endpoint else {"endpoint": False}))
    return b.op("pow", base, line)


composed("np.logspace(start, stop, num, endpoint=True, base=10.0)", _logspace)


@binds(np.logspace)
def _logspace_call(b: Builder, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, base: Any = 10.0) -> Value:
    attrs = {"base": static(base, "base"), "endpoint": static(endpoint, "endpoint")}
    shown = {name: value for name, value in attrs.items() if value != {"base": 10.0, "endpoint": True}[name]}
    return b.op("logspace", number(b, start), number(b, stop), integer(b, num, "num"), **shown)


def _geomspace(b: Builder, start: Value, stop: Value, num: Value, endpoint: bool) -> Value:
    share = b.op("linspace", 0.0, 1.0, num, **({} if endpoint else {"endpoint": False}))
    return read(b, "start * (stop / start) ** t", {"start": start, "stop": stop, "t": share})


composed("np.geomspace(start, stop, num, endpoint=True)", _geomspace)


@binds(np.geomspace)
def _geomspace_call(b: Builder, start: Any, stop: Any, num: Any = 50, endpoint: Any = True) -> Value:
    attrs = {} if static(endpoint, "endpoint") else {"endpoint": False}
    return b.op("geomspace", number(b, start), number(b, stop), integer(b, num, "num"), **attrs)


# --- what carries no derivative


def _declare_window(name: str) -> None:
    constant(f"np.{name}(M)", lambda typing, types, attrs: Array("f64", shape_dims(typing, types)))


for _name in ("hamming", "hanning", "blackman", "bartlett"):
    _declare_window(_name)


def _infer_tri(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims = shape_dims(typing, types)
    assert dims is not None
    return Array("f64", (dims[0], dims[-1]))


constant(
    "tri",
    _infer_tri,
    "tri",
    evaluate=lambda n, m=None, k=0: np.tri(n, m, k),
    spelling=called("np.tri"),
)


@binds(np.tri)
def _tri(b: Builder, N: Any, M: Any = None, k: Any = 0) -> Value:
    sides = [integer(b, side, "np.tri") for side in (N, M) if side is not None]
    return b.op("tri", *sides, **given(k=static(k, "k") or None))


def _infer_bincount(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return Array("i64", (typing.fresh_size("k"),))


constant("np.bincount(x, minlength=0)", _infer_bincount)


def _spell_weighted(op: Op, texts: Sequence[str]) -> str:
    least = op.attrs.get("minlength", 0)
    return f"np.bincount({texts[0]}, weights={texts[1]}{f', minlength={least}' if least else ''})"


def _infer_weighted(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return Array("f64", (typing.fresh_size("k"),))


def _bincount(b: Builder, x: Value, weights: Value, minlength: int) -> Value:
    """Every weight is added to the cell that its number names."""
    cells = b.op("zeros", b.op("dim", b.op("bincount", x, **given(minlength=minlength or None)), axis=0))
    return b.op("add_at", cells, weights, x, index="@", repeats=True)


composed(
    "bincount_weighted(x, weights, minlength=0)",
    _bincount,
    "bincount_weighted",
    infer=_infer_weighted,
    evaluate=lambda x, weights, minlength=0: np.bincount(x, weights, minlength),
    spelling=_spell_weighted,
)


@binds(np.bincount)
def _bincount_call(b: Builder, x: Any, weights: Any = None, minlength: Any = 0) -> Value:
    attrs = given(minlength=static(minlength, "minlength") or None)
    if weights is None:
        return b.op("bincount", operand(b, x), **attrs)
    return b.op("bincount_weighted", operand(b, x), operand(b, weights), **attrs)


def _bind_triangle(name: str) -> None:
    constant(
        f"np.{name}_indices(n, k=0)",
        lambda typing, types, attrs: (Array("i64", (size := typing.fresh_size("k"),)), Array("i64", (size,))),
        f"{name}_indices",
        storage=(FRESH, FRESH),
    )


for _name in ("tril", "triu"):
    _bind_triangle(_name)


def _indices_type(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims = shape_dims(typing, types)
    assert dims is not None
    return Array("i64", (fixed(len(dims)), *dims))


constant(
    "indices",
    _indices_type,
    "indices",
    evaluate=lambda *lengths: np.indices(lengths),
    spelling=lambda op, texts: f"np.indices(({', '.join(texts)}{',' if len(texts) == 1 else ''}))",
)


@binds(np.indices)
def _indices(b: Builder, dimensions: Any) -> Value:
    return b.op("indices", *shape_operands(b, dimensions))
