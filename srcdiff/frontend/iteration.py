"""What a ``for`` loop runs over: sequences of run-time length in lockstep, or items that are known one by one.

``zip``, ``enumerate`` and ``reversed`` are taken apart into the sequences of ``for_``; how the author wrote them is
kept as a text, in which ``{0}`` is the first sequence.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import product

from srcdiff.ir.core import Constant, Value, name_value
from srcdiff.ir.dims import Dim
from srcdiff.ir.types import Array, List, Unknown

from .frames import Frame
from .items import Container, Item, Iteration, Static, describe, known_int, tuple_of
from .resolve import number, of_constant

UNROLL_LIMIT = 64


@dataclass
class Sequences:
    """The sequences of a loop. names: of their items; pick: the item of a trip, from the items of the sequences;
    spelling: the author's text, where it is more than the sequence; sources: the expressions of the sequences."""

    seqs: list[Value] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    sources: list[ast.expr | None] = field(default_factory=list)
    reverse: bool = False
    spelling: str = ""
    pick: Callable[[Sequence[Item]], Item] = lambda items: items[0]

    def add(self, seq: Value, target: ast.expr | None, source: ast.expr | None) -> int:
        self.seqs.append(seq)
        self.names.append(target.id if isinstance(target, ast.Name) else "")
        self.sources.append(source)
        return len(self.seqs) - 1


Pick = Callable[[Sequence[Item]], Item]


def sequences(frame: Frame, node: ast.For, item: Item) -> Sequences:
    """The sequences that an iterable stands for."""
    found = Sequences()
    target, source = node.target, node.iter
    if isinstance(item, Iteration) and item.kind == "reversed" and isinstance(item.parts[0], Value):
        found.reverse, item = True, item.parts[0]
        source = source.args[0] if isinstance(source, ast.Call) and source.args else source
    if isinstance(item, Iteration) and item.kind == "reversed" and _is_all(item.parts[0]):
        assert isinstance(item.parts[0], Iteration)
        found.reverse, item, source = True, item.parts[0], None
    text, found.pick = _add(frame, node.iter, item, target, source, found)
    if text != "{0}":
        found.spelling = text
    return found


def _add(
    frame: Frame, node: ast.expr, item: Item, target: ast.expr | None, source: ast.expr | None, found: Sequences
) -> tuple[str, Pick]:
    """The text of an iterable, and how its item is picked."""
    if isinstance(item, Value):
        _check(frame, node, item)
        place = found.add(item, target, source)
        return f"{{{place}}}", lambda items: items[place]
    if isinstance(item, Iteration) and item.kind == "zip":
        return _add_zip(frame, node, item, target, source, found)
    if isinstance(item, Iteration) and item.kind == "enumerate":
        return _add_enumerate(frame, node, item, target, source, found)
    if isinstance(item, Iteration) and item.kind == "all":
        return _add(frame, node, item.parts[0], target, _arguments(source, 1)[0], found)
    if isinstance(item, Iteration) and item.kind == "ndindex":
        return _add_ndindex(frame, node, item, target, found)
    if isinstance(item, Iteration) and isinstance(item.parts[0], Value):
        _check(frame, node, item.parts[0])
        place = found.add(frame.op(node, "get", item.parts[0], number(-1), index="::@"), target, None)
        return f"{{{place}}}", lambda items: items[place]
    hint = "run over arrays, or over containers, but not over both in one loop"
    raise frame.unsupported(node, "a loop over this", hint, f"this is {describe(item)}")


def _add_zip(
    frame: Frame, node: ast.expr, item: Iteration, target: ast.expr | None, source: ast.expr | None, found: Sequences
) -> tuple[str, Pick]:
    targets = _parts_of(target, len(item.parts))
    sources = _arguments(source, len(item.parts))
    parts = [_add(frame, node, *part, found) for part in zip(item.parts, targets, sources, strict=True)]
    picks = [pick for _, pick in parts]
    text = f"zip({', '.join(text for text, _ in parts)})"
    return text, lambda items: tuple_of([pick(items) for pick in picks])


