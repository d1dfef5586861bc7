"""Takes shapes from values that have a name.

Before::

    t = add(u, v)                 # a part of a statement, without a name
    g = div(1, size(t))
    u_bar = zeros_like(t)

After::

    g = div(1, dim(x))            # x: an argument or a variable of the same length
    u_bar = zeros_like(x)

An expression that is asked for its shape would otherwise be taken out of the author's statement for that alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from srcdiff.ir.build import Rebuild
from srcdiff.ir.core import Block, Function, Op, Value, surely_there
from srcdiff.ir.types import Array

LENGTHS = frozenset({"dim", "size", "ndim"})


def use_named_witnesses(function: Function) -> Function:
    return _Witnesses(function).run()


class _Witnesses(Rebuild):
    def __init__(self, function: Function) -> None:
        super().__init__(function)
        self.known: list[list[Value]] = [list(function.params)]

    def block(self, block: Block) -> Block:
        self.known.append([param for param in block.params if param.name])
        try:
            return super().block(block)
        finally:
            self.known.pop()

    def step(self, op: Op) -> None:
        super().step(op)
        if op.why == "":
            self.known[-1].extend(result for result in surely_there(op) if result.name)

    def visit(self, op: Op) -> Sequence[Value] | None:
        if not op.kind.shape_only or op.why == "":
            return None
        inputs = list(self.get_all(op.inputs))
        for k in op.kind.shape_only:
            if not inputs[k].name or self._is_derived(inputs[k]):
                inputs[k] = self._better(op, inputs[k])
        if inputs == list(self.get_all(op.inputs)) or op.name == "size":
            return self._length(op, inputs)
        return (self.b.op(op.kind, *inputs, hint=op.result.name, **op.attrs),)

    def _is_derived(self, value: Value) -> bool:
        made = self.b.definitions.get(value)
        return made is not None and made.why != ""

    def _length(self, op: Op, inputs: Sequence[Value]) -> Sequence[Value] | None:
        """The size of an array of one axis is its length."""
        type_ = inputs[0].type
        if op.name == "size" and isinstance(type_, Array) and type_.rank == 1:
            return (self.b.op("dim", inputs[0], axis=0),)
        return None if inputs == list(op.inputs) else (self.b.op(op.kind, *inputs, hint=op.result.name, **op.attrs),)

    def _better(self, op: Op, value: Value) -> Value:
        """A named value of the same shape (and dtype, where that counts), or what the value was computed from."""
        dtype = op.name not in LENGTHS
        for scope in reversed(self.known):
            for other in scope:
                if self._same(other, value, dtype):
                    return other
        while (source := self._source(value, dtype)) is not None:
            value = source
        return value

    def _source(self, value: Value, dtype: bool) -> Value | None:
        made = self.b.definitions.get(value)
        operands = () if made is None or made.blocks or made.kind.effect else made.inputs
        return next((operand for operand in operands if self._same(operand, value, dtype)), None)

    def _same(self, left: Value, right: Value, dtype: bool) -> bool:
        a, b = left.type, right.type
        if not isinstance(a, Array) or not isinstance(b, Array) or a.dims is None or b.dims is None:
            return False
        if len(a.dims) != len(b.dims) or (dtype and (a.dtype != b.dtype or a.dtype is None)):
            return False
        return all(self.b.typing.facts.equal(m, n) for m, n in zip(a.dims, b.dims, strict=True))
