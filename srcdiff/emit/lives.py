"""The lives of values: lists of intervals over a numbering of the planned statements.

A statement at position ``p`` reads at ``2 * p`` and writes at ``2 * p + 1``; intervals are half open. A use in the else
branch does not cover the then branch; a value from outside that a loop uses lives through the whole loop.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Set
from dataclasses import dataclass

from srcdiff.ir.core import Function, Value, is_hole

from .plan import Body, For, If, Move, Node, Plan, Update, While

Interval = tuple[int, int]


@dataclass(eq=False)
class Region:
    """A branch or a part of a loop. head, exit: the positions in front of and behind the branch or loop."""

    parent: Region | None
    loop: bool = False
    start: int = 0
    head: int = 0
    exit: int = 0


class Lives:
    """of: value -> its intervals, sorted and disjoint.

    bound: variables that are written even if what they get is not there.
    """

    def __init__(self, function: Function, plan: Plan, bound: Set[Value] = frozenset()) -> None:
        self.of: dict[Value, list[Interval]] = {}
        self.bound = bound
        self._position = 0
        self._defined: dict[Value, tuple[int, Region]] = {}
        self._uses: dict[Value, dict[Region, int]] = {}
        self._moves: dict[Value, list[int]] = {}
        self._extra: dict[Value, list[Interval]] = {}
        whole = Region(None)
        for param in function.params:
            self._defined[param] = 0, whole
        self._body(plan.body, whole)
        for value, (position, region) in self._defined.items():
            self.of[value] = merged([*self._pieces(value, position, region), *self._extra.get(value, ())])

    def _next(self) -> int:
        self._position += 1
        return self._position

    # Walking

    def _body(self, body: Body, region: Region) -> None:
        for node in body:
            if isinstance(node, If):
                self._if(node, region)
            elif isinstance(node, (For, While)):
                self._loop(node, region)
            else:
                self._plain(node, region)

    def _plain(self, node: Node, region: Region) -> None:
        position = self._next()
        self._read(node, position, region)
        if isinstance(node, Update):
            self._define(node.writes, position, region)
            self._read_beside(node, self._next(), region)
        elif isinstance(node, Move):
            for target, value in node.pairs:
                missing = is_hole(value) and target not in self.bound
                self._moves.setdefault(target, []).append(-1 if missing else position)
        else:
            self._define(node.writes, position, region)

    def _read(self, node: Node, position: int, region: Region) -> None:
        for value in node.reads:
            self._uses.setdefault(value, {})[region] = position

    def _read_beside(self, node: Update, position: int, region: Region) -> None:
        """What is written to an array is read when the array has been copied, if it has to be, to its new name."""
        assert node.op is not None and node.op.kind.updates is not None
        base = node.op.inputs[node.op.kind.updates]
        for value in node.reads:
            if value is not base:
                self._uses.setdefault(value, {})[region] = position

    def _define(self, values: Iterable[Value], position: int, region: Region) -> None:
        for value in values:
            self._defined[value] = position, region

    def _if(self, node: If, region: Region) -> None:
        head = self._next()
        self._read(node, head, region)
        ends = []
        for body in (node.then, node.other):
            inner = Region(region, False, self._next(), head)
            self._body(body, inner)
            ends.append(self._next())
        join = self._next()
        self._define(node.writes, join, region)
        for value in node.writes:
            for moved, end in zip(self._moves[value], ends, strict=True):
                if moved >= 0:
                    self._extra.setdefault(value, []).append((2 * moved + 1, 2 * end + 2))

    def _loop(self, node: For | While, region: Region) -> None:
        assert node.loop is not None
        head = self._next()
        parts = []
        if isinstance(node, While):
            tested = Region(region, True, self._next(), head)
            parts.append(tested)
            self._define(node.loop.op.blocks[0].params, tested.start, tested)
            self._body(node.test, tested)
            self._read(node, self._next(), tested)
        else:
            self._read(node, head, region)
        inner = Region(region, True, self._next(), head)
        self._define((*node.writes, *node.loop.carried_params), inner.start, inner)
        self._body(node.body, inner)
        leave = self._next()
        for part in (*parts, inner):
            part.exit = leave
        self._define(node.loop.carried_results, leave, region)
        self._carry(node, inner.start, leave)

    def _carry(self, node: For | While, start: int, leave: int) -> None:
        """The place of a carried value is taken from its first assignment to the body, and from trip to trip."""
        assert node.loop is not None
        for param in node.loop.carried_params:
            before, after = self._moves[param]
            pieces = self._extra.setdefault(param, [])
            if before >= 0:
                pieces.append((2 * before + 1, 2 * start + 1))
            if after >= 0:
                pieces.append((2 * after + 1, 2 * leave + 1))

    # Intervals

    def _pieces(self, value: Value, position: int, home: Region) -> Iterable[Interval]:
        yield 2 * position + 1, 2 * position + 2
        for region, use in self._uses.get(value, {}).items():
            until = 2 * use + 1
            while region is not home:
                if region.loop:
                    yield 2 * region.head, 2 * region.exit + 1
                else:
                    yield 2 * region.start, until
                until = 2 * region.head + 1
                assert region.parent is not None, value
                region = region.parent
            yield 2 * position + 1, until


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The union of intervals.

    >>> merged([(4, 6), (1, 3), (3, 4)])
    [(1, 6)]
    """
    found: list[Interval] = []
    for start, stop in sorted(intervals):
        if found and start <= found[-1][1]:
            if stop > found[-1][1]:
                found[-1] = found[-1][0], stop
        elif start < stop:
            found.append((start, stop))
    return found


def disjoint(left: list[Interval], right: list[Interval]) -> bool:
    """Whether two sorted lists of intervals do not meet; fast where the first list is short.

    >>> disjoint([(1, 3)], [(3, 5)]), disjoint([(1, 4)], [(3, 5)])
    (True, False)
    """
    for start, stop in left:
        after = bisect_right(right, (start, stop))
        if after < len(right) and right[after][0] < stop:
            return False
        if after and right[after - 1][1] > start:
            return False
    return True
