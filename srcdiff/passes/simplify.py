"""Algebra on derived code, and values that loops and branches carry for nothing.

Before::

    b = mul(g, 1.0)
    c = neg(b)
    d = add(a, c)

After::

    d = sub(a, g)

The author's own statements are never rewritten: their values are bit-identical to the original's. In derived code only
identities that lose nothing at nan and infinities are used (``0 * x`` stays).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from srcdiff.ir.build import Rebuild
from srcdiff.ir.core import IF, Constant, Function, Loop, Op, Value, constant_value, is_hole, name_value
from srcdiff.ir.dims import Dim
from srcdiff.ir.types import Array, Scalar, is_inexact, is_subtype

Rule = Callable[["Simplify", Sequence[Value], Any], "Value | None"]
RULES: dict[str, list[Rule]] = {}
SPREAD = {"full_like": 1, "broadcast_like": 0}  # ops that repeat a value over a shape -> the operand that is repeated
COMBINING = frozenset({"add", "sub", "mul", "div"})


def simplify(function: Function) -> Function:
    return Simplify(function).run()


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Enter a rule for ops: ``(pass, operands, attrs)`` -> what stands for the result, None if it does not fit."""

    def enter(function: Rule) -> Rule:
        for name in names:
            RULES.setdefault(name, []).append(function)
        return function

    return enter


class Simplify(Rebuild):
    def __init__(self, function: Function) -> None:
        super().__init__(function)
        self.uses: Counter[Value] = Counter(_uses(function))

    def visit(self, op: Op) -> Sequence[Value] | None:
        if op.blocks:
            return self._structured(op)
        if op.why == "" or len(op.results) != 1:
            return None
        value = self.rewritten(op.name, self.get_all(op.inputs), op.attrs)
        if value is None or not self.fits(value, op.result):
            return None
        if op.result.name and value in self.b.definitions and self.b.definitions[value].why:
            name_value(value, op.result.name)
        return (value,)

    # What rules use

    def make(self, name: str, *inputs: Any, **attrs: Any) -> Value:
        """The op, simplified in its turn."""
        values = tuple(map(self.b.value, inputs))
        value = self.rewritten(name, values, attrs)
        return self.b.op(name, *values, **attrs) if value is None else value

    def rewritten(self, name: str, inputs: Sequence[Value], attrs: Any) -> Value | None:
        for attempt in RULES.get(name, ()):
            value = attempt(self, inputs, attrs)
            if value is not None:
                return value
        return None

    def made_by(self, value: Value, name: str) -> Sequence[Value] | None:
        """The operands of the derived op ``name`` that made a value."""
        op = self.b.definitions.get(value)
        return op.inputs if op is not None and op.name == name and op.why else None

    def fits(self, new: Value, old: Value) -> bool:
        """Whether ``new`` may stand for ``old``: same dtype and dims."""
        if isinstance(new.type, Scalar) and isinstance(old.type, Scalar):
            return new.type.dtype == old.type.dtype or isinstance(new, Constant)
        if isinstance(new.type, Array) and isinstance(old.type, Array):
            return is_subtype(new.type, old.type, self.b.typing.facts)
        return new.type == old.type

    def same_dims(self, left: Value, right: Value) -> bool:
        if not isinstance(left.type, Array) or not isinstance(right.type, Array):
            return False
        return self.equal_dims(left.type.dims, right.type.dims)

    def equal_dims(self, left: Sequence[Dim] | None, right: Sequence[Dim] | None) -> bool:
        """Whether two shapes are known, and known to be the same."""
        if left is None or right is None or len(left) != len(right):
            return False
        return all(map(self.b.typing.facts.equal, left, right))

    # Loops and branches

    def _structured(self, op: Op) -> Sequence[Value] | None:
        if op.kind is IF:
            return None
        loop = Loop.of(op)
        for k, (param, following) in enumerate(zip(loop.carried_params, loop.carried_yields, strict=True)):
            if following is param and not is_hole(loop.init[k]) and self._may_stand(loop.init[k], param):
                init = self.get(loop.init[k])
                self.values[param] = init
                if len(op.blocks) == 2:
                    self.values[op.blocks[0].params[k]] = init
        results = self.copy(op)
        return [
            self.values.get(param, result) if param in self.values else result
            for param, result in zip(loop.carried_params, loop.carried_results, strict=True)
        ] + list(results[len(loop.carried_results) :])

    def _may_stand(self, init: Value, param: Value) -> bool:
        return init.type == param.type or isinstance(init.type, Scalar) and isinstance(param.type, Scalar)


def _uses(function: Function) -> Sequence[Value]:
    used = list(function.body.results)
    for op in function.body.walk():
        used.extend(op.inputs)
        for block in op.blocks:
            used.extend(block.results)
    return used


def number(value: Value) -> Any:
    """The real Python number of a constant, else None (bools are not numbers here)."""
    constant = constant_value(value)
    return None if isinstance(constant, (bool, complex)) else constant


# Constants


FOLDS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b if b else None,
    "neg": lambda a: -a,
}


