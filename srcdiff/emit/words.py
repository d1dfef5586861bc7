"""Names for values that the author did not name: by operation and operand (``exp_z``, ``sum_e``, ``one_minus_p``)."""

from __future__ import annotations

import builtins
from collections.abc import Callable

from srcdiff.ir.core import Constant, Op, Value
from srcdiff.ir.types import Array, Scalar

NameOf = Callable[[Value], str]

NUMBERS = {0: "zero", 1: "one", 2: "two", 3: "three", 0.5: "half"}
BETWEEN = {"add": "plus", "sub": "minus", "mul": "times", "div": "over"}
TESTS = frozenset({"lt", "le", "gt", "ge", "eq", "ne", "not_", "logical_not", "logical_and", "logical_or"})
WHOLE = {"dim": "n", "size": "n", "length": "n", "range": "steps", "arange": "rows", "mT": ""}
BUFFERS = ("zeros", "ones", "empty", "full")
LONGEST = 18


def word(op: Op, name_of: NameOf) -> str:
    """A name for the result of an op, or ``""`` if nothing short says what it is.

    name_of: the name of a value, ``""`` if it has none.
    """
    if op.name in WHOLE and WHOLE[op.name]:
        return WHOLE[op.name]
    if op.blocks or not op.inputs or op.name.startswith(BUFFERS):
        return ""
    if op.name == "get":
        return _entry(op, name_of)
    if op.name in TESTS:
        return "mask" if isinstance(op.results[0].type, Array) else "holds"
    if op.name == "pow":
        base, exponent = _operand(op.inputs[0], name_of), getattr(op.inputs[1], "value", None)
        return f"{base}_{'squared' if exponent == 2 else 'cubed'}" if base and exponent in (2, 3) else ""
    if op.name in BETWEEN:
        left, right = (_operand(value, name_of) for value in op.inputs)
        text = f"{left}_{BETWEEN[op.name]}_{right}"
        return text if left and right and len(text) <= LONGEST else ""
    return _function(op, name_of)


def _function(op: Op, name_of: NameOf) -> str:
    first = _operand(op.inputs[0], name_of)
    if op.name in ("copy", "astype"):
        return first
    if op.name == "neg":
        return f"minus_{first}" if first else ""
    if op.name in ("mT", "transpose"):
        return f"{first}_t" if first else ""
    verb = op.name.removeprefix("math_").removeprefix("np_").rstrip("_")
    if len(verb) > LONGEST // 2 or len(op.inputs) > 1:
        return ""
    if first and len(first) + len(verb) < LONGEST:
        return f"{verb}_{first}"
    return "" if hasattr(builtins, verb) else verb


def _entry(op: Op, name_of: NameOf) -> str:
    """``y_i`` for ``y[i]``, ``y_part`` for a slice."""
    base = name_of(op.inputs[0])
    if not base:
        return ""
    pattern = op.attrs.get("index", "@")
    indices = [_operand(value, name_of) for value in op.inputs[1:]]
    if set(pattern) <= set("@, ") and all(indices) and all(isinstance(v.type, Scalar) for v in op.inputs[1:]):
        text = "_".join([base, *indices])
        return text if len(text) <= LONGEST else base
    return f"{base}_part"


def _operand(value: Value, name_of: NameOf) -> str:
    if isinstance(value, Constant):
        return NUMBERS.get(value.value, "") if isinstance(value.value, (int, float)) else ""
    return name_of(value)
