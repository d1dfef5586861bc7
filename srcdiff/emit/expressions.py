"""Expressions: the text of a value where it is needed, with what nests into it."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from srcdiff.ir.core import IF, Constant, Op, Value, constant_value, is_hole

from .branches import repeats_condition
from .names import Names
from .nest import Nesting
from .numpy import call, instantiate, literal, name, negated, spelled
from .plan import Plan


class Expressions:
    """renamed: names of the text's surroundings that a parameter hides -> what is written instead."""

    def __init__(self, plan: Plan, nesting: Nesting, names: Names, renamed: Mapping[str, ast.expr]) -> None:
        self.plan = plan
        self.nesting = nesting
        self.names = names
        self.renamed = renamed

    def of(self, value: Value) -> ast.expr:
        """The expression of a value."""
        if isinstance(value, Constant):
            return ast.Constant(None) if is_hole(value) else self.outside(literal(value.value, value.type))
        made = self.plan.index.definitions.get(value)
        if made is not None and made in self.nesting.inlined:
            return self.op(made)
        if value in self.nesting.nested_takes:
            return self.take(value)
        return self.variable(value)

    def is_variable(self, value: Value) -> bool:
        """Whether the expression of a value is a name."""
        if isinstance(value, Constant) or value in self.nesting.nested_takes:
            return False
        return self.plan.index.definitions.get(value) not in self.nesting.inlined

    def variable(self, value: Value) -> ast.expr:
        return name(self.name(value))

    def name(self, value: Value) -> str:
        """The name of the variable of a value."""
        return self.names.of(self.plan.lists.variable(value))

    def op(self, op: Op) -> ast.expr:
        """The expression of an op."""
        if op.kind is IF:
            return self._conditional(op)
        operands = [self.of(value) for value in op.inputs]
        if op.name == "add" and op.why and (subtrahend := negated(operands[1])) is not None:
            return ast.BinOp(operands[0], ast.Sub(), subtrahend)
        return spelled(op, operands, self.renamed)

    def outside(self, node: ast.expr) -> ast.expr:
        """The expression with names that a parameter hides written otherwise."""
        if not self.renamed:
            return node
        written: ast.expr = instantiate(node, self.renamed)
        return written

    def call(self, function: str, *arguments: ast.expr) -> ast.expr:
        """A call of a builtin."""
        return call(self.renamed.get(function, function), *arguments)

    def _conditional(self, op: Op) -> ast.expr:
        """``a if c else b``; ``a and b``, ``a or b`` where one side is the condition itself."""
        condition = self.of(op.inputs[0])
        (then,), (other,) = (block.results for block in op.blocks)
        if repeats_condition(op, 1) or constant_value(other) is False:
            second = self.of(then)
            if op.stmt is not None and " and " not in op.stmt.text and _continues(condition, second):
                return _chained(condition, second)
            return ast.BoolOp(ast.And(), _operands(ast.And, condition, second))
        if repeats_condition(op, 0) or constant_value(then) is True:
            return ast.BoolOp(ast.Or(), _operands(ast.Or, condition, self.of(other)))
        return ast.IfExp(condition, self.of(then), self.of(other))

    def take(self, item: Value) -> ast.expr:
        """``xs.pop()``, or ``xs[i]`` at a loop's counter."""
        op, k = self.plan.takers[item]
        if k in self.plan.lists.form(op).indexed:
            return ast.Subscript(self.of(op.inputs[k]), self.variable(self.plan.counter(op)), ast.Load())
        return call(ast.Attribute(self.variable(op.inputs[k]), "pop", ast.Load()))


def _operands(kind: type[ast.boolop], left: ast.expr, right: ast.expr) -> list[ast.expr]:
    """The operands of ``left and right``, those of a left operand of the same kind beside them."""
    if isinstance(left, ast.BoolOp) and isinstance(left.op, kind):
        return [*left.values, right]
    return [left, right]


def _continues(left: ast.expr, right: ast.expr) -> bool:
    """Whether two comparisons are one chain: ``a < b`` and ``b < c``, with a name in the middle."""
    if not isinstance(left, ast.Compare) or not isinstance(right, ast.Compare):
        return False
    end, start = left.comparators[-1], right.left
    return isinstance(end, ast.Name) and isinstance(start, ast.Name) and end.id == start.id


def _chained(left: ast.expr, right: ast.expr) -> ast.Compare:
    assert isinstance(left, ast.Compare) and isinstance(right, ast.Compare)
    return ast.Compare(left.left, [*left.ops, *right.ops], [*left.comparators, *right.comparators])
