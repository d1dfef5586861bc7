"""Expressions: the text of a value where it is needed, with what nests into it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from srcdiff.ir.core import FOR, IF, Constant, Op, Value, constant_value, is_hole

from .branches import repeats_condition
from .names import Names
from .nest import Nesting
from .numpy import call, instantiate, literal, name, negated, spelled
from .plan import Plan

if TYPE_CHECKING:
    from .loops import LoopHeads


class Expressions:
    """renamed: names of the text's surroundings that a parameter hides -> what is written instead; heads: what writes
    the heads of loops, once it is there."""

    def __init__(self, plan: Plan, nesting: Nesting, names: Names, renamed: Mapping[str, ast.expr]) -> None:
        self.plan = plan
        self.nesting = nesting
        self.names = names
        self.renamed = renamed
        self.heads: LoopHeads | None = None

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
        if op.kind is FOR:
            return self._comprehension(op)
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

    def _comprehension(self, op: Op) -> ast.expr:
        assert self.heads is not None
        target, iterable = self.heads.head(op)
        entry = self.of(op.blocks[0].results[0])
        parts = [ast.comprehension(target, iterable, [], 0)]
        if op.form == "generator" and self._is_consumed(op):
            return ast.GeneratorExp(entry, parts)
        return ast.ListComp(entry, parts)

    def _is_consumed(self, op: Op) -> bool:
        """Whether a list is only run over once, by the call that it is written in."""
        uses = self.plan.index.uses_of(op.result)
        user = uses[0].op
        return op in self.nesting.inlined and user is not None and user.name in ("sum_items", "max_items", "min_items")

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
