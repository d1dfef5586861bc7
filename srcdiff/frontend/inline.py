"""Calls: functions with a rule, functions of the author's own (read in place), containers and iterations.

A call of the author's own function is read as if its text stood there: its parameters are names for the arguments, its
other names are looked up where it was defined.
"""

from __future__ import annotations

import ast
import builtins
import functools
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from srcdiff.diagnostics import UnsupportedError
from srcdiff.ir.core import Value
from srcdiff.ir.types import Array, List
from srcdiff.rules.table import FUNCTIONS, METHODS

from .blocks import result_of, run
from .expressions import spread
from .frames import Frame, Silent, expression, to_item, to_python
from .items import Closure, Container, Item, Iteration, Static, describe, tuple_of
from .resolve import number
from .source import FunctionText, text_of
from .subset import check

DEEPEST = 40
Arguments = tuple[list[Item], dict[str, Item]]


@expression(ast.Call)
def _call(frame: Frame, node: ast.Call) -> Item:
    if isinstance(node.func, ast.Attribute):
        base = frame.evaluate(node.func.value)
        if isinstance(base, Value):
            return _method(frame, node, base, node.func.attr)
        if isinstance(base, Container):
            return _container_method(frame, node, base, node.func.attr)
    callee = frame.evaluate(node.func)
    args, kwargs = arguments(frame, node)
    return call_item(frame, node, callee, args, kwargs)


def arguments(frame: Frame, node: ast.Call) -> Arguments:
    """The items of the arguments of a call."""
    args = spread(frame, node.args)
    kwargs: dict[str, Item] = {}
    for keyword in node.keywords:
        item = frame.evaluate(keyword.value)
        if keyword.arg is not None:
            kwargs[keyword.arg] = item
        elif isinstance(item, Container) and item.kind == "dict":
            kwargs.update(zip(map(str, item.keys), item.items, strict=True))
        else:
            raise frame.unsupported(keyword.value, "`**` in front of this", "name the arguments one by one")
    return args, kwargs


def call_item(frame: Frame, node: ast.Call, callee: Item, args: list[Item], kwargs: dict[str, Item]) -> Item:
    """What a call gives."""
    if isinstance(callee, Closure):
        return _inline(frame, node, callee.text, callee.defaults, args, kwargs, callee.frame)
    if not isinstance(callee, Static) or not callable(callee.value):
        raise frame.unsupported(node.func, "calling this", "call functions", f"this is {describe(callee)}")
    function = callee.value
    special = SPECIAL.get(function) if _hashable(function) else None
    if special is not None:
        found = special(frame, node, args, kwargs)
        if found is not None:
            return found
    if _hashable(function) and function in FUNCTIONS:
        return bound_call(frame, node, FUNCTIONS[function], args, kwargs)
    if isinstance(function, types.FunctionType):
        return call_function(frame, node, function, args, kwargs)
    if isinstance(function, functools.partial):
        given = [number_or_static(value) for value in function.args]
        named = {name: number_or_static(value) for name, value in function.keywords.items()}
        return call_item(frame, node, Static(function.func), [*given, *args], {**named, **kwargs})
    if isinstance(function, type) and (hasattr(function, "__dataclass_fields__") or hasattr(function, "_fields")):
        return _record(frame, node, function, args, kwargs)
    name = ast.unparse(node.func)
    hint = "write it with functions that have one, or declare one (`srcdiff rules` lists them)"
    raise frame.refuse(node, "SD010", f"there is no rule for `{name}`", "", hint)


def number_or_static(value: Any) -> Item:
    """The item of a Python object that is known at compile time."""
    return number(value) if type(value) in (bool, int, float, complex) else Static(value)


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def bound_call(
    frame: Frame, node: ast.Call, binder: Callable[..., Any], args: Sequence[Item], kwargs: Mapping[str, Item],
    form: str = "",
) -> Item:
    """A call of something with a rule."""
    given = [to_python(frame, node, item) for item in args]
    named = {name: to_python(frame, node, item) for name, item in kwargs.items()}
    try:
        result = frame.call(node, binder, *given, form=form, operands=[*args, *kwargs.values()], **named)
    except TypeError as error:
        raise frame.refuse(node, "SD012", str(error)) from None
    return to_item(result)


