"""Reductions made of others: ranges, averages, those that leave nan out, those with ``where=`` and ``initial=``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import OPS, Attrs, Typing, TypingError
from srcdiff.ir.types import DTYPES, Type

from . import scans  # noqa: F401  (it declares np.prod)
from .binding import FUNCTIONS, METHODS, binds, given, operand, static, static_dtype
from .calculus import rank_of
from .compose import composed
from .fit import cast_to
from .kinds import constant, elementwise_rules, elementwise_typing, general
from .shapes import normal_axes, normal_axis
from .spelling import keywords


def _along(axis: Any, keepdims: bool = False) -> dict[str, Any]:
    return given(axis=axis, keepdims=keepdims)


def _ptp(b: Builder, x: Value, axis: Any, keepdims: bool) -> Value:
    return b.op("sub", *(b.op(name, x, **_along(axis, keepdims)) for name in ("max", "min")))


composed("np.ptp(x, axis=None, keepdims=False)", _ptp)

# --- averages


def _average(b: Builder, x: Value, weights: Value, axis: Any, keepdims: bool) -> Value:
    """The weighted sum over the sum of the weights, which are of the array's shape or along its axis."""
    rank = rank_of(x, "np.average")
    if rank_of(weights, "np.average") != rank:
        if not isinstance(axis, int):
            raise TypingError("np.average needs an axis where the weights are a vector", "SD013", "give `axis=`")
        behind = rank - normal_axis(axis, rank) - 1
        weights = b.op("get", weights, index=", ".join([":"] + ["None"] * behind)) if behind else weights
    spread = b.op("broadcast_like", weights, x)
    names = {"t": b.op("sum", b.op("mul", x, weights), **_along(axis, keepdims))}
    return read(b, "t / s", {**names, "s": b.op("sum", spread, **_along(axis, keepdims))})


composed(
    "weighted(x, weights, axis=None, keepdims=False)",
    _average,
    "weighted",
    evaluate=lambda x, w, axis=None, keepdims=False: np.average(x, axis, w, **given(keepdims=keepdims)),
    spelling=lambda op, texts: f"np.average({texts[0]}, weights={texts[1]}{keywords(op)})",
)
composed(
    "np.average(x, axis=None, keepdims=False)",
    lambda b, x, axis, keepdims: b.op("mean", x, **_along(axis, keepdims)),
    evaluate=lambda x, axis=None, keepdims=False: np.average(x, axis, **given(keepdims=keepdims)),
)


@binds(np.average)
def _average_call(
    b: Builder, a: Any, axis: Any = None, weights: Any = None, returned: Any = False, *, keepdims: Any = False
) -> Value:
    if static(returned, "returned"):
        raise TypingError("np.average with returned=True has no rule", "SD010", "sum the weights with np.sum")
    attrs = _along(static(axis, "axis"), static(keepdims, "keepdims"))
    if weights is None:
        return b.op("average", operand(b, a), **attrs)
    return b.op("weighted", operand(b, a), operand(b, weights), **attrs)


# --- without nan


def _there(b: Builder, x: Value, instead: float) -> Value:
    """The entries, with a number in the place of each nan."""
    return read(b, "where(isnan(x), v, x)", {"x": x, "v": instead})


def _number_there(b: Builder, x: Value, axis: Any, keepdims: bool) -> Value:
    counted = b.op("sum", b.op("invert", b.op("isnan", x)), **_along(axis, keepdims))
    return cast_to(b, counted, getattr(x.type, "dtype", None))


def _without(name: str, instead: float) -> None:
    def body(b: Builder, x: Value, axis: Any, keepdims: bool) -> Value:
        return b.op(name, _there(b, x, instead), **_along(axis, keepdims))

    composed(f"np.nan{name}(x, axis=None, keepdims=False)", body)


for _name, _instead in (("sum", 0.0), ("prod", 1.0), ("max", float("-inf")), ("min", float("inf"))):
    _without(_name, _instead)
for _name, _instead in (("cumsum", 0.0), ("cumprod", 1.0)):
    composed(
        f"np.nan{_name}(x, axis=None)",
        lambda b, x, axis, n=_name, v=_instead: b.op(n, _there(b, x, v), **given(axis=axis)),
    )


def _nanmean(b: Builder, x: Value, axis: Any, keepdims: bool) -> Value:
    total = b.op("sum", _there(b, x, 0.0), **_along(axis, keepdims))
    return b.op("div", total, _number_there(b, x, axis, keepdims))


