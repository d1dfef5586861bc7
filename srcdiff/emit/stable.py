"""Which expressions may be written more than once: shapes, ranges and counters' arithmetic, as a person repeats them.

``len(x)`` and ``i - 1`` are written again at each use if the names in them keep their meaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set
from typing import Any

from srcdiff.ir.core import Constant, Function, Loop, Op, Value
from srcdiff.ir.dims import Dim, Facts
from srcdiff.ir.types import Array, List, Scalar

from .index import Index

SHAPES = frozenset({"dim", "ndim", "size"})
ARITHMETIC = frozenset({"add", "sub", "mul", "floordiv", "neg"})
LONGEST = 2  # operations in an expression that is written again


class Stable:
    """unsure: values whose shape must be read while they are alive themselves."""

    def __init__(self, function: Function, index: Index, unsure: Set[Value] = frozenset()) -> None:
        self.index = index
        self._unsure = unsure
        self._facts = Facts(function.facts)
        self._dims: dict[str, Any] = {}
        for value in [*function.params, *(v for op in function.body.walk() for v in _values(op))]:
            self._note_dims(value)
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

    def _note_dims(self, value: Value) -> None:
        """The dims that all values of one name have; None if they differ or are not known."""
        if value.name and self._dims.setdefault(value.name, self.dims(value)) != self.dims(value):
            self._dims[value.name] = None

    def dims(self, value: Value) -> tuple[Dim, ...] | None:
        """The dims of an array, in normal form."""
        dims = value.type.dims if isinstance(value.type, Array) else None
        return None if dims is None else tuple(map(self._facts.normal, dims))

    def keeps_shape(self, value: Value) -> bool:
        """Whether everything that has the name of a value has its shape, so that the shape can be read at any time."""
        return value not in self._unsure and self._dims.get(value.name) is not None

    def keeps_name(self, value: Value) -> bool:
        """Whether nothing else gets the name of a value after it."""
        others = self._hints[value.name] - (value not in self._items)
        if others > 0 and value.name:
            return False
        made = self.index.definitions.get(value)
        if made is None and value not in self._items and self.index.homes[value] is not self.index.function.body:
            return isinstance(value.type, (Array, List))
        return made is None or not made.blocks or isinstance(value.type, (Array, List))


def _values(op: Op) -> Iterator[Value]:
    yield from op.results
    for block in op.blocks:
        yield from block.params
