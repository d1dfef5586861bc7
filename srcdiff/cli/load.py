"""Finds what a command line names: ``FILE:FUNCTION``, ``wrt``, and example arguments."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click

from srcdiff.dispatch import CompiledFunction
from srcdiff.dispatch.differentiable import Differentiable
from srcdiff.usercode import call_user_code, load_module


@dataclass(frozen=True)
class Target:
    """A function in a file, as it was named on the command line (``file`` as it was written there)."""

    file: str
    name: str
    path: Path

    @classmethod
    def parse(cls, text: str, base: Path) -> Target:
        """``FILE:FUNCTION``, with FILE relative to ``base``."""
        file, colon, name = text.rpartition(":")
        if not colon or not file or not all(part.isidentifier() for part in name.split(".")):
            raise click.UsageError(f"{text!r} is not of the form FILE:FUNCTION, such as loss.py:loss")
        path = (base / file).resolve()
        check_file(path, file)
        return cls(Path(file).as_posix(), name, path)

    def load(self) -> Callable[..., Any]:
        """The function itself; its file is imported once."""
        found: Any = load_module(self.path)
        for part in self.name.split("."):
            if not hasattr(found, part):
                raise click.UsageError(f"{self.file} has no function {self.name}{_suggestion(part, found)}")
            if inspect.isclass(found) and inspect.isfunction(inspect.getattr_static(found, part)):
                raise click.UsageError(f"{self.name} in {self.file} is a method: name a function, or a static method")
            found = getattr(found, part)
        if isinstance(found, CompiledFunction | Differentiable):  # made by a decorator: the author's function is meant
            found = inspect.unwrap(found)
        if inspect.isclass(found) or not callable(found):
            what = "a class" if inspect.isclass(found) else f"a value of type {type(found).__name__}"
            raise click.UsageError(f"{self.name} in {self.file} is no function, but {what}")
        return cast(Callable[..., Any], found)


def check_file(path: Path, said: str) -> None:
    """Refuse what is no file that can be read; ``said``: how it was written."""
    if path.is_dir():
        raise click.UsageError(f"{said} is a folder, not a file")
    if not path.is_file():
        raise click.UsageError(f"there is no file {said}")


def read_text(path: Path) -> str:
    """The text of a file; UsageError where there is none."""
    check_file(path, str(path))
    return path.read_text(encoding="utf-8", errors="replace")


def _suggestion(name: str, owner: Any) -> str:
    functions = [other for other, value in vars(owner).items() if inspect.isfunction(value)]
    close = difflib.get_close_matches(name, functions, 1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; it has {', '.join(functions)}" if functions else ""


def parse_wrt(text: str, option: str = "--wrt") -> str | int | tuple[str | int, ...]:
    """``w,b`` is a tuple, ``w`` a name, ``0`` a position; ``w,`` is a tuple of one.

    >>> parse_wrt("w, b"), parse_wrt("w"), parse_wrt("-1"), parse_wrt("w,")
    (('w', 'b'), 'w', -1, ('w',))
    """
    parts = [part.strip() for part in text.split(",")]
    several = len(parts) > 1
    if several and not parts[-1]:
        parts.pop()
    items = tuple(int(part) if part.lstrip("-").isdigit() else part for part in parts)
    for item in items:
        if isinstance(item, str) and not item.isidentifier():
            raise click.UsageError(f"{option} {text!r}: names or positions of arguments, separated by commas")
    return items if several else items[0]


def example_args(target: Target, function: Callable[..., Any], named: str | None, base: Path) -> tuple[Any, ...] | None:
    """Example arguments: from the function that was named, else from one of the same file that fits; None without."""
    if named is not None:
        source = Target.parse(named, base)
        args = _call_example(source.load(), named)
        complete = _completed(function, args)
        if complete is None:
            raise click.UsageError(f"--example {named}: it returns {len(args)} arguments, {target.name} takes others")
        return complete
    module = load_module(target.path)
    last = target.name.split(".")[-1]
    for name in (f"{last}_example", "example"):
        candidate = getattr(module, name, None)
        if inspect.isfunction(candidate) and candidate is not function and not inspect.signature(candidate).parameters:
            complete = _completed(function, _call_example(candidate, name))
            if complete is not None:
                return complete
    return None


def _call_example(example: Callable[..., Any], name: str) -> tuple[Any, ...]:
    found = call_user_code(example, (), f"the example {name} cannot be called")
    return found if isinstance(found, tuple) else (found,)


def _completed(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The arguments with those that have defaults; None if the function takes others."""
    try:
        bound = inspect.signature(function).bind(*args)
    except (TypeError, ValueError):
        return None
    bound.apply_defaults()
    return bound.args
