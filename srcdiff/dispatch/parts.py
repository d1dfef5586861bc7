"""What is to be differentiated, taken apart: the function itself, and the arguments that come with it."""

from __future__ import annotations

import functools
import inspect
import types
from dataclasses import dataclass, replace
from typing import Any

from srcdiff.diagnostics import SignatureError
from srcdiff.frontend.signature import attributes_of, is_record
from srcdiff.frontend.wrappers import undecorated

from .compiled import Bound, CompiledFunction
from .jacobian import Matrix
from .keys import Args, Kwargs
from .pullback import Vjp


@dataclass(frozen=True)
class Parts:
    """of: a function, or the request of a derivative; args, kwargs: arguments that are given already; skip: how many
    parameters positions are counted after; static: it is no method wherever it stands."""

    of: Any
    args: Args = ()
    kwargs: Kwargs | None = None
    skip: int = 0
    static: bool = False


def parts_of(function: Any) -> Parts:
    """Take a method, a partial or a decorated function apart. SignatureError for what has no derivative in one call.

    >>> parts_of(functools.partial(pow, 2.0))
    Parts(of=<built-in function pow>, args=(2.0,), kwargs={}, skip=1, static=False)
    """
    function = undecorated(function)
    if isinstance(function, Vjp):
        raise SignatureError("what srcdiff.vjp gives returns a pullback, which has no derivative: use "
                             "srcdiff.grad or srcdiff.jvp of the function, and differentiate that")
    if isinstance(function, Matrix):
        raise SignatureError("what srcdiff.jacobian and srcdiff.hessian give is many derivatives put together, which "
                             "have no derivative in one call: differentiate srcdiff.grad, srcdiff.jvp or srcdiff.hvp "
                             "of the function")
    if isinstance(function, CompiledFunction):
        return Parts(function.request, skip=function.request.skip, static=function.static)
    if isinstance(function, Bound):
        parts = parts_of(function.compiled)
        return replace(parts, args=function.args, kwargs=function.kwargs, skip=max(len(function.args), parts.skip))
    if isinstance(function, functools.partial):
        return _with(parts_of(function.func), function.args, function.keywords)
    if isinstance(function, types.MethodType):
        return _with(replace(parts_of(function.__func__), skip=0), (function.__self__,), {})
    if isinstance(function, staticmethod):
        return replace(parts_of(function.__func__), skip=0, static=True)
    if isinstance(function, classmethod):
        raise SignatureError("a classmethod cannot be differentiated as such: put srcdiff's decorator below it, or "
                             "differentiate the method of the class")
    if attributes_of(function) is not None or is_record(type(function)):
        return _with(Parts(type(function).__call__), (function,), {})
    return Parts(function, skip=int(is_method(function)))


def _with(parts: Parts, args: Args, kwargs: Kwargs) -> Parts:
    """The parts of a function of which some arguments are given; positions are counted after those."""
    given = (*parts.args, *args)
    return replace(parts, args=given, kwargs={**(parts.kwargs or {}), **kwargs}, skip=max(len(given), parts.skip))


def is_method(function: Any) -> bool:
    """Whether a function was defined in a class, with ``self`` in front.

    >>> is_method(CompiledFunction.save), is_method(is_method)
    (True, False)
    """
    if not isinstance(function, types.FunctionType):
        return False
    home = function.__qualname__.rpartition(".")[0]
    first = next(iter(inspect.signature(function, follow_wrapped=False).parameters), "")
    return bool(home) and not home.endswith("<locals>") and first == "self"
