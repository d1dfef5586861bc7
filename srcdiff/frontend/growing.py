"""Lists that grow in a loop: what is appended once a trip is collected by the loop itself.

While the body is read, such a list stands for its last item only: ``[y0]`` is ``[last]`` at the head of a trip and
``[last, new]`` behind the ``append``. Any other list that a loop appends to is a value of the IR that the loop carries.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srcdiff.ir.core import Value, name_value
from srcdiff.ir.dims import Dim
from srcdiff.ir.types import Array, List, Scalar, without_value

from .changes import holders
from .frames import Frame, Silent
from .items import Container, Item, Iteration, describe, tuple_of
from .iteration import UNROLL_LIMIT
from .places import Root
from .resolve import number
from .scopes import CHANGES, walk

if TYPE_CHECKING:
    from .carried import Carried

Loop = ast.For | ast.While


@dataclass(eq=False)
class Growth:
    """A list that gets one item a trip. start: the list in front of the loop; outs: the values of the new item;
    related: the arrays that it may be."""

    name: str
    node: ast.Call
    start: Item
    reads_last: bool
    new: Item | None = None
    outs: tuple[Value, ...] = ()
    stacks: tuple[Value, ...] = field(default=())
    related: tuple[Root, ...] = ()


def growths(frame: Frame, node: Loop) -> list[Growth]:
    """The lists of a loop that grow by one item a trip; other lists that it appends to become values."""
    found = []
    for name, calls in _appended(node).items():
        item = frame.env.get(name)
        if name not in frame.locals or not _is_list(item):
            continue
        assert item is not None
        alone = item not in frame.unit.shared and holders(frame.unit, item) == 1
        only = [call for call in calls if _is_statement(node, call)]
        others = list(_uses(node, name, only))
        if alone and len(calls) == len(only) == 1 and all(map(_is_last, others)):
            found.append(Growth(name, only[0], item, bool(others)))
        elif isinstance(item, Container) and alone and not _is_taken_from(node, name):
            value = as_list(frame, calls[0], item)
            frame.bind(name, value, calls[0])
    return found


def dissolve_short(frame: Frame, node: Loop) -> None:
    """Lists of known length that the loop takes from or inserts into are taken apart."""
    for name in _changed(node):
        item = frame.env.get(name)
        if not isinstance(item, Value) or not isinstance(item.type, List) or not _is_taken_from(node, name):
            continue
        known = None if item.type.length is None else item.type.length.value
        if known is not None and known <= UNROLL_LIMIT:
            items = [frame.op(node, "get", item, number(k), index="@") for k in range(int(known))]
            frame.env[name] = tuple_of(items, "list")


def _is_list(item: Item | None) -> bool:
    return (isinstance(item, Container) and item.kind == "list") or (
        isinstance(item, Value) and isinstance(item.type, List)
    )


def _changed(node: Loop) -> dict[str, list[ast.Call]]:
    """The calls of methods that change a name's list, by name."""
    found: dict[str, list[ast.Call]] = {}
    for part in walk(node.body):
        function = part.func if isinstance(part, ast.Call) else None
        changes = isinstance(function, ast.Attribute) and function.attr in CHANGES
        if changes and isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            assert isinstance(part, ast.Call)
            found.setdefault(function.value.id, []).append(part)
    return found


def _appended(node: Loop) -> dict[str, list[ast.Call]]:
    """The calls of ``append`` and other changes, of the names that are appended to."""
    found = {}
    for name, calls in _changed(node).items():
        if any(isinstance(call.func, ast.Attribute) and call.func.attr == "append" for call in calls):
            found[name] = calls
    return found


def _is_taken_from(node: Loop, name: str) -> bool:
    calls = _changed(node).get(name, [])
    return any(isinstance(c.func, ast.Attribute) and c.func.attr in ("pop", "insert", "clear") for c in calls)


def _is_statement(node: Loop, call: ast.Call) -> bool:
    """Whether the call stands in the body of the loop itself, so that each trip makes it once."""
    return any(isinstance(part, ast.Expr) and part.value is call for part in node.body)


def _uses(node: Loop, name: str, calls: list[ast.Call]) -> Iterator[ast.AST]:
    """What else in the loop names the list."""
    own = {id(call.func.value) for call in calls if isinstance(call.func, ast.Attribute)}
    last = {id(part.value): part for part in ast.walk(node) if isinstance(part, ast.Subscript)}
    skipped = {id(part) for part in ast.walk(node.iter)} if isinstance(node, ast.For) else set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id == name and id(part) not in own | skipped:
            yield last.get(id(part), part)


