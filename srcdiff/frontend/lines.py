"""Where the text of a program is: in a file, a notebook cell, a shell, on the command line, behind standard input.

What is found here is only a candidate: the reader compares what it compiles to with the code that runs.
"""

from __future__ import annotations

import linecache
import os
import stat
import sys
import textwrap
import types
from collections.abc import Mapping
from functools import cache
from typing import Any


def text_of_code(code: types.CodeType, names: Mapping[str, Any]) -> str:
    """The whole text that a code object was compiled from; empty if there is none. names: the globals around it."""
    filename = code.co_filename
    linecache.checkcache(filename)
    lines = linecache.getlines(filename, dict(names) if not isinstance(names, dict) else names)
    if not lines and hasattr(linecache, "_getlines_from_code"):  # the shell of later Pythons keeps its lines apart
        lines = linecache._getlines_from_code(code)
    if lines:
        return "".join(lines)
    if names.get("__name__") != "__main__":
        return ""
    return {"<string>": _command, "<stdin>": _standard_input}.get(filename, str)()


def missing(filename: str) -> tuple[str, str]:
    """Why there is no text, and a way out."""
    hint = "put the function into a file, or into the cell of a notebook"
    if filename == "<stdin>" and hasattr(sys, "ps1"):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return f"the shell of Python {version} does not keep what is typed", f"{hint}, or use IPython"
    if filename == "<stdin>":
        return "the program came through a pipe, which can be read only once", hint
    if filename.startswith("<"):
        return f"its text was given to `exec` and is not kept ({filename})", f"{hint}, or register it in `linecache`"
    return f"there is no file {filename!r}", hint


def changed(filename: str) -> tuple[str, str]:
    """What to say where the text is not that of the code that runs, and a way out."""
    if filename.startswith("<"):
        return f"the text that is kept as {filename} is another one by now", "define the function again"
    return f"{filename} has changed since it was imported", "import it again, or restart"


@cache
def _command() -> str:
    """The program of ``python -c``."""
    words = sys.orig_argv[1:]
    for position, word in enumerate(words[:-1]):
        if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
            text = words[position + 1]
            return textwrap.dedent(text) if sys.version_info >= (3, 14) else text
    return ""


@cache
def _standard_input() -> str:
    """The program of ``python < file``, if it can be read again from its start."""
    try:
        status = os.fstat(0)
        if not stat.S_ISREG(status.st_mode) or hasattr(sys, "ps1"):
            return ""
        return os.pread(0, status.st_size, 0).decode("utf-8")
    except (OSError, AttributeError, UnicodeDecodeError):
        return ""
