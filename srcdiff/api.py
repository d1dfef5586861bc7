"""``grad``, ``vjp``, ``jvp``, ``jacobian`` and their kin: from a function to a function that returns its derivative.

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
from srcdiff.dispatch.hvp import Hvp
from srcdiff.dispatch.jacobian import Hessian, Jacobian
from srcdiff.dispatch.parts import parts_of
from srcdiff.dispatch.pullback import Vjp
from srcdiff.request import Request
from srcdiff.written import outputs_of

WrtLike = int | str | tuple[int | str, ...]

KINDS: dict[str, type[CompiledFunction]] = {"vjp": Vjp, "hvp": Hvp, "jacobian": Jacobian, "hessian": Hessian}
"""What the derivatives are that are not called like the functions that are generated for them, by mode."""


def _derivative(
    function: Any, wrt: WrtLike, argnums: WrtLike | None, mode: str, optimize: str, has_aux: bool,
    of: WrtLike | None = None,
) -> Any:
    """The derivative; without a function, the decorator that gives it."""
    if function is None:
        return lambda function: _derivative(function, wrt, argnums, mode, optimize, has_aux, of)
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
    outputs = outputs_of(of)
    if outputs is not None and isinstance(parts.of, Request):
        raise SignatureError("of names arguments of a function: give it to the inner derivative", code="SD031")
    if outputs is not None and has_aux:
        raise SignatureError("of says where the result stands, so there is no pair for has_aux", code="SD033")
    request = Request(parts.of, names, single, mode, optimize, has_aux, parts.skip, outputs)
    compiled = KINDS.get(mode, CompiledFunction)(request, parts.static)
    return Bound(compiled, parts.args, parts.kwargs) if parts.args or parts.kwargs else compiled


def grad(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    has_aux: bool = False,
    of: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """The gradient of a function that returns one number.

    function: the function; wrt (or argnums): a position, a name, or a tuple of them; on methods positions are counted
    after ``self``; has_aux: the function returns (number, aux); of: the argument (or a tuple of them) whose final
    contents are the result, for a function that works through its arguments (a call of the derivative leaves them as
    they were). Gives a function of the same arguments that returns the
    gradient: one for one argument, a tuple for a tuple, containers for containers; zeros where there is no influence;
    with has_aux (gradient, aux). Usable as a decorator. The first call with arguments of new types compiles, and raises
    UnsupportedError for source that is refused.

    >>> grad(lambda x: x * x)(3.0)
    6.0
    >>> grad(lambda x: (x * x, {"x": x}), has_aux=True)(3.0)
    (6.0, {'x': 3.0})
    """
    return _derivative(function, wrt, argnums, "grad", optimize, has_aux, of)


def value_and_grad(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    has_aux: bool = False,
    of: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """Like ``grad``, but what it gives returns ``(value, gradient)``; with has_aux ``((value, aux), gradient)``.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    return _derivative(function, wrt, argnums, "value_and_grad", optimize, has_aux, of)


def jvp(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    of: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """The derivative along tangents, the last arguments, one for each of ``wrt``; gives ``(value, value_dot)``.

    >>> jvp(lambda x: x * x)(3.0, 1.0)
    (9.0, 6.0)
    """
    return _derivative(function, wrt, argnums, "jvp", optimize, False, of)


def vjp(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    has_aux: bool = False,
    of: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """``(value, pullback)`` for functions with any result; ``pullback(value_bar)`` is the gradient.

    The pullback runs the backward sweep, and may be called repeatedly. With has_aux the function returns (result, aux),
    and what this gives returns ``(value, pullback, aux)``; with ``of`` the value is what the function leaves in these
    arguments.

    >>> value, pullback = vjp(lambda x: x * x)(3.0)
    >>> pullback(2.0)
    12.0
    """
    return _derivative(function, wrt, argnums, "vjp", optimize, has_aux, of)


def jacobian(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    has_aux: bool = False,
    of: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """The derivatives of all entries of a result with respect to all entries of the arguments.

    Gives a function of the same arguments that returns an array with the axes of the result followed by those of the
    argument, in the argument's dtype; a number where neither has axes. A tuple of ``wrt`` gives a tuple, a container as
    argument a container of arrays, and a container as result a container of all that. It runs one pullback for each
    entry of the result or one tangent for each entry of the arguments, whichever are fewer; ``source`` is the function
    that was run. With has_aux the function returns (result, aux), and what this gives (Jacobian, aux).

    >>> import numpy as np
    >>> jacobian(lambda x: np.cumsum(x * x))(np.array([1.0, 2.0]))
    array([[2., 0.],
           [2., 4.]])
    """
    return _derivative(function, wrt, argnums, "jacobian", optimize, has_aux, of)


def hessian(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    has_aux: bool = False,
    of: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """The second derivatives of a function that returns one number: the Jacobian of its gradient.

    Gives a function of the same arguments that returns an array with the argument's axes twice; a tuple of ``wrt``
    gives a tuple of tuples, a container as argument a container of containers. It runs the generated product of Hessian
    and vector (``source``; see ``hvp``) once for each entry of the arguments. With has_aux it gives (Hessian, aux).

    >>> import numpy as np
    >>> hessian(lambda x: x[0] * x[1] ** 2)(np.array([3.0, 5.0]))
    array([[ 0., 10.],
           [10.,  6.]])
    """
    return _derivative(function, wrt, argnums, "hessian", optimize, has_aux, of)


def hvp(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    has_aux: bool = False,
    of: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """The product of the Hessian and vectors, the last arguments, one for each of ``wrt`` and like it.

    The function returns one number. Gives one product for one argument, a tuple for a tuple; the Hessian itself is
    never made: the gradient is differentiated forwards, along the vectors. With has_aux it gives (product, aux).
    SignatureError for a vector that is not of the structure and the shapes of its argument.

    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([  6., 120.])
    """
    return _derivative(function, wrt, argnums, "hvp", optimize, has_aux, of)


def differentiable(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    has_aux: bool = False,
    of: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """The function itself, callable as before, with ``grad``, ``value_and_grad`` and ``source`` (the text of either).

    Usable as a decorator of functions and of methods; the options are those of ``grad``.

    >>> square = differentiable(lambda x: x * x)
    >>> square(3.0), square.grad(3.0), square.value_and_grad(3.0)
    (9.0, 6.0, (9.0, 6.0))
    """
    if function is None:
        return functools.partial(
            differentiable, wrt=wrt, argnums=argnums, has_aux=has_aux, of=of, optimize=optimize
        )
    options: dict[str, Any] = {"wrt": wrt, "argnums": argnums, "optimize": optimize, "has_aux": has_aux, "of": of}
    return Differentiable(function, functools.partial(_derivative, **options))
