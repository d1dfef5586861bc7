"""SimpleNet: Linear(10, 5), ReLU, Linear(5, 2), trained with softmax cross-entropy, in plain NumPy.

    python examples/simplenet.py

writes generated/simplenet_grad.py from the function ``loss`` below and trains two networks with it: one on ten made-up
measurements with two classes, and one on scikit-learn's digits, with 64 pixels and ten classes. Nothing in ``loss``
knows a size, so one gradient module serves both.
"""

import numpy as np
from _generate import generate

from srcdiff.train import SGD, Lines, fit


def linear(layer, x):
    return x @ layer["weight"] + layer["bias"]


def predict(params, x):
    """The logits: one row for each row of x, one column for each class."""
    hidden = np.maximum(linear(params["fc1"], x), 0)
    return linear(params["fc2"], hidden)


def loss(params, x, labels):
    """Softmax cross-entropy from logits, the mean over the rows."""
    logits = predict(params, x)
    # without its largest logit no row can overflow
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_z = np.log(np.sum(np.exp(shifted), axis=1))
    return np.mean(log_z - shifted[np.arange(len(labels)), labels])


def init_linear(rng, inputs, outputs):
    """PyTorch's start: uniform within one over the square root of the number of inputs."""
    bound = 1 / np.sqrt(inputs)
    return {"weight": rng.uniform(-bound, bound, (inputs, outputs)), "bias": rng.uniform(-bound, bound, outputs)}


def init(rng, data):
    """Parameters of the data's sizes: 10, 5 and 2 for ten columns and two classes; 64, 32 and 10 for the digits."""
    x, labels = data
    inputs, classes = x.shape[1], int(labels.max()) + 1
    hidden = inputs // 2
    return {"fc1": init_linear(rng, inputs, hidden), "fc2": init_linear(rng, hidden, classes)}


def example():
    """Small arguments: srcdiff takes the types from them and checks the gradient at them."""
    rng = np.random.default_rng(0)
    data = made_up(rng, rows=6)
    return init(rng, data), *data


def made_up(rng, rows=1000):
    """Ten measurements and two classes: whether the first five sum to more than the last five."""
    x = rng.standard_normal((rows, 10))
    return x, (x[:, :5].sum(axis=1) > x[:, 5:].sum(axis=1)).astype(int)


def main():
    module = generate("simplenet.py:loss", "params")
    for name, data in (("ten measurements", made_up(np.random.default_rng(0))), ("digits", "digits")):
        print(f"\n{name}")
        fit(module, data, optimizer=SGD(lr=0.01), batch_size=8, epochs=10, progress=Lines())


if __name__ == "__main__":
    main()
