"""What the compiler says about a program: sources, spans, diagnostics, and the errors that carry them.

This module imports nothing of ours but that table, so every other module may use it.  A diagnostic points at a piece
of the author's file and renders like this::

    loss.py:14:5: error[SD021]: this write may touch two arrays
       13 |     a = x if flip else y
       14 |     a[0] = 0.0
          |     ^^^^ `a` is `x` on one path and `y` on the other (line 13)
       = hint: write `a = (x if flip else y).copy()`, or write inside each branch

The table ``CODES`` (in ``srcdiff/codes.py``) names every code with an example that provokes it and a way out.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from srcdiff.codes import CODES

__all__ = [
    *("CODES", "Source", "Span", "Diagnostic", "error_of"),
    *("SrcdiffError", "UnsupportedError", "NoRuleError", "ShapeError"),
    *("SignatureError", "GradientCheckError", "InternalError"),
]

_LINE_END = re.compile(r"\r\n|\r|\n")  # what Python's tokenizer takes as a line end; str.splitlines knows more
_GUTTER = 5  # the least width of the line numbers


@dataclass(frozen=True)
class Source:
    """A text with the name of its file; ``first_line`` is the number of the text's first line in that file.

    >>> Source("loss.py", "a = 1\\nb = 2", first_line=10).line(11)
    'b = 2'
    """

    filename: str
    text: str
    first_line: int = 1

    def line(self, number: int) -> str:
        """The text of the line with this number in the file, without its line end; empty where there is none."""
        lines = _LINE_END.split(self.text)
        index = number - self.first_line
        return lines[index] if 0 <= index < len(lines) else ""


@dataclass(frozen=True)
class Span:
    """A piece of a source: lines from 1 and columns from 0 in UTF-8 bytes, both as in ``ast``; the end is exclusive."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def of(cls, node: ast.AST, source: Source) -> Span:
        """The span of an ast node whose positions are those of the file.

        A node that carries no position of its own (``ast.arguments``, ``ast.withitem``) takes that of its first
        part that has one.

        >>> source = Source("f.py", "y = x + 1")
        >>> span = Span.of(ast.parse(source.text).body[0].value, source)
        >>> span.column, span.end_column
        (4, 9)
        """
        for part in ast.walk(node):
            if hasattr(part, "lineno"):
                return cls._of_position(part, source)
        return cls(source, source.first_line, 0, source.first_line, 0)

    @classmethod
    def _of_position(cls, node: Any, source: Source) -> Span:
        line, column = node.lineno, node.col_offset
        end_line = getattr(node, "end_lineno", None)
        end_column = getattr(node, "end_col_offset", None)
        if end_line is None or end_column is None:
            return cls(source, line, column, line, column + 1)
        return cls(source, line, column, end_line, end_column)

    @property
    def offset(self) -> int:
        """The column of the first character, counted from 1 in characters (as editors and ``SyntaxError`` do)."""
        return len(_characters_before(self.source.line(self.line), self.column)) + 1


@dataclass(frozen=True)
class Diagnostic:
    """One problem, at one place: what it is, what the place does, and a way out."""

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    hint: str = ""

    def render(self) -> str:
        """The text that a person reads: place, code, message, the line with carets, label, hint.

        >>> source = Source("f.py", "y = x[i] + 1")
        >>> problem = Diagnostic("SD001", "no such index", Span(source, 1, 4, 1, 8), "`i` is text", "use a number")
        >>> print(problem.render())
        f.py:1:5: error[SD001]: no such index
            1 | y = x[i] + 1
              |     ^^^^ `i` is text
           = hint: use a number
        """
        head = f"error[{self.code}]: {self.message}"
        if self.span is None:
            lines = [head] + ([f"   {self.label}"] if self.label else [])
        else:
            lines = [f"{self.span.source.filename}:{self.span.line}:{self.span.offset}: {head}"]
            lines += _excerpt(self.span, self.label)
        hint = self.hint or (f"`srcdiff explain {self.code}` shows a way out" if self.code in CODES else "")
        if hint:
            lines.append(_indented("   = hint: ", hint))
        return "\n".join(lines)


def _indented(head: str, text: str) -> str:
    """``text`` behind ``head``, its further lines below its first."""
    return head + text.replace("\n", "\n" + " " * len(head))


def _characters_before(line: str, column: int) -> str:
    """The part of ``line`` in front of a byte column, as characters."""
    return line.encode("utf-8", "replace")[:column].decode("utf-8", "ignore")


