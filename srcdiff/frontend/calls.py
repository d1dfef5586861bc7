"""Calls: functions of the table, methods, the user's functions, constructors of records, a few builtins."""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcdiff.ir.core import Value
from srcdiff.ir.types import DTYPES, Array, List, Scalar, Unknown
from srcdiff.rules.binding import FUNCTIONS, METHODS
from srcdiff.rules.foreign import enter_foreign

from .binders import call_binder
from .effects import print_call
from .expressions import spread
from .frames import Frame, expression, to_item, to_python
from .inline import call_closure, call_function
from .items import Closure, Container, Item, Iteration, Static, describe, tuple_of
from .resolve import is_library, number
from .stores import store_at
from .subscripts import attribute_of
from .wrappers import undecorated
from .writing import WRITING_FUNCTIONS, WRITING_METHODS, call_into, takes_out, with_out

Kwargs = Mapping[str, Item]
_IN_PLACE = ("partition", "resize", "setflags", "byteswap")


@expression(ast.Call)
def _call(frame: Frame, node: ast.Call) -> Item:
    if isinstance(node.func, ast.Attribute):
        base = frame.evaluate(node.func.value)
        if not isinstance(base, Static):
            return _method(frame, node, node.func, base)
        if isinstance(base.value, np.ufunc) and node.func.attr == "at":
            return store_at(frame, node, base.value)
        function = attribute_of(frame, node.func, base)
    else:
        function = frame.evaluate(node.func)
    if isinstance(function, Static) and function.value is print:
        return print_call(frame, node)
    args, kwargs = _arguments(frame, node)
    return call(frame, node, function, args, kwargs)


def _arguments(frame: Frame, node: ast.Call) -> tuple[list[Item], dict[str, Item]]:
    args = spread(frame, node.args)
    kwargs: dict[str, Item] = {}
    for keyword in node.keywords:
        item = frame.evaluate(keyword.value)
        if keyword.arg is not None:
            kwargs[keyword.arg] = item
        elif isinstance(item, Container) and item.kind == "dict":
            kwargs.update(zip(item.keys, item.items, strict=True))
        else:
            raise frame.unsupported(keyword, "`**` in front of this", "", f"it is {describe(item)}")
    return args, kwargs


def call(frame: Frame, node: ast.Call, function: Item, args: list[Item], kwargs: dict[str, Item]) -> Item:
    """The item of a call."""
    if isinstance(function, Closure):
        return call_closure(frame, node, function, args, kwargs)
    if not isinstance(function, Static) or not callable(function.value):
        raise frame.unsupported(node, "calling this", "", f"this is {describe(function)}")
    target = function.value
    special = _BUILTINS.get(target) if _hashable(target) else None
    if special is not None:
        found = special(frame, node, args, kwargs)
        if found is not None:
            return found
    enter_foreign()
    if _hashable(target) and target in WRITING_FUNCTIONS:
        return WRITING_FUNCTIONS[target](frame, node, args, kwargs)
    if _hashable(target) and target in FUNCTIONS and takes_out(target, args, kwargs):
        return call_into(frame, node, FUNCTIONS[target], *with_out(target, args, kwargs))
    if _hashable(target) and target in FUNCTIONS:
        return call_binder(frame, node, FUNCTIONS[target], args, kwargs)
    target = undecorated(target)
    if isinstance(target, types.FunctionType) and not is_library(target):
        return call_function(frame, node, target, args, kwargs)
    if isinstance(target, types.MethodType):
        raise frame.unsupported(node, "a method of this object", "write it as a function of numbers and arrays")
    if isinstance(target, functools.partial):
        return _partial(frame, node, target, args, kwargs)
    if isinstance(target, type) and (dataclasses.is_dataclass(target) or hasattr(target, "_fields")):
        return _record(frame, node, target, args, kwargs)
    hint = "write it with functions that have a rule, or compute it outside and pass the result as an argument"
    raise frame.refuse(node, "SD010", f"there is no rule for `{ast.unparse(node.func)}`", "", hint)


