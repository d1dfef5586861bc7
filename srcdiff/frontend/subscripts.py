"""Subscripts that are read: elements, slices and selections of arrays, items of containers, attributes."""

from __future__ import annotations

import ast
import inspect
import types
from typing import Any

from srcdiff.ir.core import Value
from srcdiff.ir.types import DTYPES, Array, Scalar, Unknown
from srcdiff.rules.binding import operand
from srcdiff.rules.table import ATTRIBUTES, METHODS

from .expressions import constant_key
from .frames import Frame, expression, to_item, to_python
from .inline import call_function
from .items import Container, Item, Static, describe, known_int, tuple_of
from .paths import Index, taken
from .resolve import is_library
from .signature import is_record


@expression(ast.Subscript)
def _subscript(frame: Frame, node: ast.Subscript) -> Item:
    base = frame.evaluate(node.value)
    if isinstance(base, Container):
        return container_item(frame, node, base)
    if not isinstance(base, Value):
        hint = "index arrays, lists, tuples or dicts"
        raise frame.unsupported(node, "a subscript here", hint, f"this is {describe(base)}")
    return taken(frame, node, base, index_of(frame, node.slice))


def container_item(frame: Frame, node: ast.Subscript, base: Container) -> Item:
    """The item of a dissolved container: key and position must be known."""
    key: Any
    if base.kind == "dict":
        key = constant_key(frame, node.slice)
    elif isinstance(node.slice, ast.Slice):
        bounds = [_bound(frame, part) for part in (node.slice.lower, node.slice.upper, node.slice.step)]
        return tuple_of(base.items[slice(*bounds)], "list" if base.kind == "list" else "tuple")
    else:
        key = _position(frame, node.slice, len(base.items))
        if base.kind == "record":
            key = base.keys[key]
    now = frame.unit.latest(base)  # evaluating the key may have changed it
    assert isinstance(now, Container)
    if key not in now.keys:
        raise frame.refuse(node, "SD012", f"{describe(base)} has no item {key!r}", f"it has {list(base.keys)}")
    return now.item(key)


def _position(frame: Frame, node: ast.expr, length: int) -> int:
    position = _bound(frame, node)
    assert position is not None
    if not -length <= position < length:
        raise frame.refuse(node, "SD012", f"there is no item {position} in a container of {length}")
    return position % length


def _bound(frame: Frame, node: ast.expr | None) -> int | None:
    """An int that must be known, or None where it is left out."""
    if node is None:
        return None
    item = frame.evaluate(node)
    value = known_int(item)
    if value is None:
        message = "the index of a container of arrays must be a constant"
        hint = "loop over the items, or over `range` of a constant; or stack the arrays into one"
        raise frame.needs_constant(node, item, message, hint)
    return value


