"""``srcdiff show FILE:FUNCTION``: the gradient's source on the terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from srcdiff.cli import options
from srcdiff.cli.job import Job
from srcdiff.highlight import ansi
from srcdiff.shown import wants_colour


@click.command()
@options.derivative
def show(target: str, wrt: str | None, of: str | None, sig: str | None, example: str | None, mode: str) -> None:
    """Show the gradient of a function, in colours on a terminal (set NO_COLOR for none)."""
    text, _ = Job(target, wrt, of, None, sig, example, mode, Path.cwd()).text()
    click.echo(ansi(text) if wants_colour(sys.stdout) else text, nl=False, color=True)
