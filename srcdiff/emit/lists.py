"""How loops run over their sequences, and in which form kept values go from one loop to another.

What a loop collects is a list with ``append``. A loop that runs against the direction of the list's producer takes its
items with ``pop``, if nobody else reads the list and both loops run equally often; lists of lists that are filled by
nested loops and emptied by the mirrored ones become one list. A list that is only run over stays in the order in which
it was filled; any other is in the order of its indices.
"""

from __future__ import annotations

from dataclasses import dataclass

from srcdiff.ir.core import FOR, IF, Constant, Function, Loop, Op, Value, constant_value
from srcdiff.ir.index import Index, Use
from srcdiff.ir.trips import Trips, yielded
from srcdiff.ir.types import Array, List


@dataclass(frozen=True)
class LoopForm:
    """How a ``for_`` is written.

    drivers: the positions of the sequences that the loop runs over; popped, flat: positions of lists whose items are
    taken from their ends, or that have become part of the list around; indexed: positions of sequences read at the
    counter, in a loop over indices; counter: the position of the counter's range, if there is one; bounds: positions
    of the sequences whose lengths, the smallest of them, say how often a loop over indices runs (else empty);
    counted: the position of a range that is written as ``enumerate``.
    """

    drivers: tuple[int, ...]
    popped: tuple[int, ...] = ()
    flat: tuple[int, ...] = ()
    indexed: tuple[int, ...] = ()
    counter: int | None = None
    bounds: tuple[int, ...] = ()
    counted: int | None = None

    def named(self) -> set[int]:
        """The positions of the sequences that the loop's text names."""
        named = {*self.drivers, *self.popped, *self.indexed, *self.bounds}
        return (named if self.counter is None else named | {self.counter}) - {self.counted}


def is_reversed(op: Op) -> bool:
    return bool(op.attrs.get("reverse", False))


