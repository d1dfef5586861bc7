"""What a ``for`` runs over: the sequences of the IR loop, and how its items make the author's item."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from srcdiff.ir.core import Value, constant_value
from srcdiff.ir.types import Array, List, Unknown

from .frames import Frame
from .inline import number_or_static
from .items import Container, Item, Iteration, describe, known_int, tuple_of
from .resolve import number

LONGEST = 64
Shape = int | tuple["Shape", ...]


@dataclass(frozen=True, eq=False)
class Source:
    """seqs: sequences that run in lockstep; shape: how the author's item is made of theirs (positions, nested for
    tuples); values: the items themselves where they are dissolved, so that the loop is unrolled."""

    seqs: tuple[Value, ...] = ()
    shape: Shape = 0
    reverse: bool = False
    values: tuple[Item, ...] | None = None

    def item(self, frame: Frame, node: ast.AST, items: Sequence[Value]) -> Item:
        """The author's item of one trip."""
        return _shaped(self.shape, items)

    def known_count(self, frame: Frame) -> int | None:
        """The number of trips, where it is known and small."""
        counts = [known_length(frame, seq) for seq in self.seqs]
        known = [count for count in counts if count is not None]
        return min(known) if len(known) == len(counts) and known and min(known) <= LONGEST else None


def _shaped(shape: Shape, items: Sequence[Value]) -> Item:
    if isinstance(shape, int):
        return items[shape]
    return tuple_of([_shaped(part, items) for part in shape])


def known_length(frame: Frame, seq: Value) -> int | None:
    """The length of a sequence, if it is known at compile time."""
    made = frame.b.definitions.get(seq)
    if made is not None and made.name == "range":
        bounds = [known_int(value) for value in made.inputs]
        return None if None in bounds else len(range(*bounds))  # type: ignore[arg-type]
    if isinstance(seq.type, Array) and seq.type.dims:
        return seq.type.dims[0].value
    return None


def source_of(frame: Frame, node: ast.expr) -> Source:
    """What the iterable of a ``for`` statement is."""
    return _source(frame, node, frame.evaluate(node))


def _source(frame: Frame, node: ast.expr, item: Item) -> Source:
    if isinstance(item, Container):
        return Source(values=tuple(item.items) if item.kind != "dict" else tuple(map(number_or_static, item.keys)))
    if isinstance(item, Iteration):
        return _iteration(frame, node, item)
    if isinstance(item, Value):
        if isinstance(item.type, Unknown):
            hint = "annotate the argument, or give --sig"
            raise frame.refuse(node, "SD011", "a loop over a value of unknown type", "", hint)
        if isinstance(item.type, List) or (isinstance(item.type, Array) and item.type.dims):
            return Source((item,))
    raise frame.unsupported(node, f"a loop over {describe(item)}", "loop over ranges, arrays, lists or tuples")


def _iteration(frame: Frame, node: ast.expr, item: Iteration) -> Source:
    parts = [_source(frame, node, part) for part in item.parts]
    if item.kind == "reversed":
        (only,) = parts
        if only.values is not None:
            return Source(values=only.values[::-1])
        if only.reverse or not isinstance(only.shape, int):
            raise frame.unsupported(node, "`reversed` of this", "loop over `reversed(range(…))` and index")
        return Source(only.seqs, only.shape, True)
    if any(part.values is not None for part in parts):
        return _with_values(frame, node, item, parts)
    if item.kind == "zip":
        return _zipped(frame, node, parts)
    return _enumerated(frame, node, item, parts[0])


def _zipped(frame: Frame, node: ast.expr, parts: Sequence[Source]) -> Source:
    if any(part.reverse for part in parts):
        raise frame.unsupported(node, "`zip` of something reversed", "loop over `reversed(range(…))` and index")
    seqs: list[Value] = []
    shapes: list[Shape] = []
    for part in parts:
        shapes.append(_shifted(part.shape, len(seqs)))
        seqs += part.seqs
    return Source(tuple(seqs), tuple(shapes))


def _enumerated(frame: Frame, node: ast.expr, item: Iteration, part: Source) -> Source:
    if part.reverse:
        raise frame.unsupported(node, "`enumerate` of something reversed", "loop over `reversed(range(…))` and index")
    start = number(0) if item.start is None else item.start
    length = count_of(frame, node, part.seqs[0])
    for seq in part.seqs[1:]:
        other = count_of(frame, node, seq)
        length = frame.op(node, "min_", length, other)
    stop = length if constant_value(start) == 0 else frame.op(node, "add", start, length)
    counter = frame.op(node, "range", start, stop, 1)
    return Source((counter, *part.seqs), (0, _shifted(part.shape, 1)))


def count_of(frame: Frame, node: ast.AST, seq: Value) -> Value:
    """The length of a sequence as a value."""
    if isinstance(seq.type, Array):
        return frame.op(node, "dim", seq, axis=0)
    return frame.op(node, "length", seq)


def _shifted(shape: Shape, by: int) -> Shape:
    return shape + by if isinstance(shape, int) else tuple(_shifted(part, by) for part in shape)


def _with_values(frame: Frame, node: ast.expr, item: Iteration, parts: Sequence[Source]) -> Source:
    """``zip`` and ``enumerate`` where one part is dissolved: all parts are taken apart."""
    lengths = [len(part.values) if part.values is not None else part.known_count(frame) for part in parts]
    if None in lengths and item.kind == "zip":
        known = min(length for length in lengths if length is not None)
        lengths = [known if length is None else length for length in lengths]
    count = min(length for length in lengths if length is not None)
    columns = [
        part.values if part.values is not None else elements(frame, node, part, count) for part in parts
    ]
    if item.kind == "zip":
        return Source(values=tuple(tuple_of(list(row)) for row in zip(*columns, strict=False)))
    start = 0 if item.start is None else known_int(item.start)
    if start is None:
        raise frame.needs_constant(node, item.start or number(0), "where the count starts must be a constant")
    return Source(values=tuple(tuple_of([number(start + k), value]) for k, value in enumerate(columns[0])))


def elements(frame: Frame, node: ast.AST, source: Source, count: int) -> tuple[Item, ...]:
    """The items of a source, one by one."""
    rows = []
    for k in range(count):
        rows.append(_shaped(source.shape, [_element(frame, node, seq, k) for seq in source.seqs]))
    return tuple(rows[::-1] if source.reverse else rows)


def _element(frame: Frame, node: ast.AST, seq: Value, k: int) -> Value:
    made = frame.b.definitions.get(seq)
    if made is not None and made.name == "range":
        start, _, step = (known_int(value) for value in made.inputs)
        if start is not None and step is not None:
            return number(start + k * step)
    return frame.op(node, "get", seq, k, index="@")


