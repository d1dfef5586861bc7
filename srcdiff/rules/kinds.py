"""The kinds of operations: what one line of a table yields.

``elementwise("np.sinh(x)", "cosh(x)")`` declares the op, its evaluation, its typing, its binder, and both derivatives.
A partial is an expression in the names of ir/expr.py: the operands by their names in the text, ``y`` the result, ``g``
the cotangent (or, in forward mode, the tangent). A partial without ``g`` is a factor of it: ``"cosh(x)"`` is
``"g * cosh(x)"``. None is a partial that is zero. The kind owns broadcasting, dtypes and masks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.expr import free_names, read
from srcdiff.ir.opdef import FRESH, Attrs, Infer, OpDef, Typing, TypingError, declare
from srcdiff.ir.types import UNKNOWN, Array, List, Scalar, Type, Unknown, dims_of, is_integer

from .binding import FUNCTIONS, binder_of
from .contributions import Contribution, Masked, applied, both
from .dtypes import PythonRule, array_code, number_type, require_real
from .fit import broadcast_to_result, cast_like, fitted, has_shape_of
from .holomorphic import guarded
from .shapes import broadcast
from .signature import OPERATORS, Signature

TypingRule = Callable[[Typing, Sequence[Type], Attrs], Type | tuple[Type, ...]]
"""As ``Infer``; the type alone where there is one result."""

Partial = str | Callable[[Builder, Op, Value], Contribution] | None
Cotangents = Sequence[Value | Masked | None]
Dots = Sequence[Value | None]


LIGHT = frozenset({"abs_", "absolute", "fabs", "square", "float_", "math_fabs"})
"""Functions that are worth computing twice rather than keeping their results, as arithmetic is."""


def enter(signature: Signature, opdef: OpDef) -> OpDef:
    """Put an op into the tables: by its name, and by the object that the author calls."""
    opdef = guarded(opdef)
    declare(opdef)
    if signature.path:
        FUNCTIONS.setdefault(signature.function, binder_of(opdef, signature))
    return opdef


# --- element-wise


def elementwise(
    text: str,
    *partials: Partial,
    name: str = "",
    on_numbers: Sequence[Partial] = (),
    python: PythonRule | None = None,
    ufunc: np.ufunc | None = None,
    result: str = "",
    domain: tuple[float, float] = (-3.0, 3.0),
    evaluate: Callable[..., Any] | None = None,
    derivatives: tuple[Callable[..., Any], Callable[..., Any]] | None = None,
    infer: Infer | None = None,
    group: str = "elementwise",
) -> OpDef:
    """Declare an element-wise operation.

    on_numbers: other partials where all operands are numbers (conditional expressions, Python's own functions);
    python: the result type on Python numbers, where it is Python's own; ufunc: whose dtype rules hold (the function
    itself if it is a ufunc); result: the dtype code of the result, where it is always the same; domain: open interval
    in which tests draw operands; derivatives and infer: ``(vjp, jvp)`` and the typing
    where they are not the usual ones.
    """
    signature = Signature.of(text)
    name = name or signature.name
    function = evaluate or meaning(signature, name)
    rule = ufunc if ufunc is not None else function
    assert isinstance(rule, np.ufunc) or result or infer, text
    info = {"signature": signature, "partials": partials, "on_numbers": on_numbers, "domain": domain}
    infer = infer or elementwise_typing(name, rule, python, result)
    if not partials and derivatives is None:
        opdef = OpDef(name, "constant", infer, function, text, constant=True, cheap=True, info=info)
    else:
        vjp, jvp = derivatives or elementwise_rules(signature.inputs, partials, on_numbers)
        arithmetic = not signature.path or name.startswith("np_") or name in LIGHT or group != "elementwise"
        opdef = OpDef(name, group, infer, function, text, vjp=vjp, jvp=jvp, cheap=arithmetic, info=info)
    return enter(signature, opdef)


def meaning(signature: Signature, name: str) -> Callable[..., Any]:
    """What a declared text computes."""
    return signature.function if signature.path else OPERATORS[name]


def step(text: str, **options: Any) -> OpDef:
    """An element-wise operation without derivative: comparisons, ``floor``, ``sign``: see ``elementwise``."""
    return elementwise(text, **options)


def elementwise_typing(name: str, ufunc: Any, python: PythonRule | None, fixed: str) -> Infer:
    """The typing of an element-wise operation, in the dtype rules of ``ufunc`` or with the dtype ``fixed``."""

    def infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
        numbers = [type_ for type_ in types if isinstance(type_, Scalar)]
        if len(numbers) == len(types):
            return (Scalar(fixed) if fixed and python is None else number_type(ufunc, python, numbers),)
        for type_ in types:
            if not isinstance(type_, (Scalar, Array, Unknown)):
                raise TypingError(f"`{name}` is not defined for a value of type {type_}", "SD012")
        arrays = [type_ for type_ in types if isinstance(type_, Array)]
        if any(isinstance(type_, Unknown) for type_ in types):
            require_real(types)
        if len(arrays) < len(types) and any(isinstance(type_, Unknown) for type_ in types):
            return (Array(fixed or None, None) if any(array.dims for array in arrays) else UNKNOWN,)
        code = fixed or array_code(ufunc, types)
        if any(array.dims is None for array in arrays):
            return (Array(code, None) if any(array.dims for array in arrays) else UNKNOWN,)
        dims = broadcast(typing, [array.dims or () for array in arrays])
        return (Array(code, dims) if dims else Scalar(code or "f64", "numpy" if code else "either"),)

    return infer


def elementwise_rules(
    names: Sequence[str], partials: Sequence[Partial], on_numbers: Sequence[Partial] = ()
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """``(vjp, jvp)`` of an element-wise operation with these partials."""

    def chosen(op: Op) -> Sequence[Partial]:
        numbers = on_numbers and all(isinstance(value.type, Scalar) for value in op.inputs)
        return on_numbers if numbers else partials

    def vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
        bar = g[0]
        if bar is None:
            return [None] * len(op.inputs)
        mask, value = (bar.mask, bar.value) if isinstance(bar, Masked) else (None, bar)
        return [
            finished(b, op, x, term(b, op, names, partial, value), mask) if want else None
            for x, partial, want in zip(op.inputs, chosen(op), wanted, strict=True)
        ]

    def jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
        total: Value | None = None
        for partial, dot in zip(chosen(op), dots, strict=True):
            if dot is None:
                continue
            sum_of = "add"
            if isinstance(partial, str) and total is not None and partial.startswith("-"):
                sum_of, partial = "sub", partial[1:]
            part = term(b, op, names, partial, dot)
            if part is not None:
                assert isinstance(part, Value | Masked)
                value = applied(b, part)
                total = value if total is None else b.op(sum_of, total, value)
        return (None if total is None else broadcast_to_result(b, total, op.result),)

    return vjp, jvp


def term(b: Builder, op: Op, names: Sequence[str], partial: Partial, g: Value) -> Contribution:
    """One partial applied to a cotangent or tangent."""
    if partial is None or callable(partial):
        return partial and partial(b, op, g)
    values = {**dict(zip(names, op.inputs, strict=True)), "y": op.results[0], "g": g}
    if "g" in free_names(partial):
        return read(b, partial, values)
    return b.op("mul", g, read(b, partial, values))


def finished(b: Builder, op: Op, x: Value, part: Contribution, mask: Value | None = None) -> Contribution:
    """A contribution of the result's shape, fitted to the operand ``x``; its mask stays pending where it can."""
    if part is None:
        return None
    assert isinstance(part, (Value, Masked))
    value, mask = (part.value, both(b, mask, part.mask)) if isinstance(part, Masked) else (part, mask)
    if mask is not None and dims_of(x.type) is None:
        return b.op("unbroadcast", applied(b, Masked(value, mask)), x)
    if keeps_shape(b, op, x):
        value = cast_like(b, value, x.type)
        return value if mask is None else Masked(value, mask)
    return fitted(b, value if mask is None else applied(b, Masked(value, mask)), x)


