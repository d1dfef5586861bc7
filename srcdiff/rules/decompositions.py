"""Determinants and decompositions: each by its tangent, whose transpose is the cotangent; batched.

Functions that read one triangle of a symmetric matrix (``cholesky``, ``eigh``) differentiate what they read.
Eigenvectors and singular vectors of equal values are not differentiable: what mixes them is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import FRESH, Attrs, Typing, TypingError
from srcdiff.ir.types import Array, Scalar, Type, dims_of

from . import helpers
from .binding import binds, given, operand, static
from .compose import composed, implicit
from .kinds import Dots
from .lengths import smaller
from .linalg import inexact_code, result_of
from .shapes import Dims, array_dims, enforce
from .spelling import called


def _square(typing: Typing, types: Sequence[Type], what: str) -> Dims:
    dims = array_dims(types[0], what)
    if len(dims) < 2:
        raise TypingError(f"{what} needs a matrix")
    enforce(typing, dims[-2], dims[-1])
    return dims


def _real(types: Sequence[Type]) -> str | None:
    """The dtype of what is real whatever the matrix is."""
    code = inexact_code(types)
    return {"c64": "f32", "c128": "f64"}.get(code or "", code)


def _eye(b: Builder, x: Value) -> Value:
    """The unit matrix of a square matrix, or of its last axis."""
    code = getattr(x.type, "dtype", None)
    return b.op(
        "eye", b.op("dim", x, axis=len(dims_of(x.type) or ()) - 1), **given(dtype=None if code == "f64" else code)
    )


def _per_matrix(b: Builder, g: Value) -> Value:
    """A number for each matrix, so that it multiplies matrices."""
    return b.op("expand_dims", g, axis=(-2, -1)) if isinstance(g.type, Array) else g


# --- determinants


def _infer_det(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return result_of(inexact_code(types), _square(typing, types, "np.linalg.det")[:-2])


def _det(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    """The sum of cofactors times tangents: finite where the matrix is singular."""
    return (read(b, "sum(c * d, axis=(-2, -1))", {"c": b.op("cofactors", op.inputs[0]), "d": dots[0]}),)


def _infer_like(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return Array(inexact_code(types), _square(typing, types, "np.linalg.det"))


def _cofactors(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    """For regular matrices: ``(<C, d> C - C d^T C) / det``."""
    names = {"y": op.result, "d": dots[0], "D": _per_matrix(b, b.op("det", op.inputs[0]))}
    total = read(b, "sum(y * d, axis=(-2, -1), keepdims=True)", names)
    return (read(b, "(t * y - y @ mT(d) @ y) / D", {**names, "t": total}),)


implicit("cofactors(x)", _cofactors, _infer_like, "cofactors", evaluate=helpers.cofactors, info={"helper": "cofactors"})
implicit("np.linalg.det(x)", _det, _infer_det)


def _infer_slogdet(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    dims = _square(typing, types, "np.linalg.slogdet")[:-2]
    return result_of(inexact_code(types), dims), result_of(_real(types), dims)


def _slogdet(b: Builder, op: Op, dots: Dots) -> tuple[Value | None, ...]:
    return None, read(b, "sum(mT(inv(x)) * d, axis=(-2, -1))", {"x": op.inputs[0], "d": dots[0]})


implicit("np.linalg.slogdet(x)", _slogdet, _infer_slogdet, storage=(FRESH, FRESH))

# --- symmetric matrices


def _symmetric(b: Builder, d: Value, upper: bool = False) -> Value:
    """The tangent of the symmetric matrix of which one triangle is read."""
    return read(b, "triu(d) + mT(triu(d, k=1))" if upper else "tril(d) + mT(tril(d, k=-1))", {"d": d})


def _cholesky(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    """``L (tril(P) - diag(P) / 2)`` with ``P = inv(L) dA inv(L)^T``."""
    upper = bool(op.attrs.get("upper"))
    factor = b.op("mT", op.result) if upper else op.result
    names = {"L": factor, "d": _symmetric(b, dots[0], upper), "E": _eye(b, op.inputs[0])}
    half = read(b, "solve(L, mT(solve(L, d)))", names)
    tangent = read(b, "L @ (tril(P) - P * E / 2)", {**names, "P": half})
    return (b.op("mT", tangent) if upper else tangent,)


implicit("np.linalg.cholesky(a, upper=False)", _cholesky, _infer_like)


def _infer_eigh(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    dims = _square(typing, types, "np.linalg.eigh")
    return result_of(_real(types), dims[:-1]), Array(inexact_code(types), dims)


def _gaps(b: Builder, w: Value) -> Value:
    """``1 / (w[j] - w[i])``, and 0 where they are equal."""
    gap = read(b, "expand_dims(w, axis=-2) - expand_dims(w, axis=-1)", {"w": w})
    return read(b, "where(t == 0, 0.0, 1.0) / where(t == 0, 1.0, t)", {"t": gap})


def _diagonal(b: Builder, x: Value, like: Value) -> Value:
    return read(b, "sum(x * e, axis=-1)", {"x": x, "e": _eye(b, like)})


def _eigh(b: Builder, op: Op, dots: Dots) -> tuple[Value, ...]:
    w, v = op.results
    d = _symmetric(b, dots[0], op.attrs.get("UPLO") == "U")
    turned = read(b, "mT(v) @ d @ v", {"v": v, "d": d})
    return _diagonal(b, turned, w), read(b, "v @ (f * t)", {"v": v, "f": _gaps(b, w), "t": turned})


implicit("np.linalg.eigh(a, UPLO='L')", _eigh, _infer_eigh, storage=(FRESH, FRESH))


def _eigvalsh(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    attrs = dict(op.attrs)
    _, v = b.op_many("eigh", op.inputs[0], **attrs)
    d = _symmetric(b, dots[0], attrs.get("UPLO") == "U")
    return (read(b, "sum(v * (d @ v), axis=-2)", {"v": v, "d": d}),)


implicit(
    "np.linalg.eigvalsh(a, UPLO='L')", _eigvalsh, lambda typing, types, attrs: _infer_eigh(typing, types, attrs)[0]
)

# --- singular values


def _sizes(types: Sequence[Type], what: str) -> tuple[Dims, Any, Any, Any]:
    dims = array_dims(types[0], what)
    if len(dims) < 2:
        raise TypingError(f"{what} needs a matrix")
    return dims[:-2], dims[-2], dims[-1], smaller(dims[-2], dims[-1])


def _infer_svd(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    lead, m, n, k = _sizes(types, "np.linalg.svd")
    code = inexact_code(types)
    return Array(code, (*lead, m, k)), result_of(_real(types), (*lead, k)), Array(code, (*lead, k, n))


def _evaluate_svd(a: Any) -> Any:
    return tuple(np.linalg.svd(a, full_matrices=False))


def _svd(b: Builder, op: Op, dots: Dots) -> tuple[Value, ...]:
    """With ``P = u^T d v``: the parts inside the spaces of u and v, and those that leave them."""
    u, s, vh = op.results
    names = {"u": u, "V": b.op("mT", vh), "d": dots[0], "s": b.op("expand_dims", s, axis=-2)}
    names |= {"r": b.op("expand_dims", s, axis=-1), "P": read(b, "mT(u) @ d @ V", names)}
    names["F"] = _gaps(b, b.op("mul", s, s))
    names["i"] = read(b, "where(s == 0, 0.0, 1.0) / where(s == 0, 1.0, s)", names)
    u_dot = read(b, "u @ (F * (P * s + r * mT(P))) + (d @ V - u @ P) * i", names)
    v_dot = read(b, "V @ (F * (r * P + mT(P) * s)) + (mT(d) @ u - V @ mT(P)) * i", names)
    return u_dot, _diagonal(b, names["P"], s), b.op("mT", v_dot)


implicit(
    "np.linalg.svd(a, full_matrices=False)",
    _svd,
    _infer_svd,
    evaluate=_evaluate_svd,
    storage=(FRESH, FRESH, FRESH),
    spelling=lambda op, texts: f"np.linalg.svd({texts[0]}, full_matrices=False)",
)


def _svdvals(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    u, _, vh = b.op_many("svd", op.inputs[0])
    return (read(b, "sum(mT(u) * (vh @ mT(d)), axis=-1)", {"u": u, "vh": vh, "d": dots[0]}),)


implicit(
    "np.linalg.svdvals(x)",
    _svdvals,
    lambda typing, types, attrs: _infer_svd(typing, types, attrs)[1],
    "svdvals",
    evaluate=lambda x: np.linalg.svd(x, compute_uv=False),
    spelling=lambda op, texts: f"np.linalg.svd({texts[0]}, compute_uv=False)",
)


@binds(np.linalg.svd)
def _svd_call(b: Builder, a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False) -> Any:
    x = operand(b, a)
    if static(hermitian, "hermitian"):
        raise TypingError("np.linalg.svd with hermitian has no rule", "SD010", "use np.linalg.eigh")
    if not static(compute_uv, "compute_uv"):
        return b.op("svdvals", x)
    if static(full_matrices, "full_matrices"):
        hint = "write `full_matrices=False`: what is left out is not determined by the matrix"
        raise TypingError("np.linalg.svd with full matrices has no rule", "SD010", hint)
    return b.op_many("svd", x)


# --- orthogonal and triangular


def _infer_qr(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    lead, m, n, k = _sizes(types, "np.linalg.qr")
    code = inexact_code(types)
    return Array(code, (*lead, m, k)), Array(code, (*lead, k, n))


def _qr(b: Builder, op: Op, dots: Dots) -> tuple[Value, ...]:
    """For matrices with no more columns than rows, whose columns are independent."""
    q, r = op.results
    dims = array_dims(op.inputs[0].type, "np.linalg.qr")
    if (dims[-1] - dims[-2]).is_nonnegative() and dims[-1] != dims[-2]:
        raise TypingError(
            "np.linalg.qr has a derivative where no row is left over", "SD010", "give no more columns than rows"
        )
    names = {"q": q, "r": r, "W": read(b, "mT(solve(mT(r), mT(d)))", {"r": r, "d": dots[0]})}
    names["P"] = read(b, "mT(q) @ W", names)
    names["S"] = read(b, "tril(P, k=-1) - mT(tril(P, k=-1))", names)
    return read(b, "q @ (S - P) + W", names), read(b, "(P - S) @ r", names)


implicit("np.linalg.qr(a)", _qr, _infer_qr, storage=(FRESH, FRESH), evaluate=lambda a: tuple(np.linalg.qr(a)))


@binds(np.linalg.qr)
def _qr_call(b: Builder, a: Any, mode: Any = "reduced") -> Any:
    if static(mode, "mode") != "reduced":
        raise TypingError("np.linalg.qr has a rule for mode='reduced' alone", "SD010", "take what you need of it")
    return b.op_many("qr", operand(b, a))


# --- pseudo-inverses and least squares


def _infer_pinv(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    lead, m, n, _ = _sizes(types, "np.linalg.pinv")
    return Array(inexact_code(types), (*lead, n, m))


def _pinv(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    """For matrices whose rank does not change."""
    names = {"y": op.result, "x": op.inputs[0], "d": dots[0], "e": b.op("mT", dots[0]), "Y": b.op("mT", op.result)}
    names |= {"l": read(b, "e - (e @ x) @ y", names), "r": read(b, "e - y @ (x @ e)", names)}
    return (read(b, "y @ Y @ l + r @ Y @ y - y @ d @ y", names),)


implicit("np.linalg.pinv(a)", _pinv, _infer_pinv)


def _infer_lstsq(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    left, right = (array_dims(type_, "np.linalg.lstsq") for type_ in types)
    if len(left) != 2 or not 1 <= len(right) <= 2:
        raise TypingError("np.linalg.lstsq takes a matrix, and a vector or a matrix")
    enforce(typing, left[0], right[0])
    code = inexact_code(types)
    values = Array(code, (smaller(*left),))
    return Array(code, (left[1], *right[1:])), Array(code, (typing.fresh_size("k"),)), Scalar("i32"), values


def _lstsq(b: Builder, op: Op, dots: Dots) -> tuple[Value | None, ...]:
    """``pinv(a) @ b`` for the solution; the residuals, where NumPy gives any; the singular values."""
    (a, right), (x, rest, _, _) = op.inputs, op.results
    names = {"a": a, "b": right, "x": x, "p": b.op("pinv", a), "n": b.op("dim", rest, axis=0)}
    change: Value | None = dots[1]
    singular: Value | None = None
    parts: list[Value] = []
    if dots[0] is not None:
        names["d"] = dots[0]
        lost = read(b, "d @ x", names)
        change = b.op("neg", lost) if change is None else b.op("sub", change, lost)
        names["w"] = read(b, "mT(d) @ (mT(p) @ x)", names)
        parts.append(read(b, "p @ (mT(p) @ (mT(d) @ (b - a @ x))) + w - p @ (a @ w)", names))
        u, _, vh = b.op_many("svd", a)
        singular = read(b, "sum(mT(u) * (vh @ mT(d)), axis=-1)", {**names, "u": u, "vh": vh})
    names["c"] = change
    parts.append(read(b, "p @ c", names))
    solution = parts[0] if len(parts) == 1 else b.op("add", *parts)
    residual = read(b, "sum(2 * (b - a @ x) * c, axis=0)", names)
    flat = b.op("reshape", residual, 1) if not isinstance(residual.type, Array) else residual
    return solution, b.op("get", flat, names["n"], index=":@"), None, singular


implicit(
    "np.linalg.lstsq(a, b, rcond=None)",
    _lstsq,
    _infer_lstsq,
    storage=(FRESH,) * 4,
    evaluate=lambda a, b, rcond=None: tuple(np.linalg.lstsq(a, b, rcond=rcond)),
)

# --- powers and chains


def _matrix_power(b: Builder, x: Value, n: int) -> Value:
    """Repeated squaring; negative powers are those of the inverse."""
    if n < 0:
        x, n = b.op("inv", x), -n
    if n == 0:
        return b.op("add", b.op("mul", x, 0.0), _eye(b, x))
    result: Value | None = None
    while n:
        if n % 2:
            result = x if result is None else b.op("matmul", result, x)
        n //= 2
        x = b.op("matmul", x, x) if n else x
    assert result is not None
    return result


composed("np.linalg.matrix_power(a, n=1)", _matrix_power)


def _multi_dot(b: Builder, *arrays: Value) -> Value:
    result = arrays[-1]
    for x in reversed(arrays[:-1]):
        result = b.op("matmul", x, result)
    return result


composed(
    "multi_dot",
    _multi_dot,
    "multi_dot",
    evaluate=lambda *arrays: np.linalg.multi_dot(arrays),
    spelling=called("np.linalg.multi_dot", listed=True),
)


@binds(np.linalg.multi_dot)
def _multi_dot_call(b: Builder, arrays: Any) -> Value:
    if isinstance(arrays, Value):
        raise TypingError("np.linalg.multi_dot needs its matrices as a list", "SD050", "write `[a, b, c]`")
    return b.op("multi_dot", *(operand(b, x) for x in arrays))


def _cond(b: Builder, x: Value) -> Value:
    s = b.op("svdvals", x)
    first, last = (b.op("get", s, k, index="..., @") for k in (0, -1))
    return b.op("div", first, last)


composed("np.linalg.cond(x)", _cond)


def _tensorsolve(b: Builder, a: Value, right: Value) -> Value:
    rank = len(array_dims(right.type, "np.linalg.tensorsolve"))
    rest = [b.op("dim", a, axis=k) for k in range(rank, len(array_dims(a.type, "np.linalg.tensorsolve")))]
    flat = b.op("reshape", right, -1)
    matrix = b.op("reshape", a, b.op("dim", flat, axis=0), -1)
    return b.op("reshape", b.op("solve", matrix, flat), *rest)


composed("np.linalg.tensorsolve(a, b)", _tensorsolve)


def _tensorinv(b: Builder, a: Value, ind: int) -> Value:
    lengths = [b.op("dim", a, axis=k) for k in range(len(array_dims(a.type, "np.linalg.tensorinv")))]
    size = lengths[0]
    for length in lengths[1:ind]:
        size = b.op("mul", size, length)
    inverse = b.op("inv", b.op("reshape", a, size, -1))
    return b.op("reshape", inverse, *lengths[ind:], *lengths[:ind])


composed("np.linalg.tensorinv(a, ind=2)", _tensorinv)
