"""Cholesky-Banachiewicz by loops: multivariate normal log-density with a parametric covariance."""

import math

import numpy as np


def cholesky(A):
    n = A.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                if s <= 0:
                    raise ValueError("matrix is not positive definite at row {}".format(i))
                L[i, j] = math.sqrt(s)
            else:
                L[i, j] = s / L[j, j]
    return L


def log_density(y, mu, A):
    cov = A @ A.T + 0.5 * np.eye(len(y))
    L = cholesky(cov)
    n = len(y)
    r = y - mu
    z = np.zeros(n)
    for i in range(n):
        z[i] = (r[i] - np.dot(L[i, :i], z[:i])) / L[i, i]
    logdet = 0.0
    for i in range(n):
        logdet += 2 * math.log(L[i, i])
    return -0.5 * (np.dot(z, z) + logdet + n * math.log(2 * math.pi))


def example(rng):
    return rng.normal(size=5), rng.normal(size=5), rng.normal(size=(5, 5))


MAIN = "log_density"
WRT = ("y", "mu", "A")
