"""From a plug to a model: finds ``init`` and ``predict``, reads the signature, and fits the call to the loop's."""

from __future__ import annotations

import ast
import functools
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from srcdiff.ir.types import Type
from srcdiff.ir.typetext import read_type
from srcdiff.train.author import author_of
from srcdiff.train.errors import TrainingError
from srcdiff.train.model import Model
from srcdiff.train.plug import Plug, plug_of
from srcdiff.usercode import load_fresh


def model_of(given: Any, source: str | os.PathLike[str] | ModuleType | None = None) -> Model:
    """The model in a plug (see ``srcdiff.train.plug``).

    source: the file or module with ``init`` and ``predict``; by default the author's, from a gradient module's header.

    >>> def value_and_grad(params, x, y):
    ...     return (params * x - y) ** 2, 2 * x * (params * x - y)
    >>> model_of(value_and_grad).inputs
    ('x', 'y')
    """
    if isinstance(given, Model):
        return given
    plug = plug_of(given)
    module, home = _home(plug, source)
    positional, named = _parameters(plug.function)
    function = functools.partial(plug.function, **_constants(plug, module, named)) if named else plug.function
    loss = plug.loss if plug.header is None else author_of(plug.header, module)
    inputs = None if positional is None else positional[plug.leading or 1 :]
    return Model(
        name=plug.name,
        value_and_grad=_spread(function) if plug.leading else function,
        loss=_spread(loss) if loss and plug.leading else loss,
        inputs=None if inputs is None else tuple(p.name for p in inputs),
        required=sum(p.default is p.empty for p in inputs or ()),
        types=_types_of(plug.header.signature if plug.header else ""),
        init=_function_of(module, "init"),
        predict=_function_of(module, "predict"),
        home=home,
        leading=plug.leading,
    )


def _home(plug: Plug, source: str | os.PathLike[str] | ModuleType | None) -> tuple[ModuleType | None, str]:
    """The module with init and predict, and how messages call it."""
    home = source if source is not None else plug.home
    if home is None or isinstance(home, ModuleType):
        return home, "" if home is None else os.path.basename(getattr(home, "__file__", None) or home.__name__)
    path = Path(home)
    if path.is_file():
        return load_fresh(path.resolve()), str(home) if source is not None else path.name
    if source is not None:
        raise TrainingError(f"{path} is a folder, not a file" if path.is_dir() else f"there is no file {path}")
    return None, f"{path.name} (from which {plug.name} was made; it is not where the header says)"


def _parameters(function: Callable[..., Any]) -> tuple[list[inspect.Parameter] | None, list[str]]:
    """The positional parameters (None if they may be any), and the names of those that have to be given by keyword."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None, []
    named = [p.name for p in found if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    if any(p.kind is p.VAR_POSITIONAL for p in found):
        return None, named
    return [p for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)], named


def _constants(plug: Plug, module: ModuleType | None, names: list[str]) -> dict[str, Any]:
    """The author's globals that a gradient module takes by keyword."""
    missing = [name for name in names if not hasattr(module, name)]
    if missing:
        said = ", ".join(f"`{name}`" for name in missing)
        raise TrainingError(f"{plug.name} needs {said} by keyword: give it with functools.partial")
    return {name: getattr(module, name) for name in names}


def _spread(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of several parameters as one of their tuple."""

    def value_and_grad(params: Any, *batch: Any) -> Any:
        return function(*params, *batch)

    return value_and_grad


def _types_of(signature: str) -> dict[str, Type]:
    """The types of the arguments that are no containers: a signature is written like the arguments of a function.

    >>> _types_of("params: {'w': f64[d]}, x: f64[n, d], labels: i64[n]")
    {'x': f64[n, d], 'labels': i64[n]}
    """
    try:
        function = ast.parse(f"def f({signature}): pass").body[0]
    except SyntaxError:
        return {}
    assert isinstance(function, ast.FunctionDef)
    found = {}
    for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
        if argument.annotation is not None:
            try:
                found[argument.arg] = read_type(argument.annotation)
            except ValueError:
                continue
    return found


def _function_of(module: ModuleType | None, name: str) -> Callable[..., Any] | None:
    found = getattr(module, name, None)
    return found if callable(found) else None
