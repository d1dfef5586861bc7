"""``srcdiff explain CODE``: what a diagnostic means, a program that provokes it, and the way out."""

from __future__ import annotations

import textwrap

import click

from srcdiff.diagnostics import CODES


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain a diagnostic such as SD021; without a code, list them all."""
    if code is None:
        for name, entry in CODES.items():
            click.echo(f"{name}  {entry.title}")
        return
    name = code.upper() if code.upper().startswith("SD") else f"SD{code.zfill(3)}"
    if name not in CODES:
        raise click.UsageError(f"there is no code {code}; `srcdiff explain` lists all")
    title, example, way_out = CODES[name]
    click.echo(f"{name}: {title}\n")
    click.echo(textwrap.indent(example, "    "))
    click.echo(textwrap.fill(way_out, 100))
