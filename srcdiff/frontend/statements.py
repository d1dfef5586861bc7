"""Statements without stores and loops: assignments to names, ``return``, ``assert``, ``raise``, ``print``."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from typing import Any

from srcdiff.ir.core import Value, constant_value
from srcdiff.ir.literals import literal
from srcdiff.ir.types import Array

from .branches import truth
from .expressions import closure
from .frames import RAISES, Exit, Frame, ending, statement
from .items import Container, Item, Static, describe, tuple_of
from .stores import is_update_call, store, update_call


@statement(ast.Assign)
def _assign(frame: Frame, node: ast.Assign) -> None:
    names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    item = frame.evaluate(node.value, names[0] if names else "")
    for target in node.targets:
        assign(frame, target, item)


@statement(ast.AnnAssign)
def _annotated(frame: Frame, node: ast.AnnAssign) -> None:
    if node.value is not None:
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        assign(frame, node.target, frame.evaluate(node.value, name))


def assign(frame: Frame, target: ast.expr, item: Item) -> None:
    """Bind a name, take a container apart, or store."""
    if isinstance(target, ast.Name):
        frame.bind(target.id, item, target)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(frame, target, item)
    elif isinstance(target, ast.Starred):
        assign(frame, target.value, item)
    else:
        store(frame, target, item)


def _unpack(frame: Frame, target: ast.Tuple | ast.List, item: Item) -> None:
    parts = parts_of(frame, target, item, len(target.elts))
    stars = [k for k, part in enumerate(target.elts) if isinstance(part, ast.Starred)]
    if stars:
        front, behind = stars[0], len(target.elts) - stars[0] - 1
        if len(parts) < front + behind:
            raise frame.refuse(target, "SD012", f"{len(parts)} values for {len(target.elts) - 1} names or more")
        middle = tuple_of(list(parts[front : len(parts) - behind]), "list")
        parts = [*parts[:front], middle, *parts[len(parts) - behind :]]
    if len(parts) != len(target.elts):
        raise frame.refuse(target, "SD012", f"{len(parts)} values for {len(target.elts)} names")
    for part, value in zip(target.elts, parts, strict=True):
        assign(frame, part, value)


def parts_of(frame: Frame, node: ast.AST, item: Item, count: int) -> Sequence[Item]:
    """What a container, or an array of known length, is unpacked into."""
    if isinstance(item, Container):
        return item.items if item.kind != "dict" else [Static(key) for key in item.keys]
    if isinstance(item, Value) and isinstance(item.type, Array) and item.type.dims:
        length = item.type.dims[0].value
        if length is not None:
            count = length
        return [frame.op(node, "get", item, k, index="@") for k in range(count)]
    raise frame.unsupported(node, f"taking {describe(item)} apart", "index it")


@statement(ast.Pass)
def _pass(frame: Frame, node: ast.Pass) -> None:
    pass


@statement(ast.FunctionDef)
def _function(frame: Frame, node: ast.FunctionDef) -> None:
    frame.bind(node.name, closure(frame, node, node.name), node)


@ending(ast.Return)
def _return(frame: Frame, node: ast.Return, rest: list[ast.stmt]) -> Exit:
    return Exit(False, Static(None) if node.value is None else frame.evaluate(node.value))


# --- effects


@statement(ast.Expr)
def _expression(frame: Frame, node: ast.Expr) -> None:
    if isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node.value, ast.Call):
        if isinstance(node.value.func, ast.Name) and _is_print(frame, node.value.func):
            _print(frame, node.value)
            return
        if is_update_call(frame, node.value):
            update_call(frame, node.value)
            return
    frame.evaluate(node.value)


def _is_print(frame: Frame, node: ast.Name) -> bool:
    if node.id != "print" or node.id in frame.locals:
        return False
    item = frame.read(node)
    return isinstance(item, Static) and item.value is builtins.print


class _Text:
    """The text of a statement that is kept for its effect, with ``{k}`` for the operands."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.operands: list[Value] = []

    def of(self, node: ast.expr) -> str:
        if isinstance(node, ast.JoinedStr):
            return self._formatted(node)
        return self._item(node, self.frame.evaluate(node))

    def _item(self, node: ast.expr, item: Item) -> str:
        if isinstance(item, Value):
            if constant_value(item) is not None:
                return _escaped(literal(constant_value(item)))
            self.operands.append(item)
            return f"{{{len(self.operands) - 1}}}"
        if isinstance(item, Static) and isinstance(item.value, (str, type(None))):
            return _escaped(repr(item.value))
        if isinstance(item, Container) and item.kind in ("tuple", "list"):
            inner = ", ".join(self._item(node, part) for part in item.items)
            if item.kind == "list":
                return f"[{inner}]"
            return f"({inner},)" if len(item.items) == 1 else f"({inner})"
        raise self.frame.unsupported(node, "this in an effect", "use numbers, arrays and strings", describe(item))

    def _formatted(self, node: ast.JoinedStr) -> str:
        """An f-string as ``"…".format(…)``."""
        text, arguments = "", []
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += str(part.value).replace("{", "{{").replace("}", "}}")
            elif isinstance(part, ast.FormattedValue):
                arguments.append(self.of(part.value))
                conversion = "" if part.conversion == -1 else "!" + chr(part.conversion)
                text += "{" + conversion + self._specification(part) + "}"
        return f"{_escaped(repr(text))}.format({', '.join(arguments)})"

    def _specification(self, node: ast.FormattedValue) -> str:
        if node.format_spec is None:
            return ""
        assert isinstance(node.format_spec, ast.JoinedStr)
        if not all(isinstance(part, ast.Constant) for part in node.format_spec.values):
            raise self.frame.unsupported(node, "a computed format", "write the format out")
        return ":" + "".join(str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant))


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _effect(frame: Frame, node: ast.AST, text: str, operands: Sequence[Value], raises: bool = False) -> None:
    attrs: dict[str, Any] = {"text": text}
    if raises:
        attrs["raises"] = True
    frame.call(node, type(frame.b).op_many, "effect", *operands, operands=operands, **attrs)


