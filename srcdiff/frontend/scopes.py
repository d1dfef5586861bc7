"""Which names a piece of text binds and reads, which are live where, and how a block can end: questions to the tree.

Nothing here knows values. A name is *live* at a place if it may be read later before it is bound again; names that a
function defined inside reads are live everywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property

from .exits import stop_of
from .source import FunctionText

CHANGES = frozenset({"append", "extend", "insert", "pop", "reverse", "clear", "update", "setdefault"})
"""The methods that change a list or a dict."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def walk(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes in the order of the text, without what is inside inner functions (their heads are given)."""
    waiting = list(nodes)[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _FUNCTIONS):
            waiting += [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        elif isinstance(node, ast.comprehension):  # its target has a scope of its own
            waiting += [*node.ifs[::-1], node.iter]
        else:
            waiting += list(ast.iter_child_nodes(node))[::-1]


def base_name(node: ast.expr) -> str:
    """``x`` of ``x[i].w[j]``; empty if it does not start with a name."""
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def stored(node: ast.AST) -> str:
    """The name that a node writes through (``x`` of ``x[i] = v``, of ``np.add.at(x, i, v)``, of ``x.append(v)``), else
    an empty text."""
    if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
        return base_name(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "at" and node.args:
        return base_name(node.args[0])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
        return base_name(node.func.value)
    return ""


def bound(nodes: Iterable[ast.AST]) -> dict[str, None]:
    """The names that are bound or written through, in the order of the text."""
    names: dict[str, None] = {}
    for node in walk(nodes):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names[node.id] = None
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names[node.name] = None
        elif isinstance(node, ast.alias):
            names[(node.asname or node.name).split(".")[0]] = None
        elif stored(node):
            names[stored(node)] = None
    return names


def rebound(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that are bound to something new (``x += 1`` counts, a write through a name does not)."""
    return {n.id for n in walk(nodes) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def replaced(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that are bound to another object, where they hold an array (``x += 1`` changes it in place)."""
    names: set[str] = set()
    for node in walk(nodes):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            names |= rebound(node.targets if isinstance(node, ast.Assign) else [node.target])
        elif isinstance(node, ast.For):
            names |= rebound([node.target])
    return names


def read(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that are read."""
    names = set()
    for node in walk(nodes):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.AugAssign):
            names.add(base_name(node.target))
    return names


def captured(text: FunctionText) -> frozenset[str]:
    """The names that functions defined inside read."""
    names: set[str] = set()
    for node in ast.walk(text.node):
        if isinstance(node, _FUNCTIONS) and node is not text.node:
            inside = node.body if isinstance(node.body, list) else [node.body]
            names |= {n.id for part in inside for n in ast.walk(part) if isinstance(n, ast.Name)}
    return frozenset(names)


def local_names(text: FunctionText) -> frozenset[str]:
    """The names that are the function's own: its parameters, and what it binds."""
    given = text.node.args
    names = {argument.arg for argument in (*text.arguments, given.vararg, given.kwarg) if argument is not None}
    for node in walk(text.body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.alias)):
            names.update(bound([node]))
    return frozenset(names)


def may_return(body: Iterable[ast.stmt]) -> bool:
    """Whether a return statement stands in the body."""
    return any(isinstance(node, ast.Return) for node in walk(body))


def never_falls(body: list[ast.stmt]) -> bool:
    """Whether every way through the body ends in a return or a raise."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.If):
        return never_falls(last.body) and never_falls(last.orelse)
    if isinstance(last, ast.With):
        return never_falls(last.body)
    return isinstance(last, (ast.Return, ast.Raise))


class Liveness:
    """Live names of one function: behind branches and loops, and at the head of loops."""

    def __init__(self, text: FunctionText) -> None:
        self._text = text
        self._after: dict[ast.stmt, frozenset[str]] = {}
        self._head: dict[ast.stmt, frozenset[str]] = {}

    @cached_property
    def _captured(self) -> frozenset[str]:
        self._block(self._text.body, set())
        return captured(self._text)

    def after(self, node: ast.stmt) -> frozenset[str]:
        """What may be read behind this branch or loop."""
        always, here = self._captured, self._after.get(node, frozenset())
        return here | always if always else here

    def head(self, node: ast.For | ast.While) -> frozenset[str]:
        """What a further trip of this loop may read before it binds it."""
        always, here = self._captured, self._head.get(node, frozenset())
        return here | always if always else here

    def _block(self, body: list[ast.stmt], live: set[str]) -> set[str]:
        for node in reversed(body):
            live = self._statement(node, live)
        return live

    def _statement(self, node: ast.stmt, live: set[str]) -> set[str]:
        if isinstance(node, (ast.If, ast.For, ast.While)):
            self._after[node] = frozenset(live)
        if isinstance(node, ast.If):
            return self._block(node.body, set(live)) | self._block(node.orelse, live) | read([node.test])
        if isinstance(node, (ast.For, ast.While)):
            return self._loop(node, live)
        if isinstance(node, ast.With):
            return self._block(node.body, live) | read(node.items)
        if isinstance(node, (ast.Return, ast.Raise)):
            return read([node])
        live -= rebound([node])
        if isinstance(node, ast.FunctionDef):
            live.discard(node.name)
        live |= read([node])
        live |= {stored(part) for part in walk([node])} - {""}
        return live

    def _loop(self, node: ast.For | ast.While, live: set[str]) -> set[str]:
        test = read([node.test]) if isinstance(node, ast.While) else set()
        target = rebound([node.target]) if isinstance(node, ast.For) else set()
        stop = {stop_of(node)} - {""}
        head = live | test
        for _ in range(2):  # what the body reads; then what a trip needs for the next one
            head = live | test | (self._block(node.body, head | stop) - target)
        self._head[node] = frozenset(head)
        return set(head) | (read([node.iter]) if isinstance(node, ast.For) else set())
