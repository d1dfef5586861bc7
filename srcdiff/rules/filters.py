"""Discrete convolution and correlation of vectors, in the three modes of NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import Dim
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import TypingError
from srcdiff.ir.types import Array, Type, kind

from .compose import composed
from .dtypes import array_code
from .fit import cast_like
from .kinds import TypingRule, multilinear
from .lengths import smaller
from .reductions import flipped
from .shapes import array_dims


def _length(mode: str, n: Dim, m: Dim) -> Dim:
    """The length of the result for operands of lengths n and m, neither of which is 0."""
    if mode == "full":
        return n + m - 1
    if mode == "same":
        return n + m - smaller(n, m)
    for longer, shorter in ((n, m), (m, n)):
        rest = longer - shorter + 1
        if (longer - shorter).is_nonnegative() or (rest.value is None and rest.is_nonnegative()):
            return rest
    return n + m - smaller(n, m) * 2 + 1


def _typing(default: str) -> TypingRule:
    """The typing of a filter whose mode is ``default`` where none is given."""
    return lambda typing, types, attrs: _infer(types, attrs.get("mode", default))


def _infer(types: Sequence[Type], mode: str) -> Type:
    shapes = [array_dims(type_, "np.convolve") for type_ in types]
    if any(len(dims) != 1 for dims in shapes):
        raise TypingError("np.convolve and np.correlate take vectors")
    if mode not in ("full", "same", "valid"):
        raise TypingError(f"{mode!r} is no mode of np.convolve", "SD013", "write 'full', 'same' or 'valid'")
    (n,), (m,) = shapes
    return Array(array_code(np.multiply, types), (_length(mode, n, m),))  # type: ignore[arg-type]


def _whole(b: Builder, op: Op, g: Value) -> Value:
    """The cotangent in the places of the full convolution."""
    mode = op.attrs.get("mode", "full")
    if mode == "full":
        return g
    n, m = (b.op("dim", x, axis=0) for x in op.inputs)
    before = b.op("sub", b.op("min_", n, m), 1)
    start = before if mode == "valid" else b.op("floordiv", before, 2)
    stop = b.op("add", start, b.op("dim", op.result, axis=0))
    zeros = b.op("zeros", b.op("sub", b.op("add", n, m), 1))
    return b.op("set", cast_like(b, zeros, op.result.type), g, start, stop, index="@:@")


def _back(k: int) -> Any:
    def transpose(b: Builder, op: Op, g: Value) -> Value:
        other = flipped(b, op.inputs[1 - k], 0)
        return b.op("convolve", _whole(b, op, g), other, mode="valid")

    return transpose


multilinear("np.convolve(a, v, mode='full')", _back(0), _back(1), infer=_typing("full"))


def _correlate(b: Builder, a: Value, v: Value, mode: str) -> Value:
    """A convolution with the second vector turned round (and conjugated)."""
    turned = flipped(b, v, 0)
    if kind(getattr(v.type, "dtype", None)) == "c":
        turned = b.op("conjugate", turned)
    if mode != "same":
        return b.op("convolve", a, turned, **({} if mode == "full" else {"mode": mode}))
    lengths = {"n": b.op("dim", a, axis=0), "m": b.op("dim", v, axis=0)}
    start = read(b, "(min_(n, m) - (n >= m)) // 2", lengths)  # the middle, as NumPy counts it
    stop = b.op("add", start, read(b, "max_(n, m)", lengths))
    return b.op("get", b.op("convolve", a, turned), start, stop, index="@:@")


composed("np.correlate(a, v, mode='valid')", _correlate, infer=_typing("valid"))
