"""``srcdiff check PATHS``: which generated modules are out of date."""

from __future__ import annotations

import ast
import difflib
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from srcdiff.cli import core
from srcdiff.cli.grad import grad
from srcdiff.cli.job import Job
from srcdiff.cli.messages import message
from srcdiff.cli.options import HELP
from srcdiff.diagnostics import SrcdiffError
from srcdiff.emit.header import Header


@click.command()
@click.argument("paths", nargs=-1, required=True)
def check(paths: Sequence[str]) -> int:
    """Make each generated module again in memory and compare; folders are searched for generated modules.

    A module that is out of date is shown with its differences, and the exit code is 1. A file that differs only in the
    line numbers of the author's file counts as current.
    """
    stale = 0
    for path in _generated(paths):
        problem, difference = outdated(path)
        stale += problem is not None
        click.echo(f"{path}: {problem or 'current'}")
        click.echo(difference, nl=False)
    return 1 if stale else 0


def _generated(paths: Sequence[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            texts = {file: _text(file) for file in sorted(path.rglob("*.py")) if file.is_file()}
            files = [file for file, text in texts.items() if core.command_of(text or "")]
            if not files:
                click.echo(f"note: there is no generated module in {path}", err=True)
            yield from files
        elif path.is_file():
            yield path
        else:
            raise click.UsageError(f"there is no file {path}")


def _text(path: Path) -> str | None:
    """The text of a file; None if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def outdated(path: Path) -> tuple[str | None, str]:
    """Why a generated module is not what its command would write now, None if it is; and the differences."""
    present = _text(path)
    if present is None:
        return "it cannot be read", ""
    command = core.command_of(present)
    if command is None:
        return "its header names no command of srcdiff: this is no generated module", ""
    try:
        job = job_of(command, path)
        text, _ = job.text()
    except (SrcdiffError, OSError, click.UsageError) as error:
        return f"cannot be made again: {message(error)}", ""
    if core.without_line_numbers(text) == core.without_line_numbers(present):
        return None, ""
    return f"out of date; in {job.base.name or job.base}: {command}", _difference(path, present, text)


def changed(path: Path) -> str | None:
    """What to say of a generated module whose function is no longer as it was when the module was made; else None.

    Cheaper than ``outdated``: the function is read, and nothing is differentiated. A module whose source is not where
    its header says may be used all the same.
    """
    header = Header.read(ast.get_docstring(ast.parse(_text(path) or ""), clean=False))
    if header is None or not (path.parent / header.source).is_file():
        return None
    try:
        if job_of(header.command, path).digest() == header.digest:
            return None
        said = f"was made before {header.function} in {header.source} changed"
    except (SrcdiffError, OSError, click.UsageError) as error:
        said = f"cannot be made again: {message(error)}"
    return f"{said}; its command is\n    {header.command}"


def _difference(path: Path, present: str, text: str) -> str:
    """The differences in the form of ``diff -u``."""
    lines = difflib.unified_diff(
        present.splitlines(), text.splitlines(), f"{path} (as it is)", f"{path} (as it would be now)", lineterm=""
    )
    return "".join(f"{line}\n" for line in lines)


def job_of(command: str, path: Path) -> Job:
    """The job that a header's command stands for, with the folder in which it was called."""
    try:
        options = grad.make_context("grad", shlex.split(command)[2:], help_option_names=HELP).params
    except ValueError as error:
        raise click.UsageError(f"the command in the header is damaged ({error})") from None
    out = options["out"]
    file = path.resolve()
    if out is None or not file.as_posix().endswith("/" + out):
        raise click.UsageError(f"its header says that it stands at {out}")
    base = file.parents[len(Path(out).parts) - 1]
    what = options["target"], options["wrt"], options["of"]
    return Job(*what, out, options["sig"], options["example"], options["mode"], base)

