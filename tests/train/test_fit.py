"""The whole loop: what it reaches, that it repeats, and what it leaves alone."""

from __future__ import annotations

import re
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff.diagnostics import SrcdiffError
from srcdiff.train import (
    SGD,
    Data,
    DivergedError,
    Interrupted,
    Metrics,
    StoppedError,
    TrainingError,
    accuracy,
    fit,
)
from srcdiff.train.progress import Silent

from .support import SIMPLENET, class_data, line_data, ridge

W = np.zeros(3)


@pytest.mark.parametrize(("size", "steps"), [(None, 1), (1, 40), (16, 3), (1000, 1)])
def test_every_kind_of_descent_finds_the_line(size: int | None, steps: int) -> None:
    w, history = fit(ridge, line_data(), optimizer=SGD(0.3 / steps if steps == 40 else 0.3), params=W, batch_size=size, epochs=60)
    np.testing.assert_allclose(w, [1.0, -2.0, 0.5], atol=1e-4)
    assert len(history.losses) == 60 * steps and len(history.epochs) == 61
    assert history.settings["rows"] == {"training": 40, "validation": 10}


def test_full_batches_are_the_steps_of_the_book() -> None:
    x, y = line_data()
    w, history = fit(ridge, (x, y), optimizer=SGD(0.1), params=W, batch_size=None, epochs=5, validation=None)
    expected = W
    for loss in history.losses:
        value, gradient = ridge(expected, x, y)
        assert loss == value
        expected = expected - 0.1 * gradient
    assert np.array_equal(w, expected)
    assert history.epochs[-1].training == Metrics(float(ridge(w, x, y)[0])) and history.epochs[-1].validation is None


def test_the_same_seed_gives_the_same_bits() -> None:
    def run(seed: int) -> tuple[Any, Any]:
        return fit(SIMPLENET, class_data(), optimizer=SGD(0.1, 0.9), seed=seed, epochs=3, batch_size=8)

    (a, first), (b, second), (_, other) = run(5), run(5), run(6)
    assert first == second and first.losses != other.losses
    assert all(np.array_equal(a[layer][name], b[layer][name]) for layer in a for name in a[layer])


def test_own_parameters_leave_split_and_order_as_they_are() -> None:
    seen: list[list[float]] = [[], []]

    def order(params: float, x: np.ndarray) -> tuple[float, float]:
        seen[-1].extend(x)
        return 0.0, 0.0

    for start in (0.0, 1.0):
        fit(order, np.arange(20.0), optimizer=SGD(0.1), params=start, epochs=2, batch_size=4)
        seen.insert(0, seen.pop())
    assert seen[0] == seen[1] != []


def test_nothing_that_is_given_is_written_to() -> None:
    x, y = line_data()
    w, given = np.zeros(3), (x.copy(), y.copy())
    start = w.copy()

    def overwrites(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = ridge(w, x, y)
        w[:] = 7.0
        return value, gradient

    fit(ridge, given, optimizer=SGD(0.1), params=w, validation=None)
    assert np.array_equal(given[0], x) and np.array_equal(given[1], y) and np.array_equal(w, start)
    fit(overwrites, given, optimizer=SGD(0.001), params=w, epochs=1, validation=None)
    assert np.array_equal(w, start)


@dataclass
class Line:
    slope: float
    offset: np.ndarray
    name: str = "line"


def test_parameters_of_a_dataclass() -> None:
    def value_and_grad(p: Line, x: np.ndarray, y: np.ndarray) -> tuple[float, Line]:
        r = p.slope * x + p.offset[0] - y
        return float(np.mean(r * r)), Line(float(2 * np.mean(r * x)), np.array([2 * np.mean(r)]), None)  # type: ignore[arg-type]

    x = np.linspace(-1, 1, 30)
    line, _ = fit(value_and_grad, (x, 3 * x - 1), optimizer=SGD(0.3), params=Line(0.0, np.zeros(1)), epochs=60)
    assert isinstance(line, Line) and line.name == "line"
    assert line.slope == pytest.approx(3, abs=1e-6) and line.offset[0] == pytest.approx(-1, abs=1e-6)


def test_validation_data_of_its_own() -> None:
    x, y = line_data()
    other = line_data(7, seed=1)
    w, history = fit(ridge, (x, y), optimizer=SGD(0.1), params=W, validation=other, epochs=2)
    assert history.settings["rows"] == {"training": 50, "validation": 7}
    assert history.epochs[-1].validation == Metrics(float(ridge(w, *other)[0]))
    with pytest.raises(TrainingError, match="`x` of the validation data holds nan"):
        fit(ridge, (x, y), optimizer=SGD(0.1), params=W, validation=Data({"x": x * np.nan, "y": y}))


def test_watch_sees_every_step() -> None:
    seen: list[tuple[float, Any]] = []
    w, history = fit(ridge, line_data(), optimizer=SGD(0.1), params=W, epochs=2, watch=lambda *now: seen.append(now))
    assert [loss for loss, _ in seen] == history.losses and seen[-1][1] is w


def test_an_optimiser_of_ones_own() -> None:
    class Halving:
        def init(self, params: Any) -> int:
            return 0

        def update(self, params: Any, gradient: Any, state: int) -> tuple[Any, int]:
            return params - gradient / 2**state, state + 1

    def value_and_grad(p: float, x: np.ndarray) -> tuple[float, float]:
        return p, 1.0

    p, history = fit(value_and_grad, np.ones(4), optimizer=Halving(), params=0.0, batch_size=1, epochs=1, validation=None)
    assert p == -(1 + 0.5 + 0.25 + 0.125) and history.settings["optimizer"] == "Halving"


def test_no_epoch_measures_the_start() -> None:
    w, history = fit(ridge, line_data(), optimizer=SGD(0.1), params=W, epochs=0)
    assert np.array_equal(w, W) and [epoch.number for epoch in history.epochs] == [0] and history.losses == []


def test_accuracy_of_classes_and_of_signs() -> None:
    scores = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0], [0.0, 3.0, 1.0], [1.0, 0.0, 0.0]])
    assert accuracy(scores, np.array([0, 2, 1, 2])) == 0.75
    assert accuracy(np.array([0.5, -0.5, 0.0]), np.array([1.0, 1.0, 0.0])) == pytest.approx(2 / 3)
    assert accuracy(np.array([[0.5], [-0.5]]), np.array([True, False])) == 1.0
    assert accuracy(scores, np.ones(4)) is None and accuracy(scores[:, 0], np.array([0.5, 1, 0, 1])) is None
    with pytest.raises(TrainingError, match="holds -1 in row 1: predict gives scores for the classes 0 to 2"):
        accuracy(scores, np.array([0, -1, 2, 1]))
    with pytest.raises(TrainingError, match=r"predict gives f64\[4, 3\] for 2 rows"):
        accuracy(scores, np.array([0, 1]))


