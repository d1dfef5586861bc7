"""Forward mode: every active value gets a tangent beside it, in the author's order.

Before::

    def f(x: float) -> (float):
        y = sin(x)

After::

    def f_jvp(x: float, x_dot: float) -> (float, float):
        y = sin(x)
        y_dot = mul(cos(x), x_dot)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from srcdiff.ir.build import Builder
from srcdiff.ir.core import IF, Block, Function, Loop, Op, Value, hole, is_hole, name_value
from srcdiff.ir.dims import Fact
from srcdiff.ir.opdef import TypingError
from srcdiff.ir.types import cotangent_type

from .adjoints import Witness, as_kind_of
from .reverse import NoDerivative


@dataclass(frozen=True)
class Pushed:
    """ops: primal and tangent ops; tangents: one for each result of the function."""

    ops: tuple[Op, ...]
    tangents: tuple[Value, ...]
    facts: tuple[Fact, ...]


def forward(function: Function, tangents: Mapping[Value, Value], active: set[Value]) -> Pushed:
    """Differentiate the results of ``function`` along tangents of some of its parameters.

    tangents: parameter -> its tangent (a value in scope of the new body); active: the values that depend on these
    parameters. Raises NoDerivative where an active op has no rule.
    """
    b = Builder.of(function)
    push = _Forward(b, function, active)
    push.dots.update(tangents)
    with b.region() as ops:
        push.push(function.body.ops)
        with b.at(why="tangent"):
            results = tuple(as_kind_of(b, value, push.finish(value)) for value in function.body.results)
    return Pushed(tuple(ops), results, b.facts)


class _Forward:
    def __init__(self, b: Builder, function: Function, active: set[Value]) -> None:
        self.b = b
        self.active = active
        self.dots: dict[Value, Value] = {}
        self.witness = Witness(b, function)

    def finish(self, primal: Value) -> Value:
        """The tangent of a value: zeros where it has none."""
        if primal in self.dots:
            return self.dots[primal]
        return self.witness.zero(primal)

    def push(self, ops: Sequence[Op]) -> None:
        for op in ops:
            if not any(result in self.active for result in op.results):
                self.b.emit(op)
            elif op.kind is IF:
                self._branch(op)
            elif op.blocks:
                self._loop(op)
            else:
                self._plain(op)

    def _plain(self, op: Op) -> None:
        self.b.emit(op)
        dots = tuple(self.dots.get(value) for value in op.inputs)
        if op.kind.constant or not any(dots):
            return
        if op.kind.jvp is None:
            raise NoDerivative(op)
        with self.b.at(op.stmt, op.loc, "tangent"):
            try:
                found = op.kind.jvp(self.b, op, dots)
            except TypingError as problem:
                raise NoDerivative(op, problem) from None
            for result, dot in zip(op.results, found, strict=True):
                if dot is not None:
                    self._name(result, dot)

    def _name(self, primal: Value, dot: Value) -> None:
        if primal.name:
            name_value(dot, f"{primal.name}_dot")
        self.dots[primal] = dot

    def _dot_param(self, primal: Value) -> Value:
        dot = Value(cotangent_type(primal.type), f"{primal.name}_dot" if primal.name else "")
        self.dots[primal] = dot
        return dot

    def _branch(self, op: Op) -> None:
        positions = [k for k, result in enumerate(op.results) if result in self.active]
        blocks = []
        for block in op.blocks:
            with self.b.region() as ops:
                self.push(block.ops)
                dots = [self._yield(block.results[k]) for k in positions]
            blocks.append(Block((), tuple(ops), (*block.results, *dots)))
        results = [self._dot_param(op.results[k]) for k in positions]
        self.b.emit(replace(op, results=(*op.results, *results), blocks=tuple(blocks)))

    def _yield(self, value: Value) -> Value:
        return hole(cotangent_type(value.type)) if is_hole(value) else self.finish(value)

    def _loop(self, op: Op) -> None:
        loop = Loop.of(op)
        items = [k for k, seq in enumerate(loop.seqs) if seq in self.dots]
        carried = [k for k, param in enumerate(loop.carried_params) if param in self.active]
        outs = [k for k, out in enumerate(loop.outs) if out in self.active]
        init = [self._initial(loop, k) for k in carried]
        body, item_dots, carried_dots = self._loop_body(loop, items, carried, outs)
        test = self._test(op, loop, carried)
        inputs = (*loop.seqs, *(self.dots[loop.seqs[k]] for k in items), *loop.init, *init)
        carried_results = [self._dot_param(loop.carried_results[k]) for k in carried]
        stacks = [self._dot_param(loop.stacks[k]) for k in outs]
        results = (*loop.carried_results, *carried_results, *loop.stacks, *stacks)
        attrs = {**op.attrs, "seqs": op.attrs["seqs"] + len(items)} if "seqs" in op.attrs else op.attrs
        self.b.emit(replace(op, inputs=inputs, results=results, attrs=attrs, blocks=(*test, body)))

    def _initial(self, loop: Loop, k: int) -> Value:
        init = loop.init[k]
        return hole(cotangent_type(loop.carried_params[k].type)) if is_hole(init) else self.finish(init)

    def _loop_body(
        self, loop: Loop, items: Sequence[int], carried: Sequence[int], outs: Sequence[int]
    ) -> tuple[Block, list[Value], list[Value]]:
        item_dots = [self._dot_param(loop.items[k]) for k in items]
        carried_dots = [self._dot_param(loop.carried_params[k]) for k in carried]
        with self.b.region() as ops:
            self.push(loop.body.ops)
            yields = [self._yield(loop.carried_yields[k]) for k in carried]
            out_dots = [self._yield(loop.outs[k]) for k in outs]
        params = (*loop.items, *item_dots, *loop.carried_params, *carried_dots)
        results = (*loop.carried_yields, *yields, *loop.outs, *out_dots)
        return Block(params, tuple(ops), results), item_dots, carried_dots

    def _test(self, op: Op, loop: Loop, carried: Sequence[int]) -> tuple[Block, ...]:
        """The condition block of a while loop: it meets the tangents and does not read them."""
        if len(op.blocks) == 1:
            return ()
        test = op.blocks[0]
        heads = [Value(self.dots[loop.carried_params[k]].type) for k in carried]
        return (replace(test, params=(*test.params, *heads)),)


