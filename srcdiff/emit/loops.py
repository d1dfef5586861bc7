"""The first line of a loop: over what it runs, in which direction, and the names of the items."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from srcdiff.ir.core import Loop, Op, Value
from srcdiff.ir.types import List

from .expressions import Expressions
from .lists import is_reversed
from .plan import For


class LoopHeads:
    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions
        self.lists = expressions.plan.lists
        expressions.heads = self

    def head(self, op: Op) -> tuple[ast.expr, ast.expr]:
        """The target and the iterable of a comprehension."""
        return self.of(For(loop=Loop.of(op), form=self.lists.form(op)))

    def of(self, node: For) -> tuple[ast.expr, ast.expr]:
        """The target and the iterable of a ``for`` statement."""
        assert node.loop is not None and node.form is not None
        if node.form.bounds:
            return self._over_indices(node)
        drivers = node.form.drivers
        counter = node.form.counted
        rest = [k for k in drivers if k != counter]
        target, iterable = self._zipped(node, rest)
        if counter is None:
            return target, iterable
        pair = ast.Tuple([self._target(node.loop.items[counter]), target], ast.Store())
        return pair, self.expressions.call("enumerate", iterable)

    def _over_indices(self, node: For) -> tuple[ast.expr, ast.expr]:
        assert node.loop is not None and node.form is not None
        call = self.expressions.call
        seqs = [node.loop.seqs[k] for k in node.form.bounds]
        counter = self._target(self.expressions.plan.counter(node.loop.op))
        if len(seqs) == 1 and self.lists.counts_from_zero(seqs[0]):
            return counter, call("reversed", self.expressions.of(seqs[0]))
        lengths = [self._length(seq) for seq in seqs]
        count = lengths[0] if len(lengths) == 1 else call("min", *lengths)
        return counter, call("reversed", call("range", count))

    def _length(self, seq: Value) -> ast.expr:
        """``len(x)``; of ``range(n)``, ``n`` will do where the smallest length counts."""
        made = self.expressions.plan.index.definitions.get(seq)
        if made in self.expressions.nesting.inlined and self.lists.counts_from_zero(seq):
            return self.expressions.of(made.inputs[1])
        return self.expressions.call("len", self.expressions.of(seq))

    def _zipped(self, node: For, places: Sequence[int]) -> tuple[ast.expr, ast.expr]:
        assert node.loop is not None
        targets = [self._target(node.loop.items[k]) for k in places]
        iterables = [self._iterable(node, k) for k in places]
        if len(places) == 1:
            return targets[0], iterables[0]
        return ast.Tuple(targets, ast.Store()), self.expressions.call("zip", *iterables)

    def _iterable(self, node: For, k: int) -> ast.expr:
        assert node.loop is not None
        seq, item = node.loop.seqs[k], node.loop.items[k]
        expression = self.expressions.of(seq)
        if self.expressions.name(item) == "_" and isinstance(node.loop.seqs[k].type, List) and self.lists.is_range(seq):
            return expression
        from_end = is_reversed(node.loop.op)
        if isinstance(seq.type, List):
            from_end ^= self.lists.backward(seq)
        return self.expressions.call("reversed", expression) if from_end else expression

    def _target(self, item: Value) -> ast.expr:
        return ast.Name(self.expressions.name(item), ast.Store())