def _nanvar(b: Builder, x: Value, axis: Any, ddof: float, keepdims: bool) -> Value:
    deviation = _there(b, b.op("sub", x, _nanmean(b, x, axis, axis is not None)), 0.0)
    total = b.op("sum", b.op("mul", deviation, deviation), **_along(axis, keepdims))
    count = _number_there(b, x, axis, keepdims)
    return b.op("div", total, b.op("sub", count, ddof) if ddof else count)


_AT_ZERO = elementwise_rules(
    ("v",), ["where(y == 0, 0.0, g) / where(y == 0, 1.0, 2 * y)"], ["g / (2 * y) if y else 0.0"]
)
general(
    "root(v)",
    *_AT_ZERO[::-1],
    elementwise_typing("root", np.sqrt, None, ""),
    "root",
    evaluate=np.sqrt,
    spelling="np.sqrt(v)",
)
"""The root of a variance: its derivative is 0 at 0."""


composed("np.nanmean(x, axis=None, keepdims=False)", _nanmean)
composed("np.nanvar(x, axis=None, ddof=0, keepdims=False)", _nanvar)
composed("np.nanstd(x, axis=None, ddof=0, keepdims=False)", lambda b, x, **attrs: b.op("root", _nanvar(b, x, **attrs)))
constant("np.nanargmax(x, axis=None, keepdims=False)", OPS["argmax"].infer)
constant("np.nanargmin(x, axis=None, keepdims=False)", OPS["argmin"].infer)


def _nanquantile(b: Builder, x: Value, q: float, axis: Any, keepdims: bool) -> Value:
    """As without nan, of as many entries as are there: they are sorted to the front."""
    rank = rank_of(x, "np.nanquantile")
    axes = normal_axes(axis, rank)
    if len(axes) not in (1, rank):
        raise TypingError("np.nanquantile along several axes has no rule", "SD010", "reshape them into one")
    place = axes[0] if len(axes) == 1 and rank > 1 else 0
    line = b.op("sort", x if len(axes) == 1 else b.op("ravel", x), axis=place)
    count = b.op("sum", b.op("invert", b.op("isnan", line)), axis=place, keepdims=True)
    names = {"p": read(b, "q * (n - 1)", {"q": q, "n": count})}
    names["l"] = b.op("floor", names["p"])
    names["t"] = cast_to(b, read(b, "p - l", names), getattr(x.type, "dtype", None))
    for key, where in (("a", "l"), ("c", "minimum(l + 1, n - 1)")):
        index = b.op("astype", read(b, where, {**names, "n": count}), dtype="i64")
        names[key] = b.op("take_along_axis", line, index, axis=place)
    found = read(b, "a + (c - a) * t", names)
    if keepdims:
        return found if len(axes) == 1 else b.op("reshape", found, *[1] * rank)
    return b.op("sum", found, axis=place)


composed(
    "np.nanmedian(x, axis=None, keepdims=False)", lambda b, x, axis, keepdims: _nanquantile(b, x, 0.5, axis, keepdims)
)
composed("np.nanquantile(x, q=0.5, axis=None, keepdims=False)", _nanquantile)
composed(
    "np.nanpercentile(x, q=50.0, axis=None, keepdims=False)",
    lambda b, x, q, axis, keepdims: _nanquantile(b, x, q / 100.0, axis, keepdims),
)

# --- where= and initial=


