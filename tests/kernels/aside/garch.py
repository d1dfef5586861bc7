"""GARCH(1,1) with Student-t innovations: the log-likelihood that a quant would pass to an optimiser."""

from math import lgamma, log, pi

import numpy as np


def transform(theta):
    """Unconstrained parameters to (mu, omega, alpha, beta)."""
    mu = theta[0]
    omega = np.exp(theta[1])
    persistence = 1 / (1 + np.exp(-theta[2]))
    share = 1 / (1 + np.exp(-theta[3]))
    return mu, omega, persistence * share, persistence * (1 - share)


def garch_loglik(theta, returns, nu=6.0):
    mu, omega, alpha, beta = transform(theta)
    eps = returns - mu
    T = returns.shape[0]
    h = np.zeros(T)
    h[0] = eps.var()
    const = lgamma((nu + 1) / 2) - lgamma(nu / 2) - 0.5 * log(pi * (nu - 2))
    ll = 0.0
    for t in range(T):
        if t > 0:
            h[t] = omega + alpha * eps[t - 1] ** 2 + beta * h[t - 1]
        if not np.isfinite(h[t]) or h[t] <= 0:
            return -1e10
        ll += const - 0.5 * np.log(h[t]) - (nu + 1) / 2 * np.log(1 + eps[t] ** 2 / (h[t] * (nu - 2)))
    return ll


def example(rng):
    return np.array([0.05, -2.0, 2.0, -1.5]), rng.standard_t(6, size=60)


MAIN = "garch_loglik"
WRT = ("theta", "returns")
