"""Convolution and max pooling by loops, a dense layer and the cross entropy, as in a first course on networks."""

import numpy as np


def conv2d(image, kernels, bias):
    K, kh, kw = kernels.shape
    H, W = image.shape
    out = np.zeros((K, H - kh + 1, W - kw + 1))
    for k in range(K):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                out[k, i, j] = np.sum(image[i : i + kh, j : j + kw] * kernels[k]) + bias[k]
    return out


def maxpool(x, size=2):
    K, H, W = x.shape
    out = np.zeros((K, H // size, W // size))
    for k in range(K):
        for i in range(H // size):
            for j in range(W // size):
                patch = x[k, i * size : (i + 1) * size, j * size : (j + 1) * size]
                out[k, i, j] = patch.max()
    return out


def loss(image, label, kernels, bias, W, b):
    h = conv2d(image, kernels, bias)
    h[h < 0] *= 0.1  # leaky ReLU
    h = maxpool(h)
    scores = W @ h.flatten() + b
    scores -= scores.max()
    return -scores[label] + np.log(np.sum(np.exp(scores)))


def example(rng):
    return (
        rng.normal(size=(6, 6)),
        1,
        rng.normal(size=(2, 3, 3)),
        0.1 * rng.normal(size=2),
        0.5 * rng.normal(size=(3, 8)),
        0.1 * rng.normal(size=3),
    )


MAIN = "loss"
WRT = ("image", "kernels", "bias", "W", "b")
