"""Names, views and storage: which arrays share memory, and what is in them now.

In the IR a store makes a new value; in Python it changes an object that other names and views see too. So a name is
bound to a *handle*: any value that was once the array, stamped with the *root* (a piece of memory) that it belongs to
and with the steps that lead from the whole root to it (``A[i]``, ``.T``). A store makes a new version of its root. A
handle that has not seen the last version is taken from it again, by the same steps, where it is read.

What memory relation is not known is kept as a relation between roots: one root *may be* another (a conditional alias,
a reshape that may copy, what a loop carries from trip to trip). A write to one of them loses the others, and reading a
lost one is refused. A missed relation costs a wrong gradient, one too many a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from srcdiff.diagnostics import Diagnostic, Span
from srcdiff.ir.core import Value
from srcdiff.ir.opdef import OpDef
from srcdiff.ir.types import Array, List, Type, Unknown


@dataclass(eq=False)
class Root:
    """A piece of memory.

    name: the first that it was bound to; owned: False for an array of the module or of a closure, which the function
    must not change; serial: in the order of birth; whole: the value that it was born as; compact: its elements are
    known to lie one behind the other; parents: older roots that it may be.
    """

    serial: int
    name: str = ""
    owned: bool = True
    whole: Value | None = None
    compact: bool = False
    parents: tuple[Root, ...] = ()

    @property
    def hint(self) -> str:
        """A name for its versions: ``v`` of ``state['v']``."""
        words = [self.name, *reversed(re.findall(r"\w+", self.name)), self.whole.name if self.whole is not None else ""]
        return next((word for word in words if word.isidentifier()), "")

    def may_be(self, other: Root) -> bool:
        """Whether it was made of the other one."""
        return any(parent is other or parent.may_be(other) for parent in self.parents)


@dataclass(frozen=True, eq=False)
class Version:
    """A root after a store. value: its contents (None: not known); through: the root and the name that were written."""

    value: Value | None
    span: Span | None
    name: str
    through: Root


@dataclass(frozen=True)
class Step:
    """One view: an op, its operands with the array left out, where the array stands among them, and the type."""

    kind: OpDef
    operands: tuple[Value, ...]
    position: int
    attrs: tuple[tuple[str, Any], ...]
    type: Type


@dataclass(frozen=True, eq=False)
class Stamp:
    """Where an array value lives: the steps from its root to it, and the version that it was taken from."""

    root: Root
    steps: tuple[Step, ...]
    seen: Version | None


@dataclass
class State:
    """The part that changes along the way through the text: contents, what may be what, handles taken again, and what
    containers have become."""

    versions: dict[Root, Version] = field(default_factory=dict)
    alias: dict[Root, frozenset[Root]] = field(default_factory=dict)
    retaken: dict[Value, tuple[Version, Value]] = field(default_factory=dict)
    changes: dict[Any, Any] = field(default_factory=dict)

    def copy(self) -> State:
        return State(dict(self.versions), dict(self.alias), dict(self.retaken), dict(self.changes))

    def content(self, root: Root) -> Value | None:
        """What is in a root; None if it is not known."""
        version = self.versions.get(root)
        return root.whole if version is None else version.value

    def near(self, roots: Iterable[Root]) -> set[Root]:
        """The roots, and all that they may be."""
        found = set(roots)
        return found.union(*(self.alias.get(root, frozenset()) for root in found))

    def relate(self, root: Root, others: Iterable[Root]) -> None:
        """``root`` may be one of the others."""
        links = set(others) - {root}
        self.alias[root] = self.alias.get(root, frozenset()) | links
        for other in links:
            self.alias[other] = self.alias.get(other, frozenset()) | {root}


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
    """The stamps of all values of one function, and the current state. reads: the roots that were read."""

    def __init__(self) -> None:
        self.state = State()
        self.stamps: dict[Value, Stamp] = {}
        self.reads: set[Root] = set()
        self.serial = 0

    # ------------------------------------------------------------------------------------------------ roots

    def new_root(self, name: str = "", owned: bool = True, parents: Iterable[Root] = ()) -> Root:
        """A new piece of memory, which may be one of its parents."""
        self.serial += 1
        root = Root(self.serial, name, owned, parents=tuple(parents))
        if root.parents:
            self.state.relate(root, self.state.near(root.parents))
        return root

    def fresh(self, value: Value, name: str = "", owned: bool = True) -> None:
        """The value has memory of its own."""
        self.begin(value, self.new_root(name, owned))

    def begin(self, value: Value, root: Root) -> None:
        """The value is what a root begins as."""
        if is_tracked(value):
            root.whole = value
            self.put(value, root)

    def put(self, value: Value, root: Root, steps: tuple[Step, ...] = ()) -> None:
        """The value lives there, and is up to date."""
        if is_tracked(value):
            self.stamps[value] = Stamp(root, steps, self.state.versions.get(root))

    def unsure(self, value: Value, sources: Iterable[Value]) -> None:
        """The value may share memory with some of the sources."""
        parents = dict.fromkeys(self.stamps[source].root for source in sources if source in self.stamps)
        self.begin(value, self.new_root("", True, parents))

    def root(self, value: Value) -> Root | None:
        stamp = self.stamps.get(value)
        return None if stamp is None else stamp.root

    def is_same(self, left: Value, right: Value) -> bool:
        """Whether two handles are the same array for certain."""
        one, other = self.stamps.get(left), self.stamps.get(right)
        if one is None or other is None:
            return left is right
        return one.root is other.root and one.steps == other.steps

    def named(self, value: Value, name: str) -> None:
        """A name is bound to a value: the first one is the array's own name."""
        stamp = self.stamps.get(value)
        if stamp is not None and not stamp.steps and not stamp.root.name:
            stamp.root.name = name

    # ------------------------------------------------------------------------------------------------ versions

    def missed(self, value: Value) -> Version | None:
        """The version that a value has not seen, if there is one."""
        stamp = self.stamps.get(value)
        if stamp is None:
            return None
        last = self.state.versions.get(stamp.root)
        return None if last is stamp.seen else last

    def lost(self, value: Value) -> Version | None:
        """The write after which the contents of a value are not known, if there is one."""
        version = self.missed(value)
        return version if version is not None and version.value is None else None

    def write(self, root: Root, new: Value, name: str, span: Span | None) -> None:
        """``new`` is the whole of a root after a store through ``name``; what may be the same memory is lost."""
        self.lose(root, name, span)
        self.state.versions[root] = Version(new, span, name, root)
        self.put(new, root)

    def lose(self, root: Root, name: str, span: Span | None) -> None:
        """After a write through ``name`` nobody knows what is in a root, and in what may be the same memory."""
        for other in self.state.near([root]):
            if not other.owned:
                raise Refusal(foreign(other.name, span))
            self.state.versions[other] = Version(None, span, name, root)


