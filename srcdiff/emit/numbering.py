"""Numbers against names: ``y``, ``y2``, ``y3``, … such that variables of one name are never alive together."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from .lives import Interval, disjoint

TRIED = 8  # numbers that are tried one by one; more are handed out by a queue, so that thousands stay cheap


def numbered(base: str, number: int) -> str:
    """
    >>> numbered("y", 1), numbered("y", 2), numbered("w1", 2)
    ('y', 'y2', 'w1_2')
    """
    if number == 1:
        return base
    return f"{base}_{number}" if base[-1].isdigit() else f"{base}{number}"


@dataclass
class _Queue:
    """The numbers beyond ``TRIED`` of one base: those in use by their ends, those that have been given back."""

    busy: list[tuple[int, int]] = field(default_factory=list)
    free: list[int] = field(default_factory=list)
    following: int = TRIED + 1


class Numbering:
    def __init__(self) -> None:
        self._occupied: dict[str, list[Interval]] = {}
        self._queues: dict[str, _Queue] = {}

    def is_free(self, name: str, lives: list[Interval]) -> bool:
        return disjoint(lives, self._occupied.get(name, []))

    def take(self, name: str, lives: list[Interval]) -> None:
        occupied = self._occupied.setdefault(name, [])
        for interval in lives:
            insort(occupied, interval)

    def first_free(self, base: str, lives: list[Interval], allowed: Callable[[str], bool]) -> str:
        """The first name of a base that is allowed and free for these lives."""
        for number in range(1, TRIED + 1):
            name = numbered(base, number)
            if allowed(name) and self.is_free(name, lives):
                return name
        return self._queued(base, lives, allowed)

    def _queued(self, base: str, lives: list[Interval], allowed: Callable[[str], bool]) -> str:
        queue = self._queues.setdefault(base, _Queue())
        while queue.busy and queue.busy[0][0] <= lives[0][0]:
            heappush(queue.free, heappop(queue.busy)[1])
        refused = []
        while True:
            if queue.free:
                number = heappop(queue.free)
            else:
                number, queue.following = queue.following, queue.following + 1
            name = numbered(base, number)
            if allowed(name) and self.is_free(name, lives):
                break
            refused.append(number)
        for other in refused:
            heappush(queue.free, other)
        heappush(queue.busy, (lives[-1][1], number))
        return name
