"""Which statement of a generated function stands on a line: the way back from a text to what it was made from."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .comments import Comment


def statements_in(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements in a function, in the order of the text; one that holds others comes first."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt) and not isinstance(child, Comment):
            yield child
            yield from statements_in(child)


def statement_at(text: str, name: str, line: int) -> int | None:
    """The number of the innermost statement on a line of a module, counted in the function of this name.

    >>> statement_at("import numpy as np\\n\\ndef f(x):\\n    y = x\\n    return y\\n", "f", 5)
    1
    """
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == name]
    found = enumerate(statements_in(functions[-1])) if functions else ()
    numbers = [number for number, part in found if part.lineno <= line <= (part.end_lineno or 0)]
    return numbers[-1] if numbers else None
