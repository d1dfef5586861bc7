"""The versions of an array in a region: the chain of writes, loops and branches that leads from one to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from srcdiff.ir.core import IF, Loop, Op, Value
from srcdiff.ir.opdef import OPS, Typing, TypingError
from srcdiff.ir.types import Type
from srcdiff.rules.regions import place


@dataclass(frozen=True)
class Chain:
    """The steps from ``start`` to the last version; versions: those of this region and of the ones inside."""

    start: Value
    steps: tuple[Step, ...]
    versions: frozenset[Value]

    def position(self, version: Value, default: int) -> int:
        """How many steps lead to a version of this level (``default`` for one of another level)."""
        if version is self.start:
            return 0
        return next((k + 1 for k, step in enumerate(self.steps) if step.after is version), default)

    def cells(self) -> Iterator[tuple[Op, Type]]:
        """Every write in the chain, and the type of the cells that it destroys."""
        for step in self.steps:
            for chain in step.chains:
                yield from chain.cells()
            if not step.chains:
                yield step.op, _cell_type(step.op)


@dataclass(frozen=True)
class Step:
    """One op that makes a new version: a write, a loop that carries the array at ``place``, a branch.

    chains: of the loop's body, or of the two sides of the branch.
    """

    op: Op
    before: Value
    after: Value
    inside: Chain | None = None
    place: int = 0
    sides: tuple[Chain, ...] = ()

    @property
    def chains(self) -> tuple[Chain, ...]:
        return self.sides or (() if self.inside is None else (self.inside,))


def chain_of(ops: Sequence[Op], start: Value, end: Value) -> Chain | None:
    """The chain from ``start`` to ``end`` through the ops of one region, None if something else makes ``end``."""
    current = start
    steps: list[Step] = []
    for op in ops:
        step = _step(op, current)
        if step is not None:
            steps.append(step)
            current = step.after
    if current is not end:
        return None
    inner = [chain.versions for step in steps for chain in step.chains]
    versions = frozenset({start, *(step.after for step in steps)}).union(*inner)
    return Chain(start, tuple(steps), versions)


def _step(op: Op, current: Value) -> Step | None:
    if op.kind.updates is not None:
        return Step(op, current, op.results[0]) if op.inputs[op.kind.updates] is current else None
    if op.kind is IF:
        return _branch_step(op, current)
    return _loop_step(op, current) if op.blocks else None


def _loop_step(op: Op, current: Value) -> Step | None:
    loop = Loop.of(op)
    for k, init in enumerate(loop.init):
        if init is not current:
            continue
        chain = chain_of(loop.body.ops, loop.carried_params[k], loop.carried_yields[k])
        if chain is not None and chain.steps:
            return Step(op, current, loop.carried_results[k], chain, k)
    return None


def _branch_step(op: Op, current: Value) -> Step | None:
    """A branch that yields the array, written by plain writes on one side or both."""
    for k, result in enumerate(op.results):
        if result.type != current.type:
            continue
        sides = [chain_of(block.ops, current, block.results[k]) for block in op.blocks]
        if all(side is not None and not any(step.chains for step in side.steps) for side in sides):
            return Step(op, current, result, sides=tuple(side for side in sides if side is not None))
    return None


def _cell_type(op: Op) -> Type:
    try:
        (type_,) = _get_types(op)
    except TypingError:
        return op.inputs[0].type
    return type_


def _get_types(op: Op) -> tuple[Type, ...]:
    types = [op.inputs[0].type, *(value.type for value in op.inputs[2:])]
    return OPS["get"].infer(Typing(), types, place(op.attrs))
