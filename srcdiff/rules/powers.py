"""The partials of powers and absolute values: exact for constant exponents, finite at base 0 and at exponent 0."""

from __future__ import annotations

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value, constant_value
from srcdiff.ir.expr import read
from srcdiff.ir.types import Scalar, is_integer, kind


def base_partial(b: Builder, op: Op, g: Value) -> Value | None:
    """What the base of ``a ** n`` gets."""
    a, n = op.inputs
    names = {"g": g, "a": a, "n": n, "y": op.results[0]}
    exponent = constant_value(n)
    if exponent is None:
        return read(b, _RUN_TIME[_numbers(op), is_integer(n.type)], names)
    if exponent == 0:
        return None
    if exponent == 1:
        return g
    if exponent == 2:
        return read(b, "n * g * a", names)
    if exponent == 0.5:
        return read(b, "g / (2 * y)", names)
    if exponent < 0:
        return read(b, "n * g * y / a", names)
    return read(b, "n * g * a ** m", {**names, "m": exponent - 1})


_RUN_TIME = {
    (True, True): "n * g * a ** (n - 1) if n else 0.0",
    (True, False): "n * g * a ** (n - 1) if (a != 0) | (n != 0) else 0.0",
    (False, True): "n * g * a ** where(n == 0, 0, n - 1)",
    (False, False): "n * g * a ** where((a == 0) & (n == 0), 0.0, n - 1)",
}
"""For an exponent that is not constant, by (all are numbers, the exponent is an integer).

A float exponent may itself be differentiated later: then nothing but base 0 with exponent 0 is an exception.
"""


def exponent_partial(b: Builder, op: Op, g: Value) -> Value:
    """What the exponent of ``a ** n`` gets: 0 at base 0."""
    base = constant_value(op.inputs[0])
    if base is not None and base > 0:
        text = "g * y * log(a)"
    else:
        text = "g * y * math_log(a) if a else 0.0" if _numbers(op) else "g * y * log(where(a == 0, 1.0, a))"
    return read(b, text, {"g": g, "a": op.inputs[0], "y": op.results[0]})


def _numbers(op: Op) -> bool:
    return all(isinstance(value.type, Scalar) for value in op.inputs)


def absolute_partial(b: Builder, op: Op, g: Value) -> Value:
    """What the operand of an absolute value gets: 0 at 0."""
    (x,) = op.inputs
    if not _is_complex(x):
        return b.op("mul", g, b.op("sign", x))
    number = isinstance(x.type, Scalar)
    text = "g * (conjugate(x) / y) if y else 0.0j" if number else "g * (conjugate(x) / where(y == 0, 1.0, y))"
    return read(b, text, {"g": g, "x": x, "y": op.results[0]})


def number_partial(b: Builder, op: Op, g: Value) -> Value:
    """The same of a Python number."""
    if _is_complex(op.inputs[0]):
        return absolute_partial(b, op, g)
    return read(b, "(g if x > 0 else -g) if x else 0.0", {"g": g, "x": op.inputs[0]})


def _is_complex(x: Value) -> bool:
    return kind(getattr(x.type, "dtype", None)) == "c"
