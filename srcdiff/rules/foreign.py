"""Calls that are kept as they are: functions without a derivative, and functions that bring their own rule.

``constant_call`` is a call of a ``@srcdiff.constant`` function, ``custom`` of a ``@srcdiff.rule`` function, ``foreign``
of what such a rule consists of. All are written as the call, and import what they call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.opdef import FRESH, Attrs, OpDef, Storage, Typing, TypingError, declare, view_of
from srcdiff.ir.types import DTYPES, Array, Scalar, Type, cotangent_type, dtype_code, is_inexact, substitute, symbols_of
from srcdiff.ir.typetext import read_type

from .binding import FUNCTIONS, binds, operand
from .contributions import Contribution
from .draws import filled
from .effects import imported
from .kinds import Cotangents, Dots, elementwise_rules
from .shapes import broadcast

Function = TypeVar("Function")

CONSTANT = "__srcdiff_constant__"
"""The attribute of a function without a derivative: the notation of what it returns, or None."""

RULE = "__srcdiff_rule__"
"""The attribute of a function with a rule of its own: a ``CustomRule``."""


@dataclass(frozen=True)
class CustomRule:
    """The rule of a function.

    partials: one expression for each parameter, or None; jvp, vjp: functions that can be imported, or None; returns:
    the notation of what the function returns, empty where the partials say it.
    """

    partials: tuple[str | None, ...] = ()
    jvp: Any = None
    vjp: Any = None
    returns: str = ""


def home_of(function: Any) -> str:
    """``module:name`` of a function that can be imported."""
    return f"{function.__module__}:{function.__qualname__}"


def _evaluate(*inputs: Any, text: str, imports: Sequence[str] = (), **_: Any) -> Any:
    names = {f"_{k}": value for k, value in enumerate(inputs)}
    return eval(filled(text, list(names)), {"np": np, **imported(imports)}, names)


def _spell(op: Op, texts: Sequence[str]) -> str:
    return filled(op.attrs["text"], texts)


# --- what they return


def _returned(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    """As declared: a length is any length."""
    found = []
    for text in attrs["returns"]:
        type_ = read_type(text)
        fresh = {symbol: typing.fresh_size(symbol.name) for symbol in sorted(symbols_of(type_))}
        found.append(substitute(type_, fresh))
    return tuple(found)


def _like_inputs(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    """What an element-wise function of floats returns."""
    floats = [type_ for type_ in types if is_inexact(type_) and isinstance(type_, (Scalar, Array))]
    arrays = [type_ for type_ in floats if isinstance(type_, Array)]
    if not floats or len(floats) < sum(map(is_inexact, types)) or any(a.dims is None or not a.dtype for a in arrays):
        raise TypingError("a function with partials of a value of unknown type", "SD011", "annotate it, or give --sig")
    if not arrays:
        return (Scalar("f64", "either"),)
    code = dtype_code(np.result_type(*(DTYPES[array.dtype or "f64"] for array in arrays)))
    return (Array(code, broadcast(typing, [array.dims or () for array in arrays])),)


def _infer_custom(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    return _returned(typing, types, attrs) if attrs["returns"] else _like_inputs(typing, types, attrs)


def _infer_foreign(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    """Each result is a cotangent (or tangent) of one of the operands."""
    return tuple(cotangent_type(types[k]) for k in attrs["like"])


# --- rules


def _custom_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    if op.attrs["partials"]:
        return _partials(op)[0](b, op, g, wanted)  # type: ignore[no-any-return]
    if not op.attrs["vjp"]:
        raise _missing(op, "vjp", "forward mode (`srcdiff.jvp`)")
    like = [k for k, value in enumerate(op.inputs) if is_inexact(value.type)]
    count = len(op.inputs)
    text = _call(op, "vjp", [f"{{{count}}}", f"{{{count + 1}}}"])
    attrs: dict[str, Any] = {"text": text, "imports": (op.attrs["vjp"],), "like": tuple(like)}
    bars = b.op_many("foreign", *op.inputs, op.results[0], g[0], **attrs)
    found: list[Contribution] = [None] * count
    for k, bar in zip(like, bars, strict=True):
        found[k] = bar if wanted[k] else None
    return found


def _custom_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if op.attrs["partials"]:
        return _partials(op)[1](b, op, dots)  # type: ignore[no-any-return]
    if not op.attrs["jvp"]:
        raise _missing(op, "jvp", "reverse mode (`srcdiff.grad`, `srcdiff.vjp`)")
    floats = [k for k, value in enumerate(op.inputs) if is_inexact(value.type)]
    tangents = [dots[k] or _zero(b, op.inputs[k]) for k in floats]
    count = len(op.inputs)
    text = _call(op, "jvp", [f"{{{count + k}}}" for k in range(len(floats))])
    inputs = [*op.inputs, *tangents, op.results[0]]
    return (b.op("foreign", *inputs, text=text, imports=(op.attrs["jvp"],), like=(len(inputs) - 1,)),)


def _zero(b: Builder, value: Value) -> Value:
    zero: Value = FUNCTIONS[np.zeros_like](b, value) if isinstance(value.type, Array) else b.constant(0.0)
    return zero


def _call(op: Op, which: str, more: Sequence[str]) -> str:
    name = op.attrs[which].partition(":")[2]
    return f"{name}({', '.join(filter(None, [op.attrs['arguments'], *more]))})"


def _missing(op: Op, which: str, other: str) -> TypingError:
    name = op.attrs["text"].partition("(")[0]
    return TypingError(f"the rule of `{name}` has no {which}", "SD010", f"give it one, or use {other}")


def _once(b: Builder, op: Op, *_: Any) -> Any:
    name = op.attrs["text"].partition("(")[0]
    hint = "write the rule as partials, which have derivatives of every order"
    raise TypingError(f"`{name}` of a rule has no derivative of its own", "SD010", hint)


def _partials(op: Op) -> Any:
    return elementwise_rules(op.attrs["names"], op.attrs["partials"])


def _fresh(types: Sequence[Type], attrs: Attrs) -> tuple[Storage, ...]:
    return (FRESH,) * len(attrs.get("like", attrs.get("returns", ())))


declare(OpDef("constant_call", "foreign", _returned, _evaluate, _spell, _fresh, effect=True, constant=True))
declare(OpDef("foreign", "foreign", _infer_foreign, _evaluate, _spell, _fresh, jvp=_once, vjp=_once))
declare(OpDef("custom", "foreign", _infer_custom, _evaluate, _spell, effect=True, jvp=_custom_jvp, vjp=_custom_vjp))


# --- stop_gradient


def stop_gradient(x: Function) -> Function:
    """The argument itself, as a constant: nothing is differentiated through it.

    x: a number or an array; the result is the same object, and the derivative of the result with respect to it is zero.

    >>> import srcdiff
    >>> def f(x):
    ...     return x * srcdiff.stop_gradient(x)
    >>> srcdiff.grad(f)(3.0)
    3.0
    """
    return x


declare(
    OpDef(
        "stop_gradient", "stop", lambda typing, types, attrs: (types[0],), lambda x: x, "x", (view_of(0),),
        constant=True, cheap=True,
    )
)


@binds(stop_gradient)
def _stop_gradient(b: Builder, x: Any) -> Value:
    return b.op("stop_gradient", operand(b, x))
