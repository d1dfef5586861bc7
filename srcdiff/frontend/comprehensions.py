"""Comprehensions and generators: over known items they are written out, else they are a loop that collects a list.

Their targets live in a scope of their own, which hides the function's names while an entry is read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from srcdiff.ir.build import Builder
from srcdiff.ir.core import FOR, Block, Value
from srcdiff.ir.types import List, without_value

from .branches import condition
from .expressions import constant_key
from .frames import ConstantNeeded, Frame, expression
from .items import Container, Item, describe, tuple_of
from .iteration import UNROLL_LIMIT, Sequences, has_containers, known_items, mixed_items, sequences, trips
from .places import is_tracked
from .statements import assign

Entry = Callable[[], None]
_OUTSIDE = "write it as a loop"


class _UnlikeError(Exception):
    """The entries are no numbers or arrays, or not one for each item: they must be read one by one."""


@expression(ast.ListComp, ast.GeneratorExp)
def _list(frame: Frame, node: ast.ListComp | ast.GeneratorExp) -> Item:
    _check(frame, node)
    with _scope(frame):
        return _listed(frame, node, node.elt, node.generators)


@expression(ast.DictComp)
def _dict(frame: Frame, node: ast.DictComp) -> Item:
    _check(frame, node)
    entries: dict[Any, Item] = {}

    def entry() -> None:
        key = constant_key(frame, node.key)
        entries[key] = frame.evaluate(node.value)

    with _scope(frame):
        _written_out(frame, node, node.generators, entry)
    return Container("dict", tuple(entries), tuple(entries.values()))


def _check(frame: Frame, node: ast.ListComp | ast.GeneratorExp | ast.DictComp) -> None:
    for part in ast.walk(node):
        if isinstance(part, ast.Lambda):
            raise frame.unsupported(part, "a function that is defined in a comprehension", "define it in front of it")


@contextmanager
def _scope(frame: Frame) -> Iterator[None]:
    saved = frame.inner
    frame.inner = dict(saved)
    try:
        yield
    finally:
        frame.inner = saved


def _bind(frame: Frame, target: ast.expr, item: Item) -> None:
    """Bind a target of the comprehension."""
    saved, frame.binds_inner = frame.binds_inner, True
    try:
        assign(frame, target, item)
    finally:
        frame.binds_inner = saved


# --- one entry after the other


def _listed(
    frame: Frame, node: ast.ListComp | ast.GeneratorExp, elt: ast.expr, generators: list[ast.comprehension]
) -> Item:
    first = generators[0]
    item = frame.evaluate(first.iter)
    known = known_items(frame, item)
    if has_containers(item) or (known is not None and len(known) <= 1):
        return _entries(frame, node, elt, generators, item)
    unit = frame.unit
    problems, demands = len(unit.problems), dict(unit.demands)
    unit.unrollable += known is not None and len(known) <= UNROLL_LIMIT
    try:
        return _rolled(frame, node, elt, generators, item)
    except (_UnlikeError, ConstantNeeded):
        if known is None or len(known) > UNROLL_LIMIT:
            raise
        del unit.problems[problems:]
        unit.demands = demands
    finally:
        unit.unrollable -= known is not None and len(known) <= UNROLL_LIMIT
    return _entries(frame, node, elt, generators, item)


def _entries(
    frame: Frame, node: ast.ListComp | ast.GeneratorExp, elt: ast.expr, generators: list[ast.comprehension], item: Item
) -> Item:
    """The list of entries that are read one by one."""
    items: list[Item] = []
    _written_out(frame, node, generators, lambda: items.append(frame.evaluate(elt)), item)
    return tuple_of(items, "list")


def _written_out(
    frame: Frame, node: ast.AST, generators: list[ast.comprehension], entry: Entry, item: Item | None = None
) -> None:
    """Read an entry for each item of all generators."""
    first, *rest = generators
    item = frame.evaluate(first.iter) if item is None else item
    known = known_items(frame, item)
    if known is None and has_containers(item):
        known = mixed_items(frame, first.iter, item)
    if known is None or len(known) > UNROLL_LIMIT:
        raise frame.needs_constant(
            first.iter, item, "how often this comprehension runs must be known", _OUTSIDE
        )
    for part in known:
        _bind(frame, first.target, part)
        if all(_is_taken(frame, test) for test in first.ifs):
            if rest:
                _written_out(frame, node, rest, entry)
            else:
                entry()


def _is_taken(frame: Frame, test: ast.expr) -> bool:
    truth = condition(frame, test)
    if isinstance(truth, bool):
        return truth
    raise frame.unsupported(test, "a condition on values in this comprehension", "write a loop, or use np.where")


# --- a loop


def _rolled(
    frame: Frame, node: ast.ListComp | ast.GeneratorExp, elt: ast.expr, generators: list[ast.comprehension], item: Item
) -> Item:
    """A loop that collects the entries."""
    first = generators[0]
    found = sequences(frame, first, item)
    if len(generators) > 1 or first.ifs:
        known = known_items(frame, item)
        if known is not None and len(known) <= UNROLL_LIMIT:
            raise _UnlikeError
        what = "a comprehension with a condition" if first.ifs else "a comprehension over several sequences"
        raise frame.unsupported(node, what, "write a loop that adds up or stores the entries")
    places = frame.places
    before, serial, env = places.state, places.serial, dict(frame.env)
    places.state = before.copy()
    try:
        with frame.b.region() as ops:
            params = _parameters(frame, found)
            _bind(frame, first.target, found.pick(params))
            entry = frame.updated(frame.evaluate(elt), elt)
        root = places.root(entry) if isinstance(entry, Value) else None
        near = set() if root is None else places.state.near([root])
        wrote = any(root.serial <= serial and before.versions.get(root) is not version
                    for root, version in places.state.versions.items())
    finally:
        places.state = before
    if wrote:
        raise frame.unsupported(elt, "a comprehension that writes into an array", _OUTSIDE)
    if any(frame.env.get(name) is not old for name, old in env.items()) or len(env) != len(frame.env):
        frame.env = env
        raise frame.unsupported(elt, "a comprehension that binds names outside of it", _OUTSIDE)
    stack = _collected(frame, node, found, params, ops, entry)
    places.begin(stack, places.new_root("", True, sorted(near, key=lambda root: root.serial)))
    return stack


def _parameters(frame: Frame, found: Sequences) -> list[Value]:
    params = []
    for seq, name in zip(found.seqs, found.names, strict=True):
        param = frame.b.item(seq, name)
        if is_tracked(param):
            frame.places.unsure(param, [seq])
        frame.unit.sequences[param] = seq
        params.append(param)
    return params


def _collected(
    frame: Frame, node: ast.ListComp | ast.GeneratorExp, found: Sequences, params: list[Value], ops: list[Any],
    entry: Item,
) -> Value:
    if not isinstance(entry, Value):
        known = all(known_items(frame, seq) is not None for seq in found.seqs)
        if known:
            raise _UnlikeError
        hint = "collect numbers or arrays of one shape, each in a list of its own"
        raise frame.unsupported(node, "a comprehension with such entries", hint, f"each is {describe(entry)}")
    stack = Value(List(without_value(entry.type), trips(frame, found)))
    body = Block(tuple(params), tuple(ops), (entry,))
    attrs: dict[str, Any] = {"seqs": len(params), "reverse": found.reverse}
    if found.reverse:
        raise frame.unsupported(node, "a comprehension over `reversed`", "write it as a loop")
    form = "generator" if isinstance(node, ast.GeneratorExp) else "comprehension"
    frame.call(node, Builder.structured, FOR, found.seqs, [stack], [body], form=form, **attrs)
    return stack


# --- assignment expressions


@expression(ast.NamedExpr)
def _walrus(frame: Frame, node: ast.NamedExpr) -> Item:
    item = frame.evaluate(node.value, node.target.id)
    frame.bind(node.target.id, item, node.target)
    return item

