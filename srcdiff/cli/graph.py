"""``srcdiff graph FILE:FUNCTION``: the computation graph of a function as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from srcdiff.cli import core, options
from srcdiff.cli.load import Target, example_args, parse_wrt
from srcdiff.files import write_atomically
from srcdiff.view.picture import FORMATS, picture

_SUFFIXES = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid"}


@click.command()
@options.typed_target
@click.option("--wrt", metavar="NAMES", help="With --backward: arguments to differentiate (default: the first).")
@click.option("-o", "--out", metavar="OUT", help="The file to write, .svg, .dot or .mmd (default: standard output).")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Default: what OUT ends with, else svg.")
@click.option("--backward", is_flag=True, help="Draw the backward sweep beside the function.")
def graph(
    target: str, sig: str | None, example: str | None, wrt: str | None, out: str | None, format_: str | None,
    backward: bool,
) -> None:  # fmt: skip
    """Draw the computation graph of a function: nodes for data and operations, edges for data flow.

    Loops and branches are boxes. Functions of more than about 300 nodes are drawn statement by statement, larger ones
    in groups of lines. An SVG is laid out with Graphviz where that is installed, else with the package grandalf.
    """
    chosen = _format(out, format_)
    if wrt is not None and not backward:
        raise click.UsageError("--wrt says what to differentiate: it needs --backward")
    base = Path.cwd()
    found = Target.parse(target, base)
    function = found.load()
    args = example_args(found, function, example, base)
    if backward:
        ir = core.printed_derivative(function, 0 if wrt is None else parse_wrt(wrt), "value_and_grad", sig, args)
        text = picture(ir, chosen, ("value", "gradient"))
    else:
        text = picture(core.printed(function, sig, args), chosen)
    if out is None or out == "-":
        click.echo(text, nl=False)
        return
    if (base / out).resolve() == found.path:
        raise click.UsageError(f"{out} is the file of the function itself")
    write_atomically(base / out, text)
    click.echo(f"wrote {out}: the graph of {target}", err=True)


def _format(out: str | None, given: str | None) -> str:
    """The format of the picture: as asked for, else as the file is called."""
    if given is not None:
        return given
    if out is None or out == "-":
        return "svg"
    suffix = Path(out).suffix.lower()
    if suffix not in _SUFFIXES:
        raise click.UsageError(f"{out}: a graph is written to a file .svg, .dot or .mmd, or choose with --format")
    return _SUFFIXES[suffix]
