"""Running products, exact where there are zeros; their derivatives are linear recurrences.

``linear_scan(a, u)`` is s with ``s[i] = u[i] + a[i] * s[i - 1]``. It is its own derivative: tangents and cotangents of
scans are scans, so every order is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.opdef import Attrs, Typing, TypingError
from srcdiff.ir.types import Scalar, Type, cotangent_type, dims_of

from . import helpers
from .binding import given
from .contributions import Contribution, applied
from .fit import cast_like
from .kinds import Cotangents, Dots, general
from .reductions import flipped, kept, product_type, reduced, running, with_dtype
from .shapes import array_dims

# --- neighbours along an axis


def _slab(b: Builder, x: Value, axis: int, bound: int, first: bool) -> Value:
    """``x[bound:]`` if first, else ``x[:bound]``, along an axis."""
    return b.op("get", x, bound, index=_pattern(axis, first))


def _pattern(axis: int, first: bool) -> str:
    return ", ".join([":"] * axis + ["@:" if first else ":@"])


def before(b: Builder, x: Value, axis: int, edge: str = "ones_like") -> Value:
    """``x[i - 1]`` at i; 1 (or 0, if edge is ``zeros_like``) at the first."""
    return b.op("set", b.op(edge, x), _slab(b, x, axis, -1, False), 1, index=_pattern(axis, True))


def behind(b: Builder, x: Value, axis: int, edge: str = "ones_like") -> Value:
    """``x[i + 1]`` at i; 1 (or 0) at the last."""
    return b.op("set", b.op(edge, x), _slab(b, x, axis, 1, True), -1, index=_pattern(axis, False))


def _line(b: Builder, op: Op, x: Value) -> tuple[Value, int]:
    """The operand of a scan and its axis, counted from 0; without an axis the operand is flattened."""
    axis, rank = op.attrs.get("axis"), len(array_dims(x.type, op.name))
    if axis is None:
        return (x if rank == 1 else b.op("ravel", x)), 0
    return x, axis % rank


# --- the linear recurrence


def _infer_scan(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return cotangent_type(types[1])


def _previous(b: Builder, op: Op, s: Value) -> Value:
    axis = op.attrs.get("axis", 0)
    return (behind if op.attrs.get("reverse") else before)(b, s, axis, "zeros_like")


def _scan_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    if g[0] is None:
        return [None, None]
    a, axis, reverse = op.inputs[0], op.attrs.get("axis", 0), op.attrs.get("reverse", False)
    shifted = (before if reverse else behind)(b, a, axis, "zeros_like")
    part = b.op("linear_scan", shifted, applied(b, g[0]), **_scan_attrs(axis, not reverse))
    first = cast_like(b, b.op("mul", part, _previous(b, op, op.result)), a.type) if wanted[0] else None
    return [first, cast_like(b, part, op.inputs[1].type) if wanted[1] else None]


def _scan_attrs(axis: int, reverse: bool) -> dict[str, Any]:
    return given(axis=axis or None, reverse=reverse)


def _scan_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    drive = dots[1]
    if dots[0] is not None:
        part = b.op("mul", dots[0], _previous(b, op, op.result))
        drive = part if drive is None else b.op("add", drive, part)
    return (None if drive is None else b.op("linear_scan", op.inputs[0], drive, **op.attrs),)


general(
    "linear_scan(a, u, axis=0, reverse=False)",
    _scan_jvp,
    _scan_vjp,
    _infer_scan,
    "linear_scan",
    evaluate=helpers.linear_scan,
    info={"helper": "linear_scan"},
    group="scan",
)

# --- running products


def _cumprod_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    x = op.inputs[0]
    if g[0] is None or not wanted[0]:
        return [None]
    line, axis = _line(b, op, x)
    ahead = behind(b, line, axis, "zeros_like")
    total = b.op("linear_scan", ahead, applied(b, g[0]), **_scan_attrs(axis, True))
    part = b.op("mul", total, before(b, op.result, axis))
    return [cast_like(b, part if line is x else b.op("reshape_like", part, x), x.type)]


def _cumprod_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[0] is None:
        return (None,)
    line, axis = _line(b, op, op.inputs[0])
    drive = b.op("mul", _line(b, op, dots[0])[0], before(b, op.result, axis))
    return (cast_like(b, b.op("linear_scan", line, drive, **_scan_attrs(axis, False)), op.result.type),)


general(
    "np.cumprod(x, axis=None, dtype=None)",
    _cumprod_jvp,
    _cumprod_vjp,
    running(np.cumprod),
    evaluate=with_dtype(np.cumprod),
    group="scan",
)

# --- products


def _others(b: Builder, op: Op) -> Value:
    """For each entry, the product of the others along the axis."""
    x = op.inputs[0]
    line, axis = _line(b, op, x)
    along = given(axis=op.attrs.get("axis"))
    left = before(b, b.op("cumprod", line, **along), axis)
    right = flipped(b, before(b, b.op("cumprod", flipped(b, line, axis), **along), axis), axis)
    part = b.op("mul", left, right)
    return part if line is x else b.op("reshape_like", part, x)


def _prod_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    x = op.inputs[0]
    if g[0] is None or not wanted[0]:
        return [None]
    bar = applied(b, g[0])
    if isinstance(x.type, Scalar):
        return [cast_like(b, bar, x.type)]
    return [cast_like(b, b.op("mul", kept(b, op, bar), _others(b, op)), x.type)]


def _prod_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[0] is None or dims_of(op.inputs[0].type) == ():
        return (dots[0],)
    attrs = {name: value for name, value in op.attrs.items() if name != "dtype"}
    return (cast_like(b, b.op("sum", b.op("mul", dots[0], _others(b, op)), **attrs), op.result.type),)


def _infer_prod(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    if isinstance(attrs.get("axis"), tuple):
        raise TypingError("np.prod along several axes is not supported", "SD010", "take one axis after the other")
    return reduced(product_type)(typing, types, attrs)[0]


general(
    "np.prod(x, axis=None, dtype=None, keepdims=False)",
    _prod_jvp,
    _prod_vjp,
    _infer_prod,
    evaluate=with_dtype(np.prod),
    group="reduction",
)
