"""Expressions that are one of two: ``a if c else b``, ``a and b``, ``a or b``."""

from __future__ import annotations

import ast
from collections.abc import Callable

from srcdiff.ir.core import Value

from .branches import Side, branch, condition, truth
from .frames import Exit, Frame, Silent, expression
from .items import Broken, Item


def choose(
    frame: Frame, node: ast.AST, test: Value, then: Callable[[], Item], other: Callable[[], Item], form: str
) -> Item:
    """The item of one of two expressions."""
    def side(evaluate: Callable[[], Item]) -> Side:
        def run_side() -> Exit:
            item = frame.updated(evaluate(), node)
            return Exit(False, item, state=frame.places.state)

        return run_side

    end = branch(frame, node, test, side(then), side(other), {}, form)
    assert end.returned is not None
    if isinstance(end.returned, Broken):
        raise Silent
    return end.returned


@expression(ast.IfExp)
def _conditional(frame: Frame, node: ast.IfExp) -> Item:
    test = condition(frame, node.test)
    if isinstance(test, bool):
        return frame.evaluate(node.body if test else node.orelse)
    return choose(
        frame, node, test, lambda: frame.evaluate(node.body), lambda: frame.evaluate(node.orelse), "ifexp"
    )


@expression(ast.BoolOp)
def _bool(frame: Frame, node: ast.BoolOp) -> Item:
    """``a and b``: ``b`` if ``a`` is true, else ``a``."""
    both = isinstance(node.op, ast.And)
    item = frame.evaluate(node.values[0])
    for before, part in zip(node.values, node.values[1:], strict=False):
        item = _combined(frame, node, item, truth(frame, before, item), part, both)
    return item


def _combined(frame: Frame, node: ast.BoolOp, item: Item, test: bool | Value, part: ast.expr, both: bool) -> Item:
    if isinstance(test, bool):
        return frame.evaluate(part) if test is both else item
    if both:
        return choose(frame, node, test, lambda: frame.evaluate(part), lambda: item, "and")
    return choose(frame, node, test, lambda: item, lambda: frame.evaluate(part), "or")
