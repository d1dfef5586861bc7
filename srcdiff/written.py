"""Functions whose result stands in their arguments: which of them are meant, and the function that returns them."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable
from typing import Any

from srcdiff.diagnostics import SignatureError
from srcdiff.frontend.signature import bind, parameters_of
from srcdiff.request import Outputs, parameter_of


def outputs_of(of: int | str | tuple[int | str, ...] | None) -> Outputs | None:
    """What ``of=`` names; SignatureError for what is no position, name or tuple of these.

    >>> outputs_of("A"), outputs_of(None)
    (Outputs(names=('A',), single=True), None)
    """
    if of is None:
        return None
    names = of if isinstance(of, tuple) else tuple(of) if isinstance(of, list) else (of,)
    if not names or not all(isinstance(name, (int, str)) and not isinstance(name, bool) for name in names):
        raise SignatureError(f"of is a position, a name, or a tuple of them, not {of!r}", code="SD031")
    return Outputs(names, not isinstance(of, (tuple, list)))


def output_names(function: Callable[..., Any], outputs: Outputs, skip: int = 0) -> tuple[str, ...]:
    """The parameters that are named; SignatureError where there is none."""
    declared = list(parameters_of(function))
    called = f"of: {getattr(function, '__name__', 'the function')}"
    return tuple(parameter_of(called, declared, position, skip) for position in outputs.names)


def returning(function: Callable[..., Any], of: Any) -> Callable[..., Any]:
    """The function with copies of its arguments, returning what it leaves in those that ``of`` names (None: itself).

    >>> def double(a):
    ...     a *= 2.0
    >>> import numpy as np
    >>> a = np.ones(2)
    >>> returning(double, "a")(a), a
    (array([2., 2.]), array([1., 1.]))
    """
    outputs = of if isinstance(of, Outputs) else outputs_of(of)
    if outputs is None:
        return function
    names = output_names(function, outputs)

    @functools.wraps(function)
    def returned(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = copy.deepcopy((args, kwargs))
        given = bind(function, args, kwargs)
        function(*args, **kwargs)
        found = tuple(given[name] for name in names)
        return found[0] if outputs.single else found

    returned.__signature__ = inspect.signature(function, follow_wrapped=False)  # type: ignore[attr-defined]
    return returned
