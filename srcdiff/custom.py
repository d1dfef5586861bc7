"""Ways out for foreign code: functions without a derivative, and functions that bring their own."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

import numpy as np

from srcdiff.diagnostics import GradientCheckError, SignatureError
from srcdiff.ir.build import Builder
from srcdiff.ir.core import Block, Function, Value
from srcdiff.ir.dims import axis
from srcdiff.ir.expr import free_names, read
from srcdiff.ir.interp import run
from srcdiff.ir.structure import Leaf, Parameter
from srcdiff.ir.types import FLOAT, Array, Type
from srcdiff.rules import table  # noqa: F401  (it declares the operations)
from srcdiff.rules.foreign import CONSTANT, RULE, CustomRule, stop_gradient

__all__ = ["constant", "rule", "stop_gradient"]

Plain = TypeVar("Plain", bound=Callable[..., Any])
STEPS = (1e-4, 1e-5)
TOLERANCE = 1e-5


@overload
def constant(function: Plain, *, returns: str = ...) -> Plain: ...
@overload
def constant(*, returns: str) -> Callable[[Plain], Plain]: ...
def constant(function: Any = None, *, returns: str = "") -> Any:
    """A function without a derivative: it is called once, in order, as the author's program calls it.

    returns: what it returns, in the notation of types (``"f64[n, d]"``); by default its annotation says so. The
    function must not write into its arguments. Generated code imports it from its module. SignatureError for what is
    no function.

    >>> import srcdiff
    >>> @srcdiff.constant
    ... def steps(tolerance: float) -> int:
    ...     return 3 if tolerance < 0.1 else 1
    >>> steps(0.01)
    3
    """
    if function is None:
        return functools.partial(constant, returns=returns)
    marked = _plain(function, "constant")
    setattr(marked, CONSTANT, returns)
    return marked


def rule(
    *,
    partials: Sequence[str | None] | None = None,
    jvp: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    returns: str = "",
    example: Sequence[Any] | None = None,
) -> Callable[[Plain], Plain]:
    """A function with a derivative of its own.

    partials: for an element-wise function, one expression for each parameter, in their names and ``y``, the result
    (``"1 - y * y"``), None for a parameter without; jvp: ``jvp(*args, *tangents)`` with a tangent for each float
    argument; vjp: ``vjp(*args, value, value_bar)``, which returns a cotangent for each float argument (one, or a
    tuple). With jvp or vjp, ``returns`` (or the annotation) says what is returned, in the notation of types, and
    ``example`` gives arguments for which the rule is held against differences; partials are checked at random numbers.

    GradientCheckError with both numbers if the rule is wrong; SignatureError if it cannot be read.

    >>> import srcdiff
    >>> @srcdiff.rule(partials=["2 * x"])
    ... def square(x):
    ...     return x * x
    >>> square(3.0)
    9.0
    """

    def register(function: Plain) -> Plain:
        marked: Any = _plain(function, "rule")
        if partials is None and jvp is None and vjp is None:
            raise SignatureError(f"the rule of {_name(marked)} is empty: give partials, a jvp or a vjp")
        if partials is not None:
            _check_partials(marked, tuple(partials), example)
        elif example is None:
            raise SignatureError(f"the rule of {_name(marked)} cannot be checked: give example=(…), its arguments")
        else:
            _check(marked, tuple(example), jvp, vjp)
        setattr(marked, RULE, CustomRule(tuple(partials or ()), jvp, vjp, returns))
        return marked  # type: ignore[no-any-return]

    return register


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", function))


def _plain(function: Any, decorator: str) -> Any:
    """A function that can be marked: what is written in C is called by one written in Python."""
    if isinstance(function, types.FunctionType):
        return function
    if not callable(function):
        raise SignatureError(f"@srcdiff.{decorator} stands in front of a function, not of {function!r}")

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return called


# --- the check of a rule


def _check_partials(function: Any, partials: tuple[str | None, ...], example: Sequence[Any] | None) -> None:
    names = list(inspect.signature(function).parameters)
    if len(partials) != len(names):
        raise SignatureError(f"{_name(function)} has {len(names)} parameters, but the rule {len(partials)} partials")
    for text in filter(None, partials):
        _check_names(function, text, {*names, "y", "g"})
    args = tuple(example) if example is not None else tuple(np.random.default_rng(0).uniform(0.2, 1.2, len(names)))
    args = tuple(float(value) if isinstance(value, np.floating) else value for value in args)
    _check(function, args, _jvp_of(function, partials, args), None)


def _check_names(function: Any, text: str, known: set[str]) -> None:
    try:
        unknown = free_names(text) - known
    except SyntaxError:
        raise SignatureError(f"the partial {text!r} of {_name(function)} is no expression") from None
    if unknown:
        names = ", ".join(sorted(unknown))
        raise SignatureError(f"the partial {text!r} of {_name(function)} names {names}, which is no parameter")


def _jvp_of(function: Any, partials: tuple[str | None, ...], args: tuple[Any, ...]) -> Callable[..., Any]:
    """The tangent that partials give."""
    floats = [k for k, value in enumerate(args) if _is_float(value)]

    def jvp(*given: Any) -> Any:
        primal, tangents = given[: len(args)], given[len(args) :]
        names = dict(zip(inspect.signature(function).parameters, primal, strict=True), y=function(*primal))
        total: Any = 0.0
        for k, tangent in zip(floats, tangents, strict=True):
            text = partials[k]
            if text is not None:
                whole = text if "g" in free_names(text) else f"g * ({text})"
                total = total + _value_of(function, whole, {**names, "g": tangent})
        return total

    return jvp


def _value_of(function: Any, text: str, names: dict[str, Any]) -> Any:
    """What an expression of a rule gives."""
    b = Builder()
    params = [Value(_type_of(value), name) for name, value in names.items()]
    try:
        result = read(b, text, dict(zip(names, params, strict=True)))
    except KeyError as error:
        raise SignatureError(f"the partial {text!r} of {_name(function)} calls {error}, which has no rule") from None
    parameters = tuple(Parameter(name, Leaf()) for name in names)
    whole = Function("partial", parameters, Block(tuple(params), tuple(b.ops), (b.value(result),)), Leaf())
    return run(whole, *names.values())


def _type_of(value: Any) -> Type:
    if isinstance(value, np.ndarray) and value.ndim:
        return Array("f64", tuple(axis(f"n{k}_{length}") for k, length in enumerate(value.shape)))
    return FLOAT


def _is_float(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, (np.ndarray, np.floating)) and value.dtype.kind == "f")


def _check(function: Any, args: tuple[Any, ...], jvp: Any, vjp: Any) -> None:
    """Hold a rule against differences along a random direction. GradientCheckError with both numbers."""
    rng = np.random.default_rng(0)
    floats = [k for k, value in enumerate(args) if _is_float(value)]
    if not floats:
        raise SignatureError(f"the example of {_name(function)} has no float argument to differentiate")
    tangents = [_like(args[k], rng) for k in floats]
    value = function(*args)
    bar = _like(value, rng)
    slopes = [_slope(function, args, dict(zip(floats, tangents, strict=True)), bar, step) for step in STEPS]
    scale = max(1.0, abs(slopes[0]))
    if not abs(slopes[0] - slopes[1]) <= 1e-4 * scale:
        raise GradientCheckError(f"the rule of {_name(function)} cannot be checked: differences disagree at its "
                                 f"example ({slopes[0]:.8g} and {slopes[1]:.8g}); give another example=(…)")
    if jvp is not None:
        _compare(function, "jvp" if vjp or not hasattr(jvp, "__closure__") else "rule",
                 float(np.vdot(bar, _fitting(function, jvp(*args, *tangents), value))), slopes[1], scale)
    if vjp is not None:
        bars = vjp(*args, value, bar)
        bars = bars if isinstance(bars, tuple) else (bars,)
        if len(bars) != len(floats):
            message = f"returns {len(bars)} cotangents for {len(floats)} float arguments"
            raise GradientCheckError(f"the vjp of {_name(function)} {message}")
        parts = [_fitting(function, b, args[k]) for k, b in zip(floats, bars, strict=True)]
        total = sum(float(np.vdot(part, tangent)) for part, tangent in zip(parts, tangents, strict=True))
        _compare(function, "vjp", total, slopes[1], scale)


def _compare(function: Any, what: str, found: float, expected: float, scale: float) -> None:
    if not abs(found - expected) <= TOLERANCE * scale * 10:
        raise GradientCheckError(f"the {what} of {_name(function)} is wrong: along a random direction it gives "
                                 f"{found:.8g}, differences give {expected:.8g}")


def _fitting(function: Any, found: Any, like: Any) -> Any:
    """A cotangent or tangent, which has to have the shape of what it belongs to."""
    if np.shape(found) != np.shape(like):
        raise GradientCheckError(f"the rule of {_name(function)} gives an array of shape {np.shape(found)} "
                                 f"where one of shape {np.shape(like)} is due")
    return found


def _like(value: Any, rng: np.random.Generator) -> Any:
    return rng.normal(size=np.shape(value)) if np.ndim(value) else float(rng.normal())


def _slope(function: Any, args: tuple[Any, ...], tangents: dict[int, Any], bar: Any, step: float) -> float:
    def at(factor: float) -> Any:
        moved = [value + factor * tangents[k] if k in tangents else value for k, value in enumerate(args)]
        return function(*moved)

    return float(np.vdot(bar, at(step)) - np.vdot(bar, at(-step))) / (2 * step)
