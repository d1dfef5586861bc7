"""``grad``, ``value_and_grad``, ``vjp`` and ``jvp``: from a function to a function that returns its derivative.

>>> import numpy as np, srcdiff
>>> def f(x):
...     z = x * 2
...     return z.mean()
>>> srcdiff.grad(f)(np.array([1.0, 2.0, 3.0]))
array([0.66666667, 0.66666667, 0.66666667])

What is differentiated may be a function, a method (of an object or of its class), a ``functools.partial``, or one of
these under decorators that change nothing of what it computes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from srcdiff.compile import OPTIMIZE
from srcdiff.diagnostics import SignatureError
from srcdiff.dispatch.compiled import Bound, CompiledFunction
from srcdiff.dispatch.differentiable import Differentiable
from srcdiff.dispatch.parts import parts_of
from srcdiff.dispatch.pullback import Vjp
from srcdiff.request import Request

WrtLike = int | str | tuple[int | str, ...]


def _derivative(function: Any, wrt: WrtLike, argnums: WrtLike | None, mode: str, optimize: str, has_aux: bool) -> Any:
    """The derivative; without a function, the decorator that gives it."""
    if function is None:
        return lambda function: _derivative(function, wrt, argnums, mode, optimize, has_aux)
    if optimize not in OPTIMIZE:
        raise SignatureError(f"optimize is one of {', '.join(OPTIMIZE)}, not {optimize!r}")
    chosen = wrt if argnums is None else argnums
    single = not isinstance(chosen, (tuple, list))
    names = (chosen,) if not isinstance(chosen, (tuple, list)) else tuple(chosen)
    for name in names:
        if not isinstance(name, (int, str)) or isinstance(name, bool):
            raise SignatureError(f"wrt is a position, a name, or a tuple of them, not {chosen!r}", code="SD031")
    if not names:
        raise SignatureError("wrt names nothing: an empty tuple", code="SD031")
    parts = parts_of(function)
    request = Request(parts.of, names, single, mode, optimize, has_aux, parts.skip)
    compiled = (Vjp if mode == "vjp" else CompiledFunction)(request, parts.static)
    return Bound(compiled, parts.args, parts.kwargs) if parts.args or parts.kwargs else compiled


def grad(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    has_aux: bool = False,
    optimize: str = "readable",
) -> Any:
    """The gradient of a function that returns one number.

    function: the function; wrt (or argnums): a position, a name, or a tuple of them; on methods positions are counted
    after ``self``; has_aux: the function returns (number, aux). Gives a function of the same arguments that returns the
    gradient: one for one argument, a tuple for a tuple, containers for containers; zeros where there is no influence;
    with has_aux (gradient, aux). Usable as a decorator. The first call with arguments of new types compiles, and raises
    UnsupportedError for source that is refused.

    >>> grad(lambda x: x * x)(3.0)
    6.0
    >>> grad(lambda x: (x * x, {"x": x}), has_aux=True)(3.0)
    (6.0, {'x': 3.0})
    """
    return _derivative(function, wrt, argnums, "grad", optimize, has_aux)


def value_and_grad(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    has_aux: bool = False,
    optimize: str = "readable",
) -> Any:
    """Like ``grad``, but what it gives returns ``(value, gradient)``; with has_aux ``((value, aux), gradient)``.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    return _derivative(function, wrt, argnums, "value_and_grad", optimize, has_aux)


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
    return _derivative(function, wrt, argnums, "jvp", optimize, False)


def vjp(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    has_aux: bool = False,
    optimize: str = "readable",
) -> Any:
    """``(value, pullback)`` for functions with any result; ``pullback(value_bar)`` is the gradient.

    The pullback may be called repeatedly; it runs both sweeps on a copy of the arguments as they were. With has_aux the
    function returns (result, aux), and what this gives returns ``(value, pullback, aux)``.

    >>> value, pullback = vjp(lambda x: x * x)(3.0)
    >>> pullback(2.0)
    12.0
    """
    return _derivative(function, wrt, argnums, "vjp", optimize, has_aux)


def differentiable(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    has_aux: bool = False,
    optimize: str = "readable",
) -> Any:
    """The function itself, callable as before, with ``grad``, ``value_and_grad`` and ``source`` (the text of either).

    Usable as a decorator of functions and of methods; the options are those of ``grad``.

    >>> square = differentiable(lambda x: x * x)
    >>> square(3.0), square.grad(3.0), square.value_and_grad(3.0)
    (9.0, 6.0, (9.0, 6.0))
    """
    if function is None:
        return functools.partial(differentiable, wrt=wrt, argnums=argnums, has_aux=has_aux, optimize=optimize)
    options: dict[str, Any] = {"wrt": wrt, "argnums": argnums, "optimize": optimize, "has_aux": has_aux}
    return Differentiable(function, functools.partial(_derivative, **options))
