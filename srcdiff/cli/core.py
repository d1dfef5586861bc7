"""The seam between the command line and the compiler: the only file here that knows how the compiler is called."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from srcdiff import compile as compiler

MODES = {
    "value_and_grad": "value and gradient",
    "vjp": "value and gradient for a given cotangent",
    "jvp": "value and tangent",
}

_COMMAND = re.compile(r"^\W*(srcdiff grad .*\S)\s*$", re.MULTILINE)
_HEADER_LINES = 40


@dataclass(frozen=True)
class Derived:
    """A derivative in memory: the function to call, and the text for a file once the check has been made.

    callable: takes the arguments, then the cotangent (vjp) or the tangents (jvp), and returns the value with the rest;
    readable: the text, given the command that makes it, the author's file as seen from it, and what was checked.
    """

    callable: Callable[..., Any]
    readable: Callable[[str, str, str], str]


def derive(function: Callable[..., Any], wrt: Any, mode: str, sig: str | None, args: tuple[Any, ...] | None) -> Derived:
    """Compile; the types come from ``sig``, else from example arguments, else from annotations."""
    module = compiler.derive(function, wrt, sig if sig is not None else args, mode)

    def readable(command: str, source: str, checked: str) -> str:
        return str(module.readable(command=command, source=source, checked=checked))

    return Derived(functools.partial(module.callable, **module.hidden_values()), readable)


def command_of(text: str) -> str | None:
    """The command that a generated module names in its header; None for any other text."""
    head = "\n".join(text.splitlines()[:_HEADER_LINES])
    found = _COMMAND.search(head)
    return found.group(1) if found else None


def without_line_numbers(text: str) -> str:
    """The text of a module with the line numbers of the author's file left out: they may move."""
    return re.sub(r"(\.py:|\blines? )\d+", r"\1N", text)
