"""Statements that bind names and end functions: assignments, unpacking, expressions, inner functions, return."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from typing import Any

from srcdiff.ir.core import Value, name_value
from srcdiff.ir.dims import Dim, constant
from srcdiff.ir.types import Array

from .expressions import closure
from .frames import Exit, Frame, ending, statement
from .items import Broken, Container, Item, Static, describe, known_int, tuple_of
from .signature import LIBRARIES
from .stores import attribute_write, augment, store


@statement(ast.Assign)
def _assign(frame: Frame, node: ast.Assign) -> None:
    item = _named(frame, node.targets[0], node.value)
    for target in node.targets:
        assign(frame, target, item)


@statement(ast.AnnAssign)
def _annotated(frame: Frame, node: ast.AnnAssign) -> None:
    if node.value is not None:
        assign(frame, node.target, _named(frame, node.target, node.value))


def _named(frame: Frame, target: ast.expr, value: ast.expr) -> Item:
    """The item of the right-hand side; what it makes gets the names on the left."""
    if isinstance(target, ast.Name):
        return frame.evaluate(value, target.id)
    if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, ast.Tuple):
        plain = not any(isinstance(part, ast.Starred) for part in (*target.elts, *value.elts))
        if plain and len(target.elts) == len(value.elts):
            return tuple_of([_named(frame, t, v) for t, v in zip(target.elts, value.elts, strict=True)])
    return frame.evaluate(value)


def assign(frame: Frame, target: ast.expr, item: Item) -> None:
    """Bind a target: a name, a tuple of targets, an element of an array."""
    if isinstance(target, ast.Name):
        frame.bind(target.id, item, target)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(frame, target, item)
    elif isinstance(target, ast.Subscript):
        store(frame, target, item)
    elif isinstance(target, ast.Attribute):
        raise attribute_write(frame, target)
    else:
        raise frame.unsupported(target, "this target", "bind a name")


def _unpack(frame: Frame, target: ast.Tuple | ast.List, item: Item) -> None:
    starred = [k for k, part in enumerate(target.elts) if isinstance(part, ast.Starred)]
    count = len(target.elts) - len(starred)
    items = _items(frame, target, item, count, bool(starred))
    if len(items) < count or (not starred and len(items) > count):
        raise frame.refuse(target, "SD012", f"{len(items)} items are unpacked into {len(target.elts)} names")
    if starred:
        first, behind = starred[0], len(target.elts) - starred[0] - 1
        middle = tuple_of(items[first : len(items) - behind], "list")
        items = [*items[:first], middle, *items[len(items) - behind :]]
    for part, value in zip(target.elts, items, strict=True):
        made = frame.b.definitions.get(value) if isinstance(value, Value) else None
        if made is not None and len(made.results) > 1 and not made.blocks and isinstance(part, ast.Name):
            name_value(value, part.id)  # one of the results of a call, such as np.linalg.eigh
        assign(frame, part.value if isinstance(part, ast.Starred) else part, value)


def _items(frame: Frame, target: ast.Tuple | ast.List, item: Item, count: int, starred: bool) -> list[Item]:
    """The items that are unpacked."""
    if isinstance(item, Container) and item.kind in ("tuple", "list"):
        return list(item.items)
    if isinstance(item, Container) and item.kind == "record" and issubclass(item.cls, tuple):
        return list(item.items)
    if isinstance(item, Value) and isinstance(item.type, Array) and item.type.dims and not starred:
        length = item.type.dims[0]
        typing = frame.b.typing
        if not typing.facts.equal(length, constant(count)):
            length, known = _whole(frame, item, length)
            given = length.symbols and all(symbol.kind == "axis" for symbol in length.symbols)
            other = typing.facts.normal(length).value  # what another branch has taken it to be
            if not given or other is not None:  # only the guard can see to it
                hint = "take the items one by one: `x[0]`, `x[1]`"
                raise frame.unsupported(target, "unpacking an array of unknown length here", hint)
            typing.facts.equate(length, constant(count + known))
        names = [part.id if isinstance(part, ast.Name) else "" for part in target.elts]
        return [_entry(frame, target, item, k, name) for k, name in enumerate(names)]
    hint = "take the items one by one: `x[0]`, `x[1]`"
    raise frame.unsupported(target, "unpacking this", hint, f"it is {describe(item)}")


def _whole(frame: Frame, item: Value, length: Dim) -> tuple[Dim, int]:
    """The length of the array that ``x[6:]`` is a part of, and how many entries stand in front of the part."""
    made = frame.b.definitions.get(item)
    if made is None or made.name != "get" or made.attrs["index"] != "@:":
        return length, 0
    base, start = made.inputs
    first = known_int(start)
    if first is None or first < 0 or not isinstance(base.type, Array) or not base.type.dims:
        return length, 0
    return base.type.dims[0], first


def _entry(frame: Frame, target: ast.expr, array: Value, position: int, name: str) -> Value:
    value = frame.op(target, "get", array, position, index="@")
    name_value(value, name)
    return value


@statement(ast.AugAssign)
def _augmented(frame: Frame, node: ast.AugAssign) -> None:
    augment(frame, node)


@statement(ast.Expr)
def _expression(frame: Frame, node: ast.Expr) -> None:
    if not isinstance(node.value, ast.Constant):
        frame.evaluate(node.value)


@statement(ast.Pass)
def _pass(frame: Frame, node: ast.Pass) -> None:
    """Nothing happens."""


@statement(ast.Delete)
def _delete(frame: Frame, node: ast.Delete) -> None:
    """``del name``; what is deleted out of a container or an object is refused."""
    for target in node.targets:
        if not isinstance(target, ast.Name):
            hint = "build a new one without it: `[*xs[:i], *xs[i + 1:]]`"
            raise frame.refuse(target, "SD067", "`del` of a part is not supported", "", hint)
        frame.read(ast.copy_location(ast.Name(target.id, ast.Load()), target))
        message = f"`{target.id}` was deleted"
        frame.env[target.id] = Broken("SD040", message, f"in line {node.lineno}", "leave out the `del`")


@statement(ast.Import)
def _import(frame: Frame, node: ast.Import) -> None:
    for alias in node.names:
        module = _module(frame, node, alias.name)
        frame.bind(alias.asname or alias.name.split(".")[0], Static(module if alias.asname else _top(alias.name)), node)


@statement(ast.ImportFrom)
def _import_from(frame: Frame, node: ast.ImportFrom) -> None:
    name = f"{'.' * node.level}{node.module or ''}"
    module = _module(frame, node, importlib.util.resolve_name(name, str(frame.text.names.get("__package__") or "")))
    for alias in node.names:
        item = frame.unit.names.attribute(module, alias.name)
        if item is None:
            raise frame.refuse(node, "SD040", f"`{module.__name__}` has no `{alias.name}`", "", "check its spelling")
        frame.bind(alias.asname or alias.name, item, node)


def _module(frame: Frame, node: ast.stmt, name: str) -> Any:
    """A module that is there already, or one of NumPy or the standard library: reading a program imports no other."""
    if name in sys.modules:
        return sys.modules[name]
    if name.split(".")[0] in LIBRARIES:
        try:
            return importlib.import_module(name)
        except ImportError:
            pass
    raise frame.unsupported(node, f"importing `{name}` inside a function", "import it at the top of the file")


def _top(name: str) -> Any:
    return sys.modules[name.split(".")[0]]


@statement(ast.Global, ast.Nonlocal)
def _outer_names(frame: Frame, node: ast.Global | ast.Nonlocal) -> None:
    """Names that are read need no word; the fence has refused what writes them."""
    frame.env.update(dict.fromkeys(frame.locals & set(node.names), Broken()))


@statement(ast.FunctionDef)
def _function(frame: Frame, node: ast.FunctionDef) -> None:
    frame.bind(node.name, closure(frame, node, node.name), node)


@ending(ast.Return)
def _return(frame: Frame, node: ast.Return, rest: list[ast.stmt]) -> Exit:
    if node.value is None:
        return Exit(False, Static(None), state=frame.places.state)
    item = frame.evaluate(node.value)
    item = frame.updated(item, node.value)
    return Exit(False, item, state=frame.places.state)
