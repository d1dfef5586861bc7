"""Adjoint arrays that grow are added to, not made anew; ``inplace`` takes back what may not be destroyed.

Before::

    t = add(x_bar, g)
    x_bar2 = add(t, h)          # named x_bar too

After::

    r = add(g, h)
    x_bar2 = add_at(x_bar, r, index="...")
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from srcdiff.ir.build import Rebuild
from srcdiff.ir.core import Constant, Function, Op, Value
from srcdiff.ir.types import Array
from srcdiff.rules.shapes import same_dims


def accumulate(function: Function) -> Function:
    return _Accumulate(function).run()


class _Accumulate(Rebuild):
    def __init__(self, function: Function) -> None:
        super().__init__(function)
        blocks = [function.body, *(block for op in function.body.walk() for block in op.blocks)]
        self.uses = Counter(v for block in blocks for v in block.results)
        self.uses.update(v for op in function.body.walk() for v in op.inputs)

    def visit(self, op: Op) -> Sequence[Value] | None:
        if op.name not in ("add", "sub") or not op.why or not isinstance(op.result.type, Array):
            return None
        first, rest = self._terms(op)
        if self._grows(first, op.result):
            added = rest[0]
            for term in rest[1:]:
                added = self.b.op("add", added, term)
            return (self._added(first, added, op.result),)
        left, right = self.get_all(op.inputs)
        if op.name == "add" and self._grows(right, op.result):
            return (self._added(right, left, op.result),)
        return None

    def _terms(self, op: Op) -> tuple[Value, list[Value]]:
        """``((x + a) + b) - c`` as x and [a, b, -c]."""
        rest: list[Value] = []
        while True:
            left, right = self.get_all(op.inputs)
            rest.append(right if op.name == "add" else self.b.op("neg", right))
            made = self.b.definitions.get(left)
            if made is None or made.name not in ("add", "sub") or not made.why or left.name or self.uses[left] != 1:
                return left, rest[::-1]
            op = made

    def _grows(self, value: Value, result: Value) -> bool:
        """Whether a value is the accumulator that ``result`` is the next version of."""
        old, new = value.type, result.type
        if isinstance(value, Constant) or not value.name or value.name != result.name:
            return False
        if not isinstance(old, Array) or not isinstance(new, Array) or not old.dims or old.dtype != new.dtype:
            return False
        return old.dtype is not None and same_dims(self.b.typing, old.dims, new.dims)

    def _added(self, accumulator: Value, added: Value, result: Value) -> Value:
        return self.b.op("add_at", accumulator, added, hint=result.name, index="...")
