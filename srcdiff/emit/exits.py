"""Where a loop ends early: ``break`` in the place of a variable that says so.

Before, ``stop`` being what the loop carries first::

    for i in range(n):
        if x > 3.0:
            stop = True
        else:
            x = x * x
            stop = False
        xs.append(x)

After::

    for i in range(n):
        if x > 3.0:
            xs.append(x)
            break
        x = x * x
        xs.append(x)
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence

from .comments import Comment

LONGEST = 4
"""How many statements behind the decision are written twice."""

Body = list[ast.stmt]


def with_breaks(body: Body, flag: str, wanted: bool) -> Body:
    """The body of a loop that breaks where it would make ``flag`` true; wanted: the flag is read behind the loop, where
    it is false unless the loop has ended early."""
    written = None if _reads(body, flag) else _Breaks(flag, wanted).placed(body, [])
    if written is not None:
        return written
    return [*body, ast.If(ast.Name(flag, ast.Load()), [ast.Break()], [])]


class _Breaks:
    def __init__(self, flag: str, wanted: bool) -> None:
        self.flag = flag
        self.wanted = wanted

    def placed(self, body: Body, behind: Sequence[ast.stmt]) -> Body | None:
        """The statements, with ``behind`` and a break where they make the flag true; None if too much would be written
        twice."""
        last = max((k for k, node in enumerate(body) if self._sets(node)), default=None)
        if last is None:
            return body
        before, node, rest = body[:last], body[last], body[last + 1 :]
        behind = [*rest, *behind]
        if isinstance(node, ast.Assign):
            decided = self._decided(node, behind)
            return None if decided is None else [*before, *decided, *([] if _leaves(decided) else rest)]
        if not isinstance(node, ast.If):
            return None
        then, other = self.placed(node.body, behind), self.placed(node.orelse, behind)
        if then is None or other is None:
            return None
        if _leaves(then):
            return [*before, _like(node, then, []), *other, *([] if _leaves(other) else rest)]
        if not then and not other:
            return [*before, *rest]
        if not _code(then):
            return [*before, _like(node, other, [], negated=True), *rest]
        return [*before, _like(node, then, other), *rest]

    def _decided(self, node: ast.Assign, behind: Sequence[ast.stmt]) -> Body | None:
        value = node.value
        if isinstance(value, ast.Constant) and not value.value:
            return []
        if len(behind) > LONGEST or any(isinstance(part, (ast.If, ast.For, ast.While, ast.With)) for part in behind):
            return None
        ends = [*copy.deepcopy(list(behind)), ast.Break()]
        if isinstance(value, ast.Constant):
            return [*([node] if self.wanted else []), *ends]
        if self.wanted:
            return [node, ast.If(ast.Name(self.flag, ast.Load()), ends, [])]
        return [ast.copy_location(ast.If(value, ends, []), node)]

    def _sets(self, node: ast.stmt) -> bool:
        return any(isinstance(n, ast.Name) and n.id == self.flag and isinstance(n.ctx, ast.Store) for n in _walk(node))


def _walk(node: ast.AST) -> list[ast.AST]:
    """The nodes of a statement; comments are none of Python's."""
    inside = () if isinstance(node, Comment) else ast.iter_child_nodes(node)
    return [node, *(found for child in inside for found in _walk(child))]


def _reads(body: Body, name: str) -> bool:
    nodes = [n for node in body for n in _walk(node)]
    return any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in nodes)


def _code(body: Body) -> Body:
    return [node for node in body if not isinstance(node, (Comment, ast.Pass))]


def _leaves(body: Body) -> bool:
    """Whether a body ends by leaving the loop or the function."""
    return bool(body) and isinstance(body[-1], (ast.Break, ast.Return, ast.Raise))


def _like(node: ast.If, then: Body, other: Body, negated: bool = False) -> ast.If:
    """The branch with other sides, made from the same statement of the author's."""
    test = ast.UnaryOp(ast.Not(), node.test) if negated else node.test
    written = ast.If(test, then or [ast.Pass()], other)
    written.origin = getattr(node, "origin", None)  # type: ignore[attr-defined]
    return written