def _over(name: str, order: Sequence[str], neutral: float | None) -> None:
    """The reduction with a mask of what takes part, and with a value to begin with.

    order: the parameters behind the array, as NumPy has them; neutral: what an entry that takes no part is.
    """
    plain = OPS[name]

    def body(b: Builder, x: Value, *more: Value, given: str, **attrs: Any) -> Value:
        extra = dict(zip(given.split(" "), more, strict=True))
        code, ddof = attrs.pop("dtype", None), attrs.pop("ddof", 0)
        x = cast_to(b, x, code)
        mask = extra.get("where")
        if mask is not None and name not in ("mean", "var", "std"):
            x = read(b, "where(m, x, v)", {"m": mask, "x": x, "v": neutral})
        if name in ("mean", "var", "std"):
            assert mask is not None
            return _masked_mean(b, name, x, mask, attrs, ddof)
        result = b.op(name, x, **attrs)
        if "initial" not in extra:
            return result
        join = {"sum": "add", "prod": "mul", "max": "maximum", "min": "minimum"}[name]
        return cast_to(b, b.op(join, result, extra["initial"]), getattr(result.type, "dtype", None))

    def infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
        return plain.infer(typing, types[:1], {k: v for k, v in attrs.items() if k != "given"})

    def evaluate(x: Any, *more: Any, given: str, dtype: str | None = None, **attrs: Any) -> Any:
        extra = dict(zip(given.split(" "), more, strict=True))
        typed = {} if dtype is None else {"dtype": DTYPES[dtype]}
        return getattr(np, name)(x, **attrs, **typed, **extra)

    def spelling(op: Op, texts: Sequence[str]) -> str:
        extra = zip(op.attrs["given"].split(" "), texts[1:], strict=True)
        named = "".join(f", {key}={text}" for key, text in extra)
        return f"np.{name}({texts[0]}{keywords(op, ['given'])}{named})"

    if plain.constant:
        constant(f"{name}_over", infer, f"{name}_over", evaluate=evaluate, spelling=spelling)
    else:
        composed(f"{name}_over", body, f"{name}_over", infer=infer, evaluate=evaluate, spelling=spelling)
    _bind_over(name, order)


def _masked_mean(b: Builder, name: str, x: Value, mask: Value, attrs: dict[str, Any], ddof: float) -> Value:
    def mean(of: Value, less: float, **along: Any) -> Value:
        total = b.op("sum", read(b, "where(m, x, 0.0)", {"m": mask, "x": of}), **along)
        counted = b.op("sum", read(b, "where(m, ones_like(x), 0.0)", {"m": mask, "x": of}), **along)
        return b.op("div", total, b.op("sub", counted, less) if less else counted)

    if name == "mean":
        return mean(x, 0, **attrs)
    axis = attrs.get("axis")
    deviation = b.op("sub", x, mean(x, 0, **({} if axis is None else {"axis": axis, "keepdims": True})))
    variance = mean(b.op("mul", deviation, deviation), ddof, **attrs)
    return variance if name == "var" else b.op("root", variance)


def _bind_over(name: str, order: Sequence[str]) -> None:
    static_names = [key for key in order if key in ("axis", "dtype", "keepdims", "ddof")]

    def bind(b: Builder, a: Any, *args: Any, **kwargs: Any) -> Value:
        if len(args) > len(order):
            raise TypeError(f"np.{name} takes at most {len(order) + 1} arguments")
        bound = {**dict(zip(order, args, strict=False)), **kwargs}
        unknown = set(bound) - set(order) - {"correction"}
        if unknown:
            raise TypeError(f"got an unexpected keyword argument {sorted(unknown)[0]!r}")
        if bound.get("out") is not None:
            raise TypingError(*_OUT)
        if "correction" in bound:
            bound["ddof"] = bound.pop("correction")
        attrs: dict[str, Any] = {}
        for key in static_names:
            value = bound.get(key)
            attrs[key] = static_dtype(value) if key == "dtype" else static(value, key)
        attrs = {key: value for key, value in attrs.items() if value is not None and (key == "axis" or value)}
        extra = {key: operand(b, bound[key]) for key in ("where", "initial") if _says(bound.get(key))}
        x = operand(b, a)
        if not extra:
            return b.op(name, x, **attrs)
        return b.op(f"{name}_over", x, *extra.values(), given=" ".join(extra), **attrs)

    function = getattr(np, name)
    FUNCTIONS[function] = METHODS[name] = bind


def _says(argument: Any) -> bool:
    """Whether ``where=`` or ``initial=`` is given and says something."""
    return argument is not None and argument is not True and type(argument).__name__ != "_NoValueType"


_OUT = (
    "`out=` writes into an array that is given, which has no rule",
    "SD010",
    "store the result instead: `x[...] = f(y)`",
)

_SUM = ("axis", "dtype", "out", "keepdims", "initial", "where")
_MAX = ("axis", "out", "keepdims", "initial", "where")
_VAR = ("axis", "dtype", "out", "ddof", "keepdims", "where")
_over("sum", _SUM, 0.0)
_over("prod", _SUM, 1.0)
_over("max", _MAX, float("-inf"))
_over("min", _MAX, float("inf"))
_over("mean", ("axis", "dtype", "out", "keepdims", "where"), None)
_over("var", _VAR, None)
_over("std", _VAR, None)
_over("any", ("axis", "out", "keepdims", "where"), None)
_over("all", ("axis", "out", "keepdims", "where"), None)
