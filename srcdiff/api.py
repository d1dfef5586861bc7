"""``grad``, ``value_and_grad``, ``vjp`` and ``jvp``: from a function to a function that returns its derivative.

>>> import numpy as np, srcdiff
>>> def f(x):
...     z = x * 2
...     return z.mean()
>>> srcdiff.grad(f)(np.array([1.0, 2.0, 3.0]))
array([0.66666667, 0.66666667, 0.66666667])
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.compile import OPTIMIZE, Request, as_cotangent
from srcdiff.diagnostics import SignatureError
from srcdiff.dispatch import CompiledFunction
from srcdiff.shown import Shown

WrtLike = int | str | tuple[int | str, ...]


def _compiled(
    function: Callable[..., Any], wrt: WrtLike, argnums: WrtLike | None, mode: str, optimize: str
) -> CompiledFunction:
    if optimize not in OPTIMIZE:
        raise SignatureError(f"optimize is one of {', '.join(OPTIMIZE)}, not {optimize!r}")
    chosen = wrt if argnums is None else argnums
    single = not isinstance(chosen, (tuple, list))
    names = (chosen,) if isinstance(chosen, (int, str)) else tuple(chosen)
    inner = function.request if isinstance(function, CompiledFunction) else function
    return CompiledFunction(Request(inner, names, single, mode, optimize))


def grad(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """The gradient of a function that returns one number.

    function: the function; wrt (or argnums): a position, a name, or a tuple of them. Gives a function of the same
    arguments that returns the gradient: one for one argument, a tuple for a tuple, containers for containers; zeros
    where there is no influence. Usable as a decorator. The first call with arguments of new types compiles, and raises
    UnsupportedError for source that is refused.

    >>> grad(lambda x: x * x)(3.0)
    6.0
    """
    if function is None:
        return functools.partial(grad, wrt=wrt, argnums=argnums, optimize=optimize)
    return _compiled(function, wrt, argnums, "grad", optimize)


def value_and_grad(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """Like ``grad``; the function that it gives returns ``(value, gradient)``.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    if function is None:
        return functools.partial(value_and_grad, wrt=wrt, argnums=argnums, optimize=optimize)
    return _compiled(function, wrt, argnums, "value_and_grad", optimize)


def jvp(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """The derivative along tangents, the last arguments, one for each of ``wrt``; gives ``(value, value_dot)``.

    >>> jvp(lambda x: x * x)(3.0, 1.0)
    (9.0, 6.0)
    """
    if function is None:
        return functools.partial(jvp, wrt=wrt, argnums=argnums, optimize=optimize)
    return _compiled(function, wrt, argnums, "jvp", optimize)


def vjp(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """``(value, pullback)`` for functions with any result; ``pullback(value_bar)`` is the gradient.

    The pullback may be called repeatedly; it runs both sweeps on a copy of the arguments as they were.

    >>> value, pullback = vjp(lambda x: x * x)(3.0)
    >>> pullback(2.0)
    12.0
    """
    if function is None:
        return functools.partial(vjp, wrt=wrt, argnums=argnums, optimize=optimize)
    return Vjp(_compiled(function, wrt, argnums, "vjp", optimize))


class Vjp(Shown):
    """What ``vjp`` gives: a function that returns a value and its pullback."""

    def __init__(self, pull: CompiledFunction) -> None:
        self.pull = pull
        functools.update_wrapper(self, pull.request.function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> tuple[Any, Callable[[Any], Any]]:
        entry = self.pull.entry(*args, **kwargs)
        split = len(args) - self.pull.request.tangents
        kept, named = (*unshared(args[:split]), *map(as_cotangent, unshared(args[split:]))), unshared(kwargs)
        value = entry.module.primal(*unshared(args), **unshared(kwargs))

        def pullback(value_bar: Any) -> Any:
            _check_cotangent(value, value_bar)
            gradient = entry.call(*kept, as_cotangent(value_bar), **named)[1]
            return like_tangents(self.pull.request, args, gradient) if split < len(args) else gradient

        return value, pullback

    @property
    def source(self) -> str:
        """The generated source: value and gradient for a given cotangent."""
        return self.pull.source

    def shown_function(self) -> tuple[str, str]:
        return self.pull.shown_function()

    def shown_ir(self, backward: bool) -> tuple[str, tuple[str, ...]]:
        return self.pull.shown_ir(backward)


def like_tangents(request: Request, args: tuple[Any, ...], gradient: Any) -> Any:
    """The gradient with respect to tangents that were 0-d arrays or numbers of NumPy's, as such."""

    def restored(position: int | str, part: Any) -> Any:
        given = args[position] if isinstance(position, int) and -len(args) <= position < len(args) else None
        return _like_tangent(given, part)

    if request.single:
        return restored(request.wrt[0], gradient)
    return tuple(map(restored, request.wrt, gradient))


def _like_tangent(given: Any, part: Any) -> Any:
    if isinstance(part, dict) and isinstance(given, dict):
        return {key: _like_tangent(given[key], item) for key, item in part.items()}
    if type(part) in (tuple, list) and isinstance(given, (tuple, list)):
        return type(part)(map(_like_tangent, given, part))
    if isinstance(given, np.ndarray) and given.ndim == 0 and isinstance(part, (float, np.generic)):
        return np.asarray(part, given.dtype)
    return type(given)(part) if isinstance(given, np.inexact) and isinstance(part, (float, np.inexact)) else part


def unshared(value: Any) -> Any:
    """A copy whose arrays nobody else writes."""
    if isinstance(value, np.ndarray):
        return np.copy(value)
    if isinstance(value, dict):
        return {key: unshared(item) for key, item in value.items()}
    if type(value) in (tuple, list):
        return type(value)(map(unshared, value))
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return type(value)(**{name: unshared(getattr(value, name)) for name in value.__dataclass_fields__})
    return value


def _check_cotangent(value: Any, cotangent: Any) -> None:
    """Refuse a cotangent that is not of the value's structure and shapes."""
    if isinstance(value, (tuple, list)):
        if not isinstance(cotangent, (tuple, list)) or len(cotangent) != len(value):
            raise SignatureError(f"the cotangent has to be a {type(value).__name__} of {len(value)}, like the value")
        for part, bar in zip(value, cotangent, strict=True):
            _check_cotangent(part, bar)
    elif not isinstance(value, dict) and np.shape(value) != np.shape(cotangent):
        raise SignatureError(f"the cotangent has shape {np.shape(cotangent)}, the value {np.shape(value)}")
