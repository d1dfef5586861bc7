"""``srcdiff open FILE:FUNCTION``: write the gradient and open it in an editor."""

from __future__ import annotations

from pathlib import Path

import click

from srcdiff.cli import core, options
from srcdiff.cli.job import Job
from srcdiff.editor import editor_command, line_of, open_in_editor
from srcdiff.files import write_atomically


@click.command("open")
@options.derivative
@click.option("-o", "--out", metavar="OUT", help="The file to write (default: FUNCTION_grad.py in this folder).")
def open_(
    target: str, wrt: str | None, of: str | None, out: str | None, sig: str | None, example: str | None, mode: str
) -> None:
    """Write the gradient of a function and open it in $VISUAL or $EDITOR, at the gradient function.

    The default file is not written if something else stands there already.
    """
    editor_command()
    name = target.rpartition(":")[2].rpartition(".")[2]
    chosen = out or f"{name}_grad.py"
    job = Job(target, wrt, of, chosen, sig, example, mode, Path.cwd())
    path = job.base / chosen
    if out is None and path.is_file() and not core.command_of(path.read_text(encoding="utf-8", errors="replace")):
        raise click.UsageError(f"{chosen} is no generated module: choose another file with -o")
    text, checked = job.text()
    write_atomically(path, text)
    click.echo(f"wrote {chosen}: {core.MODES[mode]} of {target}, {checked}", err=True)
    open_in_editor(path, line_of(text, [f"{name}_{suffix}" for suffix in (mode, "grad", "value_and_grad")]))
