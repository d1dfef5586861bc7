"""What a loop carries from trip to trip, found by reading its body until nothing changes.

Carried are the values of names that the body binds or writes through, and that a later trip or the text behind the loop
reads. Types are joined with what the body makes of them; memory gets fresh roots at the head of the loop, one for each
group of names that may share an array (`places`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from srcdiff.ir.core import Value, hole
from srcdiff.ir.dims import Dim
from srcdiff.ir.structure import Path
from srcdiff.ir.types import (
    Array,
    List,
    Type,
    TypeJoinError,
    Widening,
    is_subtype,
    join,
    symbols_of,
    without_value,
)

from .branches import mismatch, outdated
from .changes import inherit
from .frames import Frame
from .items import Broken, Container, Item, Maybe, describe, inside, is_same, leaves, map_leaves, same_structure
from .places import Root, State, Write

SlotKey = tuple[str, Path]


@dataclass(eq=False)
class Slot:
    """One carried value. start: what it is in front of the loop (None: nothing); group: of slots that may share an
    array; place: where its type is widened."""

    name: str
    start: Value | None
    type: Type
    place: str
    group: int = -1


@dataclass(eq=False)
class Group:
    """Slots that may share an array. sources: the older roots that it may be; root: that of the current reading."""

    sources: set[Root] = field(default_factory=set)
    root: Root | None = None


class MoreCarried(Exception):
    """Further names must be carried."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(*names)
        self.names = names


