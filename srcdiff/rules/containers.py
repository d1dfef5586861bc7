"""Lists of numbers: what the builtins compute of them, and their adjoints."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from srcdiff.ir.build import Builder, item_type
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.opdef import FRESH, Attrs, Typing, TypingError, may_view
from srcdiff.ir.types import (
    FLOAT,
    HOLE,
    Array,
    List,
    Scalar,
    Type,
    TypeJoinError,
    Unknown,
    cotangent_type,
    join,
)

from .binding import binds, number
from .contributions import Contribution, applied
from .fit import cast_like, list_of, spread_over
from .helpers import add_lists, zeros_of
from .kinds import Cotangents, Dots, constant, general, jointly_linear, linear
from .lengths import clipped
from .shapes import array_dims, require_number


def _list_type(type_: Type) -> List:
    if not isinstance(type_, List):
        raise TypingError(f"a list is needed here, not a value of type {type_}", "SD012")
    return type_


# --- adjoints of lists


def _infer_zeros(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return cotangent_type(_list_type(types[0]))


def _holds_numbers(type_: Type) -> bool:
    return isinstance(type_, List) and isinstance(type_.item, Scalar)


def _spell_zeros(op: Op, texts: Sequence[str]) -> str:
    return f"[0.0] * len({texts[0]})" if _holds_numbers(op.result.type) else f"zeros_of({texts[0]})"


constant("list_zeros(xs)", _infer_zeros, "list_zeros", evaluate=zeros_of, spelling=_spell_zeros, shape_only=(0,))
constant(
    "zeros_of(x)",
    lambda typing, types, attrs: cotangent_type(types[0]),
    "zeros_if_there",
    evaluate=zeros_of,
    shape_only=(0,),
    moves=True,
)
"""The zero cotangent of an array or a list that is not there on every path."""


def _spell_list_add(op: Op, texts: Sequence[str]) -> str:
    if _holds_numbers(op.result.type):
        return f"[a + b for a, b in zip({', '.join(texts)})]"
    return f"add_lists({', '.join(texts)})"


jointly_linear(
    "list_add(xs, ys)",
    lambda b, op, g, k: g,
    lambda typing, types, attrs: types[0],
    "list_add",
    evaluate=add_lists,
    spelling=_spell_list_add,
)


# --- making lists


def _infer_list(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return List(reduce(lambda one, other: _common(typing, one, other), types, HOLE), fixed(len(types)))


def _common(typing: Typing, one: Type, other: Type) -> Type:
    """The type of the items of a list: numbers, or arrays of one shape."""
    made = _known_length(typing, one, other)
    unlike = isinstance(made, (Unknown, List)) or isinstance(made, Array) and (made.dims is None or made.dtype is None)
    if unlike and not (isinstance(made, List) and one == other):
        raise TypingError("the items of this list are not of one kind and shape", "SD012",
                          "keep numbers, or arrays of one shape, in a list")
    return made


def _known_length(typing: Typing, one: Type, other: Type) -> Type:
    try:
        return join(one, other, typing.facts)
    except TypeJoinError:
        return Unknown()


jointly_linear(
    "list_of",
    lambda b, op, g, k: b.op("get", g, k, index="@"),
    _infer_list,
    "list_of",
    evaluate=lambda *values: list(values),
    spelling=lambda op, texts: f"[{', '.join(texts)}]",
)


def _infer_append(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    xs, value = _list_type(types[0]), types[1]
    item = value if xs.length == fixed(0) else _common(typing, xs.item, value)
    if not isinstance(item, Scalar):
        message = "appending an array under a condition, or to a list that the loop reads, is not supported"
        raise TypingError(message, "SD010", "write into the rows of an array: `out[k] = x`")
    return List(item, None if xs.length is None else xs.length + 1)


def _append_part(b: Builder, op: Op, g: Value, k: int) -> Value:
    last = b.op("get", g, -1, index="@")  # read in front of the op that takes it away
    return b.op("list_head", g) if k == 0 else last


jointly_linear(
    "list_append(xs, v)",
    _append_part,
    _infer_append,
    "list_append",
    evaluate=lambda xs, v: [*xs, v],
    spelling="xs.append(v)",
    updates=0,
)


def _infer_head(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    xs = _list_type(types[0])
    return List(xs.item, None if xs.length is None else clipped(xs.length - 1))


linear(
    "list_head(xs)",
    lambda b, op, g: b.op("list_append", g, 0.0),
    _infer_head,
    "list_head",
    evaluate=lambda xs: xs[:-1],
    spelling="xs.pop()",
    updates=0,
)

def _infer_join(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    xs, ys = map(_list_type, types)
    known = xs.length is not None and ys.length is not None
    return List(_common(typing, xs.item, ys.item), xs.length + ys.length if known else None)  # type: ignore[operator]


def _spell_join(op: Op, texts: Sequence[str]) -> str:
    parts = [text[1:-1] if text.startswith("[") and text.endswith("]") and text.count("[") == 1 else f"*{text}"
             for text in texts]
    return f"[{', '.join(parts)}]"


jointly_linear(
    "list_join(xs, ys)",
    lambda b, op, g, k: b.op("get", g, b.op("length", op.inputs[0]), index="@:" if k else ":@"),
    _infer_join,
    "list_join",
    evaluate=lambda xs, ys: [*xs, *ys],
    spelling=_spell_join,
)

# --- conversions between lists and arrays


def _infer_list_of_array(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    (type_,) = types
    length = type_.dims[0] if isinstance(type_, Array) and type_.dims else None
    return List(item_type(type_), length)


linear(
    "list_of_array(x)",
    lambda b, op, g: b.op("array_of_list", g),
    _infer_list_of_array,
    "list_of_array",
    evaluate=list,
    spelling="list(x)",
    storage=lambda types, attrs: (FRESH,) if getattr(types[0], "rank", None) == 1 else (may_view(0),),
)
def _infer_tolist(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    made: Type = FLOAT
    for dim in array_dims(types[0], "tolist")[::-1]:
        made = List(made, dim)
    return made


linear(
    "tolist(x)",
    lambda b, op, g: b.op("array_of_list", g),
    _infer_tolist,
    "tolist",
    evaluate=lambda x: x.tolist(),
    spelling="x.tolist()",
)
linear(
    "floats(xs)",
    lambda b, op, g: g,
    lambda typing, types, attrs: List(FLOAT, _list_type(types[0]).length),
    "floats",
    evaluate=lambda xs: [float(x) for x in xs],
    spelling=lambda op, texts: f"[float(x) for x in {texts[0]}]",
)


# --- builtins over sequences


def _infer_total(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    item = _number_in(types[0], "`sum` of arrays is not supported", "write np.sum(x, axis=0)")
    return join(types[1], _added(item))


def _number_in(sequence: Type, message: str, hint: str) -> Scalar:
    """The type of the items of a sequence of numbers."""
    item = item_type(sequence)
    if isinstance(item, Array) and item.dtype is None and item.dims == ():
        return Scalar("f64", "either")
    if isinstance(item, Array):
        raise TypingError(message, "SD010", hint)
    return require_number(item, "the items of a sequence")


def _added(item: Scalar) -> Scalar:
    return Scalar("i64", item.strength) if item.dtype == "b1" else item


def _spread(b: Builder, xs: Value, g: Value) -> Value:
    """A number given to every entry of a list or vector."""
    return b.op("list_full", g, xs) if isinstance(xs.type, List) else spread_over(b, g, xs)


def _total_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    if g[0] is None:
        return [None, None]
    bar = applied(b, g[0])
    first = cast_like(b, _spread(b, op.inputs[0], bar), op.inputs[0].type) if wanted[0] else None
    return [first, cast_like(b, bar, op.inputs[1].type) if wanted[1] else None]


def _total_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[0] is None:
        return (dots[1],)
    return (b.op("sum_items", dots[0], 0.0 if dots[1] is None else dots[1]),)


def _spell_total(op: Op, texts: Sequence[str]) -> str:
    return f"sum({texts[0]})" if texts[1] == "0" else f"sum({texts[0]}, {texts[1]})"


general(
    "sum_items(xs, start)",
    _total_jvp,
    _total_vjp,
    _infer_total,
    "sum_items",
    evaluate=builtins.sum,
    spelling=_spell_total,
)

linear(
    "list_full(g, xs)",
    lambda b, op, g: b.op("sum_items", g, 0.0),
    lambda typing, types, attrs: cotangent_type(_list_type(types[1])),
    "list_full",
    evaluate=lambda g, xs: [g] * len(xs),
    spelling="[g] * len(xs)",
    shape_only=(1,),
)


@binds(builtins.sum)
def _sum(b: Builder, iterable: Any, start: Any = 0) -> Value:
    """The builtin ``sum`` of a list or vector; of a few values written out it is their sum from the left."""
    if isinstance(iterable, Value):
        return b.op("sum_items", iterable, number(b, start))
    return reduce(lambda left, right: b.op("add", left, right), iterable, number(b, start))


general(
    "math.fsum(xs)",
    lambda b, op, dots: (None if dots[0] is None else b.op("math_fsum", dots[0]),),
    lambda b, op, g, wanted: [None if g[0] is None or not wanted[0] else _spread(b, op.inputs[0], applied(b, g[0]))],
    lambda typing, types, attrs: FLOAT,
)


@binds(math.fsum)
def _fsum(b: Builder, seq: Any) -> Value:
    return b.op("math_fsum", seq if isinstance(seq, Value) else b.op("list_of", *(number(b, item) for item in seq)))


def _infer_item(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return _number_in(types[0], "`max` and `min` of arrays are ambiguous", "use np.max or np.min")


def _as_vector(b: Builder, xs: Value) -> Value:
    return b.op("array_of_list", xs) if isinstance(xs.type, List) else xs


def _extremum_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    """Ties share equally, as for ``np.max``."""
    if g[0] is None or not wanted[0]:
        return [None]
    attained = b.op("eq", _as_vector(b, op.inputs[0]), op.result)
    part = b.op("mul", attained, b.op("div", applied(b, g[0]), b.op("sum", attained)))
    if isinstance(op.inputs[0].type, List):
        return [list_of(b, part)]
    return [cast_like(b, part, op.inputs[0].type)]


def _extremum_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[0] is None:
        return (None,)
    attained = b.op("eq", _as_vector(b, op.inputs[0]), op.result)
    total = b.op("sum", b.op("where", attained, _as_vector(b, dots[0]), 0.0))
    return (cast_like(b, b.op("div", total, b.op("sum", attained)), op.result.type),)


def _declare_extremum(function: Callable[..., Any]) -> None:
    name = function.__name__
    general(
        f"{name}_items(xs)",
        _extremum_jvp,
        _extremum_vjp,
        _infer_item,
        f"{name}_items",
        evaluate=function,
        spelling=f"{name}(xs)",
    )


_declare_extremum(builtins.max)
_declare_extremum(builtins.min)
