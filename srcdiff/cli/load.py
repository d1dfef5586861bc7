"""Finds what a command line names: ``FILE:FUNCTION``, ``wrt``, and example arguments."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import click

from srcdiff.diagnostics import SrcdiffError
from srcdiff.shown import Shown


class UserCodeError(SrcdiffError):
    """The author's own code raised while it was imported or called."""


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
        if isinstance(found, Shown):  # a derivative, made by a decorator: the author's function is meant
            found = inspect.unwrap(found)  # type: ignore[arg-type]
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


def load_module(path: Path) -> ModuleType:
    """Import a file: as a part of its package if it stands in one, else like a script, but without running its main."""
    package = [path.stem] if path.stem != "__init__" else []
    root = path.parent
    while (root / "__init__.py").exists():
        package.insert(0, root.name)
        root = root.parent
    name = ".".join(package)
    present = sys.modules.get(name)
    if present is not None and _is_file_of(present, path):
        return present
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    with _UserCode(f"{path.name} cannot be imported"):
        if root != path.parent:
            return importlib.import_module(name)
        return _load_single(path, name if present is None else f"_srcdiff_{name}")


def _is_file_of(module: ModuleType, path: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and os.path.realpath(file) == os.path.realpath(path)


def _load_single(path: Path, name: str) -> ModuleType:
    present = sys.modules.get(name)
    if present is not None and _is_file_of(present, path):
        return present
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise click.UsageError(f"{path.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look their module up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


class _UserCode:
    """Turns an exception of the author's code into one line with its place."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        self.output = contextlib.redirect_stdout(sys.stderr)  # what the author prints is no part of a generated text
        self.output.__enter__()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.output.__exit__(None, None, None)
        if isinstance(error, SyntaxError) and error.filename and error.lineno:
            raise UserCodeError(f"{self.what}\n{_syntax_error(error)}") from None
        if isinstance(error, SystemExit):
            place, message = self._place(trace), f"the file calls exit ({error.code})"
        elif isinstance(error, Exception) and not isinstance(error, SrcdiffError | click.ClickException):
            place = self._place(trace)
            message = f"{type(error).__name__}: {error}"
        else:
            return
        raise UserCodeError("\n".join([self.what, f"  {place}{': ' if place else ''}{message}"])) from None

    def _place(self, trace: Any) -> str:
        """The line of the author's code where it happened: the last one outside of Python's own import machinery."""
        frames = [frame for frame in traceback.extract_tb(trace) if not frame.filename.startswith("<frozen")]
        outside = [frame for frame in frames if os.path.dirname(frame.filename) != os.path.dirname(__file__)]
        return f"{outside[-1].filename}:{outside[-1].lineno}" if outside else ""


def _syntax_error(error: SyntaxError) -> str:
    """Place, message, line and caret."""
    column, text = error.offset or 1, (error.text or "").rstrip("\n")
    head = f"{error.filename}:{error.lineno}:{column}: {type(error).__name__}: {error.msg}"
    if not text.strip():
        return head
    blank = "".join("\t" if character == "\t" else " " for character in text[: column - 1])
    return f"{head}\n{error.lineno:>5} | {text}\n      | {blank}^"


def call_user_code(function: Callable[..., Any], args: tuple[Any, ...], what: str) -> Any:
    """Call the author's function; what it raises becomes one message."""
    with _UserCode(what):
        return function(*args)


def parse_wrt(text: str) -> str | int | tuple[str | int, ...]:
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
            raise click.UsageError(f"--wrt {text!r}: names or positions of arguments, separated by commas")
    return items if several else items[0]


def example_args(target: Target, function: Callable[..., Any], named: str | None, base: Path) -> tuple[Any, ...] | None:
    """Example arguments: from the function that was named, else from one of the same file that fits; None without."""
    if named is not None:
        source = Target.parse(named, base)
        args = _call_example(source.load(), named)
        if not _fits(function, args):
            raise click.UsageError(f"--example {named}: it returns {len(args)} arguments, {target.name} takes others")
        return args
    module = load_module(target.path)
    last = target.name.split(".")[-1]
    for name in (f"{last}_example", "example"):
        candidate = getattr(module, name, None)
        if inspect.isfunction(candidate) and candidate is not function and not inspect.signature(candidate).parameters:
            args = _call_example(candidate, name)
            if _fits(function, args):
                return args
    return None


def _call_example(example: Callable[..., Any], name: str) -> tuple[Any, ...]:
    found = call_user_code(example, (), f"the example {name} cannot be called")
    return found if isinstance(found, tuple) else (found,)


def _fits(function: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    try:
        inspect.signature(function).bind(*args)
    except (TypeError, ValueError):
        return False
    return True
