"""``fit``: from a function, data and an optimiser to trained parameters and their history."""

from __future__ import annotations

import os
from dataclasses import is_dataclass
from types import ModuleType
from typing import Any

import numpy as np

from srcdiff.train.batches import check_size
from srcdiff.train.data import Data, check, named, split, standardised
from srcdiff.train.datasets import Raw, load
from srcdiff.train.errors import TrainingError
from srcdiff.train.history import History
from srcdiff.train.load import model_of
from srcdiff.train.loop import Loop, Watch
from srcdiff.train.model import Model
from srcdiff.train.optimizers import Optimizer, check_optimizer
from srcdiff.train.progress import Progress, Silent
from srcdiff.train.trees import copied, count


def fit(
    model: Any,
    data: Any,
    *,
    optimizer: Optimizer,
    batch_size: int | None = 32,
    epochs: int = 10,
    seed: int = 0,
    validation: Any = 0.2,
    params: Any = None,
    source: str | os.PathLike[str] | ModuleType | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> tuple[Any, History]:
    """Train a model: the parameters after the last epoch, and the history.

    model: a gradient module or the path of one, a function of ``srcdiff.value_and_grad``, or any callable
    ``(params, *batch) -> (value, gradient)``; data: arrays in the order of the loss, or by name, or the name of a data
    set (``digits``, ``breast_cancer``) or of an .npz file; batch_size: None for all rows; validation: the share of the
    rows to hold back, or data, or None; params: where to start (by default ``init(rng, data)`` of the author's file,
    or of ``source``); progress: is told how it goes; watch: called as ``watch(loss, params)`` after every step.

    Nothing that is given is written to. The same seed gives the same bits. TrainingError where things do not fit
    together, UserCodeError where init or predict raise, DivergedError when the loss is no longer finite, StoppedError
    when anything else ends a training that has begun, Interrupted on Ctrl-C: the last three hold the parameters and the
    history so far.

    >>> from srcdiff.train import SGD
    >>> def value_and_grad(slope, x, y):
    ...     r = slope * x - y
    ...     return np.mean(r * r), 2 * np.mean(r * x)
    >>> x = np.linspace(0, 1, 50)
    >>> slope, history = fit(value_and_grad, (x, 3 * x), optimizer=SGD(lr=0.5), params=0.0, epochs=20)
    >>> round(slope, 3), len(history.epochs)
    (3.0, 21)
    """
    seed, epochs = _whole("seed", seed), _whole("epochs", epochs)
    splitting, starting, shuffling = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(3))
    check_size(batch_size)
    check_optimizer(optimizer)
    found = model_of(model, source)
    training, held = _prepared(found, data, validation, splitting)
    start = copied(found.initial(starting, training) if params is None else params)
    found.check_params(start)
    settings = {
        "model": found.name,
        "parameters": count(start),
        "optimizer": str(optimizer) if is_dataclass(optimizer) else type(optimizer).__name__,
        "batch_size": None if batch_size is None else int(batch_size),
        "epochs": epochs,
        "seed": seed,
        "rows": {data.part: len(data) for data in (training, held) if data is not None},
    }
    loop = Loop(found, optimizer, start, History(settings), progress or Silent(), watch)
    loop.run(training, held, batch_size, epochs, shuffling)
    return loop.params, loop.history


def _whole(name: str, number: Any) -> int:
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 0:
        raise TrainingError(f"{name} is a whole number from 0, not {number!r}")
    return int(number)


def _prepared(model: Model, data: Any, validation: Any, rng: np.random.Generator) -> tuple[Data, Data | None]:
    """Training and validation data, checked, of the types that the model is written for."""
    if model.inputs == ():
        raise TrainingError(f"{model.name} takes no data: all that it takes are parameters")
    raw = _raw(data)
    training = named(raw.arrays, model.inputs, model.required)
    check(training)
    held: Data | None
    if validation is None or isinstance(validation, int | float):
        training, held = split(training, validation or 0.0, rng)
    else:
        held = named(_raw(validation).arrays, model.inputs, model.required, "validation")
        check(held)
    if raw.standardise:
        training, held = standardised(training, held)
    return model.fitted(training), None if held is None else model.fitted(held)


def _raw(data: Any) -> Raw:
    if isinstance(data, str | os.PathLike):
        return load(data)
    return Raw(data.arrays if isinstance(data, Data) else data)
