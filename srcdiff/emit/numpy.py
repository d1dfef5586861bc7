"""How operations are written: an op and the expressions of its operands become an ``ast`` expression.

The text of an operation is its ``OpDef.spelling``. The names in it stand for the operands, in order of appearance;
keywords stand for static arguments and are left out where they have their default.

>>> import ast, srcdiff.rules
>>> from srcdiff.ir.build import Builder
>>> from srcdiff.ir.core import Value
>>> from srcdiff.ir.types import FLOAT
>>> b = Builder()
>>> x = Value(FLOAT, "x")
>>> _ = b.op("math_sin", x)
>>> ast.unparse(spelled(b.ops[0], [ast.Name("x")]))
'math.sin(x)'
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from srcdiff.ir.core import Op
from srcdiff.ir.types import DTYPES, Scalar, Type

_SKIPPED = frozenset({"np", "math", "scipy"})
NOTHING: Mapping[str, ast.expr] = MappingProxyType({})


def name(identifier: str) -> ast.Name:
    """The name as an expression that is read."""
    return ast.Name(identifier, ast.Load())


def attribute(path: str) -> ast.expr:
    """A dotted path such as ``np.add.at``."""
    head, *rest = path.split(".")
    node: ast.expr = name(head)
    for part in rest:
        node = ast.Attribute(node, part, ast.Load())
    return node


def call(function: str | ast.expr, *arguments: ast.expr) -> ast.Call:
    """A call of a dotted path, or of an expression."""
    return ast.Call(attribute(function) if isinstance(function, str) else function, list(arguments), [])


def literal(value: Any, type_: Type | None = None) -> ast.expr:
    """A number, or a static argument: None, a bool, a string, a tuple of these.

    type_: the type of the number; a NumPy scalar other than float64 keeps its dtype.

    >>> [ast.unparse(literal(v)) for v in (-2.0, float("-inf"), (0, -1), 1 + 2j)]
    ['-2.0', '-np.inf', '(0, -1)', 'complex(1.0, 2.0)']
    """
    if isinstance(type_, Scalar) and type_.strength == "numpy" and isinstance(value, np.generic):
        return call(f"np.{DTYPES[type_.dtype].name}", literal(value.item()))
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, tuple):
        return ast.Tuple([literal(item) for item in value], ast.Load())
    if isinstance(value, complex):
        return call("complex", literal(value.real), literal(value.imag))
    if isinstance(value, float) and not math.isfinite(value):
        return attribute("np.nan") if math.isnan(value) else _signed(attribute("np.inf"), value < 0)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _signed(ast.Constant(abs(value)), math.copysign(1, value) < 0)
    return ast.Constant(value)


def _signed(node: ast.expr, negative: bool) -> ast.expr:
    return ast.UnaryOp(ast.USub(), node) if negative else node


def negated(node: ast.expr) -> ast.expr | None:
    """``e`` of ``-e``; None for other expressions."""
    return node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else None


def spelled(op: Op, operands: Sequence[ast.expr], renamed: Mapping[str, ast.expr] = NOTHING) -> ast.expr:
    """The expression of an op with one result or several, without blocks.

    renamed: names of the text that are written otherwise.
    """
    if op.name == "get":
        if op.attrs.get("index") == "...":
            return operands[0]
        return subscript(operands[0], op.attrs.get("index", "@"), operands[1:])
    if op.name == "range":
        return _range(operands, renamed)
    spelling = op.kind.spelling
    if callable(spelling):
        places = [_place(k, operand) for k, operand in enumerate(operands)]
        written: ast.expr = instantiate(
            _parse(spelling(op, places)), {**renamed, **dict(zip(places, operands, strict=True))}
        )
        return _attribute(written) if op.form == "attribute" else written
    tree, inputs = template(spelling)
    node: ast.expr = instantiate(tree, {**renamed, **dict(zip(inputs, operands, strict=True))})
    if isinstance(node, ast.Call):
        node.keywords = list(_keywords(node, op.attrs, renamed))
        if op.form == "method" and node.args:
            return _method(node)
    return _attribute(node) if op.form == "attribute" else node


def _range(operands: Sequence[ast.expr], renamed: Mapping[str, ast.expr]) -> ast.expr:
    """``range`` with the bounds that say something."""
    start, stop, step = operands
    function = renamed.get("range", "range")
    if _is_number(step, 1):
        return call(function, stop) if _is_number(start, 0) else call(function, start, stop)
    return call(function, start, stop, step)


def _is_number(node: ast.expr, number: int) -> bool:
    return isinstance(node, ast.Constant) and node.value == number


def _place(k: int, operand: ast.expr) -> str:
    """What a spelling gets to see of an operand: a number that is written out, or a name that stands for it."""
    if isinstance(operand, ast.Constant) and type(operand.value) in (int, float):
        return repr(operand.value)
    return f"_{k}"


def _keywords(node: ast.Call, attrs: Mapping[str, Any], renamed: Mapping[str, ast.expr]) -> Iterator[ast.keyword]:
    """The static arguments that differ from their defaults."""
    for keyword in node.keywords:
        given = attrs.get(keyword.arg or "", keyword.value)
        if given is keyword.value or isinstance(keyword.value, ast.Name):
            continue
        if keyword.arg == "dtype" and given in DTYPES:
            yield ast.keyword("dtype", instantiate(attribute(f"np.{DTYPES[given].name}"), renamed))
        elif ast.dump(shown := literal(given)) != ast.dump(keyword.value):
            yield ast.keyword(keyword.arg, shown)


def _attribute(node: ast.expr) -> ast.expr:
    """``np.ndim(x)`` as ``x.ndim``, where the author wrote that."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
        return ast.Attribute(node.args[0], node.func.attr, ast.Load())
    return node


