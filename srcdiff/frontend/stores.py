"""Stores: ``x[i] = v``, ``x[i] += v``, ``x += v`` on arrays, ``np.add.at``. Each makes a new version of the array.

The target may be any expression that gives an array: a name, a view, an item of a container (`places`).
"""

from __future__ import annotations

import ast
import copy

import numpy as np

from srcdiff.ir.core import AGAIN, Constant, Value, is_hole, name_value
from srcdiff.ir.expr import BINARY
from srcdiff.ir.types import Array, List, Scalar, Type, Unknown, kind
from srcdiff.rules.binding import FUNCTIONS, operand
from srcdiff.rules.regions import attributes, known_unique

from .changes import change, store_item
from .expressions import binary, constant_key
from .frames import Frame, to_python
from .items import Container, Item, Static, describe, known_int
from .paths import WHOLE, Index, Store, stored, taken
from .places import Refusal
from .resolve import number
from .subscripts import index_of

_SYMBOLS = {ast.Add: "+=", ast.Sub: "-=", ast.Mult: "*=", ast.Div: "/=", ast.FloorDiv: "//=", ast.Mod: "%=",
            ast.Pow: "**=", ast.MatMult: "@=", ast.BitAnd: "&=", ast.BitOr: "|=", ast.BitXor: "^=",
            ast.LShift: "<<=", ast.RShift: ">>="}


def place_of(frame: Frame, node: ast.expr) -> Item:
    """The item that is written through: ``A[i]`` of ``A[i][j] = v`` is read by nobody."""
    if not isinstance(node, ast.Subscript):
        return frame.evaluate(node)
    base = place_of(frame, node.value)
    if not isinstance(base, Value):
        return frame.evaluate(node)
    index = index_of(frame, node.slice)
    attrs = attributes(frame.b, index.operands, index.pattern)
    return frame.op(node, "get", base, *index.operands, form=AGAIN, **attrs)


def attribute_write(frame: Frame, node: ast.AST) -> Refusal:
    """The exception for an object that would be changed."""
    hint = "build a new object, and return it: `dataclasses.replace(…)`"
    return frame.refuse(node, "SD065", "a write to an attribute is not supported", "", hint)


def handle_of(frame: Frame, node: ast.expr, item: Item) -> Value:
    """The item of an expression as an array that can be written into."""
    if not isinstance(item, Value):
        hint = "containers cannot be changed: build a new one"
        raise frame.unsupported(node, "changing a container", hint, f"this is {describe(item)}")
    if isinstance(item.type, List):
        hint = "work on an array: `xs = np.array(xs)`"
        raise frame.unsupported(node, "a write into a list of numbers", hint)
    if isinstance(item.type, Scalar):
        raise frame.refuse(node, "SD012", "a number cannot be written into", f"this is {item.type}")
    return item


def update(frame: Frame, node: ast.AST, target: ast.expr | str, old: Value, store: Store) -> None:
    """A store into what a handle stands for. target: the author's expression for it, or its text."""
    _check_kinds(frame, node, old.type, store.value.type, whole=store.index is WHOLE)
    places = frame.places
    stamp = places.stamps.get(old)
    if stamp is None:
        raise frame.unsupported(node, "a write into this", "write into an array")
    frame.call(node, lambda b: b.current(old))
    base = places.state.content(stamp.root)
    assert base is not None
    new = stored(frame, node, base, stamp.steps, store)
    name_value(new, stamp.root.hint or base.name)
    name = target if isinstance(target, str) else ast.unparse(target)
    places.write(stamp.root, new, name, frame.span(node))


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
    base = place_of(frame, target.value)
    if isinstance(base, Container):
        key = constant_key(frame, target.slice) if base.kind == "dict" else _index(frame, target.slice)
        store_item(frame, target, base, key, item)
        return
    old = handle_of(frame, target.value, base)
    index = index_of(frame, target.slice)
    update(frame, target, target.value, old, Store("set", as_value(frame, target, item), index))


def as_value(frame: Frame, node: ast.AST, item: Item) -> Value:
    """The value that a store writes; a list of numbers is an array of them."""
    if isinstance(item, Value) and not isinstance(item.type, List):
        return item
    if isinstance(item, (Value, Container)):
        made: Value = frame.call(node, operand, to_python(frame, node, item), operands=[item])
        return made
    raise frame.unsupported(node, f"storing {describe(item)} in an array", "store numbers and arrays")


# --- augmented assignment


def augment(frame: Frame, node: ast.AugAssign) -> None:
    """``x += v`` in its three meanings: a new number, an array changed in place, an element changed."""
    if type(node.op) not in _SYMBOLS:
        raise frame.unsupported(node, "a shift of bits", "multiply or divide by a power of two")
    if isinstance(node.target, ast.Name):
        _augment_name(frame, node, node.target)
        return
    if isinstance(node.target, ast.Subscript):
        base = place_of(frame, node.target.value)
        if not isinstance(base, Container):
            _augment_element(frame, node, node.target, handle_of(frame, node.target.value, base))
            return
    item = frame.evaluate(_loaded(node.target))
    if isinstance(item, Value) and isinstance(item.type, Array):
        _in_place(frame, node, item)
        return
    if not isinstance(node.target, ast.Subscript):
        raise attribute_write(frame, node.target)
    result = binary(frame, node, node.op, item, frame.evaluate(node.value), _SYMBOLS[type(node.op)])
    store(frame, node.target, result)


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


