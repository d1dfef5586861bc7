"""The seam between the command line and the compiler: the only file here that knows how the compiler is called."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import click
import numpy as np

from srcdiff import compile as compiler
from srcdiff.cli.draw import Drawn, drawer
from srcdiff.diagnostics import SrcdiffError
from srcdiff.frontend.lower import lower
from srcdiff.ir.dump import VARIABLE
from srcdiff.ir.parse import ParseError, parse
from srcdiff.ir.text import to_text
from srcdiff.ir.verify import VerifyError, verify
from srcdiff.passes.pipeline import PASSES, run

MODES = {
    "value_and_grad": "value and gradient",
    "vjp": "value and pullback",
    "jvp": "value and tangent",
}

_COMMAND = re.compile(r"^\W*(srcdiff grad .*\S)\s*$", re.MULTILINE)
_HEADER_LINES = 40


@dataclass(frozen=True)
class Derived:
    """A derivative in memory: the function to call, and the text for a file once the check has been made.

    callable: takes the arguments, with the tangents behind them (jvp), and returns the value with the rest;
    readable: the text, given the command that makes it, the author's file as seen from it, and what was checked; draw:
    arguments that fit the signature, for the tries 0, 1, … (or why there are none); name: of the function in the text.
    """

    callable: Callable[..., Any]
    readable: Callable[[str, str, str], str]
    draw: Callable[[np.random.Generator, int], Drawn | str] | None = None
    name: str = ""


def derive(
    function: Callable[..., Any], wrt: Any, mode: str, sig: str | None, args: tuple[Any, ...] | None, of: Any = None
) -> Derived:
    """Compile; the types come from ``sig``, else from example arguments, else from annotations."""
    module = compiler.derive(function, wrt, sig if sig is not None else args, mode, of)

    def readable(command: str, source: str, checked: str) -> str:
        return str(module.readable(command=command, source=source, checked=checked))

    draw = drawer(function, module.signature, module.lowered.function.facts)
    return Derived(functools.partial(module.callable, **module.hidden_values()), readable, draw, module.made.name)


def digest(
    function: Callable[..., Any], mode: str, sig: str | None, args: tuple[Any, ...] | None, of: Any = None
) -> str:
    """sha256 of a function as it is read for these types, as it stands in headers."""
    return compiler.digest_for(function, _types(sig, args), mode, of)


def _types(sig: str | None, args: tuple[Any, ...] | None) -> str | tuple[Any, ...] | None:
    return sig if sig is not None else args


def printed(function: Callable[..., Any], sig: str | None, args: tuple[Any, ...] | None) -> str:
    """The IR of a function as it was read, with its statements."""
    return to_text(lower(function, compiler.signature_of(function, _types(sig, args))), statements=True)


def printed_derivative(
    function: Callable[..., Any], wrt: Any, mode: str, sig: str | None, args: tuple[Any, ...] | None
) -> str:
    """The IR of a derivative before its updates go in place, with the author's statements."""
    return to_text(compiler.derive(function, wrt, _types(sig, args), mode).derivative, statements=True)


def printed_after(
    passes: str, function: Callable[..., Any], wrt: Any, mode: str, sig: str | None, args: tuple[Any, ...] | None
) -> str:
    """What passes leave each time that they run on the way to a derivative; empty if none of them runs."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = f"after={passes}"
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            compiler.derive(function, wrt, _types(sig, args), mode)
    finally:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before
    return said.getvalue()


def check_passes(names: Iterable[str]) -> list[str]:
    """The names of passes, stripped; UsageError for one that is none."""
    found = [name.strip() for name in names]
    for name in found:
        if name not in PASSES:
            raise click.UsageError(f"there is no pass {name!r}; there are {', '.join(PASSES)}")
    return found


def optimised(text: str, file: str, passes: Iterable[str]) -> str:
    """The text of IR after passes. SrcdiffError, with the line, for text that is no IR or no valid IR."""
    try:
        function = parse(text)
        verify(function)
    except ParseError as error:
        line, _, problem = str(error).removeprefix("line ").partition(": ")
        raise SrcdiffError(_at_line(file, text, int(line) if line.isdigit() else 0, problem)) from None
    except VerifyError as error:
        raise SrcdiffError(f"{file}: this IR is not valid: {error}") from None
    except Exception as error:  # text that merely looks like IR fails in many ways
        raise SrcdiffError(f"{file}: this is no IR that can be read ({type(error).__name__}: {error})") from None
    function = run(function, [PASSES[name] for name in passes])
    statements = any(op.stmt is not None for op in function.body.walk())
    return to_text(function, statements=statements)


def _at_line(file: str, text: str, number: int, problem: str) -> str:
    lines = text.splitlines()
    if not 0 < number <= len(lines):
        return f"{file}: {problem}"
    return f"{file}:{number}: {problem}\n{number:>5} | {lines[number - 1]}"


def command_of(text: str) -> str | None:
    """The command that a generated module names in its header; None for any other text."""
    head = "\n".join(text.splitlines()[:_HEADER_LINES])
    found = _COMMAND.search(head)
    return found.group(1) if found else None


def without_line_numbers(text: str) -> str:
    """The text of a module with the line numbers of the author's file left out: they may move."""
    return re.sub(r"(\.py:|\blines? )\d+", r"\1N", text)
