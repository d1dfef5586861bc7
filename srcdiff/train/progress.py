"""Shows how a training goes: one line an epoch, and on a terminal a progress bar below them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Protocol, TextIO

from srcdiff.train.history import Epoch
from srcdiff.train.metrics import Metrics


class Progress(Protocol):
    """What the loop tells; notes come before the start."""

    def start(self, settings: Mapping[str, Any], steps: int) -> None:
        """The training begins, with the settings of the history; it will have so many steps."""

    def note(self, text: str) -> None:
        """Something that the user may have expected is not there."""

    def step(self, loss: float) -> None:
        """One step was made, from a batch with this loss."""

    def epoch(self, epoch: Epoch) -> None:
        """The metrics of an epoch are known."""

    def close(self) -> None:
        """The training is over, or has failed."""


class Silent:
    """Shows nothing."""

    def start(self, settings: Mapping[str, Any], steps: int) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    def step(self, loss: float) -> None:
        """Nothing."""

    def epoch(self, epoch: Epoch) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Lines(Silent):
    """What is trained, then a table with one line an epoch; a bar where there is a terminal, and tqdm installed.

    out: where the lines go (standard output by default); terminal: where the bar goes (standard error by default).
    """

    def __init__(self, out: TextIO | None = None, terminal: TextIO | None = None) -> None:
        self.out = out if out is not None else sys.stdout
        self.terminal = terminal if terminal is not None else sys.stderr
        self._bar: Any = None
        self._begun = False

    def start(self, settings: Mapping[str, Any], steps: int) -> None:
        """Say what is trained, and open the bar."""
        rows = ", ".join(f"{count:,} {part} rows" for part, count in settings["rows"].items())
        print(f"{settings['model']}: {settings['parameters']:,} parameters, {rows}", file=self.out, flush=True)
        if self.terminal.isatty():
            self._bar = _tqdm(steps, self.terminal)

    def note(self, text: str) -> None:
        """Say it where the bar goes: it is no part of the table."""
        print(f"note: {text}", file=self.terminal, flush=True)

    def step(self, loss: float) -> None:
        """Move the bar on."""
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss {loss:.4f}", refresh=False)
            self._bar.update()

    def epoch(self, epoch: Epoch) -> None:
        """Write a line, the first with the names of the columns above it."""
        if not self._begun:
            self._begun = True
            self._write(heading(epoch))
        self._write(line(epoch))

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    def _write(self, text: str) -> None:
        if self._bar is not None:
            self._bar.clear()
        print(text, file=self.out, flush=True)
        if self._bar is not None:
            self._bar.refresh()


def _tqdm(steps: int, terminal: TextIO) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm(total=steps, file=terminal, unit="step", leave=False, dynamic_ncols=True)


def heading(epoch: Epoch) -> str:
    """The names of the columns of ``line``.

    >>> print(heading(Epoch(1, Metrics(0.5), Metrics(0.75))))
    epoch  training loss  validation loss
    """
    return "  ".join(["epoch", *(name for name, _ in _columns(epoch))])


def line(epoch: Epoch) -> str:
    """The numbers of an epoch.

    >>> print(line(Epoch(1, Metrics(0.5), Metrics(0.75))))
        1         0.5000           0.7500
    """
    cells = [f"{number:{len(name)}.4f}" for name, number in _columns(epoch)]
    return "  ".join([f"{epoch.number:5d}", *cells])


def _columns(epoch: Epoch) -> list[tuple[str, float]]:
    return [*_of_part("training", epoch.training), *_of_part("validation", epoch.validation)]


def _of_part(part: str, metrics: Metrics | None) -> list[tuple[str, float]]:
    if metrics is None:
        return []
    columns = [(f"{part} loss", metrics.loss)]
    return columns if metrics.accuracy is None else [*columns, ("accuracy", metrics.accuracy)]
