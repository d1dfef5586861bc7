"""The helpers that a generated module may contain: where its text names one, the helper's text is copied into it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from functools import cache

from srcdiff.rules import helpers


@cache
def table() -> dict[str, str]:
    """The helpers by name, each with its text."""
    found = {}
    for name, function in vars(helpers).items():
        if inspect.isfunction(function) and function.__module__ == helpers.__name__:
            found[name] = inspect.getsource(function)
    return found


@cache
def _named(name: str) -> frozenset[str]:
    """The helpers that a helper calls."""
    tree = ast.parse(table()[name])
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)) & table().keys() - {name}


def needed(names: Iterable[str]) -> list[str]:
    """The helpers among the names, and those that they need, in the order of the table."""
    found: set[str] = set()
    waiting = [name for name in names if name in table()]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _named(name)
    return [name for name in table() if name in found]
