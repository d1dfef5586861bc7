"""Blocks of statements: one statement after the other, each with its provenance; what is refused is collected."""

from __future__ import annotations

import ast

from .frames import ENDINGS, FALLS, STATEMENTS, ConstantNeeded, Exit, Frame, Silent
from .items import Broken, Closure, Container, Item, Static
from .places import Refusal
from .scopes import may_return, never_falls, walk
from .source import FunctionText


def run(frame: Frame, body: list[ast.stmt]) -> Exit:
    """Read the statements of a block."""
    for position, node in enumerate(body):
        takes_rest = isinstance(node, (ast.If, ast.With)) and may_return([node])
        end = _step(frame, node, body[position + 1 :] if takes_rest else [])
        if takes_rest or not end.falls:
            return end
    return FALLS


def _step(frame: Frame, node: ast.stmt, rest: list[ast.stmt]) -> Exit:
    b = frame.b
    saved = b.stmt
    if frame.depth == 0:
        b.stmt = frame.unit.statement(frame.text, node)
    elif node in frame.unit.contexts:
        b.stmt = frame.unit.within(saved, frame.unit.contexts[node])
    try:
        if type(node) in ENDINGS:
            return ENDINGS[type(node)](frame, node, rest)
        if type(node) in STATEMENTS:
            STATEMENTS[type(node)](frame, node)
        else:
            frame.break_names([node])  # the fence has reported it
        return FALLS
    except Refusal as problem:
        if isinstance(problem, ConstantNeeded) and frame.unit.unrollable:
            raise
        frame.unit.problems.append(problem.diagnostic)
    except Silent:
        pass
    finally:
        b.stmt = saved
    frame.break_names([node, *rest])
    return Exit(False, Broken()) if isinstance(node, ast.Return) or may_return([node, *rest]) else FALLS


def whole_body(text: FunctionText) -> list[ast.stmt]:
    """The statements of a function, with the return at its end that is left out where others return nothing."""
    returns = [node for node in walk(text.body) if isinstance(node, ast.Return)]
    if not returns or never_falls(text.body) or any(node.value is not None for node in returns):
        return text.body
    return [*text.body, ast.copy_location(ast.Return(None), text.body[-1])]


def result_of(frame: Frame, end: Exit, node: ast.AST) -> Item:
    """What a function returns whose body has ended so; memory is then as any of its ways out has left it."""
    item = end.returned
    if end.state is not None and not end.falls:
        frame.places.state = end.state
    if item is None:
        return Static(None)
    if end.falls and not (isinstance(item, Static) and item.value is None):
        hint = "return a value at the end too"
        raise frame.refuse(node, "SD012", f"`{frame.text.name}` returns a value on one path only", "", hint)
    if _has_closure(item, frame) and not _returns_at_end_only(frame):
        raise frame.unsupported(node, "returning a function from a branch", "return it at the end")
    return item


def _has_closure(item: Item, frame: Frame) -> bool:
    if isinstance(item, Container):
        return any(_has_closure(part, frame) for part in item.items)
    return isinstance(item, Closure) and item.frame is frame


def _returns_at_end_only(frame: Frame) -> bool:
    body = frame.text.body
    return isinstance(body[-1], ast.Return) and not may_return(body[:-1])


