"""Branches: ``if`` statements, conditional expressions, ``and``, ``or``, chained comparisons, early returns.

A return in a branch makes the statements behind the ``if`` part of the other branch. Where either branch may go on,
the branch gives a flag that says whether it has returned, and the rest is read under it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

from srcdiff.ir.core import IF, Block, Constant, Op, Value, hole, is_hole
from srcdiff.ir.types import BOOL, HOLE, Array, List, Object, Type, TypeJoinError, Widening, join

from .blocks import run
from .changes import inherit
from .frames import Exit, Frame, Silent, ending, expression
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
    map_leaves,
    same_structure,
)
from .places import Refusal, State
from .resolve import number
from .scopes import bound, may_return, never_falls

Side = Callable[[], Exit]


@dataclass(frozen=True, eq=False)
class _End:
    """How one side of a branch ends: the exit, the names and the state of memory there, and the ops of the side."""

    exit: Exit
    env: dict[str, Item]
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
    entry_env, entry_state = frame.env, places.state
    ends = []
    frame.unit.tests.append(test)
    try:
        for side in (then, other):
            frame.env, places.state = dict(entry_env), entry_state.copy()
            with frame.b.region() as ops:
                end = side()
            ends.append(_End(end, frame.env, places.state, ops))
    finally:
        frame.env, places.state = entry_env, entry_state
        frame.unit.tests.pop()
    return _Join(frame, node, test, ends[0], ends[1], entry_env, entry_state).finish(names, form)


class _Join:
    """Puts the two ends of a branch together. ``pairs``: what the branch gives, with a value (or hole) of each side."""

    def __init__(
        self, frame: Frame, node: ast.AST, test: Value, left: _End, right: _End, env: dict[str, Item], state: State
    ) -> None:
        self.frame, self.node, self.test = frame, node, test
        self.ends = left, right
        self.env, self.state = env, state
        self.pairs: dict[tuple[Value | None, Value | None], Value] = {}

    def finish(self, names: Mapping[str, object], form: str) -> Exit:
        falls = [end.state for end in self.ends if end.exit.falls]
        env = self._names(names) if falls else self.env
        returned = self._returned()
        flag, negated = self._flag() if falls and returned is not None else (None, False)
        left = self._memory([end.exit.state for end in self.ends if end.exit.state is not None])
        self.frame.places.state = self._memory(falls) or left or self.state
        self._emit(form)
        self.frame.env = env
        if negated:
            flag = self.frame.op(self.node, "not_", self.test)
        return Exit(bool(falls), returned, flag, left)

    def _memory(self, states: list[State]) -> State | None:
        """Memory as any of these has left it."""
        if len(states) == 2:
            return self.frame.places.join(self.state, states[0], states[1])
        return states[0] if states else None

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
            return None if only is None else self._one_sided(only, 1 if left is None else 0)
        item = self._both(left, right, "")
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
            if live is False:
                env[name] = dead(self.frame, name)
            elif len(items) == 1:
                env[name] = self._one_sided(items[0], 0 if left.exit.falls else 1, name)
            else:
                env[name] = self._both(items[0], items[1], name)
                for end in self.ends:
                    self._inherit(end, env[name], name)
        return env

    def _inherit(self, end: _End, joined: Item, name: str) -> None:
        """Mark what is held in several places at the end of a side."""
        here, self.frame.env = self.frame.env, end.env
        try:
            inherit(self.frame.unit, end.env.get(name, joined), joined)
        finally:
            self.frame.env = here

    def _one_sided(self, item: Item | None, side: int, name: str = "", always: bool = False) -> Item:
        """What one side leaves, where the other side does not get here.

        always: give it out of the branch even if it was there before.
        """
        assert item is not None
        end = self.ends[side]

        def outward(_: Any, value: Value) -> Item:
            old = self._outdated(value, side)
            if old is not None:
                return old
            if value not in end.made and not always:
                return value
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
            return self._outdated(left, 0) or self._outdated(right, 1) or self._joined(left, right, name)
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

    def _outdated(self, value: Value, side: int) -> Broken | None:
        """A name that is out of date on one path cannot be read behind the branch."""
        places = self.frame.places
        here, places.state = places.state, self.ends[side].state
        try:
            return outdated(self.frame, value)
        finally:
            places.state = here

    def _joined(self, left: Value, right: Value, name: str) -> Item:
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


def outdated(frame: Frame, value: Value) -> Broken | None:
    """What stands for a value that is out of date when it is joined."""
    found = frame.places.outdated(value)
    if found is None:
        return None
    root, write = found
    label = f"it may share its data with `{root.name or write.name}`, which was written in line {write.span.line}"
    hint = "make it an array of its own: append `.copy()` where it is bound"
    return Broken("SD022", "this is read after its array was written", label, hint)


def mismatch(name: str, left: str, right: str) -> Broken:
    subject = f"`{name}`" if name else "this"
    message = f"{subject} is {left} on one path and {right} on the other"
    return Broken("SD012", message, "", "make it of one kind on every path, or use two names")


# --- expressions


def choose(
    frame: Frame, node: ast.AST, test: Value, then: Callable[[], Item], other: Callable[[], Item], form: str
) -> Item:
    """The item of one of two expressions."""
    def side(evaluate: Callable[[], Item]) -> Side:
        return lambda: Exit(False, evaluate(), state=frame.places.state)

    end = branch(frame, node, test, side(then), side(other), {}, form)
    assert end.returned is not None
    if isinstance(end.returned, Broken):
        raise Silent
    return end.returned


@expression(ast.IfExp)
def _conditional(frame: Frame, node: ast.IfExp) -> Item:
    test = condition(frame, node.test)
    if isinstance(test, bool):
        return frame.evaluate(node.body if test else node.orelse)
    return choose(
        frame, node, test, lambda: frame.evaluate(node.body), lambda: frame.evaluate(node.orelse), "ifexp"
    )


@expression(ast.BoolOp)
def _bool(frame: Frame, node: ast.BoolOp) -> Item:
    """``a and b``: ``b`` if ``a`` is true, else ``a``."""
    both = isinstance(node.op, ast.And)
    item = frame.evaluate(node.values[0])
    for before, part in zip(node.values, node.values[1:], strict=False):
        item = _combined(frame, node, item, truth(frame, before, item), part, both)
    return item


def _combined(frame: Frame, node: ast.BoolOp, item: Item, test: bool | Value, part: ast.expr, both: bool) -> Item:
    if isinstance(test, bool):
        return frame.evaluate(part) if test is both else item
    if both:
        return choose(frame, node, test, lambda: frame.evaluate(part), lambda: item, "and")
    return choose(frame, node, test, lambda: item, lambda: frame.evaluate(part), "or")
