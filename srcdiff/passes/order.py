"""Where ops and uses stand in a structured program, and which can run after which."""

from __future__ import annotations

from dataclasses import dataclass

from srcdiff.ir.core import IF, Block, Function, Op, Value
from srcdiff.rules.regions import is_region

END = 1 << 60  # the place of a block's results: after all its ops


@dataclass(frozen=True)
class Place:
    """A point of the program: the (op, block index, index of the op in its block) that lead to it, then an index."""

    chain: tuple[tuple[Op, int, int], ...]
    index: int


class Order:
    """Places of all ops, definitions and uses of a function.

    places: op -> place; defined: value -> its place (parameters of a block: index -1); uses: value -> the places
    that read it (shape-only reads are not counted), each with the op, or None for a block's result.

    Ops are numbered from the inside out, those of a loop before the loop. births: value -> the number that its
    definition follows; lasts: value -> the number up to which it may be read: a loop's, if each trip reads it again.
    """

    def __init__(self, function: Function) -> None:
        self.places: dict[Op, Place] = {}
        self.defined: dict[Value, Place] = {}
        self.uses: dict[Value, list[tuple[Place, Op | None]]] = {}
        self.numbers: dict[Op, int] = {}
        self.births: dict[Value, int] = {}
        self.lasts: dict[Value, int] = {}
        self._count = 0
        self._block(function.body, ())
        for op in reversed(self.places):
            if op.kind.updates is None and is_region(op) and op.result not in self.uses:
                self._read_shape_only(op)

    def _block(self, block: Block, chain: tuple[tuple[Op, int, int], ...]) -> set[Value]:
        """Number what is in a block; gives the values that it reads."""
        read: set[Value] = set()
        for param in block.params:
            self.defined[param], self.births[param] = Place(chain, -1), self._count
        for index, op in enumerate(block.ops):
            place = self.places[op] = Place(chain, index)
            inside: set[Value] = set()
            for number, inner in enumerate(op.blocks):
                inside |= self._block(inner, (*chain, (op, number, index)))
            self._count += 1
            self.numbers[op] = self._count
            for k, value in enumerate(op.inputs):
                if k not in op.kind.shape_only:
                    self._use(value, place, op)
            if inside:
                read |= inside
                if op.kind is not IF:
                    self.lasts.update((v, self._count) for v in inside if v not in self.defined or self._outside(v, op))
            for result in op.results:
                self.defined[result], self.births[result] = place, self._count
            read.update(op.inputs)
        self._count += 1
        end = Place(chain, END)
        for value in block.results:
            self._use(value, end, None)
        read.update(block.results)
        return read

    def _use(self, value: Value, place: Place, op: Op | None) -> None:
        self.uses.setdefault(value, []).append((place, op))
        self.lasts[value] = self._count

    def _outside(self, value: Value, op: Op) -> bool:
        return not self.inside(self.defined[value], op)

    def _read_shape_only(self, op: Op) -> None:
        """A region of which nothing but the shape is read reads nothing but the shape of its array."""
        uses = [use for use in self.uses[op.inputs[0]] if use[1] is not op]
        if uses:
            self.uses[op.inputs[0]] = uses
        else:
            del self.uses[op.inputs[0]]

    def depth(self, value: Value) -> int:
        """How many regions are around the definition of a value."""
        return len(self.defined[value].chain)

    def inside(self, place: Place, op: Op) -> bool:
        return any(outer is op for outer, _, _ in place.chain)

    def used_after(self, value: Value, point: Place) -> bool:
        """Whether an instance of ``value`` that exists at ``point`` can be read after it."""
        return any(self.follows(place, point, value) for place, _ in self.uses.get(value, ()))

    def follows(self, use: Place, point: Place, value: Value) -> bool:
        """Whether the use can run after the point, on the same instance of the value."""
        common = 0
        while (
            common < min(len(use.chain), len(point.chain))
            and use.chain[common][0] is point.chain[common][0]
            and use.chain[common][1] == point.chain[common][1]
        ):
            common += 1
        mine = use.chain[common][2] if common < len(use.chain) else use.index
        other = point.chain[common][2] if common < len(point.chain) else point.index
        if mine > other:
            return True
        loops = [op for op, _, _ in point.chain[:common] if op.kind is not IF]
        if common < len(use.chain) and common < len(point.chain) and mine == other:
            loops += [op for op in [use.chain[common][0]] if op.kind is not IF]
        home = self.defined.get(value)
        return any(home is None or not self.inside(home, op) for op in loops)
