"""Gauss-Seidel for a diagonally dominant system until the update is small, as in a numerical analysis course."""

import numpy as np


def gauss_seidel(A, b, x, tol=1e-8, maxiter=100):
    """Improve x in place; returns the number of sweeps."""
    n = A.shape[0]
    for it in range(maxiter):
        change = 0.0
        for i in range(n):
            s = b[i]
            for j in range(n):
                if j != i:
                    s -= A[i, j] * x[j]
            new = s / A[i, i]
            change += (new - x[i]) ** 2
            x[i] = new
        if np.sqrt(change) < tol:
            return it + 1
    raise RuntimeError("Gauss-Seidel did not converge")


def work(A, b, x0):
    x = x0.copy()
    sweeps = gauss_seidel(A, b, x)
    assert sweeps > 1
    return b @ x + np.sum(x**3)


def example(rng):
    n = 6
    A = rng.uniform(-1, 1, (n, n)) + n * np.eye(n)
    return A, rng.normal(size=n), np.zeros(n)


MAIN = "work"
WRT = ("A", "b")
