"""Which expressions may be written more than once: shapes, ranges and counters' arithmetic, as a person repeats them.

``len(x)`` and ``i - 1`` are written again at each use if the names in them keep their meaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set

from srcdiff.ir.core import Constant, Function, Loop, Op, Value
from srcdiff.ir.dims import Dim, Facts
from srcdiff.ir.index import Index
from srcdiff.ir.types import Array, List, Scalar

SHAPES = frozenset({"dim", "ndim", "size"})
ARITHMETIC = frozenset({"add", "sub", "mul", "floordiv", "neg"})
LONGEST = 2  # operations in an expression that is written again


class Stable:
    """unsure: values whose shape must be read while they are alive themselves."""

    def __init__(self, function: Function, index: Index, unsure: Set[Value] = frozenset()) -> None:
        self.index = index
        self._unsure = unsure
        self._facts = Facts(function.facts)
        self._hints: Counter[str] = Counter(value.name for value in function.params)
        self._items: set[Value] = set()
        for op in function.body.walk():
            if op.blocks:
                if op.attrs.get("seqs"):
                    self._items.update(Loop.of(op).items)
            elif op.kind.updates is None:
                self._hints.update(value.name for value in op.results)

    def repeatable(self, op: Op) -> int | None:
        """The number of operations in the text of an op that may be written more than once; None if it may not."""
        if op.blocks or len(op.results) != 1 or op.result.name:
            return None
        if op.name in SHAPES:
            return 1 if self.keeps_shape(op.inputs[0]) or self.keeps_name(op.inputs[0]) else None
        if not self._is_int(op.result) and op.name != "range":
            return None
        if op.name != "range" and op.name not in ARITHMETIC:
            return None
        sizes = [self._operand(value) for value in op.inputs]
        if any(size is None for size in sizes):
            return None
        total = sum(size or 0 for size in sizes) + (op.name != "range")
        return total if total <= LONGEST else None

    def _is_int(self, value: Value) -> bool:
        type_ = value.type
        return isinstance(type_, Scalar) and type_.strength == "python" and type_.dtype == "i64"

    def _operand(self, value: Value) -> int | None:
        if isinstance(value, Constant):
            return 0
        made = self.index.definitions.get(value)
        inner = None if made is None else self.repeatable(made)
        if inner is not None:
            return inner
        return 0 if self.keeps_name(value) else None

    def shape(self, value: Value) -> tuple[str | None, tuple[Dim, ...]] | None:
        """The dtype and the dims of an array, in normal form; None if they are not known."""
        type_ = value.type
        if not isinstance(type_, Array) or type_.dims is None or any(dim.changes for dim in type_.dims):
            return None
        return type_.dtype, tuple(map(self._facts.normal, type_.dims))

    def keeps_shape(self, value: Value) -> bool:
        """Whether the shape of a value may be read at any time under its name (names check that nothing of another
        shape has it)."""
        return value not in self._unsure and self.shape(value) is not None

    def keeps_name(self, value: Value) -> bool:
        """Whether nothing else gets the name of a value after it."""
        others = self._hints[value.name] - (value not in self._items)
        if others > 0 and value.name:
            return False
        made = self.index.definitions.get(value)
        if made is None and value not in self._items and self.index.homes[value] is not self.index.function.body:
            return isinstance(value.type, (Array, List))
        return made is None or not made.blocks or isinstance(value.type, (Array, List))