class Lists:
    def __init__(self, function: Function, index: Index, before: Function | None = None) -> None:
        self.index = index
        self.trips = Trips(function, index if before is None else Index(function, before))
        self._forms: dict[Op, LoopForm] = {}
        self._takes: dict[tuple[Op, int], bool] = {}
        self._plain: dict[Value, bool] = {}
        self._flat: dict[Value, bool] = {}

    # Where lists come from

    def filled_backward(self, value: Value) -> bool | None:
        """Whether a list is filled from its last index on; None if it is not filled by a loop of this function."""
        made = self.producer(value)
        return None if made is None else is_reversed(made)

    def producer(self, value: Value) -> Op | None:
        """The loop that fills a list."""
        made = self.index.definitions.get(value)
        if made is None or not made.blocks:
            collected = self.trips.collected(value)
            return None if collected is None else self.producer(collected)
        if made.kind is IF:
            inner = yielded(made, value)
            return None if inner is None else self.producer(inner)
        return made if value in Loop.of(made).stacks else None

    def _exclusive(self, value: Value) -> bool:
        """Whether a list is read at one place only, and so is every list that it was or is a part of."""
        if len(self.index.uses_of(value)) != 1:
            return False
        made = self.index.definitions.get(value)
        if made is not None and made.kind is IF:
            inner = yielded(made, value)
            return inner is not None and self._exclusive(inner)
        if made is not None:
            return True
        home = self.index.owners[self.index.homes[value]]
        collected = self.trips.collected(value)
        if home is None or collected is None:
            return False
        loop = Loop.of(home)
        return self._exclusive(loop.seqs[loop.items.index(value)]) and len(self.index.uses_of(collected)) == 1

    # How they are read

    def _poppable(self, op: Op, k: int) -> bool:
        """Whether a loop may empty its sequence ``k`` from the end."""
        seq = op.inputs[k]
        if not isinstance(seq.type, List) or not self._exclusive(seq):
            return False
        backward = self.filled_backward(seq)
        return (
            backward is not None
            and backward != is_reversed(op)
            and self.index.once_in(self.index.blocks[op], self.index.homes[seq])
            and self.trips.length(seq) == self.trips.of(op)
        )

    def takes(self, op: Op, k: int) -> bool:
        """Whether a loop takes its items from the end of the list ``k``, something else saying how often it runs."""
        key = (op, k)
        if key not in self._takes:
            self._takes[key] = self._poppable(op, k) and self._is_driven(op)
        return self._takes[key]

    def _is_driven(self, op: Op) -> bool:
        """Whether something else says how often a loop runs, and is worth being written: its items are used, or lists
        of lists can become one list."""
        loop = Loop.of(op)
        taken = [k for k in range(len(loop.seqs)) if self._poppable(op, k)]
        others = [k for k in range(len(loop.seqs)) if k not in taken]
        if frozenset().union(*(self.trips.length(loop.seqs[k]) for k in others)) != self.trips.of(op):
            return False  # without the lists the loop might run more often
        if any(self.index.uses_of(loop.items[k]) for k in others):
            return True
        nested = any(isinstance(loop.items[k].type, List) for k in taken)
        return bool(others) and (nested or any(self.index.definitions.get(loop.seqs[k]) is None for k in taken))

    def form(self, op: Op) -> LoopForm:
        if op not in self._forms:
            self._forms[op] = self._make_form(op)
        return self._forms[op]

    def _make_form(self, op: Op) -> LoopForm:
        loop = Loop.of(op)
        places = range(len(loop.seqs))
        popped = tuple(k for k in places if self.takes(op, k))
        flat = tuple(k for k in popped if self._is_flat_item(loop, k))
        wanted = [k for k in places if k not in popped and self.index.uses_of(loop.items[k])]
        if self.by_index(op):
            counter = next((k for k in wanted if self.counts_from_zero(loop.seqs[k])), None)
            indexed = tuple(k for k in wanted if k != counter)
            return LoopForm((), popped, flat, indexed, counter, self._bounds(loop, flat))
        drivers = tuple(self._drivers(op, loop, wanted, popped))
        return LoopForm(drivers, popped, flat, counted=self._counted(op, drivers))

    def _counted(self, op: Op, drivers: tuple[int, ...]) -> int | None:
        """The position of a range that counts the items of the other sequences."""
        if is_reversed(op) or len(drivers) < 2:
            return None
        for k in drivers:
            others = [self.trips.length(op.inputs[j]) for j in drivers if j != k]
            if self.counts_from_zero(op.inputs[k]) and frozenset().union(*others) == self.trips.of(op):
                return k
        return None

    def _drivers(self, op: Op, loop: Loop, wanted: list[int], popped: tuple[int, ...]) -> list[int]:
        """The sequences that the loop must run over to run as often as it should."""
        whole = self.trips.of(op)
        chosen = list(wanted)
        others = [k for k in range(len(loop.seqs)) if k not in popped and k not in wanted]
        others.sort(key=lambda k: not self.is_range(loop.seqs[k]))
        for k in others:
            have = frozenset().union(*(self.trips.length(loop.seqs[j]) for j in chosen))
            if not chosen or not self.trips.length(loop.seqs[k]) <= have:
                chosen.append(k)
            if have == whole and chosen:
                break
        return sorted(chosen)

    def _bounds(self, loop: Loop, flat: tuple[int, ...]) -> tuple[int, ...]:
        whole = self.trips.of(loop.op)
        own = [k for k in range(len(loop.seqs)) if self.variable(loop.seqs[k]) is loop.seqs[k]]
        places = [k for k in own if k not in flat]
        exact = [k for k in places if self.trips.length(loop.seqs[k]) == whole]
        exact.sort(key=lambda k: not self.counts_from_zero(loop.seqs[k]))
        if exact:
            return (exact[0],)
        places.sort(key=lambda k: (self.is_range(loop.seqs[k]), k))
        return tuple(self.trips.covering(loop.seqs, (), places))

    def by_index(self, op: Op) -> bool:
        """Whether a loop from the end runs over indices: its sequences may differ in length, or it counts beside an
        array."""
        if not is_reversed(op):
            return False
        loop = Loop.of(op)
        live = [
            k for k, item in enumerate(loop.items) if self.index.uses_of(item) and not self.takes(op, k)
        ] or [0]
        if self._uneven(op, live):
            return True
        counts = any(self.counts_from_zero(loop.seqs[k]) for k in live)
        return counts and any(isinstance(loop.seqs[k].type, Array) for k in live)

    def _uneven(self, op: Op, live: list[int]) -> bool:
        whole = self.trips.of(op)
        return any(self.trips.length(op.inputs[k]) != whole for k in live)

    def is_range(self, seq: Value) -> bool:
        made = self.index.definitions.get(seq)
        return made is not None and made.name == "range"

    def counts_from_zero(self, seq: Value) -> bool:
        made = self.index.definitions.get(seq)
        return (
            made is not None
            and made.name == "range"
            and constant_value(made.inputs[0]) == 0
            and constant_value(made.inputs[2]) == 1
        )

    # The order of a list

    def backward(self, value: Value) -> bool:
        """Whether the last index of a list comes first in it."""
        return bool(self.filled_backward(value)) and self.plain(value)

    def must_turn(self, stack: Value) -> bool:
        """Whether a list must be turned round after the loop that fills it."""
        return bool(self.filled_backward(stack)) and not self.plain(stack)

    def plain(self, value: Value) -> bool:
        """Whether a list is only run over."""
        if value not in self._plain:
            self._plain[value] = all(map(self._plain_use, self.index.uses_of(self._origin(value))))
        return self._plain[value]

    def _origin(self, value: Value) -> Value:
        """The value whose uses are all the uses of a list: for an item, what the loop before collected."""
        made = self.index.definitions.get(value)
        if made is not None and made.kind is IF:
            inner = yielded(made, value)
            return value if inner is None else self._origin(inner)
        collected = None if made is not None else self.trips.collected(value)
        return value if collected is None else self._origin(collected)

    def _plain_use(self, use: Use, depth: int = 0) -> bool:
        """depth: how many lists are around the list in question, in what is used here."""
        if use.role == "seq" and use.op is not None:
            if depth:
                uses = self.index.uses_of(Loop.of(use.op).items[use.index])
                return all(self._plain_use(inner, depth - 1) for inner in uses)
            return self.takes(use.op, use.index) or self._runs_straight(use.op)
        if use.role in ("out", "branch"):
            owner, result = self.index.owners[use.block], self.index.result_of(use)
            depth += use.role == "out"
            alone = use.role == "out" or (owner is not None and yielded(owner, result) is not None)
            return alone and all(self._plain_use(inner, depth) for inner in self.index.uses_of(result))
        return False

    def _runs_straight(self, op: Op) -> bool:
        return not self.by_index(op) and not self._uneven(op, list(range(op.attrs["seqs"])))

    # Lists of lists that become one

    def flat(self, stack: Value) -> bool:
        """Whether what an inner loop collects goes straight to the list that the outer loop collects."""
        if stack not in self._flat:
            self._flat[stack] = self._can_be_flat(stack)
        return self._flat[stack]

    def _can_be_flat(self, stack: Value) -> bool:
        uses = self.index.uses_of(stack)
        inner = self.index.definitions.get(stack)
        if len(uses) != 1 or uses[0].role != "out" or inner is None or not inner.blocks or inner.kind is IF:
            return False
        if self.index.blocks[inner] is not uses[0].block:
            return False
        outer_reader = self.reader(self.index.result_of(uses[0]))
        inner_reader = None if outer_reader is None else self.reader(Loop.of(outer_reader[0]).items[outer_reader[1]])
        return (
            outer_reader is not None
            and inner_reader is not None
            and self.index.blocks[inner_reader[0]] is outer_reader[0].blocks[-1]
            and self.takes(*outer_reader)
            and self.takes(*inner_reader)
        )

    def reader(self, value: Value) -> tuple[Op, int] | None:
        """The only loop that runs over a list, through the lists that it is put into."""
        uses = self.index.uses_of(value)
        if len(uses) != 1:
            return None
        (use,) = uses
        if use.role == "seq" and use.op is not None:
            return use.op, use.index
        if use.role == "out":
            around = self.reader(self.index.result_of(use))
            return None if around is None else self.reader(Loop.of(around[0]).items[around[1]])
        return None

    def _is_flat_item(self, loop: Loop, k: int) -> bool:
        """Whether the items of sequence ``k`` are lists that are part of one list."""
        item = loop.items[k]
        collected = self.trips.collected(item) if isinstance(item.type, List) else None
        return collected is not None and not isinstance(collected, Constant) and self.flat(collected)

    def variable(self, value: Value) -> Value:
        """The value whose name a list goes by."""
        if self.index.definitions.get(value) is not None:
            if not self._is_stack(value) or not self.flat(value):
                return value
            return self.variable(self.index.result_of(self.index.uses_of(value)[0]))
        home = self.index.homes.get(value)
        owner = None if home is None else self.index.owners[home]
        if owner is None or owner.kind is not FOR or value not in Loop.of(owner).items:
            return value
        loop = Loop.of(owner)
        k = loop.items.index(value)
        return self.variable(loop.seqs[k]) if k in self.form(owner).flat else value

    def _is_stack(self, value: Value) -> bool:
        made = self.index.definitions.get(value)
        return made is not None and bool(made.blocks) and made.kind is not IF and value in Loop.of(made).stacks
