"""Python's operators and builtins, and ``math``: on Python numbers the result is Python's own."""

from __future__ import annotations

import math
import operator as op
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import Dim
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.opdef import Attrs, Infer, Typing, TypingError
from srcdiff.ir.types import BOOL, COMPLEX, FLOAT, INT, Array, List, Scalar, Type, Unknown, int_of, kind

from . import helpers, lengths
from .binding import FUNCTIONS, binds, integer, number, operand
from .compose import implicit
from .dtypes import always, bits, magnitude, power, quotient, wider
from .kinds import Dots, constant, elementwise, elementwise_typing, linear, step
from .powers import absolute_partial, base_partial, exponent_partial, number_partial
from .shapes import unknown

# --- operators


def _int_arithmetic(name: str, ufunc: np.ufunc, of: Any, python: Any = wider) -> Infer:
    """The typing of an operator that carries what is known of Python ints."""
    usual = elementwise_typing(name, ufunc, python, "")

    def infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
        known: list[Dim] = [t.value for t in types if isinstance(t, Scalar) and t.value is not None]
        value = of(*known) if len(known) == len(types) else None
        return usual(typing, types, attrs) if value is None else (int_of(value),)

    return infer


def _arithmetic(text: str, *partials: str, name: str, ufunc: np.ufunc, of: Any, **options: Any) -> None:
    elementwise(text, *partials, name=name, infer=_int_arithmetic(name, ufunc, of), **options)


_arithmetic("a + b", "g", "g", name="add", ufunc=np.add, of=lambda m, n: m + n)
_arithmetic("a - b", "g", "-g", name="sub", ufunc=np.subtract, of=lambda m, n: m - n)
_arithmetic("a * b", "g * b", "g * a", name="mul", ufunc=np.multiply, of=lambda m, n: m * n)
_arithmetic("-x", "-g", name="neg", ufunc=np.negative, of=lambda n: -n)
_arithmetic("+x", "g", name="pos", ufunc=np.positive, of=lambda n: n)
_arithmetic("a // b", name="floordiv", ufunc=np.floor_divide, of=lengths.quotient)
_arithmetic("a % b", "g", "-g * (a // b)", name="mod", ufunc=np.remainder, of=lengths.remainder)
elementwise("a / b", "g / b", "-g * y / b", name="div", ufunc=np.divide, python=quotient)
elementwise("a ** b", base_partial, exponent_partial, name="pow", ufunc=np.power, python=power, domain=(0.0, 3.0))

step("a < b", name="lt", ufunc=np.less, python=always(BOOL))
step("a <= b", name="le", ufunc=np.less_equal, python=always(BOOL))
step("a > b", name="gt", ufunc=np.greater, python=always(BOOL))
step("a >= b", name="ge", ufunc=np.greater_equal, python=always(BOOL))
step("a == b", name="eq", ufunc=np.equal, python=always(BOOL))
step("a != b", name="ne", ufunc=np.not_equal, python=always(BOOL))


def _bit_operation(text: str, name: str, ufunc: np.ufunc, of: Callable[[int, int], int], python: Any) -> None:
    """An operator on the bits of ints: of constants it is a constant."""

    def known(left: Dim, right: Dim) -> Dim | None:
        if left.value is None or right.value is None or right.value < 0:
            return None
        return fixed(of(left.value, right.value))

    step(text, name=name, infer=_int_arithmetic(name, ufunc, known, python))


def _shifted(types: Sequence[Scalar]) -> Scalar:
    """Python's shifts of bools are ints."""
    bits(types)
    return INT


_bit_operation("a & b", "bit_and", np.bitwise_and, op.and_, bits)
_bit_operation("a | b", "bit_or", np.bitwise_or, op.or_, bits)
_bit_operation("a ^ b", "bit_xor", np.bitwise_xor, op.xor, bits)
_bit_operation("a << b", "lshift", np.left_shift, op.lshift, _shifted)
_bit_operation("a >> b", "rshift", np.right_shift, op.rshift, _shifted)
step("~x", name="invert", ufunc=np.invert, python=always(INT))


