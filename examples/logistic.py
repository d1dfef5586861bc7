"""Logistic regression on scikit-learn's breast-cancer data.

    python examples/logistic.py

writes generated/logistic_grad.py from the function ``loss`` below and trains with it. The gradient is that of ``w`` and
``b``: for the trainer, the pair of them are the parameters. It takes ``init`` and ``predict`` from this file.

The same from the command line, with a line for every epoch, once the module is there:

  srcdiff train generated/logistic_grad.py --data breast_cancer --lr 0.5 --batch-size all --epochs 300 --validation 0.3
"""

import numpy as np
from _generate import generate

from srcdiff.train import SGD, fit


def loss(w, b, x, y):
    """Mean logistic loss."""
    z = x @ w + b
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def example():
    """Small arguments: srcdiff takes the types from them and checks the gradient at them."""
    rng = np.random.default_rng(0)
    return rng.standard_normal(3), 0.1, rng.standard_normal((5, 3)), np.array([0.0, 1.0, 1.0, 0.0, 1.0])


def init(rng, data):
    """Where the descent begins: w and b are zero."""
    x, _ = data
    return np.zeros(x.shape[1]), 0.0


def predict(params, x):
    """Positive for rows that belong to class 1."""
    w, b = params
    return x @ w + b


def main():
    module = generate("logistic.py:loss", "w,b")
    _, history = fit(module, "breast_cancer", optimizer=SGD(lr=0.5), batch_size=None, epochs=300, validation=0.3)
    last = history.epochs[-1]
    for name, metrics in (("training", last.training), ("validation", last.validation)):
        rows = history.settings["rows"][name]
        print(f"{name:<10}  loss {metrics.loss:.4f}  accuracy {metrics.accuracy:.4f}  ({rows} rows)")


if __name__ == "__main__":
    main()
