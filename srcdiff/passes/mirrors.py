"""Pairs each backward loop with the forward loop whose kept values it reads, and says which values correspond.

A backward item that comes from a stack of the forward loop is the forward value of the same trip; so is an item of a
sequence that both loops run over. Nothing else is known about a backward loop, and nothing else is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from srcdiff.ir.core import IF, Block, Function, Loop, Op, Value


@dataclass
class Mirror:
    """One backward loop. forward: its loop; outer: the mirror around it; counterparts: backward item -> forward value
    of the same trip; stacked: the backward items that come from stacks (they cost memory)."""

    backward: Op
    forward: Op
    outer: Mirror | None
    counterparts: dict[Value, Value] = field(default_factory=dict)
    stacked: dict[Value, Value] = field(default_factory=dict)

    def counterpart(self, value: Value) -> Value | None:
        """The forward value that a backward value stands for, here or in a mirror around."""
        found = self.counterparts.get(value)
        return found if found is not None or self.outer is None else self.outer.counterpart(value)


class Mirrors:
    """of: backward loop -> Mirror; definitions: value -> op that made it; homes: value -> loop op in whose body it is
    defined (None: at the function's level); readers: stack -> ops that read it."""

    def __init__(self, function: Function) -> None:
        self.of: dict[Op, Mirror] = {}
        self.definitions: dict[Value, Op] = {}
        self.homes: dict[Value, Op | None] = dict.fromkeys(function.params)
        self.readers: dict[Value, list[Op | None]] = {}
        self._scan(function.body, None)
        self._pair(function.body, None)

    def _scan(self, block: Block, home: Op | None) -> None:
        for op in block.ops:
            for value in op.inputs:
                self.readers.setdefault(value, []).append(op)
            for inner in op.blocks:
                inside = home if op.kind is IF else op
                self.homes.update(dict.fromkeys(inner.params, inside))
                self._scan(inner, inside)
            self.definitions.update(dict.fromkeys(op.results, op))
            self.homes.update(dict.fromkeys(op.results, home))
        for value in block.results:
            self.readers.setdefault(value, []).append(None)

    def _pair(self, block: Block, outer: Mirror | None) -> None:
        for op in block.ops:
            mirror = self._mirror(op, outer) if op.blocks and op.kind is not IF and op.why else None
            if mirror is not None:
                self.of[op] = mirror
            for inner in op.blocks:
                self._pair(inner, mirror if mirror is not None else outer)

    def _mirror(self, op: Op, outer: Mirror | None) -> Mirror | None:
        loop = Loop.of(op)
        sources = [self.source(seq, outer) for seq in loop.seqs]
        forward = next((made for made in (self._producer(s) for s in sources) if made is not None), None)
        if forward is None or forward is op:
            return None
        mirror = Mirror(op, forward, outer)
        there = Loop.of(forward)
        for source, item in zip(sources, loop.items, strict=True):
            if source in there.stacks and self.readers.get(source) is not None:
                mirror.counterparts[item] = there.outs[there.stacks.index(source)]
                mirror.stacked[item] = mirror.counterparts[item]
            elif source in there.seqs:
                mirror.counterparts[item] = there.items[there.seqs.index(source)]
        return mirror

    def source(self, seq: Value, outer: Mirror | None) -> Value:
        """The forward value of a sequence: itself, or what it stands for in an enclosing mirror."""
        found = outer.counterpart(seq) if outer is not None else None
        return found if found is not None else seq

    def _producer(self, source: Value) -> Op | None:
        made = self.definitions.get(source)
        if made is None or not made.blocks or made.kind is IF:
            return None
        return made if source in Loop.of(made).stacks else None
