"""The command line: one file for each command, and ``core``, the seam to the compiler.

Exit codes: 0 all is well; 1 the program, the example or a file is at fault (one diagnostic for each problem, never a
traceback); 2 the command itself is wrong; 3 a bug in srcdiff.
"""

from __future__ import annotations

import sys
import traceback

import click

from srcdiff.cli.check import check
from srcdiff.cli.clean import clean
from srcdiff.cli.explain import explain
from srcdiff.cli.grad import grad
from srcdiff.cli.graph import graph
from srcdiff.cli.ir import ir
from srcdiff.cli.messages import message
from srcdiff.cli.open import open_
from srcdiff.cli.opt import opt
from srcdiff.cli.options import HELP
from srcdiff.cli.rules import rules
from srcdiff.cli.show import show
from srcdiff.cli.train import train
from srcdiff.diagnostics import InternalError, SrcdiffError
from srcdiff.version import __version__


@click.group(context_settings={"help_option_names": HELP})
@click.version_option(__version__, prog_name="srcdiff")
def commands() -> None:
    """Turns plain NumPy functions into readable gradient source code."""


for command in (grad, show, open_, check, graph, ir, opt, rules, train, clean, explain):
    commands.add_command(command)


def main(args: list[str] | None = None) -> None:
    """Run a command line (that of the process by default) and exit with its code."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run a command line and return its exit code.

    >>> run(["explain", "SD999"])
    2
    """
    try:
        result = commands.main(args, prog_name="srcdiff", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except InternalError as error:
        click.echo(str(error), err=True)
        return 3
    except (SrcdiffError, OSError) as error:
        text = message(error)
        click.echo(text if "error[" in text else f"error: {text}", err=True)  # diagnostics say it themselves
        return 1
    except Exception:
        click.echo(traceback.format_exc() + str(InternalError("an exception that nothing expected")), err=True)
        return 3
