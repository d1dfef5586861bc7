"""Values that a loop keeps only on one side of a branch: the list is filled and emptied inside the mirrored branches.

    if c:
        e = np.exp(v)
        e_kept.append(e)
    ...
    for ...:
        if c:
            ... e_kept.pop() ...

This is right where both loops meet the same conditions in the same trips, which is shown by comparing how the two
conditions are computed.
"""

from __future__ import annotations

from dataclasses import dataclass

from srcdiff.ir.core import FOR, IF, Block, Constant, Function, Loop, Op, Value, is_hole
from srcdiff.ir.index import Index
from srcdiff.ir.trips import is_missing
from srcdiff.ir.types import List

from .branches import Branches
from .lists import Lists

DEEPEST = 8  # operations in a condition that is compared


@dataclass(frozen=True)
class Guarded:
    """forward: the branch in the filling loop; value: what is kept; side: which side of it; reader: the side of the
    branch in the emptying loop."""

    stack: Value
    forward: Op
    value: Value
    side: int
    reader: Block


class Guards:
    """stacks, items: the lists, and the items taken from them; by_branch: branch in the filling loop -> its lists."""

    def __init__(self, function: Function, lists: Lists, branches: Branches) -> None:
        self.lists = lists
        self.index: Index = lists.index
        self.branches = branches
        self.stacks: dict[Value, Guarded] = {}
        self.items: dict[Value, Guarded] = {}
        self.by_branch: dict[Op, list[Guarded]] = {}
        for op in function.body.walk():
            if op.blocks and op.kind is not IF:
                for stack in Loop.of(op).stacks:
                    self._note(op, stack)

    def _note(self, op: Op, stack: Value) -> None:
        out = Loop.of(op).outs[op.results.index(stack) - len(Loop.of(op).init)]
        reader = self.lists.reader(stack)
        if isinstance(out, Constant) or isinstance(out.type, List) or reader is None:
            return
        found = self._guarded(op, stack, out, reader)
        if found is not None:
            self.stacks[stack] = found
            self.items[Loop.of(reader[0]).items[reader[1]]] = found
            self.by_branch.setdefault(found.forward, []).append(found)

    def is_needed(self, result: Value) -> bool:
        """Whether a branch must yield a result: whether it is used by more than lists that are filled inside."""
        return any(not self._is_kept_inside(use.block, use.role, use.index) for use in self.index.uses_of(result))

    def _is_kept_inside(self, block: Block, role: str, k: int) -> bool:
        owner = self.index.owners[block]
        return role == "out" and owner is not None and owner.results[k] in self.stacks

    # What must hold

    def _guarded(self, op: Op, stack: Value, out: Value, reader: tuple[Op, int]) -> Guarded | None:
        back, k = reader
        forward = self.index.definitions.get(out)
        if forward is None or forward.kind is not IF or self.index.blocks[forward] is not op.blocks[-1]:
            return None
        yields = [block.results[forward.results.index(out)] for block in forward.blocks]
        sides = [n for n, value in enumerate(yields) if not is_missing(value)]
        if len(sides) != 1 or isinstance(yields[sides[0]], Constant):
            return None
        if not self.lists.takes(back, k) or k in self.lists.form(back).bounds or not self._direct(stack):
            return None
        block = self._reading_side(back, Loop.of(back).items[k], sides[0])
        if block is None or {forward, self.index.owners[block]} & (self.branches.expressions | self.branches.tails):
            return None
        mirrored = self.index.owners[block]
        assert mirrored is not None
        if not self._same(mirrored.inputs[0], forward.inputs[0], self._pairs(back, op), DEEPEST):
            return None
        return Guarded(stack, forward, yields[sides[0]], sides[0], block)

    def _direct(self, stack: Value) -> bool:
        """Whether the list goes to its reader as it is, or as part of one list."""
        (use,) = self.index.uses_of(stack)
        return use.role == "seq" or self.lists.flat(stack)

    def _reading_side(self, back: Op, item: Value, side: int) -> Block | None:
        """The one side of one branch in which an item is used."""
        found: set[Block] = set()
        for use in self.index.uses_of(item):
            block = use.block
            while (owner := self.index.owners[block]) is not None and self.index.blocks[owner] is not back.blocks[-1]:
                block = self.index.blocks[owner]
            if owner is None or owner.kind is not IF or owner.blocks[side] is not block:
                return None
            found.add(block)
        return found.pop() if len(found) == 1 else None

    def _pairs(self, back: Op, forward: Op) -> dict[Op, Op]:
        """The loops around that are in the same trip at the same time."""
        pairs: dict[Op, Op] = {}
        here, there = self._loop(back), self._loop(forward)
        while here is not None and there is not None and here is not there:
            pairs[here] = there
            here, there = self._around(here), self._around(there)
        return pairs

    def _loop(self, op: Op | None) -> Op | None:
        while op is not None and op.kind is IF:
            op = self.index.owners[self.index.blocks[op]]
        return op

    def _around(self, op: Op) -> Op | None:
        return self._loop(self.index.owners[self.index.blocks[op]])

    def _same(self, back: Value, forward: Value, pairs: dict[Op, Op], depth: int) -> bool:
        """Whether two values, one in the emptying loop, one in the filling loop, are equal in each trip."""
        if back is forward:
            return True
        if isinstance(back, Constant) or isinstance(forward, Constant):
            return (
                isinstance(back, Constant)
                and isinstance(forward, Constant)
                and not is_hole(back)
                and (type(back.value), repr(back.value)) == (type(forward.value), repr(forward.value))
            )
        made, other = self.index.definitions.get(back), self.index.definitions.get(forward)
        if made is not None and other is not None:
            return depth > 0 and self._same_ops(made, other, pairs, depth - 1)
        if made is not None:
            return False
        return self._same_items(back, forward, pairs, depth)

    def _same_ops(self, back: Op, forward: Op, pairs: dict[Op, Op], depth: int) -> bool:
        plain = not back.blocks and not back.kind.effect and back.kind.updates is None and len(back.results) == 1
        return (
            plain
            and back.kind is forward.kind
            and dict(back.attrs) == dict(forward.attrs)
            and len(back.inputs) == len(forward.inputs)
            and all(self._same(a, b, pairs, depth) for a, b in zip(back.inputs, forward.inputs, strict=True))
        )

    def _same_items(self, back: Value, forward: Value, pairs: dict[Op, Op], depth: int) -> bool:
        """Whether an item is what the other loop kept, or both are items of one sequence."""
        here = self.index.owners[self.index.homes[back]]
        if here is None or here.kind is not FOR or here not in pairs or back not in Loop.of(here).items:
            return False
        there = pairs[here]
        seq = here.inputs[Loop.of(here).items.index(back)]
        if self.lists.trips.entry(seq) is forward:
            return self.lists.producer(seq) is there
        loop = Loop.of(there)
        if forward not in loop.items or depth == 0:
            return False
        return self._same(seq, loop.seqs[loop.items.index(forward)], pairs, depth - 1)
