"""The constants that IR text can hold: in attributes and as operands.

>>> literal((1, -0.5, None)), literal(float("inf")), literal(2j)
('(1, -0.5, None)', "float('inf')", 'complex(0.0, 2.0)')
>>> import ast
>>> read_literal(ast.parse("(1, float('-inf'))", mode="eval").body)
(1, -inf)
"""

from __future__ import annotations

import ast
import math
from typing import Any

_PLAIN = (bool, int, str, bytes, type(None), type(...))


def is_literal(value: Any) -> bool:
    """Whether a value is a constant: a plain Python number, text, None, ``...`` or a tuple or list of these."""
    if type(value) in (tuple, list):
        return all(map(is_literal, value))
    return type(value) in (*_PLAIN, float, complex)


def literal(value: Any) -> str:
    """The Python expression of a constant. ValueError for anything else."""
    if type(value) is float:
        return repr(value) if math.isfinite(value) else f"float('{value}')"
    if type(value) is complex:
        return f"complex({literal(value.real)}, {literal(value.imag)})"
    if type(value) in _PLAIN:
        return "..." if value is ... else repr(value)
    if type(value) is tuple:
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if type(value) is list:
        return f"[{', '.join(map(literal, value))}]"
    raise ValueError(f"not a constant: {value!r}")


def read_literal(node: ast.expr) -> Any:
    """The constant that an expression writes. ValueError for anything else."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        number = node.operand.value
        if not isinstance(number, int | float | complex):
            raise ValueError(f"not a constant: {ast.unparse(node)}")
        return -number
    if isinstance(node, ast.Tuple):
        return tuple(map(read_literal, node.elts))
    if isinstance(node, ast.List):
        return list(map(read_literal, node.elts))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("float", "complex"):
        return {"float": float, "complex": complex}[node.func.id](*map(read_literal, node.args))
    raise ValueError(f"not a constant: {ast.unparse(node)}")
