"""Functions that move entries about: reshape, transpose, join, repeat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import Dim, formula
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.opdef import Attrs, Typing, TypingError, may_view, view_of
from srcdiff.ir.types import Array, List, Scalar, Type, Unknown, cotangent_type

from .binding import METHODS, binds, integers, operand, static
from .creation import shape_dims, shape_operands
from .fit import dropped, summed
from .kinds import linear
from .shapes import Dims, array_dims, enforce, normal_axes, normal_axis, product

VIEW = (view_of(0),)
MAYBE = (may_view(0),)


def like(type_: Type, dims: Dims) -> Array:
    """An array of these dims with the dtype of another type."""
    return Array(getattr(type_, "dtype", None), dims)


# --- reshape


def _infer_reshape(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    x, *shape = types
    total = product(array_dims(x, "reshape"))
    values = [getattr(type_, "value", None) for type_ in shape]
    open_at = [k for k, value in enumerate(values) if value == fixed(-1)]
    if len(open_at) > 1:
        raise TypingError("only one length of a shape can be -1")
    known = [value if value is not None else typing.fresh_size("n") for value in values]
    if open_at:
        rest = product(dim for k, dim in enumerate(known) if k != open_at[0])
        known[open_at[0]] = _divided(total, rest)
    elif (total - product(known)).value:
        raise TypingError(f"an array of {total} entries cannot be given {product(known)}")
    return like(x, tuple(known))


def _divided(total: Dim, rest: Dim) -> Dim:
    """``total // rest`` where the division is exact."""
    if len(rest.terms) == 1:
        ((key, factor),) = rest.terms
        quotients = {}
        for symbols, number in total.terms:
            left = list(symbols)
            if number % factor or any(left.count(s) < key.count(s) for s in key):
                break
            for symbol in key:
                left.remove(symbol)
            quotients[tuple(left)] = number // factor
        else:
            return Dim.of(quotients)
    return formula(f"floordiv({total}, {rest})", total, rest)


def _evaluate_reshape(x: Any, *shape: Any) -> Any:
    return np.reshape(x, shape)


def _spell_reshape(op: Op, texts: Sequence[str]) -> str:
    if isinstance(op.inputs[0].type, Array):
        return f"{texts[0]}.reshape({', '.join(texts[1:]) or '()'})"
    return f"np.reshape({texts[0]}, {shape_text(texts[1:])})"


def shape_text(texts: Sequence[str]) -> str:
    """The text of a shape argument."""
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def _reshape_back(b: Builder, op: Op, g: Value) -> Value:
    return b.op("reshape_like", g, op.inputs[0])


linear(
    "reshape",
    _reshape_back,
    _infer_reshape,
    "reshape",
    evaluate=_evaluate_reshape,
    spelling=_spell_reshape,
    storage=MAYBE,
)


@binds(np.reshape)
def _reshape(b: Builder, a: Any, shape: Any) -> Value:
    return b.op("reshape", operand(b, a), *integers(b, shape))


def _reshape_method(b: Builder, x: Value, *shape: Any) -> Value:
    return _reshape(b, x, shape[0] if len(shape) == 1 else shape)


METHODS["reshape"] = _reshape_method


