"""``scipy.linalg``: systems, triangular systems, Cholesky factors, exponentials of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import Attrs, Typing, TypingError
from srcdiff.ir.types import Array, Scalar, Type

from .binding import binds, operand, static
from .compose import composed, implicit
from .contributions import Contribution, applied
from .fit import cast_like
from .kinds import Cotangents, Dots, general
from .linalg import inexact_code
from .shapes import array_dims, enforce
from .signature import ROOTS

_linalg = ROOTS["scipy"].linalg


def _square(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    dims = array_dims(types[0], "scipy.linalg")
    if len(dims) != 2:
        raise TypingError("scipy.linalg is supported for one matrix", "SD010", "loop over the matrices")
    enforce(typing, dims[0], dims[1])
    return Array(inexact_code(types), dims)


def _system(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    _square(typing, types, attrs)
    right = array_dims(types[1], "scipy.linalg")
    enforce(typing, array_dims(types[0], "")[0], right[0])
    return Array(inexact_code(types), right)


composed("scipy.linalg.solve(a, b)", lambda b, a, x: b.op("solve", a, x), "scipy_solve", infer=_system)
composed("scipy.linalg.inv(a)", lambda b, a: b.op("inv", a), "scipy_inv", infer=_square)
composed("scipy.linalg.det(a)", lambda b, a: b.op("det", a), "scipy_det", infer=lambda *given: Scalar("f64"))

# --- triangular systems


def _triangle(b: Builder, d: Value, attrs: Attrs) -> Value:
    """The part of a matrix that is read."""
    k = int(bool(attrs.get("unit_diagonal")))
    lower = attrs.get("lower")
    extra = {"k": -k if lower else k} if k else {}
    part = b.op("tril" if lower else "triu", d, **extra)
    return b.op("mT", part) if attrs.get("trans") in (1, "T") else part


def _solve_triangular(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    total: Value | None = dots[1]
    if dots[0] is not None:
        lost = b.op("matmul", _triangle(b, dots[0], op.attrs), op.result)
        total = b.op("neg", lost) if total is None else b.op("sub", total, lost)
    assert total is not None
    return (b.op("solve", _matrix(b, op), total),)


def _matrix(b: Builder, op: Op) -> Value:
    """The matrix of the system, written in full."""
    part = _triangle(b, op.inputs[0], op.attrs)
    if op.attrs.get("unit_diagonal"):
        return b.op("add", part, b.op("eye", b.op("dim", op.inputs[0], axis=0)))
    return part


implicit("scipy.linalg.solve_triangular(a, b, trans=0, lower=False, unit_diagonal=False)", _solve_triangular, _system)

# --- Cholesky factors


def _cholesky(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    """As np.linalg.cholesky, of the triangle that is read."""
    lower = bool(op.attrs.get("lower"))
    factor = op.result if lower else b.op("mT", op.result)
    text = "tril(d) + mT(tril(d, k=-1))" if lower else "triu(d) + mT(triu(d, k=1))"
    names = {"L": factor, "d": dots[0], "E": b.op("eye", b.op("dim", op.inputs[0], axis=0))}
    names["P"] = read(b, f"solve(L, mT(solve(L, {text})))", names)
    tangent = read(b, "L @ (tril(P) - P * E / 2)", names)
    return (tangent if lower else b.op("mT", tangent),)


implicit("scipy.linalg.cholesky(a, lower=False)", _cholesky, _square, "scipy_cholesky")


def _cho_solve(b: Builder, factor: Value, right: Value, lower: bool) -> Value:
    flags = {"lower": True} if lower else {}
    first = b.op("solve_triangular", factor, right, **flags, **({} if lower else {"trans": 1}))
    return b.op("solve_triangular", factor, first, **flags, **({"trans": 1} if lower else {}))


composed(
    "cho_solve(c, b, lower=False)",
    _cho_solve,
    "cho_solve",
    infer=_system,
    evaluate=lambda c, b, lower=False: _linalg.cho_solve((c, lower), b),
    spelling=lambda op, texts: f"scipy.linalg.cho_solve(({texts[0]}, {op.attrs.get('lower', False)}), {texts[1]})",
)


@binds(_linalg.cho_factor)
def _cho_factor(b: Builder, a: Any, lower: Any = False) -> tuple[Value, bool]:
    """The factor; the triangle that SciPy leaves undefined is 0 here."""
    flag = bool(static(lower, "lower"))
    return b.op("scipy_cholesky", operand(b, a), **({"lower": True} if flag else {})), flag


@binds(_linalg.cho_solve)
def _cho_solve_call(b: Builder, c_and_lower: Any, right: Any) -> Value:
    factor, lower = c_and_lower
    flag = bool(static(lower, "lower"))
    return b.op("cho_solve", operand(b, factor), operand(b, right), **({"lower": True} if flag else {}))


# --- the exponential


def _moved(b: Builder, a: Value, d: Value) -> Value:
    """The derivative of exp(a) in the direction d: a block of the exponential of ``[[a, d], [0, a]]``."""
    zero = b.op("zeros_like", a)
    rows = [b.op("concatenate", *row, axis=1) for row in ((a, d), (zero, a))]
    n = b.op("dim", a, axis=0)
    return b.op("get", b.op("expm", b.op("concatenate", *rows)), n, n, index=":@, @:")


def _expm_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    if g[0] is None or not wanted[0]:
        return [None]
    return [cast_like(b, _moved(b, b.op("mT", op.inputs[0]), applied(b, g[0])), op.inputs[0].type)]


def _expm_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    return (None if dots[0] is None else _moved(b, op.inputs[0], dots[0]),)


general("scipy.linalg.expm(a)", _expm_jvp, _expm_vjp, _square)