def _blank(text: str) -> str:
    """White space as wide as ``text`` on a terminal: tabs stay, wide characters count twice, combining ones not."""
    parts = []
    for character in text:
        if character == "\t":
            parts.append("\t")
        elif not unicodedata.combining(character):
            parts.append("  " if unicodedata.east_asian_width(character) in "WF" else " ")
    return "".join(parts)


def _excerpt(span: Span, label: str) -> list[str]:
    """The line in front (unless it is blank), the line itself, and carets with the label below it."""
    text = span.source.line(span.line).rstrip()
    if not text:
        return [f"   {label}"] if label else []
    width = max(_GUTTER, len(str(span.line)))
    before = span.source.line(span.line - 1).rstrip()
    lines = [f"{span.line - 1:>{width}} | {before}"] if before else []
    lines.append(f"{span.line:>{width}} | {text}")
    head = _characters_before(text, span.column)
    several = span.end_line > span.line
    marked = text[len(head) :] if several else _characters_before(text, span.end_column)[len(head) :]
    carets = "^" * max(1, len(_blank(marked.rstrip())))
    tail = " ".join(part for part in (carets, label.replace("\n", " ")) if part)
    lines.append(f"{'':>{width}} | {_blank(head)}{tail}")
    return lines


# --- errors


class SrcdiffError(Exception):
    """The base of all errors that srcdiff raises on purpose."""


class UnsupportedError(SrcdiffError):
    """The program is refused: it holds every problem that was found, each once, in the order of the file.

    ``filename``, ``lineno`` and ``offset`` (from 1) are those of the first problem that has a place.
    """

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic]) -> None:
        found = _in_order((diagnostics,) if isinstance(diagnostics, Diagnostic) else diagnostics)
        super().__init__(found)
        self.diagnostics: tuple[Diagnostic, ...] = found

    def _first_span(self) -> Span | None:
        return next((problem.span for problem in self.diagnostics if problem.span is not None), None)

    @property
    def filename(self) -> str | None:
        """The file of the first problem."""
        span = self._first_span()
        return span.source.filename if span else None

    @property
    def lineno(self) -> int | None:
        """The line of the first problem, counted from 1."""
        span = self._first_span()
        return span.line if span else None

    @property
    def offset(self) -> int | None:
        """The column of the first problem, counted from 1."""
        span = self._first_span()
        return span.offset if span else None

    def __str__(self) -> str:
        return "\n".join(problem.render() for problem in self.diagnostics)


def _in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each once, by line; what has no place first, and file after file as they are met."""
    unique = list(dict.fromkeys(diagnostics))
    files = list(dict.fromkeys(d.span.source.filename for d in unique if d.span))

    def place(diagnostic: Diagnostic) -> tuple[int, int, int]:
        span = diagnostic.span
        return (files.index(span.source.filename), span.line, span.column) if span else (-1, 0, 0)

    return tuple(sorted(unique, key=place))


class NoRuleError(UnsupportedError):
    """A function was called that has no derivative rule."""


class ShapeError(UnsupportedError):
    """Shapes that can never fit together, found before the program runs."""


class SignatureError(SrcdiffError):
    """A call does not fit the signature: an unknown ``wrt``, a result that is not a scalar, a wrong tangent.

    >>> print(SignatureError("wrt names no argument: 'w'", "SD031"))
    error[SD031]: wrt names no argument: 'w'
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message, code)
        self.message = message
        self.code = code

    def __str__(self) -> str:
        return f"error[{self.code}]: {self.message}" if self.code else self.message


class GradientCheckError(SrcdiffError):
    """A gradient and the differences of its function disagree."""


class InternalError(SrcdiffError):
    """srcdiff itself went wrong; ``detail`` is what a bug report should hold, such as the IR at the op."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message, detail)
        self.message = message
        self.detail = detail

    def __str__(self) -> str:
        text = f"internal error: {self.message}\nThis is a bug in srcdiff, not in your program; please report it."
        return f"{text}\n{self.detail}" if self.detail else text


def error_of(diagnostics: Iterable[Diagnostic]) -> UnsupportedError:
    """One error for all problems, of the narrowest class that fits them all.

    >>> type(error_of([Diagnostic("SD010", "np.foo has no rule")])).__name__
    'NoRuleError'
    """
    found = tuple(diagnostics)
    codes = {problem.code for problem in found}
    if codes == {"SD010"}:
        return NoRuleError(found)
    if codes == {"SD013"}:
        return ShapeError(found)
    return UnsupportedError(found)
