"""Implicit heat conduction in a rod with temperature-dependent conductivity, Thomas algorithm, in place throughout."""

import numpy as np


def solve_tridiagonal(lower, diag, upper, rhs):
    """Overwrites diag and rhs; the solution is in rhs."""
    n = diag.size
    for i in range(1, n):
        factor = lower[i - 1] / diag[i - 1]
        diag[i] = diag[i] - factor * upper[i - 1]
        rhs[i] = rhs[i] - factor * rhs[i - 1]
    rhs[n - 1] /= diag[n - 1]
    i = n - 2
    while i >= 0:
        rhs[i] = (rhs[i] - upper[i] * rhs[i + 1]) / diag[i]
        i -= 1


def conductivity(T, k0, k1):
    return k0 * (1.0 + k1 * T)


def rod(T0, k0, k1, q, nt=8, dt=0.02):
    T = np.array(T0, copy=True)
    n = len(T)
    dx = 1.0 / (n - 1)
    for _ in range(nt):
        k = conductivity(T, k0, k1)
        km = 0.5 * (k[1:] + k[:-1]) * dt / dx**2
        diag = np.ones(n)
        diag[:-1] += km
        diag[1:] += km
        rhs = T + dt * q
        solve_tridiagonal(-km, diag, -km, rhs)
        T = rhs
    return 100 * dx * (np.sum(T**2) - 0.5 * (T[0] ** 2 + T[-1] ** 2))


def example(rng):
    return rng.uniform(0, 1, 9), 0.8, 0.3, rng.normal(size=9)


MAIN = "rod"
WRT = ("T0", "k0", "k1", "q")