def _hashable(target: Any) -> bool:
    return getattr(type(target), "__hash__", None) is not None


def _partial(
    frame: Frame, node: ast.Call, target: functools.partial[Any], args: list[Item], kwargs: dict[str, Item]
) -> Item:
    names = frame.unit.names
    first = [names.part(target, f"argument_{k}", value) for k, value in enumerate(target.args)]
    named = {name: names.part(target, name, value) for name, value in target.keywords.items()}
    return call(frame, node, Static(target.func), [*first, *args], {**named, **kwargs})


def _record(frame: Frame, node: ast.Call, cls: Any, args: list[Item], kwargs: dict[str, Item]) -> Item:
    """A dataclass or named tuple, built from its fields."""
    names = _fields(frame, node, cls)
    try:
        bound = inspect.signature(cls).bind(*args, **kwargs)
    except TypeError as error:
        raise frame.refuse(node, "SD001", f"this call of `{cls.__name__}` is not supported", str(error)) from None
    given = dict(bound.arguments)
    bound.apply_defaults()
    items = [given[name] if name in given else to_item(bound.arguments[name]) for name in names]
    return Container("record", tuple(names), tuple(items), cls)


def _fields(frame: Frame, node: ast.Call, cls: Any) -> list[str]:
    """The fields of a class whose objects are what they are built from."""
    if not dataclasses.is_dataclass(cls):
        return list(cls._fields)
    fields = dataclasses.fields(cls)
    made = any(not field.init or field.default_factory is not dataclasses.MISSING for field in fields)
    if made or hasattr(cls, "__post_init__") or "__init__" not in vars(cls):
        hint = "give every field when it is built, and leave out `__post_init__`"
        raise frame.unsupported(node, "building this object", hint)
    return [field.name for field in fields]


# --- methods


def _method(frame: Frame, node: ast.Call, func: ast.Attribute, base: Item) -> Item:
    if isinstance(base, Container):
        return _container_method(frame, node, func, base)
    if not isinstance(base, Value):
        raise frame.unsupported(node, "a method of this", "", f"this is {describe(base)}")
    if func.attr in _IN_PLACE:
        hint = "use the function of NumPy that gives a new array, or store: `x[...] = v`"
        raise frame.unsupported(node, f"`.{func.attr}`, which changes its array,", hint)
    args, kwargs = _arguments(frame, node)
    if func.attr in WRITING_METHODS and not isinstance(base.type, List):
        return WRITING_METHODS[func.attr](frame, node, [base, *args], kwargs)
    if func.attr in METHODS and kwargs.get("out") is not None:
        return call_into(frame, node, METHODS[func.attr], [base, *args], kwargs)
    if func.attr in METHODS:
        return call_binder(frame, node, METHODS[func.attr], [base, *args], kwargs, "method")
    if isinstance(base.type, List):
        raise frame.unsupported(node, f"`.{func.attr}` of a list", "write an array, and store into its elements")
    hint = "write it with operators and functions of NumPy"
    raise frame.refuse(node, "SD010", f"there is no rule for the method `.{func.attr}`", f"this is {base.type}", hint)


def _container_method(frame: Frame, node: ast.Call, func: ast.Attribute, base: Container) -> Item:
    args, kwargs = _arguments(frame, node)
    if base.kind == "record":
        if func.attr in base.keys:
            return call(frame, node, base.item(func.attr), args, kwargs)
        method = inspect.getattr_static(base.cls, func.attr, None)
        if isinstance(method, types.FunctionType):
            return call_function(frame, node, method, [base, *args], kwargs)
        if isinstance(method, staticmethod) and isinstance(method.__func__, types.FunctionType):
            return call_function(frame, node, method.__func__, args, kwargs)
    if base.kind == "dict" and not args and not kwargs:
        keys = [to_item(key) for key in base.keys]
        if func.attr == "keys":
            return tuple_of(keys)
        if func.attr == "values":
            return tuple_of(base.items)
        if func.attr == "items":
            return tuple_of([tuple_of(pair) for pair in zip(keys, base.items, strict=True)])
    hint = "containers cannot be changed: build a new one"
    raise frame.unsupported(node, f"`.{func.attr}` of {describe(base)}", hint)


