"""Exits from loops, as branches: ``break``, ``continue`` and ``return`` become names that say what has happened.

Before::

    for x in xs:
        if x < 0:
            break
        y = y + f(x)
    else:
        y = 0.0

After, ``@stop`` being a name that no author can write, and ``for`` a loop that ends where it is true::

    @stop = False
    for x in xs:
        @stop = False
        if x < 0:
            @stop = True
        else:
            y = y + f(x)
    if not @stop:
        y = 0.0

What stands behind a branch that may leave the loop goes into its other side; where both sides may go on, a name says
whether one has left, and the rest is read under it. A ``return`` inside a loop leaves the loops around it, and returns
behind the outermost.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

MARK = "@"
"""Names that begin so are none of the author's."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LOOPS = (ast.For, ast.While)
_EXITS = (ast.Break, ast.Continue, ast.Return)
Loop = ast.For | ast.While


@dataclass(frozen=True)
class _Around:
    """The loop that statements stand in. stop: true where it ends early; value, returned: what the function returns,
    and that it does; skips: true where the rest of a block is to be left out."""

    stop: str
    value: str
    returned: str
    skips: tuple[str, ...] = ()


def structured(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a function without ``break``, ``continue``, ``else`` of loops, and returns inside of loops."""
    return _Exits().block(body, None) if any(map(_has_exits, body)) else body


def stop_of(node: ast.AST) -> str:
    """The name that says that a loop ends early; empty if it cannot."""
    return str(getattr(node, "stop", ""))


def is_ours(name: str) -> bool:
    """Whether a name is none of the author's."""
    return name.startswith(MARK)


def plain(name: str) -> str:
    """A name as a word.

    >>> plain("@stop.1")
    'stop'
    """
    return name.removeprefix(MARK).split(".")[0]


class _Exits:
    """numbers: how many names of each kind there are."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def name(self, word: str) -> str:
        self.numbers[word] = self.numbers.get(word, 0) + 1
        return f"{MARK}{word}.{self.numbers[word]}"

    def block(self, body: Sequence[ast.stmt], around: _Around | None) -> list[ast.stmt]:
        """The statements, after which control goes on whatever has happened."""
        done: list[ast.stmt] = []
        for position, node in enumerate(body):
            rest = body[position + 1 :]
            if isinstance(node, _LOOPS):
                done += self.loop(node, around)
                if _returns(node):
                    return [*done, *self.behind(node, done[-1], rest, around)]
                done += self.otherwise(node, done[-1], around)
            elif around is not None and isinstance(node, _EXITS):
                return [*done, *_left(node, around)]
            elif around is not None and _leaves(node):
                return [*done, *self.parted(node, rest, around)]
            else:
                done.append(self.inside(node, around))
        return done

    def parted(self, node: ast.stmt, rest: Sequence[ast.stmt], around: _Around) -> Iterator[ast.stmt]:
        """A statement that may leave the loop, with what stands behind it."""
        if isinstance(node, ast.If):
            ends = [never_goes_on(side) for side in (node.body, node.orelse)]
            if any(ends):
                sides = zip((node.body, node.orelse), ends, strict=True)
                then, other = (self.block(side if end else [*side, *rest], around) for side, end in sides)
                yield _like(node, body=then, orelse=other)
                return
        if not rest:
            yield self.inside(node, around)
            return
        skip = self.name("skip")
        yield _assign(node, skip, False)
        yield self.inside(node, replace(around, skips=(*around.skips, skip)))
        yield _if_not(node, skip, self.block(rest, around))

    def inside(self, node: ast.stmt, around: _Around | None) -> ast.stmt:
        """A statement with the blocks in it."""
        if isinstance(node, ast.If):
            return _like(node, body=self.block(node.body, around), orelse=self.block(node.orelse, around))
        return _like(node, body=self.block(node.body, around)) if isinstance(node, ast.With) else node

    def loop(self, node: Loop, around: _Around | None) -> Iterator[ast.stmt]:
        """A loop, with what stands in front of it."""
        returns, breaks = _returns(node), _breaks(node)
        stop = self.name("stop") if returns or breaks else ""
        returned = (self.name("returned") if breaks else stop) if returns else ""
        inner = _Around(stop, around.value if around is not None else self.name("result"), returned)
        for flag in dict.fromkeys(flag for flag in (stop, returned) if flag):
            yield _assign(node, flag, False)
        body = self.block(node.body, inner)
        written = _like(node, body=[_assign(node, stop, False), *body] if stop else body, orelse=[])
        written.stop, written.inner = stop, inner
        yield written

    def otherwise(self, node: Loop, written: Any, around: _Around | None) -> list[ast.stmt]:
        """The ``else`` of a loop: read unless the loop has ended early."""
        rest = self.block(node.orelse, around)
        return [_if_not(node, written.stop, rest)] if rest and written.stop else rest

    def behind(
        self, node: Loop, written: Any, rest: Sequence[ast.stmt], around: _Around | None
    ) -> Iterator[ast.stmt]:
        """What stands behind a loop that may return: the way out, or the rest."""
        inner: _Around = written.inner
        returned: ast.stmt = ast.copy_location(ast.Return(_read(node, inner.value)), node)
        ways_out = [returned] if around is None else list(_left(returned, around, again=False))
        if _goes_on_forever(node):
            yield from ways_out
            return
        rest = [*self.otherwise(node, written, around), *self.block(rest, around)]
        if around is None:
            yield ast.copy_location(ast.If(_read(node, inner.returned), ways_out, []), node)
            yield from rest
        else:
            yield ast.copy_location(ast.If(_read(node, inner.returned), ways_out, rest), node)


def _left(node: ast.stmt, around: _Around, again: bool = True) -> Iterator[ast.stmt]:
    """What ``break``, ``continue`` or ``return`` means for the names; not again: the result has its name already."""
    if isinstance(node, ast.Return):
        if again:
            yield _assign(node, around.value, node.value or ast.copy_location(ast.Constant(None), node))
        yield _assign(node, around.returned, True)
    if not isinstance(node, ast.Continue) and around.stop != around.returned:
        yield _assign(node, around.stop, True)
    for skip in around.skips:
        yield _assign(node, skip, True)
    if isinstance(node, ast.Continue) and not around.skips:
        yield ast.copy_location(ast.Pass(), node)


# --- questions to the tree


def never_goes_on(body: Sequence[ast.stmt]) -> bool:
    """Whether every way through the body leaves the loop's trip, or raises."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.If):
        return never_goes_on(last.body) and never_goes_on(last.orelse)
    return isinstance(last, (*_EXITS, ast.Raise))


def _within(nodes: Iterable[ast.AST], loops: bool) -> Iterator[ast.AST]:
    """The nodes of statements, without inner functions; loops: with those inside inner loops."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _LOOPS) and not loops:
            waiting += node.orelse
        elif not isinstance(node, (*_FUNCTIONS, ast.expr)):
            waiting += ast.iter_child_nodes(node)


def _leaves(node: ast.stmt) -> bool:
    """Whether a statement may leave the trip of the loop around it."""
    if _returns(node):
        return True
    return any(isinstance(part, (ast.Break, ast.Continue)) for part in _within([node], False))


def _returns(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Return) for part in _within([node], True))


def _breaks(node: Loop) -> bool:
    return any(isinstance(part, ast.Break) for part in _within(node.body, False))


def _goes_on_forever(node: Loop) -> bool:
    """Whether a loop ends by a return only."""
    endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
    return endless and not _breaks(node)


def _has_exits(node: ast.AST) -> bool:
    """Whether there is a loop that is left early, or has an ``else``."""
    return any(
        isinstance(part, _LOOPS) and (part.orelse or any(map(_leaves, part.body))) for part in _within([node], True)
    )


# --- new nodes


def _like(node: Any, **changed: Any) -> Any:
    """The statement with other parts."""
    fields = dict(ast.iter_fields(node))
    return ast.copy_location(type(node)(**{**fields, **changed}), node)


def _read(node: ast.AST, name: str) -> ast.Name:
    return ast.copy_location(ast.Name(name, ast.Load()), node)


def _assign(node: ast.AST, name: str, value: ast.expr | bool) -> ast.stmt:
    if isinstance(value, bool):
        value = ast.copy_location(ast.Constant(value), node)
    target = ast.copy_location(ast.Name(name, ast.Store()), node)
    return ast.copy_location(ast.Assign([target], value), node)


def _if_not(node: ast.AST, flag: str, body: list[ast.stmt]) -> ast.stmt:
    test = ast.copy_location(ast.UnaryOp(ast.Not(), _read(node, flag)), node)
    return ast.copy_location(ast.If(test, body or [ast.copy_location(ast.Pass(), node)], []), node)
