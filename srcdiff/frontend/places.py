"""Names, views and storage: which arrays share memory, and which of them are out of date.

In the IR a store makes a new value; in Python it changes an object that other names and views may see. So every array
value is stamped with the *roots* that its memory may belong to, and with the last write to each of them. A write gives
its roots a new mark: all values that carry an older mark are then *stale*, and an op that reads one is refused. A
missed alias costs a wrong gradient, a wrong guess in the other direction a refusal.

A loop gives fresh roots to what it carries: each stands for the array of one trip. Which older roots it may be is kept
as a relation between roots (`alias`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from srcdiff.diagnostics import Diagnostic, Span
from srcdiff.ir.build import Builder
from srcdiff.ir.core import FOR, HOLDERS, IF, WHILE, Loop, Op, Value, storages
from srcdiff.ir.types import Array, List, Unknown


@dataclass(eq=False)
class Root:
    """A piece of memory.

    name, scope: the first name that it was bound to, and in which frame; owned: False for an array of the module or of
    a closure, which the function must not change; serial: in the order of birth, so that a loop can tell what was there
    before it; origin: what the array of one trip of a loop was in front of the loop; sources: all older roots that it
    may be.
    """

    serial: int
    name: str = ""
    scope: Any = None
    owned: bool = True
    origin: Root | None = None
    sources: set[Root] = field(default_factory=set)

    def is_from(self, other: Root) -> bool:
        """Whether it is the other one, or was it in front of a loop."""
        root: Root | None = self
        while root is not None and root is not other:
            root = root.origin
        return root is other


@dataclass(frozen=True, eq=False)
class Write:
    """A store: where it stands, the name that it goes through, and how that name belongs to its roots.

    how: ``own``, ``second`` (another name of the array), ``view``, or ``maybe`` (one of several arrays).
    """

    span: Span
    name: str
    how: str
    roots: tuple[Root, ...]


@dataclass(frozen=True, eq=False)
class Stamp:
    """What is known of an array value's memory.

    roots: with the write that each had seen last; relation: ``own`` (the whole array), ``view``, or ``maybe``.
    """

    roots: dict[Root, Write | None]
    relation: str = "own"


@dataclass
class State:
    """The part that changes along the way through the text: the last writes, what may be what, and what containers
    have become."""

    writes: dict[Root, Write] = field(default_factory=dict)
    alias: dict[Root, frozenset[Root]] = field(default_factory=dict)
    changes: dict[Any, Any] = field(default_factory=dict)

    def copy(self) -> State:
        return State(dict(self.writes), dict(self.alias), dict(self.changes))


class Refusal(Exception):
    """A read or write that is refused."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def is_tracked(value: Value) -> bool:
    """Whether a value may be an array, or a list that holds some."""
    type_ = value.type
    while isinstance(type_, List):
        type_ = type_.item
    return isinstance(type_, (Array, Unknown))


class Places:
    """The stamps of all values of one function, and the current state."""

    def __init__(self) -> None:
        self.state = State()
        self.stamps: dict[Value, Stamp] = {}
        self.reads: set[Root] = set()
        self._serial = 0

    # ------------------------------------------------------------------------------------------------ roots

    def new_root(self, name: str = "", scope: Any = None, owned: bool = True) -> Root:
        self._serial += 1
        return Root(self._serial, name, scope, owned)

    @property
    def serial(self) -> int:
        """Roots that are born later have a larger number."""
        return self._serial

    def fresh(self, value: Value, name: str = "", scope: Any = None, owned: bool = True) -> None:
        """The value has memory of its own."""
        self.put(value, [self.new_root(name, scope, owned)])

    def put(self, value: Value, roots: Iterable[Root], relation: str = "own") -> None:
        """The value lives in these roots, and is up to date."""
        if is_tracked(value):
            self.stamps[value] = Stamp({root: self.state.writes.get(root) for root in roots}, relation)

    def derive(self, value: Value, sources: Iterable[Value], relation: str) -> None:
        """The value lives where its sources live; ``own`` if it is one of them as a whole."""
        if not is_tracked(value):
            return
        stamps = [self.stamps[source] for source in sources if source in self.stamps]
        roots = dict.fromkeys(root for stamp in stamps for root in stamp.roots)
        if not roots:
            self.fresh(value)
            return
        if relation == "own":
            several = len({frozenset(stamp.roots) for stamp in stamps}) > 1
            relation = "maybe" if several else next((s.relation for s in stamps if s.relation != "own"), "own")
        elif relation == "view" and any(stamp.relation == "maybe" for stamp in stamps):
            relation = "maybe"
        self.put(value, roots, relation)

    def roots(self, value: Value) -> tuple[Root, ...]:
        stamp = self.stamps.get(value)
        return () if stamp is None else tuple(stamp.roots)

    def near(self, roots: Iterable[Root]) -> set[Root]:
        """The roots, and all that they may be."""
        found = set(roots)
        return found.union(*(self.state.alias.get(root, frozenset()) for root in found))

    def relate(self, root: Root, others: Iterable[Root]) -> None:
        """``root`` may be one of the others."""
        links = set(others) - {root}
        self.state.alias[root] = self.state.alias.get(root, frozenset()) | links
        for other in links:
            self.state.alias[other] = self.state.alias.get(other, frozenset()) | {root}

    # ------------------------------------------------------------------------------------------------ names

    def named(self, value: Value, name: str, scope: Any) -> None:
        """A name is bound to a value: the first one is the array's own name."""
        stamp = self.stamps.get(value)
        if stamp is None or stamp.relation != "own":
            return
        for root in stamp.roots:
            if not root.name or root.scope is None:
                root.name, root.scope = name, scope

    def leave(self, scope: Any, values: Iterable[Value]) -> None:
        """A frame ends: what it returns has lost its name."""
        for value in values:
            for root in self.roots(value):
                if root.scope is scope:
                    root.scope = None

    # ------------------------------------------------------------------------------------------------ reads and writes

    def outdated(self, value: Value) -> tuple[Root, Write] | None:
        """The write that a value has not seen, if there is one."""
        stamp = self.stamps.get(value)
        if stamp is not None and self.state.writes:
            for root, seen in stamp.roots.items():
                last = self.state.writes.get(root)
                if last is not None and last is not seen:
                    return root, last
        return None

    def read(self, value: Value, span: Span | None) -> None:
        """The contents of a value are read: refused if they are out of date."""
        stamp = self.stamps.get(value)
        if stamp is not None:
            self.reads.update(stamp.roots)
            found = self.outdated(value)
            if found is not None:
                raise Refusal(stale(value, *found, span))

    def write(self, old: Value, new: Value, name: str, scope: Any, span: Span) -> None:
        """``new`` is what a store through ``name`` has made of ``old``: all else that sees its memory is stale."""
        stamp = self.stamps.get(old)
        if stamp is None:
            return
        how = stamp.relation
        if how == "own":
            if len(stamp.roots) > 1:
                how = "maybe"
            elif any((root.name, root.scope) != (name, scope) for root in stamp.roots if root.name):
                how = "second"
        write = Write(span, name, how, tuple(stamp.roots))
        for root in self.near(stamp.roots):
            if not root.owned:
                raise Refusal(foreign(root.name, span))
            self.state.writes[root] = write
        self.put(new, stamp.roots, stamp.relation)

    def join(self, before: State, left: State, right: State) -> State:
        """Behind a branch: a write of either side counts."""
        writes = dict(left.writes)
        for root in {**left.writes, **right.writes}:
            ours, theirs = left.writes.get(root), right.writes.get(root)
            if ours is not theirs:
                last = theirs if ours is None or ours is before.writes.get(root) else ours
                assert last is not None
                writes[root] = Write(last.span, last.name, last.how, last.roots)
        alias = dict(left.alias)
        for root, links in right.alias.items():
            alias[root] = alias.get(root, frozenset()) | links
        return State(writes, alias, dict(before.changes))


