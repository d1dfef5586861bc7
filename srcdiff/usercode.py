"""Imports the author's files and calls the author's functions; what they raise becomes one message with its place."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
import tokenize
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from srcdiff.diagnostics import SrcdiffError


class UserCodeError(SrcdiffError):
    """The author's own code raised while it was imported or called."""


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


def load_fresh(path: Path) -> ModuleType:
    """Import a file as it is now, whatever was imported from it before; a part of a package comes like any import."""
    if (path.parent / "__init__.py").exists():
        return load_module(path)
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    module = ModuleType(f"_srcdiff_fresh_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses and pickle look their module up
    with _UserCode(f"{path.name} cannot be imported"):
        with tokenize.open(path) as file:
            text = file.read()  # not a compiled file: that may be older by less than a second
        code = compile(text, str(path), "exec", dont_inherit=True)
        exec(code, module.__dict__)
    return module


def _is_file_of(module: ModuleType, path: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and os.path.realpath(file) == os.path.realpath(path)


def _load_single(path: Path, name: str) -> ModuleType:
    present = sys.modules.get(name)
    if present is not None and _is_file_of(present, path):
        return present
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UserCodeError(f"{path.name} is no Python file")
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
        elif isinstance(error, Exception) and not isinstance(error, SrcdiffError):
            place = self._place(trace)
            message = f"{type(error).__name__}: {error}"
        else:
            return
        raise UserCodeError("\n".join([self.what, f"  {place}{': ' if place else ''}{message}"])) from None

    def _place(self, trace: Any) -> str:
        """The line of the author's code where it happened: the last one outside of Python's own import machinery."""
        frames = [frame for frame in traceback.extract_tb(trace) if not frame.filename.startswith("<frozen")]
        outside = [frame for frame in frames if frame.filename != __file__]
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
