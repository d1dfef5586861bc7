"""Data: named arrays with one row an example, in the order in which the loss takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcdiff.leaves import describe
from srcdiff.train.errors import TrainingError


@dataclass(frozen=True)
class Data:
    """Arrays of equal length by name; part: what they are for, such as ``training``, for messages.

    >>> data = Data({"x": np.eye(3), "labels": np.array([0, 1, 2])})
    >>> len(data), data.rows(np.array([2, 0]))[1]
    (3, array([2, 0]))
    """

    arrays: Mapping[str, np.ndarray]
    part: str = "training"

    def __len__(self) -> int:
        return min((len(array) for array in self.arrays.values()), default=0)

    def __str__(self) -> str:
        return ", ".join(f"{name}: {describe(array)}" for name, array in self.arrays.items())

    def all(self) -> tuple[np.ndarray, ...]:
        """All rows: the largest batch."""
        return tuple(self.arrays.values())

    def rows(self, index: np.ndarray) -> tuple[np.ndarray, ...]:
        """A batch of the rows with these numbers, copied."""
        return tuple(array[index] for array in self.arrays.values())

    def take(self, index: np.ndarray, part: str) -> Data:
        """Some of the rows as data of their own."""
        return Data(dict(zip(self.arrays, self.rows(index), strict=True)), part)


def named(given: Any, names: Sequence[str] | None, required: int = 0, part: str = "training") -> Data:
    """Data with the names of the loss's arguments.

    given: data, a dict of arrays by those names, or arrays in their order (one array stands for itself); names: the
    arguments after the parameters, None if they may be any; required: how many of them have no default. TrainingError
    where they do not fit.

    >>> print(named({"labels": np.arange(3), "x": np.eye(3)}, ["x", "labels"], 2))
    x: f64[3, 3], labels: i64[3]
    """
    if isinstance(given, Data):
        given = given.arrays
    if isinstance(given, Mapping):
        chosen = list(given) if names is None else names
        return Data(_by_name(given, chosen, required, part), part)
    arrays = given if isinstance(given, tuple | list) else (given,)
    if names is None:
        names = [f"batch[{index}]" for index in range(len(arrays))]
    if not required <= len(arrays) <= len(names):
        count = f"{len(arrays)} array" + "s" * (len(arrays) != 1)
        raise TrainingError(f"the {part} data has {count}, the loss takes {_listed(names)} of it")
    return Data({name: _array(name, array, part) for name, array in zip(names, arrays, strict=False)}, part)


def _array(name: str, given: Any, part: str) -> np.ndarray:
    try:
        return np.asarray(given)
    except ValueError:
        raise TrainingError(f"`{name}` of the {part} data is no array: its rows differ in length") from None


def _by_name(given: Mapping[str, Any], names: Sequence[str], required: int, part: str) -> dict[str, np.ndarray]:
    """The arrays that the loss names; others are left out."""
    count = required
    while count < len(names) and names[count] in given:
        count += 1
    missing = [name for name in names[:count] if name not in given]
    if missing:
        has = _listed(list(given))
        raise TrainingError(
            f"the {part} data has no array {_listed(missing)}: the loss takes {_listed(names)}, the data has {has}"
        )
    return {name: _array(name, given[name], part) for name in names[:count]}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def check(data: Data) -> None:
    """Refuse arrays of unequal lengths, without rows, not of numbers, or with a nan or an infinity."""
    for name, array in data.arrays.items():
        if array.dtype.kind not in "fiub":
            raise TrainingError(f"`{name}` of the {data.part} data holds {array.dtype}, not real numbers")
        if array.ndim == 0:
            raise TrainingError(f"`{name}` of the {data.part} data is a single number: it needs a row for each example")
    lengths = {name: len(array) for name, array in data.arrays.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"`{name}` has {length}" for name, length in lengths.items())
        raise TrainingError(f"the arrays of the {data.part} data differ in their number of rows: {said}")
    if not len(data):
        raise TrainingError(f"the {data.part} data has no rows")
    for name, array in data.arrays.items():
        _check_finite(name, array, data.part)


def _check_finite(name: str, array: np.ndarray, part: str) -> None:
    if array.dtype.kind != "f":
        return
    finite = np.isfinite(array)
    if not finite.all():
        first = np.argwhere(~finite)[0]
        place, number = ", ".join(map(str, first)), array.size - np.count_nonzero(finite)
        raise TrainingError(
            f"`{name}` of the {part} data holds {array[tuple(first)]} at [{place}]"
            f" ({number} of {array.size} entries are not finite)"
        )


def split(data: Data, fraction: float, rng: np.random.Generator) -> tuple[Data, Data | None]:
    """Training and validation data: a random ``fraction`` of the rows, at least one, is held back; 0 holds back none.

    >>> parts = split(Data({"x": np.arange(10.0)}), 0.3, np.random.default_rng(0))
    >>> [len(part) for part in parts]
    [7, 3]
    """
    if not 0 <= fraction < 1:
        raise TrainingError(f"the validation fraction is at least 0 and below 1, not {fraction}")
    if not fraction:
        return data, None
    held = max(1, round(fraction * len(data)))
    if held >= len(data):
        raise TrainingError(f"{len(data)} rows cannot be split into training and validation data ({fraction} of them)")
    order = rng.permutation(len(data))
    return data.take(order[held:], "training"), data.take(order[:held], "validation")


def standardised(training: Data, validation: Data | None) -> tuple[Data, Data | None]:
    """The first array of both with every column at mean 0 and deviation 1 in the training rows."""
    name = next(iter(training.arrays))
    x = training.arrays[name]
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)

    def scaled(data: Data) -> Data:
        return Data({**data.arrays, name: (data.arrays[name] - mean) / deviation}, data.part)

    return scaled(training), None if validation is None else scaled(validation)
