"""Which values may share memory: the origins of every array and list, region by region.

An origin is an allocation: an argument, a fresh result, or what a loop carries in one of its places. Two values may
share memory iff their origins meet. A loop's carried places are separate buffers as long as its body keeps them apart
(``u, u_new = u_new, u`` does), by induction: they are assumed to be separate, the body is looked at, and places that
meet in its yields are merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from srcdiff.ir.core import HOLDERS, IF, Block, Constant, Function, Loop, Op, Value, storages
from srcdiff.ir.types import List, Scalar, Type

from .order import Order

Origins = frozenset[object]
NOWHERE: Origins = frozenset()


class ReadOnly:
    """The origin of what must never be written: results of broadcasting."""

    def __repr__(self) -> str:
        return "read-only"


READ_ONLY = ReadOnly()


def has_buffer(type_: Type) -> bool:
    """Whether values of this type live in memory that can be shared."""
    if isinstance(type_, List):
        return True
    return not isinstance(type_, Scalar)


class Buffers:
    """origins: of each value; destroyed: loop -> positions of the carried places whose first buffer it overwrites."""

    def __init__(self, function: Function, order: Order) -> None:
        self.order = order
        self.origins: dict[Value, Origins] = {}
        self.destroyed: dict[Op, set[int]] = {}
        self._holders: dict[object, dict[Value, None]] = {}
        self._from: dict[object, Origins] = {}  # the result of a loop -> the buffers that it may have begun as
        self.arguments: Origins = frozenset(function.params)
        self.forever: Origins = self.arguments | {READ_ONLY}
        for param in function.params:
            self._set(param, frozenset((param,)))
        self.written: Origins = NOWHERE
        self._block(function.body)

    def holders(self, origins: Origins) -> list[Value]:
        """The values that have one of these origins, in the order they were met."""
        found = {v: None for o in sorted(origins, key=repr) for v in self._holders.get(o, ())}
        return [v for v in found if not origins.isdisjoint(self.of(v))]

    def of(self, value: Value) -> Origins:
        return NOWHERE if isinstance(value, Constant) else self.origins.get(value, NOWHERE)

    def meet(self, left: Value, right: Value) -> bool:
        return not self.of(left).isdisjoint(self.of(right))

    def _set(self, value: Value, origins: Iterable[object]) -> None:
        if has_buffer(value.type) and not isinstance(value, Constant):
            self.origins[value] = frozenset(origins)
            for origin in self.origins[value]:
                self._holders.setdefault(origin, {})[value] = None

    def _block(self, block: Block) -> None:
        for op in block.ops:
            if op.kind is IF:
                self._branch(op)
            elif op.blocks:
                self._loop(op)
            else:
                self._plain(op)

    def _plain(self, op: Op) -> None:
        if op.kind.updates is not None:
            base = op.inputs[op.kind.updates]
            self._set(op.results[0], self.of(base))
            self.written |= self._with_beginnings(self.of(base))
            return
        if op.kind.name in HOLDERS:
            self._set(op.result, NOWHERE.union({op.result}, *map(self.of, op.inputs)))
            return
        for result, storage in zip(op.results, storages(op), strict=True):
            if storage.kind == "fresh":
                self._set(result, (result,))
                continue
            shared = self.of(op.inputs[storage.of])
            read_only = {READ_ONLY} if op.name in ("broadcast_like", "broadcast_to") else set()
            own = {result} if storage.kind == "maybe" or not shared else set()
            self._set(result, shared | read_only | own)

    def _branch(self, op: Op) -> None:
        for block in op.blocks:
            self._block(block)
        for k, result in enumerate(op.results):
            self._set(result, NOWHERE.union(*(self.of(block.results[k]) for block in op.blocks)))

    def _loop(self, op: Op) -> None:
        loop = Loop.of(op)
        group = list(range(len(loop.init)))
        extra: list[set[object]] = [set() for _ in loop.init]
        before = self.written
        while True:
            self.written = NOWHERE
            self._loop_params(op, loop, group, extra)
            self._block(loop.body)
            if not self._merge(op, loop, group, extra):
                break
        inside = self.written
        self.written = before | inside
        self._consumed(op, loop, group, inside)
        self._loop_results(op, loop, group)

    def _token(self, op: Op, place: int) -> object:
        return (op, place)

    def _loop_params(self, op: Op, loop: Loop, group: Sequence[int], extra: Sequence[set[object]]) -> None:
        for k, param in enumerate(loop.carried_params):
            self._set(param, {self._token(op, group[k])} | extra[group[k]])
            if len(op.blocks) == 2:
                self._set(op.blocks[0].params[k], self.of(param))
        for seq, item in zip(loop.seqs, loop.items, strict=True):
            self._set(item, self.of(seq))
        if len(op.blocks) == 2:
            self._block(op.blocks[0])

    def _merge(self, op: Op, loop: Loop, group: list[int], extra: list[set[object]]) -> bool:
        """Merge carried places that meet in the yields; note outer origins that flow in. True if anything changed."""
        tokens = {self._token(op, k) for k in group}
        changed = False
        yields = [self.of(value) for value in loop.carried_yields]
        local = {v for v in self.origins if v in self.order.defined and self.order.inside(self.order.defined[v], op)}
        for j, left in enumerate(yields):
            outer = {o for o in left if o not in tokens and o not in local and not self._inner(o, op)}
            if not outer <= extra[group[j]]:
                extra[group[j]] |= outer
                changed = True
            for k in range(j):
                if group[j] != group[k] and left & yields[k]:
                    low, high = sorted((group[j], group[k]))
                    extra[low] |= extra[high]
                    group[:] = [low if g == high else g for g in group]
                    changed = True
        return changed

    def _inner(self, origin: object, op: Op) -> bool:
        """Whether an origin is the token of a loop inside ``op``."""
        return isinstance(origin, tuple) and self.order.inside(self.order.places[origin[0]], op)

    def _consumed(self, op: Op, loop: Loop, group: Sequence[int], written: Origins) -> None:
        """The carried places whose buffer is written in this trip or a later one."""
        consumed = {k for k in range(len(group)) if self._token(op, group[k]) in written}
        while True:
            into = NOWHERE.union(*(self._with_beginnings(self.of(loop.carried_yields[k])) for k in consumed))
            grown = {k for k in range(len(group)) if self._token(op, group[k]) in into} - consumed
            if not grown:
                break
            consumed |= grown
        self.destroyed[op] = consumed
        for k in consumed:
            self.written |= self._with_beginnings(self.of(loop.init[k]))

    def _loop_results(self, op: Op, loop: Loop, group: Sequence[int]) -> None:
        results = set(loop.carried_results)
        for k, result in enumerate(loop.carried_results):
            origins: set[object] = {(op, "result", group[k])}
            origins |= {o for o in self.of(loop.carried_params[k]) if o != self._token(op, group[k])}
            sources = self._sources(op, loop, group, k)
            self._from[op, "result", group[k]] = NOWHERE.union(*(self.of(loop.init[j]) for j in sources))
            for j in sources:
                if self._alive_after(op, self.of(loop.init[j]), results):
                    origins |= self.of(loop.init[j])
            self._set(result, origins)
        for out, stack in zip(loop.outs, loop.stacks, strict=True):
            entries = set(self.of(out)) | {stack}
            for k, result in enumerate(loop.carried_results):
                if self._token(op, group[k]) in entries or self.meet(out, loop.carried_yields[k]):
                    entries |= self.of(result)
            self._set(stack, entries)

    def _with_beginnings(self, origins: Origins) -> Origins:
        """The origins, and those that loops carried into them: a write reaches them too."""
        found, waiting = set(origins), list(origins)
        while waiting:
            for origin in self._from.get(waiting.pop(), NOWHERE) - found:
                found.add(origin)
                waiting.append(origin)
        return frozenset(found)

    def _sources(self, op: Op, loop: Loop, group: Sequence[int], place: int) -> set[int]:
        """The carried places whose first buffer can end in ``place``."""
        sources = {place}
        while True:
            into = NOWHERE.union(*(self._with_beginnings(self.of(loop.carried_yields[k])) for k in sources))
            grown = {k for k in range(len(group)) if self._token(op, group[k]) in into} - sources
            if not grown:
                return sources
            sources |= grown

    def _alive_after(self, op: Op, origins: Origins, results: set[Value]) -> bool:
        """Whether anything but the results of a loop can be read through these origins once it has run."""
        if origins & self.forever:
            return True
        place = self.order.places[op]
        holders = {v: None for o in origins for v in self._holders.get(o, ()) if v not in results}
        return any(self.order.used_after(v, place) for v in holders)
