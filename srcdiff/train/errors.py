"""What the trainer says when it cannot go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srcdiff.diagnostics import SrcdiffError

if TYPE_CHECKING:
    from srcdiff.train.history import History


class TrainingError(SrcdiffError):
    """Data, parameters or functions that do not fit together, or a file that cannot be read or written."""


class StoppedError(TrainingError):
    """A training that had begun cannot go on. params: after the last step; history: the epochs before."""

    def __init__(self, message: str, params: Any, history: History) -> None:
        super().__init__(message)
        self.params = params
        self.history = history


class DivergedError(StoppedError):
    """The loss is no longer a finite number. params: of the last finite loss's update."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a training. params: after the last step; history: the epochs before."""

    def __init__(self, message: str, params: Any, history: History) -> None:
        super().__init__(message)
        self.params = params
        self.history = history
