"""Gaussian process regression: kernels as objects that can be added and multiplied by hand, log marginal likelihood."""

import numpy as np


class RBF:
    def __init__(self, variance, lengthscale):
        self.variance = variance
        self.lengthscale = lengthscale

    def __call__(self, a, b):
        d2 = ((a[:, None, :] - b[None, :, :]) / self.lengthscale) ** 2
        return self.variance * np.exp(-0.5 * d2.sum(-1))


class Periodic:
    def __init__(self, variance, period):
        self.variance = variance
        self.period = period

    def __call__(self, a, b):
        d = np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1) + 1e-12)
        return self.variance * np.exp(-2 * np.sin(np.pi * d / self.period) ** 2)


def log_marginal(log_params, X, y):
    variance, ell, per_var, period, noise = np.exp(log_params)
    kernels = [RBF(variance, ell), Periodic(per_var, period)]
    n = len(y)
    K = noise * np.eye(n)
    for k in kernels:
        K += k(X, X)
    L = np.linalg.cholesky(K)
    z = np.linalg.solve(L, y - y.mean())
    logdet = 2 * np.sum(np.log(np.diag(L)))
    return -0.5 * (z @ z) - 0.5 * logdet - n / 2 * np.log(2 * np.pi)


def example(rng):
    X = rng.uniform(-2, 2, (9, 2))
    return np.log(np.array([1.2, 0.8, 0.5, 1.7, 0.1])), X, np.sin(X[:, 0]) + 0.1 * rng.normal(size=9)


MAIN = "log_marginal"
WRT = ("log_params", "X", "y")
