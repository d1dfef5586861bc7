"""Products of vectors and matrices, traces, and what ``np.linalg`` solves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import Dim
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import OPS, Attrs, Typing, TypingError
from srcdiff.ir.types import DTYPES, Array, Scalar, Type, dtype_code, kind

from .binding import FUNCTIONS, METHODS, binds, operand
from .contributions import Contribution, applied
from .dtypes import array_code
from .fit import cast_like, summed
from .kinds import Cotangents, Dots, elementwise_typing, general, linear, multilinear, zero_like
from .lengths import smaller
from .reductions import kept, over_result
from .shapes import Dims, array_dims, broadcast, enforce, unknown

Transpose = Callable[[Builder, Op, Value], Value]


def result_of(code: str | None, dims: Dims) -> Type:
    """An array, or the number that NumPy gives for no axes."""
    return Array(code, dims) if dims else (Scalar(code) if code else Scalar("f64", "either"))


def _code(types: Sequence[Type]) -> str | None:
    return array_code(np.multiply, types)


def _check_ranks(name: str, types: Sequence[Type]) -> list[Dims]:
    for type_ in types:
        if not isinstance(type_, (Array, Scalar)):
            raise unknown(name, type_)
    return [array_dims(type_, name) for type_ in types]


# --- a @ b


def _infer_matmul(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    a, b = _check_ranks("`@`", types)
    if not a or not b:
        raise TypingError("`@` needs arrays, not numbers", "SD013", "write `*`")
    enforce(typing, a[-1], b[-2] if len(b) > 1 else b[0])
    batch = broadcast(typing, [a[:-2], b[:-2]])
    rows: tuple[Dim, ...] = (a[-2],) if len(a) > 1 else ()
    columns: tuple[Dim, ...] = (b[-1],) if len(b) > 1 else ()
    return result_of(_code(types), (*batch, *rows, *columns))


def _ranks(op: Op) -> tuple[int, int]:
    left, right = (len(array_dims(value.type, "`@`")) for value in op.inputs)
    return left, right


_LEFT = {(1, 1): "g * b", (1, 2): "b @ g", (2, 1): "outer(g, b)", (2, 2): "g @ mT(b)"}
_RIGHT = {(1, 1): "g * a", (1, 2): "outer(a, g)", (2, 1): "g @ a", (2, 2): "mT(a) @ g"}


def _left_back(b: Builder, op: Op, g: Value) -> Value:
    """What the left operand of ``a @ b`` gets."""
    left, right = ranks = _ranks(op)
    names = {"g": g, "a": op.inputs[0], "b": op.inputs[1]}
    if max(ranks) <= 2:
        return read(b, _LEFT[ranks], names)
    if left == 1:
        column = read(b, "b @ expand_dims(g, axis=-1)", names)
        part = b.op("squeeze", column, axis=-1)
    else:
        part = read(b, "expand_dims(g, axis=-1) * b" if right == 1 else "g @ mT(b)", names)
    return summed(b, part, op.inputs[0])


def _right_back(b: Builder, op: Op, g: Value) -> Value:
    """What the right operand of ``a @ b`` gets."""
    left, right = ranks = _ranks(op)
    names = {"g": g, "a": op.inputs[0], "b": op.inputs[1]}
    if max(ranks) <= 2:
        return read(b, _RIGHT[ranks], names)
    if right == 1:
        return b.op("sum", read(b, "expand_dims(g, axis=-1) * a", names), axis=tuple(range(left - 1)))
    if left == 1:
        part = read(b, "expand_dims(a, axis=-1) * expand_dims(g, axis=-2)", names)
    else:
        part = read(b, "mT(a) @ g", names)
    return summed(b, part, op.inputs[1])


multilinear("a @ b", _left_back, _right_back, infer=_infer_matmul, name="matmul")


@binds(np.matmul)
def _matmul(b: Builder, a: Any, c: Any) -> Value:
    return b.op("matmul", operand(b, a), operand(b, c))


# --- dot, inner, outer, vdot


def _infer_dot(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    a, b = _check_ranks("np.dot", types)
    if max(len(a), len(b)) > 2:
        raise TypingError("np.dot of arrays of rank above 2 is not supported", "SD010", "write `@` or np.einsum")
    if not a or not b:
        strong = [Scalar(type_.dtype) if isinstance(type_, Scalar) else type_ for type_ in types]
        return elementwise_typing("dot", np.multiply, None, "")(typing, strong, attrs)[0]
    return _infer_matmul(typing, types, attrs)


def _dot_back(texts: dict[tuple[int, int], str], k: int) -> Transpose:
    def transpose(b: Builder, op: Op, g: Value) -> Value:
        text = texts.get(_ranks(op), "g * b" if k == 0 else "g * a")
        return summed(b, read(b, text, {"g": g, "a": op.inputs[0], "b": op.inputs[1]}), op.inputs[k])

    return transpose


multilinear("np.dot(a, b)", _dot_back(_LEFT, 0), _dot_back(_RIGHT, 1), infer=_infer_dot)
METHODS["dot"] = FUNCTIONS[np.dot]


def _infer_inner(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    a, b = _check_ranks("np.inner", types)
    if not 1 <= len(a) <= 2 or not 1 <= len(b) <= 2:
        raise TypingError("np.inner is supported for vectors and matrices", "SD010", "write `@` or np.einsum")
    enforce(typing, a[-1], b[-1])
    return result_of(_code(types), (*a[:-1], *b[:-1]))


_INNER_LEFT = {(1, 1): "g * b", (1, 2): "g @ b", (2, 1): "outer(g, b)", (2, 2): "g @ b"}
_INNER_RIGHT = {(1, 1): "g * a", (1, 2): "outer(g, a)", (2, 1): "g @ a", (2, 2): "mT(g) @ a"}

multilinear("np.inner(a, b)", _dot_back(_INNER_LEFT, 0), _dot_back(_INNER_RIGHT, 1), infer=_infer_inner)


def _infer_outer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    a, b = _check_ranks("np.outer", types)
    if len(a) != 1 or len(b) != 1:
        raise TypingError("np.outer is supported for vectors", "SD010", "write `a[:, None] * b`")
    return Array(_code(types), (a[0], b[0]))


multilinear("np.outer(a, b)", "g @ b", "a @ g", infer=_infer_outer)


def _infer_vdot(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    a, b = _check_ranks("np.vdot", types)
    if len(a) != len(b):
        raise TypingError("np.vdot of arrays of different rank is not supported", "SD010", "use np.ravel")
    for one, other in zip(a, b, strict=True):
        enforce(typing, one, other)
    return result_of(_code(types), ())


multilinear("np.vdot(a, b)", "g * b", "g * a", infer=_infer_vdot)

# --- triangles, diagonals, traces


def _infer_triangle(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    if len(array_dims(types[0], "a triangle")) < 2:
        raise TypingError("a triangle of a vector is not supported", "SD010", "give a matrix")
    return types[0]


linear("np.tril(x, k=0)", lambda b, op, g: b.op("tril", g, **op.attrs), _infer_triangle)
linear("np.triu(x, k=0)", lambda b, op, g: b.op("triu", g, **op.attrs), _infer_triangle)


def _infer_trace(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    if len(array_dims(types[0], "np.trace")) != 2:
        raise TypingError("np.trace is supported for matrices", "SD010", "use np.einsum")
    return result_of(getattr(types[0], "dtype", None), ())


def _trace_back(b: Builder, op: Op, g: Value) -> Value:
    x = op.inputs[0]
    return b.op("mul", g, b.op("eye", b.op("dim", x, axis=0), b.op("dim", x, axis=1)))


linear("np.trace(x)", _trace_back, _infer_trace)


def _infer_diag(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims = array_dims(types[0], "np.diag")
    code = getattr(types[0], "dtype", None)
    if len(dims) == 1:
        return Array(code, (dims[0], dims[0]))
    if len(dims) != 2:
        raise TypingError("np.diag takes a vector or a matrix")
    return Array(code, (smaller(*dims),))


def _diag_back(b: Builder, op: Op, g: Value) -> Value:
    x = op.inputs[0]
    dims = array_dims(x.type, "np.diag")
    if len(dims) == 1:
        return b.op("diag", g)
    rows = b.op("arange", b.op("dim", op.result, axis=0))
    return b.op("set", zero_like(b, x), g, rows, rows, index="@, @")


def _spell_diag(op: Op, texts: Sequence[str]) -> str:
    """The diagonal of a matrix is a read-only view in NumPy: it is copied."""
    vector = isinstance(op.result.type, Array) and op.result.type.rank == 1
    return f"np.diag({texts[0]}).copy()" if vector else f"np.diag({texts[0]})"


linear("np.diag(x)", _diag_back, _infer_diag, evaluate=lambda x: np.diag(x).copy(), spelling=_spell_diag)

# --- norms, inverses, systems


def _infer_norm(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return OPS["sum"].infer(typing, types, attrs)[0]


def _norm_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    """``g * x / y``, and 0 where the norm is 0."""
    if g[0] is None or not wanted[0]:
        return [None]
    x = op.inputs[0]
    part = b.op("mul", kept(b, op, over_result(b, op, applied(b, g[0]))), x)
    return [cast_like(b, part, x.type)]


def _norm_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[0] is None:
        return (None,)
    total = b.op("sum", b.op("mul", op.inputs[0], dots[0]), **op.attrs)
    return (cast_like(b, over_result(b, op, total), op.result.type),)


general("np.linalg.norm(x, axis=None, keepdims=False)", _norm_jvp, _norm_vjp, _infer_norm, group="reduction")


def _infer_inverse(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims = array_dims(types[0], "np.linalg.inv")
    if len(dims) < 2:
        raise TypingError("np.linalg.inv needs a matrix")
    enforce(typing, dims[-2], dims[-1])
    return Array(inexact_code(types), dims)


def inexact_code(types: Sequence[Type]) -> str | None:
    """The dtype that LAPACK computes in: at least float32."""
    codes = [getattr(type_, "dtype", None) for type_ in types]
    if None in codes:
        return None
    return dtype_code(np.result_type(*(DTYPES[c] if kind(c) in "fc" else np.float64 for c in codes if c)))


general(
    "np.linalg.inv(x)",
    lambda b, op, dots: (None if dots[0] is None else read(b, "-(y @ d @ y)", {"y": op.result, "d": dots[0]}),),
    lambda b, op, g, wanted: [
        None
        if g[0] is None or not wanted[0]
        else read(b, "-(mT(y) @ g @ mT(y))", {"y": op.result, "g": applied(b, g[0])})
    ],
    _infer_inverse,
)


def _infer_solve(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    a, b = _check_ranks("np.linalg.solve", types)
    if len(a) < 2 or not b:
        raise TypingError("np.linalg.solve needs a matrix, and a vector or a matrix")
    enforce(typing, a[-2], a[-1])
    enforce(typing, a[-1], b[0] if len(b) == 1 else b[-2])
    code = inexact_code(types)
    if len(b) == 1:
        return Array(code, a[:-1])
    return Array(code, (*broadcast(typing, [a[:-2], b[:-2]]), a[-1], b[-1]))


def _solve_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    if g[0] is None:
        return [None, None]
    matrix, right = op.inputs
    vector = len(array_dims(right.type, "np.linalg.solve")) == 1
    names = {"a": matrix, "g": applied(b, g[0]), "y": op.result}
    if vector and len(array_dims(matrix.type, "")) > 2:
        names = {**names, "g": b.op("expand_dims", names["g"], axis=-1), "y": b.op("expand_dims", op.result, axis=-1)}
        part = b.op("squeeze", column := read(b, "solve(mT(a), g)", names), axis=-1)
        names, vector = {**names, "p": column}, False
    else:
        part = read(b, "solve(mT(a), g)", names)
        names["p"] = part
    first: Contribution = None
    if wanted[0]:
        product = read(b, "-outer(p, y)" if vector else "-(p @ mT(y))", names)
        first = cast_like(b, summed(b, product, matrix), matrix.type)
    return [first, cast_like(b, summed(b, part, right), right.type) if wanted[1] else None]


def _solve_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[0] is None and dots[1] is None:
        return (None,)
    names = {"a": op.inputs[0], "y": op.result, "d": dots[0], "e": dots[1]}
    batched = len(array_dims(op.inputs[0].type, "")) > 2 and len(array_dims(op.inputs[1].type, "")) == 1
    if not batched:
        text = "e" if dots[0] is None else "-(d @ y)" if dots[1] is None else "e - d @ y"
        return (read(b, f"solve(a, {text})", names),)
    total: Value | None = dots[1]
    if dots[0] is not None:
        moved = b.op("squeeze", read(b, "d @ expand_dims(y, axis=-1)", names), axis=-1)
        total = b.op("neg", moved) if total is None else b.op("sub", total, moved)
    assert total is not None
    if len(array_dims(total.type, "")) == 1:
        return (b.op("solve", op.inputs[0], total),)
    column = read(b, "solve(a, expand_dims(t, axis=-1))", {**names, "t": total})
    return (b.op("squeeze", column, axis=-1),)


general("np.linalg.solve(a, b)", _solve_jvp, _solve_vjp, _infer_solve)
