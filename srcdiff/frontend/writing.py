"""Calls that write into an array: ``a.fill(v)``, ``np.copyto``, ``a.sort()``, ``np.put``, ``out=`` and their like."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from srcdiff.ir.core import Value
from srcdiff.ir.types import Array
from srcdiff.rules.binding import FUNCTIONS, Binder

from .binders import call_binder
from .frames import Frame
from .items import Container, Item, Static
from .paths import WHOLE, Index, Store
from .stores import as_value, handle_of, update

Kwargs = Mapping[str, Item]
Writer = Callable[[Frame, ast.Call, Sequence[Item], Kwargs], Item]


def _target(frame: Frame, node: ast.Call, args: Sequence[Item], count: range, kwargs: Kwargs, names: str = "") -> Value:
    """The array that a call writes, which is its first argument."""
    if len(args) not in count or not set(kwargs) <= set(names.split()):
        raise frame.unsupported(node, "this call", "write it as a store: `x[...] = v`")
    return handle_of(frame, node, args[0])


def _text(node: ast.Call, method: bool) -> str:
    """How the author names what a call writes."""
    if method and isinstance(node.func, ast.Attribute):
        return ast.unparse(node.func.value)
    return ast.unparse(node.args[0]) if node.args else ast.unparse(node)


def _fill(frame: Frame, node: ast.Call, args: Sequence[Item], kwargs: Kwargs) -> Item:
    old = _target(frame, node, args, range(2, 3), kwargs)
    update(frame, node, _text(node, True), old, Store("set", as_value(frame, node, args[1]), Index("...", ())))
    return Static(None)


def _sort(frame: Frame, node: ast.Call, args: Sequence[Item], kwargs: Kwargs) -> Item:
    old = _target(frame, node, args, range(1, 3), kwargs, "axis kind stable")
    if np.sort not in FUNCTIONS:
        raise frame.refuse(node, "SD010", "there is no rule for `np.sort`", "", "sort outside, and pass the result")
    result = call_binder(frame, node, FUNCTIONS[np.sort], args, kwargs)
    update(frame, node, _text(node, True), old, Store("set", as_value(frame, node, result), WHOLE))
    return Static(None)


def _copyto(frame: Frame, node: ast.Call, args: Sequence[Item], kwargs: Kwargs) -> Item:
    """``np.copyto(x, v, where=m)``."""
    old = _target(frame, node, args, range(2, 3), kwargs, "where")
    value = _where(frame, node, kwargs, as_value(frame, node, args[1]), old)
    update(frame, node, _text(node, False), old, Store("set", value, WHOLE))
    return Static(None)


def _where(frame: Frame, node: ast.Call, kwargs: Kwargs, value: Value, old: Value) -> Value:
    """``value`` where the mask of the call holds, else what is there."""
    mask = kwargs.get("where")
    if mask is None or (isinstance(mask, Value) and getattr(mask, "value", None) is True):
        return value
    result = call_binder(frame, node, FUNCTIONS[np.where], [mask, value, old], {})
    assert isinstance(result, Value)
    return result


def _put(method: bool) -> Writer:
    def put(frame: Frame, node: ast.Call, args: Sequence[Item], kwargs: Kwargs) -> Item:
        """``np.put(x, i, v)``: ``x.flat[i] = v``."""
        old = _target(frame, node, args, range(3, 4), kwargs)
        index, value = as_value(frame, node, args[1]), as_value(frame, node, args[2])
        text = _text(node, method)
        if isinstance(old.type, Array) and old.type.rank == 1:
            update(frame, node, text, old, Store("set", value, Index("@", (index,))))
            return Static(None)
        flat = frame.op(node, "set", frame.op(node, "ravel", old), value, index, index="@")
        update(frame, node, text, old, Store("set", frame.op(node, "reshape_like", flat, old), WHOLE))
        return Static(None)

    return put


def _fill_diagonal(frame: Frame, node: ast.Call, args: Sequence[Item], kwargs: Kwargs) -> Item:
    """``np.fill_diagonal(x, v)`` of a matrix."""
    old = _target(frame, node, args, range(2, 3), kwargs)
    if not isinstance(old.type, Array) or old.type.dims is None or len(old.type.dims) != 2:
        raise frame.unsupported(node, "`np.fill_diagonal` of anything but a matrix", "write it as a loop")
    rows, columns = (frame.op(node, "dim", old, axis=axis) for axis in range(2))
    length: Item = rows
    if not frame.b.typing.facts.equal(*old.type.dims):
        length = frame.call(node, FUNCTIONS[min], rows, columns, operands=[rows, columns])
    index = call_binder(frame, node, FUNCTIONS[np.arange], [length], {})
    assert isinstance(index, Value)
    value = as_value(frame, node, args[1])
    update(frame, node, _text(node, False), old, Store("set", value, Index("@, @", (index, index))))
    return Static(None)


WRITING_METHODS: dict[str, Writer] = {"fill": _fill, "sort": _sort, "put": _put(True)}
WRITING_FUNCTIONS: dict[Any, Writer] = {np.copyto: _copyto, np.put: _put(False), np.fill_diagonal: _fill_diagonal}


# --- out=


def takes_out(function: Any, args: Sequence[Item], kwargs: Kwargs) -> bool:
    """Whether a call says where its result goes: by ``out=``, or behind the operands of a ufunc."""
    out = kwargs.get("out")
    if isinstance(out, Static) and out.value is None:
        return False
    return out is not None or (isinstance(function, np.ufunc) and len(args) > function.nin)


def with_out(function: Any, args: Sequence[Item], kwargs: Kwargs) -> tuple[list[Item], dict[str, Item]]:
    """The arguments with what is written as ``out=``."""
    if "out" in kwargs:
        return list(args), dict(kwargs)
    count = function.nin
    return list(args[:count]), {**kwargs, "out": args[count]}


def call_into(frame: Frame, node: ast.Call, binder: Binder, args: Sequence[Item], kwargs: Kwargs) -> Item:
    """``np.add(a, b, out=c)``: the result is stored in an array, and is that array; with ``where`` only in part."""
    out = kwargs["out"]
    if isinstance(out, Container) and out.kind == "tuple" and len(out.items) == 1:
        out = out.items[0]
    old = handle_of(frame, node, out)
    masked = "where" in kwargs
    rest = {name: item for name, item in kwargs.items() if name != "out" and not (masked and name == "where")}
    result = as_value(frame, node, call_binder(frame, node, binder, args, rest))
    given = [keyword.value for keyword in node.keywords if keyword.arg == "out"] or node.args[-1:]
    value = _where(frame, node, kwargs, result, old) if masked else result
    update(frame, node, given[0] if given else ast.unparse(node), old, Store("set", value, WHOLE))
    return out
