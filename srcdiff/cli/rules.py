"""``srcdiff rules``: what can be differentiated, and how; ``srcdiff rules draft np.sinh`` proposes a rule."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

import click

from srcdiff.diagnostics import SrcdiffError
from srcdiff.rules import draft
from srcdiff.rules.listing import Rule, listing


@click.command()
@click.argument("words", metavar="[NAME | draft NAME [DEFINITION]]", nargs=-1)
@click.option("--markdown", is_flag=True, help="A table for the documentation.")
def rules(words: Sequence[str], markdown: bool) -> None:
    """List the differentiable functions with their kinds and derivatives; of those called NAME, say all.

    In a derivative, g is what comes in, the operands have the names of the function's text, and y is the result.
    `rules draft np.sinh` prints a line for the table, drafted by SymPy; a function that SymPy does not know by name
    needs a definition: `rules draft "np.softplus(x)" "log(1 + exp(x))"`.
    """
    if words and words[0] == "draft":
        click.echo(drafted(words[1:]))
        return
    if len(words) > 1:
        raise click.UsageError("rules takes one name")
    found = list(listing())
    if not words:
        click.echo("\n".join(_markdown(found) if markdown else _table(found)))
        return
    chosen = [rule for rule in found if words[0] in _names(rule)]
    if not chosen:
        close = difflib.get_close_matches(words[0], [rule.name for rule in found], 3)
        raise click.UsageError(f"there is no rule for {words[0]}" + (f"; there is {', '.join(close)}" if close else ""))
    click.echo("\n".join(_markdown(chosen)) if markdown else "\n\n".join(map(_described, chosen)))


def drafted(words: Sequence[str]) -> str:
    """The line that SymPy drafts for a function."""
    if not 1 <= len(words) <= 2:
        raise click.UsageError("rules draft takes a function such as np.sinh, and its definition if SymPy needs one")
    try:
        return draft.draft(*words)
    except Exception as error:  # SymPy has many ways of saying that it does not know
        raise SrcdiffError(f"there is no draft for {words[0]}: {error}") from None


def _names(rule: Rule) -> set[str]:
    """What a rule may be asked for by: ``np.tanh``, ``tanh``, ``np.tanh(x)``, ``@``."""
    operator = {word for word in rule.name.split(" ") if not word.isidentifier() or word == "not"}
    return {rule.name, rule.name.rpartition(".")[2], rule.text, rule.op, *operator}


def _table(found: Sequence[Rule]) -> Iterator[str]:
    wide = max(len(rule.name) for rule in found)
    for rule in found:
        yield f"{rule.name:<{wide}}  {rule.kind:<12}  {rule.derivative}"


def _markdown(found: Sequence[Rule]) -> Iterator[str]:
    yield "| function | kind | derivative |"
    yield "|---|---|---|"
    for rule in found:
        parts = [f"`{part}`" if code else part for part, code in rule.parts]
        yield f"| `{rule.name}` | {rule.kind} | {', '.join(parts)} |".replace(" | `|` |", " | `\\|` |")


def _described(rule: Rule) -> str:
    lines = [f"{rule.name}: {rule.kind}"]
    if rule.text not in ("", rule.name):
        lines.append(f"  declared as   {rule.text}")
    lines += [f"  {name:<12}  {part}" for name, part in rule.partials]
    if rule.note:
        lines.append(f"  {rule.note}")
    return "\n".join(lines)
