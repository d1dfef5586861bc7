"""Calls of the user's own functions: they are read in place, with their own names."""

from __future__ import annotations

import ast
import types
from collections.abc import Mapping, Sequence

from srcdiff.diagnostics import Diagnostic, UnsupportedError

from .blocks import result_of, run, whole_body
from .frames import ConstantNeeded, Frame, Silent
from .items import Broken, Closure, Container, Item, tuple_of
from .places import Refusal
from .source import FunctionText
from .subset import check

DEEPEST = 24
"""The levels of a recursion that are written out."""
MOST = 256
"""The calls of a recursion that are written out."""


def call_function(
    frame: Frame, node: ast.AST, function: types.FunctionType, args: Sequence[Item], kwargs: Mapping[str, Item]
) -> Item:
    """What a Python function returns for these arguments."""
    try:
        text = frame.unit.names.text(function)
    except UnsupportedError as error:
        problem = error.diagnostics[0]
        raise frame.refuse(node, problem.code, problem.message, problem.label, problem.hint) from None
    frame.unit.names.uses(function)
    defaults = _defaults(frame, text)
    return _read(frame, node, text, None, defaults, args, kwargs)


def call_closure(
    frame: Frame, node: ast.AST, function: Closure, args: Sequence[Item], kwargs: Mapping[str, Item]
) -> Item:
    """What a function returns that is defined inside the one being read."""
    return _read(frame, node, function.text, function.frame, function.defaults, args, kwargs)


def _defaults(frame: Frame, text: FunctionText) -> dict[str, Item]:
    """The defaults of a function, as they were when it was defined."""
    function = text.function
    assert isinstance(function, types.FunctionType)
    given = text.node.args
    positional = [*given.posonlyargs, *given.args]
    values = function.__defaults__ or ()
    found = {a.arg: value for a, value in zip(positional[len(positional) - len(values) :], values, strict=True)}
    found.update(function.__kwdefaults__ or {})
    return {name: frame.unit.keep(frame.unit.names.default(function, name, value)) for name, value in found.items()}


def _read(
    frame: Frame, node: ast.AST, text: FunctionText, outer: Frame | None, defaults: Mapping[str, Item],
    args: Sequence[Item], kwargs: Mapping[str, Item],
) -> Item:
    unit = frame.unit
    if text.node in unit.active:
        _check_depth(frame, node, text)
    problems = check(text)
    unit.problems += problems
    if problems:
        raise Silent
    callee = Frame(unit, text, outer=outer, depth=frame.depth + 1)
    unit.frames.append(callee)
    try:
        return _body(callee, node, text, _bound(frame, node, text, defaults, args, kwargs))
    finally:
        unit.frames.pop()


def _body(callee: Frame, node: ast.AST, text: FunctionText, bound: Mapping[str, Item]) -> Item:
    unit = callee.unit
    for name, item in bound.items():
        callee.bind(name, item, text.node)
    unit.active.append(text.node)
    try:
        item = result_of(callee, run(callee, whole_body(text)), text.node)
    finally:
        unit.active.pop()
    if isinstance(item, Broken):
        raise Silent
    return item


def _check_depth(frame: Frame, node: ast.AST, text: FunctionText) -> None:
    """Recursion is written out, call by call, if it ends: its depth has to be known from constants.

    ConstantNeeded where it does not end; the numbers and lengths that are tested on the way are remembered.
    """
    unit = frame.unit
    if text.node in unit.endless:
        raise Silent
    unit.repeated[text.node] = unit.repeated.get(text.node, 0) + 1
    if unit.active.count(text.node) < DEEPEST and unit.repeated[text.node] < MOST:
        return
    unit.endless.add(text.node)
    unit.demands.update(dict.fromkeys(unit.tests))
    message = f"the recursion of `{text.name}` does not end at a depth that is known"
    if not unit.tests:
        message = f"the recursion of `{text.name}` goes deeper than {DEEPEST} levels"
    if unit.repeated[text.node] >= MOST:
        message = f"the recursion of `{text.name}` takes more than {MOST} calls"
    hint = "let it end at a constant, an integer argument or the length of an argument; or write it as a loop"
    raise ConstantNeeded(Diagnostic("SD051", message, frame.span(node), "", hint))


def _bound(
    frame: Frame, node: ast.AST, text: FunctionText, defaults: Mapping[str, Item], args: Sequence[Item],
    kwargs: Mapping[str, Item],
) -> dict[str, Item]:
    """The arguments by parameter."""
    given = text.node.args
    positional = [a.arg for a in (*given.posonlyargs, *given.args)]
    by_name = {a.arg for a in (*given.args, *given.kwonlyargs)}
    if len(args) > len(positional) and given.vararg is None:
        raise _wrong(frame, node, f"`{text.name}` takes {len(positional)} positional arguments, not {len(args)}")
    bound = dict(zip(positional, args, strict=False))
    more: dict[str, Item] = {}
    for name, item in kwargs.items():
        if name in by_name and name not in bound:
            bound[name] = item
        elif given.kwarg is not None and name not in by_name:
            more[name] = item
        else:
            problem = "got two values for" if name in bound else "takes no argument"
            raise _wrong(frame, node, f"`{text.name}` {problem} `{name}`")
    for argument in text.arguments:
        if argument.arg not in bound:
            if argument.arg not in defaults:
                raise _wrong(frame, node, f"`{text.name}` misses the argument `{argument.arg}`")
            bound[argument.arg] = defaults[argument.arg]
    return {**bound, **gathered(text, args[len(positional) :], more)}


def gathered(text: FunctionText, args: Sequence[Item], kwargs: Mapping[str, Item]) -> dict[str, Item]:
    """What ``*args`` and ``**kwargs`` of a function hold, by their names."""
    found: dict[str, Item] = {}
    if text.node.args.vararg is not None:
        found[text.node.args.vararg.arg] = tuple_of(list(args))
    if text.node.args.kwarg is not None:
        found[text.node.args.kwarg.arg] = Container("dict", tuple(kwargs), tuple(kwargs.values()))
    return found


def _wrong(frame: Frame, node: ast.AST, message: str) -> Refusal:
    return frame.refuse(node, "SD001", message, "", "call it with the arguments that it takes")
