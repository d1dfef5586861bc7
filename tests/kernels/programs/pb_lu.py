"""PolyBench lu, which works through its argument."""

import numpy as np


def kernel(A):
    n = len(A)
    for i in range(n):
        for j in range(i):
            for k in range(j):
                A[i, j] -= A[i, k] * A[k, j]
            A[i, j] /= A[j, j]
        for j in range(i, n):
            for k in range(i):
                A[i, j] -= A[i, k] * A[k, j]


def example(rng):
    A = rng.normal(size=(5, 5))
    A[np.diag_indices(5)] += 5
    return (A,)


MAIN = "kernel"
WRT = ("A",)
OF = "A"
