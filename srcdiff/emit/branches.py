"""Which branches are written as conditional expressions, and which end the function with a return on either side."""

from __future__ import annotations

from srcdiff.ir.core import FOR, IF, WHILE, Block, Function, Op, Value, is_hole
from srcdiff.ir.index import Index

from .stable import ARITHMETIC, SHAPES
from .storage import Storages

COMPREHENSIONS = ("comprehension", "generator")
MOST = 6  # operations in the sides of a derived conditional expression


class Branches:
    """expressions: ``if_`` ops written as ``a if c else b``, ``a and b`` or ``a or b``; tails: those that return;
    comprehensions: ``for_`` ops that may be written as ``[a for x in xs]``."""

    def __init__(self, function: Function, index: Index, storages: Storages) -> None:
        self.index = index
        self.storages = storages
        self.expressions: set[Op] = set()
        self.tails: set[Op] = set()
        self.comprehensions = {op for op in function.body.walk() if self._is_comprehension(op)}
        for block in index.owners:
            for op in block.ops:
                if op.kind is IF and op not in self.expressions and self._is_expression(op):
                    self._add(op)
        self._tail(function.body)

    def _add(self, op: Op) -> None:
        self.expressions.add(op)
        for block in op.blocks:
            for inner in block.ops:
                if inner.blocks:
                    self._add(inner)

    def _is_expression(self, op: Op) -> bool:
        if len(op.results) != 1 or (not op.form and self._is_authors(op)):
            return False
        sizes = [self._size(block) for block in op.blocks]
        if None in sizes:
            return False
        return bool(op.form) or sum(filter(None, sizes)) <= MOST

    def _is_authors(self, op: Op) -> bool:
        """Whether the branch is, or mirrors, an ``if`` statement."""
        return op.why == "" or (op.stmt is not None and op.stmt.text.startswith(("if ", "elif ")))

    def _is_comprehension(self, op: Op) -> bool:
        """Whether a loop collects one list, of entries that are one expression each."""
        if op.form not in COMPREHENSIONS or op.why or len(op.results) != 1 or len(op.inputs) != op.attrs.get("seqs"):
            return False
        if op.attrs.get("reverse") or self.storages.writes(op) or self.storages.has_effect(op):
            return False
        (body,) = op.blocks
        around = self.index.owners[self.index.blocks[op]]
        if around is not None and around.kind is WHILE and self.index.blocks[op] is around.blocks[0]:
            return False
        return all(inner.kind is FOR and self._is_comprehension(inner) or self._op_size(inner) is not None
                   for inner in body.ops)

    def _size(self, block: Block) -> int | None:
        """The number of ops of a side that is one expression; None if it is not."""
        if any(map(is_hole, block.results)):
            return None
        total = 0
        for op in block.ops:
            inner = self._op_size(op)
            if inner is None:
                return None
            total += inner
        return total

    def _op_size(self, op: Op) -> int | None:
        if len(op.results) != 1 or op.result.name or self.storages.writes(op) or self.storages.has_effect(op):
            return None
        if self._use_count(op.result) != 1 and op.name not in SHAPES and op.name not in ARITHMETIC:
            return None
        if op.kind is IF:
            sizes = [self._size(block) for block in op.blocks]
            return None if None in sizes else 1 + sum(filter(None, sizes))
        return None if op.blocks else 1

    def _use_count(self, value: Value) -> int:
        """How often a value is written; once for the condition of ``and`` and ``or``, which is also one side."""
        uses = self.index.uses_of(value)
        owners = [self.index.owners[use.block] for use in uses if use.role == "branch"]
        tested = [owner for owner in owners if owner is not None and owner.inputs[0] is value]
        return len(uses) - sum(repeats_condition(owner, 0) or repeats_condition(owner, 1) for owner in tested)

    def _tail(self, block: Block) -> None:
        """Mark the branch at the end of a block that returns, if the function's results are its results."""
        op = block.ops[-1] if block.ops else None
        if op is None or op.kind is not IF or op.why or op in self.expressions or not op.results:
            return
        if any(self._lives_on(value, block) for value in op.results):
            return
        if op.form != "return" and any(value.name and not value.name.endswith("_bar") for value in op.results):
            return
        self.tails.add(op)
        for inner in op.blocks:
            self._tail(inner)

    def _lives_on(self, value: Value, block: Block) -> bool:
        """Whether a result is used by anything but the results of the block."""
        return any(use.op is not None or use.block is not block for use in self.index.uses_of(value))


def repeats_condition(op: Op, side: int) -> bool:
    """Whether a side of a branch is its condition: ``a and b`` is ``b if a else a``."""
    return len(op.results) == 1 and op.blocks[side].results[0] is op.inputs[0]
