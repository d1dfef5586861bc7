"""Stores: ``x[i] = v``, ``x[i] += v``, ``x += v``, ``np.add.at``: each makes a new version of the array.

A store goes through a name, or through a container that a name holds. What else sees the array is stale from then on
(``places``). Which copies the text needs is not decided here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.ir.core import Value
from srcdiff.ir.expr import BINARY
from srcdiff.ir.structure import Path
from srcdiff.ir.types import Array, List, Scalar, Unknown
from srcdiff.rules.regions import may_repeat

from .expressions import binary, constant_key
from .frames import Frame, statement
from .inline import arguments
from .items import Container, Item, Static, at_path, describe, known_int, with_path
from .subscripts import Index, index_of

AT = {np.add.at: "add", np.subtract.at: "sub"} if hasattr(np.add, "at") else {}
_UFUNCS: dict[Any, str] = {np.add: "add", np.subtract: "sub"}


def place_of(frame: Frame, node: ast.expr) -> tuple[str, Path]:
    """The name and the path in its container that an expression names, for writing."""
    if isinstance(node, ast.Name):
        if node.id not in frame.locals:
            what = f"writing into `{node.id}`, which belongs to the code around"
            raise frame.unsupported(node, what, "pass it as an argument, or copy it first")
        frame.read(node)
        return node.id, ()
    if isinstance(node, (ast.Subscript, ast.Attribute)):
        name, path = place_of(frame, node.value)
        owner = at_path(frame.env[name], path)
        if isinstance(owner, Container):
            return name, (*path, _key(frame, node, owner))
        hint = "index in one step: `a[i, j] = v`"
        raise frame.refuse(node, "SD020", "this write goes through a view of another array", "", hint)
    raise frame.unsupported(node, "a store here", "store into an array that has a name")


def _key(frame: Frame, node: ast.Subscript | ast.Attribute, owner: Container) -> Any:
    if isinstance(node, ast.Attribute):
        key: Any = node.attr
    elif owner.kind == "dict":
        key = constant_key(frame, node.slice)
    else:
        item = frame.evaluate(node.slice)
        position = known_int(item)
        if position is None:
            message = "the index of a container of arrays must be a constant"
            raise frame.needs_constant(node, item, message, "stack the arrays into one")
        key = position % len(owner.items) if -len(owner.items) <= position < len(owner.items) else position
    if key not in owner.keys:
        raise frame.refuse(node, "SD012", f"{describe(owner)} has no item {key!r}")
    return key


def write(frame: Frame, node: ast.expr, change: Callable[[Value], Value]) -> None:
    """Make a new version of the array that ``node`` names."""
    name, path = place_of(frame, node)
    old = at_path(frame.env[name], path)
    if not isinstance(old, Value) or isinstance(old.type, (List, Scalar)):
        raise frame.unsupported(node, f"a store into {describe(old)}", "store into an array")
    new = change(old)
    frame.places.write(old, new, name, frame, frame.span(node))
    frame.env[name] = with_path(frame.env[name], path, new)


def store(frame: Frame, target: ast.expr, item: Item) -> None:
    """``x[i] = v``."""
    if isinstance(target, ast.Attribute):
        raise frame.unsupported(target, "setting an attribute", "build a new object with the changed field")
    if not isinstance(target, ast.Subscript):
        raise frame.unsupported(target, "an assignment to this", "assign to names and array elements")
    owner = frame.evaluate(target.value)
    if isinstance(owner, Container):
        raise frame.unsupported(target, f"setting an item of {describe(owner)}", "build a new one, or use an array")
    index = index_of(frame, target.slice)
    value = stored_value(frame, target, item)

    def change(old: Value) -> Value:
        return _update(frame, target, "set", old, value, index)

    write(frame, target.value, change)


def stored_value(frame: Frame, node: ast.AST, item: Item) -> Value:
    if isinstance(item, Container) and item.kind in ("tuple", "list"):
        from .inline import bound_call  # a list is stored as the array that NumPy makes of it

        assert isinstance(node, ast.expr)
        made = bound_call(frame, ast.Call(node, [], []), _array, [item], {})
        assert isinstance(made, Value)
        return made
    if not isinstance(item, Value) or isinstance(item.type, List):
        raise frame.unsupported(node, f"storing {describe(item)}", "store numbers and arrays")
    return item


def _array(b: Any, value: Any) -> Value:
    from srcdiff.rules.binding import operand

    return operand(b, value)


def _update(frame: Frame, node: ast.AST, kind: str, old: Value, value: Value, index: Index, **attrs: Any) -> Value:
    new = frame.op(node, kind, old, value, *index.operands, index=index.pattern, **attrs)
    _name(new, old)
    return new


def _name(new: Value, old: Value) -> None:
    from srcdiff.ir.core import name_value

    if old.name:
        name_value(new, old.name)


# --- augmented assignments


@statement(ast.AugAssign)
def _augmented(frame: Frame, node: ast.AugAssign) -> None:
    if isinstance(node.target, ast.Name):
        _augmented_name(frame, node, node.target)
    elif isinstance(node.target, ast.Subscript):
        _augmented_item(frame, node, node.target)
    else:
        raise frame.unsupported(node.target, "setting an attribute", "build a new object with the changed field")


def _augmented_name(frame: Frame, node: ast.AugAssign, target: ast.Name) -> None:
    old = frame.read(target)
    operand = frame.evaluate(node.value)
    if isinstance(old, Value) and isinstance(old.type, Array):
        whole = Index("...", ())
        write(frame, target, lambda _: _in_place(frame, node, old, operand, whole))
        return
    if isinstance(old, Value) and isinstance(old.type, Unknown):
        new = binary(frame, node, node.op, old, operand)
        assert isinstance(new, Value)
        _name(new, old)
        frame.places.write(old, new, target.id, frame, frame.span(target))
        frame.env[target.id] = new
        return
    if isinstance(old, Container) and old.kind == "list":
        raise frame.unsupported(node, "`+=` on a list", "build a new list: `xs = xs + [x]`")
    result = binary(frame, node, node.op, old, operand, form="augmented")
    if isinstance(result, Value):
        from srcdiff.ir.core import name_value

        name_value(result, target.id)
    frame.bind(target.id, result, target)


def _augmented_item(frame: Frame, node: ast.AugAssign, target: ast.Subscript) -> None:
    owner = frame.evaluate(target.value)
    if isinstance(owner, Container):
        name, path = place_of(frame, target)
        old = at_path(frame.env[name], path)
        operand = frame.evaluate(node.value)
        if isinstance(old, Value) and isinstance(old.type, Array):
            write(frame, target, lambda _: _in_place(frame, node, old, operand, Index("...", ())))
            return
        raise frame.unsupported(target, f"setting an item of {describe(owner)}", "build a new one, or use an array")
    index = index_of(frame, target.slice)
    operand = frame.evaluate(node.value)
    write(frame, target.value, lambda old: _in_place(frame, node, old, operand, index))


def _in_place(frame: Frame, node: ast.AugAssign, old: Value, operand: Item, index: Index) -> Value:
    """``x[index] op= operand``: NumPy reads, computes and stores, so repeated indices count once."""
    value = stored_value(frame, node.value, operand)
    once = not may_repeat([v.type for v in index.operands], index.pattern)
    if once and isinstance(node.op, (ast.Add, ast.Sub)):
        if isinstance(node.op, ast.Sub):
            value = frame.op(node, "neg", value)
        return _update(frame, node, "add_at", old, value, index)
    part = old if index.pattern == "..." else frame.op(node, "get", old, *index.operands, index=index.pattern)
    if type(node.op) not in BINARY:
        raise frame.unsupported(node, "a shift of bits", "multiply or divide by a power of two")
    changed = frame.op(node, BINARY[type(node.op)], part, value)
    return _update(frame, node, "set", old, changed, index)


# --- np.add.at


def is_update_call(frame: Frame, node: ast.Call) -> bool:
    """Whether a call is ``np.add.at`` or ``np.subtract.at``."""
    return _ufunc(frame, node) is not None


def _ufunc(frame: Frame, node: ast.Call) -> str | None:
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "at":
        return None
    item = frame.evaluate(node.func.value)
    if not isinstance(item, Static) or not isinstance(item.value, np.ufunc):
        return None
    if item.value not in _UFUNCS:
        raise frame.unsupported(node, f"`{ast.unparse(node.func)}`", "np.add.at and np.subtract.at are")
    return _UFUNCS[item.value]


def update_call(frame: Frame, node: ast.Call) -> None:
    """``np.add.at(x, index, v)``."""
    kind = _ufunc(frame, node)
    if len(node.args) != 3 or node.keywords:
        raise frame.unsupported(node, "this call", "write `np.add.at(x, index, v)`")
    index = index_of(frame, node.args[1])
    value = stored_value(frame, node.args[2], frame.evaluate(node.args[2]))
    if kind == "sub":
        value = frame.op(node, "neg", value)
    repeats = may_repeat([v.type for v in index.operands], index.pattern)
    attrs = {"repeats": True} if repeats else {}
    write(frame, node.args[0], lambda old: _update(frame, node, "add_at", old, value, index, **attrs))


__all__ = ["arguments", "is_update_call", "place_of", "store", "update_call", "write"]