def _add_enumerate(
    frame: Frame, node: ast.expr, item: Iteration, target: ast.expr | None, source: ast.expr | None, found: Sequences
) -> tuple[str, Pick]:
    """The counter is a range as long as the first sequence."""
    targets = _parts_of(target, 2)
    place = found.add(number(0), targets[0], None)
    text, pick = _add(frame, node, item.parts[0], targets[1], _arguments(source, 1)[0], found)
    assert item.start is not None
    length = _length(frame, node, found.seqs[place + 1])
    at_zero = isinstance(item.start, Constant) and item.start.value == 0
    stop = length if at_zero else frame.op(node, "add", item.start, length)
    found.seqs[place] = frame.op(node, "range", item.start, stop, number(1))
    text = f"enumerate({text})" if at_zero else f"zip({{{place}}}, {text})"
    return text, lambda items: tuple_of([items[place], pick(items)])


def _add_ndindex(
    frame: Frame, node: ast.expr, item: Iteration, target: ast.expr | None, found: Sequences
) -> tuple[str, Pick]:
    """``np.ndindex(n, m)``: a counter over all cells, from which the indices are computed."""
    sizes = [part for part in item.parts if isinstance(part, Value)]
    total = reduce(lambda left, right: frame.op(node, "mul", left, right), sizes)
    place = found.add(frame.op(node, "range", number(0), total, number(1)), None, None)
    targets = _parts_of(target, len(sizes))

    def pick(items: Sequence[Item]) -> Item:
        rest, indices = items[place], list[Item]()
        for size, part in zip(sizes[:0:-1], targets[:0:-1], strict=True):
            indices.append(_named(frame.op(node, "mod", rest, size), part))
            rest = frame.op(node, "floordiv", rest, size)
        assert isinstance(rest, Value)
        return tuple_of([_named(rest, targets[0]), *indices[::-1]])

    return f"{{{place}}}", pick


def _named(value: Value, target: ast.expr | None) -> Value:
    name_value(value, target.id if isinstance(target, ast.Name) else "")
    return value


def _is_all(item: Item) -> bool:
    """Whether an item is a list made of an iterator."""
    return isinstance(item, Iteration) and item.kind == "all"


def _length(frame: Frame, node: ast.expr, seq: Value) -> Value:
    if isinstance(seq.type, List):
        return frame.op(node, "length", seq)
    return frame.op(node, "dim", seq, axis=0)


def trips(frame: Frame, found: Sequences) -> Dim | None:
    """How often a loop over these sequences runs, where that is known."""
    lengths = [_items_of(seq) for seq in found.seqs]
    same = all(frame.b.typing.facts.equal(lengths[0], length) for length in lengths)
    return lengths[0] if same and lengths[0] is not None else None


def _items_of(seq: Value) -> Dim | None:
    if isinstance(seq.type, List):
        return seq.type.length
    return seq.type.dims[0] if isinstance(seq.type, Array) and seq.type.dims else None


def _check(frame: Frame, node: ast.expr, seq: Value) -> None:
    if isinstance(seq.type, Unknown) or (isinstance(seq.type, Array) and seq.type.dims is None):
        hint = "annotate the argument, or give --sig"
        raise frame.refuse(node, "SD011", f"a loop over a value of type {seq.type}", "", hint)
    if not isinstance(seq.type, List) and not (isinstance(seq.type, Array) and seq.type.dims):
        raise frame.refuse(node, "SD012", "a number cannot be looped over", f"this is {seq.type}")


def _parts_of(target: ast.expr | None, count: int) -> Sequence[ast.expr | None]:
    """The targets of the parts of an item, where the author takes it apart."""
    if isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) == count:
        return target.elts
    return [None] * count


