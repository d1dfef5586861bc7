"""What the compiler says about a program: sources, spans, diagnostics, and the errors that carry them.

This module imports nothing of ours, so every other module may use it.  A diagnostic points at a piece of the author's
file and renders like this::

    loss.py:14:5: error[SD021]: this write may touch two arrays
       13 |     a = x if flip else y
       14 |     a[0] = 0.0
          |     ^^^^ `a` is `x` on one path and `y` on the other (line 13)
       = hint: write `a = (x if flip else y).copy()`, or write inside each branch

The table ``CODES`` names every code with an example that provokes it and a way out; ``srcdiff explain`` prints it.
"""

from __future__ import annotations

import ast
import re
import textwrap
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

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


# --- codes


class Code(NamedTuple):
    """What a code stands for: a title, a program that provokes it as it is run, and the way out."""

    title: str
    example: str
    way_out: str


def _code(title: str, example: str, way_out: str) -> Code:
    lines = "import numpy as np\nimport srcdiff\n\n\n" + textwrap.dedent(example).strip() + "\n"
    return Code(title, lines, " ".join(way_out.split()))


CODES: dict[str, Code] = {
    "SD001": _code(
        "this construct is not supported",
        """
        def f(x):
            with open("log.txt") as log:
                return x * x

        srcdiff.grad(f)(3.0)
        """,
        """Write the statement with the constructs that the README lists, or move it into a function of its own that is
        declared with `@srcdiff.constant` (no derivative) or `@srcdiff.rule` (its own derivative).""",
    ),
    "SD002": _code(
        "the source of the function was not found",
        """
        exec("def f(x): return x * x")

        srcdiff.grad(f)(3.0)
        """,
        """srcdiff reads the text of a function. Put the function into a file, or run the text in a notebook cell;
        functions written in C and functions made by `exec` have no text to read.""",
    ),
    "SD010": _code(
        "there is no derivative rule for this function",
        """
        def f(x):
            return np.sum(np.i0(x))

        srcdiff.grad(f)(np.ones(3))
        """,
        """Declare the function with `@srcdiff.elementwise` or `@srcdiff.rule` and give its derivative, declare it with
        `@srcdiff.constant` if it has none, or write it with functions that have rules.""",
    ),
    "SD011": _code(
        "the meaning depends on a type that is not known",
        """
        from srcdiff.compile import derive

        def f(x: np.ndarray):
            return np.sum(x @ x)

        derive(f, "x", None)
        """,
        """Annotate the argument (`x: float`, `x: Float[Array, "n d"]`), give `--sig "x: f64[n, d]"`, or give example
        arguments.""",
    ),
    "SD012": _code(
        "the types of two paths do not join",
        """
        def f(x):
            a = (x, x) if np.sum(x) > 0 else x
            return np.sum(a[0])

        srcdiff.grad(f)(np.ones(3))
        """,
        """A name must be of one kind on every path: use two names, or make both sides an array, a number, or a
        container of the same structure.""",
    ),
    "SD013": _code(
        "these shapes can never fit",
        """
        def f(x):
            return np.sum(np.zeros(3) + np.ones(4) * x)

        srcdiff.grad(f)(2.0)
        """,
        "Make the axes equal, or one of them 1 (`a[:, None]`), or transpose an operand.",
    ),
    "SD020": _code(
        "a store through a view or a second name",
        """
        def f(x):
            y = x.copy()
            row = y[1:]
            row[0] = 0.0
            return np.sum(y * y)

        srcdiff.grad(f)(np.ones(3))
        """,
        """Write through the array itself (`y[1] = 0.0`), or make the view an array of its own with `.copy()` if the
        write should not reach the base.""",
    ),
    "SD021": _code(
        "a write that may touch two arrays",
        """
        def f(x, y):
            a = x if np.sum(x) > 0 else y
            a[0] = 0.0
            return np.sum(x * y)

        srcdiff.grad(f)(np.ones(3), np.ones(3))
        """,
        "Write `a = (x if condition else y).copy()`, or write inside each branch.",
    ),
    "SD022": _code(
        "a second name is read after its array was written",
        """
        def f(x):
            y = x.copy()
            first = y[:1]
            y[0] = 2.0 * y[1]
            return np.sum(first * y)

        srcdiff.grad(f)(np.ones(3))
        """,
        """Read the array itself after the write (`y[:1]`), or take a `.copy()` in front of it if the old value is
        meant.""",
    ),
    "SD030": _code(
        "the result is not a scalar",
        """
        def f(x):
            return x * x

        srcdiff.grad(f)(np.ones(3))
        """,
        "`grad` needs one number: reduce the result (`np.sum`, `np.mean`), or use `srcdiff.vjp` or `srcdiff.jacobian`.",
    ),
    "SD031": _code(
        "wrt names no argument",
        """
        def f(x):
            return x * x

        srcdiff.grad(f, "w")(3.0)
        """,
        "Give the name or the position of an argument, or a tuple of them; positions may count from the end.",
    ),
    "SD032": _code(
        "this argument cannot be differentiated",
        """
        def f(x, kind):
            return x * x if kind == "square" else x

        srcdiff.grad(f, "kind")(3.0, "square")
        """,
        """Strings, bools, None and functions have no derivative, and neither has an integer that is used as an index, a
        bound or a shape. Leave the argument out of `wrt`, or pass a float.""",
    ),
    "SD040": _code(
        "a name may have no value here",
        """
        def f(x):
            if x > 0:
                y = x * x
            return y

        srcdiff.grad(f)(3.0)
        """,
        "Give the name a value on every path: in an `else`, or in front of the branch or loop.",
    ),
    "SD050": _code(
        "this must be a constant",
        """
        def f(x):
            return np.sum(np.max(x, axis=np.argmin(x.shape)))

        srcdiff.grad(f)(np.ones((2, 3)))
        """,
        """An axis, a number of dimensions and the structure of a container must be known when the gradient is written:
        write the number itself, or pass it as an argument that is used as it is.""",
    ),
}
"""Every code: what it means, a program that is refused with it when it is run, and what to do."""
