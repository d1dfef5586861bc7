"""What stands around a function: decorators that change nothing of what it computes are looked through, no others.

``functools.cache`` and ``lru_cache`` return what the function has returned; ``numba.njit`` compiles it; a decorator's
wrapper is looked through if all it does is to call the function with its own arguments. Any other wrapper is a program
of its own: it is read itself, or refused.
"""

from __future__ import annotations

import ast
import functools
import inspect
import types
from typing import Any

from srcdiff.diagnostics import UnsupportedError

from .source import FunctionText, own_text

PRIMAL = "__srcdiff_primal__"
"""The attribute in which an object of srcdiff that is called like a function holds that function."""

_CACHE = type(functools.cache(lambda: None))
_STARS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


def undecorated(function: Any) -> Any:
    """The function without the decorators that change nothing of what it computes.

    >>> undecorated(functools.cache(undecorated)) is undecorated
    True
    """
    while True:
        inner = _inner(function)
        if inner is None:
            return function
        function = inner


def _inner(function: Any) -> Any:
    if isinstance(function, _CACHE):
        return function.__wrapped__
    if isinstance(function, types.FunctionType):
        return function.__wrapped__ if hasattr(function, "__wrapped__") and _hands_on(function) else None
    if hasattr(type(function), PRIMAL):
        return getattr(function, PRIMAL)
    if type(function).__module__.split(".")[0] == "numba":
        return getattr(function, "py_func", None)
    return None


def _hands_on(wrapper: types.FunctionType) -> bool:
    """Whether all that a wrapper does is ``return function(*args, **kwargs)``."""
    if wrapper.__code__.co_flags & _STARS != _STARS:
        return False
    try:
        text = own_text(wrapper)
    except UnsupportedError:
        return False
    body = [s for s in text.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in text.cells:
        return False
    return text.cells[call.func.id].cell_contents is vars(wrapper)["__wrapped__"] and _passes_all(call, text)


def _passes_all(call: ast.Call, text: FunctionText) -> bool:
    """Whether a call passes ``*args, **kwargs`` of a function that takes nothing else."""
    given = text.node.args
    assert given.vararg is not None and given.kwarg is not None
    wanted = f"{ast.unparse(call.func)}(*{given.vararg.arg}, **{given.kwarg.arg})"
    return not text.arguments and ast.unparse(call) == wanted
