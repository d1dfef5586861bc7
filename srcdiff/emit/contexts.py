"""``with np.errstate(…):`` around the statements that were made from those inside it, adjoints included."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from itertools import groupby

from .comments import Comment
from .numpy import instantiate


def with_contexts(body: Sequence[ast.stmt], renamed: Mapping[str, ast.expr]) -> list[ast.stmt]:
    """The statements, those of one context behind each other inside a ``with``.

    renamed: names of the text's surroundings that are written otherwise.
    """
    found: list[ast.stmt] = []
    for context, group in groupby(_labelled(body), key=lambda pair: pair[0]):
        statements = [statement for _, statement in group]
        if not context:
            found += [_inside(statement, renamed) for statement in statements]
            continue
        while isinstance(statements[0], Comment) and not statements[0].text:
            found.append(statements.pop(0))  # a blank line
        call = ast.parse(f"({context},)", mode="eval").body
        assert isinstance(call, ast.Tuple)
        items = [ast.withitem(instantiate(part, renamed), None) for part in call.elts]
        written = ast.With(items, statements)
        written.origin = getattr(statements[-1], "origin", None)  # type: ignore[attr-defined]
        found.append(written)
    return found


def _labelled(body: Sequence[ast.stmt]) -> list[tuple[str, ast.stmt]]:
    """The statements with their contexts; a comment has that of the statement behind it."""
    found: list[tuple[str, ast.stmt]] = []
    context = ""
    for statement in reversed(body):
        if not isinstance(statement, Comment):
            origin = getattr(statement, "origin", None)
            context = "" if origin is None else origin.context
        found.append((context, statement))
    return found[::-1]


def _inside(statement: ast.stmt, renamed: Mapping[str, ast.expr]) -> ast.stmt:
    for name in ("body", "orelse"):
        inner = getattr(statement, name, None)
        if inner:
            setattr(statement, name, with_contexts(inner, renamed))
    return statement
