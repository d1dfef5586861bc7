"""``srcdiff opt FILE.ir -p cse,dce``: run passes on the text of IR."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from srcdiff.cli import core
from srcdiff.cli.load import read_text


@click.command()
@click.argument("file", metavar="FILE.ir")
@click.option("-p", "--passes", metavar="PASS,PASS", default="", help="The passes to run, in this order.")
def opt(file: str, passes: str) -> None:
    """Run passes on IR and print what they leave; FILE.ir may be - for standard input.

    `srcdiff ir` prints IR; without passes the text is read, verified and printed again.
    """
    names = core.check_passes(name for name in passes.split(",") if name.strip())
    if file == "-":
        text = sys.stdin.buffer.read().decode("utf-8", errors="replace")
    else:
        text = read_text(Path(file))
    click.echo(core.optimised(text, "<stdin>" if file == "-" else file, names), nl=False)
