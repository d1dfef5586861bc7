"""Calls of functions that are marked: ``@srcdiff.constant`` (no derivative) and ``@srcdiff.rule`` (their own)."""

from __future__ import annotations

import ast
import inspect
import re
import types
from collections.abc import Mapping, Sequence
from typing import Any

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Value
from srcdiff.ir.structure import Leaf, Node
from srcdiff.ir.types import DTYPES, Array, Scalar, Type, Unknown
from srcdiff.rules.foreign import CONSTANT, RULE, CustomRule, home_of

from .annotations import described
from .effects import importable
from .frames import Frame
from .items import Item, Static, tuple_of
from .resolve import of_constant
from .texts import Text


def marked_call(
    frame: Frame, node: ast.Call, target: types.FunctionType, args: Sequence[Item], kwargs: Mapping[str, Item]
) -> Item | None:
    """The item of a call of a marked function; None for other functions."""
    custom = getattr(target, RULE, None)
    returns = getattr(target, CONSTANT, None)
    if custom is None and returns is None:
        return None
    for function in (target, *((custom.jvp, custom.vjp) if custom else ())):
        if function is not None and not importable(function):
            hint = "define it at the top of a file: generated code imports it from there"
            name = getattr(function, "__name__", repr(function))
            raise frame.unsupported(node, f"`{name}`, which cannot be imported,", hint)
    bound = _bound(frame, node, target, args, kwargs)
    if custom is None:
        return _constant(frame, node, target, str(returns), bound)
    return _custom(frame, node, target, custom, bound)


def _bound(
    frame: Frame, node: ast.Call, target: Any, args: Sequence[Item], kwargs: Mapping[str, Item]
) -> dict[str, Item]:
    """The arguments by parameter, defaults filled in."""
    try:
        bound = inspect.signature(target).bind(*args, **kwargs)
    except TypeError as error:
        raise frame.refuse(node, "SD001", f"this call of `{target.__name__}` is not supported", str(error)) from None
    given = dict(bound.arguments)
    bound.apply_defaults()
    for name, value in bound.arguments.items():
        if bound.signature.parameters[name].kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            if value:
                hint = "name its arguments one by one"
                raise frame.unsupported(node, f"`{target.__name__}` with any arguments", hint)
        elif name not in given:
            given[name] = of_constant(value)
    return {name: given[name] for name in bound.arguments if name in given}


def _source(target: Any, text: Text, node: ast.AST, bound: Mapping[str, Item], each: bool) -> str:
    """What stands in the brackets. each: every value has a place of its own, constants too."""
    parts = []
    for name, item in bound.items():
        if each and isinstance(item, Value):
            text.operands.append(item)
            part = f"{{{len(text.operands) - 1}}}"
        else:
            part = text.item(node, item)
        only = inspect.signature(target).parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
        parts.append(f"{name}={part}" if only else part)
    return ", ".join(parts)


def _constant(frame: Frame, node: ast.Call, target: Any, returns: str, bound: Mapping[str, Item]) -> Item:
    types_, packed = _returned(frame, node, target, returns)
    text = Text(frame)
    source = f"{target.__name__}({_source(target, text, node, bound, False)})"
    attrs: dict[str, Any] = {"text": source, "imports": (home_of(target),), "returns": tuple(map(str, types_))}
    values = frame.call(node, Builder.op_many, "constant_call", *text.operands, operands=text.operands, **attrs)
    for value in values:
        frame.places.unsure(value, text.operands)  # it may return what it was given
        _verify(frame, node, target, value)
    return tuple_of(values) if packed else values[0] if values else Static(None)


def _custom(frame: Frame, node: ast.Call, target: Any, custom: CustomRule, bound: Mapping[str, Item]) -> Item:
    returns: tuple[str, ...] = ()
    if not custom.partials:
        types_, packed = _returned(frame, node, target, custom.returns)
        if packed or len(types_) != 1:
            hint = "return one number or one array"
            raise frame.unsupported(node, f"a rule for several results (of `{target.__name__}`)", hint)
        returns = tuple(map(str, types_))
    text = Text(frame)
    arguments = _source(target, text, node, bound, True)
    names = [name for name, item in bound.items() if isinstance(item, Value)]
    partials = dict(zip(inspect.signature(target).parameters, custom.partials, strict=False))
    attrs: dict[str, Any] = {
        "text": f"{target.__name__}({arguments})", "imports": (home_of(target),), "returns": returns,
        "arguments": arguments, "names": tuple(names), "partials": tuple(partials[n] for n in names if n in partials),
        "jvp": custom.jvp and home_of(custom.jvp), "vjp": custom.vjp and home_of(custom.vjp),
    }
    (value,) = frame.call(node, Builder.op_many, "custom", *text.operands, operands=text.operands, **attrs)
    frame.places.unsure(value, text.operands)
    _verify(frame, node, target, value)
    result: Value = value
    return result


def _returned(frame: Frame, node: ast.Call, target: Any, returns: str) -> tuple[list[Type], bool]:
    """The types of what a function returns, and whether they stand in a tuple."""
    hint = f'say so: `@srcdiff.constant(returns="f64[n]")`, or annotate it: `def {target.__name__}(…) -> float`'
    note = returns or target.__annotations__.get("return", inspect.Parameter.empty)
    if note is inspect.Parameter.empty:
        raise frame.refuse(node, "SD011", f"what `{target.__name__}` returns is not known", "", hint)
    if note is None or note == "None":
        return [], False
    tree, found = described(target, note)
    packed = isinstance(tree, Node) and tree.kind == "tuple" and all(isinstance(c, Leaf) for c in tree.children)
    rankless = any(isinstance(type_, Unknown) or getattr(type_, "dims", ()) is None for type_ in found)
    if rankless or not (packed or isinstance(tree, Leaf)) or any(getattr(t, "dtype", 0) is None for t in found):
        raise frame.refuse(node, "SD011", f"what `{target.__name__}` returns is not known well enough", "", hint)
    return [_loose(type_) for type_ in found], packed


def _loose(type_: Type) -> Type:
    """A float may be one of NumPy's; nothing is known of an int."""
    if isinstance(type_, Scalar) and type_.strength == "python":
        return Scalar(type_.dtype, "either") if type_.dtype == "f64" else Scalar(type_.dtype, "python")
    return type_


def _verify(frame: Frame, node: ast.Call, target: Any, value: Value) -> None:
    """A statement that checks what the text relies on: that the function returns what it is said to."""
    type_ = value.type
    if isinstance(type_, Array):
        name = DTYPES[type_.dtype or "f64"].name
        wrong = f"not isinstance({{0}}, np.ndarray) or {{0}}.ndim != {type_.rank} or {{0}}.dtype != np.{name}"
    elif isinstance(type_, Scalar) and type_.strength != "numpy":
        classes = {"b1": "bool", "i64": "int", "f64": "(int, float)", "c128": "complex"}
        wrong = f"not isinstance({{0}}, {classes[type_.dtype]})"
    else:
        return
    shown = re.sub(r"_\d+\b| \| f64", "", str(type_))
    message = f"`{target.__name__}` has not returned {shown}"
    text = f"if {wrong}:\n    raise TypeError({message!r})"
    frame.call(node, Builder.op_many, "effect", value, operands=[value], text=text, raises=True)
