"""What a loop carries from trip to trip, found by reading its body until nothing changes.

Carried are the values of names that the body binds to something new and that a later trip or the text behind the loop
reads, and the contents of the arrays that it writes. Types are joined with what the body makes of them. An array that a
name stands for on one trip, but perhaps not on the next, is a root of its own (`places`): it may be what the name
started from, and what the body binds to it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

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

from .branches import mismatch, updated
from .changes import held_twice, parts
from .frames import Frame
from .items import Broken, Container, Item, Maybe, describe, inside, is_same, leaves, map_leaves, same_structure
from .places import Root, State, Version, is_tracked
from .scopes import replaced

SlotKey = tuple[str, Path] | Root
"""A name, and the way to a part of what it holds; or an array whose contents change."""


@dataclass(eq=False)
class Slot:
    """One carried value.

    start: what it is in front of the loop (None: nothing); place: where its type is widened; sources: the older roots
    that a name may stand for; shares: the slots that may be the same array; root: that of the current reading.
    """

    name: str
    start: Value | None
    type: Type
    place: str
    sources: set[Root] = field(default_factory=set)
    shares: set[SlotKey] = field(default_factory=set)
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
    trip may read before it binds them; aliased: the lists and dicts that something else holds too
    (known: to this reading).
    """

    def __init__(self, frame: Frame, node: ast.For | ast.While, names: Iterable[str], live: frozenset[str]) -> None:
        self.frame = frame
        self.node = node
        self.entry = frame.env
        self.state = frame.places.state
        self.serial = frame.places.serial
        self.slots: dict[SlotKey, Slot] = {}
        self.items: dict[str, Item] = {}
        self.broken: dict[str, Broken] = {}
        self.base = self.state
        self.lost: dict[Root, Version] = {}
        self.bound_anew = replaced([node])
        self.yields: dict[SlotKey, Value] = {}
        self.given: dict[SlotKey, Value] = {}
        self.names = list(dict.fromkeys(names))
        self.bound: set[str] = set()
        self.live = live
        self.aliased = {place for name, item in frame.env.items() for place in held_twice(frame.unit, name, item)}
        for name in self.names:
            self._start(name)
        self._relate_starts()

    # ------------------------------------------------------------------------------------------------ in front

    def _start(self, name: str) -> None:
        item = self.entry.get(name)
        if item is None:
            return
        if name in self.bound_anew:
            item = updated(self.frame, self.node, item)
        if isinstance(item, Broken):
            self.broken[name] = item
            return
        self.items[name] = item
        for path, value in leaves(item):
            root = self.frame.places.root(value)
            if name in self.bound_anew or root is None or not isinstance(value.type, Array):
                self._slot((name, path), value)
            elif not path and self.state.content(root) is not None:
                self._content(root)

    def _slot(self, key: tuple[str, Path], start: Value | None, type_: Type | None = None) -> Slot:
        name, path = key
        text = "_".join([name, *(str(part) for part in path)])
        text = text if text.isidentifier() else name
        type_ = without_value(start.type) if type_ is None and start is not None else type_
        assert type_ is not None
        self.slots[key] = Slot(text, start, type_, self.frame.unit.place(text))
        return self.slots[key]

    def _content(self, root: Root) -> None:
        """The contents of an array are carried."""
        start = self.state.content(root)
        assert start is not None and root.whole is not None
        self.slots[root] = Slot(root.hint, start, root.whole.type, "")

    def _named(self) -> list[tuple[tuple[str, Path], Slot]]:
        """The slots of names."""
        return [(key, slot) for key, slot in self.slots.items() if not isinstance(key, Root)]

    def _relate_starts(self) -> None:
        """Names that start from what may be one array may share it on the first trip."""
        places = self.frame.places
        seen: list[tuple[SlotKey, Slot, Root]] = []
        for key, slot in self._named():
            root = None if slot.start is None else places.root(slot.start)
            if root is None:
                continue
            near = self.state.near([root])
            slot.sources |= near
            for other, theirs, their_root in seen:
                if their_root in near:
                    slot.shares.add(other)
                    theirs.shares.add(key)
            seen.append((key, slot, root))

    # ------------------------------------------------------------------------------------------------ one reading

    def heads(self) -> dict[SlotKey, Value]:
        """New values for what is carried into a block."""
        return {key: Value(slot.type, slot.name) for key, slot in self.slots.items()}

    def begin(self) -> None:
        """Start a reading: memory as it is at the head of any trip."""
        places = self.frame.places
        self.known = set(self.aliased)
        places.state = self.base = self.state.copy()
        self.base.versions.update(self.lost)
        for _, slot in self._named():
            slot.root = places.new_root(slot.name)
        self._relate(places.state)

    def _relate(self, state: State) -> None:
        """Say which arrays the names of the slots may be."""
        for _, slot in self._named():
            if slot.root is not None:
                slot.root.parents = tuple(sorted(slot.sources, key=lambda root: root.serial))
                shared = {other for key in slot.shares if (other := self.slots[key].root) is not None}
                state.relate(slot.root, self.state.near(slot.sources) | shared)

    def enter(self, heads: dict[SlotKey, Value]) -> None:
        """Give the names the carried values of a block."""
        places = self.frame.places
        places.state = self.base.copy()
        for key, value in heads.items():
            slot = self.slots[key]
            if isinstance(key, Root):
                places.state.versions[key] = Version(value, None, slot.name, key)
                places.put(value, key)
            elif slot.root is not None and is_tracked(value):
                places.begin(value, slot.root)
        self.entered = dict(places.state.versions)
        env = dict(self.entry)
        for name in self.names:
            if name in self.broken:
                env[name] = self.broken[name]
            elif name in self.items:
                env[name] = self._filled(name, heads)
        self.frame.env = env

    def close(self) -> None:
        """At the end of the body, inside it: take what the names are bound to as it is now."""
        for name in self.names:
            if name in self.frame.env:
                self.aliased |= held_twice(self.frame.unit, name, self.frame.env[name])
        for name in self.names:
            item = self.frame.env.get(name)
            if item is not None and (name in self.bound_anew or name not in self.items):
                self.frame.env[name] = updated(self.frame, self.node, item)

    def _filled(self, name: str, values: dict[SlotKey, Value]) -> Item:
        item = map_leaves(self.items[name], lambda path, value: values.get((name, path), value))
        unit = self.frame.unit
        unit.shared.update({part: None for path, part in parts(inside(item)) if (name, path) in self.aliased})
        return item

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
        relations = self._relations()
        self._settle_relations()
        self._settle_contents(heads, reads)
        wrote = self.frame.places.state.versions != self.entered
        stable = before == self._summary() and self.known == self.aliased
        return stable and not (wrote and relations != self._relations())

    def _changed_elsewhere(self) -> list[str]:
        """Names that the body does not bind, and whose containers a function that it calls has changed."""
        now = self.frame.env
        return [name for name, item in self.entry.items()
                if name not in self.names and isinstance(item, Container)
                and now.get(name) is not item and self.frame.unit.latest(item) is now.get(name)]

    def _summary(self) -> object:
        """What a reading depends on."""
        slots = [(key, slot.type) for key, slot in self.slots.items() if self.is_read(key)]
        return slots, set(self.broken), set(self.lost), set(self.bound_anew)

    def _relations(self) -> object:
        """What the slots may share memory with."""
        return [(key, set(slot.sources), set(slot.shares)) for key, slot in self._named()]

    def is_read(self, key: SlotKey) -> bool:
        """Whether the body may read the carried value (that of a name without a value in front of the loop is not
        read, unless an inner loop may leave it as it is)."""
        return isinstance(key, Root) or self.slots[key].start is not None or key[0] in self.live

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
            slot = self._slot((name, path), None, without_value(value.type))
            slot.type = self._outward(slot.type, Widening(slot.place))
            self.yields[name, path] = value

    def _drop(self, name: str, problem: Broken) -> None:
        """The name cannot be carried: reading it at the head or behind the loop is a problem."""
        self.broken[name] = problem
        self.items.pop(name, None)
        self.slots = {key: slot for key, slot in self.slots.items() if isinstance(key, Root) or key[0] != name}
        for slot in self.slots.values():
            slot.shares &= set(self.slots)

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
        self, key: tuple[str, Path], start: Value, end: Value, heads: dict[SlotKey, Value]
    ) -> Broken | None:
        slot = self.slots.get(key)
        if slot is None:  # an array that is written through its name at most, or a part that is left as it is
            if is_same(start, end) or self.frame.places.is_same(start, end):
                return None
            if key[0] in self.bound_anew:
                return mismatch(key[0], "unchanged", "changed")
            self.bound_anew.add(key[0])
            return self._start_again(key[0])
        if end is heads.get(key) and key[1]:
            del self.slots[key]  # a part of a container that the loop leaves as it is
            return None
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

    def _start_again(self, name: str) -> Broken | None:
        """The body binds a name to another array, though no assignment says so: it is carried from now on."""
        places = self.frame.places
        here, places.state = places.state, self.state
        try:
            self._start(name)
            self._relate_starts()
        finally:
            places.state = here
        return self.broken.get(name)

    def _settle_relations(self) -> None:
        """What the body binds to a carried name is what the name may be on the next trip."""
        places = self.frame.places
        heads = {slot.root: (key, slot) for key, slot in self._named() if slot.root is not None}
        seen: list[tuple[SlotKey, Slot, Root]] = []
        for key, value in self.yields.items():
            root = places.root(value)
            slot = self.slots.get(key)
            if root is None or slot is None:
                continue
            near = places.state.near([root])
            for found in near:
                if found in heads:
                    slot.sources |= heads[found][1].sources
                elif found.serial <= self.serial:
                    slot.sources.add(found)
            for other, theirs, their_root in seen:
                if their_root in near:
                    slot.shares.add(other)
                    theirs.shares.add(key)
            seen.append((key, slot, root))

    def _settle_contents(self, heads: dict[SlotKey, Value], reads: set[Root]) -> None:
        """Carry the contents of the arrays that the body writes; lose those that it may have written."""
        state = self.frame.places.state
        written = self.written()
        for root in written:
            value = state.content(root)
            if value is None:
                self.slots.pop(root, None)
                if root in reads:
                    self.lost[root] = state.versions[root]
            elif root not in self.slots:
                self._content(root)
                self.yields[root] = value
            else:
                self.yields[root] = value
        for key in [key for key in self.slots if isinstance(key, Root) and key not in written]:
            del self.slots[key]

    def written(self) -> set[Root]:
        """The roots from in front of the loop that its body writes."""
        return {root for root, version in self.frame.places.state.versions.items()
                if root.serial <= self.serial and version is not self.entered.get(root)}

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
        places.state = state = self.state.copy()
        self._relate(state)
        given = self.given = dict(zip(self.slots, results, strict=True))
        for root, version in after.versions.items():
            if root.serial <= self.serial and version is not self.entered.get(root):
                state.versions[root] = replace(version, value=given.get(root))
        for key, value in given.items():
            if isinstance(key, Root):
                places.put(value, key)
            elif is_tracked(value):
                self._place(key, value)
        env = dict(self.entry)
        for name in self.names:
            if name in self.broken:
                env[name] = self.broken[name]
            elif name in self.items:
                item = self._filled(name, given)
                env[name] = inside(item) if name in self.bound else item
        self.frame.env = env

    def _place(self, key: SlotKey, result: Value) -> None:
        """Where what a name stands for behind the loop lives."""
        places, slot = self.frame.places, self.slots[key]
        assert slot.root is not None
        end = places.stamps.get(self.yields[key])
        start = None if slot.start is None else places.stamps.get(slot.start)
        kept = end is not None and end.root is slot.root and not end.steps and not slot.shares
        if kept and start is not None and not start.steps:  # every trip has left it the array that it was
            places.state.versions[start.root] = Version(result, None, slot.name, start.root)
            places.put(result, start.root)
            return
        places.begin(result, slot.root)
