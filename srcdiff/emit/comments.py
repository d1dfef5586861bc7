"""Comments and blank lines as statements of a tree, and where they go."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

from srcdiff.ir.core import Statement

from .plan import Assign, For, If, Move, NewList, Node, Turn, While

HEADS = ("for ", "while ", "if ", "elif ")


class Comment(ast.stmt):
    """A line of its own: ``# text``, or a blank line if there is no text."""

    _fields = ("text",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Comments:
    """The author's comments stand in front of their statement; each block of derived statements names its line."""

    def __init__(self, comments: Mapping[int, str], nodes: Iterable[Node]) -> None:
        lines = sorted({node.stmt.line for node in nodes if node.stmt is not None and node.why == ""})
        self._pending: dict[int, list[str]] = {}
        self._current: Statement | None = None
        self._primal_loops = 0
        for line, text in sorted(comments.items()):
            if lines:
                place = min(bisect_left(lines, line), len(lines) - 1)
                self._pending.setdefault(lines[place], []).append(text.strip().removeprefix("#").strip())

    def before(self, node: Node) -> Iterator[ast.stmt]:
        """The comments in front of a statement that is written."""
        if node.stmt is None or (node.why != "" and self._primal_loops):
            return
        if node.why == "":
            for text in self._pending.pop(node.stmt.line, ()):
                yield Comment(text)
            self._current = None
        elif node.why == "adjoint" and not isinstance(node, (If, For, While, NewList, Turn)):
            if isinstance(node, Move) and node.role == "init":
                return
            if self._current is not node.stmt and not _is_named_by_itself(node):
                self._current = node.stmt
                yield Comment(f"line {node.stmt.line}: {node.stmt.text}")

    def enter(self, node: Node) -> None:
        """Into a loop: inside those of the author, derived statements (what is kept) belong to his."""
        self._primal_loops += node.why == ""

    @property
    def current(self) -> Statement | None:
        """The statement whose adjoint is being written."""
        return self._current

    def leave(self, node: Node, before: Statement | None) -> None:
        """After a branch or loop: what comes next names its line, unless nothing inside did."""
        self._primal_loops -= node.why == "" and not isinstance(node, If)
        if self._current is not before:
            self._current = None


def _is_named_by_itself(node: Node) -> bool:
    """Whether a derived statement needs no comment: it computes the author's variable again, or it belongs to the
    first line of a loop or branch."""
    assert node.stmt is not None
    if node.stmt.text.startswith(HEADS):
        return True
    return isinstance(node, Assign) and any(value.name and value.name == node.stmt.target for value in node.writes)