def _method(frame: Frame, node: ast.Call, base: Value, name: str) -> Item:
    args, kwargs = arguments(frame, node)
    if name not in METHODS:
        label = f"this is {describe(base)}"
        raise frame.refuse(node, "SD010", f"there is no rule for the method `.{name}()`", label)
    return bound_call(frame, node, METHODS[name], [base, *args], kwargs, form="method")


def _container_method(frame: Frame, node: ast.Call, base: Container, name: str) -> Item:
    args, kwargs = arguments(frame, node)
    if base.kind == "dict" and not kwargs:
        keys = [number_or_static(key) for key in base.keys]
        if name == "keys" and not args:
            return tuple_of(keys)
        if name == "values" and not args:
            return tuple_of(list(base.items))
        if name == "items" and not args:
            return tuple_of([tuple_of([key, item]) for key, item in zip(keys, base.items, strict=True)])
        if name == "get" and args and isinstance(args[0], Static):
            default = args[1] if len(args) > 1 else Static(None)
            return base.item(args[0].value) if args[0].value in base.keys else default
    method = getattr(base.cls, name, None) if base.kind == "record" else None
    if isinstance(method, types.FunctionType):
        return call_function(frame, node, method, [base, *args], kwargs)
    raise frame.unsupported(node, f"the method `.{name}()` of {describe(base)}", "build a new container instead")


def _record(frame: Frame, node: ast.Call, cls: type, args: list[Item], kwargs: dict[str, Item]) -> Item:
    fields = list(getattr(cls, "_fields", None) or getattr(cls, "__dataclass_fields__"))
    given = {**dict(zip(fields, args, strict=False)), **kwargs}
    if len(args) > len(fields) or set(given) - set(fields):
        raise frame.refuse(node, "SD012", f"{cls.__name__} has the fields {', '.join(fields)}")
    missing = [name for name in fields if name not in given]
    if missing or "__post_init__" in vars(cls):
        what = "a class with __post_init__" if not missing else f"leaving out {', '.join(missing)}"
        raise frame.unsupported(node, what, "give all fields, and compute them outside the class")
    return Container("record", tuple(fields), tuple(given[name] for name in fields), cls)


# --- the author's functions


def call_function(
    frame: Frame, node: ast.AST, function: Any, args: Sequence[Item], kwargs: Mapping[str, Item]
) -> Item:
    """A call of a function written in Python: its text is read in place."""
    while hasattr(function, "__wrapped__") and not isinstance(function, types.FunctionType):
        function = function.__wrapped__
    try:
        text = text_of(function)
    except UnsupportedError as error:
        raise frame.refuse(node, "SD002", f"the source of `{function.__name__}` is not found", str(error)) from None
    defaults = _defaults(function)
    return _inline(frame, node, text, defaults, list(args), dict(kwargs), None)


def _defaults(function: types.FunctionType) -> dict[str, Item]:
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    values = function.__defaults__ or ()
    found = dict(zip(names[len(names) - len(values) :], values, strict=True))
    found.update(function.__kwdefaults__ or {})
    return {name: number_or_static(value) for name, value in found.items()}


def _inline(
    frame: Frame, node: ast.AST, text: FunctionText, defaults: Mapping[str, Item], args: list[Item],
    kwargs: dict[str, Item], outer: Frame | None,
) -> Item:
    unit = frame.unit
    if text.node in unit.active or len(unit.active) > DEEPEST:
        raise frame.unsupported(node, f"recursion (`{text.name}` calls itself)", "write it as a loop")
    problems = check(text)
    if problems:
        unit.problems.extend(problem for problem in problems if problem not in unit.problems)
        raise Silent
    inner = Frame(unit, text, {}, outer, frame.depth + 1)
    for name, item in _bound(frame, node, text, defaults, args, kwargs).items():
        inner.bind(name, item, text.node)
    unit.active.append(text.node)
    try:
        return result_of(inner, run(inner, text.body), node)
    finally:
        unit.active.pop()


