"""Metrics: the loss and, for classes, the accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from srcdiff.leaves import describe
from srcdiff.train.data import Data
from srcdiff.train.errors import TrainingError
from srcdiff.train.model import Model


@dataclass(frozen=True)
class Metrics:
    """Of one set of data. accuracy: the share of rows that are put into the right class; None where there are none."""

    loss: float
    accuracy: float | None = None


def evaluate(model: Model, params: Any, data: Data) -> Metrics:
    """The metrics of all rows together."""
    rate = None
    if model.predict is not None and len(data.arrays) > 1:
        x, *_, (name, targets) = data.all()[0], *data.arrays.items()
        rate = accuracy(model.scores(params, x), targets, f"`{name}` of the {data.part} data")
    value, _ = model.call(params, data.all())
    return Metrics(value, rate)


def accuracy(scores: np.ndarray, targets: np.ndarray, name: str = "`labels`") -> float | None:
    """The share of rows in the right class; None if the targets are no classes.

    scores: (n, classes) with the largest in the column of the class, for integer targets from 0 to classes - 1; or one
    a row, positive for class 1 and else for class 0. TrainingError for labels that are out of range.

    >>> accuracy(np.array([[0.1, 2.0], [3.0, 1.0]]), np.array([1, 1]))
    0.5
    >>> accuracy(np.array([0.7, -0.2]), np.array([1.0, 0.0]))
    1.0
    """
    if len(scores) != len(targets):
        raise TrainingError(f"predict gives {describe(scores)} for {len(targets)} rows: it needs a row of scores each")
    if scores.ndim == 2 and targets.ndim == 1 and targets.dtype.kind in "iu":
        _check_labels(targets, max(2, scores.shape[1]), name)
    if scores.ndim == 2 and scores.shape[1] > 1:
        return _of_classes(scores, targets)
    scores, targets = scores.reshape(-1), targets.reshape(-1)
    if scores.shape != targets.shape or not np.all((targets == 0) | (targets == 1)):
        return None
    return float(np.mean((scores > 0) == (targets > 0.5)))


def _of_classes(scores: np.ndarray, targets: np.ndarray) -> float | None:
    if targets.ndim != 1 or targets.dtype.kind not in "iu":
        return None
    return float(np.mean(np.argmax(scores, axis=1) == targets))


def _check_labels(targets: np.ndarray, classes: int, name: str) -> None:
    """Refuse labels for which there is no score: a negative one would count from the last column in silence."""
    wrong = np.flatnonzero((targets < 0) | (targets >= classes))
    if wrong.size:
        row = wrong[0]
        raise TrainingError(
            f"{name} holds {targets[row]} in row {row}: predict gives scores for the classes 0 to {classes - 1}"
        )