def keeps_shape(b: Builder, op: Op, x: Value) -> bool:
    """Whether an element-wise result provably has the shape of this operand (and its dtype, where that is unknown)."""
    weak = all(value is x or getattr(value.type, "strength", "") == "python" for value in op.inputs)
    if getattr(x.type, "dtype", None) is None:
        return weak
    return weak and not isinstance(x.type, Scalar) or has_shape_of(b, op.results[0], x)


# --- linear


def linear(
    text: str,
    transpose: Callable[[Builder, Op, Value], Value],
    infer: TypingRule,
    name: str = "",
    **options: Any,
) -> OpDef:
    """Declare an operation that is linear in its first operand; the others (indices, lengths) carry no derivative.

    transpose: ``transpose(b, op, g)`` is the cotangent of the first operand.
    """

    def vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
        nothing: list[Contribution] = [None] * (len(op.inputs) - 1)
        if g[0] is None or not wanted[0]:
            return [None, *nothing]
        return [cast_like(b, transpose(b, op, applied(b, g[0])), op.inputs[0].type), *nothing]

    def jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
        if dots[0] is None:
            return (None,)
        return (cast_like(b, b.op(op.kind, dots[0], *op.inputs[1:], **op.attrs), op.result.type),)

    return general(text, jvp, vjp, infer, name, group="linear", **options)