def _method(node: ast.Call) -> ast.expr:
    """``np.sum(x, axis=0)`` as ``x.sum(axis=0)``."""
    assert isinstance(node.func, ast.Attribute)
    receiver, *rest = node.args
    return ast.Call(ast.Attribute(receiver, node.func.attr, ast.Load()), rest, node.keywords)


def subscript(base: ast.expr, pattern: str, indices: Sequence[ast.expr]) -> ast.Subscript:
    """``x[i, :j]``: the pattern is ``"@, :@"``, with ``@`` for each index expression.

    >>> ast.unparse(subscript(name("x"), "@, :@", [name("i"), name("j")]))
    'x[i, :j]'
    """
    places = {f"_{k}": index for k, index in enumerate(indices)}
    return ast.Subscript(base, instantiate(_index(pattern), places), ast.Load())


@cache
def _index(pattern: str) -> ast.expr:
    parts = pattern.split("@")
    text = "".join(f"{part}_{k}" for k, part in enumerate(parts[:-1])) + parts[-1]
    tree = ast.parse(f"x[{text}]", mode="eval").body
    assert isinstance(tree, ast.Subscript)
    return tree.slice


def index_object(pattern: str, indices: Sequence[ast.expr], maker: ast.expr) -> ast.expr:
    """The index as an object: an expression, a tuple, or where there are slices ``np.s_[...]``; maker: ``np.s_``."""
    node = subscript(maker, pattern, indices)
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return node if any(isinstance(part, ast.Slice) for part in parts) else node.slice


def statement(op: Op, operands: Sequence[ast.expr], renamed: Mapping[str, ast.expr]) -> ast.stmt:
    """An op that is a statement of its own: ``print("loss", x)``, ``xs.append(v)``."""
    if op.name == "effect":
        places = [f"_operand_{k}" for k in range(len(operands))]
        tree = ast.parse(op.attrs["text"].format(*places)).body[0]
    else:
        assert isinstance(op.kind.spelling, str)
        tree = copy.deepcopy(ast.parse(op.kind.spelling).body[0])
        places = list(op.kind.info["signature"].inputs)
    written: ast.stmt = _Places({**renamed, **dict(zip(places, operands, strict=True))}).visit(tree)
    return written


class _Places(ast.NodeTransformer):
    def __init__(self, places: Mapping[str, ast.expr]) -> None:
        self.places = places

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.places:
            return node
        operand = copy.deepcopy(self.places[node.id])
        if isinstance(operand, ast.Name):
            operand.ctx = node.ctx
        return operand


@cache
def _parse(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@cache
def template(text: str) -> tuple[ast.expr, tuple[str, ...]]:
    """The tree of a spelling and the names of its operands.

    >>> template("np.clip(x, None, hi)")[1]
    ('x', 'hi')
    """
    tree = _parse(text)
    return tree, tuple(dict.fromkeys(_operands(tree)))


def _operands(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        head = node.func
        if isinstance(head, ast.Attribute) and _root(head) not in _SKIPPED:
            yield from _operands(head)
        for argument in node.args:
            yield from _operands(argument)
        for keyword in node.keywords:
            if isinstance(keyword.value, ast.Name):
                yield keyword.value.id
    elif isinstance(node, ast.Name):
        yield node.id
    elif not (isinstance(node, ast.Attribute) and _root(node) in _SKIPPED):
        for child in ast.iter_child_nodes(node):
            yield from _operands(child)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def instantiate(node: Any, operands: Mapping[str, ast.expr]) -> Any:
    """A copy of a template with expressions in the places of its names."""
    if isinstance(node, ast.Name):
        return operands.get(node.id) or ast.Name(node.id, ast.Load())
    if isinstance(node, ast.Constant):
        return ast.Constant(node.value)
    if isinstance(node, list):
        return [instantiate(item, operands) for item in node]
    if not isinstance(node, ast.AST) or isinstance(node, (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop)):
        return node
    return type(node)(**{field: instantiate(value, operands) for field, value in ast.iter_fields(node)})


def globals_of(op: Op) -> Set[str]:
    """The names outside the function that the text of an op uses: ``np``, ``len``, a helper."""
    if op.name in ("get", "set"):
        return frozenset()
    if op.name == "add_at":
        return {"np"} if op.attrs.get("repeats") else frozenset()
    places = [f"_{k}" for k in range(len(op.inputs))]
    if op.name == "effect":
        return _free(op.attrs["text"].format(*places)).difference(places)
    spelling = op.kind.spelling
    if callable(spelling):
        return _free(spelling(op, places)).difference(places)
    if op.kind.updates is not None or not spelling:
        return frozenset()
    return _free(spelling).difference(template(spelling)[1]) | ({"np"} if "dtype" in op.attrs else set())


@cache
def _free(text: str) -> frozenset[str]:
    """The names in an expression or statement."""
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))
