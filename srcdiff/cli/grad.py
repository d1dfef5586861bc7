"""``srcdiff grad FILE:FUNCTION -o OUT``: write a gradient module."""

from __future__ import annotations

from pathlib import Path

import click

from srcdiff.cli import core, options
from srcdiff.cli.job import Job
from srcdiff.files import write_atomically


@click.command()
@options.derivative
@click.option("-o", "--out", metavar="OUT", help="The file to write (default: standard output).")
def grad(
    target: str, wrt: str | None, of: str | None, out: str | None, sig: str | None, example: str | None, mode: str
) -> None:
    """Write a stand-alone module with the gradient of a function.

    The types of the arguments come from --sig, else from example arguments (those of --example, else of a function
    FUNCTION_example or example in the same file), else from annotations. The gradient is compared with finite
    differences before anything is written: at the example arguments, else at random arguments of these types.
    """
    job = Job(target, wrt, of, None if out == "-" else out, sig, example, mode, Path.cwd())
    text, checked = job.text()
    if job.out is None:
        click.echo(text, nl=False)
    else:
        write_atomically(job.base / job.out, text)
        click.echo(f"wrote {job.out}: {core.MODES[mode]} of {target}, {checked}", err=True)
