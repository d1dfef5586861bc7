"""Adjacent branches on one condition become one branch.

Before::

    y, t = if_(c) {t = exp(x); y = t * 2 -> y, t} {-> 0.0, hole}
    x_bar = if_(c) {-> t * g} {-> 0.0}

After::

    y, x_bar = if_(c) {t = exp(x); y = t * 2 -> y, t * g} {-> 0.0, 0.0}

This happens where the backward sweep begins: an early return then returns value and gradient together. Ops in between
must be derived code that does not read the first branch; they move before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcdiff.ir.build import substitute
from srcdiff.ir.core import IF, Block, Function, Op, Value, is_hole

from .dce import has_effect


def merge_branches(function: Function) -> Function:
    return replace(function, body=_block(function.body))


def _block(block: Block) -> Block:
    ops: list[Op] = []
    for op in block.ops:
        op = replace(op, blocks=tuple(map(_block, op.blocks))) if op.blocks else op
        first = _partner(ops, op)
        if first is None:
            ops.append(op)
        else:
            between = ops[first + 1 :]
            merged = _merged(ops[first], op)
            ops[first:] = [*between, merged]
    return Block(block.params, tuple(ops), block.results)


def _partner(ops: Sequence[Op], op: Op) -> int | None:
    """The position of an earlier branch on the same condition that can move down to ``op``."""
    if op.kind is not IF:
        return None
    for position in reversed(range(len(ops))):
        earlier = ops[position]
        if earlier.kind is IF and earlier.inputs == op.inputs:
            made = set(earlier.results)
            between = ops[position + 1 :]
            return position if all(_can_pass(other, made) for other in between) else None
    return None


def _can_pass(op: Op, made: set[Value]) -> bool:
    return op.why != "" and not op.blocks and not has_effect(op) and made.isdisjoint(op.inputs)


def _merged(first: Op, second: Op) -> Op:
    blocks = []
    for before, after in zip(first.blocks, second.blocks, strict=True):
        mapping = dict(zip(first.results, before.results, strict=True))
        known = {result: value for result, value in mapping.items() if not is_hole(value)}
        tail = substitute(after, known)
        blocks.append(Block((), (*before.ops, *tail.ops), (*before.results, *tail.results)))
    return replace(first, results=(*first.results, *second.results), blocks=tuple(blocks))