class Carried:
    """The carried values of one loop.

    items: what its names hold in front of it; names that the body binds for the first time are added. broken: names
    that cannot be carried; bound: those that have a value behind the loop, if it makes a trip; live: the names that a
    trip may read before it binds them.
    """

    def __init__(self, frame: Frame, names: Iterable[str], live: frozenset[str]) -> None:
        self.frame = frame
        self.entry = frame.env
        self.state = frame.places.state
        self.serial = frame.places.serial
        self.slots: dict[SlotKey, Slot] = {}
        self.groups: list[Group] = []
        self.items: dict[str, Item] = {}
        self.broken: dict[str, Broken] = {}
        self.bumped: dict[Root, Write] = {}
        self.yields: dict[SlotKey, Value] = {}
        self.names = list(dict.fromkeys(names))
        self.bound: set[str] = set()
        self.live = live
        for name in self.names:
            self._start(name)
        self._group()

    # ------------------------------------------------------------------------------------------------ in front

    def _start(self, name: str) -> None:
        item = self.entry.get(name)
        if isinstance(item, Broken):
            self.broken[name] = item
        elif item is not None:
            self.items[name] = item
            for path, value in leaves(item):
                old = outdated(self.frame, value)
                if old is not None:
                    self._drop(name, old)
                    return
                self._slot(name, path, value, without_value(value.type))

    def _slot(self, name: str, path: Path, start: Value | None, type_: Type) -> None:
        text = "_".join([name, *(str(part) for part in path)])
        text = text if text.isidentifier() else name
        self.slots[name, path] = Slot(text, start, type_, self.frame.unit.place(text))

    def _group(self) -> None:
        """Arrays that may share memory in front of the loop form a group."""
        places = self.frame.places
        for slot in self.slots.values():
            roots = set() if slot.start is None else set(places.roots(slot.start))
            if not roots:
                continue
            near = places.near(roots)
            same = [k for k, group in enumerate(self.groups) if group.sources & near]
            slot.group = same[0] if same else len(self.groups)
            if not same:
                self.groups.append(Group())
            self.groups[slot.group].sources |= roots
            self._merge(same)

    def _merge(self, numbers: Sequence[int]) -> None:
        """Make one group of several."""
        for number in numbers[1:]:
            self.groups[numbers[0]].sources |= self.groups[number].sources
            self.groups[number].sources = set()
            for slot in self.slots.values():
                if slot.group == number:
                    slot.group = numbers[0]

    # ------------------------------------------------------------------------------------------------ one reading

    def heads(self) -> dict[SlotKey, Value]:
        """New values for what is carried into a block."""
        return {key: Value(slot.type, slot.name) for key, slot in self.slots.items()}

    def begin(self) -> None:
        """Start a reading: memory as it is at the head of any trip."""
        places = self.frame.places
        places.state = self.state.copy()
        places.state.writes.update(self.bumped)
        for group in self.groups:
            group.root = None
        for slot in self.slots.values():
            if slot.group >= 0 and self.groups[slot.group].root is None:
                group = self.groups[slot.group]
                group.root = places.new_root(slot.name, self.frame)
                group.root.sources = group.sources
                starts = () if slot.start is None else places.roots(slot.start)
                group.root.origin = starts[0] if len(starts) == 1 else None
        made = [(group.root, places.near(group.sources)) for group in self.groups if group.root is not None]
        for root, sources in made:
            places.relate(root, sources)

    def enter(self, heads: dict[SlotKey, Value]) -> None:
        """Give the names the carried values of a block."""
        env = dict(self.entry)
        self._stamp(heads)
        for name in self.names:
            if name in self.broken:
                env[name] = self.broken[name]
            elif name in self.items:
                env[name] = self._filled(name, heads)
        self.frame.env = env

    def _filled(self, name: str, values: dict[SlotKey, Value]) -> Item:
        item = map_leaves(self.items[name], lambda path, value: values.get((name, path), value))
        inherit(self.frame.unit, self.items[name], item)
        return item

    def _stamp(self, values: dict[SlotKey, Value]) -> None:
        for key, value in values.items():
            group = self.slots[key].group
            if group >= 0:
                root = self.groups[group].root
                assert root is not None
                start = self.frame.places.stamps.get(self.slots[key].start or value)
                relation = "own" if start is None else start.relation
                self.frame.places.put(value, [root], "maybe" if self._mixed(group) else relation)

    def _mixed(self, group: int) -> bool:
        """Whether the slots of a group start from different arrays."""
        starts = [s.start for s in self.slots.values() if s.group == group and s.start is not None]
        return len({frozenset(self.frame.places.roots(start)) for start in starts}) > 1

    # ------------------------------------------------------------------------------------------------ what it makes

    def settle(self, heads: dict[SlotKey, Value], reads: set[Root]) -> bool:
        """Take in what a reading of the body has made of the names; whether the reading may stand."""
        more = self._changed_elsewhere()
        if more:
            raise MoreCarried(more)
        before = self._summary()
        self.yields = {}
        for name in self.names:
            self._settle_name(name, heads)
        sources = [set(group.sources) for group in self.groups]
        self._settle_memory(reads)
        wrote = self.frame.places.state.writes != {**self.state.writes, **self.bumped}
        moved = wrote and sources != [group.sources for group in self.groups]
        return before == self._summary() and not moved

    def _changed_elsewhere(self) -> list[str]:
        """Names that the body does not bind, and whose containers a function that it calls has changed."""
        now = self.frame.env
        return [name for name, item in self.entry.items()
                if name not in self.names and isinstance(item, Container)
                and now.get(name) is not item and self.frame.unit.latest(item) is now.get(name)]

    def _summary(self) -> object:
        """What a reading depends on."""
        slots = [(key, slot.type, slot.group) for key, slot in self.slots.items() if self.is_read(key)]
        return slots, set(self.broken), set(self.bumped)

    def is_read(self, key: SlotKey) -> bool:
        """Whether the body may read the carried value (that of a name without a value in front of the loop is not
        read, unless an inner loop may leave it as it is)."""
        return self.slots[key].start is not None or key[0] in self.live

    def _settle_name(self, name: str, heads: dict[SlotKey, Value]) -> None:
        end = self.frame.env.get(name)
        if end is None or name in self.broken:
            return
        if isinstance(end, Broken):
            self._drop(name, end)
        elif name not in self.items:
            self._begin_late(name, end)
        else:
            problem = self._settle_item(name, (), inside(self.items[name]), inside(end), heads)
            if problem is not None:
                self._drop(name, problem)
            elif isinstance(self.items[name], Maybe) and not isinstance(end, Maybe):
                self.bound.add(name)

    def _begin_late(self, name: str, end: Item) -> None:
        """The body binds a name that has no value in front of the loop."""
        hint = "give it a value in front of the loop"
        problem = Broken("SD040", f"`{name}` may have no value here", "on the first trip it is not bound yet", hint)
        self.items[name] = Maybe(inside(end), problem)
        self.bound.add(name)
        for path, value in leaves(end):
            self._slot(name, path, None, without_value(value.type))
            slot = self.slots[name, path]
            slot.type = self._outward(slot.type, Widening(slot.place))
            self.yields[name, path] = value

    def _drop(self, name: str, problem: Broken) -> None:
        """The name cannot be carried: reading it at the head or behind the loop is a problem."""
        self.broken[name] = problem
        self.items.pop(name, None)
        self.slots = {key: slot for key, slot in self.slots.items() if key[0] != name}

    def _settle_item(
        self, name: str, path: Path, start: Item, end: Item, heads: dict[SlotKey, Value]
    ) -> Broken | None:
        key = (name, path)
        if isinstance(start, Value) and isinstance(end, Value):
            return self._settle_value(key, start, end, heads)
        if isinstance(start, Container) and isinstance(end, Container) and same_structure(start, end):
            for part, one, other in zip(start.keys, start.items, end.items, strict=True):
                problem = self._settle_item(name, (*path, part), one, other, heads)
                if problem is not None:
                    return problem
            return None
        if is_same(start, end):
            return None
        return mismatch(name, describe(start), describe(end))

    def _settle_value(
        self, key: SlotKey, start: Value, end: Value, heads: dict[SlotKey, Value]
    ) -> Broken | None:
        slot = self.slots.get(key)
        if slot is None:  # an earlier reading has left it as it is
            return None if is_same(start, end) else mismatch(key[0], "unchanged", "changed")
        if end is heads.get(key) and key[1]:
            del self.slots[key]  # a part of a container that the loop leaves as it is
            return None
        old = outdated(self.frame, end)
        if old is not None:
            return old
        facts = self.frame.b.typing.facts
        try:
            if not is_subtype(end.type, slot.type, facts, lambda symbol: symbol.name.rpartition("_w")[0] == slot.place):
                slot.type = without_value(join(slot.type, end.type, facts, Widening(slot.place)))
        except TypeJoinError:
            return mismatch(key[0], str(slot.type), str(end.type))
        self.yields[key] = end
        return None

    def _outward(self, type_: Type, widening: Widening) -> Type:
        """The type as it may be named behind the loop: lengths that belong to one trip become unknown lengths."""
        if isinstance(type_, List):
            length = None if type_.length is None or self._is_inner(type_.length) else type_.length
            return List(self._outward(type_.item, widening), length)
        if not isinstance(type_, Array) or type_.dims is None:
            return type_
        return Array(type_.dtype, tuple(widening.dim() if self._is_inner(dim) else dim for dim in type_.dims))

    def _is_inner(self, dim: Dim) -> bool:
        """Whether a dim names a symbol that is born in the loop."""
        if all(symbol.kind == "axis" for symbol in dim.symbols):
            return False
        outer = {s for item in self.entry.values() for _, v in leaves(item) for s in symbols_of(v.type)}
        return not dim.symbols <= outer

    # ------------------------------------------------------------------------------------------------ memory

    def _settle_memory(self, reads: set[Root]) -> None:
        places = self.frame.places
        ends = [(self.slots[key], set(places.roots(value))) for key, value in self.yields.items()]
        ends = [(slot, roots) for slot, roots in ends if slot.start is not None and roots]
        for slot, roots in ends:
            if slot.group < 0:  # a number that may become an array
                slot.group = len(self.groups)
                self.groups.append(Group())
            self._add_sources(self.groups[slot.group], roots)
        for k, (slot, roots) in enumerate(ends):
            near = places.near(roots)
            for other, theirs in ends[:k]:
                if slot.group != other.group and near & theirs:
                    self._merge(sorted((slot.group, other.group)))
        if self.written() & reads:
            self.bumped.update({root: places.state.writes[root] for root in self.written()})

    def _add_sources(self, group: Group, roots: set[Root]) -> None:
        """What the body binds to a carried name is what the name may be on the next trip.

        Arrays that are born in the body are nothing older; those of an inner loop are what went into it.
        """
        heads = {other.root: other for other in self.groups if other.root is not None}
        waiting, seen = list(roots), set[Root]()
        while waiting:
            root = waiting.pop()
            if root in seen or root is group.root:
                continue
            seen.add(root)
            if root.serial <= self.serial:
                group.sources.add(root)
            else:
                waiting += heads[root].sources if root in heads else root.sources

    def written(self) -> set[Root]:
        """The roots from in front of the loop that its body writes."""
        before = self.state.writes
        return {root for root, write in self.frame.places.state.writes.items()
                if root.serial <= self.serial and write is not before.get(root)}

    # ------------------------------------------------------------------------------------------------ behind

    def starts(self) -> list[Value]:
        """The values in front of the loop."""
        return [hole(slot.type) if slot.start is None else slot.start for slot in self.slots.values()]

    def ends(self) -> list[Value]:
        """The values at the end of the body."""
        return [self.yields[key] for key in self.slots]

    def leave(self, results: Sequence[Value], after: State) -> None:
        """Bind the names to the results of the loop. after: memory at the end of the body."""
        places = self.frame.places
        places.state = places.join(self.state, self.state, after)
        given = dict(zip(self.slots, results, strict=True))
        heads = {group.root for group in self.groups if group.root is not None}
        for key, slot in self.slots.items():
            root = self.groups[slot.group].root if slot.group >= 0 else None
            if root is not None:
                ends = set(places.roots(self.yields[key])) - heads
                places.relate(root, places.near(ends | self.groups[slot.group].sources) - heads)
        self._stamp(given)
        for key, value in given.items():
            if self.slots[key].group < 0:
                places.derive(value, [self.yields[key]], "own")
        env = dict(self.entry)
        for name in self.names:
            if name in self.broken:
                env[name] = self.broken[name]
            elif name in self.items:
                item = self._filled(name, given)
                env[name] = inside(item) if name in self.bound else item
        self.frame.env = env

