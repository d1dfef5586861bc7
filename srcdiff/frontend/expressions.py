"""Expressions without calls and subscripts: constants, names, operators, comparisons, containers, lambdas."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from srcdiff.ir.core import Constant, Value, is_hole
from srcdiff.ir.expr import BINARY, COMPARE, UNARY
from srcdiff.ir.types import List

from .branches import truth
from .choices import choose
from .frames import Frame, expression
from .items import Closure, Container, Formatted, Item, Static, describe, known_int, tuple_of
from .resolve import number
from .texts import text_operation

_NUMBERS = (bool, int, float, complex)
_INT_COMPARE: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}


@expression(ast.Constant)
def _constant(frame: Frame, node: ast.Constant) -> Item:
    return number(node.value) if isinstance(node.value, _NUMBERS) else Static(node.value)


@expression(ast.Name)
def _name(frame: Frame, node: ast.Name) -> Item:
    return frame.read(node)


# --- operators


@expression(ast.BinOp)
def _binary(frame: Frame, node: ast.BinOp) -> Item:
    """From the left, so that sums of a thousand terms need no recursion."""
    spine: list[ast.BinOp] = []
    first: ast.expr = node
    while isinstance(first, ast.BinOp):
        spine.append(first)
        first = first.left
    item = frame.evaluate(first)
    for part in reversed(spine):
        right = frame.evaluate(part.right)
        item = binary(frame, part, part.op, frame.unit.latest(item), right)
    return item


def binary(frame: Frame, node: ast.AST, op: ast.operator, left: Item, right: Item, form: str = "") -> Item:
    """The item of ``left op right``."""
    if isinstance(left, Value) and isinstance(right, Value):
        if isinstance(left.type, List) or isinstance(right.type, List):
            hint = "make an array of it: `np.array(xs)`"
            raise frame.unsupported(node, "an operation on lists of numbers", hint)
        return frame.op(node, BINARY[type(op)], left, right, form=form)
    sequence = isinstance(left, Container) and left.kind in ("tuple", "list")
    if sequence and isinstance(op, ast.Add) and isinstance(left, Container) and isinstance(right, Container):
        if left.kind == right.kind:
            return tuple_of([*left.items, *right.items], left.kind)
    elif isinstance(op, ast.BitOr) and isinstance(left, Container) and isinstance(right, Container):
        if left.kind == right.kind == "dict":
            entries = dict(zip(left.keys, left.items, strict=True))
            entries.update(zip(right.keys, right.items, strict=True))
            return Container("dict", tuple(entries), tuple(entries.values()))
    elif sequence and isinstance(op, ast.Mult) and isinstance(left, Container):
        count = known_int(right)
        if count is None:
            raise frame.needs_constant(node, right, "the length of a container must be a constant",
                                       "make an array: `np.full(n, value)`, `np.zeros(n)`")
        return tuple_of(list(left.items) * count, left.kind)
    text = text_operation(frame, node, op, left, right)
    if text is not None:
        return text
    label = f"the operands are {describe(left)} and {describe(right)}"
    raise frame.unsupported(node, "this operation", "use numbers and arrays", label)


@expression(ast.UnaryOp)
def _unary(frame: Frame, node: ast.UnaryOp) -> Item:
    item = frame.evaluate(node.operand)
    if isinstance(node.op, ast.Not):
        test = truth(frame, node.operand, item)
        return number(not test) if isinstance(test, bool) else frame.op(node, "not_", test)
    if isinstance(item, Constant) and isinstance(node.op, ast.USub) and not is_hole(item):
        return number(-item.value)
    if not isinstance(item, Value) or isinstance(item.type, List):
        raise frame.unsupported(node, "this operation", "use numbers and arrays", f"the operand is {describe(item)}")
    return frame.op(node, UNARY[type(node.op)], item)


# --- comparisons


@expression(ast.Compare)
def _compare(frame: Frame, node: ast.Compare) -> Item:
    return _chain(frame, node, frame.evaluate(node.left), 0)


def _chain(frame: Frame, node: ast.Compare, left: Item, position: int) -> Item:
    """``a < b < c``: what stands behind is evaluated only if the first part is true."""
    right = frame.evaluate(node.comparators[position])
    item = _comparison(frame, node, node.ops[position], left, right)
    if position + 1 == len(node.ops):
        return item
    test = truth(frame, node, item)
    if isinstance(test, bool):
        return _chain(frame, node, right, position + 1) if test else item
    return choose(frame, node, test, lambda: _chain(frame, node, right, position + 1), lambda: item, "and")


def _comparison(frame: Frame, node: ast.Compare, op: ast.cmpop, left: Item, right: Item) -> Item:
    if isinstance(op, (ast.Is, ast.IsNot)):
        return number(_is(frame, node, left, right) is isinstance(op, ast.Is))
    if isinstance(op, (ast.In, ast.NotIn)) and not isinstance(left, Formatted):
        return number(_is_in(frame, node, left, right) is isinstance(op, ast.In))
    if isinstance(left, Formatted) or isinstance(right, Formatted):
        hint = "compare the values themselves"
        raise frame.unsupported(node, "a comparison of a text that is made when the program runs", hint)
    known = known_int(left), known_int(right)
    if known[0] is not None and known[1] is not None:
        return number(_INT_COMPARE[type(op)](known[0], known[1]))
    if isinstance(left, Value) and isinstance(right, Value):
        if isinstance(left.type, List) or isinstance(right.type, List):
            raise frame.unsupported(node, "a comparison of lists", "compare arrays: `np.array(xs)`")
        return frame.op(node, COMPARE[type(op)], left, right)
    if isinstance(op, (ast.Eq, ast.NotEq)):
        return _equality(frame, node, left, right, isinstance(op, ast.Eq))
    label = f"the operands are {describe(left)} and {describe(right)}"
    raise frame.unsupported(node, "this comparison", "compare numbers and arrays", label)


def _is(frame: Frame, node: ast.AST, left: Item, right: Item) -> bool:
    """Identity, for what is known at compile time."""
    if isinstance(left, Static) and isinstance(right, Static):
        return left.value is right.value
    truths = [item.value for item in (left, right) if isinstance(item, Constant) and type(item.value) is bool]
    if len(truths) == 2:
        return truths[0] is truths[1]
    if any(isinstance(item, Static) for item in (left, right)):
        return False
    raise frame.unsupported(node, "`is` between values", "compare with `==`")


def _is_in(frame: Frame, node: ast.AST, left: Item, right: Item) -> bool:
    if isinstance(left, Static) and isinstance(right, Static) and isinstance(right.value, str):
        return str(left.value) in right.value
    if isinstance(right, Container):
        wanted = _plain(left)
        candidates = right.keys if right.kind == "dict" else [_plain(item) for item in right.items]
        if wanted is not None and None not in candidates:
            return wanted in candidates
    raise frame.unsupported(node, "`in` here", "compare with `==`", f"this is {describe(right)}")


def _plain(item: Item) -> Any:
    """The text or number of an item that is known at compile time, else None."""
    if isinstance(item, Static) and isinstance(item.value, str):
        return item.value
    return item.value if isinstance(item, Constant) and not is_hole(item) else known_int(item)


def _equality(frame: Frame, node: ast.Compare, left: Item, right: Item, wanted: bool) -> Item:
    """``==`` of constants, and of tuples item by item (shapes)."""
    if isinstance(left, Static) and isinstance(right, Static):
        return number(bool(left.value == right.value) is wanted)
    if isinstance(left, Static) or isinstance(right, Static):
        return number(not wanted)
    if isinstance(left, Container) and isinstance(right, Container) and left.kind == right.kind != "record":
        if left.keys != right.keys:
            return number(not wanted)
        item: Item = number(True)
        for one, other in zip(left.items, right.items, strict=True):
            item = _also(frame, node, item, _equal(frame, node, one, other))
        test = truth(frame, node, item)
        if isinstance(test, bool):
            return number(test is wanted)
        return item if wanted else frame.op(node, "not_", test)
    label = f"the operands are {describe(left)} and {describe(right)}"
    raise frame.unsupported(node, "this comparison", "compare numbers and arrays", label)


def _equal(frame: Frame, node: ast.Compare, left: Item, right: Item) -> Item:
    """``left == right``; lengths that are known to be equal need no test."""
    if isinstance(left, Value) and isinstance(right, Value):
        values = [getattr(side.type, "value", None) for side in (left, right)]
        if frame.b.typing.facts.equal(*values):
            return number(True)
    return _comparison(frame, node, ast.Eq(), left, right)


def _also(frame: Frame, node: ast.AST, left: Item, right: Item) -> Item:
    """``left and right`` of two truths that are there already."""
    tests = truth(frame, node, left), truth(frame, node, right)
    for test, other in (tests, tests[::-1]):
        if isinstance(test, bool):
            return (number(other) if isinstance(other, bool) else other) if test else number(False)
    assert isinstance(tests[0], Value)
    return choose(frame, node, tests[0], lambda: right, lambda: left, "and")


# --- containers and functions


@expression(ast.Tuple, ast.List)
def _sequence(frame: Frame, node: ast.Tuple | ast.List) -> Item:
    return tuple_of(spread(frame, node.elts), "tuple" if isinstance(node, ast.Tuple) else "list")


def spread(frame: Frame, nodes: list[ast.expr]) -> list[Item]:
    """The items of expressions, ``*xs`` spread out."""
    items: list[Item] = []
    for node in nodes:
        if not isinstance(node, ast.Starred):
            items.append(frame.evaluate(node))
            continue
        inner = frame.evaluate(node.value)
        if not isinstance(inner, Container) or inner.kind == "dict":
            hint = "write the items one by one"
            raise frame.unsupported(node, "`*` in front of this", hint, f"it is {describe(inner)}")
        items += inner.items
    return list(map(frame.unit.latest, items))


@expression(ast.Dict)
def _dict(frame: Frame, node: ast.Dict) -> Item:
    entries: dict[Any, Item] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            inner = frame.evaluate(value)
            if not isinstance(inner, Container) or inner.kind != "dict":
                raise frame.unsupported(value, "`**` in front of this", "", f"it is {describe(inner)}")
            entries.update(zip(inner.keys, inner.items, strict=True))
        else:
            entries[constant_key(frame, key)] = frame.evaluate(value)
    return Container("dict", tuple(entries), tuple(entries.values()))


def constant_key(frame: Frame, node: ast.expr) -> Any:
    """A key of a dict, which must be a constant."""
    return plain_key(frame, node, frame.evaluate(node))


def plain_key(frame: Frame, node: ast.AST, item: Item) -> Any:
    """The key of a dict that an item is."""
    if isinstance(item, Container) and item.kind == "tuple":
        return tuple(plain_key(frame, node, part) for part in item.items)
    key = _plain(item)
    if key is None:
        raise frame.needs_constant(node, item, "the key of a dict must be a constant")
    return key


@expression(ast.Lambda)
def _lambda(frame: Frame, node: ast.Lambda) -> Item:
    return closure(frame, node, "<lambda>")


def closure(frame: Frame, node: ast.Lambda | ast.FunctionDef, name: str) -> Closure:
    """A function that is defined here; its defaults are evaluated now."""
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    pairs = list(zip(positional[len(positional) - len(given.defaults) :], given.defaults, strict=True))
    pairs += [(a, d) for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d is not None]
    defaults = {argument.arg: frame.evaluate(default) for argument, default in pairs}
    return Closure(frame.text.inner(node, name), frame, defaults)


@expression(ast.Starred)
def _starred(frame: Frame, node: ast.Starred) -> Item:
    raise frame.unsupported(node, "`*` here", "write the items one by one")


