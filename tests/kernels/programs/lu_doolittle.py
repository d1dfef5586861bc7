"""LU factorisation in place with slice reads, two triangular solves and the determinant."""

import numpy as np


def lu_inplace(A):
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, n):
            A[i, j] -= A[i, :i] @ A[:i, j]


def lu_solve(LU, b):
    n = len(b)
    y = np.zeros(n)
    for i in range(n):
        y[i] = b[i] - LU[i, :i] @ y[:i]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (y[i] - LU[i, i + 1 :] @ x[i + 1 :]) / LU[i, i]
    return x


def log_volume_and_energy(A, b):
    LU = A.copy()
    lu_inplace(LU)
    x = lu_solve(LU, b)
    return np.sum(np.log(np.abs(np.diag(LU)))) + 10 * x @ x


def example(rng):
    return rng.normal(size=(6, 6)) + 4 * np.eye(6), rng.normal(size=6)


MAIN = "log_volume_and_energy"
WRT = ("A", "b")
