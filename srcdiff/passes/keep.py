"""Per value that the backward sweep reads: nothing, recompute, save, or rewind.

The reverse transform saves everything. This pass takes stacks away, cheapest way first:

* *available*: a read of an array cell that no later trip writes is read from the final array;
* *recompute*: indices, shapes and cheap operations on values that are at hand are computed again in the backward loop;
* *rewind* (``rewind.py``): the cell that a write destroys is saved, and the write is undone in the backward loop;
* what remains is *saved* at its use.

Before::

    y, t_kept, a_kept = for_(r, y0) {i, y: e = get(y, i); t = tanh(e); a = mul(t, 2); ... -> y2, t, a}
    x_bar = for_(r, t_kept, a_kept, ...) {i, t', a', ...: ... mul(a', g) ...}

After::

    y, t_kept = for_(r, y0) {i, y: ... -> y2, t}
    x_bar = for_(r, t_kept, ...) {i, t', ...: a' = mul(t', 2); ... mul(a', g) ...}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcdiff.ir.build import Rebuild
from srcdiff.ir.core import Block, Constant, Function, Loop, Op, Value, surely_there
from srcdiff.ir.index import Index
from srcdiff.ir.trips import Trips
from srcdiff.ir.types import Array

from .available import final_read
from .cheap import is_cheap
from .mirrors import Mirror, Mirrors


def keep(function: Function) -> Function:
    return _Keep(function).run()


class _Keep(Rebuild):
    """Rebuilds the backward loops: what need not be saved is computed where it is read."""

    def __init__(self, function: Function) -> None:
        super().__init__(function)
        self.mirrors = Mirrors(function)
        self.trips = Trips(function, Index(function))
        self.current: Mirror | None = None
        self.recipes: dict[Value, Value] = {}  # backward item that is dropped -> forward value
        self.scopes: list[dict[Value, Value]] = []  # per open block: forward value -> its value here
        self.alive: list[Value] = list(function.params)
        self.shared: list[Value] = []  # dropped items that several ops of the loop's body read
        self.computed: set[Value] = set()

    # Walking

    def block(self, block: Block) -> Block:
        self.scopes.append({})
        try:
            return super().block(block)
        finally:
            self.scopes.pop()

    def step(self, op: Op) -> None:
        super().step(op)
        if len(self.scopes) == 1:
            self.alive.extend(surely_there(op))

    def visit(self, op: Op) -> Sequence[Value] | None:
        mirror = self.mirrors.of.get(op)
        if op.blocks:
            self._before_region(op)
        if mirror is None:
            return self._with_witnesses(op)
        more = self._further_items(mirror)
        self._plan(mirror)
        return self._mirrored(op, mirror, more)

    def _before_region(self, op: Op) -> None:
        """Compute in front of a region what is read both inside it and elsewhere in the loop."""
        for item in self.shared:
            if item in self.recipes and item not in self.computed and reads(op, item):
                self.computed.add(item)
                self.get(item)

    def _shared_items(self, body: Block) -> list[Value]:
        """The dropped items that more than one op of the body reads."""
        shared = []
        for item in self.recipes:
            readers = sum(reads(op, item) for op in body.ops) + (item in body.results)
            if readers > 1:
                shared.append(item)
        return shared

    def _further_items(self, mirror: Mirror) -> list[tuple[Value, Value]]:
        """Items of the forward loop that the backward loop does not run over yet, with their sequences: what is
        computed again may need them (what is not used is dropped later)."""
        forward = Loop.of(mirror.forward)
        present = set(mirror.counterparts.values())
        found = []
        for seq, item in zip(forward.seqs, forward.items, strict=True):
            if item not in present and self._can(seq, mirror.outer, {}):
                fresh = replace(item)
                mirror.counterparts[fresh] = item
                found.append((self._materialise(seq), fresh))
        return found

    def _mirrored(self, op: Op, mirror: Mirror, more: Sequence[tuple[Value, Value]]) -> Sequence[Value]:
        loop = Loop.of(op)
        stay = [k for k, item in enumerate(loop.items) if item not in self.recipes]
        if not stay and not more or mirror.forward.attrs.get("exits"):
            for k in self.trips.covering(loop.seqs, stay, range(len(loop.seqs))):
                if k not in stay:  # it says how often the loop runs
                    del self.recipes[loop.items[k]]
            stay = [k for k, item in enumerate(loop.items) if item not in self.recipes]
        seqs = [*(self.get(loop.seqs[k]) for k in stay), *(seq for seq, _ in more)]
        items = [*(loop.items[k] for k in stay), *(item for _, item in more)]
        inits = self.get_all(loop.init)
        saved, self.current = self.current, mirror
        outer, self.shared = self.shared, self._shared_items(loop.body)
        self.scopes.append({mirror.counterparts[i]: i for i in items if self._at_hand(i, mirror)})
        body = self.block(loop.body)
        self.scopes.pop()
        self.current, self.shared = saved, outer
        body = replace(body, params=(*items, *loop.carried_params))
        attrs = {**op.attrs, "seqs": len(items)}
        self.b.emit(replace(op, inputs=(*seqs, *inits), attrs=attrs, blocks=(body,)))
        return op.results

    def _at_hand(self, item: Value, mirror: Mirror) -> bool:
        return item in mirror.counterparts and item not in self.recipes

    def get(self, value: Value) -> Value:
        if value in self.recipes:
            return self._materialise(self.recipes[value])
        return super().get(value)

    # Deciding

    def _plan(self, mirror: Mirror) -> None:
        """Choose the items of a backward loop that need not be saved, later values first."""
        items = list(mirror.stacked)
        position = {value: k for k, value in enumerate(self._body_order(mirror.forward))}
        for item in sorted(items, key=lambda i: -position.get(mirror.stacked[i], -1)):
            value = mirror.stacked[item]
            self.recipes[item] = value
            if not self._can(value, mirror, {}):
                del self.recipes[item]

    def _body_order(self, forward: Op) -> list[Value]:
        body = forward.blocks[-1]
        return [*body.params, *(result for op in body.ops for result in op.results)]

    def _can(self, value: Value, mirror: Mirror | None, trying: dict[Value, bool]) -> bool:
        """Whether a forward value can be had in the backward loop without saving it."""
        if isinstance(value, Constant):
            return True
        home = self.mirrors.homes.get(value)
        if home is None:
            return value not in self.recipes
        if self._held(value, mirror):
            return True
        if value in trying:
            return trying[value]
        trying[value] = False
        op = self.mirrors.definitions.get(value)
        if op is None or op.blocks or op.kind.effect:
            return False
        needed = self._needed(op, mirror)
        trying[value] = needed is not None and all(self._can(v, mirror, trying) for v in needed)
        return trying[value]

    def _needed(self, op: Op, mirror: Mirror | None) -> Sequence[Value] | None:
        """The operands to compute an op again, None if that is not worth it or not possible."""
        final = self._final(op, mirror)
        if final is not None:
            return [final, *op.inputs[1:]]
        return self._operands(op) if is_cheap(op) else None

    def _operands(self, op: Op) -> list[Value]:
        """The operands, shapes being taken from what is alive anyway."""
        inputs = list(op.inputs)
        for k in op.kind.shape_only:
            if self.mirrors.homes.get(inputs[k]) is not None:
                other = next((v for v in self.alive if self._same_shape(v, inputs[k])), None)
                inputs[k] = inputs[k] if other is None else other
        return inputs

    def _final(self, op: Op, mirror: Mirror | None) -> Value | None:
        while mirror is not None and mirror.outer is not None:
            mirror = mirror.outer
        if op.name != "get" or mirror is None or not self._whole_life(mirror.forward):
            return None
        return final_read(op, mirror.forward, self.mirrors)

    def _whole_life(self, forward: Op) -> bool:
        return self.mirrors.homes.get(forward.results[0]) is None if forward.results else False

    def _held(self, value: Value, mirror: Mirror | None) -> bool:
        """Whether some item that stays is this forward value."""
        while mirror is not None:
            if any(v is value and i not in self.recipes for i, v in mirror.counterparts.items()):
                return True
            mirror = mirror.outer
        return False

    # Computing again

    def _materialise(self, value: Value) -> Value:
        if isinstance(value, Constant):
            return value
        for scope in reversed(self.scopes):
            if value in scope:
                return scope[value]
        if self.mirrors.homes.get(value) is None:
            return super().get(value)
        op = self.mirrors.definitions[value]
        inputs = self._operands(op)
        final = self._final(op, self.current)
        if final is not None:
            inputs[0] = final
        again = tuple(map(self._materialise, inputs))
        results = tuple(replace(result) for result in op.results)
        self.b.emit(replace(op, inputs=again, results=results, why="adjoint"))
        self.scopes[-1].update(zip(op.results, results, strict=True))
        return self.scopes[-1][value]

    # Shapes

    def _with_witnesses(self, op: Op) -> Sequence[Value] | None:
        """Take the shape of what is kept for its shape alone from a value that is alive anyway."""
        if not op.kind.shape_only or self.current is None:
            return None
        inputs = list(op.inputs)
        for k in op.kind.shape_only:
            other = self._witness(inputs[k])
            inputs[k] = other if other is not None else inputs[k]
        if inputs == list(op.inputs):
            return None
        self.b.emit(replace(op, inputs=self.get_all(inputs)))
        return op.results

    def _witness(self, value: Value) -> Value | None:
        if self.current is None or self.current.counterpart(value) is None:
            return None
        return next((v for v in self.alive if self._same_shape(v, value)), None)

    def _same_shape(self, left: Value, right: Value) -> bool:
        a, b = left.type, right.type
        if not (isinstance(a, Array) and isinstance(b, Array)) or a.dtype != b.dtype or a.dtype is None:
            return False
        if a.dims is None or b.dims is None or len(a.dims) != len(b.dims):
            return False
        return all(self.b.typing.facts.equal(x, y) for x, y in zip(a.dims, b.dims, strict=True))


def reads(op: Op, value: Value) -> bool:
    """Whether an op, or one inside its blocks, reads a value."""
    if value in op.inputs:
        return True
    return any(value in block.results or any(reads(inner, value) for inner in block.ops) for block in op.blocks)
