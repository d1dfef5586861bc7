"""Arrays with a border put round them, and windows that slide over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Value
from srcdiff.ir.opdef import TypingError, view_of
from srcdiff.ir.types import Array

from .binding import binds, given, number, operand, static
from .calculus import rank_of, strided
from .compose import composed
from .shapes import array_dims, normal_axes
from .spelling import called

# --- padding


def _widths(widths: Any, rank: int) -> list[tuple[int, int]]:
    """How much is put in front and behind of each axis."""
    if isinstance(widths, int):
        return [(widths, widths)] * rank
    if all(isinstance(item, int) for item in widths):
        pair = tuple(widths) if len(widths) == 2 else (widths[0],) * 2
        return [pair] * rank
    pairs = [tuple(item) if len(item) == 2 else (item[0],) * 2 for item in widths]
    return pairs * rank if len(pairs) == 1 else pairs


def _infer_pad(typing: Any, types: Sequence[Any], attrs: Any) -> Any:
    dims = array_dims(types[0], "np.pad")
    pairs = _widths(attrs["widths"], len(dims))
    if len(pairs) != len(dims):
        raise TypingError(f"np.pad: {attrs['widths']} does not fit an array of rank {len(dims)}")
    padded = tuple(dim + before + after for dim, (before, after) in zip(dims, pairs, strict=True))
    return Array(getattr(types[0], "dtype", None), padded)


def _pad_with(b: Builder, x: Value, value: Value, widths: Any) -> Value:
    """An array full of the value, with the operand in its middle."""
    pairs = _widths(widths, rank_of(x, "np.pad"))
    lengths = [b.op("dim", x, axis=k) for k in range(len(pairs))]
    whole = [b.op("add", length, before + after) for length, (before, after) in zip(lengths, pairs, strict=True)]
    code = getattr(x.type, "dtype", None)
    full = b.op("full", value, *whole, **given(dtype=code))
    parts, bounds = [], []
    for length, (before, after) in zip(lengths, pairs, strict=True):
        parts.append(f"{'@' if before else ''}:{'@' if after else ''}")
        bounds += ([before] if before else []) + ([b.op("add", length, before) if before else length] if after else [])
    return b.op("set", full, x, *bounds, index=", ".join(parts))


def _evaluate_pad_with(x: Any, value: Any, widths: Any = 0) -> Any:
    return np.pad(x, widths, constant_values=value)


composed(
    "pad_with(x, value, widths=0)",
    _pad_with,
    "pad_with",
    infer=_infer_pad,
    evaluate=_evaluate_pad_with,
    spelling=lambda op, texts: f"np.pad({texts[0]}, {op.attrs['widths']}, constant_values={texts[1]})",
)
composed(
    "pad_zeros(x, widths=0)",
    lambda b, x, widths: _pad_with(b, x, b.constant(0.0), widths),
    "pad_zeros",
    linear=1,
    infer=_infer_pad,
    evaluate=lambda x, widths=0: np.pad(x, widths),
    spelling=lambda op, texts: f"np.pad({texts[0]}, {op.attrs['widths']})",
)


def _pad(b: Builder, x: Value, widths: Any, mode: str) -> Value:
    """Along each axis the entries that the padded indices name."""
    for axis, (before, after) in enumerate(_widths(widths, rank_of(x, "np.pad"))):
        if before or after:
            places = b.op("arange", b.op("dim", x, axis=axis))
            x = strided(b, x, axis, b.op("pad", places, widths=(before, after), mode=mode))
    return x


composed(
    "pad(x, widths=0, mode='edge')",
    _pad,
    "pad",
    linear=1,
    infer=_infer_pad,
    evaluate=lambda x, widths, mode: np.pad(x, widths, mode=mode),
    spelling=lambda op, texts: f"np.pad({texts[0]}, {op.attrs['widths']}, mode={op.attrs['mode']!r})",
)


@binds(np.pad)
def _pad_call(b: Builder, array: Any, pad_width: Any, mode: Any = "constant", constant_values: Any = None) -> Value:
    x, widths, how = operand(b, array), static(pad_width, "pad_width"), static(mode, "mode")
    if how == "constant":
        if constant_values is None:
            return b.op("pad_zeros", x, widths=widths)
        return b.op("pad_with", x, number(b, constant_values), widths=widths)
    if how not in ("edge", "wrap", "reflect", "symmetric"):
        hint = "write 'constant', 'edge', 'reflect', 'symmetric' or 'wrap'"
        raise TypingError(f"np.pad with mode={how!r} has no rule", "SD010", hint)
    return b.op("pad", x, widths=widths, mode=how)


# --- views of windows


def _windows(b: Builder, x: Value, window: Any, axis: Any) -> Value:
    """``x[..., i:i + window]`` for every i, as a gather: a cell that several windows share gets from all."""
    axes = normal_axes(axis, rank_of(x, "sliding_window_view"))
    lengths = (window,) if isinstance(window, int) else window
    for place, length in zip(axes, lengths, strict=True):
        starts = b.op("arange", b.op("sub", b.op("dim", x, axis=place), length - 1))
        where = b.op("add", b.op("expand_dims", starts, axis=1), b.op("arange", length))
        x = strided(b, x, place, where)
        rank = rank_of(x, "")
        x = b.op("transpose", x, axes=(*range(place + 1), *range(place + 2, rank), place + 1))
    return x


composed(
    "windows(x, window_shape=1, axis=None)",
    lambda b, x, window_shape, axis: _windows(b, x, window_shape, axis),
    "windows",
    linear=1,
    evaluate=lambda x, window_shape, axis=None: np.lib.stride_tricks.sliding_window_view(x, window_shape, axis),
    storage=(view_of(0),),
    spelling=called("np.lib.stride_tricks.sliding_window_view"),
)


@binds(np.lib.stride_tricks.sliding_window_view)
def _sliding_window_view(b: Builder, x: Any, window_shape: Any, axis: Any = None) -> Value:
    attrs = {"window_shape": static(window_shape, "window_shape"), **given(axis=static(axis, "axis"))}
    return b.op("windows", operand(b, x), **attrs)
