"""``srcdiff grad FILE:FUNCTION -o OUT``: write a gradient module."""

from __future__ import annotations

from pathlib import Path

import click

from srcdiff.cli import core
from srcdiff.cli.job import Job
from srcdiff.files import write_atomically


@click.command()
@click.argument("target", metavar="FILE:FUNCTION")
@click.option("--wrt", metavar="NAMES", help="Arguments to differentiate, such as w,b or 0 (default: the first).")
@click.option("-o", "--out", metavar="OUT", help="The file to write (default: standard output).")
@click.option("--sig", metavar="TYPES", help='Types of the arguments, such as "w: f64[d], x: f64[n, d]".')
@click.option("--example", metavar="FILE:FUNCTION", help="A function that returns example arguments.")
@click.option("--mode", type=click.Choice(list(core.MODES)), default="value_and_grad", show_default=True)
def grad(target: str, wrt: str | None, out: str | None, sig: str | None, example: str | None, mode: str) -> None:
    """Write a stand-alone module with the gradient of a function.

    The types of the arguments come from --sig, else from example arguments (those of --example, else of a function
    FUNCTION_example or example in the same file), else from annotations. Where there are example arguments, the
    gradient is compared with finite differences before anything is written.
    """
    job = Job(target, wrt, None if out == "-" else out, sig, example, mode, Path.cwd())
    text, checked = job.text()
    if job.out is None:
        click.echo(text, nl=False)
    else:
        write_atomically(job.base / job.out, text)
        click.echo(f"wrote {job.out}: {core.MODES[mode]} of {target}, {checked}", err=True)
