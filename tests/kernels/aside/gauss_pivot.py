"""Gaussian elimination with partial pivoting, as on Rosetta Code; condition-like number of a system."""

import numpy as np


def gauss(a, b):
    n = len(a)
    a = a.copy()
    b = b.copy()
    det = 1.0
    for i in range(n):
        k = i
        for j in range(i + 1, n):
            if abs(a[j, i]) > abs(a[k, i]):
                k = j
        if k != i:
            a[[i, k]] = a[[k, i]]
            b[i], b[k] = b[k], b[i]
            det = -det
        for j in range(i + 1, n):
            t = a[j, i] / a[i, i]
            for l in range(i + 1, n):
                a[j, l] -= t * a[i, l]
            b[j] -= t * b[i]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            t = a[i, j]
            b[i] -= t * b[j]
        t = 1 / a[i, i]
        det *= a[i, i]
        b[i] *= t
    return det, b


def objective(a, b, target):
    det, x = gauss(a, b)
    if det == 0:
        return 0.0
    return np.log(np.abs(det)) + np.linalg.norm(x - target)


def example(rng):
    return rng.normal(size=(5, 5)), rng.normal(size=5), np.ones(5)


MAIN = "objective"
WRT = ("a", "b", "target")
