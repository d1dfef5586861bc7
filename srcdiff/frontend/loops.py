"""Loops: ``for`` over sequences in lockstep, ``for`` over known items (unrolled), ``while``."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from srcdiff.ir.build import Builder
from srcdiff.ir.core import AGAIN, FOR, WHILE, Block, Op, Value, constant_value, name_value
from srcdiff.ir.dims import Dim
from srcdiff.ir.types import Array

from .blocks import run
from .branches import branch, condition, dead, truth
from .carried import Carried, MoreCarried, SlotKey
from .changes import check_order
from .exits import stop_of
from .frames import FALLS, ConstantNeeded, Exit, Frame, Silent, statement
from .growing import Growth, check, collect, dissolve_short, enter, growths, leave, stacks
from .items import Container, Item
from .iteration import UNROLL_LIMIT, Sequences, has_containers, iterated, known_items, mixed_items, sequences, trips
from .places import is_tracked
from .resolve import number
from .scopes import bound
from .statements import assign

ROUNDS = 8

Heads = dict[SlotKey, Value]


@statement(ast.For)
def _for(frame: Frame, node: ast.For) -> None:
    item = frame.evaluate(node.iter)
    known = known_items(frame, item)
    if has_containers(item):
        _unroll(frame, node, item, mixed_items(frame, node.iter, item) if known is None else known)
        return
    if known is None or len(known) > UNROLL_LIMIT:
        _loop(frame, node, item)
        return
    unit = frame.unit
    problems, active, demands = len(unit.problems), list(unit.active), dict(unit.demands)
    unit.unrollable += 1
    try:
        _loop(frame, node, item)
        return
    except ConstantNeeded:  # it indexes a container of arrays by the loop variable
        del unit.problems[problems:]
        unit.active, unit.demands = active, demands
    finally:
        unit.unrollable -= 1
    _unroll(frame, node, item, known)


def _unroll(frame: Frame, node: ast.For, item: Item, items: list[Item]) -> None:
    """Each trip is read by itself."""
    sources = [frame.unit.views.get(part, part) for part in iterated(item)]
    if len(items) > UNROLL_LIMIT:
        hint = f"at most {UNROLL_LIMIT} trips are written out; stack the arrays, and loop over the rows"
        raise frame.unsupported(node.iter, f"a loop over {len(items)} items of a container", hint)
    _trips(frame, node, items, sources)


def _trips(frame: Frame, node: ast.For, items: Sequence[Item], sources: Sequence[Container], done: int = 0) -> None:
    """The trips that are left, each of them under the condition that none before has ended the loop."""
    for position, item in enumerate(items):
        assign(frame, node.target, item)
        _body(frame, node)
        check_order(frame, node.iter, sources, done + position)
        stop = stop_of(node)
        ended = truth(frame, node, frame.env[stop]) if stop else False
        if ended is True:
            return
        rest = items[position + 1 :]
        if isinstance(ended, Value) and rest:
            names = {name: name == stop or name in frame.live.after(node) for name in bound([node])}
            further = functools.partial(_rest, frame, node, rest, sources, done + position + 1)
            branch(frame, node, ended, lambda: FALLS, further, names)
            return


def _rest(frame: Frame, node: ast.For, items: Sequence[Item], sources: Sequence[Container], done: int) -> Exit:
    _trips(frame, node, items, sources, done)
    return FALLS


def _body(frame: Frame, node: ast.For | ast.While) -> None:
    end = run(frame, node.body)
    if end.returned is not None:
        raise Silent  # the fence has reported it
    if not end.falls:
        raise frame.unsupported(node, "a loop whose body always raises", "raise under a condition")


def _names(frame: Frame, node: ast.For | ast.While) -> list[str]:
    """The names that are carried: bound in the body, and read by a later trip or behind the loop; first of all the one
    that says that the loop ends early."""
    target = bound([node.target]) if isinstance(node, ast.For) else {}
    live = frame.live.head(node) | frame.live.after(node)
    first = [stop] if (stop := stop_of(node)) else []
    return [*first, *(name for name in {**target, **bound(node.body)} if name in live and name not in first)]


@dataclass(eq=False)
class _Reading:
    """The ops and values of one reading of a loop."""

    heads: list[Heads]
    ops: list[list[Op]]
    items: list[Value]
    truth: Value | None = None


def _settle(frame: Frame, node: ast.For | ast.While, carried: Carried, read: Callable[[], _Reading]) -> _Reading:
    """Read the loop until what it carries is stable. Silent if something in it is refused."""
    places, problems = frame.places, len(frame.unit.problems)
    outer_reads = places.reads
    try:
        for _ in range(ROUNDS):
            places.reads = set()
            carried.begin()
            reading = read()
            if len(frame.unit.problems) > problems:
                raise Silent
            stable = carried.settle(reading.heads[-1], places.reads)
            outer_reads |= places.reads
            if stable:
                return reading
    except BaseException:
        frame.env, places.state = carried.entry, carried.state
        raise
    finally:
        places.reads = outer_reads
    frame.env, places.state = carried.entry, carried.state
    raise frame.refuse(node, "SD012", "the types of what this loop carries do not settle", "",
                       "give every name a value of its final type in front of the loop")


def _finish(
    frame: Frame, node: ast.For | ast.While, carried: Carried, reading: _Reading,
    emit: Callable[[list[Value], list[Value], list[Block]], object], grown: list[Growth], length: Dim | None = None,
) -> None:
    """Append the op, and bind the names behind it. length: how often the loop runs, if that is known."""
    check(frame, carried, grown)
    after = frame.places.state
    blocks = []
    for heads, ops in zip(reading.heads, reading.ops, strict=True):
        params = [heads[key] if carried.is_read(key) else Value(slot.type, slot.name)
                  for key, slot in carried.slots.items()]
        blocks.append(Block((*reading.items, *params), tuple(ops), ()))
    outs = [out for growth in grown for out in growth.outs]
    ends = [(reading.truth,)] if reading.truth is not None else []
    blocks = [Block(block.params, block.ops, tuple(results))
              for block, results in zip(blocks, [*ends, [*carried.ends(), *outs]], strict=True)]
    results = [Value(slot.type, slot.name) for slot in carried.slots.values()]
    frame.places.state = carried.state
    lists = stacks(grown, length)
    if results or lists or any(block.ops for block in blocks):
        emit(carried.starts(), [*results, *lists], blocks)
    carried.leave(results, after)
    leave(frame, carried, grown)
    for name in bound([node]):
        if name not in carried.names and name not in {growth.name for growth in grown}:
            frame.env[name] = dead(frame, name)


# --- for


def _loop(frame: Frame, node: ast.For, item: Item) -> None:
    names = _names(frame, node)
    while True:
        try:
            _rolled(frame, node, item, names)
            return
        except MoreCarried as more:
            names = [*names, *more.names]


def _rolled(frame: Frame, node: ast.For, item: Item, names: list[str]) -> None:
    found = sequences(frame, node, item)
    dissolve_short(frame, node)
    grown = growths(frame, node)
    before = dict(frame.env)
    enter(frame, grown)
    try:
        _collecting(frame, node, found, names, grown)
    except BaseException:
        frame.env = before
        raise


def _collecting(frame: Frame, node: ast.For, found: Sequences, names: list[str], grown: list[Growth]) -> None:
    indexed: dict[int, Value] = {}
    if found.reverse and stop_of(node):
        _count_down(frame, node, found, indexed)
    while True:
        problems = len(frame.unit.problems)
        carried = Carried(frame, node, names, frame.live.head(node))
        read = functools.partial(_read_for, frame, node, found, carried, indexed, grown)
        try:
            reading = _settle(frame, node, carried, read)
            new = _written(frame, found, carried, indexed)
        except Silent:
            new = [k for k in _arrays(found, indexed) if getattr(found.seqs[k].type, "rank", 1) != 1]
            if not new:
                raise
            del frame.unit.problems[problems:]  # a row may have been written: read the rows as they are then
        if not new:
            break
        frame.env, frame.places.state = carried.entry, carried.state
        for k in new:
            indexed[k] = found.seqs[k]
            length = frame.op(node.iter, "dim", found.seqs[k], axis=0)
            found.seqs[k] = frame.op(node.iter, "range", number(0), length, number(1))
    seqs = list(found.seqs)

    def emit(starts: list[Value], results: list[Value], blocks: list[Block]) -> None:
        attrs: dict[str, Any] = {"seqs": len(seqs), "reverse": found.reverse}
        if found.spelling and not indexed:
            attrs["spelling"] = found.spelling
        if stop_of(node):
            attrs["exits"] = True
        frame.call(node, Builder.structured, FOR, [*seqs, *starts], results, blocks, **attrs)

    _finish(frame, node, carried, reading, emit, grown, None if stop_of(node) else trips(frame, found))


def _count_down(frame: Frame, node: ast.For, found: Sequences, indexed: dict[int, Value]) -> None:
    """Run from the front over the indices of a sequence that is to be run over from the end, and may be left early."""
    (seq,) = found.seqs
    made = frame.b.definitions.get(seq)
    step = constant_value(made.inputs[2]) if made is not None and made.name == "range" else None
    if isinstance(seq.type, Array):
        indexed[0] = seq
        start, stop, step = number(0), frame.op(node.iter, "dim", seq, axis=0), 1
    elif made is not None and step in (1, -1):
        start, stop = made.inputs[:2]
    else:
        hint = "count down: `for i in range(len(xs) - 1, -1, -1)`"
        raise frame.unsupported(node.iter, "leaving this loop over `reversed(…)` early", hint)
    last, end = (_less(frame, node, limit, step) for limit in (stop, start))
    found.seqs[0] = frame.op(node.iter, "range", last, end, number(-step))
    found.reverse, found.spelling = False, ""


def _less(frame: Frame, node: ast.For, limit: Value, step: int) -> Value:
    known = constant_value(limit)
    return number(known - step) if isinstance(known, int) else frame.op(node.iter, "sub", limit, number(step))


def _read_for(
    frame: Frame, node: ast.For, found: Sequences, carried: Carried, indexed: dict[int, Value], grown: list[Growth]
) -> _Reading:
    heads = carried.heads()
    b = frame.b
    with b.region() as ops:
        carried.enter(heads)
        params = [b.item(seq, "" if k in indexed else name)
                  for k, (seq, name) in enumerate(zip(found.seqs, found.names, strict=True))]
        items: list[Item] = []
        for k, (seq, param) in enumerate(zip(found.seqs, params, strict=True)):
            if is_tracked(param):
                frame.places.unsure(param, [seq])
            frame.unit.sequences[param] = seq
            items.append(_entry(frame, node, indexed[k], param, found.names[k]) if k in indexed else param)
        assign(frame, node.target, found.pick(items))
        _body(frame, node)
        collect(frame, grown)
        carried.close()
    return _Reading([heads], [ops], params)


def _entry(frame: Frame, node: ast.For, array: Value, index: Value, name: str) -> Value:
    """The row of this trip, of the array as it is now."""
    value = frame.op(node.iter, "get", array, index, index="@", form=AGAIN)
    name_value(value, name)
    return value


def _arrays(found: Sequences, indexed: dict[int, Value]) -> list[int]:
    """The sequences that are arrays and not read by index."""
    return [k for k, seq in enumerate(found.seqs) if k not in indexed and isinstance(seq.type, Array)]


def _written(frame: Frame, found: Sequences, carried: Carried, indexed: dict[int, Value]) -> list[int]:
    """The sequences that the body writes: they have to be read by index."""
    written = carried.written()
    return [k for k in _arrays(found, indexed) if frame.places.root(found.seqs[k]) in written]


# --- while


@statement(ast.While)
def _while(frame: Frame, node: ast.While) -> None:
    names = _names(frame, node)
    while True:
        try:
            _repeated(frame, node, names)
            return
        except MoreCarried as more:
            names = [*names, *more.names]


def _repeated(frame: Frame, node: ast.While, names: list[str]) -> None:
    dissolve_short(frame, node)
    grown = growths(frame, node)
    before = dict(frame.env)
    enter(frame, grown)
    try:
        _collecting_while(frame, node, Carried(frame, node, names, frame.live.head(node)), grown, before)
    except BaseException:
        frame.env = before
        raise


def _collecting_while(
    frame: Frame, node: ast.While, carried: Carried, grown: list[Growth], before: dict[str, Item]
) -> None:
    reading = _settle(frame, node, carried, lambda: _read_while(frame, node, carried, grown))
    if reading.truth is None:
        frame.env, frame.places.state = before, carried.state
        return

    def emit(starts: list[Value], results: list[Value], blocks: list[Block]) -> None:
        attrs = {"exits": True} if stop_of(node) else {}
        frame.call(node, Builder.structured, WHILE, starts, results, blocks, **attrs)

    _finish(frame, node, carried, reading, emit, grown)


def _read_while(frame: Frame, node: ast.While, carried: Carried, grown: list[Growth]) -> _Reading:
    """The test and the body; no truth if the loop makes no trip at all."""
    b, heads = frame.b, [carried.heads(), carried.heads()]
    with b.region() as tested:
        carried.enter(heads[0])
        versions = dict(frame.places.state.versions)
        goes_on = condition(frame, node.test)
        if frame.places.state.versions != versions:
            raise frame.unsupported(node.test, "a condition that writes into an array", "write in the body")
    if goes_on is True:
        if not stop_of(node):
            hint = "write the condition under which the loop goes on, or `break`"
            raise frame.unsupported(node.test, "a loop that never ends", hint)
        goes_on = number(True)
    if goes_on is False:
        carried.names, carried.slots = [], {}
        return _Reading(heads, [], [])
    with b.region() as ops:
        carried.enter(heads[1])
        _body(frame, node)
        collect(frame, grown)
        carried.close()
    assert isinstance(goes_on, Value)
    return _Reading(heads, [tested, ops], [], goes_on)