def _truth_value(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    if isinstance(types[0], Array) and types[0].dims and any(typing.facts.is_one(d) is False for d in types[0].dims):
        raise TypingError(f"the truth value of an array ({types[0]}) is ambiguous", "SD013", "use np.any or np.all")
    return BOOL


constant("not x", _truth_value, name="not_", cheap=True)
constant("bool(x)", _truth_value, cheap=True)

# --- builtins

elementwise(
    "abs(x)", absolute_partial, ufunc=np.absolute, python=magnitude, on_numbers=[number_partial]
)


def _one_number(result: Scalar) -> Infer:
    """The typing of functions that take one number (a 0-d array is taken too) and give a Python number."""

    def infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
        for type_ in types:
            if isinstance(type_, (Unknown, Array)) and (not isinstance(type_, Array) or type_.dims is None):
                raise unknown("a function of one number", type_)
            if not isinstance(type_, Scalar) and not (isinstance(type_, Array) and type_.dims == ()):
                raise TypingError(f"this function takes a number, not a value of type {type_}", "SD012")
        return (result,)

    return infer


def _to_int(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    if isinstance(types[0], Scalar) and types[0].value is not None:
        return (types[0],)
    return _one_number(INT)(typing, types, attrs)


elementwise("float(x)", "g", infer=_one_number(FLOAT))
linear("complex(x)", lambda b, op, g: g, _one_number(COMPLEX))
constant("int(x)", _to_int, cheap=True)


def _round(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    (result,) = elementwise_typing("round", np.positive, wider, "")(typing, types, attrs)
    python = isinstance(result, Scalar) and result.strength == "python"
    return INT if python and attrs.get("ndigits") is None else result


constant("round(x, ndigits=None)", _round, cheap=True)


def _python_number(b: Builder, argument: Any, what: str) -> Value:
    value = number(b, argument)
    if isinstance(value.type, Array) and value.type.dims != ():
        raise TypeError(f"`{what}` of arrays is ambiguous: use np.maximum, np.max, np.minimum or np.min")
    return value


def _extremum_binder(name: str) -> Any:
    def binder(b: Builder, *args: Any) -> Value:
        items = args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args
        if len(items) == 1:
            return b.op(f"{name}_items", items[0])
        result, *others = (_python_number(b, item, name) for item in items)
        for other in others:
            result = b.op(f"{name}_", result, other)
        return result

    return binder


FUNCTIONS[max], FUNCTIONS[min] = _extremum_binder("max"), _extremum_binder("min")


@binds(pow)
def _pow(b: Builder, base: Any, exp: Any) -> Value:
    """The builtin ``pow`` with two arguments."""
    return b.op("pow", operand(b, base), operand(b, exp))


@binds(divmod)
def _divmod(b: Builder, a: Any, n: Any) -> tuple[Value, Value]:
    """``divmod(a, n)`` is ``(a // n, a % n)``."""
    left, right = operand(b, a), operand(b, n)
    return b.op("floordiv", left, right), b.op("mod", left, right)


@binds(range)
def _range(b: Builder, *args: Any) -> Value:
    """``range(stop)``, ``range(start, stop)``, ``range(start, stop, step)``."""
    if not 1 <= len(args) <= 3:
        raise TypeError(f"range takes 1 to 3 arguments, not {len(args)}")
    bounds = [integer(b, arg, "range") for arg in args]
    start, stop = (b.constant(0), bounds[0]) if len(bounds) == 1 else bounds[:2]
    return b.op("range", start, stop, bounds[2] if len(bounds) == 3 else b.constant(1))


def _range_type(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    if not all(isinstance(t, Scalar) and kind(t.dtype) in "iub" for t in types):
        raise TypingError("the bounds of a range must be ints")
    values = [t.value for t in types if isinstance(t, Scalar) and t.value is not None]
    return List(INT, lengths.range_length(*values) if len(values) == 3 else None)


constant("range(start, stop, step)", _range_type, name="range", cheap=True)


@binds(math.log)
def _log(b: Builder, x: Any, base: Any = None) -> Value:
    """``math.log``; with a base, the quotient that Python computes."""
    value = b.op("math_log", number(b, x))
    return value if base is None else b.op("div", value, b.op("math_log", number(b, base)))


# --- math

_polygamma: Any = helpers.polygamma


def _math(text: str, *partials: Any, **options: Any) -> None:
    elementwise(text, *partials, infer=_one_number(FLOAT), **options)


def _next_polygamma(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    return (b.op("mul", dots[0], b.op("polygamma", op.inputs[0], n=op.attrs.get("n", 0) + 1)),)


implicit(
    "polygamma(x)",
    _next_polygamma,
    lambda typing, types, attrs: _one_number(FLOAT)(typing, types, attrs),
    "polygamma",
    evaluate=lambda x, n=0: _polygamma(n, x),
    spelling=lambda op, texts: f"polygamma({op.attrs.get('n', 0)}, {texts[0]})",
    info={"helper": "polygamma"},
)
"""The derivatives of the logarithm of the gamma function, which the standard library does not have."""


def _math_int(text: str) -> None:
    constant(text, _one_number(INT), cheap=True)




@binds(math.dist)
def _dist(b: Builder, p: Any, q: Any) -> Value:
    """The distance of two points that are written out, as ``math.hypot`` of the differences."""
    if isinstance(p, Value) or isinstance(q, Value) or len(p) != 2 or len(q) != 2:
        raise TypingError("math.dist has a rule for two pairs of numbers", "SD010", "use np.linalg.norm(p - q)")
    return b.op("math_hypot", *(b.op("sub", number(b, one), number(b, other)) for one, other in zip(p, q, strict=True)))


@binds(math.prod)
def _prod(b: Builder, iterable: Any, *, start: Any = 1) -> Value:
    """The product of numbers, from the left."""
    if isinstance(iterable, Value):
        raise TypingError("math.prod of a list of unknown length has no rule", "SD010", "use np.prod, or a loop")
    total = number(b, start)
    for item in iterable:
        total = b.op("mul", total, number(b, item))
    return total


_math("math.exp(x)", "g * y")
_math("math.exp2(x)", "g * y * math_log(2.0)")
_math("math.expm1(x)", "g * (y + 1)")
_math("math.log(x)", "g / x", domain=(0.0, 3.0))
_math("math.log2(x)", "g / (x * math_log(2.0))", domain=(0.0, 3.0))
_math("math.log10(x)", "g / (x * math_log(10.0))", domain=(0.0, 3.0))
_math("math.log1p(x)", "g / (1 + x)", domain=(-1.0, 3.0))
_math("math.sqrt(x)", "g / (2 * y)", domain=(0.0, 3.0))
_math("math.cbrt(x)", "g / (3 * y * y)", domain=(0.0, 3.0))
_math("math.sin(x)", "math_cos(x)")
_math("math.cos(x)", "-g * math_sin(x)")
_math("math.tan(x)", "1 + y * y", domain=(-1.5, 1.5))
_math("math.asin(x)", "g / math_sqrt(1 - x * x)", domain=(-1.0, 1.0))
_math("math.acos(x)", "-g / math_sqrt(1 - x * x)", domain=(-1.0, 1.0))
_math("math.atan(x)", "g / (1 + x * x)")
_math("math.atan2(a, b)", "g * b / (a * a + b * b)", "-g * a / (a * a + b * b)")
_math("math.sinh(x)", "math_cosh(x)")
_math("math.cosh(x)", "math_sinh(x)")
_math("math.tanh(x)", "1 - y * y")
_math("math.asinh(x)", "g / math_sqrt(x * x + 1)")
_math("math.acosh(x)", "g / math_sqrt(x * x - 1)", domain=(1.0, 3.0))
_math("math.atanh(x)", "g / (1 - x * x)", domain=(-1.0, 1.0))
_math("math.hypot(a, b)", "g * a / y if y else 0.0", "g * b / y if y else 0.0")
_math("math.remainder(a, b)", "g", "-g * math_floor((a - y) / b + 0.5)")
_math("math.fabs(x)", "(g if x > 0 else -g) if x else 0.0")
_math("math.pow(a, b)", base_partial, exponent_partial, domain=(0.0, 3.0))
_math("math.erf(x)", "2 / math_sqrt(3.141592653589793) * g * math_exp(-x * x)")
_math("math.erfc(x)", "-2 / math_sqrt(3.141592653589793) * g * math_exp(-x * x)")
_math("math.gamma(x)", "g * y * polygamma(x)", domain=(0.0, 3.0))
_math("math.lgamma(x)", "g * polygamma(x)", domain=(0.0, 3.0))
_math("math.fmod(a, b)", "g", "-g * math_trunc(a / b)")
_math("math.copysign(a, b)", "g * math_copysign(1.0, a) * math_copysign(1.0, b) if a else 0.0", None)
_math("math.radians(x)", "math_radians(g)")
_math("math.degrees(x)", "math_degrees(g)")
constant("math.isclose(a, b, rel_tol=1e-09, abs_tol=0.0)", _one_number(BOOL), cheap=True)
_math_int("math.floor(x)")
_math_int("math.ceil(x)")
_math_int("math.trunc(x)")
for _count in ("comb(n, k)", "perm(n, k)", "gcd(a, b)", "lcm(a, b)", "factorial(n)", "isqrt(n)"):
    _math_int(f"math.{_count}")
constant("math.isnan(x)", _one_number(BOOL), cheap=True)
constant("math.isinf(x)", _one_number(BOOL), cheap=True)
constant("math.isfinite(x)", _one_number(BOOL), cheap=True)
