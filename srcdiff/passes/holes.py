"""What a loop collects must be there in every trip: a hole that would be appended becomes None.

Before::

    e = if_(c) {-> a} {-> hole}         # collected: kept = [e, …]

After::

    e = if_(c) {-> a} {-> None}
"""

from __future__ import annotations

from dataclasses import replace

from srcdiff.ir.core import IF, Block, Constant, Function, Op, Value, is_hole


def fill_holes(function: Function) -> Function:
    """Fill the holes of branches whose results leave the region that they are in. The results mean the same."""
    return replace(function, body=_filled(function.body, set(function.body.results)))


def _filled(block: Block, leaving: set[Value]) -> Block:
    ops: list[Op] = []
    for op in reversed(block.ops):
        blocks = tuple(_filled(inner, _leaving(op, k, leaving)) for k, inner in enumerate(op.blocks))
        if op.kind is IF:
            blocks = tuple(_without_holes(inner, op, leaving) for inner in blocks)
        ops.append(replace(op, blocks=blocks) if blocks else op)
    return replace(block, ops=tuple(reversed(ops)))


def _leaving(op: Op, number: int, leaving: set[Value]) -> set[Value]:
    """The results of a block that are read without the condition under which they are there."""
    inner = op.blocks[number]
    if op.kind is IF:
        return {v for v, r in zip(inner.results, op.results, strict=True) if r in leaving}
    return set(inner.results) if number == len(op.blocks) - 1 else set()


def _without_holes(block: Block, op: Op, leaving: set[Value]) -> Block:
    results = tuple(
        Constant(value.type, "", None) if is_hole(value) and result in leaving else value
        for value, result in zip(block.results, op.results, strict=True)
    )
    return replace(block, results=results)
