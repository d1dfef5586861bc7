"""Data: names, checks, splits, batches, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff.train import Data, TrainingError
from srcdiff.train.batches import check_size, epoch
from srcdiff.train.data import check, named, split, standardised
from srcdiff.train.datasets import load

NAMES = ["x", "labels", "weights"]


def data(rows: int = 10) -> Data:
    return Data({"x": np.arange(2.0 * rows).reshape(rows, 2), "labels": np.arange(rows)})


def test_names_come_from_the_loss() -> None:
    x, labels = np.eye(3), np.arange(3)
    for given in ((x, labels), [x, labels], {"labels": labels, "x": x, "more": 1}, Data({"labels": labels, "x": x})):
        found = named(given, NAMES, 2)
        assert list(found.arrays) == ["x", "labels"]
        assert found.all()[0] is x and found.all()[1] is labels
    assert list(named({"x": x, "labels": labels, "weights": x[0]}, NAMES, 2).arrays) == NAMES
    assert list(named(x, NAMES, 1).arrays) == ["x"]
    assert list(named((x, labels), None).arrays) == ["batch[0]", "batch[1]"]
    assert list(named({"b": x, "a": labels}, None).arrays) == ["b", "a"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((np.eye(3),), "the training data has 1 array, the loss takes `x`, `labels`, `weights`"),
        ((1, 2, 3, 4), "has 4 arrays"),
        ({"x": 1, "y": 2}, "no array `labels`: the loss takes `x`, `labels`, `weights`, the data has `x`, `y`"),
        ({}, "the data has none"),
        (([[1, 2], [1]], [1, 2]), "`x` of the training data is no array: its rows differ in length"),
    ],
)
def test_names_that_do_not_fit(given: Any, says: str) -> None:
    with pytest.raises(TrainingError, match=says):
        named(given, NAMES, 2)


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"x": np.ones((3, 2)), "labels": np.zeros(4)}, "number of rows: `x` has 3, `labels` has 4"),
        ({"x": np.ones((0, 2))}, "the training data has no rows"),
        ({"x": np.array(["a"])}, "`x` of the training data holds <U1, not real numbers"),
        ({"x": np.ones(2, complex)}, "holds complex128"),
        ({"x": np.array(1.0)}, "`x` of the training data is a single number"),
        ({"x": np.array([[1.0, 2.0], [np.nan, np.inf]])}, r"holds nan at \[1, 0\] \(2 of 4 entries are not finite\)"),
    ],
)
def test_arrays_that_are_no_data(arrays: dict[str, np.ndarray], says: str) -> None:
    with pytest.raises(TrainingError, match=says):
        check(Data(arrays))


def test_a_split_loses_nothing_and_keeps_rows_together() -> None:
    training, held = split(data(10), 0.3, np.random.default_rng(0))
    assert held is not None and (len(training), len(held), held.part) == (7, 3, "validation")
    rows = np.concatenate([training.arrays["labels"], held.arrays["labels"]])
    assert sorted(rows) == list(range(10)) and list(rows) != list(range(10))
    for part in (training, held):
        assert np.array_equal(part.arrays["x"][:, 0], 2.0 * part.arrays["labels"])
    again = split(data(10), 0.3, np.random.default_rng(0))[1]
    assert again is not None and np.array_equal(again.arrays["labels"], held.arrays["labels"])


def test_small_and_empty_splits() -> None:
    rng = np.random.default_rng(0)
    whole = data(10)
    assert split(whole, 0.0, rng) == (whole, None)
    assert [len(part) for part in split(data(2), 0.01, rng) if part is not None] == [1, 1]
    with pytest.raises(TrainingError, match="1 rows cannot be split"):
        split(data(1), 0.2, rng)
    with pytest.raises(TrainingError, match="below 1, not 1.5"):
        split(data(3), 1.5, rng)


def test_standardised_by_the_training_rows_alone() -> None:
    x = np.array([[1.0, 5.0], [3.0, 5.0]])
    training, held = standardised(Data({"x": x, "y": x[:, 0]}), Data({"x": x + 2, "y": x[:, 0]}))
    assert held is not None
    assert np.array_equal(training.arrays["x"], [[-1.0, 0.0], [1.0, 0.0]])
    assert np.array_equal(held.arrays["x"], [[1.0, 2.0], [3.0, 2.0]])
    assert training.arrays["y"] is not None and np.array_equal(training.arrays["y"], [1.0, 3.0])


@pytest.mark.parametrize(("size", "lengths"), [(1, [1] * 10), (4, [4, 4, 2]), (10, [10]), (99, [10]), (None, [10])])
def test_batches_hold_every_row_once(size: int | None, lengths: list[int]) -> None:
    found = list(epoch(data(10), size, np.random.default_rng(3)))
    assert [len(labels) for _, labels in found] == lengths
    assert sorted(np.concatenate([labels for _, labels in found])) == list(range(10))
    assert all(np.array_equal(x[:, 1], 2.0 * labels + 1) for x, labels in found)


def test_epochs_differ_and_repeat_with_the_seed() -> None:
    def order(rng: np.random.Generator) -> list[int]:
        return [int(labels[0]) for _, labels in epoch(data(10), 1, rng)]

    rng = np.random.default_rng(1)
    first, second = order(rng), order(rng)
    assert first != second and order(np.random.default_rng(1)) == first


@pytest.mark.parametrize("size", [0, -1, 2.0, True, "all"])
def test_sizes_that_are_none(size: Any) -> None:
    with pytest.raises(TrainingError, match="batch size"):
        check_size(size)


def test_files(tmp_path: Path) -> None:
    file = tmp_path / "d.npz"
    np.savez(file, labels=np.arange(3), x=np.eye(3))
    assert list(load(file).arrays) == ["labels", "x"]
    np.savez(file, np.eye(3), np.arange(3))
    x, labels = load(file).arrays
    assert np.array_equal(x, np.eye(3)) and np.array_equal(labels, np.arange(3))


def test_files_that_hold_no_data(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="digits, breast_cancer, or a file FILE.npz, not iris"):
        load("iris")
    with pytest.raises(TrainingError, match="there is no file .*none.npz"):
        load(tmp_path / "none.npz")
    (tmp_path / "bad.npz").write_text("no zip")
    with pytest.raises(TrainingError, match="bad.npz cannot be read: it is no file of np.savez"):
        load(tmp_path / "bad.npz")
    np.savez(tmp_path / "objects.npz", x=np.array([{}, {}], dtype=object))
    with pytest.raises(TrainingError, match="objects.npz cannot be read"):
        load(tmp_path / "objects.npz")


def test_data_sets_of_scikit_learn() -> None:
    pytest.importorskip("sklearn")
    digits, cancer = load("digits"), load("breast_cancer")
    assert digits.arrays[0].shape == (1797, 64) and digits.arrays[0].max() == 1.0 and not digits.standardise
    assert sorted(set(digits.arrays[1])) == list(range(10))
    assert cancer.arrays[0].shape == (569, 30) and set(cancer.arrays[1]) == {0, 1} and cancer.standardise
