"""The notation of signatures: types of leaves (`srcdiff.ir.typetext`) with the containers around them.

``(f64[n], i64[n])`` is a tuple, ``{'w': f64[d]}`` a dict, ``[f64[n], f64[k]]`` a list of two arrays, ``[float]`` a list
of numbers of run-time length, ``Gaussian(mean=f64[d])`` a dataclass or named tuple; strings, numbers, None, True and
False stand for themselves.

>>> tree, types = read_notation("{'w': f64[d], 'b': float}")
>>> types, notation_of(tree, types)
([f64[d], float], "{'w': f64[d], 'b': float}")
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .dims import Dim, Fact, Facts, Symbol
from .literals import read_literal
from .structure import Fixed, Leaf, Node, Tree
from .types import Array, Type, without_value
from .typetext import read_type


def read_notation(text: str | ast.expr, names: Mapping[str, Any] | None = None) -> tuple[Tree, list[Type]]:
    """The structure that a text writes, and the types of its leaves. ValueError for anything else.

    names: where the classes of records are looked up.
    """
    try:
        node = ast.parse(text.strip(), mode="eval").body if isinstance(text, str) else text
    except SyntaxError as error:
        raise ValueError(f"not a type: {text}") from error
    types: list[Type] = []
    return _read(node, names or {}, types), types


def _read(node: ast.expr, names: Mapping[str, Any], types: list[Type]) -> Tree:
    if isinstance(node, (ast.Constant, ast.UnaryOp)):
        return Fixed(read_literal(node))
    if isinstance(node, ast.Tuple):
        return _node("tuple", range(len(node.elts)), node.elts, names, types)
    if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
        return _node("dict", keys, node.values, names, types)
    if isinstance(node, ast.List) and not _is_number_list(node):
        return _node("list", range(len(node.elts)), node.elts, names, types)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id not in names:
            raise ValueError(f"the class {node.func.id} is not known")
        keys = [keyword.arg for keyword in node.keywords]
        return _node("record", keys, [k.value for k in node.keywords], names, types, names[node.func.id])
    types.append(read_type(node))
    return Leaf()


def _is_number_list(node: ast.List) -> bool:
    """Whether it is ``[float]`` or ``[float, n]``, a list of numbers of run-time length."""
    if len(node.elts) not in (1, 2):
        return False
    item, *length = node.elts
    number = isinstance(item, (ast.Name, ast.BinOp))
    return number and not any(_is_type(part) for part in length)


def _is_type(node: ast.expr) -> bool:
    try:
        read_type(node)
    except ValueError:
        return False
    return True


def _node(
    kind: str, keys: Any, children: Sequence[ast.expr], names: Mapping[str, Any], types: list[Type], cls: Any = None
) -> Node:
    return Node(kind, tuple(keys), tuple(_read(child, names, types) for child in children), cls)


def plain_types(types: Iterable[Type], facts: Iterable[Fact]) -> Iterator[Type]:
    """Types as a person writes them: axes that are known to be equal have the name of the first, an int has any value.

    >>> from .typetext import read_type
    >>> x, y, k = map(read_type, ("f64[n]", "f64[m]", "int[k]"))
    >>> list(plain_types([x, y, k], [Fact(y.dims[0], x.dims[0])]))
    [f64[n], f64[n], int]
    """
    equal = Facts(fact for fact in facts if _of_axes(fact.left) and _of_axes(fact.right))
    first: dict[Symbol, Dim] = {}

    def plain(dim: Dim) -> Dim:
        normal = equal.normal(dim)
        if normal.lone_symbol is not None:
            first.setdefault(normal.lone_symbol, dim)
        return normal.substitute(first)

    for type_ in types:
        if isinstance(type_, Array) and type_.dims is not None:
            type_ = replace(type_, dims=tuple(map(plain, type_.dims)))
        yield without_value(type_)


def _of_axes(dim: Dim | None) -> bool:
    return dim is not None and bool(dim.symbols) and all(symbol.kind == "axis" for symbol in dim.symbols)


def notation_of(tree: Tree, types: Sequence[Type]) -> str:
    """The text of a structure with leaves of these types."""
    return _text(tree, iter(types))


def _text(tree: Tree, types: Iterator[Type]) -> str:
    if isinstance(tree, Leaf):
        return str(next(types))
    if isinstance(tree, Fixed):
        plain = tree.value is None or isinstance(tree.value, (str, bool, int, float))
        return repr(tree.value) if plain else getattr(tree.value, "__name__", type(tree.value).__name__)
    parts = [_text(child, types) for child in tree.children]
    if tree.kind == "dict":
        return f"{{{', '.join(f'{key!r}: {part}' for key, part in zip(tree.keys, parts, strict=True))}}}"
    if tree.kind == "record":
        fields = ", ".join(f"{key}={part}" for key, part in zip(tree.keys, parts, strict=True))
        return f"{tree.cls.__name__}({fields})"
    if tree.kind == "list":
        return f"[{', '.join(parts)}]"
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
