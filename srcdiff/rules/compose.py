"""Functions whose derivative is that of a composition of other operations, or the transpose of a tangent.

``composed("np.ptp(x, axis=None)", body)``: the value is NumPy's; type and both derivatives are those of ``body``, which
says in other operations what the function computes. The composition is written out where a derivative is asked for, and
what the derivative does not read of it is removed as dead code.

``implicit("np.linalg.inv(x)", tangent, infer)``: the tangent, linear in the operands' tangents, is written; the
cotangents are its transpose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Constant, Op, Value
from srcdiff.ir.opdef import Attrs, OpDef, Typing
from srcdiff.ir.types import Array, Scalar, Type, is_inexact

from .contributions import Contribution, Masked, Update, applied
from .fit import cast_like
from .kinds import Cotangents, Dots, TypingRule, general, zero_like
from .signature import Signature

Body = Callable[..., "Value | Sequence[Value]"]
"""``body(b, *operands, **static)``: the result or the results, made of other operations."""

Tangent = Callable[[Builder, Op, Dots], Sequence["Value | None"]]


def composed(text: str, body: Body, name: str = "", *, linear: int = 0, point: bool = False, **options: Any) -> OpDef:
    """Declare a function by what it is made of.

    linear: how many operands, counted from the first, it is linear in together: its tangent is then the function
    itself, of their tangents; point: NumPy gives an array of rank 0 where others give a number.
    """
    static = Signature.of(text).static

    def write(b: Builder, inputs: Sequence[Value], attrs: Attrs) -> tuple[Value, ...]:
        made = body(b, *inputs, **{**static, **attrs})
        return (made,) if isinstance(made, Value) else tuple(made)

    def infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
        b = Builder()
        b.typing = typing
        found = tuple(value.type for value in write(b, [Value(type_) for type_ in types], attrs))
        return tuple(Array(t.dtype, ()) if point and isinstance(t, Scalar) else t for t in found)

    def vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
        ops, results = _written(b, op, write)
        return pulled(b, ops, dict(zip(results, g, strict=True)), op.inputs, wanted)

    def jvp(b: Builder, op: Op, dots: Dots) -> Sequence[Value | None]:
        if linear:
            return _linear_tangent(b, op, dots, linear)
        ops, results = _written(b, op, write)
        known = {x: dot for x, dot in zip(op.inputs, dots, strict=True) if dot is not None}
        pushed(b, ops, known)
        return tuple(
            None if value not in known else cast_like(b, known[value], result.type)
            for value, result in zip(results, op.results, strict=True)
        )

    chosen = options.pop("infer", None) or infer
    return general(text, jvp, vjp, chosen, name, group=options.pop("group", "composed"), **options)


def implicit(text: str, tangent: Tangent, infer: TypingRule, name: str = "", **options: Any) -> OpDef:
    """Declare a function by its tangent: ``tangent(b, op, dots)`` is linear in the dots, of which some may be None."""

    def jvp(b: Builder, op: Op, dots: Dots) -> Sequence[Value | None]:
        if all(dot is None for dot in dots):
            return (None,) * len(op.results)
        found = tangent(b, op, dots)
        return tuple(
            None if dot is None else cast_like(b, dot, result.type)
            for dot, result in zip(found, op.results, strict=True)
        )

    def vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
        start = len(b.ops)
        dots = [_stand_in(b, x) if want else None for x, want in zip(op.inputs, wanted, strict=True)]
        made = len(b.ops)
        found = tangent(b, op, dots)
        bars = {dot: bar for dot, bar in zip(found, g, strict=True) if dot is not None and bar is not None}
        given = [dot for dot in dots if dot is not None]
        parts = iter(pulled(b, b.ops[max(start, made) :], bars, given, [True] * len(given)))
        return [None if dot is None else _fit(b, next(parts), x) for dot, x in zip(dots, op.inputs, strict=True)]

    return general(text, jvp, vjp, infer, name, group=options.pop("group", "implicit"), **options)


def _fit(b: Builder, part: Contribution, x: Value) -> Contribution:
    return cast_like(b, applied(b, part), x.type) if isinstance(part, (Value, Masked)) else part


def _stand_in(b: Builder, x: Value) -> Value:
    """A value in the place of a tangent that is transposed away: nothing but its shape is read."""
    return b.op("mul", x, 0.0) if isinstance(x.type, Scalar) else zero_like(b, x)


def _linear_tangent(b: Builder, op: Op, dots: Dots, linear: int) -> tuple[Value | None, ...]:
    if all(dot is None for dot in dots[:linear]):
        return (None,) * len(op.results)
    filled = [zero_like(b, x) if dot is None else dot for x, dot in zip(op.inputs[:linear], dots[:linear], strict=True)]
    found = b.op_many(op.kind, *filled, *op.inputs[linear:], **op.attrs)
    return tuple(cast_like(b, dot, result.type) for dot, result in zip(found, op.results, strict=True))


def _written(b: Builder, op: Op, write: Callable[..., tuple[Value, ...]]) -> tuple[list[Op], tuple[Value, ...]]:
    """The ops of the composition, with the op's own results in the place of what it computes anew."""
    start = len(b.ops)
    made = write(b, op.inputs, op.attrs)
    ops = b.ops[start:]
    own = {value for one in ops for value in one.results}
    renamed = {
        value: result for value, result in zip(made, op.results, strict=True) if value in own and value is not result
    }
    if len(set(made)) < len(made):
        renamed = {}
    ops_renamed = [
        replace(
            one,
            inputs=tuple(renamed.get(value, value) for value in one.inputs),
            results=tuple(renamed.get(value, value) for value in one.results),
        )
        for one in ops
    ]
    return ops_renamed, tuple(renamed.get(value, value) for value in made)