def test_a_loss_that_diverges() -> None:
    with pytest.raises(DivergedError, match=r"the loss of ridge of the training data after epoch \d+ is inf: try a learning rate below lr = 50") as caught:
        fit(ridge, line_data(), optimizer=SGD(50.0), params=W, epochs=500)
    assert caught.value.history.epochs and caught.value.history.losses[0] < caught.value.history.losses[-1]
    def late(p: float, x: np.ndarray) -> tuple[float, float]:
        return (1.0 if len(x) == 40 or p > -0.25 else np.nan), 1.0

    with pytest.raises(DivergedError, match="the loss of late in epoch 1, batch 4 is nan: try a learning rate"):
        fit(late, line_data()[1], optimizer=SGD(0.1), params=0.0, batch_size=8)
    with pytest.raises(DivergedError, match="of the training data after epoch 0 is nan, before the first step"):
        fit(lambda p, x: (np.nan, p), line_data()[1], optimizer=SGD(0.1), params=1.0)
    with pytest.raises(DivergedError, match=r"params\['b'\] is no longer finite"):
        fit(lambda p, x: (p["b"] * 0.0, {"b": np.inf}), line_data()[1], optimizer=SGD(0.1), params={"b": 1.0})


def test_no_warning_of_numpy_beside_the_message(recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(DivergedError):
        fit(ridge, line_data(), optimizer=SGD(50.0), params=W, epochs=500)
    assert not recwarn.list


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"batch_size": 0}, "batch size is a whole number from 1, or None for all rows, not 0"),
        ({"epochs": -1}, "epochs is a whole number from 0, not -1"),
        ({"optimizer": SGD}, r"object with init and update, such as SGD\(lr=0.01\), not SGD"),
        ({"optimizer": "sgd"}, "not 'sgd'"),
        ({"seed": "a"}, "seed is a whole number from 0, not 'a'"),
        ({"validation": 1.0}, "validation fraction is at least 0 and below 1"),
        ({"params": {}}, "no number or array in params"),
        ({"params": np.zeros(4)}, r"ridge raises ValueError: .*\n  called with params: f64\[4\]; x: f64\[40, 3\], y: f64\[40\]"),
        ({"params": None}, r"support.py has no `init\(rng, data\) -> params`: add it, or pass the parameters"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], says: str) -> None:
    with pytest.raises(TrainingError, match=says):
        fit(ridge, line_data(), **{"optimizer": SGD(0.1), "params": W, **options})


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (1.0, "returns no pair"),
        ((np.ones(2), 1.0), "returns no pair"),
        ((1.0, [1.0]), "unknown parameter gradient.*"),
    ],
)
def test_functions_that_return_something_else(result: Any, says: str) -> None:
    with pytest.raises(TrainingError, match=says):
        fit(lambda p, x: result, np.ones(5), optimizer=SGD(0.1), params=1.0)