def _is_last(node: ast.AST) -> bool:
    """``xs[-1]``."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return False
    index = node.slice
    return isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub) and ast.unparse(index.operand) == "1"


def enter(frame: Frame, found: list[Growth]) -> None:
    """In front of the loop: each list stands for its last item."""
    for growth in found:
        last: list[Item] = []
        start = growth.start
        if growth.reads_last and isinstance(start, Container):
            last = list(start.items[-1:])
        elif growth.reads_last:
            assert isinstance(start, Value)
            last = [frame.op(growth.node, "get", start, number(-1), index="@")]
        frame.env[growth.name] = tuple_of(last, "list")


def collect(frame: Frame, found: list[Growth]) -> None:
    """At the end of the body: what was appended, and the list as the next trip sees it."""
    for growth in found:
        item = frame.env.get(growth.name)
        if not isinstance(item, Container) or not item.items:
            raise Silent  # the append was refused, and reported
        growth.new = item.items[-1]
        parts = growth.new.items if isinstance(growth.new, Container) and growth.new.kind == "tuple" else [growth.new]
        if not all(isinstance(part, Value) for part in parts):
            hint = "append numbers or arrays of one shape; keep what is of another kind in a list of its own"
            raise frame.unsupported(growth.node, "a list of such items, which grows in a loop,", hint,
                                    f"this is {describe(growth.new)}")
        now = (frame.updated(part, growth.node) for part in parts)
        growth.outs = tuple(part for part in now if isinstance(part, Value))
        carries = growth.reads_last and isinstance(growth.start, Container) and growth.start.items
        carries = carries or (growth.reads_last and isinstance(growth.start, Value))
        frame.env[growth.name] = tuple_of([growth.new] if carries else [], "list")


def check(frame: Frame, carried: Carried, found: list[Growth]) -> None:
    """What was appended must stay as it is: no later trip may write into it."""
    places = frame.places
    written = {root for root, version in places.state.versions.items() if carried.entered.get(root) is not version}
    slots = [(slot.root, carried.yields.get(key)) for key, slot in carried.slots.items() if slot.root is not None]
    heads = {root for root, _ in slots}
    for growth in found:
        growth.related = ()
        for out in growth.outs:
            root = places.root(out)
            if root is None:
                continue
            near = places.state.near([root])
            next_trip = {head for head, end in slots if end is not None and places.root(end) in near}
            lasting = {other for other in near if other.serial <= carried.serial or other in heads} | next_trip
            if lasting & written:
                label = f"`{growth.name}` would hold one array many times, which the loop changes later"
                hint = "append a copy: `.copy()`"
                raise frame.refuse(growth.node, "SD022", "this array is written after it was appended", label, hint)
            growth.related += tuple(sorted(lasting, key=lambda other: other.serial))


def stacks(found: list[Growth], length: Dim | None) -> list[Value]:
    """The results of the loop that hold what was appended."""
    for growth in found:
        named = growth.name if len(growth.outs) == 1 else ""
        growth.stacks = tuple(Value(List(without_value(out.type), length), named) for out in growth.outs)
    return [stack for growth in found for stack in growth.stacks]


def leave(frame: Frame, carried: Carried, found: list[Growth]) -> None:
    """Behind the loop: each list with what was appended. It may hold what a name stands for there."""
    places = frame.places
    for growth in found:
        results = [places.root(value) for key, value in carried.given.items()
                   if carried.slots[key].root in growth.related]
        for stack, out in zip(growth.stacks, growth.outs, strict=True):
            own = [root for root in (places.root(out), *growth.related, *results) if root is not None]
            places.begin(stack, places.new_root(growth.name, True, dict.fromkeys(own)))
        lists = [_joined(frame, growth, k) for k in range(len(growth.stacks))]
        if isinstance(growth.new, Container):
            frame.env[growth.name] = Iteration("all", (Iteration("zip", tuple(lists)),))
        else:
            frame.env[growth.name] = lists[0]


def _joined(frame: Frame, growth: Growth, k: int) -> Value:
    """The list in front of the loop with what was appended; k: which part of its items."""
    stack, start = growth.stacks[k], growth.start
    if isinstance(start, Container) and not start.items:
        return stack
    if isinstance(growth.new, Container):
        rows = start.items if isinstance(start, Container) else ()
        columns = [row.items[k] for row in rows if isinstance(row, Container) and len(row.items) == len(growth.stacks)]
        if len(columns) != len(rows) or not rows:
            raise frame.unsupported(growth.node, "appending a tuple to this list", "start from an empty list")
        start = tuple_of(columns, "list")
    front = as_list(frame, growth.node, start) if isinstance(start, Container) else start
    joined = frame.op(growth.node, "list_join", front, stack)
    name_value(joined, growth.name)
    return joined


def as_list(frame: Frame, node: ast.AST, item: Container) -> Value:
    """A list of numbers, or of arrays of one shape, as a value of run-time length."""
    parts = [part for part in item.items if isinstance(part, Value) and isinstance(part.type, (Scalar, Array))]
    if len(parts) != len(item.items):
        hint = "keep numbers, or arrays of one shape, in a list that grows in a loop"
        raise frame.unsupported(node, "a list of such items, which grows in a loop,", hint, f"this is {describe(item)}")
    return frame.op(node, "list_of", *parts)

