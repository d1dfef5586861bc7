"""``srcdiff ir FILE:FUNCTION``: the compiler's intermediate representation as text."""

from __future__ import annotations

from pathlib import Path

import click

from srcdiff.cli import core, options
from srcdiff.cli.load import Target, example_args, parse_wrt


@click.command()
@options.typed_target
@click.option("--wrt", metavar="NAMES", help="Arguments to differentiate (default: the first).")
@click.option("--mode", type=click.Choice(list(core.MODES)), help="Print this derivative instead of the function.")
@click.option("--after", metavar="PASS,PASS", help="Print what these passes (or all) leave.")
def ir(
    target: str, sig: str | None, example: str | None, wrt: str | None, mode: str | None, after: str | None
) -> None:
    """Print the IR of a function, or of a derivative of it.

    The text can be read back: see `srcdiff opt`.
    """
    if after is not None:
        core.check_passes(name for name in after.split(",") if name.strip() != "all")
    if wrt is not None and mode is None and after is None:
        raise click.UsageError("--wrt says what to differentiate: it needs --mode or --after")
    base = Path.cwd()
    found = Target.parse(target, base)
    function = found.load()
    args = example_args(found, function, example, base)
    if mode is None and after is None:
        click.echo(core.printed(function, sig, args), nl=False)
        return
    chosen = parse_wrt(wrt) if wrt is not None else 0
    if after is None:
        click.echo(core.printed_derivative(function, chosen, str(mode), sig, args), nl=False)
        return
    text = core.printed_after(after, function, chosen, mode or "value_and_grad", sig, args)
    click.echo(text or f"# {after}: not run for {target} (some passes are for loops and branches alone)\n", nl=False)