def test_labels_and_shapes_that_do_not_fit_the_network(tmp_path: Path) -> None:
    x, labels = class_data()

    def says(x: np.ndarray, labels: np.ndarray) -> str:
        with pytest.raises(TrainingError) as caught:
            fit(SIMPLENET, (x, labels), optimizer=SGD(0.1))
        return str(caught.value)

    assert "`labels` of the training data holds -1 in row" in says(x, labels - 1)
    assert "`labels` of the training data is f64[48], loss_value_and_grad" in says(x, labels + 0.5)
    assert "is written for labels: i64[n1]" in says(x, labels + 0.5)
    assert "`x` of the training data is f64[48]" in says(x[:, 0], labels)
    params, _ = fit(SIMPLENET, (x, labels), optimizer=SGD(0.1), epochs=0)
    with pytest.raises(SrcdiffError, match=r"predict of simplenet.py raises, .*f64\[10, 5\].*; x: f64\[48, 7\]\n  .*matmul"):
        fit(SIMPLENET, (x[:, :7], labels), optimizer=SGD(0.1), params=params)
    with pytest.raises(TrainingError, match=r"holds 2 in row \d+: predict gives scores for the classes 0 to 1"):
        fit(SIMPLENET, (x, labels + 1), optimizer=SGD(0.1), params=params)


def test_data_is_converted_where_nothing_is_lost() -> None:
    x, labels = class_data()
    _, whole = fit(SIMPLENET, (x, labels.astype(float)), optimizer=SGD(0.1))
    assert whole == fit(SIMPLENET, (x, labels), optimizer=SGD(0.1))[1]
    _, exact = fit(SIMPLENET, (np.round(x), labels), optimizer=SGD(0.1))
    _, found = fit(SIMPLENET, (np.round(x).astype(np.int8), labels.astype(np.uint8)), optimizer=SGD(0.1))
    assert exact == found


@pytest.mark.parametrize(
    ("targets", "says"),
    [
        (np.array([1, 2, 1]), r"`y` of the training data holds 2 in row 1: one score a row is for the classes 0 and 1 \(or -1 and 1\)"),
        (np.array([0.5, 1.0, 0.0]), "`y` of the training data holds 0.5 in row 0: one score a row"),
        (np.eye(3), r"`y` of the training data is f64\[3, 3\]: one score a row is for one label a row, 0 or 1"),
        (np.array([0, 1, 1]), None),
        (np.array([-1.0, 1.0, 1.0]), None),
    ],
)
def test_labels_that_are_no_two_classes_are_noted(targets: np.ndarray, says: str | None) -> None:
    notes: list[str] = []

    class Notes(Silent):
        def note(self, text: str) -> None:
            notes.append(text)

    home = types.ModuleType("home")
    home.predict = lambda w, x: x @ w  # type: ignore[attr-defined]

    def value_and_grad(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        return 1.0, np.zeros(3)

    data = np.diag([-1.0, 1.0, 1.0]), targets
    settings: dict[str, Any] = {"params": np.ones(3), "validation": None, "source": home, "progress": Notes()}
    _, history = fit(value_and_grad, data, optimizer=SGD(0.1), epochs=1, **settings)
    assert history.epochs[0].training.accuracy == (None if says else 1.0)
    assert len(notes) == bool(says) and re.match(f"no accuracy: {says}", notes[0] if says else "no accuracy: None")


def test_what_stops_a_training_holds_what_there_is() -> None:
    def fails(error: type[BaseException]) -> Any:
        calls = []

        def value_and_grad(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
            calls.append(w)
            if len(calls) == 15:  # two measures before, and after each of two epochs of four steps
                raise error("enough")
            return ridge(w, x, y)

        return value_and_grad

    settings: dict[str, Any] = {"optimizer": SGD(0.1), "params": W, "batch_size": 10, "epochs": 9}
    w, _ = fit(ridge, line_data(), **{**settings, "epochs": 2})
    with pytest.raises(StoppedError, match=r"raises ZeroDivisionError: enough\n.*\n  after epoch 2 of 9") as stopped:
        fit(fails(ZeroDivisionError), line_data(), **settings)
    with pytest.raises(Interrupted, match="^interrupted after epoch 2 of 9$") as interrupted:
        fit(fails(KeyboardInterrupt), line_data(), **settings)
    for caught in (stopped.value, interrupted.value):
        assert [epoch.number for epoch in caught.history.epochs] == [0, 1, 2] and np.array_equal(caught.params, w)
    assert isinstance(interrupted.value, KeyboardInterrupt) and isinstance(stopped.value, TrainingError)