def _bound(
    frame: Frame, node: ast.AST, text: FunctionText, defaults: Mapping[str, Item], args: list[Item],
    kwargs: dict[str, Item],
) -> dict[str, Item]:
    """The parameters of a function with what a call gives them."""
    given = text.node.args
    positional = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    names = [argument.arg for argument in text.arguments]
    bound = {**dict(zip(positional, args, strict=False)), **kwargs}
    twice = set(positional[: len(args)]) & set(kwargs)
    unknown = set(kwargs) - set(names)
    missing = [name for name in names if name not in bound and name not in defaults]
    if len(args) > len(positional) or twice or unknown or missing:
        signature = ", ".join(names)
        raise frame.refuse(node, "SD012", f"this call does not fit `{text.name}({signature})`")
    return {name: bound[name] if name in bound else defaults[name] for name in names}


# --- builtins that concern containers


Special = Callable[[Frame, ast.Call, list[Item], dict[str, Item]], Item | None]
SPECIAL: dict[Any, Special] = {}


def special(*functions: Any) -> Callable[[Special], Special]:
    """Register what a builtin does with containers; None where its rule has to say it."""

    def register(handler: Special) -> Special:
        SPECIAL.update(dict.fromkeys(functions, handler))
        return handler

    return register


@special(zip, enumerate, reversed)
def _iteration(frame: Frame, node: ast.Call, args: list[Item], kwargs: dict[str, Item]) -> Item | None:
    name = ast.unparse(node.func)
    start = kwargs.pop("start", None) if name == "enumerate" else None
    if name == "enumerate" and len(args) == 2:
        start = args.pop()
    kwargs.pop("strict", None)
    if kwargs or not args or (name != "zip" and len(args) != 1):
        raise frame.unsupported(node, f"this call of `{name}`", "pass what is looped over")
    if start is not None and not isinstance(start, Value):
        raise frame.refuse(node, "SD012", "`start` must be an int")
    if name == "reversed" and isinstance(args[0], Container):
        return tuple_of(list(args[0].items[::-1]))
    return Iteration(name, tuple(args), start)


@special(len)
def _length(frame: Frame, node: ast.Call, args: list[Item], kwargs: dict[str, Item]) -> Item | None:
    if len(args) == 1 and isinstance(args[0], Container):
        return number(len(args[0].items))
    return None


@special(tuple, list)
def _sequence(frame: Frame, node: ast.Call, args: list[Item], kwargs: dict[str, Item]) -> Item | None:
    name = ast.unparse(node.func)
    if not args:
        return tuple_of([], name)
    if isinstance(args[0], Container):
        parts = args[0].items if args[0].kind != "dict" else [number_or_static(key) for key in args[0].keys]
        return tuple_of(list(parts), name)
    raise frame.unsupported(node, f"`{name}` of {describe(args[0])}", "keep it as it is")


@special(dict)
def _dict(frame: Frame, node: ast.Call, args: list[Item], kwargs: dict[str, Item]) -> Item | None:
    base = args[0] if args else Container("dict", (), ())
    if not isinstance(base, Container) or base.kind != "dict":
        raise frame.unsupported(node, "this call of `dict`", "write the entries out")
    entries = {**dict(zip(base.keys, base.items, strict=True)), **kwargs}
    return Container("dict", tuple(entries), tuple(entries.values()))


@special(isinstance)
def _isinstance(frame: Frame, node: ast.Call, args: list[Item], kwargs: dict[str, Item]) -> Item | None:
    import numpy as np

    kinds = args[1].value if len(args) == 2 and isinstance(args[1], Static) else None
    if isinstance(args[0], Value) and kinds is np.ndarray and isinstance(args[0].type, (Array, List)):
        return number(isinstance(args[0].type, Array))
    if isinstance(args[0], Static) and kinds is not None:
        return number(isinstance(args[0].value, kinds))
    raise frame.unsupported(node, "`isinstance` here", "give the cases functions of their own")


@special(builtins.print)
def _print(frame: Frame, node: ast.Call, args: list[Item], kwargs: dict[str, Item]) -> Item | None:
    raise frame.unsupported(node, "`print` inside an expression", "print on a line of its own")
