"""A two-layer LSTM by hand: parameters in a list of dicts, gates by slicing, squared error over the sequence."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_cell(x, h, c, p):
    n = h.shape[0]
    z = p["Wx"] @ x + p["Wh"] @ h + p["b"]
    i = sigmoid(z[:n])
    f = sigmoid(z[n : 2 * n])
    o = sigmoid(z[2 * n : 3 * n])
    g = np.tanh(z[3 * n :])
    c = f * c + i * g
    return o * np.tanh(c), c


def sequence_loss(layers, readout, inputs, targets):
    hs = [np.zeros(p["Wh"].shape[1]) for p in layers]
    cs = [np.zeros(p["Wh"].shape[1]) for p in layers]
    loss = 0.0
    for x, y in zip(inputs, targets):
        for k, p in enumerate(layers):
            hs[k], cs[k] = lstm_cell(x, hs[k], cs[k], p)
            x = hs[k]
        loss += (readout @ x - y) ** 2
    return loss / len(targets)


def example(rng):
    def layer(d, n):
        return {
            "Wx": 0.5 * rng.normal(size=(4 * n, d)),
            "Wh": 0.5 * rng.normal(size=(4 * n, n)),
            "b": 0.1 * rng.normal(size=4 * n),
        }

    return [layer(2, 3), layer(3, 4)], rng.normal(size=4), rng.normal(size=(5, 2)), rng.normal(size=5)


MAIN = "sequence_loss"
WRT = ("layers", "readout", "inputs")
