"""Types again, as narrow as they have become.

A derivative transform declares what its regions carry with open types (``float | f64``); when all is built and
simplified, the operands say more.

Before::

    a_bar: float | f64 = if_(c) {-> 0.0} {-> mul(g, x)}        # g, x: float
    r = float_(a_bar)

After::

    a_bar: float = if_(c) {-> 0.0} {-> mul(g, x)}
    r = float_(a_bar)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcdiff.ir.build import Rebuild, item_type
from srcdiff.ir.core import IF, Block, Constant, Function, Loop, Op, Value, is_hole
from srcdiff.ir.opdef import TypingError
from srcdiff.ir.types import List, Scalar, Type, TypeJoinError, join, without_value


def narrow_types(function: Function) -> Function:
    return _Retype(function).run()


class _Retype(Rebuild):
    def visit(self, op: Op) -> Sequence[Value] | None:
        if op.kind is IF:
            return self._branch(op)
        if op.blocks:
            return self._loop(op)
        if op.why == "" or not op.results:
            return None
        inputs = self.get_all(op.inputs)
        if inputs == op.inputs:
            return None
        try:
            types = op.kind.infer(self.b.typing, [value.type for value in inputs], op.attrs)
        except TypingError:
            return None
        results = tuple(_narrowed(value, type_) for value, type_ in zip(op.results, types, strict=True))
        self.b.emit(replace(op, inputs=inputs, results=results))
        return results

    def _branch(self, op: Op) -> Sequence[Value]:
        blocks = tuple(self.block(block) for block in op.blocks)
        results = []
        for k, result in enumerate(op.results):
            sides = [block.results[k] for block in blocks if not is_hole(block.results[k])]
            results.append(_narrowed(result, self._joined([v.type for v in sides], result.type)))
        self.b.emit(replace(op, inputs=self.get_all(op.inputs), blocks=blocks, results=tuple(results)))
        return results

    def _loop(self, op: Op) -> Sequence[Value]:
        loop = Loop.of(op)
        inputs = self.get_all(op.inputs)
        init = inputs[len(loop.seqs) :]
        types = [self._start(value, param) for value, param in zip(init, loop.carried_params, strict=True)]
        for _ in range(4):
            blocks, params = self._bodies(op, loop, inputs, types)
            grown = [
                t if is_hole(y) else self._joined([t, y.type], p.type)
                for t, y, p in zip(types, blocks[-1].results, loop.carried_params, strict=False)
            ]
            if grown == types:
                break
            types = grown
        else:
            blocks, params = self._bodies(op, loop, inputs, [p.type for p in loop.carried_params])
        outs = blocks[-1].results[len(init) :]
        carried = [_narrowed(r, p.type) for r, p in zip(loop.carried_results, params, strict=True)]
        stacks = [_narrowed(r, List(without_value(o.type), getattr(r.type, "length", None)))
                  for r, o in zip(loop.stacks, outs, strict=True)]
        self.b.emit(replace(op, inputs=inputs, blocks=blocks, results=(*carried, *stacks)))
        return [*carried, *stacks]

    def _start(self, init: Value, param: Value) -> Type:
        if not isinstance(param.type, Scalar):
            return param.type
        return param.type if is_hole(init) else without_value(self._joined([init.type], param.type))

    def _bodies(
        self, op: Op, loop: Loop, inputs: Sequence[Value], types: Sequence[Type]
    ) -> tuple[tuple[Block, ...], list[Value]]:
        items = [self._item(seq, item) for seq, item in zip(inputs, loop.items, strict=False)]
        blocks = []
        params: list[Value] = []
        for block in op.blocks:
            heads = block.params[len(loop.seqs) :] if block is op.blocks[-1] else block.params
            params = [_narrowed(param, type_) for param, type_ in zip(heads, types, strict=True)]
            self.values.update(zip(heads, params, strict=True))
            if block is op.blocks[-1]:
                self.values.update(zip(loop.items, items, strict=True))
            rebuilt = self.block(block)
            blocks.append(replace(rebuilt, params=(*(items if block is op.blocks[-1] else []), *params)))
        return tuple(blocks), params

    def _item(self, seq: Value, item: Value) -> Value:
        if isinstance(item.type, Scalar) and item.type.value is not None:
            return item
        return _narrowed(item, without_value(item_type(seq.type))) if isinstance(seq.type, List) else item

    def _joined(self, types: Sequence[Type], declared: Type) -> Type:
        """The join of number types; anything else keeps its declared type."""
        try:
            result = types[0]
            for type_ in types[1:]:
                result = join(result, type_, self.b.typing.facts)
        except (TypeJoinError, IndexError):
            return declared
        both = isinstance(result, Scalar) and isinstance(declared, Scalar)
        return without_value(result) if both and not _is_int(result) else declared


def _is_int(type_: Type) -> bool:
    return isinstance(type_, Scalar) and type_.dtype[0] in "biu"


def _narrowed(value: Value, type_: Type) -> Value:
    if value.type == type_ or isinstance(value, Constant):
        return value
    if isinstance(type_, List) != isinstance(value.type, List):
        return value
    return replace(value, type=type_)
