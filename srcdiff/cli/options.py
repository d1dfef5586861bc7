"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from srcdiff.cli import core

Command = Callable[..., Any]
HELP = ["-h", "--help"]
"""How help is asked for; click keeps what it is told first, so everyone has to say the same."""

_TARGET = click.argument("target", metavar="FILE:FUNCTION")
_SIG = click.option("--sig", metavar="TYPES", help='Types of the arguments, such as "w: f64[d], x: f64[n, d]".')
_EXAMPLE = click.option("--example", metavar="FILE:FUNCTION", help="A function that returns example arguments.")
_OF = click.option("--of", metavar="NAMES", help="Arguments that hold the result of a function that writes into them.")
_WRT = click.option("--wrt", metavar="NAMES", help="Arguments to differentiate, such as w,b or 0 (default: the first).")


def typed_target(command: Command) -> Command:
    """``FILE:FUNCTION`` and where its types come from: target, sig, example."""
    return _TARGET(_SIG(_EXAMPLE(command)))


def derivative(command: Command) -> Command:
    """What derivative of ``FILE:FUNCTION`` is meant: target, wrt, of, sig, example, mode."""
    mode = click.option("--mode", type=click.Choice(list(core.MODES)), default="value_and_grad", show_default=True)
    return _TARGET(_WRT(_OF(_SIG(_EXAMPLE(mode(command))))))