def jointly_linear(
    text: str, part: Callable[[Builder, Op, Value, int], Value], infer: TypingRule, name: str = "", **options: Any
) -> OpDef:
    """Declare an operation that is linear in all its operands together, such as ``concatenate``.

    part: ``part(b, op, g, k)`` is the cotangent of operand ``k``.
    """

    def vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
        if g[0] is None:
            return [None] * len(op.inputs)
        bar = applied(b, g[0])
        return [
            cast_like(b, part(b, op, bar, k), x.type) if want else None
            for k, (x, want) in enumerate(zip(op.inputs, wanted, strict=True))
        ]

    def jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
        if all(dot is None for dot in dots):
            return (None,)
        filled = [zero_like(b, x) if dot is None else dot for x, dot in zip(op.inputs, dots, strict=True)]
        return (cast_like(b, b.op(op.kind, *filled, **op.attrs), op.result.type),)

    return general(text, jvp, vjp, infer, name, group="linear", **options)


def zero_like(b: Builder, x: Value) -> Value:
    """The zero of the cotangents of ``x``."""
    if isinstance(x.type, List):
        return b.op("list_zeros", x)
    if isinstance(x.type, Scalar):
        return b.constant(0.0)
    return b.op("zeros_like", x, **({"dtype": "f64"} if is_integer(x.type) else {}))


# --- multilinear


def multilinear(
    text: str, *transposes: Callable[..., Value] | str, infer: TypingRule, name: str = "", **options: Any
) -> OpDef:
    """Declare an operation that is linear in each operand (attrs are static).

    transposes: for each operand, its cotangent: an expression in ``g`` and the operands, or ``f(b, op, g)``.
    """
    names = Signature.of(text).inputs

    def vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
        if g[0] is None:
            return [None] * len(op.inputs)
        bar = applied(b, g[0])
        found: list[Contribution] = []
        for x, transpose, want in zip(op.inputs, transposes, wanted, strict=True):
            part = term(b, op, names, transpose, bar) if want else None
            found.append(cast_like(b, part, x.type) if isinstance(part, Value) else None)
        return found

    def jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
        total: Value | None = None
        for k, dot in enumerate(dots):
            if dot is not None:
                part = b.op(op.kind, *op.inputs[:k], dot, *op.inputs[k + 1 :], **op.attrs)
                total = part if total is None else b.op("add", total, part)
        return (None if total is None else cast_like(b, total, op.result.type),)

    return general(text, jvp, vjp, infer, name, group="multilinear", **options)


# --- selection


Choose = Callable[[Builder, Op, Sequence[bool], int, Value], Masked | None]
"""``choose(b, op, active, k, g)``: what operand ``k`` gets where the operands ``active`` are differentiated."""


def selection(
    text: str,
    choose: Choose,
    join: Callable[[Builder, Op, Dots], Value | None] | None = None,
    **options: Any,
) -> OpDef:
    """Declare an element-wise operation each entry of whose result is an entry of one of its operands.

    choose: what each operand gets; join: the tangent of the result (the sum of the chosen tangents unless given).
    """
    count = len(Signature.of(text).inputs)

    def vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
        bar = g[0]
        if bar is None:
            return [None] * count
        mask, value = (bar.mask, bar.value) if isinstance(bar, Masked) else (None, bar)
        return [
            finished(b, op, x, choose(b, op, wanted, k, value), mask) if wanted[k] else None
            for k, x in enumerate(op.inputs)
        ]

    def jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
        if all(dot is None for dot in dots):
            return (None,)
        total = (join or added)(b, op, dots)
        return (None if total is None else broadcast_to_result(b, total, op.result),)

    def added(b: Builder, op: Op, dots: Dots) -> Value | None:
        active = [dot is not None for dot in dots]
        parts = [choose(b, op, active, k, dot) for k, dot in enumerate(dots) if dot is not None]
        chosen = [applied(b, part) for part in parts if part is not None]
        return reduce(lambda left, right: b.op("add", left, right), chosen) if chosen else None

    return elementwise(text, group="selection", derivatives=(vjp, jvp), **options)


# --- the rest


def general(
    text: str,
    jvp: Callable[..., Any] | None,
    vjp: Callable[..., Any] | None,
    infer: TypingRule,
    name: str = "",
    *,
    evaluate: Callable[..., Any] | None = None,
    storage: Any = (FRESH,),
    group: str = "general",
    spelling: str | Callable[..., str] = "",
    **options: Any,
) -> OpDef:
    """Declare an operation with hand-written rules; ``infer(typing, types, attrs)`` gives the result type or types."""
    signature = Signature.of(text)
    name = name or signature.name

    def typed(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
        found = infer(typing, types, attrs)
        return found if isinstance(found, tuple) else (found,)

    evaluate = evaluate or meaning(signature, name)
    info = {"signature": signature, **options.pop("info", {})}
    opdef = OpDef(name, group, typed, evaluate, spelling or text, storage, jvp=jvp, vjp=vjp, info=info, **options)
    return enter(signature, opdef)


def constant(text: str, infer: TypingRule, name: str = "", **options: Any) -> OpDef:
    """Declare an operation whose result carries no derivative: lengths, shapes, ``argmax``, fresh arrays."""
    return general(text, None, None, infer, name, group="constant", constant=True, **options)
