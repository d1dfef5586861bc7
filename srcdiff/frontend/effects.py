"""Statements that are kept for what they do: ``print``, ``assert``, ``raise``.

The IR holds their text with the operands as ``{0}``, ``{1}``, …; f-strings become ``.format`` calls.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Constant, Value

from .branches import branch, condition
from .frames import FALLS, RAISES, Exit, Frame, ending, statement
from .items import Container, Item, Static, describe
from .resolve import number

_PRINT_KEYWORDS = ("sep", "end", "flush")


class Text:
    """A text with operands: literal braces are doubled."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.operands: list[Value] = []

    def of(self, node: ast.expr) -> str:
        """The text of an expression."""
        if isinstance(node, ast.JoinedStr):
            return self._format(node)
        return self.item(node, self.frame.evaluate(node))

    def item(self, node: ast.AST, item: Item) -> str:
        if isinstance(item, Value) and not isinstance(item, Constant):
            return f"{{{self._operand(item)}}}"
        plain = (str, bool, int, float, complex, type(None))
        if isinstance(item, (Constant, Static)) and isinstance(item.value, plain):
            return _escaped(repr(item.value))
        if isinstance(item, Container) and item.kind != "record":
            return self._container(node, item)
        raise self.frame.unsupported(node, "printing this", "print numbers and arrays", f"this is {describe(item)}")

    def _operand(self, value: Value) -> int:
        for position, known in enumerate(self.operands):
            if known is value:
                return position
        self.operands.append(value)
        return len(self.operands) - 1

    def _container(self, node: ast.AST, item: Container) -> str:
        parts = [self.item(node, part) for part in item.items]
        if item.kind == "dict":
            pairs = zip(item.keys, parts, strict=True)
            return f"{{{{{', '.join(f'{_escaped(repr(key))}: {part}' for key, part in pairs)}}}}}"
        if item.kind == "list":
            return f"[{', '.join(parts)}]"
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"

    def _format(self, node: ast.JoinedStr) -> str:
        """``f"{x:.3f}"`` as ``"{:.3f}".format(x)``."""
        template, arguments = "", []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                template += f"{{{self._conversion(part)}{self._spec(part)}}}"
                arguments.append(self.of(part.value))
            elif isinstance(part, ast.Constant):
                template += _escaped(str(part.value))
        if not arguments:
            return _escaped(repr(template.format()))
        return f"{_escaped(repr(template))}.format({', '.join(arguments)})"

    @staticmethod
    def _conversion(part: ast.FormattedValue) -> str:
        return "" if part.conversion == -1 else f"!{chr(part.conversion)}"

    def _spec(self, part: ast.FormattedValue) -> str:
        if part.format_spec is None:
            return ""
        assert isinstance(part.format_spec, ast.JoinedStr)
        pieces = part.format_spec.values
        if not all(isinstance(piece, ast.Constant) for piece in pieces):
            raise self.frame.unsupported(part, "a computed format", "write the format as a constant")
        return ":" + "".join(str(piece.value) for piece in pieces if isinstance(piece, ast.Constant))


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _emit(frame: Frame, node: ast.AST, text: Text, statement_text: str, raises: bool) -> None:
    attrs: dict[str, Any] = {"text": statement_text, **({"raises": True} if raises else {})}
    frame.call(node, Builder.op_many, "effect", *text.operands, operands=text.operands, **attrs)


# --- print


def print_call(frame: Frame, node: ast.Call) -> Item:
    """``print(…)``."""
    text = Text(frame)
    parts = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            raise frame.unsupported(argument, "`*` here", "print the items one by one")
        parts.append(text.of(argument))
    for keyword in node.keywords:
        if keyword.arg not in _PRINT_KEYWORDS or not isinstance(keyword.value, ast.Constant):
            what = f"`{keyword.arg}=` of print" if keyword.arg else "`**` here"
            raise frame.unsupported(keyword, what, "print to the standard output, with constants")
        parts.append(f"{keyword.arg}={_escaped(repr(keyword.value.value))}")
    _emit(frame, node, text, f"print({', '.join(parts)})", False)
    return Static(None)


# --- assert


@statement(ast.Assert)
def _assert(frame: Frame, node: ast.Assert) -> None:
    test = condition(frame, node.test)
    if isinstance(test, bool):
        test = number(test)
        if test.value:
            return
    if node.msg is None or isinstance(node.msg, ast.Constant):
        text = Text(frame)
        shown = text.item(node, test)
        message = f", {_escaped(repr(node.msg.value))}" if node.msg is not None else ""
        _emit(frame, node, text, f"assert {shown}{message}", True)
        return
    branch(frame, node, test, lambda: FALLS, _failed(frame, node, node.msg), {})


def _failed(frame: Frame, node: ast.Assert, message: ast.expr) -> Callable[[], Exit]:
    def side() -> Exit:
        text = Text(frame)
        _emit(frame, node, text, f"raise AssertionError({text.of(message)})", True)
        return RAISES

    return side


# --- raise


@ending(ast.Raise)
def _raise(frame: Frame, node: ast.Raise, rest: list[ast.stmt]) -> Exit:
    if node.exc is None or node.cause is not None:
        what = "`raise` alone" if node.exc is None else "`raise … from …`"
        raise frame.unsupported(node, what, "raise an exception of its own")
    call = node.exc if isinstance(node.exc, ast.Call) else None
    name = _exception(frame, call.func if call is not None else node.exc)
    text = Text(frame)
    if call is not None and call.keywords:
        raise frame.unsupported(call.keywords[0], "a keyword here", "pass the message by position")
    arguments = "" if call is None else f"({', '.join(text.of(argument) for argument in call.args)})"
    _emit(frame, node, text, f"raise {name}{arguments}", True)
    return RAISES


def _exception(frame: Frame, node: ast.expr) -> str:
    """The name of an exception that every module knows."""
    item = frame.evaluate(node)
    cls = item.value if isinstance(item, Static) else None
    if isinstance(cls, type) and issubclass(cls, BaseException):
        name = str(cls.__name__)
        if getattr(builtins, name, None) is cls:
            return name
        if getattr(np.linalg, name, None) is cls:
            return f"np.linalg.{name}"
    hint = "raise one of Python's own, such as ValueError"
    raise frame.unsupported(node, f"the exception `{ast.unparse(node)}`", hint)


