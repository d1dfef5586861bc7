"""Calls: functions of the table, methods, the user's functions, constructors of records, a few builtins."""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import logging
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcdiff.ir.core import Constant, Value
from srcdiff.ir.types import DTYPES, Array, List, Object, Scalar, Unknown
from srcdiff.rules.binding import FUNCTIONS, METHODS
from srcdiff.rules.draws import DRAWS
from srcdiff.rules.optional import enter_scipy

from .binders import call_binder
from .changes import append_value, call_method
from .effects import effect_of
from .expressions import plain_key, spread
from .foreign import marked_call
from .frames import Frame, expression, to_item, to_python
from .inline import call_closure, call_function
from .items import Closure, Container, Item, Iteration, Partial, Static, describe, tuple_of
from .iteration import known_items
from .resolve import is_library, number
from .stores import store_at
from .subscripts import attribute_of, method_of
from .texts import text_method, text_of_value
from .wrappers import undecorated
from .writing import WRITING_FUNCTIONS, WRITING_METHODS, call_into, takes_out, with_out

Kwargs = Mapping[str, Item]
_IN_PLACE = ("partition", "resize", "setflags", "byteswap")


@expression(ast.Call)
def _call(frame: Frame, node: ast.Call) -> Item:
    if isinstance(node.func, ast.Attribute):
        if _is_super(frame, node.func.value):
            return _inherited(frame, node, node.func.attr)
        base = frame.evaluate(node.func.value)
        if not isinstance(base, Static):
            return _method(frame, node, node.func, base)
        if isinstance(base.value, np.ufunc) and node.func.attr == "at":
            return store_at(frame, node, base.value)
        function = attribute_of(frame, node.func, base)
    else:
        function = frame.evaluate(node.func)
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
    if isinstance(function, Partial):
        return call(frame, node, function.function, [*function.args, *args], {**function.kwargs, **kwargs})
    if isinstance(function, Container) and function.kind == "record":
        return _record_method(frame, node, function, "__call__", args, kwargs)
    if not isinstance(function, Static) or not callable(function.value):
        raise frame.unsupported(node, "calling this", "", f"this is {describe(function)}")
    target = function.value
    effect = effect_of(target)
    if effect is not None:
        return effect(frame, node, target, args, kwargs)
    if isinstance(target, types.BuiltinMethodType) and isinstance(target.__self__, str):
        return text_method(frame, node, target, args, kwargs)
    special = _BUILTINS.get(target) if _hashable(target) else None
    if special is not None:
        found = special(frame, node, args, kwargs)
        if found is not None:
            return found
    enter_scipy()
    if _hashable(target) and target in WRITING_FUNCTIONS:
        return WRITING_FUNCTIONS[target](frame, node, args, kwargs)
    if _hashable(target) and target in FUNCTIONS and takes_out(target, args, kwargs):
        return call_into(frame, node, FUNCTIONS[target], *with_out(target, args, kwargs))
    if _hashable(target) and target in FUNCTIONS:
        return call_binder(frame, node, FUNCTIONS[target], args, kwargs)
    target = undecorated(target)
    if isinstance(target, types.FunctionType) and not is_library(target):
        marked = marked_call(frame, node, target, args, kwargs)
        if marked is not None:
            return marked
        return call_function(frame, node, target, args, kwargs)
    if isinstance(target, types.MethodType) and not is_library(target.__func__):
        return call(frame, node, Static(target.__func__), [Static(target.__self__), *args], kwargs)
    if isinstance(target, functools.partial):
        return _partial(frame, node, target, args, kwargs)
    if isinstance(target, type) and (dataclasses.is_dataclass(target) or hasattr(target, "_fields")):
        return _record(frame, node, target, args, kwargs)
    if target in (exec, eval, compile):
        hint = "write the statements out, or pick a function from a dict by its name"
        raise frame.refuse(node, "SD066", f"`{target.__name__}` runs a text that is not known", "", hint)
    called = method_of(frame, target, "__call__")
    if called is not None:
        return call(frame, node, called, args, kwargs)
    hint = "write it with functions that have a rule, or compute it outside and pass the result as an argument"
    raise frame.refuse(node, "SD010", f"there is no rule for `{ast.unparse(node.func)}`", "", hint)


