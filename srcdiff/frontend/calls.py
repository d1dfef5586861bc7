"""Calls: functions of the table, methods, the user's functions, constructors of records, a few builtins."""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from srcdiff.ir.core import Value
from srcdiff.ir.types import DTYPES, Array, List, Scalar, Unknown
from srcdiff.rules.binding import FUNCTIONS, METHODS, Binder
from srcdiff.rules.foreign import enter_foreign

from .changes import append_value, call_method
from .effects import print_call
from .expressions import plain_key, spread
from .frames import Frame, expression, to_item, to_python
from .inline import call_closure, call_function
from .items import Closure, Container, Item, Iteration, Static, describe, tuple_of
from .iteration import known_items
from .resolve import is_library, number
from .stores import store_at
from .subscripts import attribute_of
from .wrappers import undecorated

Kwargs = Mapping[str, Item]
_IN_PLACE = ("sort", "partition", "fill", "put", "resize", "itemset", "setflags", "byteswap")


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


def call_binder(
    frame: Frame, node: ast.Call, binder: Binder, args: Sequence[Item], kwargs: Kwargs, form: str = ""
) -> Item:
    """The item of a call of a function of the table."""
    given = [to_python(frame, node, item) for item in args]
    named = {name: to_python(frame, node, item) for name, item in kwargs.items()}
    # keywords travel inside a partial: the names of the call's own parameters must not catch them
    function = functools.partial(_bound, binder, given, named)
    try:
        return to_item(frame.call(node, function, form=form, operands=[*args, *kwargs.values()]))
    except TypeError as error:
        name = ast.unparse(node.func)
        raise frame.refuse(node, "SD001", f"this call of `{name}` is not supported", str(error)) from None


def _bound(binder: Binder, args: list[Any], kwargs: dict[str, Any], b: Any) -> Any:
    return binder(b, *args, **kwargs)


def _partial(
    frame: Frame, node: ast.Call, target: functools.partial[Any], args: list[Item], kwargs: dict[str, Item]
) -> Item:
    names = frame.unit.names
    keep = frame.unit.keep
    first = [keep(names.part(target, f"argument_{k}", value)) for k, value in enumerate(target.args)]
    named = {name: keep(names.part(target, name, value)) for name, value in target.keywords.items()}
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
    if func.attr in METHODS:
        return call_binder(frame, node, METHODS[func.attr], [base, *args], kwargs, "method")
    if isinstance(base.type, List) and func.attr == "append" and len(args) == 1 and not kwargs:
        return append_value(frame, node, base, args)
    if isinstance(base.type, List):
        hint = "of a list that grows in a loop `append` is; write an array, and store into its elements"
        raise frame.unsupported(node, f"`.{func.attr}` of this list", hint)
    hint = "write it with operators and functions of NumPy"
    raise frame.refuse(node, "SD010", f"there is no rule for the method `.{func.attr}`", f"this is {base.type}", hint)


def _container_method(frame: Frame, node: ast.Call, func: ast.Attribute, base: Container) -> Item:
    args, kwargs = _arguments(frame, node)
    if base.kind == "record":
        if func.attr in base.keys:
            return call(frame, node, base.item(func.attr), args, kwargs)
        if issubclass(base.cls, tuple) and func.attr == "_replace":
            return _replace(frame, node, [base], kwargs)
        if issubclass(base.cls, tuple) and func.attr == "_asdict":
            return Container("dict", base.keys, base.items)
        method = inspect.getattr_static(base.cls, func.attr, None)
        if isinstance(method, types.FunctionType):
            return call_function(frame, node, method, [base, *args], kwargs)
        if isinstance(method, staticmethod) and isinstance(method.__func__, types.FunctionType):
            return call_function(frame, node, method.__func__, args, kwargs)
    base = _current(frame, base)
    if base.kind == "dict" and func.attr in ("keys", "values", "items") and not args and not kwargs:
        view = _view(base, func.attr)
        frame.unit.views[view] = base
        return view
    found = call_method(frame, node, func.attr, base, args, kwargs)
    if found is not None:
        return found
    hint = "lists have `append`, `extend`, `insert`, `pop`, `copy`; dicts `get`, `update`, `pop`, `items`, `copy`"
    raise frame.unsupported(node, f"`.{func.attr}` of {describe(base)}", hint)


def _current(frame: Frame, base: Container) -> Container:
    """The container as the arguments have left it."""
    now = frame.unit.latest(base)
    assert isinstance(now, Container)
    return now


def _view(base: Container, name: str) -> Container:
    keys = [to_item(key) for key in base.keys]
    if name == "items":
        return tuple_of([tuple_of(pair) for pair in zip(keys, base.items, strict=True)])
    return tuple_of(keys if name == "keys" else base.items)


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
        if isinstance(args[0], Iteration):
            known = known_items(frame, args[0])
            if known is None and kind == "list":
                return Iteration("all", (args[0],))  # it can be looped over, as the list could
            if known is not None:
                return tuple_of(known, kind)
        if isinstance(args[0], Container) and (args[0].kind != "record" or issubclass(args[0].cls, tuple)):
            items = [to_item(key) for key in args[0].keys] if args[0].kind == "dict" else args[0].items
            return tuple_of(tuple(items), kind)
        if isinstance(args[0], Value) and isinstance(args[0].type, List) and kind == "list":
            return frame.op(node, "get", args[0], index=":")
        if isinstance(args[0], Value) and isinstance(args[0].type, Array) and kind == "list":
            return frame.op(node, "list_of_array", args[0])
        raise frame.unsupported(node, f"`{kind}` of this", "", f"this is {describe(args[0])}")

    return build


def _ndindex(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    shape = args[0].items if len(args) == 1 and isinstance(args[0], Container) else args
    if kwargs or not shape or not all(isinstance(size, Value) and isinstance(size.type, Scalar) for size in shape):
        raise frame.unsupported(node, "this call of `np.ndindex`", "write nested loops over ranges")
    return Iteration("ndindex", tuple(shape))


def _dict(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    entries: dict[Any, Item] = {}
    for item in args:
        if isinstance(item, Container) and item.kind == "dict":
            entries.update(zip(item.keys, item.items, strict=True))
            continue
        pairs = known_items(frame, item)
        if pairs is None or not all(isinstance(pair, Container) and len(pair.items) == 2 for pair in pairs):
            raise frame.unsupported(node, "this call of `dict`", "write `{…}`")
        for pair in pairs:
            assert isinstance(pair, Container)
            entries[plain_key(frame, node, pair.items[0])] = pair.items[1]
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
    dataclasses.replace: _replace, np.ndindex: _ndindex,
}
