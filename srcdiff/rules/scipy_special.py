"""``scipy.special``: one line each, as in elementwise; imported by ``optional.enter_scipy`` where SciPy is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import Attrs, Typing, TypingError
from srcdiff.ir.types import Array, Type, kind

from .compose import implicit
from .kinds import Dots, elementwise
from .reductions import kept, reduced
from .shapes import array_dims

INFINITE = float("inf")
POSITIVE = (0.0, INFINITE)
UNIT = (0.0, 1.0)


def fixed(b: Builder, op: Op, g: Value) -> Value:
    """The partial of an order or a shape parameter, of which there is no closed form."""
    name = op.kind.info["signature"].path
    raise TypingError(f"{name} has no rule for its first parameters", "SD010", "pass them as constants")


def _special(text: str, *partials: Any, **options: Any) -> None:
    """Names in partials are those of the table, in which SciPy's have their own: ``psi``, ``i1e``."""
    elementwise(f"scipy.special.{text}", *partials, **options)


# --- error functions and normal distribution

_special("erf(x)", "1.1283791670955126 * g * exp(-x * x)")
_special("erfc(x)", "-1.1283791670955126 * g * exp(-x * x)")
_special("erfcx(x)", "g * (2 * x * y - 1.1283791670955126)")
_special("erfinv(x)", "0.8862269254527580 * g * exp(y * y)", domain=(-1.0, 1.0))
_special("erfcinv(x)", "-0.8862269254527580 * g * exp(y * y)", domain=(0.0, 2.0))
_special("dawsn(x)", "g * (1 - 2 * x * y)")
_special("ndtr(x)", "0.3989422804014327 * g * exp(-0.5 * x * x)")
_special("ndtri(x)", "2.5066282746310002 * g * exp(0.5 * y * y)", domain=UNIT)
_special("log_ndtr(x)", "0.3989422804014327 * g * exp(-0.5 * x * x - y)")

# --- logistic functions and entropies

_special("expit(x)", "g * y * (1 - y)")
_special("log_expit(x)", "g * expit(-x)")
_special("logit(x)", "g / (x * (1 - x))", domain=UNIT)
_special("xlogy(a, b)", "g * log(b)", "g * a / b", domain=POSITIVE)
_special("xlog1py(a, b)", "g * log1p(b)", "g * a / (1 + b)", domain=POSITIVE)
_special("entr(x)", "-g * (log(x) + 1)", domain=POSITIVE)
_special("rel_entr(a, b)", "g * (log(a / b) + 1)", "-g * a / b", domain=POSITIVE)
_special("kl_div(a, b)", "g * log(a / b)", "g * (1 - a / b)", domain=POSITIVE)
_special("exp10(x)", "2.302585092994046 * g * y")
_special("exp1(x)", "-g * exp(-x) / x", domain=POSITIVE)
_special("expi(x)", "g * exp(x) / x", domain=POSITIVE)
_special("huber(a, b)", fixed, "g * clip(b, -a, a)", domain=POSITIVE)

# --- the gamma family

_special("gamma(x)", "g * y * psi(x)", domain=POSITIVE)
_special("gammaln(x)", "g * psi(x)", domain=POSITIVE)
_special("loggamma(x)", "g * psi(x)", domain=POSITIVE)
_special("rgamma(x)", "-g * y * psi(x)", domain=POSITIVE)
_special("psi(x)", "g * zeta(2.0, x)", domain=POSITIVE)
_special("zeta(a, b)", fixed, "-g * a * zeta(a + 1, b)", ufunc=np.arctan2, domain=(1.5, INFINITE))
_special("beta(a, b)", "g * y * (psi(a) - psi(a + b))", "g * y * (psi(b) - psi(a + b))", domain=POSITIVE)
_special("betaln(a, b)", "g * (psi(a) - psi(a + b))", "g * (psi(b) - psi(a + b))", domain=POSITIVE)
_special("poch(a, b)", "g * y * (psi(a + b) - psi(a))", "g * y * psi(a + b)", domain=POSITIVE)
_special("gammainc(a, x)", fixed, "g * exp((a - 1) * log(x) - x - gammaln(a))", domain=POSITIVE)
_special("gammaincc(a, x)", fixed, "-g * exp((a - 1) * log(x) - x - gammaln(a))", domain=POSITIVE)
_special(
    "betainc(a, b, x)",
    fixed,
    fixed,
    "g * exp((a - 1) * log(x) + (b - 1) * log1p(-x) - betaln(a, b))",
    domain=UNIT,
)

# --- Bessel functions

_special("j0(x)", "-g * j1(x)")
_special("j1(x)", "0.5 * g * (j0(x) - jv(2, x))")
_special("jv(v, x)", fixed, "0.5 * g * (jv(v - 1, x) - jv(v + 1, x))", domain=POSITIVE)
_special("y0(x)", "-g * y1(x)", domain=POSITIVE)
_special("y1(x)", "g * (y0(x) - y / x)", domain=POSITIVE)
_special("yv(v, x)", fixed, "0.5 * g * (yv(v - 1, x) - yv(v + 1, x))", domain=POSITIVE)
_special("i0(x)", "g * i1(x)", name="bessel_i0")
_special("i1(x)", "0.5 * g * (bessel_i0(x) + iv(2, x))")
_special("iv(v, x)", fixed, "0.5 * g * (iv(v - 1, x) + iv(v + 1, x))", domain=POSITIVE)
_special("i0e(x)", "g * (i1e(x) - sign(x) * y)")
_special("i1e(x)", "0.5 * g * (i0e(x) + ive(2, x)) - g * sign(x) * y")
_special("ive(v, x)", fixed, "0.5 * g * (ive(v - 1, x) + ive(v + 1, x)) - g * sign(x) * y", domain=POSITIVE)
_special("k0(x)", "-g * k1(x)", domain=POSITIVE)
_special("k1(x)", "-g * (k0(x) + y / x)", domain=POSITIVE)
_special("kv(v, x)", fixed, "-0.5 * g * (kv(v - 1, x) + kv(v + 1, x))", domain=POSITIVE)

# --- sums of exponentials


def _logsumexp(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    """The average of the tangents by the shares of the exponentials."""
    names = {"d": dots[0], "x": op.inputs[0], "y": kept(b, op, op.result)}
    return (b.op("sum", read(b, "exp(x - y) * d", names), **op.attrs),)


def _softmax(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    names = {"d": dots[0], "y": op.result}
    return (read(b, "y * (d - t)", {**names, "t": _total(b, op, read(b, "y * d", names))}),)


def _log_softmax(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    names = {"d": dots[0], "y": op.result}
    return (read(b, "d - t", {**names, "t": _total(b, op, read(b, "exp(y) * d", names))}),)


def _total(b: Builder, op: Op, value: Value) -> Value:
    axis = op.attrs.get("axis")
    return b.op("sum", value, **({} if axis is None else {"axis": axis, "keepdims": True}))


def _like(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return Array(
        None if (code := getattr(types[0], "dtype", None)) is None else _inexact(code), array_dims(types[0], "")
    )


def _inexact(code: str) -> str:
    return code if kind(code) in "fc" else "f64"


implicit("scipy.special.logsumexp(a, axis=None, keepdims=False)", _logsumexp, reduced(_inexact), group="reduction")
implicit("scipy.special.softmax(x, axis=None)", _softmax, _like)
implicit("scipy.special.log_softmax(x, axis=None)", _log_softmax, _like)