def foreign(name: str, span: Span | None) -> Diagnostic:
    """The diagnostic for a write into an array that is not the function's."""
    hint = "write in the function that owns the array, or work on a copy"
    return Diagnostic("SD020", f"this write changes `{name}`, which the function does not own", span, "", hint)


def stale(root: Root, version: Version, span: Span | None) -> Diagnostic:
    """The diagnostic for reading what may have been written through something else."""
    written = version.through
    line = f"line {span.line}" if span is not None else "later"
    if written.may_be(root):
        return _two_arrays(root, version, line)
    base = f"`{written.name or version.name}`"
    if root.may_be(written):
        where = f"in line {version.span.line}" if version.span is not None else "before"
        label = f"it may share its data with {base}, which was written {where}"
        hint = "make it an array of its own: append `.copy()` where it is bound; or bind it again after the write"
        return Diagnostic("SD022", "this is read after its array may have been written", span, label, hint)
    name = root.name or "another array"
    label = f"{base} and `{name}` may be the same array, and `{name}` is read in {line}"
    hint = f"make {base} an array of its own: append `.copy()` where it is bound"
    return Diagnostic("SD021", "this write may touch two arrays", version.span, label, hint)


def _two_arrays(root: Root, version: Version, line: str) -> Diagnostic:
    """A write through something that may be one of several arrays, or a view of one."""
    name, base = version.name, root.name or "another array"
    others = list(dict.fromkeys(parent.name or "another array" for parent in version.through.parents))
    if len(others) > 1:
        label = f"`{name}` is {' or '.join(f'`{other}`' for other in others)}, and `{base}` is read in {line}"
    else:
        label = f"`{name}` may be a view of `{base}`, which is read in {line}"
    hint = f"make `{name}` an array of its own: append `.copy()` where it is bound"
    return Diagnostic("SD021", "this write may touch two arrays", version.span, label, hint)