def index_of(frame: Frame, node: ast.expr) -> Index:
    """The pattern and operands of what stands in the brackets behind an array."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    texts: list[str] = []
    operands: list[Value] = []
    for part in parts:
        if isinstance(part, ast.Slice):
            texts.append(_slice(frame, part, operands))
        elif isinstance(part, ast.Starred):
            raise frame.unsupported(part, "`*` in a subscript", "write the indices one by one")
        else:
            texts += _one(frame, part, frame.evaluate(part), operands, len(parts) == 1)
    return Index(", ".join(texts), tuple(operands))


def _slice(frame: Frame, node: ast.Slice, operands: list[Value]) -> str:
    bounds = []
    for part in (node.lower, node.upper, node.step):
        item = None if part is None else frame.evaluate(part)
        if part is None or item is None or (isinstance(item, Static) and item.value is None):
            bounds.append("")
            continue
        if not isinstance(item, Value) or not isinstance(item.type, (Scalar, Unknown)):
            raise frame.refuse(part, "SD012", "the bound of a slice must be an int", f"this is {describe(item)}")
        operands.append(item)
        bounds.append("@")
    text = f"{bounds[0]}:{bounds[1]}"
    return f"{text}:{bounds[2]}" if bounds[2] else text


def _one(frame: Frame, node: ast.expr, item: Item, operands: list[Value], alone: bool) -> list[str]:
    """The text of one part of an index; a tuple that stands alone is several parts."""
    if isinstance(item, Static) and item.value is None:
        return ["None"]
    if isinstance(item, Static) and item.value is ...:
        return ["..."]
    if isinstance(item, Container) and item.kind == "tuple" and alone:
        return [text for part in item.items for text in _one(frame, node, part, operands, False)]
    if isinstance(item, Container) and item.kind == "list":
        item = frame.call(node, operand, list(to_python(frame, node, item)))
    if isinstance(item, Value):
        operands.append(item)
        return ["@"]
    raise frame.unsupported(node, "this index", "use ints, slices, index arrays or masks", f"this is {describe(item)}")


# --- attributes


@expression(ast.Attribute)
def _attribute(frame: Frame, node: ast.Attribute) -> Item:
    return attribute_of(frame, node, frame.evaluate(node.value))


def attribute_of(frame: Frame, node: ast.Attribute, base: Item) -> Item:
    """The item of ``base.name``."""
    if isinstance(base, Static):
        method = method_of(frame, base.value, node.attr)
        if method is not None:
            return method
        found = frame.unit.names.attribute(base.value, node.attr)
        if found is None:
            raise frame.refuse(node, "SD040", f"`{ast.unparse(node)}` is not defined", "", "check its spelling")
        return frame.unit.keep(found)
    if isinstance(base, Container) and base.kind == "record":
        return _field(frame, node, base)
    if isinstance(base, Value) and node.attr in ATTRIBUTES:
        result = frame.call(node, ATTRIBUTES[node.attr], base, form="attribute", operands=[base])
        return to_item(result)
    if isinstance(base, Value) and node.attr == "dtype":
        return _dtype(frame, node, base)
    if isinstance(base, Value) and node.attr in METHODS:
        raise frame.unsupported(node, "a method that is not called", f"call it: `{ast.unparse(node)}(…)`")
    if isinstance(base, Value) and isinstance(base.type, Unknown):
        hint = "annotate the argument, or give --sig"
        raise frame.refuse(node, "SD011", f"`.{node.attr}` of a value of unknown type", "", hint)
    raise frame.refuse(node, "SD010", f"there is no rule for the attribute `.{node.attr}`", f"this is {describe(base)}")


def method_of(frame: Frame, owner: Any, name: str) -> Static | None:
    """A method of an object, or a class method of a class, bound to it; None for all else.

    It is the function in the class that is looked up again at each call: a bound method is a new object each time.
    """
    cls = owner if isinstance(owner, type) else type(owner)
    own = not isinstance(owner, type) and name in getattr(owner, "__dict__", ())
    if own or is_library(owner) or isinstance(owner, types.ModuleType):
        return None
    home = next((base for base in cls.__mro__ if name in vars(base)), None)
    method = None if home is None else vars(home)[name]
    wanted = classmethod if isinstance(owner, type) else (classmethod, types.FunctionType)
    if home is None or not isinstance(method, wanted):
        return None
    frame.unit.names.watch(home, name, method)
    function = method.__func__ if isinstance(method, classmethod) else method
    return Static(types.MethodType(function, cls if isinstance(method, classmethod) else owner))


def _field(frame: Frame, node: ast.Attribute, base: Container) -> Item:
    if node.attr in base.keys:
        return base.item(node.attr)
    found = inspect.getattr_static(base.cls, node.attr, None)
    if isinstance(found, property) and isinstance(found.fget, types.FunctionType):
        return call_function(frame, node, found.fget, [base], {})
    if found is not None and not hasattr(found, "__get__"):
        constant = frame.unit.names.attribute(base.cls, node.attr)
        if constant is not None:
            return frame.unit.keep(constant)
    if is_record(base.cls):
        raise frame.refuse(node, "SD012", f"{describe(base)} has no field `{node.attr}`", f"it has {list(base.keys)}")
    message = f"`{ast.unparse(node)}` is nothing that can be passed to generated code"
    label = f"of {describe(base)} these can be: {', '.join(map(str, base.keys)) or 'none'}"
    hint = "pass what it is needed for as an argument; objects in objects have to be dataclasses"
    raise frame.refuse(node, "SD012", message, label, hint)


def _dtype(frame: Frame, node: ast.Attribute, base: Value) -> Item:
    code: Any = getattr(base.type, "dtype", None)
    if not isinstance(base.type, (Array, Scalar)) or code is None:
        raise frame.refuse(node, "SD011", "the dtype is not known", "", "annotate the argument, or give --sig")
    return Static(DTYPES[code])
