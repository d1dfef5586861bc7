"""From a call as the author wrote it to an op: operands, static arguments, and the registry of binders.

A binder is called ``binder(b, *args, **kwargs)`` with Values, Python constants and tuples or lists of these. It raises
TypeError for a call that Python would not accept either, TypingError for what has no meaning here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Constant, Value, constant_value
from srcdiff.ir.opdef import OpDef, TypingError
from srcdiff.ir.types import List, Scalar, Unknown, dtype_code, kind

from .signature import Signature

Binder = Callable[..., Any]
Function = TypeVar("Function", bound=Binder)

FUNCTIONS: dict[Any, Binder] = {}
"""Binders by the object that the author calls."""

METHODS: dict[str, Binder] = {}
"""Binders of methods of arrays and numbers by name; the first argument is the object."""

ATTRIBUTES: dict[str, Binder] = {}
"""Binders of attributes of arrays and numbers by name."""


def binds(*objects: Any, method: str = "", attribute: str = "") -> Callable[[Function], Function]:
    """Register a function as the binder of these objects, of a method, of an attribute."""

    def register(binder: Function) -> Function:
        FUNCTIONS.update(dict.fromkeys(objects, binder))
        if method:
            METHODS[method] = binder
        if attribute:
            ATTRIBUTES[attribute] = binder
        return binder

    return register


def binder_of(opdef: OpDef, signature: Signature) -> Binder:
    """The binder that follows the declared signature: parameters without default are operands, the others static."""

    def binder(b: Builder, *args: Any, **kwargs: Any) -> Any:
        bound = signature.parameters.bind(*args, **_taken(kwargs, opdef.name)).arguments
        inputs = [operand(b, bound[name]) for name in signature.inputs]
        attrs = {name: _static(bound[name], name) for name in signature.static if name in bound}
        given = {name: v for name, v in attrs.items() if v != signature.static[name]}
        results = b.op_many(opdef.name, *inputs, **given)
        return results[0] if len(results) == 1 else results

    return binder


_NO_RULE = {
    "out": "store the result instead: `x[...] = f(y)`",
    "where": "choose entries with np.where, of the argument and of the result: `np.where(c, f(np.where(c, x, 1)), y)`",
}
"""Arguments of ufuncs that have no rule, and what to write."""


def _taken(kwargs: dict[str, Any], name: str) -> dict[str, Any]:
    """The keywords without those that say nothing; TypingError for those that no rule has."""
    left = {}
    for key, value in kwargs.items():
        if (key == "out" and value is None) or (key == "where" and value is True):
            continue
        left[key] = value
        if key in ("out", "where"):
            raise TypingError(f"`{key}=` of np.{name} has no rule", "SD010", _NO_RULE[key])
    return left


def operand(b: Builder, argument: Any) -> Value:
    """The value of an argument; what NumPy would make an array of becomes one."""
    if isinstance(argument, Value):
        return b.op("array_of_list", argument) if isinstance(argument.type, List) else argument
    if isinstance(argument, (tuple, list)):
        array: Value = FUNCTIONS[np.array](b, argument)
        return array
    return number(b, argument)


def number(b: Builder, argument: Any) -> Value:
    """The value of a Python or NumPy number."""
    if isinstance(argument, Value):
        return argument
    if isinstance(argument, np.generic):
        return Constant(Scalar(dtype_code(argument.dtype)), "", argument)
    if isinstance(argument, (bool, int, float, complex)):
        return b.constant(argument)
    raise TypeError(f"a number or an array is needed here, not {argument!r}")


def static(argument: Any, what: str = "this argument") -> Any:
    """What a static argument is known to be at compile time; TypingError (SD050) if it is not known."""
    if isinstance(argument, (tuple, list)):
        return tuple(static(item, what) for item in argument)
    if isinstance(argument, Constant):
        return constant_value(argument)
    if isinstance(argument, Value):
        value = argument.type.value if isinstance(argument.type, Scalar) else None
        if value is None or value.value is None:
            raise TypingError(f"`{what}` must be a constant", "SD050", "write the number itself")
        return value.value
    return argument.item() if isinstance(argument, np.generic) else argument


def static_dtype(argument: Any) -> str | None:
    """The code of a dtype argument: ``np.float32``, ``float``, ``"float64"``, a dtype; None for None."""
    if argument is None:
        return None
    try:
        return dtype_code(np.dtype(static(argument, "dtype")))
    except (KeyError, TypeError):
        raise TypingError(f"{argument!r} is not a dtype of numbers", "SD050") from None


def _static(argument: Any, name: str) -> Any:
    return static_dtype(argument) if name == "dtype" else static(argument, name)


def given(**attrs: Any) -> dict[str, Any]:
    """The attributes that say something: all but those that are None or False."""
    return {name: value for name, value in attrs.items() if value is not None and value is not False}


def integer(b: Builder, argument: Any, what: str) -> Value:
    """An argument that must be an int: a length, an index."""
    value = number(b, argument)
    if isinstance(value.type, Scalar) and kind(value.type.dtype) in "iu":
        return value
    if isinstance(value.type, Unknown):
        raise TypingError(f"`{what}` must be an int, and its type is not known", "SD011", "annotate it: `n: int`")
    raise TypeError(f"`{what}` must be an int, not {value.type}")


def integers(b: Builder, argument: Any, what: str = "shape") -> list[Value]:
    """An argument that is an int or a tuple of ints, as values."""
    items: Sequence[Any] = argument if isinstance(argument, (tuple, list)) else [argument]
    return [integer(b, item, what) for item in items]
