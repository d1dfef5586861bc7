"""Results of regions that can be one: equal ones, and those whose holes complement each other.

Before::

    e, old, old_1 = if_(c) {-> hole, a, hole} {-> b, hole, b}
    kept, kept_1 = for_(r) {... -> old, old_1}

After::

    e = if_(c) {-> a} {-> b}
    kept = for_(r) {... -> e}

A hole is never read, so any value may stand in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcdiff.ir.build import Rebuild
from srcdiff.ir.core import FOR, IF, Block, Function, Loop, Op, Value, is_hole

from .cse import identity


def merge_columns(function: Function) -> Function:
    return _MergeColumns(function).run()


class _MergeColumns(Rebuild):
    def visit(self, op: Op) -> Sequence[Value] | None:
        if op.kind is IF:
            return self._branch(op)
        if op.blocks:
            return self._loop(op)
        return None

    def _branch(self, op: Op) -> Sequence[Value]:
        blocks = [self.block(block) for block in op.blocks]
        columns: list[list[Value]] = []
        results: list[Value] = []
        stands: list[Value] = []
        for k, result in enumerate(op.results):
            column = [block.results[k] for block in blocks]
            place = next((j for j, other in enumerate(columns) if _fit(results[j], result, other, column)), None)
            if place is None:
                columns.append(column)
                results.append(result)
                stands.append(result)
                continue
            columns[place] = [b if is_hole(a) else a for a, b in zip(columns[place], column, strict=True)]
            stands.append(results[place])
        merged = [Block((), b.ops, tuple(c[k] for c in columns)) for k, b in enumerate(blocks)]
        self.b.emit(replace(op, inputs=self.get_all(op.inputs), blocks=tuple(merged), results=tuple(results)))
        return stands

    def _loop(self, op: Op) -> Sequence[Value]:
        loop = Loop.of(op)
        inputs = self.get_all(op.inputs)
        seqs: list[int] = []
        for k, item in enumerate(loop.items):
            twin = next((j for j in seqs if op.why and inputs[j] is inputs[k]), None)
            if twin is None:
                seqs.append(k)
            else:
                self.values[item] = loop.items[twin]
        blocks = [self.block(block) for block in op.blocks]
        outs, stands = self._outs(loop, blocks[-1])
        params = (*(loop.items[k] for k in seqs), *loop.carried_params)
        yields = blocks[-1].results[: len(loop.init)]
        blocks[-1] = replace(blocks[-1], params=params, results=(*yields, *(out for out, _ in outs)))
        attrs = {**op.attrs, "seqs": len(seqs)} if op.kind is FOR else op.attrs
        self.b.emit(
            replace(
                op,
                inputs=(*(inputs[k] for k in seqs), *inputs[len(loop.seqs) :]),
                results=(*loop.carried_results, *(stack for _, stack in outs)),
                blocks=tuple(blocks),
                attrs=attrs,
            )
        )
        return [*loop.carried_results, *stands]

    def _outs(self, loop: Loop, body: Block) -> tuple[list[tuple[Value, Value]], list[Value]]:
        """The distinct outs with their stacks, and what stands for each stack."""
        outs: list[tuple[Value, Value]] = []
        stands: list[Value] = []
        for out, stack in zip(body.results[len(loop.init) :], loop.stacks, strict=True):
            twin = next((s for o, s in outs if identity(o) == identity(out) and s.type == stack.type), None)
            if twin is None:
                outs.append((out, stack))
            stands.append(stack if twin is None else twin)
        return outs, stands


def _fit(left: Value, right: Value, column: Sequence[Value], other: Sequence[Value]) -> bool:
    if left.type != right.type:
        return False
    return all(
        is_hole(a) or is_hole(b) or identity(a) == identity(b) for a, b in zip(column, other, strict=True)
    )