def _loaded(target: ast.expr) -> ast.expr:
    """A target as an expression that is read."""
    loaded = copy.copy(target)
    loaded.ctx = ast.Load()  # type: ignore[attr-defined]
    return loaded


def _augment_name(frame: Frame, node: ast.AugAssign, target: ast.Name) -> None:
    item = frame.evaluate(_loaded(target))
    if isinstance(item, Value) and isinstance(item.type, Array):
        _in_place(frame, node, item)
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
        root = frame.places.root(item) if isinstance(item, Value) and isinstance(item.type, Unknown) else None
        if root is not None:  # should it be an array, the caller's and all other names of it see the change
            frame.places.lose(root, target.id, frame.span(node))
    frame.bind(target.id, result, target)


def _in_place(frame: Frame, node: ast.AugAssign, old: Value) -> None:
    """``x += v`` where ``x`` is an array: ``np.add(x, v, out=x)``."""
    right = _right(frame, node)
    form = _SYMBOLS[type(node.op)]
    if isinstance(node.op, (ast.Add, ast.Sub)) and not _is_unsigned(old.type, right.type):
        update(frame, node, node.target, old, Store("add_at", _signed(frame, node, right), WHOLE, form))
        return
    result = frame.op(node, BINARY[type(node.op)], old, right)
    update(frame, node, node.target, old, Store("set", result, WHOLE, form))


def _right(frame: Frame, node: ast.AugAssign) -> Value:
    return as_value(frame, node.value, frame.evaluate(node.value))


def _is_unsigned(*types: Type) -> bool:
    return any(kind(getattr(type_, "dtype", None)) in "ub" for type_ in types)


def _signed(frame: Frame, node: ast.AugAssign, right: Value) -> Value:
    """What is added: ``x -= v`` adds ``-v``, which is the same number."""
    if isinstance(node.op, ast.Add):
        return right
    if isinstance(right, Constant) and not is_hole(right):
        return number(-right.value)
    return frame.op(node, "neg", right, form="-=")


def _augment_element(frame: Frame, node: ast.AugAssign, target: ast.Subscript, old: Value) -> None:
    """``x[i] += v``: in one step where ``i`` cannot name a cell twice, else read, add, write, as NumPy does."""
    index = index_of(frame, target.slice)
    root = frame.places.root(old)
    before = root and frame.places.state.versions.get(root)
    right = _right(frame, node)
    if root is not None and frame.places.state.versions.get(root) is not before:
        hint = "evaluate the right-hand side on a line of its own"
        raise frame.refuse(node, "SD020", f"the right-hand side changes `{ast.unparse(target.value)}`", "", hint)
    form = _SYMBOLS[type(node.op)]
    once = known_unique(frame.b, index.operands, index.pattern)
    if isinstance(node.op, (ast.Add, ast.Sub)) and once and not _is_unsigned(old.type, right.type):
        update(frame, node, target.value, old, Store("add_at", _signed(frame, node, right), index, form))
        return
    part = taken(frame, target, old, index)
    result = frame.op(node, BINARY[type(node.op)], part, right)
    if isinstance(part.type, Array) and once:
        _check_kinds(frame, node, part.type, result.type, whole=True)
    update(frame, node, target.value, old, Store("set", result, index, form))


# --- np.add.at


def store_at(frame: Frame, node: ast.Call, ufunc: np.ufunc) -> Item:
    """``np.add.at(x, i, v)``, ``np.subtract.at(x, i, v)``: each repeated index counts; others where none is."""
    if len(node.args) != 3 or node.keywords or (ufunc not in (np.add, np.subtract) and ufunc not in FUNCTIONS):
        hint = "np.add.at(x, i, v) and np.subtract.at(x, i, v) are"
        raise frame.refuse(node, "SD010", f"there is no rule for `{ast.unparse(node.func)}` here", "", hint)
    target, at, value = node.args
    old = handle_of(frame, target, place_of(frame, target))
    index = index_of(frame, at)
    right = as_value(frame, value, frame.evaluate(value))
    if ufunc not in (np.add, np.subtract):
        _apply_at(frame, node, ufunc, old, index, right)
        return Static(None)
    if ufunc is np.subtract:
        right = frame.op(node, "neg", right, form="-=")
    form = "-=" if ufunc is np.subtract else ""
    update(frame, node, target, old, Store("add_at", right, index, form, repeats=True))
    return Static(None)


def _apply_at(frame: Frame, node: ast.Call, ufunc: np.ufunc, old: Value, index: Index, right: Value) -> None:
    """``np.multiply.at(x, i, v)`` where ``i`` names no cell twice: read, compute, write."""
    if not known_unique(frame.b, index.operands, index.pattern):
        hint = "loop over the indices: `for k, i in enumerate(idx): x[i] *= v[k]`"
        name = ast.unparse(node.func)
        raise frame.unsupported(node, f"`{name}` with indices that may be repeated", hint)
    part = taken(frame, node, old, index)
    result = frame.call(node, FUNCTIONS[ufunc], part, right, operands=[part, right])
    update(frame, node, node.args[0], old, Store("set", result, index))
