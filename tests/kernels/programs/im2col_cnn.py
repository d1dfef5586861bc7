"""CS231n-homework style convolutional network: im2col, batch norm, ReLU, max pool, softmax loss."""

import numpy as np


def im2col(x, hh, ww, stride=1, pad=1):
    N, C, H, W = x.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    out_h = (H + 2 * pad - hh) // stride + 1
    out_w = (W + 2 * pad - ww) // stride + 1
    cols = np.zeros((N, C, hh, ww, out_h, out_w))
    for i in range(hh):
        i_max = i + stride * out_h
        for j in range(ww):
            j_max = j + stride * out_w
            cols[:, :, i, j, :, :] = xp[:, :, i:i_max:stride, j:j_max:stride]
    return cols.transpose(0, 4, 5, 1, 2, 3).reshape(N * out_h * out_w, -1), out_h, out_w


def conv_forward(x, w, b):
    F, C, hh, ww = w.shape
    cols, oh, ow = im2col(x, hh, ww)
    out = cols.dot(w.reshape(F, -1).T) + b
    return out.reshape(x.shape[0], oh, ow, F).transpose(0, 3, 1, 2)


def batchnorm(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=(0, 2, 3), keepdims=True)
    var = ((x - mu) ** 2).mean(axis=(0, 2, 3), keepdims=True)
    xhat = (x - mu) / np.sqrt(var + eps)
    return gamma.reshape(1, -1, 1, 1) * xhat + beta.reshape(1, -1, 1, 1)


def max_pool(x):
    N, C, H, W = x.shape
    return x.reshape(N, C, H // 2, 2, W // 2, 2).max(axis=3).max(axis=4)


def softmax_loss(scores, y):
    shifted = scores - scores.max(axis=1, keepdims=True)
    Z = np.exp(shifted).sum(axis=1, keepdims=True)
    log_probs = shifted - np.log(Z)
    N = scores.shape[0]
    return -log_probs[np.arange(N), y].sum() / N


def loss(X, y, W1, b1, gamma, beta, W2, b2, reg=0.01):
    a = conv_forward(X, W1, b1)
    a = batchnorm(a, gamma, beta)
    a = np.maximum(0, a)
    a = max_pool(a)
    scores = a.reshape(X.shape[0], -1).dot(W2) + b2
    data_loss = softmax_loss(scores, y)
    return data_loss + 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))


def example(rng):
    return (
        rng.normal(size=(3, 2, 4, 4)),
        np.array([0, 2, 1]),
        rng.normal(size=(3, 2, 3, 3)) * 0.5,
        rng.normal(size=3) * 0.1,
        1 + 0.1 * rng.normal(size=3),
        rng.normal(size=3) + 0.3,
        rng.normal(size=(12, 3)) * 0.4,
        np.zeros(3),
    )


MAIN = "loss"
WRT = ("X", "W1", "gamma", "beta", "W2", "b2")
