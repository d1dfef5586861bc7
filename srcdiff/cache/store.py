"""Finds the module of a key, or has it made and keeps it; executes its text."""

from __future__ import annotations

import itertools
import linecache
import os
from collections.abc import Callable
from typing import Any

from . import entries
from .entries import Made
from .folder import folder, warn

_carried: dict[str, str] = {}
"""Files that came with pickled functions, by their keys."""

_numbers = itertools.count(1)


def obtain(key: str | None, stem: str, make: Callable[[], Made], again: bool = False) -> tuple[Made, str]:
    """The module of a key, and the name of its file.

    key: None for what must not be shared; stem: how its file is called; make: compiles it; again: make it even if it is
    there. Where there is no folder to write to, the name is ``<srcdiff …>`` and the text stays in memory.
    """
    if key is None:
        return make(), f"<srcdiff {stem} {next(_numbers)}>"
    home = folder()
    path = None if home is None else entries.path_of(home, stem, key)
    made = None if path is None or again else entries.read(path, key)
    if made is not None:
        return made, str(path)
    if key in _carried and not again:
        made = entries.decode(_carried[key], key)
    made = made or make()
    if path is not None:
        try:
            entries.write(path, key, made)
            return made, str(path)
        except OSError as error:
            warn(path.parent, f"a file in it could not be written ({error.strerror})")
    return made, f"<srcdiff {stem} {key[:12]}>"


def carry(files: dict[str, str]) -> None:
    """Take over the files of a pickled function, by their keys."""
    _carried.update(files)


def load(made: Made, filename: str) -> Callable[..., Any]:
    """Execute a module and give its function.

    The lines are known to tracebacks, ``inspect`` and ``pdb`` even if the file is removed while the process runs.
    """
    text = made.text
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"__name__": f"srcdiff.generated.{made.name}", "__file__": filename}
    exec(compile(text, filename, "exec", dont_inherit=True), namespace)
    function: Callable[..., Any] = namespace[made.name]
    return function


def is_file(filename: str) -> bool:
    """Whether a module has a file, or is in memory only."""
    return not filename.startswith("<") and os.path.exists(filename)
