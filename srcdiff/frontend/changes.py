"""Changes of dissolved containers: ``d[k] = v``, ``xs.append(v)``, ``xs.pop()``, ``d.update(…)``.

A container object stands for one object of Python. A change puts a new one in its place wherever the old one is held:
in every name of every frame, and in other containers. What a branch or a loop makes of a container that is held in two
places is two containers that are one object: those are marked, and changing them later is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from srcdiff.ir.core import Value, name_value
from srcdiff.ir.structure import Path
from srcdiff.ir.types import List

from .frames import Frame, Unit
from .items import (
    Closure,
    Container,
    Item,
    Iteration,
    Maybe,
    Partial,
    Static,
    describe,
    inside,
    is_mutable,
    known_int,
    tuple_of,
)
from .places import Refusal
from .resolve import of_constant

Kwargs = Mapping[str, Item]
_ALIAS = "change it under one name only, or build a new one: `{**d, key: value}`, `[*xs, x]`"


def change(frame: Frame, node: ast.AST, old: Container | Value, new: Container | Value) -> None:
    """``new`` is what ``old`` has become. Refused where not all that hold it can be told."""
    unit = frame.unit
    if old in unit.shared:
        what = "changing a container that has a second name, or that belongs to the caller or the module,"
        raise frame.unsupported(node, what, _ALIAS, f"this is {describe(old)}")
    made: dict[Item, Item] = {old: new}
    level = frame.b.regions
    for position, holder in enumerate(unit.frames):
        inside = unit.frames[position + 1].level if holder is not frame and position + 1 < len(unit.frames) else level
        changed = {name: swapped(unit, item, made) for name, item in holder.env.items()}
        if all(changed[name] is item for name, item in holder.env.items()):
            continue
        if inside != level:
            what = "changing a container of the caller inside a branch or loop"
            raise frame.unsupported(node, what, "return what is new, and change it in the caller")
        holder.env.update(changed)
    note(unit, made)


def note(unit: Unit, made: Mapping[Item, Item]) -> None:
    """Remember what containers have become."""
    unit.places.state.changes.update({before: after for before, after in made.items() if before is not after})


def swapped(unit: Unit, item: Item, made: dict[Item, Item]) -> Item:
    """An item with the containers and lists in it replaced that have changed; each is rebuilt once."""
    if isinstance(item, Value):
        return made.get(item, item)
    if isinstance(item, Maybe):
        inner = swapped(unit, item.item, made)
        return item if inner is item.item else replace(item, item=inner)
    if isinstance(item, Iteration):
        parts = tuple(swapped(unit, part, made) for part in item.parts)
        return item if all(a is b for a, b in zip(parts, item.parts, strict=True)) else replace(item, parts=parts)
    if isinstance(item, (Partial, Closure)):
        return _swapped_in_function(unit, item, made)
    if not isinstance(item, Container):
        return item
    if item not in made:
        items = tuple(swapped(unit, part, made) for part in item.items)
        same = all(a is b for a, b in zip(items, item.items, strict=True))
        made[item] = item if same else replace(item, items=items)
        if item in unit.shared:
            unit.shared[made[item]] = None
    return made[item]


def _swapped_in_function(unit: Unit, item: Partial | Closure, made: dict[Item, Item]) -> Item:
    """A function with what its arguments or defaults hold replaced."""
    held = item.kwargs if isinstance(item, Partial) else item.defaults
    named = {name: swapped(unit, part, made) for name, part in held.items()}
    same = all(named[name] is part for name, part in held.items())
    if isinstance(item, Closure):
        return item if same else replace(item, defaults=named)
    args = tuple(swapped(unit, part, made) for part in item.args)
    same = same and all(a is b for a, b in zip(args, item.args, strict=True))
    return item if same else replace(item, args=args, kwargs=named)


def holders(unit: Unit, wanted: Item) -> int:
    """In how many places a container or list is held."""
    return sum(_count(item, wanted) for frame in unit.frames for item in frame.env.values())


def _count(item: Item, wanted: Item) -> int:
    if isinstance(item, Maybe):
        return _count(item.item, wanted)
    if isinstance(item, Iteration):
        return sum(_count(part, wanted) for part in item.parts)
    if isinstance(item, Value):
        return int(item is wanted)
    if isinstance(item, Partial):
        return sum(_count(part, wanted) for part in (*item.args, *item.kwargs.values()))
    if isinstance(item, Closure):
        return sum(_count(part, wanted) for part in item.defaults.values())
    if not isinstance(item, Container):
        return 0
    return (item is wanted) + sum(_count(part, wanted) for part in item.items)


def split(unit: Unit, old: Item | None, new: Item, least: int) -> None:
    """``new`` stands for ``old`` in one place, and others may hold ``old``: mark both where ``least`` places do."""
    old, new = inside(old) if old is not None else None, inside(new)
    if old is new or old is None:
        return
    if is_changeable(old) and (old in unit.shared or holders(unit, old) >= least):
        unit.shared.update({old: None, new: None})
    if isinstance(old, Container) and isinstance(new, Container):
        for before, after in zip(old.items, new.items, strict=False):
            split(unit, before, after, least)


def is_changeable(item: Item) -> bool:
    """Whether an item is a list or dict."""
    if isinstance(item, Value):
        return isinstance(item.type, List)
    return isinstance(item, Container) and is_mutable(item)


def held_twice(unit: Unit, name: str, item: Item) -> set[tuple[str, Path]]:
    """The lists and dicts in what a name holds that something else holds too."""
    return {(name, path) for path, part in parts(inside(item))
            if is_changeable(part) and (part in unit.shared or holders(unit, part) > 1)}


def parts(item: Item, path: Path = ()) -> Iterator[tuple[Path, Item]]:
    """An item and all in it, with the paths to them."""
    yield path, item
    if isinstance(item, Container):
        for key, part in zip(item.keys, item.items, strict=True):
            yield from parts(part, (*path, key))


def append_value(frame: Frame, node: ast.Call, base: Value, args: Sequence[Item]) -> Item:
    """``xs.append(v)`` where ``xs`` is a list of run-time length."""
    (value,) = args
    if not isinstance(value, Value):
        hint, label = "append numbers; keep what is of another kind in a list of its own", f"this is {describe(value)}"
        raise frame.unsupported(node, "a list of such items, which grows in a loop,", hint, label)
    new = frame.op(node, "list_append", base, value)
    name_value(new, base.name)
    change(frame, node, base, new)
    return Static(None)


# --- stores


def store_item(frame: Frame, node: ast.AST, base: Container, key: Any, value: Item) -> None:
    """``d[key] = value``, ``xs[key] = value``."""
    if not is_mutable(base):
        hint = "build a new one: `dataclasses.replace(…)`, `t._replace(…)`, or a list"
        raise frame.unsupported(node, f"a store into {describe(base)}", hint)
    if base.kind == "dict":
        entries = {**dict(zip(base.keys, base.items, strict=True)), key: value}
        change(frame, node, base, dict_of(entries))
        return
    if not isinstance(key, int) or not -len(base.items) <= key < len(base.items):
        raise frame.refuse(node, "SD012", f"there is no item {key!r} in a list of {len(base.items)}")
    items = list(base.items)
    items[key] = value
    change(frame, node, base, tuple_of(items, "list"))


def dict_of(entries: Mapping[Any, Item]) -> Container:
    return Container("dict", tuple(entries), tuple(entries.values()))


# --- methods


def _position(frame: Frame, node: ast.Call, item: Item, length: int) -> int:
    position = known_int(item)
    if position is None:
        raise frame.needs_constant(node, item, "the position must be a constant here")
    if not -length <= position < length:
        raise frame.refuse(node, "SD012", f"there is no item {position} in a list of {length}")
    return position % length


def _append(frame: Frame, node: ast.Call, base: Container, args: Sequence[Item], kwargs: Kwargs) -> Item:
    (value,) = args
    change(frame, node, base, tuple_of([*base.items, value], "list"))
    return Static(None)


def _extend(frame: Frame, node: ast.Call, base: Container, args: Sequence[Item], kwargs: Kwargs) -> Item:
    (more,) = args
    if not isinstance(more, Container) or more.kind == "record":
        raise frame.unsupported(node, "extending a list by this", "append the items one by one", describe(more))
    items = list(map(of_constant, more.keys)) if more.kind == "dict" else list(more.items)
    change(frame, node, base, tuple_of([*base.items, *items], "list"))
    return Static(None)


def _insert(frame: Frame, node: ast.Call, base: Container, args: Sequence[Item], kwargs: Kwargs) -> Item:
    position = known_int(args[0])
    if position is None:
        raise frame.needs_constant(node, args[0], "the position must be a constant here")
    items = list(base.items)
    items.insert(position, args[1])
    change(frame, node, base, tuple_of(items, "list"))
    return Static(None)


def _pop(frame: Frame, node: ast.Call, base: Container, args: Sequence[Item], kwargs: Kwargs) -> Item:
    if not base.items:
        raise frame.refuse(node, "SD012", "there is nothing to take out of an empty list")
    position = _position(frame, node, args[0], len(base.items)) if args else len(base.items) - 1
    items = list(base.items)
    taken = items.pop(position)
    change(frame, node, base, tuple_of(items, "list"))
    return taken


def _reverse(frame: Frame, node: ast.Call, base: Container, args: Sequence[Item], kwargs: Kwargs) -> Item:
    change(frame, node, base, tuple_of(list(base.items[::-1]), "list"))
    return Static(None)


def _clear(frame: Frame, node: ast.Call, base: Container, args: Sequence[Item], kwargs: Kwargs) -> Item:
    change(frame, node, base, Container(base.kind, (), ()))
    return Static(None)


def _update(frame: Frame, node: ast.Call, base: Container, args: Sequence[Item], kwargs: Kwargs) -> Item:
    entries = dict(zip(base.keys, base.items, strict=True))
    for item in args:
        if not isinstance(item, Container) or item.kind != "dict":
            raise frame.unsupported(node, "this call of `update`", "pass a dict", f"this is {describe(item)}")
        entries.update(zip(item.keys, item.items, strict=True))
    change(frame, node, base, dict_of({**entries, **kwargs}))
    return Static(None)


def _key(frame: Frame, node: ast.Call, item: Item) -> Any:
    key = item.value if isinstance(item, Static) else known_int(item)
    if key is None:
        raise frame.needs_constant(node, item, "the key of a dict must be a constant")
    return key


def _pop_key(frame: Frame, node: ast.Call, base: Container, args: Sequence[Item], kwargs: Kwargs) -> Item:
    key = _key(frame, node, args[0])
    entries = dict(zip(base.keys, base.items, strict=True))
    if key not in entries:
        if len(args) > 1:
            return args[1]
        raise frame.refuse(node, "SD012", f"the dict has no key {key!r}", f"it has {list(base.keys)}")
    taken = entries.pop(key)
    change(frame, node, base, dict_of(entries))
    return taken


def _set_default(frame: Frame, node: ast.Call, base: Container, args: Sequence[Item], kwargs: Kwargs) -> Item:
    key = _key(frame, node, args[0])
    if key not in base.keys:
        store_item(frame, node, base, key, args[1] if len(args) > 1 else Static(None))
        return args[1] if len(args) > 1 else Static(None)
    return base.item(key)


def _get(frame: Frame, node: ast.Call, base: Container, args: Sequence[Item], kwargs: Kwargs) -> Item:
    key = _key(frame, node, args[0])
    return base.item(key) if key in base.keys else args[1] if len(args) > 1 else Static(None)


def _copy(frame: Frame, node: ast.Call, base: Container, args: Sequence[Item], kwargs: Kwargs) -> Item:
    return Container(base.kind, base.keys, base.items)


def _view(base: Container, name: str) -> Container:
    keys = [of_constant(key) for key in base.keys]
    if name == "items":
        return tuple_of([tuple_of(pair) for pair in zip(keys, base.items, strict=True)])
    return tuple_of(keys if name == "keys" else base.items)


Method = Callable[[Frame, ast.Call, Container, Sequence[Item], Kwargs], Item]
METHODS: dict[str, dict[str, tuple[int, int, Method]]] = {
    "list": {"append": (1, 1, _append), "extend": (1, 1, _extend), "insert": (2, 2, _insert), "pop": (0, 1, _pop),
             "reverse": (0, 0, _reverse), "clear": (0, 0, _clear), "copy": (0, 0, _copy)},
    "dict": {"update": (0, 1, _update), "pop": (1, 2, _pop_key), "setdefault": (1, 2, _set_default),
             "get": (1, 2, _get), "clear": (0, 0, _clear), "copy": (0, 0, _copy)},
}
"""The methods of lists and dicts: the least and the largest number of arguments, and what they do."""


def call_method(
    frame: Frame, node: ast.Call, name: str, base: Container, args: list[Item], kwargs: Kwargs
) -> Item | None:
    """What a method of a list or dict gives; None if it is not known."""
    now = frame.unit.latest(base)  # the arguments may have changed it
    assert isinstance(now, Container)
    base = now
    if base.kind == "dict" and name in ("keys", "values", "items") and not args and not kwargs:
        view = _view(base, name)
        frame.unit.views[view] = base
        return view
    least, most, found = METHODS.get(base.kind, {}).get(name, (0, 0, None))
    if found is None:
        return None
    if not least <= len(args) <= most or (kwargs and name != "update"):
        raise frame.refuse(node, "SD001", f"this call of `.{name}` is not supported", "", "check its arguments")
    return found(frame, node, base, args, kwargs)


# --- loops over what they change


def check_order(frame: Frame, node: ast.AST, sources: Iterable[Container], trip: int) -> None:
    """A loop that is written out has read its items in advance: what it has not come to must be as it was."""
    for source in sources:
        now = frame.unit.latest(source)
        if now is source or not isinstance(now, Container):
            continue
        same = now.keys == source.keys
        if not same or any(a is not b for a, b in zip(now.items[trip + 1 :], source.items[trip + 1 :], strict=True)):
            raise _changed(frame, node)


def _changed(frame: Frame, node: ast.AST) -> Refusal:
    hint = "loop over a copy: `for x in list(xs)`"
    return frame.unsupported(node, "a loop that changes the container that it runs over", hint)
