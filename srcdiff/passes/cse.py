"""Common subexpressions: the same pure op on the same values is computed once.

Before::

    a = exp(z)
    b = exp(z)
    y = mul(a, b)

After::

    a = exp(z)
    y = mul(a, a)

An op is known in the blocks inside its own, so nothing moves out of its guard. Versions of an array are different
values, so a read never crosses a write. Allocations are not merged: each may be written.
"""

from __future__ import annotations

from collections.abc import Sequence

from srcdiff.ir.build import Rebuild
from srcdiff.ir.core import Block, Constant, Function, Op, Value

ALLOCATING = frozenset(
    "zeros ones empty full zeros_like ones_like empty_like full_like eye copy array list_zeros zeros_if_there".split()
)
COMMUTATIVE = frozenset({"add", "mul"})


def eliminate_common_subexpressions(function: Function) -> Function:
    return _CommonSubexpressions(function).run()


class _CommonSubexpressions(Rebuild):
    def __init__(self, function: Function) -> None:
        super().__init__(function)
        self.scopes: list[dict[object, tuple[Value, ...]]] = []

    def block(self, block: Block) -> Block:
        self.scopes.append({})
        try:
            return super().block(block)
        finally:
            self.scopes.pop()

    def visit(self, op: Op) -> Sequence[Value] | None:
        if op.blocks or op.kind.effect or op.name in ALLOCATING or not op.results:
            return None
        key = self._key(op)
        for scope in reversed(self.scopes):
            if key in scope:
                return scope[key]
        self.scopes[-1][key] = self.copy(op)
        return op.results

    def _key(self, op: Op) -> object:
        inputs = tuple(identity(self.get(value)) for value in op.inputs)
        either_way = op.name in COMMUTATIVE and len(set(inputs)) == 2
        return op.name, frozenset(inputs) if either_way else inputs, repr(sorted(op.attrs.items()))


def identity(value: Value) -> object:
    """What makes two operands the same: the number and its type for constants, else the value itself."""
    return (type(value.value), repr(value.value)) if isinstance(value, Constant) else value
