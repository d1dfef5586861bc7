"""What a region yields is a parallel assignment: which of its expressions must wait for the region's end.

``a, b = b, a + c * b`` yields ``b`` and ``s = a + c * b``. Written where it is computed, ``s`` would take the name
``b`` while the old ``b`` is still needed, so it is deferred: the end of the region assigns both together.
"""

from __future__ import annotations

from collections.abc import Iterator

from srcdiff.ir.core import IF, WHILE, Block, Constant, Loop, Op, Value
from srcdiff.ir.index import Index

from .storage import Storages, slot


def deferred_yields(index: Index, storages: Storages, block: Block) -> set[Value]:
    """The values whose expressions are written in the assignment at the end of a block."""
    owner = index.owners[block]
    if owner is None or len(block.results) < 2 or (owner.kind is WHILE and block is owner.blocks[0]):
        return set()
    return _Yields(index, storages, block, owner).deferred()


class _Yields:
    def __init__(self, index: Index, storages: Storages, block: Block, owner: Op) -> None:
        self.index = index
        self.storages = storages
        self.block = block
        self.places = {op: k for k, op in enumerate(block.ops)}
        self.end = len(block.ops)
        self.targets = list(self._targets(owner))
        self.read: dict[object, int] = {}  # what is read -> the last place
        self._note_reads()

    def _targets(self, owner: Op) -> Iterator[tuple[Value, Value]]:
        """Pairs of what takes a yield, and the yield."""
        if owner.kind is IF:
            yield from zip(owner.results, self.block.results, strict=True)
        else:
            loop = Loop.of(owner)
            yield from zip(loop.carried_params, loop.carried_yields, strict=True)

    def deferred(self) -> set[Value]:
        found: set[Value] = set()
        for _, value in self.targets:
            if self._is_copy(value):
                self._note(value, self.end)
        changed = True
        while changed:
            changed = False
            for target, value in self.targets:
                made = self.index.definitions.get(value)
                if value in found or made is None or made not in self.places or not self._conflicts(target, made):
                    continue
                if self._can_wait(made):
                    found.add(value)
                    changed = True
                    self._note_tree(made)
        return found

    def _is_copy(self, value: Value) -> bool:
        made = self.index.definitions.get(value)
        return not isinstance(value, Constant) and (made is None or made not in self.places)

    def _conflicts(self, target: Value, made: Op) -> bool:
        """Whether what the target held before is read after the place where its new value is computed."""
        keys = [target] if not target.name else [target, target.name]
        return any(self.read.get(key, -1) > self.places[made] for key in keys)

    def _can_wait(self, made: Op) -> bool:
        here, there = slot(self.places[made]), slot(self.end)
        return (
            not made.blocks
            and len(made.results) == 1
            and made.kind.updates is None
            and not made.kind.effect
            and len(self.index.uses_of(made.result)) == 1
            and not self.storages.effect_between(self.block, here, there)
            and not self.storages.written_between(self.block, self.storages.reads(made), here, there)
        )

    # What is read where

    def _note(self, value: Value, place: int) -> None:
        """Only values that are there when the block begins can be what a target held before."""
        if self._is_copy(value):
            for key in (value, value.name) if value.name else (value,):
                self.read[key] = max(self.read.get(key, -1), place)

    def _note_reads(self) -> None:
        roots: dict[Op, int] = {}
        for op in reversed(self.block.ops):
            roots[op] = place = self._root(op, roots)
            for value in _operands(op):
                self._note(value, place)

    def _root(self, op: Op, roots: dict[Op, int]) -> int:
        """The place of the statement that an op will be part of."""
        if not op.blocks and len(op.results) == 1 and not op.result.name:
            uses = self.index.uses_of(op.result)
            if len(uses) == 1 and uses[0].op in roots and uses[0].block is self.block:
                return roots[uses[0].op]
        return self.places[op]

    def _note_tree(self, op: Op) -> None:
        """An expression that waits reads its operands at the end."""
        stack = [op]
        while stack:
            for value in _operands(stack.pop()):
                self._note(value, self.end)
                made = self.index.definitions.get(value)
                nested = made is not None and made in self.places and not made.blocks and not value.name
                if made is not None and nested and len(self.index.uses_of(value)) == 1:
                    stack.append(made)


def _operands(op: Op) -> Iterator[Value]:
    yield from op.inputs
    for block in op.blocks:
        for inner in block.ops:
            yield from _operands(inner)
        yield from block.results
