"""``np.linalg.norm`` with every order: of vectors along one axis, of matrices along two."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Value
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import TypingError

from .binding import binds, given, operand, static
from .calculus import rank_of
from .compose import composed
from .shapes import normal_axis


def _vector_norm(b: Builder, x: Value, ord: float, axis: int | None, keepdims: bool) -> Value:
    """The order along one axis; 0 counts what is not 0."""
    along = given(axis=axis, keepdims=keepdims)
    size = b.op("absolute", x)
    if ord in (np.inf, -np.inf):
        return b.op("max" if ord > 0 else "min", size, **along)
    if ord == 0:
        return b.op("sum", b.op("astype", b.op("ne", x, 0), dtype=getattr(x.type, "dtype", None) or "f64"), **along)
    if ord == 1:
        return b.op("sum", size, **along)
    if ord == 2:
        return b.op("norm", x, **along)
    largest = b.op("max", size, **given(axis=axis, keepdims=axis is not None))  # finite derivative at 0
    safe = read(b, "where(m == 0, 1.0, m)", {"m": largest})
    share = b.op("pow", b.op("div", size, safe), ord)
    total = b.op("sum", share, **given(axis=axis, keepdims=axis is not None))
    root = read(b, "m * where(t == 0, 1.0, t) ** p", {"m": largest, "t": total, "p": 1.0 / ord})
    return root if axis is None or keepdims else b.op("sum", root, axis=axis)


def _matrix_norm(b: Builder, x: Value, ord: Any, axis: tuple[int, int], keepdims: bool) -> Value:
    rank = rank_of(x, "np.linalg.norm")
    rows, columns = (normal_axis(k, rank) for k in axis)
    if ord in (None, "fro"):
        square = b.op("sum", b.op("mul", x, x), axis=tuple(sorted((rows, columns))), **given(keepdims=keepdims))
        return b.op("root", square)
    if ord in (1, -1, np.inf, -np.inf):
        summed, left = (rows, columns) if ord in (1, -1) else (columns, rows)
        total = b.op("sum", b.op("absolute", x), axis=summed, keepdims=True)
        found = b.op("max" if ord > 0 else "min", total, axis=left, keepdims=True)
    else:
        order = (*(k for k in range(rank) if k not in (rows, columns)), rows, columns)
        s = b.op("svdvals", x if order == tuple(range(rank)) else b.op("transpose", x, axes=order))
        name = {"nuc": "sum", 2: "max", -2: "min"}.get(ord)
        if name is None:
            raise TypingError(f"np.linalg.norm has no order {ord!r} for matrices")
        found = b.op(name, s, axis=-1)
        return b.op("expand_dims", found, axis=tuple(sorted((rows, columns)))) if keepdims else found
    return found if keepdims else b.op("sum", found, axis=tuple(sorted((rows, columns))))


def _norm(b: Builder, x: Value, ord: Any, axis: Any, keepdims: bool) -> Value:
    rank = rank_of(x, "np.linalg.norm")
    if axis is None and rank == 1:
        return _vector_norm(b, x, ord, 0, keepdims)
    if axis is None and rank != 2:
        raise TypingError("np.linalg.norm with an order needs a vector, a matrix, or an axis", "SD013", "give `axis=`")
    if isinstance(axis, int):
        return _vector_norm(b, x, 2 if ord is None else ord, axis, keepdims)
    return _matrix_norm(b, x, ord, (0, 1) if axis is None else axis, keepdims)


composed("np.linalg.norm(x, ord=None, axis=None, keepdims=False)", _norm, "norm_by")


@binds(np.linalg.norm)
def _norm_call(b: Builder, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Value:
    """The Euclidean norm of all entries, or along one axis, has an op of its own."""
    value, along = operand(b, x), static(axis, "axis")
    order = static(ord, "ord")
    attrs = given(axis=along, keepdims=static(keepdims, "keepdims"))
    if order is None and not isinstance(along, tuple):
        return b.op("norm", value, **attrs)
    rank = rank_of(value, "np.linalg.norm")
    if not isinstance(along, tuple) and (order == 2 and (rank == 1 or isinstance(along, int)) or order == "fro"):
        return b.op("norm", value, **attrs)
    return b.op("norm_by", value, **({} if order is None else {"ord": order}), **attrs)


if hasattr(np.linalg, "vector_norm"):

    @binds(np.linalg.vector_norm)
    def _vector_norm_call(b: Builder, x: Any, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Value:
        value, along = operand(b, x), static(axis, "axis")
        if along is None and static(keepdims, "keepdims") or isinstance(along, tuple):
            raise TypingError("np.linalg.vector_norm along several axes has no rule", "SD010", "use np.linalg.norm")
        flat = value if along is not None or rank_of(value, "") == 1 else b.op("ravel", value)
        return _norm_call(b, flat, ord, along, keepdims)

    @binds(np.linalg.matrix_norm)
    def _matrix_norm_call(b: Builder, x: Any, *, keepdims: Any = False, ord: Any = "fro") -> Value:
        return _norm_call(b, x, ord, (-2, -1), keepdims)
