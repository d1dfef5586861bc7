"""The methods of ufuncs: ``reduce``, ``accumulate`` and ``outer`` as the functions that they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.opdef import Attrs, Typing, TypingError
from srcdiff.ir.types import Array, Scalar, Type

from . import elementwise, selections, statistics  # noqa: F401  (their functions have methods)
from .binding import FUNCTIONS, operand, static
from .calculus import rank_of, strided
from .compose import implicit
from .kinds import Dots
from .shapes import array_dims, normal_axis
from .spelling import called

_REDUCED = {np.add: "sum", np.multiply: "prod", np.maximum: "max", np.minimum: "min"}
_TRUTH = {np.logical_and: "all", np.logical_or: "any"}
_RUNNING = {np.add: "cumsum", np.multiply: "cumprod", np.maximum: "cummax", np.minimum: "cummin"}


def _bind_reduce(ufunc: np.ufunc, name: str) -> None:
    """``np.add.reduce`` is ``np.sum`` along the first axis."""
    function = FUNCTIONS[getattr(np, name)]

    def bind(
        b: Builder, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False, **more: Any
    ) -> Value:
        typed = {} if dtype is None else {"dtype": dtype}
        return function(b, array, axis=axis, out=out, keepdims=keepdims, **typed, **more)

    FUNCTIONS[ufunc.reduce] = bind


for _ufunc, _name in {**_REDUCED, **_TRUTH}.items():
    _bind_reduce(_ufunc, _name)

# --- running extrema


def _leading(b: Builder, op: Op, dots: Dots) -> tuple[Value]:
    """The entry that is ahead so far moves, read where it stands: the last of equal ones."""
    (x,), (dot,) = op.inputs, dots
    assert dot is not None
    axis, rank = op.attrs.get("axis", 0), rank_of(x, "accumulate")
    place = normal_axis(axis, rank)
    shape = ["None"] * place + [":"] + ["None"] * (rank - place - 1)
    count = b.op("arange", b.op("dim", x, axis=place))
    column = b.op("get", count, index=", ".join(shape)) if rank > 1 else count
    places = b.op("cummax", b.op("where", b.op("eq", x, op.result), column, 0), **op.attrs)
    return (strided(b, dot, 0, places) if rank == 1 else b.op("take_along_axis", dot, places, axis=axis),)


def _declare_running(name: str, ufunc: np.ufunc) -> None:
    def infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
        dims = array_dims(types[0], f"np.{ufunc.__name__}.accumulate")
        normal_axis(attrs.get("axis", 0), len(dims))
        return Array(getattr(types[0], "dtype", None), dims)

    implicit(
        f"{name}(x, axis=0)",
        _leading,
        infer,
        name,
        evaluate=lambda x, axis=0: ufunc.accumulate(x, axis=axis),
        spelling=called(f"np.{ufunc.__name__}.accumulate"),
    )


_declare_running("cummax", np.maximum)
_declare_running("cummin", np.minimum)


def _bind_accumulate(ufunc: np.ufunc, name: str) -> None:
    def bind(b: Builder, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Value:
        if dtype is not None or out is not None:
            raise TypingError("`dtype=` and `out=` of accumulate have no rule", "SD010", f"use np.{name}")
        return b.op(name, operand(b, array), axis=static(axis, "axis"))

    FUNCTIONS[ufunc.accumulate] = bind


for _ufunc, _name in _RUNNING.items():
    _bind_accumulate(_ufunc, _name)

# --- outer


def _array(b: Builder, x: Value) -> Value:
    """A Python number as NumPy takes it: it is no longer weak."""
    weak = isinstance(x.type, Scalar) and x.type.strength == "python"
    return b.op("array", x, shape=()) if weak else x


def _bind_outer(ufunc: np.ufunc, binder: Callable[..., Any]) -> None:
    """``np.add.outer(a, b)`` is ``np.add(a[:, None], b)``."""

    def bind(b: Builder, A: Any, B: Any) -> Value:
        left, right = (_array(b, operand(b, item)) for item in (A, B))
        count, behind = rank_of(left, "outer"), rank_of(right, "outer")
        if count and behind:
            new = tuple(range(count, count + behind))
            left = b.op("expand_dims", left, axis=new if behind > 1 else new[0])
        result: Value = binder(b, left, right)
        return result

    FUNCTIONS[ufunc.outer] = bind


for _function in [
    f for f in FUNCTIONS if isinstance(f, np.ufunc) and f.nin == 2 and f.nout == 1 and f.signature is None
]:
    _bind_outer(_function, FUNCTIONS[_function])
