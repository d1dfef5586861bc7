"""Turns value updates back into O(1) writes: afterwards every update may destroy its operand.

Before::

    y1 = set(x, 0.0, i)              # x is the caller's
    row = get(y1, 0, index="@, :")
    y2 = set(y1, v, j)
    return y2, row

After::

    y0 = copy(x)
    y1 = set(y0, 0.0, i)
    row = copy(get(y1, 0, index="@, :"))
    y2 = set(y1, v, j)
    return y2, row

An update destroys in place iff nothing that shares its operand's memory is read later. Otherwise one copy is made of
the shorter-lived side: of a view where it is born, of what a loop carries at the loop's entry, else of the array before
the write. Arguments and the results of broadcasting are never written; results share memory with nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from srcdiff.ir.core import IF, Block, Constant, Function, Loop, Op, Value, is_hole, storages
from srcdiff.ir.opdef import OPS
from srcdiff.ir.types import Array, List, without_value
from srcdiff.rules.missing import may_miss

from .buffers import Buffers, Origins, has_buffer
from .order import Order, Place


def update_in_place(function: Function) -> Function:
    """Insert the copies that are due; raises AssertionError if they do not settle (a defect of this pass)."""
    if not _writes(function):
        return _apply(function, _result_copies(function))
    for _ in range(100 + sum(1 for _ in function.body.walk())):
        copies = _find_conflicts(function)
        if not copies:
            return function
        function = _apply(function, copies)
    raise AssertionError("the copies of the in-place pass do not settle")


def _writes(function: Function) -> bool:
    return any(op.kind.updates is not None for op in function.body.walk())


@dataclass
class Copies:
    """Where copies are due: of a value where it is born, of an operand (op, position), of a block's result.

    missing: the values that are not there on some path.
    """

    missing: set[Value]
    values: dict[Value, None] = field(default_factory=dict)
    operands: dict[tuple[Op, int], None] = field(default_factory=dict)
    results: dict[tuple[Op | None, int, int], None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values or self.operands or self.results)


def _find_conflicts(function: Function) -> Copies:
    order = Order(function)
    buffers = Buffers(function, order)
    return _Conflicts(function, order, buffers).find()


def _result_copies(function: Function) -> Copies:
    order = Order(function)
    copies = Copies(may_miss(function))
    _check_results(function, order, Buffers(function, order), copies)
    return copies


def _check_results(function: Function, order: Order, buffers: Buffers, copies: Copies) -> None:
    """Results share memory with no argument and with no other result."""
    taken: set[object] = set(buffers.forever)
    for k, value in enumerate(function.body.results):
        origins = buffers.of(value)
        if taken & origins:
            copies.results[None, 0, k] = None
        taken |= origins


class _Alive:
    """The values of one origin that are born and may still be read, as ops go by in the order of their numbers."""

    def __init__(self, holders: Sequence[Value], order: Order) -> None:
        self.order = order
        self.coming = sorted(holders, key=lambda value: -order.births[value])
        self.values: list[Value] = []

    def at(self, number: int) -> list[Value]:
        """Those that an op may have to mind; later calls are for later ops."""
        births, lasts = self.order.births, self.order.lasts
        while self.coming and births[self.coming[-1]] <= number:
            self.values.append(self.coming.pop())
        self.values = [value for value in self.values if lasts.get(value, 0) >= number]
        return self.values


class _Conflicts:
    def __init__(self, function: Function, order: Order, buffers: Buffers) -> None:
        self.function = function
        self.order = order
        self.buffers = buffers
        self.copies = Copies(may_miss(function))
        self.ops = {value: op for op in function.body.walk() for value in op.results}
        self.alive: dict[object, _Alive] = {}
        self.unsettled: set[object] = set()  # the origins of what is copied: to be looked at again with the copies

    def find(self) -> Copies:
        for op in _inner_first(self.function.body):
            if op.kind.updates is not None:
                self._update(op)
            elif op.blocks and op.kind is not IF:
                if not self.copies.operands and not self.copies.results:
                    self._loop(op)
                if self.copies.operands or self.copies.results:
                    return self.copies
        if not self.copies:
            _check_results(self.function, self.order, self.buffers, self.copies)
        return self.copies

    def _update(self, op: Op) -> None:
        position = op.kind.updates
        assert position is not None
        base = op.inputs[position]
        origins = self.buffers.of(base)
        if not self.unsettled.isdisjoint(origins):
            return
        if origins & self.buffers.forever or isinstance(base, Constant):
            self._copy_operand(op, position, origins)
            return
        for value in self._readers(origins, op, {base: None, **dict.fromkeys(op.results)}):
            if _grows(op) or not self._copy_of_view(value, op):
                self._copy_operand(op, position, origins)
                return
        if self.order.used_after(base, self.order.places[op]):
            self._copy_operand(op, position, origins)

    def _copy_operand(self, op: Op, position: int, origins: Origins) -> None:
        self.copies.operands[op, position] = None
        self.unsettled |= origins

    def _readers(self, origins: Origins, op: Op, without: dict[Value, None]) -> list[Value]:
        """Values that share memory with an origin and are read after an op, born before."""
        place, number = self.order.places[op], self.order.numbers[op]
        found: dict[Value, None] = {}
        for origin in origins:
            if origin not in self.alive:
                self.alive[origin] = _Alive(self.buffers.holders(frozenset((origin,))), self.order)
            found.update(dict.fromkeys(self.alive[origin].at(number)))
        return [
            value
            for value in sorted(found, key=self.order.births.__getitem__)
            if value not in without and self._born_before(value, place) and self.order.used_after(value, place)
        ]

    def _born_before(self, value: Value, place: Place) -> bool:
        born = self.order.defined.get(value)
        if born is None:
            return True
        depth = len(born.chain)
        if len(place.chain) < depth or any(
            a[0] is not b[0] or a[1] != b[1] for a, b in zip(born.chain, place.chain, strict=False)
        ):
            return False
        here = place.chain[depth][2] if len(place.chain) > depth else place.index
        return born.index < here

    def _copy_of_view(self, value: Value, update: Op) -> bool:
        """Copy a view where it is born, if that is no deeper and no larger than copying the written array."""
        op = self.ops.get(value)
        if op is not None and op.blocks and op.kind is not IF and value in Loop.of(op).stacks:
            self._copy_entries(op, Loop.of(op).stacks.index(value))
            return True
        if op is None or not self._is_view(op, value):
            return False
        if len(self.order.places[op].chain) > len(self.order.places[update].chain):
            return False
        self.copies.values[value] = None
        return True

    def _is_view(self, op: Op, value: Value) -> bool:
        if op.blocks or op.kind.updates is not None:
            return False
        return storages(op)[op.results.index(value)].kind != "fresh"

    def _loop(self, op: Op) -> None:
        loop = Loop.of(op)
        offset = len(loop.seqs)
        for k in sorted(self.buffers.destroyed[op]):
            init = loop.init[k]
            origins = self.buffers.of(init)
            if not origins:
                continue
            others = [v for j, v in enumerate(op.inputs) if j != offset + k and has_buffer(v.type)]
            shared = origins & self.buffers.forever or any(not origins.isdisjoint(self.buffers.of(v)) for v in others)
            if shared or self._captured(op, origins) or self._readers(origins, op, {}):
                self.copies.operands[op, offset + k] = None
                return
        self._outs(op, loop)

    def _captured(self, op: Op, origins: Origins) -> bool:
        """Whether the body of a loop reads something from outside through these origins."""
        for value in self.buffers.holders(origins):
            home = self.order.defined.get(value)
            if home is not None and self.order.inside(home, op):
                continue
            if any(self.order.inside(place, op) for place, _ in self.order.uses.get(value, ())):
                return True
        return False

    def _outs(self, op: Op, loop: Loop) -> None:
        """What a loop collects must outlive the writes of later trips."""
        destroyed = self.buffers.destroyed[op]
        carried = frozenset().union(*(self.buffers.of(loop.carried_yields[k]) for k in destroyed))
        heads = frozenset().union(*(self.buffers.of(loop.carried_params[k]) for k in destroyed))
        for k, out in enumerate(loop.outs):
            origins = self.buffers.of(out)
            if origins & (carried | heads) or origins & self._written_outside(op, origins):
                self._copy_entries(op, k)
                if self.copies.results:
                    return

    def _copy_entries(self, op: Op, k: int) -> None:
        """Copy what a loop collects, array by array: a copy of a list would share its arrays."""
        out = Loop.of(op).outs[k]
        if isinstance(out.type, List):
            self._copy_arrays_of(out)
            return
        made = self.ops.get(out)
        if made is not None and self._is_view(made, out) and self.order.inside(self.order.places[made], op):
            self.copies.values[out] = None
        elif made is None or made.kind is not IF or not self._copy_sides(made, out):
            self.copies.results[op, len(op.blocks) - 1, len(Loop.of(op).carried_yields) + k] = None

    def _copy_sides(self, branch: Op, result: Value) -> bool:
        """Copy in the branch what is not there behind it on every path; False where that does not help."""
        k = branch.results.index(result)
        there = {side: block.results[k] for side, block in enumerate(branch.blocks) if not is_hole(block.results[k])}
        makers = {value: self.ops.get(value) for value in there.values()}
        copied = any(made is not None and made.name == "copy" for made in makers.values())
        if result not in self.copies.missing or copied or any(v in self.copies.missing for v in makers):
            return False
        for side, value in there.items():
            made = makers[value]
            if made is not None and made in branch.blocks[side].ops and self._is_view(made, value):
                self.copies.values[value] = None
            else:
                self.copies.results[branch, side, k] = None
        return True

    def _copy_arrays_of(self, value: Value) -> None:
        made = self.ops.get(value)
        if made is None or not made.blocks:
            return
        if made.kind is IF:
            for block in made.blocks:
                self._copy_arrays_of(block.results[made.results.index(value)])
        elif value in Loop.of(made).stacks:
            self._copy_entries(made, Loop.of(made).stacks.index(value))

    def _written_outside(self, op: Op, origins: Origins) -> Origins:
        return origins & self.buffers.written & self.buffers.forever


def _inner_first(block: Block) -> Iterator[Op]:
    """The ops of a block, those of nested blocks before the op that holds them."""
    for op in block.ops:
        for inner in op.blocks:
            yield from _inner_first(inner)
        yield op


def _apply(function: Function, copies: Copies) -> Function:
    if not copies:
        return function
    return replace(function, body=_copied(function.body, None, 0, copies))


def _copied(block: Block, owner: Op | None, number: int, copies: Copies) -> Block:
    ops: list[Op] = []
    for op in block.ops:
        if _grows(op) and (op, 0) in copies.operands:
            ops.append(replace(op, kind=OPS["add"], attrs={}))  # a new array costs no more than a copy
            continue
        inputs = list(op.inputs)
        for k, value in enumerate(inputs):
            if (op, k) in copies.operands:
                inputs[k] = _copy(value, op, ops, value in copies.missing)
        blocks = tuple(_copied(inner, op, n, copies) for n, inner in enumerate(op.blocks))
        born = tuple(Value(r.type) if r in copies.values else r for r in op.results)
        ops.append(replace(op, inputs=tuple(inputs), blocks=blocks, results=born))
        for view, result in zip(born, op.results, strict=True):
            if view is not result:
                _copy(view, op, ops, result=result)
    results = list(block.results)
    for k, value in enumerate(results):
        if (owner, number, k) in copies.results:
            results[k] = _copy(value, owner, ops, value in copies.missing)
    return Block(block.params, tuple(ops), tuple(results))


def _grows(op: Op) -> bool:
    """Whether an op adds to an adjoint array as a whole."""
    return op.name == "add_at" and bool(op.why) and op.attrs["index"] == "..."


def _copy(
    value: Value, near: Op | None, ops: list[Op], missing: bool = False, result: Value | None = None
) -> Value:
    """Append a copy, with the provenance of the op that needs it."""
    result = result or Value(without_value(value.type), value.name)
    stmt, loc, why = (near.stmt, near.loc, near.why) if near is not None else (None, None, "adjoint")
    missing = missing or isinstance(value.type, List)
    opdef = OPS["copy_if_there" if missing else "copy"]
    many = isinstance(value.type, Array) and value.type.rank != 1
    attrs = {"via": "copy"} if many and not missing else {}  # np.copy keeps the order of the axes
    ops.append(Op(opdef, (value,), (result,), attrs, stmt=stmt, loc=loc, why=why))
    return result
