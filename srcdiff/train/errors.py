"""What the trainer says when it cannot go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srcdiff.diagnostics import SrcdiffError

if TYPE_CHECKING:
    from srcdiff.train.history import History


class TrainingError(SrcdiffError):
    """Data, parameters or functions that do not fit together, or a file that cannot be read or written."""


class DivergedError(TrainingError):
    """The loss is no longer a finite number.

    params: the parameters of the last finite loss's update; history: the epochs before.
    """

    def __init__(self, message: str, params: Any, history: History) -> None:
        super().__init__(message)
        self.params = params
        self.history = history
