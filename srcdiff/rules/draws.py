"""Random numbers: draws from a generator, from ``np.random``, from ``random``; generators that are made.

A draw has an effect (the generator moves on): it keeps its order, happens once, and is read again by the backward
sweep. What is drawn is a constant; where a parameter of the distribution is differentiated there is no rule, because
NumPy does not say how its numbers depend on it.
"""

from __future__ import annotations

import inspect
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.opdef import Attrs, OpDef, Typing, TypingError, declare
from srcdiff.ir.types import FLOAT, INT, Array, Object, Scalar, Type, kind

from .binding import FUNCTIONS, Binder, operand, static, static_dtype
from .creation import dtype_text, shape_dims, shape_operands
from .shapes import broadcast

DRAWS: dict[str, Binder] = {}
"""Binders of the methods of random generators by name; the first argument is the generator."""

_FLOATS = {
    "normal": "loc=0.0, scale=1.0, size=None",
    "uniform": "low=0.0, high=1.0, size=None",
    "exponential": "scale=1.0, size=None",
    "laplace": "loc=0.0, scale=1.0, size=None",
    "logistic": "loc=0.0, scale=1.0, size=None",
    "gumbel": "loc=0.0, scale=1.0, size=None",
    "lognormal": "mean=0.0, sigma=1.0, size=None",
    "gamma": "shape, scale=1.0, size=None",
    "beta": "a, b, size=None",
    "chisquare": "df, size=None",
    "rayleigh": "scale=1.0, size=None",
    "standard_t": "df, size=None",
    "standard_cauchy": "size=None",
    "triangular": "left, mode, right, size=None",
    "weibull": "a, size=None",
}
_COUNTS = {
    "poisson": "lam=1.0, size=None",
    "binomial": "n, p, size=None",
    "geometric": "p, size=None",
    "negative_binomial": "n, p, size=None",
}
_OWN = {  # of a Generator
    "standard_normal": "size=None, dtype=None",
    "random": "size=None, dtype=None",
    "standard_exponential": "size=None, dtype=None",
    "integers": "low, high=None, size=None, dtype=None, endpoint=False",
    "choice": "a, size=None, replace=True, p=None",
    "permutation": "x",
}
_OLDER = {  # of a RandomState, and of np.random
    "standard_normal": "size=None",
    "standard_exponential": "size=None",
    "random": "size=None",
    "random_sample": "size=None",
    "randint": "low, high=None, size=None, dtype=None",
    "choice": "a, size=None, replace=True, p=None",
    "permutation": "x",
    "rand": "*size",
    "randn": "*size",
}
_GAUSS = "mu=0.0, sigma=1.0"
_STATIC = ("dtype", "endpoint", "replace")
_INTEGERS = ("integers", "randint")


def filled(text: str, texts: Sequence[str]) -> str:
    """The text with others in the places ``{0}``, ``{1}``, …; other braces are the author's."""
    return re.sub(r"\{(\d+)\}", lambda found: texts[int(found[1])], text)


def _evaluate(*inputs: Any, text: str, **_: Any) -> Any:
    names = {f"_{k}": value for k, value in enumerate(inputs)}
    return eval(filled(text, list(names)), {"np": np, "random": random}, names)


def _spell(op: Op, texts: Sequence[str]) -> str:
    return filled(op.attrs["text"], texts)


# --- typing


def _infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    method, code = attrs["method"], attrs["dtype"]
    count = attrs["operands"]
    own = [type_ for type_ in types[:count] if not isinstance(type_, Object)]
    if method == "permutation":
        return (_permuted(typing, own[0]),)
    if method == "choice":
        code, own = _chosen(own), []
    for type_ in own:
        if not (isinstance(type_, Scalar) or (isinstance(type_, Array) and type_.dims is not None)):
            raise TypingError(f"`{method}` of a value of type {type_}", "SD011", "annotate it, or give --sig")
    if attrs["sized"]:
        dims = shape_dims(typing, types[count:])
        if dims is None:
            raise TypingError("the number of dimensions is not known", "SD050", "write the shape as a tuple")
        return (Array(code, dims),)
    dims = broadcast(typing, [type_.dims or () for type_ in own if isinstance(type_, Array)])
    return (Array(code, dims) if dims else _number(method, code, attrs),)


def _number(method: str, code: str, attrs: Attrs) -> Type:
    """A single draw: a Python number, but for what NumPy gives otherwise."""
    if method == "integers" or (method == "choice" and attrs["chosen"]):
        return Scalar(code)
    return FLOAT if kind(code) == "f" else INT


def _chosen(own: Sequence[Type]) -> str:
    (source, *_) = own
    if isinstance(source, Array) and source.rank == 1 and source.dtype is not None:
        return source.dtype
    if isinstance(source, Scalar) and kind(source.dtype) in "iu":
        return "i64"
    raise TypingError(f"`choice` from a value of type {source}", "SD011", "choose from an int or a flat array")


def _permuted(typing: Typing, source: Type) -> Type:
    if isinstance(source, Array) and source.dims and source.dtype is not None:
        return source
    if isinstance(source, Scalar) and kind(source.dtype) in "iu":
        return Array("i64", shape_dims(typing, [source]))
    raise TypingError(f"`permutation` of a value of type {source}", "SD011", "give an int or an array")


