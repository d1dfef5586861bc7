"""The loop: batches, steps, and the metrics of every epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcdiff.diagnostics import SrcdiffError
from srcdiff.train import batches
from srcdiff.train.data import Data
from srcdiff.train.errors import DivergedError, Interrupted, StoppedError
from srcdiff.train.history import Epoch, History
from srcdiff.train.metrics import evaluate, why_no_accuracy
from srcdiff.train.model import Model
from srcdiff.train.optimizers import Optimizer
from srcdiff.train.progress import Progress
from srcdiff.train.trees import check_gradient, not_finite

Watch = Callable[[float, Any], None]


@dataclass
class Loop:
    """One training. params and state move with every step; everything else stays.

    watch: called as ``watch(loss, params)`` after every step, with the loss of the batch before it.
    """

    model: Model
    optimizer: Optimizer
    params: Any
    history: History
    progress: Progress
    watch: Watch | None = None
    state: Any = None

    def run(
        self, training: Data, validation: Data | None, size: int | None, epochs: int, rng: np.random.Generator
    ) -> None:
        """All epochs; the metrics of the parameters before the first are epoch 0.

        StoppedError, Interrupted: from the first metrics on, with the parameters and the history so far.
        """
        self.state = self.optimizer.init(self.params)
        missing = why_no_accuracy(self.model, self.params, training)
        if missing is not None:
            self.progress.note(f"no accuracy: {missing}")
        self.progress.start(self.history.settings, epochs * batches.per_epoch(len(training), size))
        try:
            with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # a loss that is not finite says it all
                self._measure(0, training, validation)
                for number in range(1, epochs + 1):
                    self.steps(number, batches.epoch(training, size, rng))
                    self._measure(number, training, validation)
        except StoppedError:
            raise
        except (SrcdiffError, OSError) as error:  # OSError: the lines cannot be written, to a pipe that is closed
            if not self.history.epochs:
                raise
            said = getattr(error, "strerror", None) or error
            raise StoppedError(f"{said}\n  {self._place()}", self.params, self.history) from error
        except KeyboardInterrupt:
            raise Interrupted(f"interrupted {self._place()}", self.params, self.history) from None
        finally:
            self.progress.close()

    def steps(self, epoch: int, given: Iterable[tuple[np.ndarray, ...]]) -> None:
        """One step for each batch."""
        for number, batch in enumerate(given, 1):
            value, gradient = self.model.call(self.params, batch)
            if not np.isfinite(value):
                raise self._diverged(value, f"in epoch {epoch}, batch {number}")
            if not self.history.losses:
                check_gradient(self.params, gradient)
            self.params, self.state = self.optimizer.update(self.params, gradient, self.state)
            self.history.losses.append(value)
            self.progress.step(value)
            if self.watch is not None:
                self.watch(value, self.params)

    def _measure(self, number: int, training: Data, validation: Data | None) -> None:
        found = [evaluate(self.model, self.params, data) for data in (training, validation) if data is not None]
        for metrics, data in zip(found, (training, validation), strict=False):
            if data is not None and not np.isfinite(metrics.loss):
                raise self._diverged(metrics.loss, f"of the {data.part} data after epoch {number}")
        epoch = Epoch(number, *found)
        self.history.epochs.append(epoch)
        self.progress.epoch(epoch)

    def _place(self) -> str:
        """How far the training has come, in words."""
        if not self.history.epochs:
            return "before the first step"
        return f"after epoch {self.history.epochs[-1].number} of {self.history.settings['epochs']}"

    def _diverged(self, value: float, where: str) -> DivergedError:
        """What is said when the loss is no number any more."""
        said = f"the loss of {self.model.name} {where} is {value}"
        bad = not_finite(self.params)
        if bad:
            said += f"; {', '.join(bad)} {'is' if len(bad) == 1 else 'are'} no longer finite"
        if not self.history.losses:
            return DivergedError(f"{said}, before the first step", self.params, self.history)
        lr = getattr(self.optimizer, "lr", None)
        way_out = "a smaller learning rate" if lr is None else f"a learning rate below lr = {lr}"
        said = f"{said}: try {way_out}, and see that the data is what the loss expects"
        return DivergedError(said, self.params, self.history)
