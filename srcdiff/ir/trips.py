"""How long sequences are and how often loops run, as far as it can be told from the program.

A length is a set of keys, of which it is the smallest: a dim, or a thing whose length is not known otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .core import FOR, IF, Constant, Function, Loop, Op, Value, constant_value, is_hole
from .dims import Dim, Facts
from .index import Index
from .types import Array, List, Scalar

Length = frozenset[Any]


class Trips:
    def __init__(self, function: Function, index: Index) -> None:
        self.index = index
        self.facts = Facts(function.facts)
        self._of: dict[Op, Length] = {}
        self._lengths: dict[Value, Length] = {}

    def of(self, op: Op) -> Length:
        """How often a loop runs."""
        if op.kind is not FOR:
            return frozenset({op})
        if op not in self._of:
            own = (op,) if op.attrs.get("exits") else ()
            self._of[op] = frozenset(own).union(*map(self.length, Loop.of(op).seqs))
        return self._of[op]

    def length(self, value: Value) -> Length:
        """The length of an array or a list."""
        if value not in self._lengths:
            self._lengths[value] = self._found(value)
        return self._lengths[value]

    def _found(self, value: Value) -> Length:
        if isinstance(value.type, Array):
            return frozenset({self._of_array(value)})
        made = self.index.definitions.get(value)
        if made is not None and made.blocks:
            if made.kind is not IF:
                return self.of(made) if value in Loop.of(made).stacks else frozenset({value})
            inner = yielded(made, value)
            return frozenset({value}) if inner is None else self.length(inner)
        if isinstance(value.type, List) and value.type.length is not None:
            return frozenset({self._dim(value.type.length)})
        if made is not None and made.name == "range":
            counted = self._counted(made)
            if counted is not None:
                return self.of(counted)
            start, stop, step = map(self._number, made.inputs)
            from_zero = (start, step) == (0, 1) and isinstance(stop, Dim) and self._is_size(stop)
            return frozenset({stop if from_zero else ("range", start, stop, step)})
        collected = self.collected(value)
        return frozenset({value}) if collected is None else self.length(collected)

    def _counted(self, made: Op) -> Op | None:
        """The loop of which a range has one item for each trip: ``range(trips)``, with an int that the loop counts."""
        start, stop, step = made.inputs
        loop_op = self.index.definitions.get(stop)
        if loop_op is None or not loop_op.blocks or loop_op.kind is IF:
            return None
        if (constant_value(start), constant_value(step)) != (0, 1) or stop not in Loop.of(loop_op).carried_results:
            return None
        loop = Loop.of(loop_op)
        k = loop.carried_results.index(stop)
        added = self.index.definitions.get(loop.carried_yields[k])
        one_more = added is not None and added.name == "add" and added.inputs[0] is loop.carried_params[k]
        if not one_more or added is None or self.index.blocks[added] is not loop.body:
            return None
        return loop_op if constant_value(added.inputs[1]) == 1 and constant_value(loop.init[k]) == 0 else None

    def _of_array(self, value: Value) -> Any:
        dims = value.type.dims if isinstance(value.type, Array) else None
        if dims and not dims[0].changes:
            return self._dim(dims[0])
        collected = self.collected(value)
        return value if collected is None else self._of_array(collected)

    def collected(self, item: Value) -> Value | None:
        """What a loop collected to become this item of a list of lists."""
        home = self.index.homes.get(item)
        loop_op = None if home is None else self.index.owners[home]
        if loop_op is None or loop_op.kind is not FOR or item not in Loop.of(loop_op).items:
            return None
        loop = Loop.of(loop_op)
        return self.entry(loop.seqs[loop.items.index(item)])

    def entry(self, value: Value) -> Value | None:
        """What is collected, in the body of the loop that makes the list ``value``."""
        made = self.index.definitions.get(value)
        if made is None or not made.blocks:
            collected = self.collected(value)
            return None if collected is None else self.entry(collected)
        if made.kind is IF:
            inner = yielded(made, value)
            return None if inner is None else self.entry(inner)
        loop = Loop.of(made)
        return loop.outs[loop.stacks.index(value)] if value in loop.stacks else None

    def covering(self, seqs: Sequence[Value], kept: Sequence[int], others: Iterable[int]) -> list[int]:
        """The positions of sequences that a loop must run over to run as often as over all of ``seqs``: those in
        ``kept``, and as few as possible of the others, the first of them first."""
        whole = frozenset().union(*map(self.length, seqs))
        chosen = list(kept)
        have = frozenset().union(*(self.length(seqs[k]) for k in chosen))
        for k in others:
            if chosen and have == whole:
                break
            if not chosen or not self.length(seqs[k]) <= have:
                chosen.append(k)
                have |= self.length(seqs[k])
        return sorted(chosen)

    def _is_size(self, dim: Dim) -> bool:
        """Whether a dim is a length, which is never negative."""
        symbol = dim.lone_symbol
        return symbol is not None and symbol.kind in ("axis", "size")

    def _dim(self, dim: Dim) -> Any:
        return self.facts.normal(dim)

    def _number(self, value: Value) -> Any:
        if isinstance(value, Constant):
            return value.value
        known = value.type.value if isinstance(value.type, Scalar) else None
        if known is not None:
            return self._dim(known)
        collected = self.collected(value)
        return value if collected is None else self._number(collected)


def yielded(branch: Op, result: Value) -> Value | None:
    """The only value that an ``if_`` yields for a result, the other side being a hole; None otherwise."""
    k = branch.results.index(result)
    there = [block.results[k] for block in branch.blocks if not is_missing(block.results[k])]
    return there[0] if len(there) == 1 else None


def is_missing(value: Value) -> bool:
    """Whether a value is not there: a hole, or the None that stands for one."""
    return is_hole(value) or (isinstance(value, Constant) and value.value is None)
