"""Reads types and dims: the other direction of ``str(type)``.

>>> read_type("f64[n, 2*k - 1]", {"k": "int"})
f64[n, 2*k - 1]
>>> read_type("[float | f64, n]"), read_type("int[n - 1]"), read_type("unknown")
([float | f64, n], int[n - 1], unknown)
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from .dims import Dim, Symbol, constant
from .types import (
    BOOL,
    COMPLEX,
    DTYPES,
    FLOAT,
    GENERATORS,
    HOLE,
    INT,
    UNKNOWN,
    Array,
    List,
    Object,
    Scalar,
    Type,
    int_of,
)


class NotationError(ValueError):
    """A text is not in the notation of types. node: the part of it that is not."""

    def __init__(self, problem: str, node: ast.expr) -> None:
        super().__init__(f"{problem}: {ast.unparse(node)}")
        self.node = node


_WORDS: dict[str, Type] = {
    "bool": BOOL,
    "int": INT,
    "float": FLOAT,
    "complex": COMPLEX,
    "unknown": UNKNOWN,
    "hole": HOLE,
    **{code: Scalar(code) for code in DTYPES},
    **{cls: Object(cls) for cls in GENERATORS},
}


def read_type(text: str | ast.expr, kinds: Mapping[str, str] | None = None) -> Type:
    """The type that a text or expression writes; ValueError if it is none.

    kinds: what symbols are; those not in it are axes in dims, and ints in ``int[...]``.
    """
    node = ast.parse(text, mode="eval").body if isinstance(text, str) else text
    if isinstance(node, ast.Name) and node.id in _WORDS:
        return _WORDS[node.id]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and isinstance(node.right, ast.Name):
        strong = _WORDS.get(node.right.id)
        if isinstance(strong, Scalar) and strong.strength == "numpy":
            return Scalar(strong.dtype, "either")
    if isinstance(node, ast.List) and 1 <= len(node.elts) <= 2:
        length = read_dim(node.elts[1], kinds or {}, "size") if len(node.elts) == 2 else None
        return List(read_type(node.elts[0], kinds), length)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        if node.value.id == "int":
            return int_of(read_dim(node.slice, kinds or {}, "int"))
        if node.value.id in (*DTYPES, "array"):
            return Array(node.value.id if node.value.id in DTYPES else None, _dims(node.slice, kinds or {}))
    raise NotationError("not a type", node)


def _dims(node: ast.expr, kinds: Mapping[str, str]) -> tuple[Dim, ...] | None:
    if isinstance(node, ast.Constant) and node.value is ...:
        return None
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    return tuple(read_dim(element, kinds, "axis") for element in elements)


def read_dim(node: ast.expr, kinds: Mapping[str, str], default: str) -> Dim:
    """The dim that an expression of sums, products and whole numbers writes; ``max(n - 1, 0)`` is one symbol.

    default: the kind of symbols that are not in ``kinds``.
    """
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return constant(node.value)
    if isinstance(node, ast.Name):
        kind = kinds.get(node.id, default)
        return Dim((((Symbol(node.id.removesuffix(f"__{kind}"), kind),), 1),))
    if isinstance(node, ast.Call):
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        kind = "loop" if any(kinds.get(name) == "loop" for name in names) else "size"
        return Dim((((Symbol(ast.unparse(node).replace(" * ", "*"), kind),), 1),))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -read_dim(node.operand, kinds, default)
    if isinstance(node, ast.BinOp):
        left, right = read_dim(node.left, kinds, default), read_dim(node.right, kinds, default)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
    raise NotationError("not a dim", node)
