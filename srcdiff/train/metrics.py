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
        rate = accuracy(*_scored(model, params, data))
    return Metrics(model.value(params, data.all()), rate)


def why_no_accuracy(model: Model, params: Any, data: Data) -> str | None:
    """Why there is no accuracy for data, in words; None where there is one, or where nobody expects it."""
    if model.predict is None:
        return f"{model.home} has no `predict(params, x) -> scores`" if model.home else None
    return None if len(data.arrays) < 2 else unfit(*_scored(model, params, data))


def _scored(model: Model, params: Any, data: Data) -> tuple[np.ndarray, np.ndarray, str]:
    """Scores for the rows, their targets, and how messages call these."""
    x, *_, (name, targets) = data.all()[0], *data.arrays.items()
    return model.scores(params, x), targets, f"`{name}` of the {data.part} data"


def accuracy(scores: np.ndarray, targets: np.ndarray, name: str = "`labels`") -> float | None:
    """The share of rows in the right class; None if the targets are no classes.

    scores: (n, classes) with the largest in the column of the class, for integer targets from 0 to classes - 1; or one
    a row, positive for class 1 and else for class 0 (or -1). TrainingError for labels that are out of range.

    >>> accuracy(np.array([[0.1, 2.0], [3.0, 1.0]]), np.array([1, 1]))
    0.5
    >>> accuracy(np.array([0.7, -0.2]), np.array([1.0, 0.0]))
    1.0
    """
    if unfit(scores, targets, name) is not None:
        return None
    if _has_columns(scores):
        return float(np.mean(np.argmax(scores, axis=1) == targets))
    return float(np.mean((scores.reshape(-1) > 0) == (targets.reshape(-1) > 0)))


def unfit(scores: np.ndarray, targets: np.ndarray, name: str) -> str | None:
    """Why targets are no classes for these scores, in words; None if they are. TrainingError where a class has none."""
    if len(scores) != len(targets):
        raise TrainingError(f"predict gives {describe(scores)} for {len(targets)} rows: it needs a row of scores each")
    if _has_columns(scores):
        if targets.ndim != 1 or targets.dtype.kind not in "iu":
            return f"{name} is {describe(targets)}: the classes of scores {describe(scores)} are one integer a row"
        _check_labels(targets, scores.shape[1], name)
        return None
    column = scores.ndim == 2
    scores, flat = scores.reshape(-1), targets.reshape(-1)
    if scores.shape != flat.shape:
        return f"{name} is {describe(targets)}: one score a row is for one label a row, 0 or 1"
    if np.all((flat == 0) | (flat == 1)) or np.all((flat == -1) | (flat == 1)):
        return None
    if column and targets.ndim == 1 and targets.dtype.kind in "iu":
        _check_labels(targets, 2, name)
    row = np.flatnonzero((flat != 0) & (flat != 1))[0]
    return f"{name} holds {flat[row]} in row {row}: one score a row is for the classes 0 and 1 (or -1 and 1)"


def _has_columns(scores: np.ndarray) -> bool:
    return scores.ndim == 2 and scores.shape[1] > 1


def _check_labels(targets: np.ndarray, classes: int, name: str) -> None:
    """Refuse labels for which there is no score: a negative one would count from the last column in silence."""
    wrong = np.flatnonzero((targets < 0) | (targets >= classes))
    if wrong.size:
        row = wrong[0]
        raise TrainingError(
            f"{name} holds {targets[row]} in row {row}: predict gives scores for the classes 0 to {classes - 1}"
        )