def _infer_like(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    """The shape of operand 1, the dtype of operand 0."""
    g, x = types
    if isinstance(x, Scalar):
        code = getattr(g, "dtype", None)
        return Scalar(code, "numpy") if code else Scalar("f64", "either")
    if isinstance(x, Array) and not isinstance(g, (Unknown, List)):
        return Array(getattr(g, "dtype", None), x.dims)
    return x if isinstance(x, (Array, Unknown)) else cotangent_type(x)


linear(
    "reshape_like(g, x)",
    _reshape_back,
    _infer_like,
    "reshape_like",
    evaluate=lambda g, x: np.reshape(g, np.shape(x))[()],
    spelling=lambda op, texts: (
        f"np.reshape({texts[0]}, {texts[1]}.shape)"
        if isinstance(op.inputs[0].type, Scalar)  # a number that may be Python's
        else f"{texts[0]}.reshape({texts[1]}.shape)"
    ),
    storage=MAYBE,
    shape_only=(1,),
)


def _infer_flat(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return like(types[0], (product(array_dims(types[0], "flattening")),))


linear("np.ravel(x)", _reshape_back, _infer_flat, storage=MAYBE)


def _spell_flatten(op: Op, texts: Sequence[str]) -> str:
    return f"{texts[0]}.flatten()"


linear("flatten(x)", _reshape_back, _infer_flat, "flatten", evaluate=lambda x: x.flatten(), spelling=_spell_flatten)
METHODS["ravel"] = lambda b, x: b.op("ravel", x)
METHODS["flatten"] = lambda b, x: b.op("flatten", x)

# --- axes


def _infer_transpose(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims, axes = array_dims(types[0], "transpose"), attrs.get("axes")
    if axes is None:
        return like(types[0], dims[::-1])
    if sorted(normal_axis(a, len(dims)) for a in axes) != list(range(len(dims))):
        raise TypingError(f"{axes} is no permutation of the axes of an array of rank {len(dims)}")
    return like(types[0], tuple(dims[a] for a in axes))


def _transpose_back(b: Builder, op: Op, g: Value) -> Value:
    axes = op.attrs.get("axes")
    if axes is None:
        return b.op("transpose", g)
    back = tuple(int(k) for k in np.argsort([a % len(axes) for a in axes]))
    return b.op("transpose", g, axes=back)


def _spell_transpose(op: Op, texts: Sequence[str]) -> str:
    axes = op.attrs.get("axes")
    return f"{texts[0]}.T" if axes is None else f"np.transpose({texts[0]}, {axes})"


linear("np.transpose(x, axes=None)", _transpose_back, _infer_transpose, spelling=_spell_transpose, storage=VIEW)


@binds(method="transpose")
def _transpose_method(b: Builder, x: Value, *axes: Any) -> Value:
    given = static(axes[0] if len(axes) == 1 and not isinstance(axes[0], Value) else axes, "axes")
    return b.op("transpose", x, **({} if given in ((), None) else {"axes": given}))


@binds(attribute="T")
def _transposed(b: Builder, x: Value) -> Value:
    return b.op("transpose", x)


def _infer_swap(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims = list(array_dims(types[0], "swapaxes"))
    i, j = (normal_axis(attrs[name], len(dims)) for name in ("axis1", "axis2"))
    dims[i], dims[j] = dims[j], dims[i]
    return like(types[0], tuple(dims))


linear(
    "np.swapaxes(x, axis1=0, axis2=0)",
    lambda b, op, g: b.op("swapaxes", g, **op.attrs),
    _infer_swap,
    spelling=lambda op, texts: f"np.swapaxes({texts[0]}, {op.attrs['axis1']}, {op.attrs['axis2']})",
    storage=VIEW,
)


@binds(np.swapaxes, method="swapaxes")
def _swapaxes(b: Builder, a: Any, axis1: Any, axis2: Any) -> Value:
    return b.op("swapaxes", operand(b, a), axis1=static(axis1, "axis1"), axis2=static(axis2, "axis2"))


def _infer_matrix_transpose(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims = array_dims(types[0], "a matrix transpose")
    if len(dims) < 2:
        raise TypingError("a matrix transpose needs two axes")
    return like(types[0], (*dims[:-2], dims[-1], dims[-2]))


def _spell_matrix_transpose(op: Op, texts: Sequence[str]) -> str:
    type_ = op.inputs[0].type
    flat = isinstance(type_, Array) and type_.rank == 2
    return f"{texts[0]}.T" if flat else f"np.swapaxes({texts[0]}, -1, -2)"


linear(
    "mT(x)",
    lambda b, op, g: b.op("mT", g),
    _infer_matrix_transpose,
    "mT",
    evaluate=lambda x: np.swapaxes(x, -1, -2),
    spelling=_spell_matrix_transpose,
    storage=VIEW,
)


@binds(np.matrix_transpose if hasattr(np, "matrix_transpose") else "matrix_transpose", attribute="mT")
def _matrix_transpose(b: Builder, x: Any) -> Value:
    return b.op("mT", operand(b, x))


@binds(np.moveaxis)
def _moveaxis(b: Builder, a: Any, source: Any, destination: Any) -> Value:
    """``np.moveaxis`` as the permutation that it is."""
    x = operand(b, a)
    rank = len(array_dims(x.type, "moveaxis"))
    ends = []
    for given in (static(source, "source"), static(destination, "destination")):
        ends.append([normal_axis(k, rank) for k in ([given] if isinstance(given, int) else given)])
    order = [k for k in range(rank) if k not in ends[0]]
    for to, axis in sorted(zip(ends[1], ends[0], strict=True)):
        order.insert(to, axis)
    return b.op("transpose", x, axes=tuple(order))


def _spell_expand(op: Op, texts: Sequence[str]) -> str:
    """Derived code writes ``g[:, None]``."""
    axis, type_ = op.attrs["axis"], op.result.type
    if not op.why or not isinstance(type_, Array) or type_.dims is None:
        return f"np.expand_dims({texts[0]}, {axis})"
    new = normal_axes(axis, len(type_.dims))
    parts = ["None" if k in new else ":" for k in range(len(type_.dims))]
    while parts[-1] == ":":
        parts.pop()
    return f"{texts[0]}[{', '.join(parts)}]"


def _infer_expand(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims, axis = array_dims(types[0], "expand_dims"), attrs["axis"]
    axes = (axis,) if isinstance(axis, int) else axis
    rank = len(dims) + len(axes)
    new = {normal_axis(a, rank) for a in axes}
    rest = iter(dims)
    return like(types[0], tuple(fixed(1) if k in new else next(rest) for k in range(rank)))


linear(
    "np.expand_dims(x, axis=None)",
    lambda b, op, g: dropped(b, g, op.attrs["axis"]),
    _infer_expand,
    spelling=_spell_expand,
    storage=VIEW,
)


def _infer_squeeze(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims, axis = array_dims(types[0], "squeeze"), attrs.get("axis")
    if axis is None:
        if any(dim.is_one() is None for dim in dims):
            raise TypingError("which axes `squeeze` drops is not known", "SD011", "name the axis: `squeeze(axis=0)`")
        return like(types[0], tuple(dim for dim in dims if not dim.is_one()))
    gone = normal_axes(axis, len(dims))
    for k in gone:
        enforce(typing, dims[k], fixed(1))
    return like(types[0], tuple(dim for k, dim in enumerate(dims) if k not in gone))


def _unsqueeze(b: Builder, op: Op, g: Value) -> Value:
    axis = op.attrs.get("axis")
    return b.op("reshape_like", g, op.inputs[0]) if axis is None else b.op("expand_dims", g, axis=axis)


linear("np.squeeze(x, axis=None)", _unsqueeze, _infer_squeeze, storage=VIEW)

# --- broadcasting


def _infer_broadcast(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    x, *shape = types
    dims = shape_dims(typing, shape)
    have = array_dims(x, "broadcast_to")
    if dims is None or len(have) > len(dims):
        raise TypingError("np.broadcast_to needs a shape of known rank, not below that of the array", "SD013")
    for own, want in zip(reversed(have), reversed(dims), strict=False):
        if typing.facts.is_one(own) is False:
            enforce(typing, own, want)
    return like(x, dims)


linear(
    "broadcast_to",
    lambda b, op, g: summed(b, g, op.inputs[0]),
    _infer_broadcast,
    "broadcast_to",
    evaluate=lambda x, *shape: np.broadcast_to(x, shape),
    spelling=lambda op, texts: f"np.broadcast_to({texts[0]}, {shape_text(texts[1:])})",
    storage=VIEW,
)


@binds(np.broadcast_to)
def _broadcast_to(b: Builder, array: Any, shape: Any) -> Value:
    return b.op("broadcast_to", operand(b, array), *shape_operands(b, shape))


def _evaluate_broadcast_like(g: Any, x: Any) -> Any:
    return np.broadcast_to(g, np.shape(x)) if np.shape(x) or isinstance(x, np.ndarray) else g


linear(
    "broadcast_like(g, x)",
    lambda b, op, g: summed(b, g, op.inputs[0]),
    _infer_like,
    "broadcast_like",
    evaluate=_evaluate_broadcast_like,
    spelling="np.broadcast_to(g, np.shape(x))",
    storage=VIEW,
    shape_only=(1,),
)