def _hashable(target: Any) -> bool:
    return getattr(type(target), "__hash__", None) is not None


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
    if isinstance(base.type, Object):
        return draw_call(frame, node, func.attr, base, args, kwargs)
    if func.attr in WRITING_METHODS and not isinstance(base.type, List):
        return WRITING_METHODS[func.attr](frame, node, [base, *args], kwargs)
    if func.attr in METHODS and kwargs.get("out") is not None:
        return call_into(frame, node, METHODS[func.attr], [base, *args], kwargs)
    if func.attr in METHODS:
        return call_binder(frame, node, METHODS[func.attr], [base, *args], kwargs, "method")
    if isinstance(base.type, List) and func.attr == "append" and len(args) == 1 and not kwargs:
        return append_value(frame, node, base, args)
    if isinstance(base.type, List):
        hint = "of a list that grows in a loop `append` is; write an array, and store into its elements"
        raise frame.unsupported(node, f"`.{func.attr}` of this list", hint)
    hint = "write it with operators and functions of NumPy"
    raise frame.refuse(node, "SD010", f"there is no rule for the method `.{func.attr}`", f"this is {base.type}", hint)


def draw_call(
    frame: Frame, node: ast.Call, name: str, base: Value, args: list[Item], kwargs: dict[str, Item]
) -> Item:
    """A draw from a random generator."""
    if name not in DRAWS or not hasattr(getattr(np.random, str(base.type)), name):
        hint = "draw an index (`rng.permutation(n)`, `rng.integers(n)`), or draw outside and pass the result"
        raise frame.refuse(node, "SD010", f"there is no rule for the method `.{name}`", f"this is a {base.type}", hint)
    return call_binder(frame, node, DRAWS[name], [base, *args], kwargs)


def _is_super(frame: Frame, node: ast.expr) -> bool:
    """Whether this is ``super()`` inside a method."""
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    return named and not ast.unparse(node).removeprefix("super()") and "__class__" in frame.text.cells


def _inherited(frame: Frame, node: ast.Call, name: str) -> Item:
    """``super().name(…)``: the method of the next class that has one."""
    here = frame.text.cells["__class__"].cell_contents
    first = frame.text.arguments[0].arg
    owner = frame.usable(node, first, frame.env.get(first))
    cls = owner.cls if isinstance(owner, Container) else type(owner.value) if isinstance(owner, Static) else None
    order = getattr(cls, "__mro__", (here,))
    behind = order[order.index(here) + 1 :] if here in order else ()
    home = next((base for base in behind if name in vars(base)), None)
    method = None if home is None else vars(home)[name]
    if home is None or not isinstance(method, types.FunctionType):
        raise frame.unsupported(node, f"`super().{name}`", "call the function of the other class by its name")
    frame.unit.names.watch(home, name, method)
    args, kwargs = _arguments(frame, node)
    return call(frame, node, Static(method), [owner, *args], kwargs)


def _container_method(frame: Frame, node: ast.Call, func: ast.Attribute, base: Container) -> Item:
    args, kwargs = _arguments(frame, node)
    if base.kind == "record":
        return _record_method(frame, node, base, func.attr, args, kwargs)
    found = call_method(frame, node, func.attr, base, args, kwargs)
    if found is not None:
        return found
    hint = "lists have `append`, `extend`, `insert`, `pop`, `copy`; dicts `get`, `update`, `pop`, `items`, `copy`"
    raise frame.unsupported(node, f"`.{func.attr}` of {describe(base)}", hint)


