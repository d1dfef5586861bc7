"""The planned statements as Python: an ``ast`` tree with comments in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from srcdiff.ir.core import Constant, Function, Loop, Op, Value, is_hole
from srcdiff.ir.types import Array, List, Scalar
from srcdiff.rules.effects import is_raise

from .comments import Comment, Comments
from .exits import with_breaks
from .expressions import Expressions
from .loops import LoopHeads
from .names import nodes
from .numpy import attribute, call, index_object, literal, name, negated, statement, subscript
from .parameters import Parameters, assign, pack
from .plan import Append, Assign, Body, For, If, Move, NewList, Node, Return, Take, Turn, Update, While

WORD = re.compile(r"[^\W\d]\w*")
SIGNS = {"add": "+=", "sub": "-=", "mul": "*=", "div": "/="}
OPERATORS: dict[str, ast.operator] = {
    **{"+=": ast.Add(), "-=": ast.Sub(), "*=": ast.Mult(), "/=": ast.Div(), "//=": ast.FloorDiv()},
    **{"%=": ast.Mod(), "**=": ast.Pow(), "@=": ast.MatMult(), "&=": ast.BitAnd(), "|=": ast.BitOr()},
    "^=": ast.BitXor(),
    "<<=": ast.LShift(),
    ">>=": ast.RShift(),
}


class Statements:
    """classes: classes of records that the text builds and no argument brings along."""

    def __init__(self, function: Function, expressions: Expressions, parameters: Parameters) -> None:
        self.function = function
        self.expressions = expressions
        self.parameters = parameters
        self.names = expressions.names
        self.heads = LoopHeads(expressions)
        self.comments = Comments(function.comments, nodes(expressions.plan.body))
        self.classes: list[type] = []
        ending = [op for op in function.body.walk() if op.attrs.get("exits") and not self._is_flag_read(op)]
        self.silent = {Loop.of(op).carried_params[0] for op in ending}  # set in front of the loop for nobody

    def function_body(self) -> list[ast.stmt]:
        """The statements, with a blank line between the author's part and the derived one."""
        written: list[ast.stmt] = []
        parted = False
        for node, statements in self._written(self.expressions.plan.body):
            if node.why == "adjoint" and not parted and statements:
                parted = True
                if written:
                    written.append(Comment(""))
            written += statements
        return written or [ast.Pass()]

    def _written(self, body: Body) -> Iterator[tuple[Node, list[ast.stmt]]]:
        """The statements of each node; a branch that leaves the function has the rest behind it, not in an ``else``."""
        stack = [iter(body)]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
            elif isinstance(node, If):
                yield node, self._if(node)
                if node.tail or _leaves(node.then):
                    stack.append(iter(node.other))
            else:
                yield node, self._node(node)
                if isinstance(node, Assign) and node.op is not None and is_raise(node.op):
                    stack.pop()

    def body(self, body: Body) -> list[ast.stmt]:
        return [statement for _, statements in self._written(body) for statement in statements]

    def _node(self, node: Node) -> list[ast.stmt]:
        if isinstance(node, (For, While)):
            return self._loop(node)
        statements = [made_from(statement, node) for statement in self._plain(node)]
        return [*self.comments.before(node), *statements] if statements else []

    def _plain(self, node: Node) -> Iterator[ast.stmt]:
        if isinstance(node, Assign):
            yield from self._assign(node)
        elif isinstance(node, Update):
            yield from self._update(node)
        elif isinstance(node, Move):
            yield from self._move(node)
        elif isinstance(node, NewList):
            yield assign([self._target(node.writes[0])], [ast.List([], ast.Load())])
        elif isinstance(node, Turn):
            yield ast.Expr(call(ast.Attribute(self.expressions.variable(node.reads[0]), "reverse", ast.Load())))
        elif isinstance(node, Append):
            assert node.value is not None
            function = ast.Attribute(self.expressions.variable(node.reads[-1]), "append", ast.Load())
            yield ast.Expr(call(function, self.expressions.of(node.value)))
        elif isinstance(node, Take):
            assert node.item is not None
            yield assign([self._target(node.item)], [self.expressions.take(node.item)])
        elif isinstance(node, Return):
            yield self._return(node)

    def _target(self, value: Value) -> ast.Name:
        return ast.Name(self.expressions.name(value), ast.Store())

    # Assignments

    def _assign(self, node: Assign) -> Iterator[ast.stmt]:
        op = node.op
        assert op is not None
        if op.name == "effect":
            operands = [self.expressions.of(value) for value in op.inputs]
            yield statement(op, operands, self.expressions.renamed)
        elif not op.results or not any(result in self.names for result in op.results):
            yield ast.Expr(self.expressions.op(op))
        elif len(op.results) == 1 and (augmented := self._augmented(op, op.result)) is not None:
            yield augmented
        else:
            yield assign([self._target(result) for result in op.results], [self.expressions.op(op)])

    def _augmented(self, op: Op, target: Value) -> ast.stmt | None:
        """``x += c`` for ``x = x + c`` on numbers: in derived code, or where the author wrote so."""
        if op.name not in SIGNS or not all(isinstance(v.type, Scalar) for v in (*op.results, *op.inputs)):
            return None
        sign = SIGNS[op.name]
        first, second = op.inputs
        if op.name in ("add", "mul") and op.why and not self._is_same(first, target):
            first, second = second, first
        if not self._is_same(first, target) or not (op.why or self._author_wrote(op, sign)):
            return None
        operand, operator = self.expressions.of(second), OPERATORS[sign]
        if op.name == "add" and op.why and (subtrahend := negated(operand)) is not None:
            operand, operator = subtrahend, ast.Sub()
        return ast.AugAssign(self._target(target), operator, operand)

    def _is_same(self, operand: Value, result: Value) -> bool:
        """Whether an operand is the variable that the result is written to."""
        return self.expressions.is_variable(operand) and self.expressions.name(operand) == self.expressions.name(result)

    def _author_wrote(self, op: Op, sign: str) -> bool:
        """Whether an assignment is the author's ``x += c``, or none of his statements."""
        name = self.expressions.name(op.result)
        if op.form == sign or op.stmt is None:
            return op.form == sign
        return op.stmt.text.startswith(f"{name} {sign} ") or name not in WORD.findall(op.stmt.text)

    def _update(self, node: Update) -> Iterator[ast.stmt]:
        op = node.op
        assert op is not None
        base = op.inputs[0]
        if op in self.names.copies:
            copy = call(self.expressions.outside(attribute("np.copy")), self.expressions.of(base))
            if isinstance(base.type, List) or isinstance(base.type, Array) and base.type.rank == 1:
                copy = call(ast.Attribute(self.expressions.of(base), "copy", ast.Load()))
            yield assign([self._target(op.result)], [copy])
        array = self.expressions.variable(op.result)
        if op.name not in ("set", "add_at"):
            operands = [array, *map(self.expressions.of, op.inputs[1:])]
            yield statement(op, operands, self.expressions.renamed)
            return
        _, value, *indices = op.inputs
        pattern = op.attrs.get("index", "@")
        places = [self.expressions.of(index) for index in indices]
        operand = self.expressions.of(value)
        if op.name == "set":
            target = subscript(array, pattern, places)
            target.ctx = ast.Store()
            change = self._change(op)
            if change is None:
                yield ast.Assign([target], operand)
            else:
                whole = ast.Name(self.expressions.name(op.result), ast.Store())
                yield ast.AugAssign(whole if pattern == "..." else target, OPERATORS[op.form], change)
        else:
            yield self._add_at(op, array, pattern, places, operand)

    def _change(self, op: Op) -> ast.expr | None:
        """``v`` of the author's ``x[i] *= v``, which is read, computed, and written back."""
        base, value, *indices = op.inputs
        made = self.expressions.plan.index.definitions.get(value)
        if op.form not in OPERATORS or made not in self.expressions.nesting.inlined or len(made.inputs) != 2:
            return None
        if not isinstance(read := made.inputs[0], Constant) and read is not base:
            entry = self.expressions.plan.index.definitions.get(read)
            if entry is None or entry.name != "get" or entry not in self.expressions.nesting.inlined:
                return None
            if list(entry.inputs) != [base, *indices] or entry.attrs.get("index") != op.attrs.get("index"):
                return None
        elif read is not base or op.attrs.get("index") != "...":
            return None
        written = self.expressions.op(made)
        if not isinstance(written, ast.BinOp) or type(written.op) is not type(OPERATORS[op.form]):
            return None
        return written.right

    def _add_at(
        self, op: Op, array: ast.expr, pattern: str, places: Sequence[ast.expr], operand: ast.expr
    ) -> ast.stmt:
        """``x[i] += v``; ``x += v`` for the whole array; ``np.add.at`` where an index may repeat."""
        subtrahend = negated(operand) if op.why or op.form == "-=" else None
        if op.attrs.get("repeats"):
            outside = self.expressions.outside
            function = outside(attribute("np.add.at" if subtrahend is None else "np.subtract.at"))
            index = index_object(pattern, places, outside(attribute("np.s_")))
            return ast.Expr(call(function, array, index, subtrahend or operand))
        target: ast.expr = array if pattern == "..." else subscript(array, pattern, places)
        assert isinstance(target, (ast.Name, ast.Subscript))
        target.ctx = ast.Store()
        operator = ast.Add() if subtrahend is None else ast.Sub()
        return ast.AugAssign(target, operator, subtrahend or operand)

    def _move(self, node: Move) -> Iterator[ast.stmt]:
        """A parallel assignment, one statement after the other where the order allows it, else as a tuple."""
        waiting = []
        for target, value in node.pairs:
            if target in self.silent and node.role == "init":
                continue
            if target not in self.names or (is_hole(value) and target not in self.names.bound):
                continue
            if not self._is_same(value, target):
                reads = {self.expressions.name(leaf) for leaf in self.expressions.plan.reads(value)}
                waiting.append((target, value, reads))
        while waiting:
            ready = [entry for entry in waiting if not self._is_needed(entry, waiting)]
            if not ready:
                yield assign([self._target(t) for t, _, _ in waiting], [self.expressions.of(v) for _, v, _ in waiting])
                return
            yield self._moved(*ready[0][:2])
            waiting.remove(ready[0])

    def _is_needed(self, entry: tuple[Value, Value, set[str]], waiting: list[tuple[Value, Value, set[str]]]) -> bool:
        """Whether another assignment still reads what this one overwrites."""
        return any(self.expressions.name(entry[0]) in other[2] for other in waiting if other is not entry)

    def _moved(self, target: Value, value: Value) -> ast.stmt:
        made = None if isinstance(value, Constant) else self.expressions.plan.index.definitions.get(value)
        if made is not None and made in self.expressions.nesting.inlined:
            augmented = self._augmented(made, target)
            if augmented is not None:
                return augmented
        return assign([self._target(target)], [self.expressions.of(value)])

    def _return(self, node: Return) -> ast.Return:
        leaves = iter([self.expressions.of(value) for value in node.values])
        return ast.Return(pack(self.function.returns, leaves, self._constructor))

    def _constructor(self, cls: type) -> ast.expr:
        found = self.parameters.constructor(cls)
        if found is None:
            self.classes.append(cls)
            return name(cls.__qualname__)
        return found

    # Branches and loops

    def _if(self, node: If) -> list[ast.stmt]:
        assert node.op is not None
        comments = list(self.comments.before(node))
        before = self.comments.current
        condition = self.expressions.of(node.op.inputs[0])
        then = self.body(node.then)
        leaves = node.tail or _leaves(node.then)
        other = [] if leaves else self.body(node.other)
        self.comments.leave(node, before)
        if not then and not other:
            return []
        if not then:
            condition, then, other = _opposite(condition), other, []
        return [*comments, made_from(ast.If(condition, then, other), node)]

    def _loop(self, node: For | While) -> list[ast.stmt]:
        comments = list(self.comments.before(node))
        before = self.comments.current
        self.comments.enter(node)
        if isinstance(node, For):
            target, iterable = self.heads.of(node)
            loop: ast.stmt = ast.For(target, iterable, self._trip(node) or [ast.Pass()], [])
        else:
            loop = self._while(node)
        self.comments.leave(node, before)
        return [*comments, made_from(loop, node)]

    def _while(self, node: While) -> ast.While:
        assert node.loop is not None
        condition = self.expressions.of(node.loop.op.blocks[0].results[0])
        if node.loop.op in self.expressions.nesting.tested:
            return ast.While(condition, self._trip(node) or [ast.Pass()], [])
        stop = made_from(ast.If(_opposite(condition), [ast.Break()], []), node)
        return ast.While(literal(True), [*self.body(node.test), stop, *self._trip(node)], [])

    def _trip(self, node: For | While) -> list[ast.stmt]:
        """The body of a loop, with the ways out of it."""
        assert node.loop is not None
        body, op = self.body(node.body), node.loop.op
        if not op.attrs.get("exits"):
            return body
        return with_breaks(body, self.expressions.name(node.loop.carried_params[0]), self._is_flag_read(op))

    def _is_flag_read(self, op: Op) -> bool:
        """Whether it is read behind a loop that it has ended early."""
        return bool(self.expressions.plan.index.uses_of(op.results[0]))


def made_from(written: ast.stmt, node: Node) -> ast.stmt:
    """The statement, with the author's that it was made from: what an exception in it will name."""
    vars(written)["origin"] = node.stmt
    return written


def _leaves(body: Body) -> bool:
    """Whether a body ends by leaving the function."""
    last = next((node for node in reversed(body) if not _is_empty(node)), None)
    if isinstance(last, If):
        return last.tail
    return isinstance(last, Return) or isinstance(last, Assign) and last.op is not None and is_raise(last.op)


def _is_empty(node: Node) -> bool:
    return isinstance(node, Move) and all(is_hole(value) for _, value in node.pairs)


def _opposite(condition: ast.expr) -> ast.expr:
    """``not c``; exact where a comparison has an opposite that agrees with it on nan."""
    if isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not):
        return condition.operand
    if isinstance(condition, ast.Compare) and isinstance(condition.ops[0], (ast.Eq, ast.NotEq)):
        flipped = ast.NotEq() if isinstance(condition.ops[0], ast.Eq) else ast.Eq()
        return ast.Compare(condition.left, [flipped], condition.comparators)
    return ast.UnaryOp(ast.Not(), condition)
