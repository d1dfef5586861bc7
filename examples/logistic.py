"""Logistic regression by gradient descent, with a gradient module that srcdiff writes.

    python examples/logistic.py

writes generated/logistic_grad.py from the function ``loss`` below, imports it like any other module, and trains on
scikit-learn's breast-cancer data.
"""

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent


def loss(w, b, x, y):
    """Mean logistic loss."""
    z = x @ w + b
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def example():
    """Small arguments: srcdiff takes the types from them and checks the gradient at them."""
    rng = np.random.default_rng(0)
    return rng.standard_normal(3), 0.1, rng.standard_normal((5, 3)), np.array([0.0, 1.0, 1.0, 0.0, 1.0])


def accuracy(w, b, x, y):
    """The share of rows that are put on the right side."""
    return np.mean((x @ w + b > 0) == (y > 0.5))


def breast_cancer(seed=0, validation_rows=169):
    """Standardised training and validation data: (x, y), (x, y)."""
    from sklearn.datasets import load_breast_cancer

    x, y = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    train, validation = order[validation_rows:], order[:validation_rows]
    mean, std = x[train].mean(axis=0), x[train].std(axis=0)
    x, y = (x - mean) / std, y.astype(float)
    return (x[train], y[train]), (x[validation], y[validation])


def write_gradient():
    """Write generated/logistic_grad.py (the command is the one in its header) and import it."""
    command = "grad examples/logistic.py:loss --wrt w,b -o generated/logistic_grad.py"
    subprocess.run([sys.executable, "-m", "srcdiff", *command.split()], cwd=ROOT, check=True)
    sys.path.insert(0, str(ROOT / "generated"))
    return importlib.import_module("logistic_grad")


def train(value_and_grad, x, y, steps=300, rate=0.5):
    """Plain gradient descent from zero."""
    w, b = np.zeros(x.shape[1]), 0.0
    for _ in range(steps):
        _, (w_bar, b_bar) = value_and_grad(w, b, x, y)
        w -= rate * w_bar
        b -= rate * b_bar
    return w, b


def main():
    gradient = write_gradient()
    training, validation = breast_cancer()
    w, b = train(gradient.loss_value_and_grad, *training)
    for name, (x, y) in (("training", training), ("validation", validation)):
        print(f"{name:<10}  loss {loss(w, b, x, y):.4f}  accuracy {accuracy(w, b, x, y):.4f}  ({len(x)} rows)")


if __name__ == "__main__":
    main()
