"""Pickles of derivatives: a name that can be imported, else the function (by name, or with its text).

The modules that were compiled so far travel along, and are not compiled again where they are loaded.
"""

from __future__ import annotations

import types
from dataclasses import replace
from typing import Any

from srcdiff.cache.entries import encode
from srcdiff.cache.store import carry
from srcdiff.compile import Module
from srcdiff.frontend.wrappers import PRIMAL
from srcdiff.request import Request

from .portable import Portable, importable, lookup, packed, unpacked

Named = tuple[str, str]
"""The module and the qualified name of an object that holds the function."""


def reduced(derivative: Any, request: Request, static: bool, modules: list[Module]) -> Any:
    """What ``__reduce__`` of a derivative gives."""
    if importable(derivative):
        return derivative.__qualname__
    files = {module.key: encode(module.made, module.key) for module in modules if module.key is not None}
    return restored, (type(derivative), _with_bottom(request, portable(request.function)), static, files)


def restored(kind: Any, request: Request, static: bool, files: dict[str, str]) -> Any:
    """The derivative, in this process."""
    carry(files)
    return kind(_with_bottom(request, function_of(request.function)), static)


def portable(function: Any) -> Any:
    """A function as something that can be pickled."""
    if not isinstance(function, types.FunctionType) or importable(function):
        return function
    try:
        holder = lookup(function.__module__, function.__qualname__)
    except (AttributeError, ImportError, ValueError):
        holder = None
    if _held(holder) is function:  # decorated with one of srcdiff's decorators
        return (function.__module__, function.__qualname__)
    return packed(function)


def function_of(value: Any) -> Any:
    """The function that ``portable`` was given."""
    if isinstance(value, Portable):
        return unpacked(value)
    return _held(lookup(*value)) if isinstance(value, tuple) else value


def _held(holder: Any) -> Any:
    """The author's function in an object of srcdiff's."""
    request = getattr(holder, "request", None)
    return request.function if isinstance(request, Request) else getattr(holder, PRIMAL, None)


def _with_bottom(request: Request, function: Any) -> Request:
    of = _with_bottom(request.of, function) if isinstance(request.of, Request) else function
    return replace(request, of=of)
