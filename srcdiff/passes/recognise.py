"""Marks expressions whose derivative has a stable form that the chain rule does not give.

Before::

    p = div(1, add(1, exp(neg(z))))

After::

    p_1 = div(1, add(1, exp(neg(z))))
    p = stable(p_1, z, rule="sigmoid")        # the value p_1; differentiated as p * (1 - p)

The primal stays as written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from srcdiff.ir.build import Rebuild
from srcdiff.ir.core import Function, Op, Value, constant_value

Match = Callable[["_Recognise", Op], "tuple[str, Value] | None"]


def recognise(function: Function) -> Function:
    return _Recognise(function).run()


class _Recognise(Rebuild):
    def visit(self, op: Op) -> Sequence[Value] | None:
        match = PATTERNS.get(op.name)
        found = match(self, op) if match and op.why == "" else None
        if found is None:
            return None
        name, operand = found
        inputs = self.get_all(op.inputs)
        plain = Value(op.result.type, op.result.name)
        self.b.emit(replace(op, inputs=inputs, results=(plain,)))
        return (self.b.op("stable", plain, self.get(operand), rule=name, hint=op.result.name),)

    def operands(self, value: Value, *names: str) -> tuple[Value, ...] | None:
        """The operands of the op that made a value, if it is one of these."""
        op = self.b.definitions.get(self.get(value))
        return op.inputs if op is not None and op.name in names else None

    def one_plus_exp(self, value: Value) -> Value | None:
        """``z`` of ``1 + exp(z)``."""
        sides = self.operands(value, "add")
        if sides is None:
            return None
        for one, other in (sides, sides[::-1]):
            exponent = self.operands(other, "exp", "math_exp")
            if constant_value(one) == 1 and exponent is not None:
                return exponent[0]
        return None


def _sigmoid(p: _Recognise, op: Op) -> tuple[str, Value] | None:
    """``1 / (1 + exp(-z))``, and ``1 / (1 + exp(z))``."""
    numerator, denominator = op.inputs
    exponent = p.one_plus_exp(denominator)
    negated = p.operands(exponent, "neg", "np_negative") if exponent is not None else None
    if constant_value(numerator) != 1 or exponent is None:
        return None
    return ("sigmoid", negated[0]) if negated is not None else ("falling_sigmoid", exponent)


def _softplus(p: _Recognise, op: Op) -> tuple[str, Value] | None:
    """``log(1 + exp(z))``."""
    exponent = p.one_plus_exp(op.inputs[0])
    return ("softplus", exponent) if exponent is not None else None


def _log1p_exp(p: _Recognise, op: Op) -> tuple[str, Value] | None:
    """``log1p(exp(z))``."""
    exponent = p.operands(op.inputs[0], "exp", "math_exp")
    return ("softplus", exponent[0]) if exponent is not None else None


PATTERNS: dict[str, Match] = {
    "div": _sigmoid,
    "log": _softplus,
    "math_log": _softplus,
    "log1p": _log1p_exp,
    "math_log1p": _log1p_exp,
}
