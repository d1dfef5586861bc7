"""Soft dynamic time warping between two multivariate series."""

import numpy as np


def softmin(a, b, c, gamma):
    z = np.array([a, b, c]) / -gamma
    m = z.max()
    return -gamma * (m + np.log(np.exp(z - m).sum()))


def soft_dtw(x, y, gamma=0.5, band=None):
    n, m = len(x), len(y)
    D = np.full((n + 1, m + 1), 1e6)
    D[0, 0] = 0
    for i, xi in enumerate(x, start=1):
        for j, yj in enumerate(y, start=1):
            if band is not None and abs(i - j) > band:
                continue
            cost = np.sum((xi - yj) ** 2)
            D[i, j] = cost + softmin(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1], gamma)
    return D[n, m]


def barycenter_loss(center, series, weights, gamma):
    loss = 0
    for w, s in zip(weights, series):
        loss += w * soft_dtw(center, s, gamma=gamma, band=3) / len(s)
    return loss


def example(rng):
    series = [rng.normal(size=(5, 2)), rng.normal(size=(6, 2)), rng.normal(size=(4, 2))]
    return rng.normal(size=(5, 2)), series, [0.5, 0.3, 0.2], 0.7


MAIN = "barycenter_loss"
WRT = ("center", "series", "gamma")
