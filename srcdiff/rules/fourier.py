"""``np.fft``: linear transforms, each symmetric as a matrix, so that each is its own transpose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.opdef import Attrs, Typing, TypingError
from srcdiff.ir.types import Array, Type

from . import lengths
from .binding import binds, given, integer, number
from .calculus import part, rank_of
from .compose import composed
from .creation import shape_dims
from .fit import cast_to
from .kinds import constant, linear
from .shapes import array_dims, normal_axes, normal_axis
from .spelling import called


def _complex(code: str | None) -> str | None:
    return None if code is None else "c64" if code in ("f32", "c64", "f16") else "c128"


def _infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims = array_dims(types[0], "np.fft")
    normal_axis(attrs.get("axis", -1), len(dims))
    if getattr(types[0], "dtype", None) is None:
        raise TypingError("np.fft needs the dtype of its operand", "SD011", 'annotate it: `x: "f64[n]"`, or give --sig')
    return Array(_complex(getattr(types[0], "dtype", None)), dims)


def _declare(name: str) -> None:
    """The transform of a whole axis, and the one of the first ``n`` entries (or with zeros behind)."""
    function = getattr(np.fft, name)
    linear(
        f"{name}_all(x, axis=-1, norm=None)",
        lambda b, op, g: b.op(f"{name}_all", g, **op.attrs),
        _infer,
        f"{name}_all",
        evaluate=lambda x, axis=-1, norm=None: function(x, axis=axis, norm=norm),
        spelling=called(f"np.fft.{name}"),
    )

    def body(b: Builder, x: Value, n: int | None, axis: int, norm: str | None) -> Value:
        return b.op(f"{name}_all", _resized(b, x, n, axis), **_attrs(axis, norm))

    composed(f"np.fft.{name}(x, n=None, axis=-1, norm=None)", body, linear=1)


def _attrs(axis: int, norm: str | None) -> dict[str, Any]:
    return {**({} if axis == -1 else {"axis": axis}), **given(norm=norm)}


def _resized(b: Builder, x: Value, n: int | None, axis: int) -> Value:
    """The first n entries along an axis, with zeros behind where there are fewer."""
    if n is None:
        return x
    dims = array_dims(x.type, "np.fft")
    place = normal_axis(axis, len(dims))
    length = dims[place].value
    if length is not None and length == n:
        return x
    if length is not None and length > n:
        return part(b, x, place, None, n)
    sizes = [b.op("dim", x, axis=k) for k in range(len(dims))]
    count = sizes[place] if length is not None else b.op("min_", sizes[place], n)
    sizes[place] = b.value(n)
    code = getattr(x.type, "dtype", None)
    zeros = b.op("zeros", *sizes, **given(dtype=None if code == "f64" else code))
    colons = [":"] * place + [":@"]
    kept = b.op("get", x, count, index=", ".join(colons)) if length is None else x
    return b.op("set", zeros, kept, count, index=", ".join(colons))


_declare("fft")
_declare("ifft")

# --- of real arrays


def _infer_half_of(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    whole = _infer(typing, types, attrs)
    assert isinstance(whole, Array) and whole.dims is not None
    place = normal_axis(attrs.get("axis", -1), len(whole.dims))
    half = lengths.quotient(whole.dims[place], fixed(2))
    half = typing.fresh_size("k") if half is None else half + 1
    return Array(whole.dtype, (*whole.dims[:place], half, *whole.dims[place + 1 :]))


def _rfft_back(b: Builder, op: Op, g: Value) -> Value:
    """The transform of the half with zeros in the place of the other half; its real part."""
    x, axis = op.inputs[0], op.attrs.get("axis", -1)
    place = normal_axis(axis, rank_of(x, "np.fft.rfft"))
    sizes = [b.op("dim", x, axis=k) for k in range(rank_of(x, "np.fft.rfft"))]
    whole = b.op("zeros", *sizes, dtype=_complex(getattr(x.type, "dtype", None)))
    stop = b.op("dim", op.result, axis=place)
    whole = b.op("set", whole, g, stop, index=", ".join([":"] * place + [":@"]))
    return b.op("real", b.op("fft_all", whole, **op.attrs))


linear(
    "rfft_all(x, axis=-1, norm=None)",
    _rfft_back,
    _infer_half_of,
    "rfft_all",
    evaluate=lambda x, axis=-1, norm=None: np.fft.rfft(x, axis=axis, norm=norm),
    spelling=called("np.fft.rfft"),
)


def _rfft(b: Builder, x: Value, n: int | None, axis: int, norm: str | None) -> Value:
    return b.op("rfft_all", _resized(b, x, n, axis), **_attrs(axis, norm))


composed("np.fft.rfft(x, n=None, axis=-1, norm=None)", _rfft, linear=1)


def _irfft(b: Builder, x: Value, n: int | None, axis: int, norm: str | None) -> Value:
    """The real part of the inverse of the half, with its inner entries twice."""
    place = normal_axis(axis, rank_of(x, "np.fft.irfft"))
    count = _even(b, x, n, place)
    length = count if isinstance(count, int) else None
    half = length // 2 + 1 if length is not None else b.op("dim", x, axis=place)
    cut = _resized(b, x, half, axis) if isinstance(half, int) else x
    numbers = b.op("arange", half)
    last = b.op("floordiv", count, 2)
    inner = b.op("bit_and", b.op("gt", numbers, 0), b.op("ne", b.op("mul", numbers, 2), count))
    column = [":"] + ["None"] * (rank_of(x, "np.fft.irfft") - place - 1)
    factor = b.op("where", inner, 2.0, 1.0)
    factor = b.op("get", factor, index=", ".join(column)) if len(column) > 1 else factor
    code = {"c64": "f32", "f32": "f32"}.get(getattr(x.type, "dtype", None) or "", "f64")
    doubled = b.op("mul", cut, cast_to(b, factor, code))
    sizes = [b.op("dim", x, axis=k) for k in range(rank_of(x, "np.fft.irfft"))]
    sizes[place] = b.value(count)
    zeros = b.op("zeros", *sizes, dtype=_complex(getattr(x.type, "dtype", None)))
    stop = b.op("add", last, 1)
    whole = b.op("set", zeros, doubled, stop, index=", ".join([":"] * place + [":@"]))
    return b.op("real", b.op("ifft_all", whole, **_attrs(axis, norm)))


def _even(b: Builder, x: Value, n: int | None, axis: int) -> Any:
    """The length of the result: where none is given, the even one."""
    return n if n is not None else b.op("mul", b.op("sub", b.op("dim", x, axis=axis), 1), 2)


composed("np.fft.irfft(x, n=None, axis=-1, norm=None)", _irfft, linear=1)

# --- several axes


def _several(name: str, single: str, axes: tuple[int, ...] | None, last: str = "") -> None:
    def body(b: Builder, x: Value, s: Any, axes: Any, norm: str | None) -> Value:
        rank = rank_of(x, f"np.fft.{name}")
        along = tuple(range(rank)) if axes is None else tuple(axes)
        if axes is None and s is not None:
            along = tuple(range(rank - len(s), rank))
        steps = list(zip(along, [None] * len(along) if s is None else list(s), strict=True))
        first = [steps.pop()] if last else []
        if name.startswith("r"):
            x = b.op(last, x, **_length(first[0][1]), **_attrs(first[0][0], norm))
        for axis, length in reversed(steps) if name.startswith("r") else steps:
            x = b.op(single, x, **_length(length), **_attrs(axis, norm))
        if name.startswith("i") and last:
            x = b.op(last, x, **_length(first[0][1]), **_attrs(first[0][0], norm))
        return x

    composed(f"np.fft.{name}(x, s=None, axes={axes}, norm=None)", body, linear=1)


def _length(n: int | None) -> dict[str, Any]:
    return {} if n is None else {"n": n}


for _prefix, _single in (("", "fft"), ("i", "ifft")):
    _several(f"{_prefix}fft2", _single, (-2, -1))
    _several(f"{_prefix}fftn", _single, None)
    for _count, _axes in (("2", (-2, -1)), ("n", None)):
        _several(f"{_prefix}rfft{_count}", _single, _axes, f"{_prefix}rfft")

# --- order and frequencies


def _shift(sign: int) -> Any:
    def body(b: Builder, x: Value, axes: Any) -> Value:
        for axis in normal_axes(axes, rank_of(x, "np.fft.fftshift")):
            half = b.op("floordiv", b.op("dim", x, axis=axis), 2)
            x = b.op("roll", x, half if sign > 0 else b.op("neg", half), axis=axis)
        return x

    return body


composed("np.fft.fftshift(x, axes=None)", _shift(1), linear=1)
composed("np.fft.ifftshift(x, axes=None)", _shift(-1), linear=1)


def _infer_frequencies(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return Array("f64", shape_dims(typing, types))


def _infer_half(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    shape_dims(typing, types)
    return Array("f64", (typing.fresh_size("k"),))


constant("fftfreq(n)", _infer_frequencies, "fftfreq", evaluate=np.fft.fftfreq, spelling="np.fft.fftfreq(n)")
constant("rfftfreq(n)", _infer_half, "rfftfreq", evaluate=np.fft.rfftfreq, spelling="np.fft.rfftfreq(n)")


def _bind_frequencies(name: str) -> None:
    @binds(getattr(np.fft, name))
    def bind(b: Builder, n: Any, d: Any = None) -> Value:
        found = b.op(name, integer(b, n, "n"))
        return found if d is None else b.op("div", found, number(b, d))


for _name in ("fftfreq", "rfftfreq"):
    _bind_frequencies(_name)
