"""Branches: ``if`` statements, conditional expressions, ``and``, ``or``, chained comparisons, early returns.

A return in a branch makes the statements behind the ``if`` part of the other branch. Where either branch may go on,
the branch gives a flag that says whether it has returned, and the rest is read under it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any

from srcdiff.ir.core import IF, Block, Constant, Op, Value, hole, is_hole
from srcdiff.ir.types import BOOL, HOLE, Array, List, Object, Type, TypeJoinError, Widening, join

from .blocks import run
from .changes import split
from .exits import is_ours
from .frames import Exit, Frame, Silent, ending
from .items import (
    Broken,
    Container,
    Formatted,
    Item,
    Maybe,
    Static,
    describe,
    inside,
    is_same,
    known_int,
    leaves,
    map_leaves,
    same_structure,
)
from .places import Refusal, Root, Stamp, State, Version, is_tracked
from .recorder import is_compact
from .resolve import number
from .scopes import bound, may_return, never_falls

Side = Callable[[], Exit]


@dataclass(frozen=True, eq=False)
class _End:
    """How one side of a branch ends: the exit, the names and the state of memory there, and the ops of the side.

    now: what the names that it may bind stand for, with arrays as they are at the end.
    """

    exit: Exit
    env: dict[str, Item]
    now: dict[str, Item]
    state: State
    ops: list[Op]

    @cached_property
    def made(self) -> set[Value]:
        """The values that are born inside."""
        return {value for op in self.ops for value in op.results}


# --- conditions


def condition(frame: Frame, node: ast.expr) -> bool | Value:
    """The truth of an expression, where it is known; else the value that is tested."""
    return truth(frame, node, frame.evaluate(node))


def truth(frame: Frame, node: ast.AST, item: Item) -> bool | Value:
    """The truth of an item, where it is known; else the value that is tested."""
    if isinstance(item, Constant) and not is_hole(item):
        return bool(item.value)
    if isinstance(item, Value):
        known = known_int(item)
        if known is not None:
            return bool(known)
        if isinstance(item.type, Object):
            return True
        if isinstance(item.type, List):
            raise frame.unsupported(node, "a list as a condition", "compare its length: `len(xs) > 0`")
        if isinstance(item.type, Array) and item.type.rank != 0:
            hint = "write np.any(…) or np.all(…)"
            raise frame.refuse(node, "SD013", "the truth of an array is ambiguous", f"this is {item.type}", hint)
        return item
    if isinstance(item, Container):
        return item.kind == "record" or bool(item.items)
    if isinstance(item, Formatted):
        raise frame.unsupported(node, "a text that is made when the program runs, as a condition", "test the values")
    return bool(item.value) if isinstance(item, Static) else True


# --- statements


@ending(ast.If)
def _if(frame: Frame, node: ast.If, rest: list[ast.stmt]) -> Exit:
    try:
        test = condition(frame, node.test)
    except (Refusal, Silent) as problem:
        if isinstance(problem, Refusal):
            frame.unit.problems.append(problem.diagnostic)
        test = hole(BOOL)  # go on, to find what else is wrong
        frame.break_names([node.test])
    if isinstance(test, bool):
        return run(frame, [*(node.body if test else node.orelse), *rest])
    returns = may_return([node])
    ends = [never_falls(body) for body in (node.body, node.orelse)]
    if returns and any(ends):
        sides = zip((node.body, node.orelse), ends, strict=True)
        then, other = (body if end else [*body, *rest] for body, end in sides)
        return _statements(frame, node, test, then, other, None if rest else frame.live.after(node))
    end = _statements(frame, node, test, node.body, node.orelse, frame.live.after(node))
    if not end.falls:
        return end
    if end.flag is None:
        return run(frame, rest)
    if not rest:
        return end
    done = Exit(False, end.returned, state=end.state)
    return branch(frame, node, end.flag, lambda: done, lambda: run(frame, rest), bound(rest))


def _statements(
    frame: Frame, node: ast.If, test: Value, then: list[ast.stmt], other: list[ast.stmt], live: frozenset[str] | None
) -> Exit:
    """Both blocks. live: the names that count behind them (None: all)."""
    names = {name: live is None or name in live for name in bound([*then, *other])}
    return branch(frame, node, test, lambda: run(frame, then), lambda: run(frame, other), names)


def branch(
    frame: Frame, node: ast.AST, test: Value, then: Side, other: Side, names: Mapping[str, object], form: str = ""
) -> Exit:
    """``if_``: both sides are read, and what they leave is joined.

    names: those that the sides may bind; False for one that nobody reads behind the branch.
    """
    places = frame.places
    entry_env, entry_state, serial = frame.env, places.state, places.serial
    ends = []
    frame.unit.tests.append(test)
    try:
        for side in (then, other):
            frame.env, places.state = dict(entry_env), entry_state.copy()
            with frame.b.region() as ops:
                end = side()
                changed = {name: True for name, item in frame.env.items() if entry_env.get(name, item) is not item}
                now = _now(frame, node, {**changed, **names}) if end.falls else {}
            ends.append(_End(end, frame.env, now, places.state, ops))
    finally:
        frame.env, places.state = entry_env, entry_state
        frame.unit.tests.pop()
    return _Join(frame, node, test, ends[0], ends[1], entry_env, entry_state, serial).finish(names, form)


def _now(frame: Frame, node: ast.AST, names: Mapping[str, object]) -> dict[str, Item]:
    """What names stand for at the end of a side, with arrays as they are there."""
    live = {name: frame.env[name] for name in names if names[name] is not False and name in frame.env}
    return {name: updated(frame, node, item) for name, item in live.items()}


class _Join:
    """Puts the two ends of a branch together. ``pairs``: what the branch gives, with a value (or hole) of each side."""

    def __init__(
        self, frame: Frame, node: ast.AST, test: Value, left: _End, right: _End, env: dict[str, Item], state: State,
        serial: int,
    ) -> None:
        self.frame, self.node, self.test = frame, node, test
        self.ends = left, right
        self.env, self.state = env, state
        self.serial = serial
        self.pairs: dict[tuple[Value | None, Value | None], Value] = {}
        self.contents: dict[tuple[Root, Value], Version] = {}

    def finish(self, names: Mapping[str, object], form: str) -> Exit:
        falls = any(end.exit.falls for end in self.ends)
        env = self._names(names) if falls else self.env
        returned = self._returned()
        flag, negated = self._flag() if falls and returned is not None else (None, False)
        left = self._memory([end.exit.state for end in self.ends])
        state = self._memory([end.state if end.exit.falls else None for end in self.ends])
        self._emit(form)
        self._stamp([found for found in (state, left) if found is not None])
        self.frame.places.state = state or left or self.state
        self.frame.env = env
        if negated:
            flag = self.frame.op(self.node, "not_", self.test)
        return Exit(falls, returned, flag, left)

    # ------------------------------------------------------------------------------------------------ memory

    def _memory(self, states: list[State | None]) -> State | None:
        """Memory as either of these has left it: what only one of them has written is joined too."""
        if states == [None, None]:
            return None
        joined = self.state.copy()
        for root, last in self._written(states).items():
            contents = [None if state is None else state.content(root) for state in states]
            if any(found is None and state is not None for found, state in zip(contents, states, strict=True)):
                joined.versions[root] = replace(last, value=None)
                continue
            assert root.whole is not None
            value = self._result(contents[0], contents[1], root.whole.type, root.hint)
            joined.versions[root] = self.contents.setdefault((root, value), replace(last, value=value))
        return joined

    def _written(self, states: list[State | None]) -> dict[Root, Version]:
        """What was there before the branch, and has been written."""
        before = self.state.versions
        return {root: last for state in states if state is not None for root, last in state.versions.items()
                if root.serial <= self.serial and last is not before.get(root)}

    def _stamp(self, states: list[State]) -> None:
        """Say where the results live: in a root that was there before, or in one that may be several of these."""
        places = self.frame.places
        known = {value: (root, version) for (root, value), version in self.contents.items()}
        new: list[tuple[Root, list[Root | None]]] = []
        for pair, result in self.pairs.items():
            if not is_tracked(result):
                continue
            if result in known:
                places.stamps[result] = Stamp(known[result][0], (), known[result][1])
                continue
            roots = [None if value is None else places.root(value) for value in pair]
            near = [set() if found is None else end.state.near([found])
                    for found, end in zip(roots, self.ends, strict=True)]
            root = places.new_root()
            root.parents = tuple(sorted((r for r in set().union(*near) if r.serial <= self.serial), key=_serial))
            root.compact = all((stamp := places.stamps.get(v)) is not None and is_compact(stamp) for v in pair if v)
            places.begin(result, root)
            related = set(root.parents)
            related |= {other for other, theirs in new if any(r in n for r, n in zip(theirs, near, strict=True))}
            for state in states:
                state.relate(root, related)
            new.append((root, roots))

    def _emit(self, form: str) -> None:
        if not self.pairs and not any(end.ops for end in self.ends):
            return
        blocks = []
        for side, end in enumerate(self.ends):
            results = [_or_hole(pair[side], result.type) for pair, result in self.pairs.items()]
            blocks.append(Block((), tuple(end.ops), tuple(results)))
        results = list(self.pairs.values())
        self.frame.call(self.node, type(self.frame.b).structured, IF, (self.test,), results, blocks, form=form)

    # ------------------------------------------------------------------------------------------------ what is returned

    def _returned(self) -> Item | None:
        left, right = (end.exit.returned for end in self.ends)
        if left is None or right is None:
            only = right if left is None else left
            item = None if only is None else self._one_sided(only, 1 if left is None else 0)
        else:
            item = self._both(left, right, "")
        for end in self.ends:
            if end.exit.returned is not None and item is not None:
                self._split(end, end.exit.returned, item, 1)
        if isinstance(item, Broken) and item.code:
            label = item.label or "the paths return different things"
            raise self.frame.refuse(self.node, item.code, item.message, label, item.hint)
        return item

    def _flag(self) -> tuple[Value, bool]:
        """What is true where the branch has returned, and whether it has to be negated."""
        left, right = (end.exit for end in self.ends)
        if not left.falls and left.returned is not None and right.returned is None:
            return self.test, False
        if not right.falls and right.returned is not None and left.returned is None:
            return self.test, True
        flags = self._side_flag(left), self._side_flag(right)
        type_ = reduce(join, [HOLE, *(flag.type for flag in flags if flag is not None)])
        return self._result(*flags, type_, ""), False

    @staticmethod
    def _side_flag(end: Exit) -> Value | None:
        if end.flag is not None:
            return end.flag
        return number(not end.falls) if end.falls or end.returned is not None else None

    # ------------------------------------------------------------------------------------------------ names

    def _names(self, names: Mapping[str, object]) -> dict[str, Item]:
        left, right = self.ends
        env = dict(self.env)
        changed = [name for name in self.env if name not in names]  # containers that have a second name
        for name, live in {**names, **dict.fromkeys(changed, True)}.items():
            items = [end.env.get(name) for end in self.ends if end.exit.falls]
            if all(item is self.env.get(name) for item in items):
                continue
            items = [self._at_end(end, name) for end in self.ends if end.exit.falls]
            if live is False:
                env[name] = dead(self.frame, name)
            elif len(items) == 1:
                env[name] = self._one_sided(items[0], 0 if left.exit.falls else 1, name)
            else:
                env[name] = self._both(items[0], items[1], name)
            for end in self.ends:
                if end.exit.falls:
                    self._split(end, end.env.get(name), env[name], 2)
        return env

    def _at_end(self, end: _End, name: str) -> Item | None:
        """What a name stands for at the end of a side; what only the other side has changed is as it was."""
        item = end.now.get(name, end.env.get(name))
        if name in end.now or item is None:
            return item
        places = self.frame.places
        here, places.state = places.state, end.state
        try:
            written = any(places.missed(value) is not None for _, value in leaves(item))
        finally:
            places.state = here
        message = "a container that one branch changes holds an array that the other one writes"
        return Broken("SD022", message, "", "do both in front of the branch, or behind it") if written else item

    def _split(self, end: _End, old: Item | None, new: Item, least: int) -> None:
        """Mark the lists and dicts that several places hold at the end of a side: they are one object no more."""
        here, self.frame.env = self.frame.env, end.env
        try:
            split(self.frame.unit, old, new, least)
        finally:
            self.frame.env = here

    def _one_sided(self, item: Item | None, side: int, name: str = "", always: bool = False) -> Item:
        """What one side leaves, where the other side does not get here.

        always: give it out of the branch even if it was there before.
        """
        assert item is not None

        def outward(_: Any, value: Value) -> Item:
            if not always:
                known = self._outer(value, side)
                if known is not None:
                    return known
            left, right = (value, None) if side == 0 else (None, value)
            return self._result(left, right, value.type, name or value.name)

        return map_leaves(item, outward)

    def _both(self, left: Item | None, right: Item | None, name: str) -> Item:
        if left is not None and is_same(left, right):
            return left
        for item in (left, right):
            if isinstance(item, Broken):
                return item
        if left is None or right is None or isinstance(left, Maybe) or isinstance(right, Maybe):
            return self._unsure(left and inside(left), right and inside(right), name)
        if isinstance(left, Value) and isinstance(right, Value):
            return self._joined(left, right, name)
        if isinstance(left, Container) and isinstance(right, Container) and same_structure(left, right):
            items = [self._both(a, b, f"{name}_{k}" if name else "")
                     for k, a, b in zip(left.keys, left.items, right.items, strict=True)]
            broken = next((item for item in items if isinstance(item, Broken)), None)
            return broken or Container(left.kind, left.keys, tuple(items), left.cls)
        return mismatch(name, describe(left), describe(right))

    def _unsure(self, left: Item | None, right: Item | None, name: str) -> Item:
        """A name that has a value on one path only: it cannot be read, but a loop may go on from it."""
        hint = "give it a value on every path: in an `else`, or in front of the branch"
        problem = Broken("SD040", f"`{name}` may have no value here", "it is bound in one branch only", hint)
        if left is not None and right is not None:
            item = self._both(left, right, name)
        elif left is None:
            item = self._one_sided(right, 1, name, always=True)
        else:
            item = self._one_sided(left, 0, name, always=True)
        return item if isinstance(item, Broken) else Maybe(item, problem)

    def _outer(self, value: Value, side: int) -> Value | None:
        """A handle that can be used behind the branch for what one side leaves; None if there is none."""
        if value not in self.ends[side].made:
            return value
        stamp = self.frame.places.stamps.get(value)
        if stamp is None or stamp.steps or stamp.root.serial > self.serial:
            return None
        return stamp.root.whole

    def _joined(self, left: Value, right: Value, name: str) -> Item:
        if self.frame.places.is_same(left, right):
            for side, value in enumerate((left, right)):
                known = self._outer(value, side)
                if known is not None:
                    return known
        place = Widening(self.frame.unit.place(name or "v"))
        try:
            type_ = join(left.type, right.type, self.frame.b.typing.facts, place)
        except TypeJoinError:
            return mismatch(name, describe(left), describe(right))
        return self._result(left, right, type_, name)

    def _result(self, left: Value | None, right: Value | None, type_: Type, name: str) -> Value:
        pair = left, right
        if pair not in self.pairs:
            self.pairs[pair] = Value(type_, name)
        return self.pairs[pair]


def _or_hole(value: Value | None, type_: Type) -> Value:
    return hole(type_) if value is None else value


def dead(frame: Frame, name: str) -> Broken:
    """What stands for a name that nobody should read any more."""
    if frame.unit.problems:
        return Broken()  # what is refused may have misled the analysis
    return Broken("SD001", f"`{name}` was taken to be unused here", "", "this is a bug in srcdiff; please report it")


def updated(frame: Frame, node: ast.AST, item: Item) -> Item:
    """An item with its arrays as they are now; where that is not known, reading it later is the problem."""
    try:
        return frame.updated(item, node)
    except Refusal as problem:
        found = problem.diagnostic
        return Broken(found.code, found.message, found.label, found.hint)


def _serial(root: Root) -> int:
    return root.serial


def mismatch(name: str, left: str, right: str) -> Broken:
    subject = f"`{name}`" if name and not is_ours(name) else "what is returned" if name else "this"
    message = f"{subject} is {left} on one path and {right} on the other"
    return Broken("SD012", message, "", "make it of one kind on every path, or use two names")
