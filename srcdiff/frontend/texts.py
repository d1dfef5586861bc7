"""Texts: constants are put together here; what holds values is formatted when the program runs.

A text with values is kept as the source of an expression, with the values as ``{0}``, ``{1}``, …; f-strings become
``.format`` calls. It can be printed, raised and logged, and nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from srcdiff.ir.core import Constant, Value
from srcdiff.rules.draws import filled

from .frames import Frame, expression
from .items import Container, Formatted, Item, Static, describe

_PLAIN = (str, bool, int, float, complex, type(None))


class Text:
    """The source of texts with operands: literal braces are doubled."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.operands: list[Value] = []

    def of(self, node: ast.expr) -> str:
        """The source of an expression."""
        return self.item(node, self.frame.evaluate(node))

    def item(self, node: ast.AST, item: Item) -> str:
        """The source of an item."""
        if isinstance(item, Formatted):
            return filled(item.text, [f"{{{self._operand(value)}}}" for value in item.operands])
        if isinstance(item, Value) and not isinstance(item, Constant):
            return f"{{{self._operand(item)}}}"
        if isinstance(item, (Constant, Static)) and isinstance(item.value, _PLAIN):
            return escaped(repr(item.value))
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
            return f"{{{{{', '.join(f'{escaped(repr(key))}: {part}' for key, part in pairs)}}}}}"
        if item.kind == "list":
            return f"[{', '.join(parts)}]"
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"

    def arguments(self, node: ast.AST, args: Sequence[Item], kwargs: Mapping[str, Item]) -> str:
        """What stands in the brackets of a call."""
        parts = [self.item(node, item) for item in args]
        return ", ".join([*parts, *(f"{name}={self.item(node, item)}" for name, item in kwargs.items())])

    def formatted(self, text: str) -> Item:
        """The item of a text: a constant if there is no value in it."""
        return Formatted(text, tuple(self.operands)) if self.operands else Static(eval(filled_braces(text), {}))


def escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def filled_braces(text: str) -> str:
    """The source without operands: doubled braces are single ones.

    >>> filled_braces("'{{}}'.format(2)")
    "'{}'.format(2)"
    """
    return text.replace("{{", "{").replace("}}", "}")


def is_text(item: Item) -> bool:
    return isinstance(item, Formatted) or (isinstance(item, Static) and isinstance(item.value, str))


@expression(ast.JoinedStr)
def _f_string(frame: Frame, node: ast.JoinedStr) -> Item:
    """``f"{x:.3f}"`` as ``"{:.3f}".format(x)``."""
    text = Text(frame)
    template, arguments = _template(text, node)
    if not arguments:
        return Static(template.format())
    return text.formatted(f"{escaped(repr(template))}.format({', '.join(arguments)})")


def _template(text: Text, node: ast.JoinedStr) -> tuple[str, list[str]]:
    """The text for ``.format``, and the sources of its arguments."""
    template, arguments = "", []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            arguments.append(text.of(part.value))
            conversion = "" if part.conversion == -1 else f"!{chr(part.conversion)}"
            spec = ""
            if isinstance(part.format_spec, ast.JoinedStr):
                inner, more = _template(text, part.format_spec)
                spec = f":{inner}"
                arguments += more
            template += f"{{{conversion}{spec}}}"
        elif isinstance(part, ast.Constant):
            template += escaped(str(part.value))
    return template, arguments


def text_operation(frame: Frame, node: ast.AST, op: ast.operator, left: Item, right: Item) -> Item | None:
    """``text + text``, ``text % values``; None for other operations."""
    text = Text(frame)
    if isinstance(op, ast.Mod) and is_text(left):
        return text.formatted(f"({text.item(node, left)} % {text.item(node, right)})")
    if isinstance(op, ast.Add) and is_text(left) and is_text(right):
        return text.formatted(f"({text.item(node, left)} + {text.item(node, right)})")
    return None


def text_method(frame: Frame, node: ast.AST, method: Any, args: Sequence[Item], kwargs: Mapping[str, Item]) -> Item:
    """A method of a constant text: ``"…".format(x)``, ``name.upper()``."""
    if method.__name__ == "format":
        text = Text(frame)
        return text.formatted(f"{escaped(repr(method.__self__))}.format({text.arguments(node, args, kwargs)})")
    if not all(isinstance(item, (Constant, Static)) for item in (*args, *kwargs.values())):
        hint = "of texts with values in them only `.format` can be written"
        raise frame.unsupported(node, f"`.{method.__name__}` here", hint)
    values = [item.value for item in args if isinstance(item, (Constant, Static))]
    return Static(method(*values))


def text_of_value(frame: Frame, node: ast.AST, name: str, args: Sequence[Item]) -> Item:
    """``str(x)``, ``repr(x)``, ``format(x, ".3f")``."""
    text = Text(frame)
    if len(args) == 1 and name == "str" and is_text(args[0]):
        return args[0]
    return text.formatted(f"{name}({text.arguments(node, args, {})})")
