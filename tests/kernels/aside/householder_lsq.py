"""Least squares by Householder reflections, textbook (Golub & Van Loan 5.1)."""

import numpy as np


def house(x):
    """Householder vector v (v[0] == 1) and beta."""
    sigma = np.dot(x[1:], x[1:])
    v = x.copy()
    v[0] = 1.0
    if sigma == 0.0:
        return v, 0.0
    mu = np.sqrt(x[0] ** 2 + sigma)
    if x[0] <= 0:
        v0 = x[0] - mu
    else:
        v0 = -sigma / (x[0] + mu)
    beta = 2 * v0**2 / (sigma + v0**2)
    v[1:] /= v0
    return v, beta


def back_substitute(R, y):
    n = R.shape[1]
    x = np.zeros(n)
    for i in reversed(range(n)):
        x[i] = (y[i] - R[i, i + 1 : n] @ x[i + 1 : n]) / R[i, i]
    return x


def lsq_residual(A, b):
    m, n = A.shape
    assert m >= n, "underdetermined system"
    R = A.astype(float)
    y = np.array(b)
    for j in range(n):
        v, beta = house(R[j:, j])
        R[j:, j:] -= beta * np.outer(v, v @ R[j:, j:])
        y[j:] -= beta * v * (v @ y[j:])
    x = back_substitute(R, y)
    residual = y[n:]
    return x @ x + 0.5 * residual @ residual


def example(rng):
    return rng.normal(size=(7, 4)), rng.normal(size=7)


MAIN = "lsq_residual"
WRT = ("A", "b")
