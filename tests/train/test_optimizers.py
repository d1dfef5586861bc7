"""The steps of SGD, by hand; and what it does to each kind of parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from srcdiff.train import SGD, TrainingError
from srcdiff.train.trees import check_gradient, check_params, inventory


def steps(optimizer: SGD, params: Any, gradients: list[Any]) -> Any:
    state = optimizer.init(params)
    for gradient in gradients:
        params, state = optimizer.update(params, gradient, state)
    return params


def test_plain() -> None:
    assert steps(SGD(0.5), 1.0, [2.0, 4.0]) == 1.0 - 0.5 * 2 - 0.5 * 4


def test_momentum() -> None:
    v1 = 2.0
    v2 = 0.9 * v1 + 4.0
    assert steps(SGD(0.5, momentum=0.9), 1.0, [2.0, 4.0]) == pytest.approx(1.0 - 0.5 * (v1 + v2), abs=1e-15)


def test_nesterov() -> None:
    v1 = 2.0
    v2 = 0.9 * v1 + 4.0
    expected = 1.0 - 0.5 * (2.0 + 0.9 * v1) - 0.5 * (4.0 + 0.9 * v2)
    assert steps(SGD(0.5, 0.9, nesterov=True), 1.0, [2.0, 4.0]) == pytest.approx(expected, abs=1e-15)


@dataclass(frozen=True)
class Layer:
    weight: np.ndarray
    bias: float
    name: str = "layer"


@pytest.mark.parametrize("optimizer", [SGD(0.5), SGD(0.5, 0.9), SGD(0.5, 0.9, nesterov=True)], ids=str)
def test_containers_and_what_has_no_gradient(optimizer: SGD) -> None:
    params = {"layers": (Layer(np.ones(2), 1.0), [2.0, np.zeros((1, 2))]), "steps": 3, "frozen": {"w": np.ones(2)}}
    gradient = {"layers": (Layer(np.ones(2), 2.0, None), [4.0, np.ones((1, 2))]), "steps": None, "frozen": None}
    moved = steps(optimizer, params, [gradient, gradient])
    layer, (number, array) = moved["layers"]
    length = 2.9 + 1.71 * optimizer.nesterov if optimizer.momentum else 2.0
    np.testing.assert_allclose(layer.weight, 1 - 0.5 * length * np.ones(2))
    assert isinstance(layer, Layer) and layer.name == "layer" and layer.bias == pytest.approx(1 - length)
    assert number == pytest.approx(2 - 2 * length)
    np.testing.assert_allclose(array, -0.5 * length * np.ones((1, 2)))
    assert moved["steps"] == 3 and moved["frozen"]["w"] is params["frozen"]["w"]
    assert np.array_equal(params["layers"][0].weight, np.ones(2))  # nothing is written to


@pytest.mark.parametrize(
    "p", [np.ones(2, np.float32), np.float32(1), np.array(1.0), np.float64(1), 1.0, np.ones((2, 1))], ids=repr
)
def test_kind_and_dtype_stay(p: Any) -> None:
    moved = steps(SGD(0.1, 0.9), p, [p, p])
    assert type(moved) is type(p) and np.shape(moved) == np.shape(p)
    assert getattr(moved, "dtype", None) == getattr(p, "dtype", None)


def test_whole_numbers_move_too() -> None:
    assert steps(SGD(0.5), 3, [1.0]) == 2.5
    assert np.array_equal(steps(SGD(0.5), np.array([3, 4]), [np.array([1.0, 0.0])]), [2.5, 4.0])


def test_a_gradient_whose_buffer_is_used_again() -> None:
    optimizer, buffer = SGD(1.0, 0.5), np.array([1.0])
    params, state = optimizer.update(np.zeros(1), buffer, optimizer.init(None))
    buffer[:] = 10.0
    params, _ = optimizer.update(params, buffer, state)
    assert params == [-1.0 - 10.5]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"lr": 0.0}, "lr is a positive number, not 0.0"),
        ({"lr": "a"}, "lr is a positive number, not 'a'"),
        ({"lr": float("nan")}, "lr is a positive number, not nan"),
        ({"lr": 0.1, "momentum": 1.0}, "below 1, not 1.0"),
        ({"lr": 0.1, "nesterov": True}, "nesterov needs momentum"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(TrainingError, match=says):
        SGD(**settings)


@pytest.mark.parametrize(
    ("gradient", "says"),
    [
        ({"w": np.ones(2)}, r"unknown parameter params\['b'\]: there is no such part in gradient"),
        ({"w": np.ones(2), "b": 1.0, "c": 1.0}, r"unknown parameter gradient\['c'\]: there is no such part in params"),
        ({"w": np.ones(3), "b": 1.0}, r"params\['w'\] is f64\[2\], gradient\['w'\] is f64\[3\]"),
        ({"w": np.ones(2), "b": "1"}, r"params\['b'\] is float, gradient\['b'\] is str"),
        (np.ones(2), "no such part in gradient"),
        ({"w": None, "b": None}, "nothing to train"),
    ],
)
def test_gradients_that_do_not_fit(gradient: Any, says: str) -> None:
    with pytest.raises(TrainingError, match=says):
        check_gradient({"w": np.ones(2), "b": 1.0}, gradient)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        (None, "no number or array in params: they are None"),
        ({"w": np.array([1.0, np.nan])}, r"params\['w'\] is not finite"),
        ({"name": "net"}, "no number"),
    ],
)
def test_params_that_cannot_be_trained(params: Any, says: str) -> None:
    with pytest.raises(TrainingError, match=says):
        check_params(params)


def test_inventory_names_the_numbers() -> None:
    assert inventory({"w": np.ones((2, 3)), "b": 1.0, "name": "x"}) == "params['w']: f64[2, 3], params['b']: float"
