"""Which values are not there on some path: of a branch not taken, of a loop that never ran, items of lists of them."""

from __future__ import annotations

from srcdiff.ir.core import FOR, IF, Block, Function, Loop, Op, Value, is_hole
from srcdiff.ir.types import List

from .effects import is_raise


def may_miss(function: Function) -> set[Value]:
    """The values of a function that are holes on some path.

    Entries of a list are not told apart: if one may miss, so may each, at every depth.
    """
    search = _Search()
    while search.found:
        search.found = False
        search.block(function.body)
    return search.values


class _Search:
    """values: what may miss; lists: those with an entry that may miss; found: whether the last round found any."""

    def __init__(self) -> None:
        self.values: set[Value] = set()
        self.lists: set[Value] = set()
        self.found = True

    def block(self, block: Block) -> None:
        for op in block.ops:
            if op.kind is FOR:
                self._items(Loop.of(op))
            if op.kind.moves:
                self._flow(op.inputs[0], op.results[0])
            for inner in op.blocks:
                self.block(inner)
            if op.kind is IF:
                for inner in op.blocks:
                    if not (inner.ops and is_raise(inner.ops[-1])):
                        for result, value in zip(op.results, inner.results, strict=True):
                            self._flow(value, result)
            elif op.blocks:
                self._loop(op, Loop.of(op))

    def _items(self, loop: Loop) -> None:
        for seq, item in zip(loop.seqs, loop.items, strict=True):
            if seq in self.lists:
                self._mark(item, self.values)
                if isinstance(item.type, List):
                    self._mark(item, self.lists)

    def _loop(self, op: Op, loop: Loop) -> None:
        tested = op.blocks[0].params if len(op.blocks) == 2 else loop.carried_params
        places = zip(loop.carried_params, tested, loop.carried_results, loop.init, loop.carried_yields, strict=True)
        for param, test, result, init, following in places:
            for source in (init, following):
                for target in (param, test, result):
                    self._flow(source, target)
        for stack, out in zip(loop.stacks, loop.outs, strict=True):
            if is_hole(out) or out in self.values or out in self.lists:
                self._mark(stack, self.lists)

    def _flow(self, source: Value, target: Value) -> None:
        if is_hole(source) or source in self.values:
            self._mark(target, self.values)
        if source in self.lists:
            self._mark(target, self.lists)

    def _mark(self, value: Value, marked: set[Value]) -> None:
        if value not in marked:
            marked.add(value)
            self.found = True
