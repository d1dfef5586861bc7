"""Loops: what they run over, what they carry, and the fixed point of its types and of its memory.

A body is read again until nothing changes: types only grow, classes of places that share memory only merge. What is
given up in an attempt is forgotten with it: ops, problems, writes.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from srcdiff.diagnostics import Diagnostic
from srcdiff.ir.core import FOR, WHILE, Block, Op, Value, hole
from srcdiff.ir.structure import Path
from srcdiff.ir.types import List, Type, TypeJoinError, Widening, join, without_value

from .blocks import run
from .branches import condition, dead, mismatch, outdated
from .frames import ConstantNeeded, Frame, Silent, statement
from .items import Broken, Container, Item, describe, is_same, leaves, map_leaves
from .iterables import Source, elements, source_of
from .places import Refusal, Root, State
from .scopes import bound
from .statements import assign

ROUNDS = 12
LONGEST_UNROLLED = 64


@statement(ast.For)
def _for(frame: Frame, node: ast.For) -> None:
    source = source_of(frame, node.iter)
    if source.values is not None:
        _unrolled(frame, node, source.values)
        return
    mark = _Mark(frame)
    count = source.known_count(frame)
    frame.unit.unrollable += count is not None
    try:
        _Loop(frame, node, source).read()
    except ConstantNeeded:
        if count is None:
            raise
        mark.reset(frame)
        values = elements(frame, node, source, count)
    else:
        return
    finally:
        frame.unit.unrollable -= count is not None
    _unrolled(frame, node, values)


@statement(ast.While)
def _while(frame: Frame, node: ast.While) -> None:
    _Loop(frame, node, None).read()


def _unrolled(frame: Frame, node: ast.For, values: Sequence[Item]) -> None:
    if len(values) > LONGEST_UNROLLED:
        what = f"a loop over {len(values)} unlike things"
        raise frame.unsupported(node.iter, what, "stack them into an array and loop over that")
    for item in values:
        assign(frame, node.target, item)
        run(frame, node.body)


class _Mark:
    """Where a frame stood before an attempt."""

    def __init__(self, frame: Frame) -> None:
        places = frame.places
        self.env, self.state = dict(frame.env), places.state.copy()
        self.problems, self.reads = len(frame.unit.problems), set(places.reads)

    def reset(self, frame: Frame) -> None:
        places = frame.places
        frame.env, places.state, places.reads = dict(self.env), self.state.copy(), set(self.reads)
        del frame.unit.problems[self.problems :]


@dataclass(eq=False)
class _Carried:
    """One leaf that is carried. type: of its parameter, None while it is not known (nothing was there before)."""

    name: str
    path: Path
    init: Value | None
    type: Type | None
    place: str
    params: list[Value] = field(default_factory=list)
    end: Value | None = None
    group: int = 0

    @property
    def label(self) -> str:
        return "_".join(map(str, (self.name, *self.path)))


class _Loop:
    def __init__(self, frame: Frame, node: ast.For | ast.While, source: Source | None) -> None:
        self.frame, self.node, self.source = frame, node, source
        self.mark = _Mark(frame)
        self.after, head = frame.live.after(node), frame.live.head(node)
        self.names = bound([*node.body, *([node.target] if isinstance(node, ast.For) else [])])
        local = frame.locals
        self.kept = [name for name in self.names if name in local and (name in self.after or name in head)]
        self.head = head
        self.leaves = [leaf for name in self.kept for leaf in self._leaves_before(name)]
        self.outer: dict[int, set[Root]] = {}
        self.first = frame.places.serial
        self.structures: dict[str, Item] = {}
        self._initial_groups()

    # ------------------------------------------------------------------------------------------------ before

    def _leaves_before(self, name: str) -> list[_Carried]:
        item = self.frame.env.get(name)
        if item is None or isinstance(item, Broken):
            return []
        found = []
        for path, value in leaves(item):
            place = self.frame.unit.place("_".join(map(str, (name, *path))))
            found.append(_Carried(name, path, value, without_value(value.type), place))
        return found

    def _initial_groups(self) -> None:
        """Places that share memory when the loop begins are one class."""
        places = self.frame.places
        for k, leaf in enumerate(self.leaves):
            leaf.group = k
            mine = places.near(places.roots(leaf.init)) if leaf.init is not None else set()
            for other in self.leaves[:k]:
                if other.init is not None and mine & places.near(places.roots(other.init)):
                    self._merge(leaf.group, other.group)

    def _merge(self, left: int, right: int) -> None:
        low, high = sorted((left, right))
        self.outer.setdefault(low, set()).update(self.outer.pop(high, set()))
        for leaf in self.leaves:
            if leaf.group == high:
                leaf.group = low

    # ------------------------------------------------------------------------------------------------ attempts

    def read(self) -> None:
        """Read the body until its types and its memory are stable, then emit the loop."""
        for _ in range(ROUNDS):
            attempt = _Attempt(self)
            attempt.run()
            if not self._grow(attempt):
                self._finish(attempt)
                return
            self.mark.reset(self.frame)
        raise self.frame.refuse(self.node, "SD012", "the types in this loop do not settle")

    def _grow(self, attempt: _Attempt) -> bool:
        """Widen what the end of the body does not fit. True if the body has to be read again."""
        changed = self._grow_leaves(attempt)
        for leaf in self.leaves:
            changed |= self._grow_type(leaf)
        return self._grow_memory(attempt) or changed

    def _grow_leaves(self, attempt: _Attempt) -> bool:
        """Names that are bound in the body for the first time are carried out of it."""
        known = {leaf.name for leaf in self.leaves}
        changed = False
        for name in self.kept:
            item = attempt.env.get(name)
            before = self.mark.env.get(name)
            if name in known or item is None or isinstance(item, Broken):
                continue
            if before is not None and not isinstance(before, Broken):
                continue  # no leaves: a function, a text
            for path, value in leaves(item):
                place = self.frame.unit.place("_".join(map(str, (name, *path))))
                self.leaves.append(_Carried(name, path, None, None, place, group=len(self.leaves)))
                self.leaves[-1].type = without_value(value.type)
                changed = True
            self.structures[name] = item
        return changed

    def _grow_type(self, leaf: _Carried) -> bool:
        if leaf.end is None or leaf.type is None:
            return False
        facts = self.frame.b.typing.facts
        try:
            wider = join(leaf.type, without_value(leaf.end.type), facts, Widening(leaf.place))
        except TypeJoinError:
            problem = mismatch(leaf.name, f"a value of type {leaf.type}", describe(leaf.end))
            raise self.frame.refuse(self.node, problem.code, problem.message, problem.label, problem.hint) from None
        changed = wider != leaf.type
        leaf.type = wider
        return changed

    def _grow_memory(self, attempt: _Attempt) -> bool:
        """Places that meet at the end of the body are one class; what flows in from outside is remembered."""
        places = self.frame.places
        ends = [places.roots(leaf.end) if leaf.end is not None else () for leaf in self.leaves]
        changed = False
        for leaf, roots in zip(self.leaves, ends, strict=True):
            older = {root for root in roots if root.serial <= self.first}
            if not older <= self.outer.get(leaf.group, set()):
                self.outer.setdefault(leaf.group, set()).update(older)
                changed = True
        for k, leaf in enumerate(self.leaves):
            for j in range(k):
                if leaf.group != self.leaves[j].group and set(ends[k]) & set(ends[j]):
                    self._merge(leaf.group, self.leaves[j].group)
                    changed = True
        return changed

    # ------------------------------------------------------------------------------------------------ emission

    def _finish(self, attempt: _Attempt) -> None:
        frame = self.frame
        self._check_reads(attempt)
        inits = [hole(leaf.type) if leaf.init is None else leaf.init for leaf in self.leaves if leaf.type]
        results = [Value(leaf.type, leaf.label) for leaf in self.leaves if leaf.type]
        blocks = attempt.blocks()
        seqs = list(self.source.seqs) if self.source is not None else []
        attrs: dict[str, Any] = {}
        if self.source is not None:
            attrs = {"seqs": len(seqs), "reverse": self.source.reverse}
        kind = FOR if self.source is not None else WHILE
        state = attempt.state
        frame.places.state = self.mark.state.copy()
        frame.env = dict(self.mark.env)
        frame.call(self.node, type(frame.b).structured, kind, [*seqs, *inits], results, blocks, **attrs)
        frame.places.state = state
        for leaf, result in zip(self.leaves, results, strict=True):
            ends = [v for v in (leaf.init, leaf.end) if v is not None]
            frame.places.derive(result, ends, "own")
        self._bind(results, attempt)

    def _bind(self, results: Sequence[Value], attempt: _Attempt) -> None:
        """Names behind the loop: what it carried, and nothing for what is not live any more."""
        frame = self.frame
        by_name: dict[str, dict[Path, Value]] = {}
        for leaf, result in zip(self.leaves, results, strict=True):
            by_name.setdefault(leaf.name, {})[leaf.path] = result
        for name in self.names:
            if name not in frame.locals:
                continue
            structure = self.structures.get(name) or self.mark.env.get(name)
            if name in by_name and structure is not None:
                frame.bind(name, map_leaves(structure, lambda path, _, n=name: by_name[n][path]), self.node)
            elif name not in self.kept:
                frame.env[name] = dead(name)
            elif isinstance(attempt.env.get(name), Broken):
                frame.env[name] = attempt.env[name]

    def _check_reads(self, attempt: _Attempt) -> None:
        """What the body reads through a name from outside must not be written in it: the next trip sees the write."""
        before = self.mark.state.writes
        for root, last in attempt.state.writes.items():
            if root.serial <= self.first and before.get(root) is not last and root in attempt.reads:
                label = f"`{root.name or last.name}` is read in the loop through another name"
                hint = "make a copy of it in front of the loop, or use one name for it"
                raise Refusal(Diagnostic("SD021", "this write may touch two arrays", last.span, label, hint))


class _Attempt:
    """One reading of the body with the types and classes as they are."""

    def __init__(self, loop: _Loop) -> None:
        self.loop = loop
        self.frame = loop.frame
        self.items: list[Value] = []
        self.tested: list[Op] = []
        self.truth: Value | None = None
        self.ops: list[Op] = []
        self.env: dict[str, Item] = {}
        self.state = State()
        self.reads: set[Root] = set()

    def run(self) -> None:
        frame, loop = self.frame, self.loop
        places = frame.places
        places.reads = set()
        self._heads()
        node = loop.node
        if isinstance(node, ast.While):
            with frame.b.region() as self.tested:
                frame.env = self._env(0)
                found = condition(frame, node.test)
                self.truth = frame.b.constant(found) if isinstance(found, bool) else found
        with frame.b.region() as self.ops:
            frame.env = self._env(1)
            if loop.source is not None:
                assert isinstance(node, ast.For)
                self.items = [frame.b.item(seq, _item_name(node.target, k)) for k, seq in enumerate(loop.source.seqs)]
                for seq, item in zip(loop.source.seqs, self.items, strict=True):
                    places.derive(item, [seq], "view")
                assign(frame, node.target, loop.source.item(frame, node, self.items))
            run(frame, node.body)
        self.env, self.state = frame.env, places.state
        self._ends()
        self.reads, places.reads = places.reads, places.reads | loop.mark.reads

    def _heads(self) -> None:
        """Parameters for what is carried, one root for each class."""
        places = self.frame.places
        roots: dict[int, Root] = {}
        for leaf in self.loop.leaves:
            assert leaf.type is not None
            leaf.params = [Value(leaf.type, leaf.label) for _ in range(2)]
            if leaf.group not in roots:
                roots[leaf.group] = places.new_root(leaf.name, self.frame, self.loop.node.lineno)
                places.relate(roots[leaf.group], self.loop.outer.get(leaf.group, set()))
            if leaf.init is not None:
                places.relate(roots[leaf.group], places.near(places.roots(leaf.init)))
            relation = places.stamps[leaf.init].relation if leaf.init in places.stamps else "own"
            for param in leaf.params:
                places.put(param, [roots[leaf.group]], relation)

    def _env(self, which: int) -> dict[str, Item]:
        """The names at the head of a trip; those that nothing was bound to before have no value yet."""
        env = dict(self.loop.mark.env)
        for name in self.loop.names:
            mine = {leaf.path: leaf for leaf in self.loop.leaves if leaf.name == name}
            before = env.get(name)
            if name not in self.loop.kept:
                env.pop(name, None)
            elif mine and before is not None and not isinstance(before, Broken):
                env[name] = map_leaves(before, lambda path, _, m=mine: m[path].params[which])
        return env

    def _ends(self) -> None:
        """What each carried leaf is at the end of the body."""
        for name in self.loop.kept:
            mine = [leaf for leaf in self.loop.leaves if leaf.name == name]
            item = self.env.get(name)
            before = self.loop.structures.get(name) or self.loop.mark.env.get(name)
            if isinstance(item, Broken) or item is None:
                self._broken(name, item, mine)
                continue
            values = dict(leaves(item))
            if before is not None and not isinstance(before, Broken):
                if set(values) != {leaf.path for leaf in mine} or not _alike(before, item):
                    problem = mismatch(name, describe(before), describe(item))
                    raise self.frame.refuse(self.loop.node, problem.code, problem.message, problem.label, problem.hint)
            for leaf in mine:
                leaf.end = values[leaf.path]
                stale = outdated(self.frame, leaf.end)
                if stale is not None:
                    raise self.frame.refuse(self.loop.node, stale.code, stale.message, stale.label, stale.hint)

    def _broken(self, name: str, item: Broken | None, mine: Sequence[_Carried]) -> None:
        if not mine:
            return
        if item is None or not item.code:
            raise Silent
        raise self.frame.refuse(self.loop.node, item.code, item.message, item.label, item.hint)

    def blocks(self) -> list[Block]:
        heads = [leaf.params for leaf in self.loop.leaves]
        yields = tuple(leaf.end for leaf in self.loop.leaves if leaf.end is not None)
        body = Block((*self.items, *(pair[1] for pair in heads)), tuple(self.ops), yields)
        if self.truth is None:
            return [body]
        return [Block(tuple(pair[0] for pair in heads), tuple(self.tested), (self.truth,)), body]


def _alike(left: Item, right: Item) -> bool:
    """Whether two items have one structure, and are the same apart from their values."""
    if isinstance(left, Value) and isinstance(right, Value):
        return isinstance(left.type, List) == isinstance(right.type, List)
    if isinstance(left, Container) and isinstance(right, Container):
        same = left.kind == right.kind and left.keys == right.keys and left.cls is right.cls
        return same and all(map(_alike, left.items, right.items))
    return is_same(left, right)


def _item_name(target: ast.expr, k: int) -> str:
    """The author's name for the items of sequence ``k``, if the target is that simple."""
    if isinstance(target, ast.Name):
        return target.id if k == 0 else ""
    names = [part.id if isinstance(part, ast.Name) else "" for part in getattr(target, "elts", [])]
    flat = []
    for part, name in zip(getattr(target, "elts", []), names, strict=True):
        flat += [e.id if isinstance(e, ast.Name) else "" for e in part.elts] if isinstance(part, ast.Tuple) else [name]
    return flat[k] if k < len(flat) else ""