def pushed(b: Builder, ops: Sequence[Op], dots: dict[Value, Value]) -> None:
    """Forward mode over straight ops: adds the tangents of their results to ``dots``."""
    for op in ops:
        if op.kind.constant or op.kind.jvp is None or not any(value in dots for value in op.inputs):
            continue
        found = op.kind.jvp(b, op, [dots.get(value) for value in op.inputs])
        pairs = zip(op.results, found, strict=True)
        dots.update({value: dot for value, dot in pairs if dot is not None and is_inexact(value.type)})


def pulled(
    b: Builder,
    ops: Sequence[Op],
    bars: Mapping[Value, Value | Masked | None],
    inputs: Sequence[Value],
    wanted: Sequence[bool],
) -> list[Contribution]:
    """Reverse mode over straight ops: what each input gets. bars: the cotangents of results."""
    reached = {x for x, want in zip(inputs, wanted, strict=True) if want and not isinstance(x, Constant)}
    for op in ops:
        if not op.kind.constant and any(value in reached for value in op.inputs):
            reached.update(value for value in op.results if is_inexact(value.type))
    parts: dict[Value, list[Contribution]] = {}
    for value, bar in bars.items():
        if bar is not None:
            parts.setdefault(value, []).append(bar)
    for op in reversed(ops):
        if op.kind.vjp is None or not any(value in parts for value in op.results):
            continue
        asked = tuple(value in reached for value in op.inputs)
        if not any(asked):
            continue
        g = tuple(_settled(b, parts.get(value), value, op.kind.group) for value in op.results)
        for value, part in zip(op.inputs, op.kind.vjp(b, op, g, asked), strict=True):
            if part is not None and value in reached:
                parts.setdefault(value, []).append(part)
    left = dict.fromkeys(inputs)  # an operand that is given twice gets all at its first place
    found: list[Contribution] = []
    for x, want in zip(inputs, wanted, strict=True):
        found.append(_merged(b, parts.get(x)) if want and x in left else None)
        left.pop(x, None)
    return found


def _settled(b: Builder, parts: list[Contribution] | None, value: Value, group: str) -> Value | Masked | None:
    """The cotangent of a value inside the composition."""
    if not parts:
        return None
    if len(parts) == 1 and isinstance(parts[0], Masked) and group in ("elementwise", "selection"):
        return parts[0]
    merged = _merged(b, parts)
    if isinstance(merged, Update):
        return merged.apply(b, zero_like(b, value))
    return None if merged is None else applied(b, merged)


def _merged(b: Builder, parts: list[Contribution] | None) -> Contribution:
    """The sum of contributions as one."""
    if not parts or len(parts) == 1:
        return parts[0] if parts else None
    updates = [part for part in parts if isinstance(part, Update)]
    values = [applied(b, part) for part in parts if isinstance(part, (Value, Masked))]
    total: Value | None = None
    for value in values:
        total = value if total is None else b.op("add", total, value)
    if not updates:
        return total

    def apply(builder: Builder, accumulator: Value) -> Value:
        if total is not None:
            accumulator = builder.op("add", accumulator, total)
        for update in updates:
            accumulator = update.apply(builder, accumulator)
        return accumulator

    return Update(apply)
