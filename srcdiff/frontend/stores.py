"""Stores: ``x[i] = v``, ``x[i] += v``, ``x += v`` on arrays, ``np.add.at``. Each makes a new version of the array.

The array must be a local name, or stand in a container that one holds. What else sees its memory becomes stale
(`places`).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

import numpy as np

from srcdiff.ir.core import Constant, Value, is_hole, name_value
from srcdiff.ir.expr import BINARY
from srcdiff.ir.structure import Path
from srcdiff.ir.types import Array, List, Scalar, Type, Unknown, kind
from srcdiff.rules.binding import operand
from srcdiff.rules.regions import attributes, known_unique

from .changes import change, holders, note, store_item, swapped
from .expressions import binary, constant_key
from .frames import Frame, to_python
from .items import Container, Item, Static, at_path, describe, known_int, path_text, with_path
from .places import Refusal, foreign
from .resolve import number
from .subscripts import Index, index_of

_SYMBOLS = {ast.Add: "+=", ast.Sub: "-=", ast.Mult: "*=", ast.Div: "/=", ast.FloorDiv: "//=", ast.Mod: "%=",
            ast.Pow: "**=", ast.MatMult: "@=", ast.BitAnd: "&=", ast.BitOr: "|=", ast.BitXor: "^=",
            ast.LShift: "<<=", ast.RShift: ">>="}
WHOLE = Index("...", ())


@dataclass(frozen=True)
class Place:
    """Where an array is held: a name, and the way through the containers behind it."""

    name: str
    path: Path

    @property
    def text(self) -> str:
        return path_text(self.name, self.path)


def attribute_write(frame: Frame, node: ast.AST) -> Refusal:
    """The exception for an object that would be changed."""
    hint = "build a new object, and return it: `dataclasses.replace(…)`"
    return frame.refuse(node, "SD065", "a write to an attribute is not supported", "", hint)


def place_of(frame: Frame, node: ast.expr) -> tuple[Place, Value]:
    """The place that an expression names, and the array there."""
    steps: list[ast.expr] = []
    base = node
    while isinstance(base, (ast.Subscript, ast.Attribute)):
        steps.append(base)
        base = base.value
    if not isinstance(base, ast.Name):
        raise frame.unsupported(node, "a write into the result of an expression", "give the array a name first")
    item = frame.read(base)
    if isinstance(item, Static):
        raise attribute_write(frame, node)
    path: list[object] = []
    for step in reversed(steps):
        if not isinstance(item, Container):
            hint = "write all indices into one pair of brackets: `x[i, j]`"
            raise frame.refuse(step, "SD020", "this write goes through a view of an array", "", hint)
        key = _key(frame, step, item)
        path.append(key)
        item = item.item(key)
    if base.id not in frame.locals:
        raise Refusal(foreign(base.id, frame.span(node)))
    if not isinstance(item, Value):
        hint = "containers cannot be changed: build a new one"
        raise frame.unsupported(node, "changing a container", hint, f"this is {describe(item)}")
    return Place(base.id, tuple(path)), item


def _key(frame: Frame, step: ast.expr, item: Container) -> object:
    if isinstance(step, ast.Attribute):
        key: object = step.attr
    else:
        assert isinstance(step, ast.Subscript)
        key = constant_key(frame, step.slice)
        if item.kind in ("tuple", "list") and isinstance(key, int) and key < 0:
            key += len(item.items)
    if key not in item.keys:
        raise frame.refuse(step, "SD012", f"{describe(item)} has no item {key!r}", f"it has {list(item.keys)}")
    return key


def update(
    frame: Frame, node: ast.AST, place: Place, old: Value, kind: str, value: Value, index: Index, form: str = "",
    **attrs: bool,
) -> None:
    """A store: the array at the place becomes the result of ``set`` or ``add_at``."""
    _check_kinds(frame, node, old.type, value.type, whole=index is WHOLE)
    new = frame.op(node, kind, old, value, *index.operands, form=form,
                   **attributes(frame.b, index.operands, index.pattern), **attrs)
    name_value(new, place.name if not place.path else old.name)
    frame.places.write(old, new, place.text, frame, frame.span(node))
    _replace(frame, place, new)


def _replace(frame: Frame, place: Place, new: Value) -> None:
    """Put the new version of an array in its place, and into all that hold the container that it is in."""
    whole = frame.env[place.name]
    if place.path:
        parent = at_path(whole, place.path[:-1])
        assert isinstance(parent, Container)
        changed = with_path(parent, place.path[-1:], new)
        assert isinstance(changed, Container)
        made: dict[Item, Item] = {parent: changed}
        frame.env.update({name: swapped(frame.unit, item, made) for name, item in frame.env.items()})
        note(frame.unit, made)
        if holders(frame.unit, parent):  # in another frame: it is out of date there
            frame.unit.shared[changed] = None
        return
    frame.env[place.name] = new


def _check_kinds(frame: Frame, node: ast.AST, array: Type, value: Type, whole: bool) -> None:
    """What NumPy refuses, or warns of: a complex number in a real array, a float added to an array of ints in place."""
    codes = [kind(getattr(type_, "dtype", None)) for type_ in (array, value)]
    if "?" in codes:
        return
    order = "biufc"
    lost = codes[1] == "c" != codes[0] or (whole and order.index(codes[1]) > max(order.index(codes[0]), 2))
    if lost:
        label = f"the array is {array}, the value {value}"
        hint = "make the array of a wider dtype: `.astype(float)`, `.astype(complex)`"
        raise frame.refuse(node, "SD013", "the value does not fit into the dtype of the array", label, hint)


# --- assignment


def store(frame: Frame, target: ast.Subscript, item: Item) -> None:
    """``x[i] = v``."""
    if _is_container(frame, target.value):
        base = frame.evaluate(target.value)
        assert isinstance(base, Container)
        key = constant_key(frame, target.slice) if base.kind == "dict" else _index(frame, target.slice)
        store_item(frame, target, base, key, item)
        return
    place, old = place_of(frame, target.value)
    _check_array(frame, target, old)
    index = index_of(frame, target.slice)
    update(frame, target, place, old, "set", _stored(frame, target, item), index)


def _stored(frame: Frame, node: ast.AST, item: Item) -> Value:
    """The value that a store writes; a list of numbers is an array of them."""
    if isinstance(item, Value) and not isinstance(item.type, List):
        return item
    if isinstance(item, (Value, Container)):
        made: Value = frame.call(node, operand, to_python(frame, node, item), operands=[item])
        return made
    raise frame.unsupported(node, f"storing {describe(item)} in an array", "store numbers and arrays")


def _check_array(frame: Frame, node: ast.AST, value: Value) -> None:
    if isinstance(value.type, List):
        hint = "work on an array: `xs = np.array(xs)`"
        raise frame.unsupported(node, "a write into a list of numbers", hint)
    if isinstance(value.type, Scalar):
        raise frame.refuse(node, "SD012", "a number cannot be written into", f"this is {value.type}")


# --- augmented assignment


def augment(frame: Frame, node: ast.AugAssign) -> None:
    """``x += v`` in its three meanings: a new number, an array changed in place, an element changed."""
    if type(node.op) not in _SYMBOLS:
        raise frame.unsupported(node, "a shift of bits", "multiply or divide by a power of two")
    if isinstance(node.target, ast.Name):
        _augment_name(frame, node, node.target)
    elif isinstance(node.target, ast.Subscript) and not _is_container(frame, node.target.value):
        _augment_element(frame, node, node.target)
    elif isinstance(node.target, ast.Subscript) and not _holds_array(frame, node.target):
        item = frame.evaluate(_loaded(node.target))
        right = frame.evaluate(node.value)
        result = binary(frame, node, node.op, item, right, _SYMBOLS[type(node.op)])
        store(frame, node.target, result)
    else:
        place, old = place_of(frame, node.target)
        if not isinstance(old.type, Array):
            if isinstance(node.target, ast.Attribute):
                raise attribute_write(frame, node.target)
            hint = "build a new one"
            raise frame.unsupported(node, "changing an item of a container", hint)
        _in_place(frame, node, place, old)


def _index(frame: Frame, node: ast.expr) -> int:
    """The position of a list that is written."""
    if isinstance(node, ast.Slice):
        raise frame.unsupported(node, "a store into a slice of a list", "store into an array, or build a new list")
    item = frame.evaluate(node)
    position = known_int(item)
    if position is None:
        hint = "store into an array: `x = np.zeros(n)`"
        raise frame.needs_constant(node, item, "the position in a list must be a constant here", hint)
    return position


def _loaded(target: ast.Subscript) -> ast.Subscript:
    return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)


def _holds_array(frame: Frame, target: ast.Subscript) -> bool:
    """Whether an item of a container is an array, which is changed in place."""
    item = frame.evaluate(_loaded(target))
    return isinstance(item, Value) and isinstance(item.type, (Array, Unknown))


def _is_container(frame: Frame, node: ast.expr) -> bool:
    """Whether an expression that is written through is a dissolved container."""
    steps: list[ast.Subscript | ast.Attribute] = []
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        steps.append(node)
        node = node.value
    item: Item | None = frame.env.get(node.id) if isinstance(node, ast.Name) else None
    for step in reversed(steps):
        if not isinstance(item, Container):
            return False
        item = at_path(item, (_key(frame, step, item),))
    return isinstance(item, Container)


def _augment_name(frame: Frame, node: ast.AugAssign, target: ast.Name) -> None:
    item = frame.read(ast.copy_location(ast.Name(target.id, ast.Load()), target))
    if isinstance(item, Value) and isinstance(item.type, Array):
        _in_place(frame, node, Place(target.id, ()), item)
        return
    right = frame.evaluate(node.value)
    if isinstance(item, Container) and item.kind in ("list", "dict") and isinstance(node.op, (ast.Add, ast.BitOr)):
        grown = binary(frame, node, node.op, frame.unit.latest(item), right, "")
        assert isinstance(grown, Container)
        change(frame, node, item, grown)
        return
    result = binary(frame, node, node.op, item, right, _SYMBOLS[type(node.op)])
    if isinstance(result, Value) and not isinstance(result, Constant):
        name_value(result, target.id)
        if isinstance(item, Value) and isinstance(item.type, Unknown):
            # should it be an array, the caller's and all other names of it see the change
            frame.places.write(item, result, target.id, frame, frame.span(node))
    frame.bind(target.id, result, target)


def _in_place(frame: Frame, node: ast.AugAssign, place: Place, old: Value) -> None:
    """``x += v`` where ``x`` is an array: ``np.add(x, v, out=x)``."""
    right = _right(frame, node)
    form = _SYMBOLS[type(node.op)]
    if isinstance(node.op, (ast.Add, ast.Sub)) and not _is_unsigned(old.type, right.type):
        update(frame, node, place, old, "add_at", _signed(frame, node, right), WHOLE, form)
        return
    result = frame.op(node, BINARY[type(node.op)], old, right)
    update(frame, node, place, old, "set", result, WHOLE, form)


def _right(frame: Frame, node: ast.AugAssign) -> Value:
    return _stored(frame, node.value, frame.evaluate(node.value))


def _is_unsigned(*types: Type) -> bool:
    return any(kind(getattr(type_, "dtype", None)) in "ub" for type_ in types)


def _signed(frame: Frame, node: ast.AugAssign, right: Value) -> Value:
    """What is added: ``x -= v`` adds ``-v``, which is the same number."""
    if isinstance(node.op, ast.Add):
        return right
    if isinstance(right, Constant) and not is_hole(right):
        return number(-right.value)
    return frame.op(node, "neg", right, form="-=")


def _augment_element(frame: Frame, node: ast.AugAssign, target: ast.Subscript) -> None:
    """``x[i] += v``: in one step where ``i`` cannot name a cell twice, else read, add, write, as NumPy does."""
    place, old = place_of(frame, target.value)
    _check_array(frame, target, old)
    index = index_of(frame, target.slice)
    writes = dict(frame.places.state.writes)
    right = _right(frame, node)
    now = at_path(frame.env[place.name], place.path)
    if now is not old or any(frame.places.state.writes.get(r) is not writes.get(r) for r in frame.places.roots(old)):
        hint = "evaluate the right-hand side on a line of its own"
        raise frame.refuse(node, "SD020", f"the right-hand side changes `{place.text}`", "", hint)
    form = _SYMBOLS[type(node.op)]
    once = known_unique(frame.b, index.operands, index.pattern)
    if isinstance(node.op, (ast.Add, ast.Sub)) and once and not _is_unsigned(old.type, right.type):
        update(frame, node, place, old, "add_at", _signed(frame, node, right), index, form)
        return
    part = frame.op(target, "get", old, *index.operands, **attributes(frame.b, index.operands, index.pattern))
    result = frame.op(node, BINARY[type(node.op)], part, right)
    if isinstance(part.type, Array) and once:
        _check_kinds(frame, node, part.type, result.type, whole=True)
    update(frame, node, place, old, "set", result, index, form)


# --- np.add.at


def store_at(frame: Frame, node: ast.Call, ufunc: np.ufunc) -> Item:
    """``np.add.at(x, i, v)``, ``np.subtract.at(x, i, v)``: every repeated index counts."""
    if ufunc not in (np.add, np.subtract) or len(node.args) != 3 or node.keywords:
        hint = "np.add.at(x, i, v) and np.subtract.at(x, i, v) are"
        raise frame.refuse(node, "SD010", f"there is no rule for `{ast.unparse(node.func)}` here", "", hint)
    target, at, value = node.args
    place, old = place_of(frame, target)
    _check_array(frame, target, old)
    index = index_of(frame, at)
    right = _stored(frame, value, frame.evaluate(value))
    if ufunc is np.subtract:
        right = frame.op(node, "neg", right, form="-=")
    update(frame, node, place, old, "add_at", right, index, "-=" if ufunc is np.subtract else "", repeats=True)
    return Static(None)


