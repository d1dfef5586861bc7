"""PolyBench gramschmidt: works through its arguments."""

import numpy as np


def kernel(A, R, Q):
    M, N = A.shape
    for k in range(N):
        nrm = np.dot(A[:, k], A[:, k])
        R[k, k] = np.sqrt(nrm)
        Q[:, k] = A[:, k] / R[k, k]
        for j in range(k + 1, N):
            R[k, j] = np.dot(Q[:, k], A[:, j])
            A[:, j] -= Q[:, k] * R[k, j]


def example(rng):
    A = rng.normal(size=(6, 4))
    return A, np.zeros((4, 4)), np.zeros((6, 4))


MAIN = "kernel"
WRT = ("A",)
OF = "Q"
