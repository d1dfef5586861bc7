"""Differences, integrals, interpolation and filters: NumPy's numerical calculus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Value
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import TypingError
from srcdiff.ir.types import Array, Scalar, kind

from .binding import binds, given, operand, static
from .compose import composed
from .shapes import array_dims, normal_axes, normal_axis
from .spelling import called


def part(b: Builder, x: Value, axis: int, start: int | None = None, stop: int | None = None) -> Value:
    """``x[start:stop]`` along an axis."""
    bounds = [bound for bound in (start, stop) if bound is not None]
    text = f"{'@' if start is not None else ''}:{'@' if stop is not None else ''}"
    return b.op("get", x, *bounds, index=", ".join([":"] * axis + [text]))


def strided(b: Builder, x: Value, axis: int, *index: int | Value) -> Value:
    """``x[i]`` along an axis."""
    return b.op("get", x, *index, index=", ".join([":"] * axis + ["@"]))


def rank_of(x: Value, what: str) -> int:
    return len(array_dims(x.type, what))


# --- differences


def _diff(b: Builder, x: Value, n: int, axis: int) -> Value:
    place = normal_axis(axis, rank_of(x, "np.diff"))
    for _ in range(n):
        later, earlier = part(b, x, place, 1), part(b, x, place, None, -1)
        boolean = kind(getattr(x.type, "dtype", None)) == "b"
        x = b.op("ne" if boolean else "sub", later, earlier)
    return x


composed("np.diff(x, n=1, axis=-1)", _diff, linear=1)


@binds(np.diff)
def _diff_with_ends(b: Builder, a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Value:
    """``np.diff``; what is put in front or behind is joined to the array."""
    x, along = operand(b, a), static(axis, "axis")
    rank = rank_of(x, "np.diff")
    place = normal_axis(along, rank)
    ends = [None if end is None else _slab_of(b, x, operand(b, end), place) for end in (prepend, append)]
    if ends != [None, None]:
        whole = [value for value in (ends[0], x, ends[1]) if value is not None]
        x = b.op("concatenate", *whole, **given(axis=place or None))
    attrs = {"n": static(n, "n"), "axis": along}
    return b.op("diff", x, **{name: value for name, value in attrs.items() if value != {"n": 1, "axis": -1}[name]})


def _slab_of(b: Builder, x: Value, end: Value, axis: int) -> Value:
    """A number as a slab of length 1 along an axis."""
    if rank_of(end, "np.diff"):
        return end
    lengths = [1 if k == axis else b.op("dim", x, axis=k) for k in range(rank_of(x, "np.diff"))]
    return b.op("full", end, *lengths)


def _ediff1d(b: Builder, x: Value) -> Value:
    return _diff(b, x if rank_of(x, "np.ediff1d") == 1 else b.op("ravel", x), 1, 0)


composed("np.ediff1d(x)", _ediff1d, linear=1)


def _gradient(b: Builder, f: Value, *spacing: Value, axis: int, edge_order: int) -> Value:
    """Central differences inside, one-sided ones at the ends; spacing: a number or the coordinates."""
    place = normal_axis(axis, rank_of(f, "np.gradient"))
    if edge_order != 1:
        raise TypingError("np.gradient is supported for edge_order=1", "SD010", "write the differences out")
    left, right = part(b, f, place, None, -2), part(b, f, place, 2)
    names: dict[str, Any] = {"l": left, "m": part(b, f, place, 1, -1), "r": right}
    first, last = (b.op("sub", *(strided(b, f, place, k) for k in pair)) for pair in ((1, 0), (-1, -2)))
    if spacing and rank_of(spacing[0], "np.gradient"):
        step = b.op("diff", spacing[0])
        column = [":"] + ["None"] * (rank_of(f, "np.gradient") - place - 1)
        step = b.op("get", step, index=", ".join(column)) if len(column) > 1 else step
        names |= {"h": part(b, step, 0, None, -1), "k": part(b, step, 0, 1)}
        inner = read(b, "(h * h * r + (k * k - h * h) * m - k * k * l) / (h * k * (h + k))", names)
        ends = b.op("diff", spacing[0])
        first, last = b.op("div", first, strided(b, ends, 0, 0)), b.op("div", last, strided(b, ends, 0, -1))
    else:
        width: Any = spacing[0] if spacing else 1.0
        inner = read(b, "(r - l) / (2.0 * h)", {**names, "h": width})
        first, last = (b.op("div", end, width) for end in (first, last))
    first, last = (b.op("expand_dims", end, axis=place) for end in (first, last))
    return b.op("concatenate", first, inner, last, **given(axis=place or None))


composed(
    "np.gradient(f, axis=0, edge_order=1)",
    _gradient,
    evaluate=np.gradient,
    spelling=called("np.gradient"),
)


@binds(np.gradient)
def _gradients(b: Builder, f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    """One array for each axis; one alone where there is one axis."""
    x, along = operand(b, f), static(axis, "axis")
    axes = normal_axes(along, rank_of(x, "np.gradient"))
    if isinstance(along, (tuple, list)):
        axes = tuple(normal_axis(k, rank_of(x, "np.gradient")) for k in along)
    if len(varargs) not in (0, 1, len(axes)):
        raise TypeError(f"np.gradient takes one spacing or {len(axes)} of them, not {len(varargs)}")
    steps = [operand(b, step) for step in varargs]
    if len(steps) == 1:
        steps *= len(axes)
    edges = given(edge_order=static(edge_order, "edge_order") if static(edge_order, "edge_order") != 1 else None)
    found = tuple(b.op("gradient", x, *steps[k : k + 1], axis=place, **edges) for k, place in enumerate(axes))
    return found if len(found) > 1 else found[0]


# --- integrals


def _trapezoid(b: Builder, y: Value, *x: Value, axis: int) -> Value:
    rank = rank_of(y, "np.trapezoid")
    place = normal_axis(axis, rank)
    step: Any = 1.0
    if x:
        own = rank_of(x[0], "np.trapezoid")
        step = b.op("diff", x[0]) if own == 1 else _diff(b, x[0], 1, place)
        if own == 1 and place < rank - 1:
            step = b.op("get", step, index=", ".join([":"] + ["None"] * (rank - place - 1)))
    return _strips(b, y, step, place)


def _strips(b: Builder, y: Value, step: Any, axis: int) -> Value:
    names = {"d": step, "l": part(b, y, axis, 1), "e": part(b, y, axis, None, -1)}
    return b.op("sum", read(b, "d * (l + e) / 2.0", names), axis=axis)


def _trapezoid_by(b: Builder, y: Value, dx: Value, axis: int) -> Value:
    return _strips(b, y, dx, normal_axis(axis, rank_of(y, "np.trapezoid")))


_trapezoid_function = getattr(np, "trapezoid", None) or np.trapz  # NumPy 1 has the old name alone
_trapezoid_text = f"np.{_trapezoid_function.__name__}"
composed(
    "trapezoid(y, axis=-1)",
    _trapezoid,
    "trapezoid",
    evaluate=_trapezoid_function,
    spelling=called(_trapezoid_text),
)
composed(
    "trapezoid(y, dx, axis=-1)",
    _trapezoid_by,
    "trapezoid_by",
    evaluate=lambda y, dx, axis=-1: _trapezoid_function(y, dx=dx, axis=axis),
    spelling=called(_trapezoid_text, "dx"),
)


@binds(_trapezoid_function, getattr(np, "trapz", _trapezoid_function))
def _trapezoid_call(b: Builder, y: Any, x: Any = None, dx: Any = None, axis: Any = -1) -> Value:
    along = static(axis, "axis")
    attrs: dict[str, Any] = {} if along == -1 else {"axis": along}
    if x is None and dx is not None:
        return b.op("trapezoid_by", operand(b, y), operand(b, dx), **attrs)
    return b.op("trapezoid", operand(b, y), *([] if x is None else [operand(b, x)]), **attrs)


# --- interpolation


def _interp(b: Builder, x: Value, xp: Value, fp: Value, *ends: Value) -> Value:
    """The line through the two neighbours; what is outside gets the value at the end, or the one that is given."""
    count = b.op("dim", xp, axis=0)
    i = read(b, "clip(searchsorted(xp, x, side='right') - 1, 0, n - 2)", {"xp": xp, "x": x, "n": count})
    j = b.op("add", i, 1)
    names = {"x": x, "a": xp, "f": fp}
    for key, where in (("l", i), ("r", j)):
        names |= {f"x{key}": b.op("get", xp, where, index="@"), f"f{key}": b.op("get", fp, where, index="@")}
    inside = read(b, "fl + (x - xl) / (xr - xl) * (fr - fl)", names)
    left, right = ends if ends else (b.op("get", fp, k, index="@") for k in (0, -1))
    names |= {"y": inside, "left": left, "right": right, "low": b.op("get", xp, 0, index="@")}
    names |= {"high": b.op("get", xp, -1, index="@")}
    return read(b, "where(x < low, left, where(x > high, right, y))", names)


def _interp_type(typing: Any, types: Sequence[Any], attrs: Any) -> Any:
    for type_ in types[1:3]:
        if len(array_dims(type_, "np.interp")) != 1:
            raise TypingError("the points of np.interp must be vectors")
    dims = array_dims(types[0], "np.interp")
    code = "c128" if kind(getattr(types[2], "dtype", None)) == "c" else "f64"
    return Array(code, dims) if dims else Scalar(code)


composed("np.interp(x, xp, fp)", _interp, infer=_interp_type, evaluate=np.interp, spelling=called("np.interp"))


@binds(np.interp)
def _interp_call(
    b: Builder, x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Value:
    if period is not None:
        raise TypingError("np.interp with a period is not supported", "SD010", "map x into one period: `x % period`")
    points = [operand(b, item) for item in (x, xp, fp)]
    if left is None and right is None:
        return b.op("interp", *points)
    given_ends = ((0, left), (-1, right))
    ends = [b.op("get", points[2], k, index="@") if end is None else operand(b, end) for k, end in given_ends]
    return b.op("interp", *points, *ends)
