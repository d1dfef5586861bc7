"""From a function to its text: the syntax tree, spans, comments, the names around it.

The whole file is parsed, so that positions are those of the file and nothing has to be dedented; the function is found
by the position of its compiled code, which tells two lambdas on one line apart.
"""

from __future__ import annotations

import ast
import inspect
import io
import os
import tokenize
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from srcdiff.diagnostics import Diagnostic, Source, Span, UnsupportedError

from .exits import structured
from .lines import changed, missing, text_of_code

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPOUND_END = {ast.If: "test", ast.While: "test", ast.For: "iter"}


@dataclass(frozen=True, eq=False)
class FunctionText:
    """The text of one function, and where its free names are looked up.

    node: its syntax tree, with positions of the file; source: its text; function: the object, or None for a function
    that is defined inside the one being read; names: globals of its module; cells: its closure.
    """

    name: str
    node: FunctionNode
    source: Source
    names: Mapping[str, Any]
    cells: Mapping[str, types.CellType]
    function: types.FunctionType | None = None

    @cached_property
    def body(self) -> list[ast.stmt]:
        """The statements, with exits from loops as branches; a lambda is a function of one return."""
        if not isinstance(self.node, ast.Lambda):
            return structured(self.node.body)
        return [ast.copy_location(ast.Return(self.node.body), self.node.body)]

    @property
    def doc(self) -> str:
        return "" if isinstance(self.node, ast.Lambda) else ast.get_docstring(self.node) or ""

    @property
    def arguments(self) -> list[ast.arg]:
        """All parameters that can be passed one by one, in order."""
        given = self.node.args
        return [*given.posonlyargs, *given.args, *given.kwonlyargs]

    def span(self, node: ast.AST) -> Span:
        position: Any = node
        if not hasattr(node, "lineno"):
            return Span.of(node, self.source)
        return Span(self.source, position.lineno, position.col_offset, position.end_lineno, position.end_col_offset)

    @cached_property
    def _comment_tokens(self) -> dict[int, tuple[int, str]]:
        """Line -> column in characters and text of the comment on it."""
        lines = io.StringIO(self.source.text).readlines()
        indent = len(lines[0]) - len(lines[0].lstrip())
        margin = lines[0][:indent]
        dedented = "".join(line.removeprefix(margin) for line in lines)
        found: dict[int, tuple[int, str]] = {}
        try:
            for token in tokenize.generate_tokens(io.StringIO(dedented).readline):
                if token.type == tokenize.COMMENT:
                    line = token.start[0] + self.source.first_line - 1
                    shift = indent if lines[token.start[0] - 1].startswith(margin) else 0
                    found[line] = (token.start[1] + shift, token.string)
        except (tokenize.TokenError, IndentationError, SyntaxError):
            pass  # a lambda is cut out of its statement: what is left over at its end has no comments of ours
        return found

    @property
    def comments(self) -> dict[int, str]:
        """Line -> comment; those of decorators are left out."""
        return {line: text for line, (_, text) in self._comment_tokens.items() if line >= self.node.lineno}

    @cached_property
    def _lines(self) -> list[str]:
        return self.source.text.split("\n")

    def _line(self, number: int) -> str:
        return self._lines[number - self.source.first_line]

    def one_line(self, node: ast.stmt) -> str:
        """A statement as the author wrote it, on one line; of a compound statement its first line."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        if type(node) in _COMPOUND_END:
            last = getattr(node, _COMPOUND_END[type(node)])
            end_line, end_column = last.end_lineno, last.end_col_offset
            behind = self._line(end_line).encode()[end_column:]
            if b":" not in behind:  # only brackets and blanks can stand in front of the colon
                return ast.unparse(node).split("\n")[0]
            end_column += behind.index(b":") + 1
        if node.lineno == end_line:
            return self._line(end_line).encode()[node.col_offset : end_column].decode()
        if any(_spans_lines(part) for part in _header(node)):
            return ast.unparse(node).split("\n")[0]
        pieces = [self._code(node.lineno).encode()[node.col_offset :].decode()]
        pieces += [self._code(line) for line in range(node.lineno + 1, end_line)]
        pieces.append(self._line(end_line).encode()[:end_column].decode())
        return _joined(pieces)

    def _code(self, line: int) -> str:
        """A line without its comment."""
        text = self._line(line)
        return text[: self._comment_tokens[line][0]] if line in self._comment_tokens else text

    def inner(self, node: FunctionNode, name: str) -> FunctionText:
        """The text of a function that is defined inside this one."""
        return FunctionText(name, node, self.source, self.names, self.cells)


def _header(node: ast.stmt) -> Iterator[ast.AST]:
    """The parts of a statement without the statements in it."""
    for field in ast.iter_child_nodes(node):
        if not isinstance(field, ast.stmt):
            yield from ast.walk(field)


def _spans_lines(node: ast.AST) -> bool:
    return isinstance(node, (ast.Constant, ast.JoinedStr)) and node.end_lineno != node.lineno


def _joined(pieces: list[str]) -> str:
    """Lines of one statement as one, without the blanks behind and in front of brackets."""
    text = ""
    for piece in (piece.strip().removesuffix("\\").strip() for piece in pieces):
        if not text or not piece or text[-1] in "([{." or piece[0] in ")]}.":
            text = text.removesuffix(",") if piece[:1] and piece[0] in ")]}" else text
            text += piece
        else:
            text += " " + piece
    return text


# --- finding the text


def text_of(function: Any) -> FunctionText:
    """The text of a Python function.

    UnsupportedError: there is none, or it has changed since (SD002); the function is the wrapper of a decorator for
    functions of any arguments (SD003).
    """
    if isinstance(function, types.FunctionType) and hasattr(function, "__wrapped__"):
        _check_wrapper(function)
    return own_text(function)


def _check_wrapper(function: types.FunctionType) -> None:
    code, name = function.__code__, function.__name__
    if code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
        place = f"{os.path.basename(code.co_filename)}:{code.co_firstlineno}"
        text = own_text(function)
        why = f"`{code.co_qualname}` ({place}) takes any arguments, and may do more than to hand them on"
        hint = f"differentiate `{name}.__wrapped__` if it does not, or write its parameters one by one"
        span = text.span(text.node.args)
        raise UnsupportedError(Diagnostic("SD003", f"`{name}` is wrapped by a decorator", span, why, hint))


def own_text(function: Any) -> FunctionText:
    """The text of a function, be it the wrapper of a decorator."""
    if not isinstance(function, types.FunctionType):
        name = getattr(function, "__name__", None) or repr(function)
        kind = "class" if isinstance(function, type) else type(function).__name__
        hint = "differentiate a function that calls it" if callable(function) else "give a function"
        raise _not_found(name, f"it is a {kind}, not a function written in Python", hint)
    code = function.__code__
    text = text_of_code(code, function.__globals__)
    if not text:
        raise _not_found(function.__name__, *missing(code.co_filename))
    try:
        tree = _module(text)
    except SyntaxError as error:
        raise _not_found(function.__name__, f"{code.co_filename} cannot be parsed: {error}") from None
    node = _find(tree, code)
    if node is None or not any(same_code(found, code) for found in _compiled(text, code.co_name)):
        raise _not_found(function.__name__, *changed(code.co_filename))
    cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
    first = _first_line(node)
    lines = io.StringIO(text).readlines()
    source = Source(code.co_filename, "".join(lines[first - 1 : node.end_lineno]), first)
    return FunctionText(function.__name__, node, source, function.__globals__, cells, function)


def _not_found(name: str, why: str, hint: str = "put the function into a file") -> UnsupportedError:
    return UnsupportedError(Diagnostic("SD002", f"the source of `{name}` was not found", None, why, hint))


@lru_cache(maxsize=64)
def _module(text: str) -> ast.Module:
    return ast.parse(text)


@lru_cache(maxsize=64)
def _functions(tree: ast.Module) -> dict[int, list[FunctionNode]]:
    """The functions of a module by their first line."""
    found: dict[int, list[FunctionNode]] = {}
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode):
            found.setdefault(_first_line(node), []).append(node)
    return found


def _first_line(node: FunctionNode) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _find(tree: ast.Module, code: types.CodeType) -> FunctionNode | None:
    """The function whose code this is: the innermost one that holds all positions of the code."""
    candidates = [
        node
        for node in _functions(tree).get(code.co_firstlineno, [])
        if getattr(node, "name", "<lambda>") == code.co_name
    ]
    if len(candidates) > 1:
        spots = [spot for spot in code.co_positions() if None not in spot and (spot[1], spot[3]) > (spot[0], spot[2])]
        candidates = [node for node in candidates if spots and all(_holds(node, spot) for spot in spots)]
        candidates.sort(key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0, -node.col_offset))
    return candidates[0] if candidates else None


def _holds(node: FunctionNode, spot: tuple[int | None, ...]) -> bool:
    body: list[Any] = [node.body] if isinstance(node, ast.Lambda) else [node]
    line, end_line, column, end_column = spot
    start, end = (body[0].lineno, body[0].col_offset), (body[-1].end_lineno, body[-1].end_col_offset)
    return bool(start <= (line, column) and (end_line, end_column) <= end)


@lru_cache(maxsize=64)
def _codes(text: str) -> dict[str, list[types.CodeType]]:
    found: dict[str, list[types.CodeType]] = {}
    waiting = [compile(text, "<text>", "exec", dont_inherit=True)]
    while waiting:
        code = waiting.pop()
        found.setdefault(code.co_name, []).append(code)
        waiting += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return found


def _compiled(text: str, name: str) -> Iterator[types.CodeType]:
    yield from _codes(text).get(name, ())


def same_code(found: types.CodeType, live: types.CodeType) -> bool:
    """Whether the text still says what was imported, in the functions inside too. Test runners rewrite assertions:
    of functions with such a thing in them only the names can be compared."""
    rewritten = any(name.startswith("@") for name in (*live.co_names, *live.co_varnames))
    return _facts(found, rewritten) == _facts(live, rewritten)


def _facts(code: types.CodeType, rewritten: bool) -> tuple[Any, ...]:
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    own = tuple(name for name in code.co_varnames if not name.startswith("@"))
    facts = (code.co_firstlineno, own, code.co_freevars, [_facts(constant, rewritten) for constant in inner])
    if rewritten:
        return facts
    constants = [repr(constant) for constant in code.co_consts if not isinstance(constant, types.CodeType)]
    return (*facts, code.co_names, constants, code.co_code)