def _refused(b: Builder, op: Op, *_: Any) -> Any:
    method = op.attrs["method"]
    hint = "draw from a fixed distribution, and compute with that: `mu + sigma * rng.standard_normal(size=n)`"
    if method in ("choice", "permutation"):
        hint = f"draw indices: `x[rng.{method}(len(x))]`"
    raise TypingError(f"what is differentiated goes into the draw `{method}`, which has no derivative", "SD010", hint)


declare(OpDef("draw", "draw", _infer, _evaluate, _spell, effect=True, jvp=_refused, vjp=_refused))


# --- binders


def _binder(method: str, text: str, code: str, where: str = "") -> Binder:
    """The binder of one draw. where: ``np.random``, ``random``, or empty for a method of a generator."""
    signature = inspect.signature(eval(f"lambda {text}: 0"))

    def bind(b: Builder, *args: Any, **kwargs: Any) -> Value:
        inputs: list[Value] = []
        head = where
        if not where:
            (inputs, args, head) = ([args[0]], args[1:], "{0}")
        given = signature.bind(*args, **kwargs).arguments
        call = _Call(b, inputs, len(args))
        for name, value in given.items():
            if value is not None and name != "size":
                call.argument(name, value)
        operands = len(inputs)
        size = given.get("size")
        if size is not None:
            call.size(size, starred=method in ("rand", "randn"))
        result: Value = b.op(
            "draw", *inputs, text=f"{head}.{method}({', '.join(call.ordered(given))})", method=method,
            dtype=call.dtype or code, operands=operands, sized=size is not None,
            chosen=method == "choice" and any(isinstance(value.type, Array) for value in inputs),
        )
        return result

    return bind


class _Call:
    """The text of a call while it is put together: its operands become ``{0}``, ``{1}``, …"""

    def __init__(self, b: Builder, inputs: list[Value], positional: int) -> None:
        self.b = b
        self.inputs = inputs
        self.positional = positional
        self.dtype: str | None = None
        self.stars = False
        self.texts: dict[str, str] = {}

    def argument(self, name: str, value: Any) -> None:
        if name == "dtype":
            self.dtype = static_dtype(value)
            self.texts[name] = dtype_text(self.dtype or "f64")
        elif name in _STATIC:
            self.texts[name] = repr(static(value, name))
        else:
            self.texts[name] = self._place(operand(self.b, value))

    def size(self, size: Any, starred: bool) -> None:
        self.stars = starred
        places = [self._place(length) for length in shape_operands(self.b, size)]
        self.texts["size"] = ", ".join(places) if starred or len(places) == 1 else f"({', '.join(places)})"

    def ordered(self, given: Any) -> list[str]:
        """The arguments as the author wrote them: the first by position, the others by name."""
        found: list[str] = []
        for position, name in enumerate(given):
            if name in self.texts and self.texts[name]:
                by_position = self.stars or (position < self.positional and len(found) == position)
                found.append(self.texts[name] if by_position else f"{name}={self.texts[name]}")
        return found

    def _place(self, value: Value) -> str:
        self.inputs.append(value)
        return f"{{{len(self.inputs) - 1}}}"


def _enter(methods: dict[str, str], code: str, places: Sequence[tuple[Any, str]] = ()) -> None:
    for method, text in methods.items():
        dtype = "i64" if method in _INTEGERS or method in ("choice", "permutation") else code
        DRAWS.setdefault(method, _binder(method, text, dtype))
        for owner, where in places:
            FUNCTIONS[getattr(owner, method)] = _binder(method, text, dtype, where)


_NUMPY = [(np.random, "np.random")]
_enter(_OWN, "f64")
_enter(_OLDER, "f64", _NUMPY)
_enter(_FLOATS, "f64", _NUMPY)
_enter(_COUNTS, "i64", _NUMPY)
for _name, _text in {"random": "", "uniform": "a, b", "gauss": _GAUSS, "normalvariate": _GAUSS}.items():
    FUNCTIONS[getattr(random, _name)] = _binder(_name, _text, "f64", "random")
FUNCTIONS[random.randint] = _binder("randint", "a, b", "i64", "random")


# --- generators that are made, and the seed of np.random


def _infer_generator(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
    return (Object(attrs["cls"]),)


declare(OpDef("generator", "draw", _infer_generator, _evaluate, _spell, effect=True, constant=True))


def _generator(path: str, cls: str) -> Binder:
    def bind(b: Builder, seed: Any = None) -> Value:
        if isinstance(seed, Value) and isinstance(seed.type, Object):
            return seed
        inputs = [] if seed is None else [operand(b, seed)]
        return b.op("generator", *inputs, text=f"{path}({'{0}' if inputs else ''})", cls=cls)

    return bind


def _seed(path: str) -> Callable[..., None]:
    def bind(b: Builder, seed: Any) -> None:
        b.op_many("effect", operand(b, seed), text=f"{path}({{0}})")

    return bind


FUNCTIONS[np.random.default_rng] = _generator("np.random.default_rng", "Generator")
FUNCTIONS[np.random.RandomState] = _generator("np.random.RandomState", "RandomState")
FUNCTIONS[np.random.seed] = _seed("np.random.seed")
FUNCTIONS[random.seed] = _seed("random.seed")
