"""``srcdiff train MODULE --data digits``: gradient descent with a gradient module."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from srcdiff.cli.check import changed
from srcdiff.train import OPTIMIZERS, History, Interrupted, Lines, StoppedError, TrainingError, fit
from srcdiff.train.load import model_of
from srcdiff.train.plot import check_path

POSITIVE = click.FloatRange(min=0, min_open=True)
INTERRUPTED = 130
"""The exit code after Ctrl-C."""
SHARE = click.FloatRange(min=0, max=1, max_open=True)


def _batch_size(context: click.Context, parameter: click.Parameter, value: str) -> int | None:
    """A number of rows from 1; None for ``all``."""
    if value == "all":
        return None
    if not (value.isdecimal() and int(value)):
        raise click.BadParameter(f"{value!r} is no number of rows from 1, and not `all`")
    return int(value)


@click.command()
@click.argument("module")
@click.option("--data", required=True, metavar="NAME|FILE.npz", help="digits, breast_cancer, or arrays by name.")
@click.option("--model", "source", metavar="FILE", help="Where init and predict are (default: the author's file).")
@click.option("--optimizer", type=click.Choice(list(OPTIMIZERS)), default="sgd", show_default=True)
@click.option("--lr", type=POSITIVE, default=0.01, show_default=True, help="The learning rate.")
@click.option("--momentum", type=SHARE, default=0.0, show_default=True)
@click.option("--nesterov", is_flag=True, help="Look ahead along the momentum.")
@click.option("--batch-size", callback=_batch_size, default="32", show_default=True, metavar="ROWS|all")
@click.option("--epochs", type=click.IntRange(min=0), default=10, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--validation", type=SHARE, default=0.2, show_default=True, help="The share of the rows held back.")
@click.option("--plot", metavar="FILE", help="Draw loss and accuracy (.png, .svg or .pdf).")
@click.option("--history", metavar="FILE.json", help="Write the numbers.")
def train(module: str, data: str, source: str | None, plot: str | None, history: str | None, **options: Any) -> int:
    """Train with a gradient module that srcdiff grad wrote.

    init(rng, data) -> params and predict(params, x) -> scores are taken from the author's file, which the module's
    header names, or from that of --model. An .npz file holds arrays by the names of the loss's arguments. Prints loss
    and accuracy on the training and the validation data for every epoch; the same seed gives the same numbers.
    """
    if options["nesterov"] and not options["momentum"]:
        raise click.UsageError("--nesterov needs --momentum, such as --momentum 0.9")
    for path in (plot, history):
        _check_output(path)
    if plot is not None:
        check_path(plot)
    optimizer = OPTIMIZERS[options.pop("optimizer")](*(options.pop(name) for name in ("lr", "momentum", "nesterov")))
    model = model_of(module, source)
    stale = changed(Path(module))
    if stale is not None:
        click.echo(f"warning: {module} {stale}", err=True)
    stopped: StoppedError | Interrupted | None = None
    try:
        _, record = fit(model, data, optimizer=optimizer, progress=Lines(), **options)
    except (StoppedError, Interrupted) as error:
        stopped, record = error, error.history
    record.settings = {"data": data, **record.settings}
    _write(record, plot, history)
    if isinstance(stopped, Interrupted):
        click.echo(str(stopped), err=True)
        return INTERRUPTED
    if stopped is not None:
        raise stopped
    return 0


def _write(record: History, plot: str | None, history: str | None) -> None:
    """Write what was asked for, as far as there is anything to write."""
    if history is not None and record.epochs:
        record.save(history)
        click.echo(f"wrote {history}", err=True)
    if plot is not None and record.epochs:
        record.plot(plot)
        click.echo(f"wrote {plot}", err=True)


def _check_output(path: str | None) -> None:
    """Say before the training, not after it, that a file cannot be written."""
    if path is None:
        return
    target = Path(path).absolute()
    folder = next(parent for parent in target.parents if parent.exists())
    if target.exists() and not target.is_file():
        raise TrainingError(f"cannot write {path}: it is {'a folder' if target.is_dir() else 'no regular file'}")
    if not folder.is_dir():
        raise TrainingError(f"cannot write {path}: {folder.name} is no folder")
    if not os.access(target if target.exists() else folder, os.W_OK):
        raise TrainingError(f"cannot write {path}: permission denied")
