"""Where data comes from: scikit-learn's data sets by name, and .npz files."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srcdiff.train.errors import TrainingError


@dataclass(frozen=True)
class Raw:
    """Data as it was found: arrays by name, or in the order of the loss; standardise: its columns are to be scaled."""

    arrays: Any
    standardise: bool = False


def _digits() -> Raw:
    """1,797 images of 8 by 8 pixels, scaled to 0 … 1, and the digits that they show."""
    x, labels = _sklearn("digits").load_digits(return_X_y=True)
    return Raw((x / 16.0, labels.astype(np.int64)))


def _breast_cancer() -> Raw:
    """569 rows of 30 measurements, and whether the tumour is benign."""
    x, labels = _sklearn("breast_cancer").load_breast_cancer(return_X_y=True)
    return Raw((x, labels.astype(np.int64)), standardise=True)


def _sklearn(name: str) -> Any:
    try:
        import sklearn.datasets
    except ImportError:
        raise TrainingError(f"the data {name} comes with scikit-learn: pip install scikit-learn") from None
    return sklearn.datasets


NAMED: dict[str, Callable[[], Raw]] = {"digits": _digits, "breast_cancer": _breast_cancer}
"""Data sets by the names that ``fit`` and the command line know."""


def load(name: str | os.PathLike[str]) -> Raw:
    """A data set by its name, or the arrays of an .npz file.

    The arrays of a file are found by the names of the loss's arguments (``np.savez("data.npz", x=x, labels=labels)``);
    those saved without names are taken in their order. TrainingError for anything else.
    """
    text = os.fspath(name)
    if text in NAMED:
        return NAMED[text]()
    if Path(text).suffix != ".npz":
        raise TrainingError(f"the data is one of {', '.join(NAMED)}, or a file FILE.npz, not {text}")
    if os.path.isfile(text) and not zipfile.is_zipfile(text):
        raise TrainingError(f"{text} cannot be read: it is no file of np.savez")
    try:
        with np.load(text, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except FileNotFoundError:
        raise TrainingError(f"there is no file {text}") from None
    except Exception as error:  # zipfile, pickle and NumPy have errors of their own for damaged files
        raise TrainingError(f"{text} cannot be read: {error}") from None
    if arrays and all(key.startswith("arr_") for key in arrays):
        return Raw(tuple(arrays.values()))
    return Raw(arrays)
