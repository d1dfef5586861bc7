"""The folder of generated modules: the user's cache directory, or what ``SRCDIFF_CACHE_DIR`` names.

Code is executed from it, so it must be the user's own and nobody else may write to it; otherwise modules are kept in
memory, and one warning says why.
"""

from __future__ import annotations

import os
import stat
import warnings
from pathlib import Path

import platformdirs

VARIABLE = "SRCDIFF_CACHE_DIR"
PRIVATE = 0o700

_warned: set[str] = set()


def location() -> Path:
    """Where the cache is or would be; nothing is made."""
    named = os.environ.get(VARIABLE)
    path = os.path.expanduser(named) if named else platformdirs.user_cache_dir("srcdiff", appauthor=False)
    return Path(os.path.abspath(path))


def folder() -> Path | None:
    """The folder, made if it is missing; None, with one warning for each process, if it cannot be used."""
    path = location()
    try:
        path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        problem = _problem(path)
    except OSError as error:
        problem = f"it cannot be made ({error.strerror})"
    if not problem:
        return path
    warn(path, problem)
    return None


def warn(path: Path, problem: str) -> None:
    """Say once that modules stay in memory, and why."""
    if not _warned:
        _warned.add(problem)
        warnings.warn(
            f"srcdiff keeps its generated modules in memory: the cache {path} is not used, because {problem}. "
            f"The environment variable {VARIABLE} names another folder.",
            RuntimeWarning,
            stacklevel=2,
        )


def _problem(path: Path) -> str:
    """Why a folder must not be used; empty if it may. OSError if there is none."""
    info = path.stat()
    if not stat.S_ISDIR(info.st_mode):
        return "it is no folder"
    if hasattr(os, "getuid"):
        if info.st_uid != os.getuid():
            return "it belongs to another user"
        if info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return f"others may write to it (`chmod 700 {path}` makes it private)"
    return "" if os.access(path, os.R_OK | os.W_OK | os.X_OK) else "it may not be written to"