# --- builtins that are answered here; None: the table has it


def _len(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item | None:
    return number(len(args[0].items)) if len(args) == 1 and isinstance(args[0], Container) else None


def _iteration(kind: str) -> Callable[..., Item]:
    def build(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
        if kind == "enumerate":
            return _enumerate(frame, node, args, kwargs)
        if kind == "zip":
            kwargs = {name: item for name, item in kwargs.items() if name != "strict"}
        if kwargs or not args or (kind == "reversed" and len(args) != 1):
            raise frame.unsupported(node, f"this call of `{kind}`")
        return Iteration(kind, tuple(args))

    return build


def _enumerate(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    start = args[1] if len(args) > 1 else kwargs.get("start", number(0))
    if not args or len(args) > 2 or set(kwargs) - {"start"} or not isinstance(start, Value):
        raise frame.unsupported(node, "this call of `enumerate`")
    return Iteration("enumerate", (args[0],), start)


def _sequence(kind: str) -> Callable[..., Item | None]:
    def build(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item | None:
        if not args:
            return tuple_of([], kind)
        if isinstance(args[0], Container) and args[0].kind != "record":
            items = [to_item(key) for key in args[0].keys] if args[0].kind == "dict" else args[0].items
            return tuple_of(tuple(items), kind)
        if isinstance(args[0], Value) and isinstance(args[0].type, List) and kind == "list":
            return args[0]
        raise frame.unsupported(node, f"`{kind}` of this", "", f"this is {describe(args[0])}")

    return build


def _dict(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    entries: dict[Any, Item] = {}
    for item in args:
        if not isinstance(item, Container) or item.kind != "dict":
            raise frame.unsupported(node, "this call of `dict`", "write `{…}`")
        entries.update(zip(item.keys, item.items, strict=True))
    entries.update(kwargs)
    return Container("dict", tuple(entries), tuple(entries.values()))


def _isinstance(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    if len(args) != 2 or kwargs:
        raise frame.unsupported(node, "this call of `isinstance`")
    item, classes = args
    wanted = to_python(frame, node, classes)
    if isinstance(item, Container):
        cls = item.cls if item.kind == "record" else {"tuple": tuple, "list": list, "dict": dict}[item.kind]
        return number(issubclass(cls, wanted))
    if isinstance(item, Static):
        return number(isinstance(item.value, wanted))
    if isinstance(item, Value) and not isinstance(item.type, Unknown):
        cls = _class_of(item)
        if cls is not None:
            return number(issubclass(cls, wanted))
    hint = "annotate the argument, or give --sig"
    raise frame.refuse(node, "SD011", "`isinstance` of a value of unknown type", f"this is {describe(item)}", hint)


def _class_of(value: Value) -> type | None:
    if isinstance(value.type, Array):
        return np.ndarray
    if isinstance(value.type, List):
        return list
    if isinstance(value.type, Scalar) and value.type.strength == "python":
        return {"b": bool, "i": int, "f": float, "c": complex}[value.type.dtype[0]]
    if isinstance(value.type, Scalar) and value.type.strength == "numpy":
        return DTYPES[value.type.dtype].type
    return None


def _replace(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    base = args[0] if len(args) == 1 else None
    if not isinstance(base, Container) or base.kind != "record" or set(kwargs) - set(base.keys):
        raise frame.unsupported(node, "this call of `replace`")
    items = [kwargs.get(key, item) for key, item in zip(base.keys, base.items, strict=True)]
    return Container("record", base.keys, tuple(items), base.cls)


_BUILTINS: dict[Any, Callable[..., Item | None]] = {
    len: _len, isinstance: _isinstance, tuple: _sequence("tuple"), list: _sequence("list"), dict: _dict,
    **{kind: _iteration(kind.__name__) for kind in (zip, enumerate, reversed)},
    dataclasses.replace: _replace,
}
