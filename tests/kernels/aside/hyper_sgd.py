"""Gradient with respect to the learning rate through hand-written training of a small network with momentum."""

import numpy as np


def init(sizes, rng):
    return [(rng.normal(size=(m, n)) / np.sqrt(m), np.zeros(n)) for m, n in zip(sizes[:-1], sizes[1:])]


def forward(params, x):
    activations = [x]
    for l, (W, b) in enumerate(params):
        z = activations[-1] @ W + b
        activations.append(np.tanh(z) if l < len(params) - 1 else z)
    return activations


def backward(params, activations, y):
    grads = [None] * len(params)
    delta = 2 * (activations[-1] - y) / y.size
    for l in range(len(params) - 1, -1, -1):
        W, b = params[l]
        a = activations[l]
        grads[l] = (a.T @ delta, delta.sum(axis=0))
        if l > 0:
            delta = (delta @ W.T) * (1 - a**2)
    return grads


def validation_loss(lr, momentum, train, val, rng, epochs=4):
    x, y = train
    params = init([x.shape[1], 5, y.shape[1]], rng)
    velocity = [(np.zeros_like(W), np.zeros_like(b)) for W, b in params]
    for epoch in range(epochs):
        acts = forward(params, x)
        grads = backward(params, acts, y)
        velocity = [
            (momentum * vW - lr * gW, momentum * vb - lr * gb) for (vW, vb), (gW, gb) in zip(velocity, grads)
        ]
        params = [(W + vW, b + vb) for (W, b), (vW, vb) in zip(params, velocity)]
    xv, yv = val
    *_, pred = forward(params, xv)
    return np.mean((pred - yv) ** 2)


def example(rng):
    train = (rng.normal(size=(12, 3)), rng.normal(size=(12, 2)))
    val = (rng.normal(size=(6, 3)), rng.normal(size=(6, 2)))
    return 0.1, 0.8, train, val, np.random.default_rng(3)


MAIN = "validation_loss"
WRT = ("lr", "momentum", "train")
