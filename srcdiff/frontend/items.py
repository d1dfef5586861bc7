"""What a name or an expression stands for while a function is read: values of the IR, and Python objects around them.

Containers are dissolved here: they hold items, and only their leaves reach the IR. They are never changed, so two names
for one container are no danger; what is stored *in* the arrays that they hold is a matter of `places`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from srcdiff.ir.core import Constant, Value, is_hole
from srcdiff.ir.structure import Fixed, Leaf, Node, Path, Tree
from srcdiff.ir.types import Scalar, kind

if TYPE_CHECKING:
    from .frames import Frame
    from .source import FunctionText


@dataclass(frozen=True, eq=False)
class Static:
    """A Python object known at compile time that is no number: a string, None, a function, a module, a dtype."""

    value: Any


@dataclass(frozen=True, eq=False)
class Container:
    """A dissolved container. kind: ``tuple``, ``list``, ``dict`` or ``record``; keys and cls as in structure.Node."""

    kind: str
    keys: tuple[Any, ...]
    items: tuple[Item, ...]
    cls: Any = None

    def item(self, key: Any) -> Item:
        """KeyError if there is none."""
        if key in self.keys:
            return self.items[self.keys.index(key)]
        raise KeyError(key)


@dataclass(frozen=True, eq=False)
class Closure:
    """A function that is defined inside the one being read. frame: where its free names are looked up."""

    text: FunctionText
    frame: Frame
    defaults: dict[str, Item]


@dataclass(frozen=True, eq=False)
class Partial:
    """A ``functools.partial`` that is made by the function being read."""

    function: Item
    args: tuple[Item, ...]
    kwargs: dict[str, Item]


@dataclass(frozen=True, eq=False)
class Formatted:
    """A text with values in it. text: the source of it, with the operands as ``{0}``, ``{1}``, …"""

    text: str
    operands: tuple[Value, ...]


@dataclass(frozen=True, eq=False)
class Iteration:
    """``zip``, ``enumerate`` or ``reversed`` of something: it can be looped over, and nothing else.

    start: what ``enumerate`` counts from.
    """

    kind: str
    parts: tuple[Item, ...]
    start: Value | None = None


@dataclass(frozen=True, eq=False)
class Broken:
    """What cannot be read: the problem that reading it is, or nothing if that has been reported already."""

    code: str = ""
    message: str = ""
    label: str = ""
    hint: str = ""


@dataclass(frozen=True, eq=False)
class Maybe:
    """What a name holds that may have no value yet: reading it is the problem, but a loop may go on from it."""

    item: Item
    problem: Broken


Item = Value | Static | Container | Closure | Partial | Formatted | Iteration | Broken | Maybe


def tuple_of(items: list[Item] | tuple[Item, ...], form: str = "tuple") -> Container:
    return Container(form, tuple(range(len(items))), tuple(items))


def leaves(item: Item, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """The values in an item with the paths to them."""
    if isinstance(item, Value):
        yield path, item
    elif isinstance(item, Container):
        for key, child in zip(item.keys, item.items, strict=True):
            yield from leaves(child, (*path, key))
    elif isinstance(item, Maybe):
        yield from leaves(item.item, path)
    elif isinstance(item, Iteration):
        for position, part in enumerate(item.parts):
            yield from leaves(part, (*path, position))
    elif isinstance(item, Partial):
        for key, part in (*enumerate(item.args), *item.kwargs.items()):
            yield from leaves(part, (*path, key))
    elif isinstance(item, Formatted):
        for position, value in enumerate(item.operands):
            yield (*path, position), value


def map_leaves(item: Item, change: Callable[[Path, Value], Item], path: Path = ()) -> Item:
    """The item with its values changed."""
    if isinstance(item, Value):
        return change(path, item)
    if isinstance(item, Container):
        pairs = zip(item.keys, item.items, strict=True)
        items = tuple(map_leaves(child, change, (*path, key)) for key, child in pairs)
        return item if all(map(operator.is_, items, item.items)) else replace(item, items=items)
    if isinstance(item, Maybe):
        return replace(item, item=map_leaves(item.item, change, path))
    if isinstance(item, Partial):
        args = tuple(map_leaves(part, change, (*path, k)) for k, part in enumerate(item.args))
        kwargs = {key: map_leaves(part, change, (*path, key)) for key, part in item.kwargs.items()}
        return replace(item, args=args, kwargs=kwargs)
    if isinstance(item, Formatted):
        operands = [change((*path, k), value) for k, value in enumerate(item.operands)]
        values = tuple(value for value in operands if isinstance(value, Value))
        return replace(item, operands=values) if len(values) == len(operands) else Broken()
    return item


def inside(item: Item) -> Item:
    """The item, were it certain that there is one."""
    return item.item if isinstance(item, Maybe) else item


def path_text(name: str, path: Path) -> str:
    """How a part of what a name holds is written: ``params['w']``."""
    return name + "".join(f"[{key!r}]" for key in path)


def at_path(item: Item, path: Path) -> Item:
    for key in path:
        assert isinstance(item, Container)
        item = item.item(key)
    return item


def with_path(item: Item, path: Path, new: Item) -> Item:
    """The item with what is at the path replaced."""
    if not path:
        return new
    assert isinstance(item, Container)
    changed = [with_path(child, path[1:], new) if key == path[0] else child
               for key, child in zip(item.keys, item.items, strict=True)]
    return replace(item, items=tuple(changed))


def is_same(left: Item | None, right: Item | None) -> bool:
    """Whether two items are certainly the same object."""
    if left is right:
        return True
    if isinstance(left, Constant) and isinstance(right, Constant):
        same = type(left.value) is type(right.value) and repr(left.value) == repr(right.value)
        return same and not is_hole(left) and not is_hole(right)
    if isinstance(left, Static) and isinstance(right, Static):
        plain = (str, bool, int, type(None))
        return left.value is right.value or (
            type(left.value) is type(right.value) and isinstance(left.value, plain) and left.value == right.value
        )
    if isinstance(left, Container) and isinstance(right, Container):
        return same_structure(left, right) and all(map(is_same, left.items, right.items))
    if isinstance(left, Closure) and isinstance(right, Closure):
        return left.text.node is right.text.node and left.frame is right.frame and left.defaults == right.defaults
    return False


def is_mutable(item: Container) -> bool:
    """Whether Python lets the container be changed."""
    return item.kind in ("list", "dict")


def containers(item: Item) -> Iterator[Container]:
    """The containers in an item, itself included."""
    if isinstance(item, Container):
        yield item
        for part in item.items:
            yield from containers(part)


def same_structure(left: Container, right: Container) -> bool:
    return left.kind == right.kind and left.keys == right.keys and left.cls is right.cls


def tree_of(item: Item) -> Tree:
    """The structure of a result. ValueError for what cannot be returned."""
    if isinstance(item, Value):
        return Leaf()
    if isinstance(item, Static):
        return Fixed(item.value)
    if isinstance(item, Container):
        return Node(item.kind, item.keys, tuple(map(tree_of, item.items)), item.cls)
    raise ValueError(type(item).__name__)


def known_int(item: Item) -> int | None:
    """The value of an int that is known at compile time (a bool is none)."""
    if not isinstance(item, Value) or not isinstance(item.type, Scalar) or kind(item.type.dtype) not in "iu":
        return None
    if isinstance(item, Constant) and isinstance(item.value, int):
        return item.value
    return None if item.type.value is None else item.type.value.value


def describe(item: Item) -> str:
    """What an item is, for messages."""
    if isinstance(item, Value):
        return f"a value of type {item.type}"
    if isinstance(item, Container):
        name = {"record": getattr(item.cls, "__name__", "record")}.get(item.kind, item.kind)
        count = f" of {len(item.items)} item{'s' if len(item.items) != 1 else ''}"
        return f"a {name}" if item.kind == "record" else f"a {name}{count if item.items else ' without items'}"
    if isinstance(item, Static):
        return "None" if item.value is None else f"a {type(item.value).__name__}"
    if isinstance(item, Iteration):
        return "a list of pairs" if item.kind == "all" else f"a `{item.kind}`"
    if isinstance(item, Formatted):
        return "a text"
    return "a function"
