"""Values that are not there on some path, and where that must be written: ``t = None``.

Nothing is written for a hole as long as nobody looks: a branch that is not taken leaves its variable alone. What is
appended to a list, returned, or copied to another variable must be bound whatever the path, though.
"""

from __future__ import annotations

from collections.abc import Iterable

from srcdiff.ir.core import Constant, Function, Value
from srcdiff.rules.missing import may_miss

from .lists import Lists
from .plan import Append, Move, Node


class Holes:
    """may_miss: the values that are holes on some path."""

    def __init__(self, function: Function, lists: Lists, kept: int = 0) -> None:
        """kept: how many results, the last ones, may be missing; the others are left unbound, as the author leaves
        them."""
        self.may_miss = may_miss(function)
        self._lists = lists
        self._moved = [value for op in function.body.walk() if op.kind.moves for value in op.inputs]
        self._moved += function.body.results[len(function.body.results) - kept :]

    def bound(self, nodes: Iterable[Node], copied: Iterable[Value]) -> set[Value]:
        """The variables to which a missing value must be written, given those that are copied."""
        if not self.may_miss:
            return set()
        sources: dict[Value, list[Value]] = {}
        waiting = [*copied, *self._moved]
        for node in nodes:
            if isinstance(node, Move):
                for target, value in node.pairs:
                    sources.setdefault(target, []).append(value)
            elif isinstance(node, Append) and node.value is not None:
                waiting.append(node.value)
        found: set[Value] = set()
        while waiting:
            value = waiting.pop()
            if value in self.may_miss and value not in found and not isinstance(value, Constant):
                found.add(value)
                waiting += [*sources.get(value, ()), *self._lists.index.places_of(value)]
        return found