def _folding(name: str) -> Rule:
    def attempt(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
        numbers = [number(value) for value in inputs]
        folded = None if any(n is None for n in numbers) else FOLDS[name](*numbers)
        return None if folded is None else p.b.constant(folded)

    return attempt


for _name in FOLDS:
    rule(_name)(_folding(_name))


# Sums


@rule("add")
def add_rules(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    a, b = inputs
    for zero, other in ((a, b), (b, a)):
        if number(zero) == 0 or (p.made_by(zero, "zeros_like") and p.same_dims(zero, other)):
            return other
    if a is b:
        return p.make("mul", 2, a)
    if negated := p.made_by(b, "neg"):
        return p.make("sub", a, negated[0])
    if negated := p.made_by(a, "neg"):
        return p.make("sub", b, negated[0])
    return None


@rule("sub")
def sub_rules(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    a, b = inputs
    if number(b) == 0:
        return a
    if number(a) == 0 or (p.made_by(a, "zeros_like") and p.same_dims(a, b)):
        return p.make("neg", b)
    if negated := p.made_by(b, "neg"):
        return p.make("add", a, negated[0])
    if negated := p.made_by(a, "neg"):
        return p.make("neg", p.make("add", negated[0], b))
    return None


# Products


@rule("mul")
def mul_rules(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    a, b = inputs
    if number(a) is None and number(b) is not None:
        return p.make("mul", b, a)
    if number(a) == 1:
        return b
    if number(a) == -1 and getattr(b.type, "dtype", None) != "b1":
        return p.make("neg", b)
    if number(a) is not None and (inner := p.made_by(b, "mul")) and number(inner[0]) is not None:
        return p.make("mul", number(a) * number(inner[0]), inner[1])
    if number(a) is not None and (inner := p.made_by(b, "div")) and number(inner[0]) is not None:
        return p.make("div", number(a) * number(inner[0]), inner[1])
    if _is_whole_float(a) and is_inexact(b.type):
        return p.make("mul", int(number(a)), b)
    return _sign_outward(p, "mul", a, b)


@rule("div")
def div_rules(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    a, b = inputs
    if number(b) == 1:
        return a
    if number(b) == -1:
        return p.make("neg", a)
    if _is_whole_float(a) and number(b) is None:
        return p.make("div", int(number(a)), b)
    return _sign_outward(p, "div", a, b)


def _is_whole_float(value: Value) -> bool:
    """Whether a constant such as 2.0 may be written 2."""
    constant = number(value)
    return isinstance(constant, float) and constant.is_integer() and 0 < abs(constant) < 1e15


def _sign_outward(p: Simplify, name: str, a: Value, b: Value) -> Value | None:
    """``(-a) * b`` is ``-(a * b)``: a sign that reaches a sum becomes a subtraction."""
    if negated := p.made_by(a, "neg"):
        return p.make("neg", p.make(name, negated[0], b))
    if negated := p.made_by(b, "neg"):
        return p.make("neg", p.make(name, a, negated[0]))
    if (value := number(a)) is not None and value < 0 and number(b) is None:
        return p.make("neg", p.make(name, -value, b)) if value != -1 or name == "div" else None
    return None


@rule("neg")
def neg_rules(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    (a,) = inputs
    if negated := p.made_by(a, "neg"):
        return negated[0]
    if parts := p.made_by(a, "sub"):
        return p.make("sub", parts[1], parts[0])
    return None


# A value that is repeated over a shape


def _unspread(name: str) -> Rule:
    """``full_like(x, g) * y`` is ``g * y`` where ``y`` has that shape; with a number the shape moves outward."""

    def attempt(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
        for k, spread in enumerate(inputs):
            other = inputs[1 - k]
            for op, position in SPREAD.items():
                operands = p.made_by(spread, op)
                if operands is None:
                    continue
                sides = [operands[position], other] if k == 0 else [other, operands[position]]
                if p.same_dims(spread, other):
                    return p.make(name, *sides)
                if isinstance(other.type, Scalar) and not (name == "div" and k == 1):
                    inner = p.make(name, *sides)
                    return p.make(op, *(inner if i == position else v for i, v in enumerate(operands)))
        return None

    return attempt


for _name in sorted(COMBINING):
    rule(_name)(_unspread(_name))


@rule("neg")
def neg_spread(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    for op, position in SPREAD.items():
        if operands := p.made_by(inputs[0], op):
            inner = p.make("neg", operands[position])
            return p.make(op, *(inner if i == position else v for i, v in enumerate(operands)))
    return None


@rule("broadcast_like")
def broadcast_of_number(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    number_of_array = isinstance(inputs[0].type, Scalar) and isinstance(inputs[1].type, Array)
    return p.make("full_like", inputs[1], inputs[0]) if number_of_array else None


@rule("full_like")
def full_rules(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    return p.b.op("zeros_like", inputs[0]) if number(inputs[1]) == 0 else None


@rule("unbroadcast")
def unbroadcast_rules(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    return inputs[0] if p.same_dims(*inputs) else None


@rule("astype")
def astype_rules(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    type_ = inputs[0].type
    if isinstance(type_, Array) or (isinstance(type_, Scalar) and type_.strength == "numpy"):
        return inputs[0] if type_.dtype == attrs.get("dtype") else None
    return None


@rule("float_")
def float_of_float(p: Simplify, inputs: Sequence[Value], attrs: Any) -> Value | None:
    type_ = inputs[0].type
    return inputs[0] if isinstance(type_, Scalar) and (type_.dtype, type_.strength) == ("f64", "python") else None
