"""``srcdiff explain CODE``: what a diagnostic means, a program that provokes it, and the way out."""

from __future__ import annotations

import textwrap

import click

from srcdiff.codes import CODES


@click.command()
@click.argument("code", required=False)
@click.option("--markdown", is_flag=True, help="Print the page of all codes, docs/refused.md.")
def explain(code: str | None, markdown: bool) -> None:
    """Explain a diagnostic such as SD021; without a code, list them all."""
    if markdown:
        click.echo(page(), nl=False)
        return
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


def page() -> str:
    """All codes with their examples, as a page of the documentation."""
    parts = [HEAD]
    for name, (title, example, way_out) in CODES.items():
        parts.append(f"## {name}: {title}\n\n```python\n{example}```\n\n{textwrap.fill(way_out, 120)}\n")
    return "\n".join(parts)


HEAD = """# What is refused, and the way out

srcdiff differentiates a program for certain or refuses it: one diagnostic for each problem, with file, line, caret and
hint. This page is made by `srcdiff explain --markdown`; each example is a test.
"""
