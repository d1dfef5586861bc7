"""Batch, stochastic and mini-batch gradient descent on one figure.

    python examples/batches.py [FILE]

writes generated/batches_grad.py from the function ``loss`` below, fits a line three times with it, and draws the three
ways through the plane of slope and intercept (docs/batches.png, or FILE).
"""

import sys
from pathlib import Path

import numpy as np
from _generate import ROOT, generate
from matplotlib.figure import Figure

from srcdiff.train import SGD, fit

WAYS = {"stochastic": 1, "mini-batch of 20": 20, "batch": None}
COLOURS = dict(zip(WAYS, ("tab:orange", "tab:green", "tab:blue"), strict=True))
EPOCHS = 30


def loss(params, x, y):
    """Mean squared error of a line."""
    r = params["slope"] * x + params["intercept"] - y
    return np.mean(r * r)


def example():
    """Small arguments: srcdiff takes the types from them and checks the gradient at them."""
    return {"slope": 0.5, "intercept": -1.0}, np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.5, 2.0])


def init(rng, data):
    """The same start for all three."""
    return {"slope": -1.0, "intercept": 2.0}


def line(rng, rows=200):
    """Points around a line of slope 2 and intercept -1."""
    x = rng.uniform(-0.5, 2.0, rows)
    return x, 2 * x - 1 + 0.5 * rng.standard_normal(rows)


def descend(module, data, batch_size):
    """The points on the way, and the history."""
    way = [(-1.0, 2.0)]
    _, history = fit(
        module,
        data,
        optimizer=SGD(lr=0.03),
        batch_size=batch_size,
        epochs=EPOCHS,
        validation=None,
        watch=lambda _, params: way.append((params["slope"], params["intercept"])),
    )
    return np.array(way), history


def draw(results, data):
    """The ways over the level lines of the loss, and the loss of every epoch."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    plane, curves = figure.subplots(1, 2)
    slopes, intercepts = np.meshgrid(np.linspace(-1.5, 3, 60), np.linspace(-2, 2.5, 60))
    levels = np.mean((slopes[..., None] * data[0] + intercepts[..., None] - data[1]) ** 2, axis=-1)
    plane.contour(slopes, intercepts, levels, np.geomspace(0.3, 20, 12), colors="0.8", linewidths=0.8)
    for name, (way, history) in results.items():
        plane.plot(*way.T, color=COLOURS[name], linewidth=0.5 if name == "stochastic" else 1.6, label=name)
        curves.plot([epoch.training.loss for epoch in history.epochs], color=COLOURS[name], label=name)
    plane.plot(*np.polyfit(*data, 1), "k*", markersize=10, label="least squares", zorder=3, linestyle="none")
    plane.set(xlabel="slope", ylabel="intercept", title="every step")
    curves.set(xlabel="epoch", yscale="log", title="training loss")
    curves.set_yticks([0.3, 0.5, 1, 2, 5], ["0.3", "0.5", "1", "2", "5"])
    curves.set_yticks([], minor=True)
    plane.legend(frameon=False, fontsize="small")
    curves.legend(frameon=False, fontsize="small")
    return figure


def main():
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "batches.png"
    module = generate("batches.py:loss", "params")
    data = line(np.random.default_rng(0))
    results = {name: descend(module, data, batch_size) for name, batch_size in WAYS.items()}
    for name, (way, history) in results.items():
        slope, intercept = way[-1]
        said = f"slope {slope:.3f}, intercept {intercept:.3f}, loss {history.epochs[-1].training.loss:.4f}"
        print(f"{name:<17} {len(way) - 1:5d} steps: {said}")
    draw(results, data).savefig(target, dpi=130)
    print(f"wrote {target.name}")


if __name__ == "__main__":
    main()