def _arguments(source: ast.expr | None, count: int) -> Sequence[ast.expr | None]:
    if isinstance(source, ast.Call) and len(source.args) >= count:
        return source.args[:count]
    return [None] * count


# --- items that are known one by one


def known_items(frame: Frame, item: Item) -> list[Item] | None:
    """The items of an iterable that is known at compile time; None if it is not."""
    if isinstance(item, Container):
        return list(map(of_constant, item.keys)) if item.kind == "dict" else list(item.items)
    if isinstance(item, Value):
        numbers = _known_range(frame, item)
        return None if numbers is None else [number(k) for k in numbers]
    if not isinstance(item, Iteration):
        return None
    parts = [_counted(part) if item.kind == "ndindex" else known_items(frame, part) for part in item.parts]
    if any(part is None for part in parts):
        return None
    lists = [part for part in parts if part is not None]
    if item.kind == "ndindex":
        return [tuple_of(list(index)) for index in product(*lists)]
    if item.kind == "all":
        return lists[0]
    if item.kind == "reversed":
        return lists[0][::-1]
    if item.kind == "zip":
        return [tuple_of(list(items)) for items in zip(*lists, strict=False)]
    start = item.start.value if isinstance(item.start, Constant) else None
    return None if start is None else [tuple_of([number(start + k), part]) for k, part in enumerate(lists[0])]


def _counted(item: Item) -> list[Item] | None:
    length = known_int(item)
    return None if length is None else [number(k) for k in range(length)]


def mixed_items(frame: Frame, node: ast.expr, item: Item) -> list[Item]:
    """The items of containers and arrays that are looped over together, as many as the shortest container has: of what
    is longer the rest is left out, and reading from what is shorter raises an IndexError when the program runs."""
    lengths = [len(part.items) for part in iterated(item)]
    return _aligned(frame, node, item, min([*lengths, *_known_lengths(item)]))


def _known_lengths(item: Item) -> list[int]:
    """The lengths of arrays and lists that are constants."""
    if isinstance(item, Iteration):
        return [length for part in item.parts for length in _known_lengths(part)]
    found = _items_of(item) if isinstance(item, Value) else None
    return [] if found is None or found.value is None else [int(found.value)]


def _aligned(frame: Frame, node: ast.expr, item: Item, count: int) -> list[Item]:
    known = known_items(frame, item)
    if known is not None:
        return known
    if isinstance(item, Value):
        return [frame.op(node, "get", item, number(k), index="@") for k in range(count)]
    assert isinstance(item, Iteration)
    counted = item.kind == "enumerate" and isinstance(item.start, Constant)
    if not counted and item.kind not in ("zip", "all"):
        raise frame.unsupported(node, "a loop over containers and arrays together", "loop over `zip(…)` of them")
    lists = [_aligned(frame, node, part, count) for part in item.parts]
    if item.kind == "all":
        return lists[0]
    if item.kind == "zip":
        return [tuple_of(list(items)) for items in zip(*lists, strict=False)]
    assert isinstance(item.start, Constant)
    return [tuple_of([number(item.start.value + k), part]) for k, part in enumerate(lists[0])]


def iterated(item: Item) -> list[Container]:
    """The containers that a loop runs over."""
    if isinstance(item, Iteration):
        return [found for part in item.parts for found in iterated(part)]
    return [item] if isinstance(item, Container) else []


def _known_range(frame: Frame, value: Value) -> range | None:
    op = frame.b.definitions.get(value)
    if op is None or op.name != "range":
        return None
    bounds = [getattr(operand.type, "value", None) for operand in op.inputs]
    numbers = [None if bound is None else bound.value for bound in bounds]
    if None in numbers or numbers[2] == 0:
        return None
    return range(*(int(k) for k in numbers if k is not None))


def has_containers(item: Item) -> bool:
    """Whether the items of an iterable are no numbers or rows of an array, so that a loop over it is unrolled."""
    if isinstance(item, Iteration):
        return any(map(has_containers, item.parts))
    return isinstance(item, (Container, Static))