def _record_method(
    frame: Frame, node: ast.Call, base: Container, name: str, args: list[Item], kwargs: dict[str, Item]
) -> Item:
    """A call of a field that holds a function, of a method, or of the object itself (``__call__``)."""
    if name in base.keys:
        return call(frame, node, base.item(name), args, kwargs)
    if issubclass(base.cls, tuple) and name == "_replace":
        return _replace(frame, node, [base], kwargs)
    if issubclass(base.cls, tuple) and name == "_asdict":
        return Container("dict", base.keys, base.items)
    method = inspect.getattr_static(base.cls, name, None)
    if isinstance(method, types.FunctionType):
        return call(frame, node, Static(method), [base, *args], kwargs)
    if isinstance(method, (staticmethod, classmethod)) and isinstance(method.__func__, types.FunctionType):
        first = [Static(base.cls)] if isinstance(method, classmethod) else []
        return call(frame, node, Static(method.__func__), [*first, *args], kwargs)
    what = f"a {base.cls.__name__} has no method `{name}`" if name != "__call__" else "calling this object"
    hint = "write it as a function of numbers and arrays"
    if name == "__call__":
        raise frame.unsupported(node, what, hint, f"this is {describe(base)}")
    raise frame.refuse(node, "SD012", what, "", hint)


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
        cls = item.cls if item.kind == "record" else _CONTAINERS[item.kind]
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
    if isinstance(value.type, Object):
        return getattr(np.random, value.type.cls)  # type: ignore[no-any-return]
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


def _text(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    if not args or kwargs:
        raise frame.unsupported(node, "this call")
    return text_of_value(frame, node, ast.unparse(node.func), args)


def _logger(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    """``logging.getLogger("name")``: an object that is found again by its name."""
    names = [item.value for item in args if isinstance(item, Static)]
    if kwargs or len(names) != len(args) or len(args) > 1:
        raise frame.unsupported(node, "this call of `logging.getLogger`", "give its name as a constant")
    return Static(logging.getLogger(*names))


def _callable(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    if len(args) != 1 or kwargs:
        raise frame.unsupported(node, "this call of `callable`")
    (item,) = args
    if isinstance(item, Container):
        called = item.kind == "record" and inspect.getattr_static(item.cls, "__call__", None) is not None
        return number(called)
    return number(isinstance(item, Closure) or (isinstance(item, Static) and callable(item.value)))


def _has_attribute(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    """``hasattr(x, "shape")``, of what has a known class."""
    name = args[1].value if len(args) == 2 and isinstance(args[1], Static) else None
    if not isinstance(name, str) or kwargs:
        raise frame.unsupported(node, "this call of `hasattr`", "write the name as a constant")
    (item, _) = args
    if isinstance(item, Container):
        cls = item.cls if item.kind == "record" else _CONTAINERS[item.kind]
        return number(name in item.keys if item.kind == "record" and name in item.keys else hasattr(cls, name))
    if isinstance(item, Static):
        return number(hasattr(item.value, name))
    cls = _class_of(item) if isinstance(item, Value) else None
    if cls is None:
        hint = "annotate the argument, or give --sig"
        raise frame.refuse(node, "SD011", "`hasattr` of a value of unknown type", f"this is {describe(item)}", hint)
    return number(hasattr(cls, name))


def _get_attribute(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    """``getattr(x, "name")``, with a default of what has no such field."""
    name = args[1].value if len(args) in (2, 3) and isinstance(args[1], Static) else None
    if not isinstance(name, str) or kwargs:
        raise frame.unsupported(node, "this call of `getattr`", "write the name as a constant")
    has = _has_attribute(frame, node, args[:2], {})
    if len(args) == 3 and isinstance(has, Constant) and not has.value:
        return args[2]
    written = ast.copy_location(ast.Attribute(node.args[0], name, ast.Load()), node)
    return attribute_of(frame, written, args[0])


def _new_partial(frame: Frame, node: ast.Call, args: list[Item], kwargs: Kwargs) -> Item:
    if not args:
        raise frame.unsupported(node, "this call of `functools.partial`")
    return Partial(args[0], tuple(args[1:]), dict(kwargs))


_CONTAINERS = {"tuple": tuple, "list": list, "dict": dict}

_BUILTINS: dict[Any, Callable[..., Item | None]] = {
    len: _len, isinstance: _isinstance, tuple: _sequence("tuple"), list: _sequence("list"), dict: _dict,
    **{kind: _iteration(kind.__name__) for kind in (zip, enumerate, reversed)},
    dataclasses.replace: _replace, np.ndindex: _ndindex, functools.partial: _new_partial,
    **dict.fromkeys((str, repr, format), _text), logging.getLogger: _logger,
    callable: _callable, hasattr: _has_attribute, getattr: _get_attribute,
}
