"""Which values may share memory, and where in a block their buffers are written: what nesting must not move reads over.

Coarser than the in-place pass (values that may meet on any path are one class), and linear.
"""

from __future__ import annotations

from bisect import bisect_right

from srcdiff.ir.core import HOLDERS, IF, Block, Constant, Function, Loop, Op, Value, storages
from srcdiff.ir.types import Scalar


class UnionFind:
    """Disjoint sets of values."""

    def __init__(self) -> None:
        self._parents: dict[Value, Value] = {}

    def find(self, value: Value) -> Value:
        root = value
        while (parent := self._parents.get(root, root)) is not root:
            root = parent
        while value is not root:
            self._parents[value], value = root, self._parents.get(value, root)
        return root

    def union(self, left: Value, right: Value) -> None:
        """Put two sets together; the root of ``left`` stays a root."""
        left, right = self.find(left), self.find(right)
        if left is not right:
            self._parents[right] = left


def slot(position: int) -> int:
    """The place of an op in its block; even numbers lie between ops, 0 is the block's start."""
    return 2 * position + 1


class Storages:
    """of: the class of buffers of a value; the slots at which a block writes a class, and at which it has effects."""

    def __init__(self, function: Function) -> None:
        self._classes = UnionFind()
        self._writes: dict[Block, dict[Value, list[int]]] = {}
        self._effects: dict[Block, list[int]] = {}
        self._share(function.body)
        self._scan(function.body)

    def of(self, value: Value) -> Value | None:
        """The class of a value, None for numbers."""
        if isinstance(value.type, Scalar) or isinstance(value, Constant):
            return None
        return self._classes.find(value)

    def reads(self, op: Op) -> set[Value]:
        """The classes of buffers that an op reads, blocks included (shapes are not counted)."""
        found = {self.of(value) for k, value in enumerate(op.inputs) if k not in op.kind.shape_only}
        for block in op.blocks:
            found.update(self.of(value) for value in block.results)
            for inner in block.ops:
                found |= self.reads(inner)
        return {value for value in found if value is not None}

    def written_between(self, block: Block, classes: set[Value], start: int, stop: int) -> bool:
        """Whether one of the classes is written at a slot after ``start`` and before ``stop``."""
        writes = self._writes[block]
        return any(_between(writes[value], start, stop) for value in classes if value in writes)

    def effect_between(self, block: Block, start: int, stop: int) -> bool:
        return _between(self._effects[block], start, stop)

    def _join(self, left: Value, right: Value) -> None:
        if self.of(left) is not None and self.of(right) is not None:
            self._classes.union(left, right)

    def _share(self, block: Block) -> None:
        for op in block.ops:
            for inner in op.blocks:
                self._share(inner)
            if op.kind is IF:
                for inner in op.blocks:
                    for result, value in zip(op.results, inner.results, strict=True):
                        self._join(result, value)
            elif op.blocks:
                self._share_loop(Loop.of(op))
            elif op.kind.updates is not None:
                self._join(op.results[0], op.inputs[op.kind.updates])
            elif op.name in HOLDERS:
                for value in op.inputs:
                    self._join(op.result, value)
            else:
                for result, storage in zip(op.results, storages(op), strict=False):
                    if storage.kind != "fresh":
                        self._join(result, op.inputs[storage.of])

    def _share_loop(self, loop: Loop) -> None:
        for seq, item in zip(loop.seqs, loop.items, strict=True):
            self._join(seq, item)
        carried = zip(loop.init, loop.carried_params, loop.carried_yields, loop.carried_results, strict=True)
        for init, param, following, result in carried:
            for value in (init, following, result):
                self._join(param, value)
        if len(loop.op.blocks) == 2:
            for param, tested in zip(loop.carried_params, loop.op.blocks[0].params, strict=True):
                self._join(param, tested)
        for out, stack in zip(loop.outs, loop.stacks, strict=True):
            self._join(stack, out)

    def _scan(self, block: Block) -> tuple[set[Value], bool]:
        """The classes that a block writes, and whether it has effects."""
        writes = self._writes[block] = {}
        effects = self._effects[block] = []
        for k, op in enumerate(block.ops):
            written: set[Value] = set()
            effect = op.kind.effect
            for inner in op.blocks:
                inside, has_effect = self._scan(inner)
                written |= inside
                effect = effect or has_effect
            if op.kind.updates is not None:
                written.update(filter(None, [self.of(op.results[0])]))
            for value in written:
                writes.setdefault(value, []).append(slot(k))
            if effect:
                effects.append(slot(k))
        return set(writes), bool(effects)

    def has_effect(self, op: Op) -> bool:
        """Whether the op, or one inside its blocks, has an effect."""
        return op.kind.effect or any(self._effects[block] for block in op.blocks)

    def writes(self, op: Op) -> bool:
        """Whether the op, or one inside its blocks, writes a buffer."""
        return op.kind.updates is not None or any(self._writes[block] for block in op.blocks)


def _between(slots: list[int], start: int, stop: int) -> bool:
    first = bisect_right(slots, start)
    return first < len(slots) and slots[first] < stop
