"""SimpleNet trained by srcdiff and by PyTorch: the same weights, batches and settings give the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff.train import SGD
from srcdiff.train.history import History
from srcdiff.train.load import model_of
from srcdiff.train.loop import Loop
from srcdiff.train.progress import Silent

torch = pytest.importorskip("torch", reason="torch is not installed: pip install '.[test]'")

torch.set_num_threads(1)  # the arrays are small

ROOT = Path(__file__).resolve().parents[2]
MODEL = model_of(ROOT / "generated" / "simplenet_grad.py")
STEPS, ROWS = 200, 32


def batches(rng: np.random.Generator, inputs: int, classes: int) -> list[tuple[np.ndarray, ...]]:
    data = rng.standard_normal((300, inputs)), rng.integers(0, classes, 300)
    return [tuple(array[index] for array in data) for index in rng.integers(0, 300, (STEPS, ROWS))]


def by_srcdiff(params: Any, given: list[tuple[np.ndarray, ...]], optimizer: SGD) -> tuple[list[float], Any]:
    loop = Loop(MODEL, optimizer, params, History(), Silent())
    loop.steps(1, given)
    return loop.history.losses, loop.params


def by_torch(params: Any, given: list[tuple[np.ndarray, ...]], settings: dict[str, Any]) -> tuple[list[float], Any]:
    (inputs, hidden), (_, classes) = params["fc1"]["weight"].shape, params["fc2"]["weight"].shape
    net = torch.nn.Sequential(
        torch.nn.Linear(inputs, hidden, dtype=torch.float64),
        torch.nn.ReLU(),
        torch.nn.Linear(hidden, classes, dtype=torch.float64),
    )
    layers = {"fc1": net[0], "fc2": net[2]}
    with torch.no_grad():
        for name, layer in layers.items():
            layer.weight.copy_(torch.from_numpy(params[name]["weight"].T))
            layer.bias.copy_(torch.from_numpy(params[name]["bias"]))
    optimizer = torch.optim.SGD(net.parameters(), **settings)
    losses = []
    for x, labels in given:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(torch.from_numpy(x)), torch.from_numpy(labels))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    arrays = {name: {"weight": layer.weight.detach().numpy().T, "bias": layer.bias.detach().numpy()} for name, layer in layers.items()}
    return losses, arrays


@pytest.mark.parametrize("sizes", [(10, 2), (64, 10)], ids=["10-5-2", "64-32-10"])
@pytest.mark.parametrize(
    "settings",
    [{"lr": 0.01}, {"lr": 0.01, "momentum": 0.9}, {"lr": 0.01, "momentum": 0.9, "nesterov": True}],
    ids=["plain", "momentum", "nesterov"],
)
def test_200_steps_agree(sizes: tuple[int, int], settings: dict[str, Any]) -> None:
    rng = np.random.default_rng(7)
    given = batches(rng, *sizes)
    x = np.zeros((1, sizes[0]))
    assert MODEL.init is not None
    params = MODEL.init(rng, (x, np.array([sizes[1] - 1])))
    ours, theirs = by_srcdiff(params, given, SGD(**settings)), by_torch(params, given, settings)
    assert len(ours[0]) == STEPS and ours[0][-1] != ours[0][0]
    np.testing.assert_allclose(ours[0], theirs[0], rtol=0, atol=1e-10)
    for layer in ("fc1", "fc2"):
        for name in ("weight", "bias"):
            assert not np.allclose(ours[1][layer][name], params[layer][name], atol=1e-3)
            np.testing.assert_allclose(ours[1][layer][name], theirs[1][layer][name], rtol=0, atol=1e-10)
