"""What is kept for its shape alone is taken from a value that is at hand anyway.

Before::

    y, part_kept = for_(r, y0) {i, y: part = get(y, 1, index="@:"); ... -> y2, part}
    y_bar = for_(r, part_kept, ...) {i, part', ...: t = zeros_like(part') ...}

After (``keep`` then computes the view again, and nothing is saved or brought back for it)::

    y, part_kept = for_(r, y0) {i, y: ...; like = get(y0, 1, index="@:") -> y2, like}
    y_bar = for_(r, part_kept, ...) {i, part', ...: t = zeros_like(part') ...}
"""

from __future__ import annotations

from srcdiff.ir.build import Rebuild
from srcdiff.ir.core import FOR, IF, Block, Constant, Function, Loop, Op, Value, surely_there
from srcdiff.ir.types import Array
from srcdiff.rules.regions import place
from srcdiff.rules.shapes import same_dims

DEEPEST = 8  # operations between what is kept and what has its shape


def take_shapes_elsewhere(function: Function) -> Function:
    return _Shapes(function).run()


class _Uses:
    """Which values are read for their shape alone."""

    def __init__(self, function: Function) -> None:
        self.uses: dict[Value, list[tuple[Op, int, int]]] = {}  # op, block or -1 for its inputs, position
        self.read: set[Value] = set(function.body.results)
        self.known: dict[Value, bool] = {}
        for op in function.body.walk():
            for k, value in enumerate(op.inputs):
                self.uses.setdefault(value, []).append((op, -1, k))
            for number, block in enumerate(op.blocks):
                for k, value in enumerate(block.results):
                    self.uses.setdefault(value, []).append((op, number, k))

    def only_shape(self, value: Value) -> bool:
        if value not in self.known:
            self.known[value] = False  # what goes round in a loop is read
            uses = self.uses.get(value, ())
            self.known[value] = value not in self.read and all(self._is_of_shape(*use) for use in uses)
        return self.known[value]

    def _is_of_shape(self, op: Op, block: int, k: int) -> bool:
        if block < 0:
            if op.kind is FOR and k < op.attrs["seqs"]:
                return self.only_shape(Loop.of(op).items[k])
            return k in op.kind.shape_only
        if op.kind is IF:
            return self.only_shape(op.results[k])
        return block == len(op.blocks) - 1 and k >= len(Loop.of(op).init) and self.only_shape(op.results[k])


class _Shapes(Rebuild):
    def __init__(self, function: Function) -> None:
        super().__init__(function)
        self.uses = _Uses(function)
        self.owners = {block: op for op in function.body.walk() for block in op.blocks}
        self.alive = [param for param in function.params if isinstance(param.type, Array)]
        self.depth = 0

    def block(self, block: Block) -> Block:
        owner = self.owners.get(block)
        self.depth += 1
        with self.b.region(conditional=owner is not None) as ops:
            for op in block.ops:
                self.step(op)
            results = list(self.get_all(block.results))
            first = 0 if owner is None or owner.kind is IF else len(Loop.of(owner).init)
            if owner is not None and (owner.kind is IF or block is owner.blocks[-1]):
                for k in range(first, len(results)):
                    results[k] = self._like(owner, owner.results[k], results[k])
        self.depth -= 1
        return Block(block.params, tuple(ops), tuple(results))

    def step(self, op: Op) -> None:
        super().step(op)
        if self.depth == 1:
            self.alive += (result for result in surely_there(op) if isinstance(result.type, Array))

    def _like(self, owner: Op, result: Value, value: Value) -> Value:
        """A value of the shape of what a region gives, if no more is read of it."""
        if not isinstance(value.type, Array) or isinstance(value, Constant) or not self.uses.only_shape(result):
            return value
        with self.b.at(owner.stmt, owner.loc, "adjoint"):
            return self._elsewhere(value, DEEPEST) or value

    def _elsewhere(self, value: Value, depth: int) -> Value | None:
        for other in self.alive:
            if self._same(other, value):
                return other
        made = self.b.definitions.get(value)
        if made is None or made.blocks or made.kind.effect or depth == 0:
            return None
        if made.name == "get" and isinstance(made.inputs[0].type, Array):
            base = self._elsewhere(made.inputs[0], depth - 1)
            like = None if base is None else self.b.op("get", base, *made.inputs[1:], hint="", **place(made.attrs))
            return like if like is not None and self._same(like, value) else None
        source = next((operand for operand in made.inputs if self._same(operand, value)), None)
        return None if source is None else self._elsewhere(source, depth - 1)

    def _same(self, left: Value, right: Value) -> bool:
        """Whether one value can stand for another where shape and dtype count."""
        a, b = left.type, right.type
        if not isinstance(a, Array) or not isinstance(b, Array) or a.dtype is None or a.dtype != b.dtype:
            return False
        return a.dims is not None and b.dims is not None and same_dims(self.b.typing, a.dims, b.dims)
