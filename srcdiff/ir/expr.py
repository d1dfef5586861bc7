"""Reads one Python expression into ops: the notation of rules.

``read(b, "g * cosh(x)", {"g": g, "x": x})`` appends ``cosh`` and ``mul`` and gives the product. Names are values or
numbers; calls are ops by their names in the table, keywords are attrs; ``a if c else b`` is a branch.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from typing import Any

from .build import Builder
from .core import Value
from .types import Widening, join

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.MatMult: "matmul", ast.BitAnd: "bit_and", ast.BitOr: "bit_or", ast.BitXor: "bit_xor",
    ast.LShift: "lshift", ast.RShift: "rshift",
}
UNARY: dict[type[ast.unaryop], str] = {
    ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert", ast.Not: "not_",
}
COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}


@cache
def _parse(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def read(b: Builder, text: str, names: Mapping[str, Any]) -> Value:
    """Append the ops of the expression ``text`` and give its value. ValueError for notation outside the list."""
    return b.value(_read(b, _parse(text), names))


def free_names(text: str) -> frozenset[str]:
    """The names of values in an expression (function names are not among them)."""
    tree = _parse(text)
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in functions)


def _read(b: Builder, node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.BinOp):
        return b.op(BINARY[type(node.op)], _read(b, node.left, names), _read(b, node.right, names))
    if isinstance(node, ast.UnaryOp):
        operand = _read(b, node.operand, names)
        if isinstance(node.op, ast.USub) and isinstance(operand, (int, float)):
            return -operand
        return b.op(UNARY[type(node.op)], operand)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = _read(b, node.left, names), _read(b, node.comparators[0], names)
        return b.op(COMPARE[type(node.ops[0])], left, right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        arguments = [_read(b, argument, names) for argument in node.args]
        return b.op(node.func.id, *arguments, **{k.arg or "": ast.literal_eval(k.value) for k in node.keywords})
    if isinstance(node, ast.IfExp):
        return _branch(b, node, names)
    raise ValueError(f"not part of the notation of rules: {ast.unparse(node)}")


def _branch(b: Builder, node: ast.IfExp, names: Mapping[str, Any]) -> Value:
    condition = b.value(_read(b, node.test, names))
    with b.region():
        probes = [b.value(_read(b, side, names)).type for side in (node.body, node.orelse)]
    form = b.form

    def side(expression: ast.expr) -> list[Value]:
        with b.at(b.stmt, b.loc, b.why, form):
            return [b.value(_read(b, expression, names))]

    with b.at(b.stmt, b.loc, b.why, "ifexp"):
        types = [join(probes[0], probes[1], b.typing.facts, Widening(b.typing.fresh_name("k")))]
        op = b.branch(condition, types, lambda: side(node.body), lambda: side(node.orelse))
    return op.result