def _print(frame: Frame, node: ast.Call) -> None:
    text = _Text(frame)
    parts = [text.of(argument) for argument in node.args]
    for keyword in node.keywords:
        if keyword.arg not in ("sep", "end", "flush"):
            raise frame.unsupported(keyword.value, f"`{keyword.arg}=` of print", "print to the standard output")
        parts.append(f"{keyword.arg}={text.of(keyword.value)}")
    _effect(frame, node, f"print({', '.join(parts)})", text.operands)


@statement(ast.Assert)
def _assert(frame: Frame, node: ast.Assert) -> None:
    item = frame.evaluate(node.test)
    test = truth(frame, node.test, item)
    if test is True:
        return
    text = _Text(frame)
    condition = "False" if test is False else text._item(node.test, test)
    message = "" if node.msg is None else f", {text.of(node.msg)}"
    _effect(frame, node, f"assert {condition}{message}", text.operands, raises=test is False)


@ending(ast.Raise)
def _raise(frame: Frame, node: ast.Raise, rest: list[ast.stmt]) -> Exit:
    hint = 'raise a builtin exception: `raise ValueError("…")`'
    call = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    if node.cause is not None or not isinstance(call, ast.Name):
        raise frame.unsupported(node, "this `raise`", hint)
    item = frame.read(call)
    kind = item.value if isinstance(item, Static) else None
    if not (isinstance(kind, type) and issubclass(kind, BaseException) and getattr(builtins, call.id, None) is kind):
        raise frame.unsupported(node, "raising an exception that is no builtin", hint)
    text = _Text(frame)
    arguments = [text.of(argument) for argument in node.exc.args] if isinstance(node.exc, ast.Call) else []
    _effect(frame, node, f"raise {call.id}({', '.join(arguments)})", text.operands, raises=True)
    return RAISES


