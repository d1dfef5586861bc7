"""Statements that are kept for what they do: ``print``, ``assert``, ``raise``, ``warnings.warn``, ``logging``.

The IR holds their text with the operands as ``{0}``, ``{1}``, ….
"""

from __future__ import annotations

import ast
import builtins
import logging
import sys
import types
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder

from .blocks import run
from .branches import branch, condition
from .frames import FALLS, RAISES, Exit, Frame, ending, statement
from .items import Item, Static
from .resolve import number
from .scopes import walk
from .texts import Text, escaped

_PRINT_KEYWORDS = ("sep", "end", "flush", "file")
_LEVELS = ("debug", "info", "warning", "error", "critical", "exception", "log")


def _emit(
    frame: Frame, node: ast.AST, text: Text, source: str, raises: bool = False, imports: Sequence[str] = ()
) -> None:
    attrs: dict[str, Any] = {"text": source}
    if raises:
        attrs["raises"] = True
    if imports:
        attrs["imports"] = tuple(imports)
    frame.call(node, Builder.op_many, "effect", *text.operands, operands=text.operands, **attrs)


def effect_of(target: Any) -> Callable[..., Item] | None:
    """What reads a call that is made for its effect; None for other calls."""
    if target is print:
        return _print
    if target is warnings.warn:
        return _warn
    if isinstance(target, types.FunctionType) and target.__module__ == "logging" and target.__name__ in _LEVELS:
        return _log
    logger = getattr(target, "__self__", None)
    return _log if isinstance(logger, logging.Logger) and target.__name__ in _LEVELS else None


# --- calls


def _print(frame: Frame, node: ast.Call, target: Any, args: Sequence[Item], kwargs: Mapping[str, Item]) -> Item:
    text = Text(frame)
    parts = [text.item(node, item) for item in args]
    for name, item in kwargs.items():
        if name not in _PRINT_KEYWORDS or not hasattr(item, "value"):
            raise frame.unsupported(node, f"`{name}=` of print", "print to the standard output, with constants")
        parts.append(f"{name}={_file(frame, node, item) if name == 'file' else escaped(repr(item.value))}")
    _emit(frame, node, text, f"print({', '.join(parts)})")
    return Static(None)


def _file(frame: Frame, node: ast.Call, item: Any) -> str:
    for name in ("stdout", "stderr"):
        if item.value is getattr(sys, name):
            return f"sys.{name}"
    raise frame.unsupported(node, "`file=` of print", "print to sys.stdout or sys.stderr")


def _warn(frame: Frame, node: ast.Call, target: Any, args: Sequence[Item], kwargs: Mapping[str, Item]) -> Item:
    """``warnings.warn(message, category, stacklevel=…)``."""
    text = Text(frame)
    imports: list[str] = []

    def part(item: Item) -> str:
        if isinstance(item, Static) and isinstance(item.value, type):
            return _class(frame, node, item.value, imports)
        return text.item(node, item)

    parts = [*map(part, args), *(f"{name}={part(item)}" for name, item in kwargs.items())]
    _emit(frame, node, text, f"warnings.warn({', '.join(parts)})", False, imports)
    return Static(None)


def _log(frame: Frame, node: ast.Call, target: Any, args: Sequence[Item], kwargs: Mapping[str, Item]) -> Item:
    """``logging.info(…)``, and the same of a logger, which is found again by its name."""
    text = Text(frame)
    logger = getattr(target, "__self__", None)
    where = "logging" if logger is None else f"logging.getLogger({escaped(repr(logger.name))})"
    _emit(frame, node, text, f"{where}.{target.__name__}({text.arguments(node, args, kwargs)})")
    return Static(None)


# --- with np.errstate(…)


@ending(ast.With)
def _with(frame: Frame, node: ast.With, rest: list[ast.stmt]) -> Exit:
    """The statements inside are read as if they stood there; what is computed for them keeps the context."""
    unit = frame.unit
    outer = unit.contexts.get(node) or (frame.b.stmt.context if frame.b.stmt is not None else "")
    context = ", ".join(filter(None, [outer, *(_errstate(frame, node, item) for item in node.items)]))
    unit.contexts.update((part, context) for part in walk(node.body) if isinstance(part, ast.stmt))
    return run(frame, [*node.body, *rest])


def _errstate(frame: Frame, node: ast.With, item: ast.withitem) -> str:
    call = item.context_expr
    made = frame.evaluate(call.func) if isinstance(call, ast.Call) else None
    if not isinstance(call, ast.Call) or not isinstance(made, Static) or made.value is not np.errstate:
        hint = "of context managers np.errstate(…) alone is kept; do the rest outside, and pass results as arguments"
        raise frame.refuse(node, "SD001", "`with` is not supported here", "", hint)
    if item.optional_vars is not None or call.args:
        raise frame.unsupported(call, "this use of `np.errstate`", "write `with np.errstate(divide=\"ignore\"):`")
    text = Text(frame)
    texts = [f"{keyword.arg}={text.of(keyword.value)}" for keyword in call.keywords]
    if text.operands:
        raise frame.unsupported(call, "this use of `np.errstate`", "write its arguments as constants")
    return f"np.errstate({', '.join(texts)})"


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
        message = f", {escaped(repr(node.msg.value))}" if node.msg is not None else ""
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
    cause = node.cause
    if node.exc is None or (cause is not None and not (isinstance(cause, ast.Constant) and cause.value is None)):
        what = "`raise` alone" if node.exc is None else "`raise … from …`"
        raise frame.unsupported(node, what, "raise an exception of its own")
    call = node.exc if isinstance(node.exc, ast.Call) else None
    imports: list[str] = []
    name = _exception(frame, call.func if call is not None else node.exc, imports)
    text = Text(frame)
    if call is not None and call.keywords:
        raise frame.unsupported(call.keywords[0], "a keyword here", "pass the message by position")
    arguments = "" if call is None else f"({', '.join(text.of(argument) for argument in call.args)})"
    _emit(frame, node, text, f"raise {name}{arguments}{' from None' if cause is not None else ''}", True, imports)
    return RAISES


def _exception(frame: Frame, node: ast.expr, imports: list[str]) -> str:
    """How the class of an exception is written."""
    item = frame.evaluate(node)
    cls = item.value if isinstance(item, Static) else None
    if isinstance(cls, type) and issubclass(cls, BaseException):
        return _class(frame, node, cls, imports)
    hint = "raise one of Python's own, such as ValueError"
    raise frame.unsupported(node, f"the exception `{ast.unparse(node)}`", hint)


def _class(frame: Frame, node: ast.AST, cls: type, imports: list[str]) -> str:
    """How a class is written: one of Python's own, of NumPy's, or one that is imported."""
    name = str(cls.__name__)
    if getattr(builtins, name, None) is cls:
        return name
    if getattr(np.linalg, name, None) is cls:
        return f"np.linalg.{name}"
    if importable(cls):
        imports.append(f"{cls.__module__}:{name}")
        return name
    hint = "raise one of Python's own, such as ValueError, or define it at the top of a file"
    raise frame.unsupported(node, f"the exception `{name}`", hint)


def importable(value: Any) -> bool:
    """Whether a class or function can be imported from its module by its name."""
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    name = getattr(value, "__qualname__", "")
    return module is not None and name.isidentifier() and getattr(module, name, None) is value
