"""Values that are not there on some path, and where that must be written: ``t = None``.

Nothing is written for a hole as long as nobody looks: a branch that is not taken leaves its variable alone. What is
appended to a list, returned, or copied to another variable must be bound whatever the path, though.
"""

from __future__ import annotations

from collections.abc import Iterable

from srcdiff.ir.core import FOR, IF, Block, Constant, Function, Loop, Value, is_hole

from .lists import Lists
from .plan import Append, Move, Node, Return, is_raise


class Holes:
    """may_miss: the values that are holes on some path."""

    def __init__(self, function: Function, lists: Lists) -> None:
        self.may_miss: set[Value] = set()
        self._lists = lists
        self._found = True
        while self._found:
            self._found = False
            self._block(function.body)

    def _block(self, block: Block) -> None:
        for op in block.ops:
            if op.kind is FOR:
                loop = Loop.of(op)
                for seq, item in zip(loop.seqs, loop.items, strict=True):
                    entry = self._lists.trips.entry(seq)
                    if entry is not None and self._misses(entry):
                        self._add(item)
            for inner in op.blocks:
                self._block(inner)
            if op.kind is IF:
                for inner in op.blocks:
                    if inner.ops and is_raise(inner.ops[-1]):
                        continue
                    for result, value in zip(op.results, inner.results, strict=True):
                        if self._misses(value):
                            self._add(result)
            elif op.blocks:
                self._carried(Loop.of(op))

    def _carried(self, loop: Loop) -> None:
        tested = loop.op.blocks[0].params if len(loop.op.blocks) == 2 else loop.carried_params
        places = zip(loop.carried_params, tested, loop.carried_results, loop.init, loop.carried_yields, strict=True)
        for param, test, result, init, following in places:
            if self._misses(init) or self._misses(following):
                for value in (param, test, result):
                    self._add(value)

    def _misses(self, value: Value) -> bool:
        return is_hole(value) or value in self.may_miss

    def _add(self, value: Value) -> None:
        if value not in self.may_miss:
            self.may_miss.add(value)
            self._found = True

    def bound(self, nodes: Iterable[Node], copied: Iterable[Value]) -> set[Value]:
        """The variables to which a missing value must be written, given those that are copied."""
        if not self.may_miss:
            return set()
        sources: dict[Value, list[Value]] = {}
        waiting = list(copied)
        for node in nodes:
            if isinstance(node, Move):
                for target, value in node.pairs:
                    sources.setdefault(target, []).append(value)
            elif isinstance(node, Append) and node.value is not None:
                waiting.append(node.value)
            elif isinstance(node, Return):
                waiting += node.values
        found: set[Value] = set()
        while waiting:
            value = waiting.pop()
            if value in self.may_miss and value not in found and not isinstance(value, Constant):
                found.add(value)
                waiting += [*sources.get(value, ()), *self._lists.index.places_of(value)]
        return found
