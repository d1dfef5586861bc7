"""Where ops and uses stand in a structured program, and which can run after which."""

from __future__ import annotations

from dataclasses import dataclass

from srcdiff.ir.core import IF, Block, Function, Op, Value

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
    """

    def __init__(self, function: Function) -> None:
        self.places: dict[Op, Place] = {}
        self.defined: dict[Value, Place] = {}
        self.uses: dict[Value, list[tuple[Place, Op | None]]] = {}
        self._block(function.body, ())

    def _block(self, block: Block, chain: tuple[tuple[Op, int, int], ...]) -> None:
        for param in block.params:
            self.defined[param] = Place(chain, -1)
        for index, op in enumerate(block.ops):
            place = self.places[op] = Place(chain, index)
            for k, value in enumerate(op.inputs):
                if k not in op.kind.shape_only:
                    self.uses.setdefault(value, []).append((place, op))
            for number, inner in enumerate(op.blocks):
                self._block(inner, (*chain, (op, number, index)))
            for result in op.results:
                self.defined[result] = place
        end = Place(chain, END)
        for value in block.results:
            self.uses.setdefault(value, []).append((end, None))

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
