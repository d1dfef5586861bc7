"""What plugs into the trainer: finds the function, and the author's file, in what the user gave.

A plug is a gradient module (imported, or the path of its file), a compiled function of ``srcdiff.value_and_grad``, an
object with such a function as its ``value_and_grad``, or any callable ``value_and_grad(params, *batch)``.
"""

from __future__ import annotations

import inspect
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from srcdiff.dispatch import CompiledFunction
from srcdiff.dispatch.pullback import Vjp
from srcdiff.emit.header import Header
from srcdiff.request import Request
from srcdiff.train.errors import TrainingError
from srcdiff.usercode import load_fresh


@dataclass(frozen=True)
class Plug:
    """A function and what is known of it.

    name: as messages call it; leading: how many first arguments are differentiated if they are several, else None;
    header: of the gradient module that it stands in; home: the author's file or module, if it is known; loss: the
    author's function, if it is at hand.
    """

    function: Callable[..., Any]
    name: str
    leading: int | None = None
    header: Header | None = None
    home: Path | ModuleType | None = None
    loss: Callable[..., Any] | None = None


def plug_of(given: Any) -> Plug:
    """The function in what the user gave; TrainingError if there is none, or not one."""
    if isinstance(given, str | os.PathLike):
        path = Path(given)
        if not path.is_file():
            raise TrainingError(f"{path} is a folder, not a file" if path.is_dir() else f"there is no file {path}")
        return _of_module(load_fresh(path.resolve()), _short(path))
    if isinstance(given, ModuleType):
        return _of_module(given, given.__name__)
    if isinstance(given, CompiledFunction | Vjp):
        return _of_compiled(given if isinstance(given, CompiledFunction) else given.pull)
    inner = getattr(given, "value_and_grad", None)
    if callable(inner):
        return plug_of(inner)
    if not callable(given):
        raise TrainingError(f"a path, a module or a function is trained, not {type(given).__name__}")
    return _of_function(given)


def _short(path: Path) -> str:
    """A path as seen from the present folder if it is below it: what is written must not depend on the machine."""
    full, here = path.resolve(), Path.cwd()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else path.name


def _of_compiled(function: CompiledFunction) -> Plug:
    request = function.request
    author = request.function
    if request.mode != "value_and_grad":
        raise TrainingError(
            f"`{author.__name__}` is compiled for {request.mode}: the trainer needs srcdiff.value_and_grad(…)"
        )
    loss = None if isinstance(request.of, Request) or request.has_aux else author
    plug = Plug(function, author.__name__, home=sys.modules.get(author.__module__), loss=loss)
    return plug if request.single else _with_leading(plug, request.wrt)


def _of_function(function: Callable[..., Any]) -> Plug:
    """Any callable; if it stands in a gradient module, that module is known too."""
    home = inspect.getmodule(function)
    name = getattr(function, "__name__", type(function).__name__)
    if home is not None and Header.read(home.__doc__) is not None and getattr(home, name, None) is function:
        return _of_module(home, home.__name__)
    return Plug(function, name, home=home)


def _of_module(module: ModuleType, name: str) -> Plug:
    header = Header.read(module.__doc__)
    if header is None:
        function = _only_function(module, name)
        return Plug(function, f"{function.__name__} ({name})", home=module)
    if header.mode != "value_and_grad":
        raise TrainingError(f"{name} is made with --mode {header.mode}: make it without, for value and gradient")
    found = f"{header.function}_value_and_grad"
    if not hasattr(module, found):
        raise TrainingError(f"{name} has no function {found}, of which its header speaks")
    file = Path(module.__file__ or "")
    plug = Plug(getattr(module, found), f"{found} ({name})", None, header, file.parent / header.source)
    return plug if _is_single(header) else _with_leading(plug, header.wrt)


def _only_function(module: ModuleType, name: str) -> Callable[..., Any]:
    """The one function of a hand-written module that is called value_and_grad, or something_value_and_grad."""
    found = [key for key, item in vars(module).items() if key.endswith("value_and_grad") and callable(item)]
    if not found:
        raise TrainingError(
            f"{name} has no function value_and_grad and is no gradient module: write one with srcdiff grad {name}:LOSS"
        )
    if len(found) > 1:
        raise TrainingError(f"{name} has several functions to train with: pass one of {', '.join(found)} itself")
    function: Callable[..., Any] = getattr(module, found[0])
    return function


def _is_single(header: Header) -> bool:
    """Whether the gradient is that of one argument, and no tuple: ``--wrt w,`` is a tuple of one."""
    words = shlex.split(header.command)
    wrt = words[words.index("--wrt") + 1] if "--wrt" in words[:-1] else ""
    return len(header.wrt) == 1 and not wrt.endswith(",")


def _with_leading(plug: Plug, wrt: tuple[int | str, ...]) -> Plug:
    """A plug whose parameters are a tuple of its first arguments."""
    names = list(inspect.signature(plug.function).parameters)
    positions = [names.index(w) if isinstance(w, str) else w % len(names) for w in wrt]
    if positions != list(range(len(wrt))):
        said = ", ".join(f"`{names[position]}`" for position in positions)
        raise TrainingError(
            f"{plug.name} has the gradient of {said}: the trainer needs that of its first arguments, in their order"
        )
    return replace(plug, leading=len(wrt))
