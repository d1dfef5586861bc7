"""Dead code: unused results of pure ops, unused outs and carried values of loops, unused results of branches.

Before::

    y, z, t_kept = for_(range(n), y0, z0) ...     # z feeds itself only, t_kept is not read

After::

    y = for_(range(n), y0) ...

Ops with effects stay, and so does every region that holds one; so do the author's ops that may raise an exception, but
where only a gradient is wanted (``eliminate_dead_values``). Sequences that derived loops run over go when their items
are not read and the others say as well when the loop ends (the author's ``zip`` stays as it is).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from srcdiff.ir.core import FOR, IF, Block, Function, Loop, Op, Value
from srcdiff.ir.index import Index
from srcdiff.ir.trips import Trips
from srcdiff.ir.types import List
from srcdiff.rules.exceptions import Raising


def eliminate_dead_code(function: Function) -> Function:
    """Without dead code; what may raise in the author's function is kept."""
    raising = Raising(function)
    body, _ = _Sweep(function, lambda op: raising(op) or has_effect(op)).block(function.body, set())
    return replace(function, body=body)


def eliminate_dead_values(function: Function) -> Function:
    """Without anything that does not influence a result."""
    body, _ = _Sweep(function, has_effect).block(function.body, set())
    return replace(function, body=body)


class _Sweep:
    """needed: whether an op stays although nothing reads its results."""

    def __init__(self, function: Function, needed: Callable[[Op], bool]) -> None:
        self.function = function
        self.needed = needed

    def block(self, block: Block, outside: set[Value]) -> tuple[Block, set[Value]]:
        """The block without dead ops, and the values that it uses (``outside``: those known to be used besides)."""
        used = outside | set(block.results)
        ops: list[Op] = []
        for op in reversed(block.ops):
            kept = self._op(op, used)
            if kept is not None:
                ops.append(kept)
                used.update(kept.inputs)
        return Block(block.params, tuple(reversed(ops)), block.results), used

    def _op(self, op: Op, used: set[Value]) -> Op | None:
        if not any(result in used for result in op.results) and not self.needed(op):
            return None
        if not op.blocks:
            return op
        return self._branch(op, used) if op.kind is IF else self._loop(op, used)

    def _branch(self, op: Op, used: set[Value]) -> Op:
        keep = [k for k, result in enumerate(op.results) if result in used]
        blocks = []
        for block in op.blocks:
            narrowed = replace(block, results=tuple(block.results[k] for k in keep))
            cleaned, inside = self.block(narrowed, set())
            used.update(inside)
            blocks.append(cleaned)
        return replace(op, results=tuple(op.results[k] for k in keep), blocks=tuple(blocks))

    def _loop(self, op: Op, used: set[Value]) -> Op:
        loop = Loop.of(op)
        outs = [k for k, stack in enumerate(loop.stacks) if stack in used]
        carried = {k for k, result in enumerate(loop.carried_results) if result in used}
        carried |= {0} if op.attrs.get("exits") else set()
        while True:
            body, inside, tested = self._narrowed(loop, sorted(carried), outs)
            heads = {*inside, *tested}
            wanted = {k for k, p in enumerate(loop.carried_params) if p in heads} | _tested(op, loop, heads)
            if wanted <= carried:
                break
            carried |= wanted
        seqs = self._needed_seqs(op, loop, inside)
        used.update(heads)
        return self._rebuilt(op, loop, seqs, sorted(carried), outs, body)

    def _needed_seqs(self, op: Op, loop: Loop, inside: set[Value]) -> list[int]:
        """The sequences whose items are used, and those without which the loop might run more often."""
        everything = list(range(len(loop.seqs)))
        if op.kind is not FOR or op.why == "":
            return everything
        used = [k for k in everything if loop.items[k] in inside]
        if len(used) == len(everything):
            return used
        others = sorted(set(everything) - set(used), key=lambda k: isinstance(loop.seqs[k].type, List))
        return self.trips.covering(loop.seqs, used, others)

    @cached_property
    def trips(self) -> Trips:
        return Trips(self.function, Index(self.function))

    def _narrowed(self, loop: Loop, carried: list[int], outs: list[int]) -> tuple[Block, set[Value], set[Value]]:
        results = (*(loop.carried_yields[k] for k in carried), *(loop.outs[k] for k in outs))
        body, inside = self.block(replace(loop.body, results=results), set())
        tested = self.block(loop.op.blocks[0], set())[1] if len(loop.op.blocks) == 2 else set()
        return body, inside, tested

    def _rebuilt(self, op: Op, loop: Loop, seqs: list[int], carried: list[int], outs: list[int], body: Block) -> Op:
        params = (*(loop.items[k] for k in seqs), *(loop.carried_params[k] for k in carried))
        blocks: tuple[Block, ...] = (replace(body, params=params),)
        if len(op.blocks) == 2:
            test = op.blocks[0]
            blocks = (self.block(replace(test, params=tuple(test.params[k] for k in carried)), set())[0], *blocks)
        attrs = {**op.attrs, "seqs": len(seqs)} if op.kind is FOR else op.attrs
        return replace(
            op,
            inputs=(*(loop.seqs[k] for k in seqs), *(loop.init[k] for k in carried)),
            results=(*(loop.carried_results[k] for k in carried), *(loop.stacks[k] for k in outs)),
            attrs=attrs,
            blocks=blocks,
        )


def has_effect(op: Op) -> bool:
    """Whether the op, or one inside its blocks, has an effect."""
    return op.kind.effect or any(inner.kind.effect for block in op.blocks for inner in block.walk())


def _tested(op: Op, loop: Loop, heads: set[Value]) -> set[int]:
    """The carried values that the condition of a while loop reads."""
    return {k for k, p in enumerate(op.blocks[0].params) if p in heads} if len(op.blocks) == 2 else set()
