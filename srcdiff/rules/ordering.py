"""What goes by the order of entries: sorting, order statistics, taking along an axis.

An entry's derivative goes where the entry goes. Among equal entries the order is that of ``np.argsort``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import Attrs, Typing, TypingError
from srcdiff.ir.types import Array, Scalar, Type, is_integer

from .binding import binds, given, number, operand, static
from .calculus import rank_of, strided
from .compose import composed
from .contributions import Contribution, applied
from .fit import cast_like, cast_to
from .kinds import Cotangents, Dots, constant, general
from .shapes import array_dims, enforce, normal_axes, normal_axis, product
from .spelling import called

# --- along an axis


def _infer_along(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    have, index = (array_dims(type_, "np.take_along_axis") for type_ in types)
    axis = normal_axis(attrs.get("axis", -1), len(have))
    if len(have) != len(index) or not is_integer(types[1]):
        raise TypingError("np.take_along_axis needs an array of ints of the rank of the first")
    for k, (one, other) in enumerate(zip(have, index, strict=True)):
        if k != axis:
            enforce(typing, one, other)
    return Array(getattr(types[0], "dtype", None), index)


def _along(b: Builder, x: Value, indices: Value, axis: int) -> Value:
    """``x[np.arange(n)[:, None], indices]``."""
    rank = rank_of(x, "np.take_along_axis")
    place = normal_axis(axis, rank)
    parts: list[Value] = []
    for k in range(rank):
        if k == place:
            parts.append(indices)
            continue
        rows = b.op("arange", b.op("dim", x, axis=k))
        new = [":"] + ["None"] * (rank - k - 1)
        parts.append(b.op("get", rows, index=", ".join(new)) if len(new) > 1 else rows)
    return b.op("get", x, *parts, index=", ".join(["@"] * rank))


composed(
    "np.take_along_axis(x, indices, axis=-1)",
    _along,
    infer=_infer_along,
    linear=1,
    spelling=called("np.take_along_axis"),
)


@binds(np.take_along_axis)
def _take_along_axis(b: Builder, arr: Any, indices: Any, axis: Any = -1) -> Value:
    x, where = operand(b, arr), operand(b, indices)
    if axis is None:
        x = x if rank_of(x, "np.take_along_axis") == 1 else b.op("ravel", x)
        return b.op("take_along_axis", x, where, axis=0)
    return b.op("take_along_axis", x, where, axis=static(axis, "axis"))


# --- sorting


def _infer_sorted(code: str | None = None) -> Any:
    def infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
        dims = array_dims(types[0], "np.sort")
        axis = attrs.get("axis", -1)
        if axis is not None:
            normal_axis(axis, len(dims))
        return Array(code or getattr(types[0], "dtype", None), (product(dims),) if axis is None else dims)

    return infer


constant("np.argsort(x, axis=-1, kind=None, stable=None)", _infer_sorted("i64"))


def _line(b: Builder, x: Value, axis: int | None) -> Value:
    return b.op("ravel", x) if axis is None and rank_of(x, "np.sort") != 1 else x


def _order(b: Builder, op: Op) -> tuple[Value, int]:
    """Where the sorted entries come from, and the axis."""
    axis = op.attrs.get("axis", -1)
    attrs = given(kind=op.attrs.get("kind"), stable=op.attrs.get("stable"), axis=None if axis == -1 else axis)
    return b.op("argsort", _line(b, op.inputs[0], axis), **attrs), -1 if axis is None else axis


def _gathered(b: Builder, x: Value, where: Value, axis: int) -> Value:
    if rank_of(x, "np.sort") == 1:
        return b.op("get", x, where, index="@")
    return b.op("take_along_axis", x, where, axis=axis)


def _sort_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    """Every entry gets what arrives at its place: the inverse permutation is the order of the order."""
    if g[0] is None or not wanted[0]:
        return [None]
    x = op.inputs[0]
    order, axis = _order(b, op)
    inverse = b.op("argsort", order, **given(axis=axis if axis != -1 else None))
    part = _gathered(b, applied(b, g[0]), inverse, axis)
    if op.attrs.get("axis", -1) is None and rank_of(x, "np.sort") != 1:
        part = b.op("reshape_like", part, x)
    return [cast_like(b, part, x.type)]


def _sort_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[0] is None:
        return (None,)
    order, axis = _order(b, op)
    return (cast_like(b, _gathered(b, _line(b, dots[0], op.attrs.get("axis", -1)), order, axis), op.result.type),)


general("np.sort(x, axis=-1, kind=None, stable=None)", _sort_jvp, _sort_vjp, _infer_sorted(), group="selection_along")


def _infer_partition(code: str | None = None) -> Any:
    usual = _infer_sorted(code)
    return lambda typing, types, attrs: usual(typing, types, {"axis": attrs.get("axis", -1)})


constant("np.argpartition(x, kth=0, axis=-1)", _infer_partition("i64"), spelling=called("np.argpartition"))


def _partition(b: Builder, x: Value, kth: Any, axis: int | None) -> Value:
    attrs = given(axis=axis if axis not in (None, -1) else None)
    line = _line(b, x, axis)
    where = b.op("argpartition", line, kth=kth, **attrs)
    return _gathered(b, line, where, -1 if axis is None else axis)


composed("np.partition(x, kth=0, axis=-1)", _partition, linear=0, spelling=called("np.partition"))

# --- order statistics


def _ordered(b: Builder, x: Value, axis: Any) -> tuple[Value, tuple[int, ...]]:
    """The entries along the axes, sorted on the first axis; and the axes."""
    rank = rank_of(x, "np.median")
    axes = normal_axes(axis, rank)
    if len(axes) == rank:
        return b.op("sort", x if rank == 1 else b.op("ravel", x)), axes
    rest = tuple(k for k in range(rank) if k not in axes)
    if (*axes, *rest) != tuple(range(rank)):
        x = b.op("transpose", x, axes=(*axes, *rest))
    if len(axes) > 1:
        x = b.op("reshape", x, -1, *(b.op("dim", x, axis=k) for k in range(len(axes), rank)))
    return b.op("sort", x, axis=0), axes


def _kept(b: Builder, value: Value, axes: tuple[int, ...], keepdims: bool, lead: int = 0) -> Value:
    if not keepdims:
        return value
    new = tuple(k + lead for k in axes)
    if isinstance(value.type, Scalar):
        return b.op("reshape", value, *[1] * len(axes))
    return b.op("expand_dims", value, axis=new if len(new) > 1 else new[0])


def _median(b: Builder, x: Value, axis: Any, keepdims: bool) -> Value:
    """The mean of the two entries in the middle, which are one where the number is odd."""
    line, axes = _ordered(b, x, axis)
    count = b.op("dim", line, axis=0)
    names = {
        "l": strided(b, line, 0, read(b, "(n - 1) // 2", {"n": count})),
        "r": strided(b, line, 0, read(b, "n // 2", {"n": count})),
    }
    return _kept(b, read(b, "0.5 * (l + r)", names), axes, keepdims)


composed("np.median(x, axis=None, keepdims=False)", _median)

_METHODS = {"lower": "floor(p)", "higher": "ceil(p)", "nearest": "rint(p)"}


def _quantile(b: Builder, x: Value, q: Value, axis: Any, method: str, keepdims: bool, scale: float = 1.0) -> Value:
    """On the line between the neighbours of the place ``q * (n - 1)``."""
    line, axes = _ordered(b, x, axis)
    last = read(b, "n - 1", {"n": b.op("dim", line, axis=0)})
    share = q if scale == 1.0 else b.op("div", q, scale)
    place = b.op("mul", share, last)
    lead = rank_of(q, "np.quantile")
    if method in _METHODS:
        found = strided(b, line, 0, _whole(b, read(b, _METHODS[method], {"p": place})))
        return _kept(b, found, axes, keepdims, lead)
    low = b.op("floor", place)
    below = _whole(b, low)
    above = b.op("minimum", b.op("add", below, 1), last)
    t = b.op("sub", place, low) if method == "linear" else read(b, "where(p == l, 0.0, 0.5)", {"p": place, "l": low})
    if isinstance(q.type, Scalar) and q.type.strength == "python":
        t = cast_to(b, t, getattr(x.type, "dtype", None))
    rest = rank_of(line, "np.quantile") - 1
    if lead and rest:
        t = b.op("expand_dims", t, axis=tuple(range(lead, lead + rest)))
    names = {"l": strided(b, line, 0, below), "r": strided(b, line, 0, above), "t": t}
    found = read(b, "l + (r - l) * t", names)
    return _kept(b, found, axes, keepdims, lead)


def _whole(b: Builder, value: Value) -> Value:
    """A number without fraction as an int."""
    return b.op("astype", value, dtype="i64")


def _percentile(b: Builder, x: Value, q: Value, axis: Any, method: str, keepdims: bool) -> Value:
    return _quantile(b, x, q, axis, method, keepdims, 100.0)


for _name, _body in (("quantile", _quantile), ("percentile", _percentile)):
    composed(
        f"np.{_name}(x, q, axis=None, method='linear', keepdims=False)",
        _body,
        evaluate=getattr(np, _name),
        spelling=called(f"np.{_name}"),
    )


def _bind_quantile(name: str) -> None:
    @binds(getattr(np, name))
    def bind(b: Builder, a: Any, q: Any, axis: Any = None, method: Any = "linear", keepdims: Any = False) -> Value:
        how = static(method, "method")
        if how not in ("linear", "lower", "higher", "nearest", "midpoint"):
            hint = "write 'linear', 'lower', 'higher', 'nearest' or 'midpoint'"
            raise TypingError(f"np.{name} with method={how!r} has no rule", "SD010", hint)
        attrs = given(axis=static(axis, "axis"), keepdims=static(keepdims, "keepdims"))
        place = operand(b, q) if not isinstance(q, (int, float)) else number(b, q)
        return b.op(name, operand(b, a), place, **attrs, **({} if how == "linear" else {"method": how}))


for _name in ("quantile", "percentile"):
    _bind_quantile(_name)

# --- places in a sorted vector, counts: no derivative


def _infer_places(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims = array_dims(types[1], "np.searchsorted")
    return Array("i64", dims) if dims else Scalar("i64")


constant("np.searchsorted(a, v, side='left')", _infer_places)
constant(
    "np.digitize(x, bins, right=False)",
    lambda typing, types, attrs: _infer_places(typing, types[::-1], attrs),
)
