"""Conjugate gradients with a stopping test, matrix-free for a variable-coefficient Laplacian."""

import numpy as np


def apply_operator(k, u):
    """-(k u')' on a grid with zero ends."""
    padded = np.zeros(len(u) + 2)
    padded[1:-1] = u
    flux = k * (padded[1:] - padded[:-1])
    return flux[:-1] - flux[1:]


def conjugate_gradients(op, b, tol=1e-10, max_iter=None):
    x = np.zeros_like(b)
    r = b - op(x)
    p = r.copy()
    rs_old = r @ r
    if max_iter is None:
        max_iter = 2 * len(b)
    for _ in range(max_iter):
        Ap = op(p)
        alpha = rs_old / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rs_new = r @ r
        if np.sqrt(rs_new) < tol:
            break
        p = r + (rs_new / rs_old) * p
        rs_old = rs_new
    return x


def misfit(k, load, data):
    u = conjugate_gradients(lambda v: apply_operator(k, v), load)
    return 0.5 * np.sum((u - data) ** 2) + 0.01 * np.sum(np.diff(k) ** 2)


def example(rng):
    n = 7
    return rng.uniform(1, 2, n + 1), rng.normal(size=n), rng.normal(size=n)


MAIN = "misfit"
WRT = ("k", "load")
