"""SymPy referees the element-wise rules: every written partial, in both modes, at 30 digits over its domain.

The rule itself is asked, not its text: its ``vjp`` and ``jvp`` build ops on operands of a kind, and the ops are
evaluated on numbers of many digits. So conditional forms, forms in the result, and partials that are chosen by the
exponent are held as they will be emitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from srcdiff.ir.build import Builder
from srcdiff.ir.core import IF, Block, Constant, Op, Value
from srcdiff.ir.dims import axis
from srcdiff.ir.opdef import OpDef, TypingError
from srcdiff.ir.types import BOOL, FLOAT, Array, Scalar, Type

from . import draft
from .contributions import Masked, applied

Point = Mapping[str, Any]
_CASTS = {"astype", "number", "float", "real", "copy", "asarray"}
_KINDS: dict[str, Type] = {
    "Python numbers": FLOAT,
    "NumPy scalars": Scalar("f64"),
    "arrays": Array("f64", (axis("n"),)),
}
_TESTS = {"isfinite": True, "isnan": False, "isinf": False}
_COMPARISONS = {
    **{"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="},
    **{"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==", "not_equal": "!="},
}


class RefereeError(Exception):
    """A rule and SymPy disagree; the message says at which points and by how much."""


def referee(opdef: OpDef, digits: int = draft.DIGITS, count: int = 8) -> None:
    """Hold an element-wise rule against SymPy; RefereeError if they disagree, DraftError if SymPy knows no meaning."""
    problems = list(disagreements(opdef, digits, count))
    if problems:
        raise RefereeError(f"{opdef.name}:\n" + "\n".join(problems))


def disagreements(opdef: OpDef, digits: int = draft.DIGITS, count: int = 8) -> Iterator[str]:
    """One line for each operand, mode and kind of operands at whose first point they disagree."""
    text = opdef.info["signature"].text
    names = tuple(name for name in opdef.info["signature"].inputs if name != "None")
    definition = draft.DERIVED[opdef.name] if opdef.name.startswith("clip") else text
    places = draft.points(names, opdef.info["domain"], count)
    yield from _wrong_values(opdef, definition, names, places)
    for kind, type_ in _KINDS.items():
        try:
            b, op = _operation(opdef, names, type_)
        except TypingError:
            continue  # functions of one number take no arrays
        for k, operand in enumerate(names):
            if operand == "c":
                continue
            truth = draft.derivative(definition, names, operand)
            for mode, (value, ops) in _modes(b, op, k).items():
                found = _first_difference(op, value, ops, truth, names, places, digits)
                if found:
                    yield f"  {mode} by {operand} on {kind}: {found}"


def _wrong_values(opdef: OpDef, definition: str, names: Sequence[str], places: Sequence[Point]) -> Iterator[str]:
    """Where the operation and the meaning that SymPy is given are not the same function."""
    for point in places:
        found = float(opdef.evaluate(*(float(point[name]) for name in names)))
        expected = float(draft.meaning(definition, point))
        if abs(found - expected) > 1e-12 * max(1.0, abs(expected)):
            yield f"  value at {_shown(point)}: {found}, and {definition} is {expected}"
            return


def _operation(opdef: OpDef, names: Sequence[str], type_: Type) -> tuple[Builder, Op]:
    """The operation on operands of a type (a condition is of bools)."""
    truths = Array("b1", type_.dims) if isinstance(type_, Array) else BOOL
    inputs = [Value(truths if name == "c" else type_, name) for name in names]
    b = Builder()
    b.op_many(opdef, *inputs)
    return b, b.ops[-1]


def _modes(b: Builder, op: Op, k: int) -> dict[str, tuple[Value | None, tuple[Op, ...]]]:
    """What each mode gives for operand ``k`` alone and the seed, with the ops that compute it."""
    wanted = [j == k for j in range(len(op.inputs))]
    seed = Value(op.result.type, "g")
    assert op.kind.vjp is not None and op.kind.jvp is not None
    with b.region() as ops:
        part = op.kind.vjp(b, op, (seed,), wanted)[k]
        value = applied(b, part) if isinstance(part, (Value, Masked)) else None
        reverse = value, tuple(ops)
    with b.region() as ops:
        dots = [Value(x.type, "g") if want else None for x, want in zip(op.inputs, wanted, strict=True)]
        forward = op.kind.jvp(b, op, dots)[0], tuple(ops)
    return {"vjp": reverse, "jvp": forward}


def _first_difference(
    op: Op,
    value: Value | None,
    ops: Sequence[Op],
    truth: Any,
    names: Sequence[str],
    places: Sequence[Point],
    digits: int,
) -> str:
    for point in places:
        exact = draft.at_point(truth, point) * _seed()
        env: dict[Value, Any] = dict(zip(op.inputs, (point[name] for name in names), strict=True))
        env[op.result] = _apply(op, [env[x] for x in op.inputs])
        written = draft.number(0) if value is None else _evaluate(value, ops, env)
        if not draft.agree(draft.number(written), exact, digits):
            return f"at {_shown(point)} the rule gives {float(written)!r}, SymPy {float(exact)!r}"
    return ""


def _shown(point: Point) -> str:
    return ", ".join(f"{name} = {float(value)}" for name, value in point.items())


# --- ops on numbers of many digits


def _seed() -> Any:
    """The cotangent or tangent: not 1, which would hide that a rule is not linear in it."""
    return draft.number(7) / 5


def _evaluate(value: Value, ops: Sequence[Op], env: dict[Value, Any]) -> Any:
    """A value that ops compute; the one value that is not in ``env`` is the cotangent or tangent."""
    _run(ops, env)
    return _get(value, env)


def _get(value: Value, env: Mapping[Value, Any]) -> Any:
    if isinstance(value, Constant):
        return value.value if isinstance(value.value, bool) else draft.written_number(value.value)
    return env.get(value, _seed())


def _run(ops: Sequence[Op], env: dict[Value, Any]) -> None:
    for op in ops:
        inputs = [_get(x, env) for x in op.inputs]
        if op.kind is IF:
            block: Block = op.blocks[0 if draft.truth(inputs[0]) else 1]
            _run(block.ops, env)
            env.update(zip(op.results, [_get(x, env) for x in block.results], strict=True))
        else:
            env[op.result] = _apply(op, inputs)


def _apply(op: Op, inputs: Sequence[Any]) -> Any:
    name = op.name
    if name in _COMPARISONS:
        return draft.binary(_COMPARISONS[name], *map(draft.number, inputs))
    if name in ("bit_and", "logical_and"):
        return draft.binary("&", *inputs)
    if name in ("bit_or", "logical_or"):
        return draft.binary("|", *inputs)
    if name in ("not_", "invert", "logical_not"):
        return not draft.truth(inputs[0])
    if draft.base_name(name) in _TESTS:
        return _TESTS[draft.base_name(name)]
    if draft.base_name(name) in _CASTS:
        return inputs[0]
    if name != "where":
        inputs = [draft.number(int(x) if isinstance(x, bool) else x) for x in inputs]
    return draft.call(name, *inputs)
