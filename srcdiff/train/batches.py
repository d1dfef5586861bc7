"""Batches: all rows at once, one at a time, or something between."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcdiff.train.data import Data
from srcdiff.train.errors import TrainingError


def check_size(size: int | None) -> None:
    """Refuse what is no number of rows."""
    if size is not None and (isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1):
        raise TrainingError(f"the batch size is a whole number from 1, or None for all rows, not {size!r}")


def per_epoch(rows: int, size: int | None) -> int:
    """How many batches an epoch has.

    >>> per_epoch(100, 32), per_epoch(100, None)
    (4, 1)
    """
    return 1 if size is None else -(-rows // size)


def epoch(data: Data, size: int | None, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, ...]]:
    """Every row once, in random order, ``size`` rows a batch; the last batch may be smaller.

    None is batch gradient descent (all rows, in their order), 1 is stochastic, all others mini-batch gradient descent.

    >>> data = Data({"x": np.arange(5)})
    >>> [len(x) for x, in epoch(data, 2, np.random.default_rng(0))]
    [2, 2, 1]
    """
    if size is None or size >= len(data):
        yield data.all()
        return
    order = rng.permutation(len(data))
    for start in range(0, len(data), size):
        yield data.rows(order[start : start + size])
