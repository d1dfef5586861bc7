"""JPEG-like coding: 4x4 block DCT, soft quantisation, inverse transform, distortion plus a rate proxy."""

import numpy as np

N = 4
DCT = np.array(
    [[np.sqrt((1 if k == 0 else 2) / N) * np.cos(np.pi * (2 * n + 1) * k / (2 * N)) for n in range(N)] for k in range(N)]
)


def soft_round(x, sharp=3.0):
    return x - np.sin(2 * np.pi * x) / (2 * np.pi) * (sharp / 4)


def code_block(block, q):
    coef = DCT @ block @ DCT.T
    levels = soft_round(coef / q)
    rate = np.log1p(levels**2).sum()
    return DCT.T @ (levels * q) @ DCT, rate


def rate_distortion(image, qtable, lam=0.02):
    h, w = image.shape
    if h % N != 0 or w % N != 0:
        raise ValueError("image size must be a multiple of the block size")
    out = np.empty_like(image)
    total_rate = 0.0
    for by in range(0, h, N):
        for bx in range(0, w, N):
            out[by : by + N, bx : bx + N], r = code_block(image[by : by + N, bx : bx + N] - 0.5, qtable)
            total_rate += r
    out += 0.5
    return np.mean((out - image) ** 2) + lam * total_rate / image.size


def example(rng):
    return rng.uniform(size=(8, 12)), 0.1 + 0.05 * np.add.outer(np.arange(4.0), np.arange(4.0))


MAIN = "rate_distortion"
WRT = ("image", "qtable")
