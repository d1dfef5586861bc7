"""Functions of NumPy of several results or none of the kinds: parts of numbers, phases, places, tests of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.opdef import FRESH, Attrs, Storage, Typing
from srcdiff.ir.types import BOOL, Array, Scalar, Type, kind

from . import elementwise, helpers  # noqa: F401  (np.divmod is made of its functions)
from .binding import binds, operand
from .calculus import rank_of, strided
from .compose import composed, implicit
from .kinds import Dots, constant
from .linalg import result_of
from .shapes import array_dims, normal_axis

# --- parts of numbers


def _same(b: Builder, op: Op, dots: Dots) -> tuple[Value | None, ...]:
    """What is taken away or added is piecewise constant."""
    return (dots[0], None)[: len(op.results)]


def _infer_phase(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    normal_axis(attrs.get("axis", -1), len(array_dims(types[0], "np.unwrap")))
    code = getattr(types[0], "dtype", None)
    return Array("f64" if code is not None and kind(code) != "f" else code, array_dims(types[0], "np.unwrap"))


implicit("np.unwrap(x, discont=None, axis=-1, period=6.283185307179586)", _same, _infer_phase)


def _infer_modf(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    one = result_of(getattr(types[0], "dtype", None), array_dims(types[0], "np.modf"))
    return one, one


implicit("np.modf(x)", _same, _infer_modf, storage=(FRESH, FRESH))


@binds(np.divmod)
def _divmod(b: Builder, x1: Any, x2: Any) -> tuple[Value, Value]:
    left, right = operand(b, x1), operand(b, x2)
    return b.op("np_floor_divide", left, right), b.op("np_mod", left, right)


# --- the Bessel function


def _infer_bessel(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    code = getattr(types[0], "dtype", None)
    return result_of(code if code is None or kind(code) == "f" else "f64", array_dims(types[0], "np.i0"))


def _infer_i0(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    found = _infer_bessel(typing, types, attrs)
    return Array(found.dtype, ()) if isinstance(found, Scalar) else found


def _bessel(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    """The mean of the neighbouring orders; of order 0 it is the first."""
    n = op.attrs.get("n", 0)
    if n == 0:
        return (b.op("mul", dots[0], b.op("bessel_i", op.inputs[0], n=1)),)
    orders = [b.op("bessel_i", op.inputs[0], n=k) for k in (n - 1, n + 1)]
    return (b.op("mul", b.op("mul", dots[0], 0.5), b.op("add", *orders)),)


_bessel_i: Any = helpers.bessel_i
implicit("np.i0(x)", _bessel, _infer_i0)
implicit(
    "bessel_i(x)",
    _bessel,
    _infer_bessel,
    "bessel_i",
    evaluate=lambda x, n=0: _bessel_i(n, x),
    spelling=lambda op, texts: f"bessel_i({op.attrs.get('n', 0)}, {texts[0]})",
    info={"helper": "bessel_i"},
)

# --- running sums with a beginning


def _cumulative(name: str, start: float) -> None:
    def body(b: Builder, x: Value, axis: int | None, include_initial: bool) -> Value:
        rank = rank_of(x, f"np.{name}")
        place = 0 if axis is None else normal_axis(axis, rank)
        total = b.op("cumsum" if start == 0 else "cumprod", x, axis=place)
        if not include_initial:
            return total
        first = b.op("add", b.op("mul", b.op("get", x, 1, index=", ".join([":"] * place + [":@"])), 0.0), start)
        return b.op("concatenate", first, total, **({"axis": place} if place else {}))

    composed(f"np.{name}(x, axis=None, include_initial=False)", body)


for _name, _start in (("cumulative_sum", 0.0), ("cumulative_prod", 1.0)):
    if hasattr(np, _name):  # from NumPy 2.1 on
        _cumulative(_name, _start)

# --- places


def _infer_nonzero(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    count = typing.fresh_size("k")
    return tuple(Array("i64", (count,)) for _ in array_dims(types[0], "np.nonzero"))


def _one_each(types: Sequence[Type], attrs: Attrs) -> tuple[Storage, ...]:
    return (FRESH,) * len(array_dims(types[0], "np.nonzero"))


def _evaluate_nonzero(x: Any) -> Any:
    found = np.nonzero(x)
    return found[0] if len(found) == 1 else found


constant(
    "nonzero(x)",
    _infer_nonzero,
    "nonzero",
    evaluate=_evaluate_nonzero,
    storage=_one_each,
    spelling=lambda op, texts: f"np.nonzero({texts[0]})" + ("[0]" if len(op.results) == 1 else ""),
)


@binds(np.nonzero, method="nonzero")
def _nonzero(b: Builder, a: Any) -> tuple[Value, ...]:
    """One vector of places for each axis."""
    return b.op_many("nonzero", operand(b, a))


def _infer_argwhere(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return Array("i64", (typing.fresh_size("k"), fixed(len(array_dims(types[0], "np.argwhere")))))


constant("np.argwhere(x)", _infer_argwhere)


def _infer_first(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return Array("i64", (typing.fresh_size("k"),))


constant(
    "first_places(x)",
    _infer_first,
    "first_places",
    evaluate=lambda x: np.unique(x, return_index=True)[1],
    spelling="np.unique(x, return_index=True)[1]",
)


def _unique(b: Builder, x: Value) -> Value:
    """Each value once, in order: of equal entries the first one."""
    flat = x if rank_of(x, "np.unique") == 1 else b.op("ravel", x)
    return strided(b, flat, 0, b.op("first_places", flat))


composed("np.unique(x)", _unique)


# --- tests of arrays


def _infer_flags(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return result_of("b1", array_dims(types[0], "np.isin"))


constant("np.isin(element, test_elements, invert=False)", _infer_flags)
constant("np.array_equal(a, b)", lambda typing, types, attrs: BOOL)
constant("np.array_equiv(a, b)", lambda typing, types, attrs: BOOL)
constant("np.allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False)", lambda typing, types, attrs: BOOL)