def foreign(name: str, span: Span) -> Diagnostic:
    """The diagnostic for a write into an array that is not the function's."""
    hint = "write in the function that owns the array, or work on a copy"
    return Diagnostic("SD020", f"this write changes `{name}`, which the function does not own", span, "", hint)


def stale(value: Value, root: Root, write: Write, span: Span | None) -> Diagnostic:
    """The diagnostic for reading a value that has missed a write."""
    base = root.name or write.name
    line = f"line {span.line}" if span is not None else "later"
    through = [found for found in write.roots if found.is_from(root)]
    how = write.how
    if not through:
        how = "other"
    elif how == "own" and all((found.name, found.scope) != (root.name, root.scope) for found in through):
        how = "second"
    if how == "own":
        message = "this is read after its array was written"
        label = f"it shares its data with `{base}`, which was written in line {write.span.line}"
        hint = f"read `{base}` itself after the write, or take a `.copy()` in front of it if the old data is meant"
        return Diagnostic("SD022", message, span, label, hint)
    if how in ("view", "second"):
        what = "a view" if how == "view" else "a second name"
        owner = f"`{base}`" if base != write.name else f"the caller's `{base}`"
        label = f"`{write.name}` is {what} of {owner}, which is read in {line}"
        message = f"this write goes through {what} of another array"
        return Diagnostic("SD020", message, write.span, label, f"write through `{base}` itself, or make a copy first")
    names = " or ".join(f"`{name}`" for name in dict.fromkeys(r.name or "another array" for r in write.roots))
    if how == "other":
        label = f"`{write.name}` and `{base}` may be the same array, and `{base}` is read in {line}"
    elif len(write.roots) == 1:
        label = f"`{write.name}` may be a view of {names}, which is read in {line}"
    else:
        label = f"`{write.name}` is {names}, and `{base}` is read in {line}"
    hint = f"make `{write.name}` an array of its own: append `.copy()` where it is bound"
    return Diagnostic("SD021", "this write may touch two arrays", write.span, label, hint)


class Recorder(Builder):
    """A builder that checks what is read, and stamps what is born."""

    def __init__(self, places: Places, **options: Any) -> None:
        super().__init__(**options)
        self.places = places

    def emit(self, op: Op) -> Op:
        if self.places.stamps:
            for position, value in enumerate(op.inputs):
                if position not in op.kind.shape_only:
                    self.places.read(value, self.loc)
        super().emit(op)
        self._record(op)
        return op

    def _record(self, op: Op) -> None:
        places = self.places
        if op.kind is IF:
            for result, *sides in zip(op.results, *(block.results for block in op.blocks), strict=True):
                places.derive(result, sides, "own")
        elif op.kind in (FOR, WHILE):
            loop = Loop.of(op)
            for result, *ends in zip(loop.carried_results, loop.init, loop.carried_yields, strict=True):
                places.derive(result, ends, "own")
            for stack, out in zip(loop.stacks, loop.outs, strict=True):
                places.derive(stack, [out], "maybe")
        elif op.name in HOLDERS:
            places.derive(op.result, op.inputs, "maybe")
        else:
            for result, storage in zip(op.results, storages(op), strict=True):
                if storage.kind == "fresh":
                    if is_tracked(result):
                        places.fresh(result)
                else:
                    places.derive(result, [op.inputs[storage.of]], storage.kind)
