"""Which array to rewind: what a backward loop reads of it, against what its loop writes.

An item of a backward loop need not be saved if it is a version of the array, what a version holds at an index, what was
written to a cell, or what a cheap op makes of these.
"""

from __future__ import annotations

from dataclasses import dataclass

from srcdiff.ir.core import Constant, Loop, Op, Value
from srcdiff.ir.types import Array, Scalar, Type

from .available import final_read
from .cheap import is_cheap
from .mirrors import Mirror, Mirrors
from .rewindable import Chain, chain_of


@dataclass
class RewindPlan:
    mirror: Mirror
    chain: Chain
    place: int
    demands: dict[Value, Read]


@dataclass(frozen=True)
class Read:
    """What a backward item holds: a version of the array, what it holds at an index (``op`` tells where), or what a
    cheap op makes of such reads (``again``)."""

    value: Value
    version: Value
    op: Op | None = None
    index: tuple[Value, ...] = ()
    again: bool = False


def find_plan(mirrors: Mirrors, done: set[Value]) -> RewindPlan | None:
    for mirror in mirrors.of.values():
        forward = Loop.of(mirror.forward)
        if mirror.outer is not None or mirrors.homes.get(mirror.forward.results[0]) is not None:
            continue
        for place, param in enumerate(forward.carried_params):
            if not isinstance(param.type, Array) or param in done:
                continue
            chain = chain_of(forward.body.ops, param, forward.carried_yields[place])
            if chain is None or not chain.steps:
                continue
            plan = RewindPlan(mirror, chain, place, _demands(mirrors, mirror, chain))
            if _pays(plan, mirrors):
                _add_computed(plan, mirrors)
                return plan
    return None


def _demands(mirrors: Mirrors, outermost: Mirror, chain: Chain) -> dict[Value, Read]:
    stored = {op.inputs[1]: op for op, _ in chain.cells() if op.name == "set" and isinstance(op.inputs[1].type, Scalar)}
    demands: dict[Value, Read] = {}
    for mirror in mirrors.of.values():
        top = mirror
        while top.outer is not None:
            top = top.outer
        if top is not outermost:
            continue
        for item, value in mirror.stacked.items():
            read = _read(value, chain, stored, mirrors)
            if read is not None and not _final(mirrors.definitions.get(value), outermost, mirrors):
                demands[item] = read
    return demands


def _add_computed(plan: RewindPlan, mirrors: Mirrors) -> None:
    """Add the items that a cheap op computes from reads: they need not be saved either."""
    reads = {read.value: read for read in plan.demands.values()}
    grown = True
    while grown:
        grown = False
        for mirror in mirrors.of.values():
            held = {value for item, value in mirror.counterparts.items() if item not in plan.demands}
            for item, value in mirror.stacked.items():
                read = None if item in plan.demands else _computed(value, reads, held, mirrors)
                if read is not None:
                    plan.demands[item] = reads[value] = read
                    grown = True


def _computed(value: Value, reads: dict[Value, Read], held: set[Value], mirrors: Mirrors) -> Read | None:
    op = mirrors.definitions.get(value)
    if op is None or op.name == "get" or not is_cheap(op):
        return None
    versions = {reads[v].version for v in op.inputs if v in reads}
    others = [v for v in op.inputs if v not in reads and not isinstance(v, Constant)]
    at_hand = all(mirrors.homes.get(v) is None or (v in held and v is not value) for v in others)
    same_place = all(mirrors.homes.get(v) is mirrors.homes.get(value) for v in op.inputs if v in reads)
    if len(versions) != 1 or not at_hand or not same_place:
        return None
    return Read(value, versions.pop(), op, again=True)


def _read(value: Value, chain: Chain, stored: dict[Value, Op], mirrors: Mirrors) -> Read | None:
    if value in chain.versions:
        return Read(value, value)
    made = mirrors.definitions.get(value)
    if made is not None and made.name == "get" and made.inputs[0] in chain.versions:
        return Read(value, made.inputs[0], made, made.inputs[1:])
    writer = stored.get(value)
    same_home = writer is not None and mirrors.homes.get(value) is mirrors.homes.get(writer.result)
    if writer is not None and same_home and _cell_keeps(writer, value):
        return Read(value, writer.result, writer, writer.inputs[2:])
    return None


def _cell_keeps(write: Op, value: Value) -> bool:
    """Whether the cell holds exactly what was written: one cell, of the value's own dtype."""
    array, number = write.inputs[0].type, value.type
    assert isinstance(number, Scalar)
    single = set(write.attrs["index"].split(", ")) == {"@"} and len(write.inputs) - 2 == getattr(array, "rank", -1)
    numbers = all(isinstance(index.type, Scalar) for index in write.inputs[2:])
    return single and numbers and getattr(array, "dtype", None) == number.dtype and number.strength == "numpy"


def _final(made: Op | None, mirror: Mirror, mirrors: Mirrors) -> bool:
    return made is not None and made.name == "get" and final_read(made, mirror.forward, mirrors) is not None


def _pays(plan: RewindPlan, mirrors: Mirrors) -> bool:
    """Whether the cells that are written are fewer than the elements that are read."""
    saved = sum(_weight(read.value.type, _depth(read.value, mirrors)) for read in plan.demands.values())
    written = sum(_weight(cell, _depth(op.results[0], mirrors)) for op, cell in plan.chain.cells())
    return written < saved


def _depth(value: Value, mirrors: Mirrors) -> int:
    depth = 0
    home = mirrors.homes.get(value)
    while home is not None:
        depth += 1
        home = mirrors.homes.get(home.results[0]) if home.results else None
    return depth


def _weight(type_: Type, depth: int) -> int:
    rank = (type_.rank or 1) if isinstance(type_, Array) else 0
    return int(100 ** (rank + depth))
