"""Peaceman-Rachford ADI for the heat equation on a square plate with a hot spot."""

import numpy as np


def thomas(a, b, c, d, x):
    """Solve a tridiagonal system with constant diagonals, result goes into x."""
    n = len(d)
    cp = np.zeros(n)
    dp = np.zeros(n)
    cp[0] = c / b
    dp[0] = d[0] / b
    for i in range(1, n):
        m = b - a * cp[i - 1]
        cp[i] = c / m
        dp[i] = (d[i] - a * dp[i - 1]) / m
    x[n - 1] = dp[n - 1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]


def step(u, r, half):
    n = u.shape[0]
    # implicit in x, explicit in y
    for j in range(1, n - 1):
        rhs = u[1:-1, j] + r * (u[1:-1, j - 1] - 2 * u[1:-1, j] + u[1:-1, j + 1])
        rhs[0] += r * u[0, j]
        rhs[-1] += r * u[-1, j]
        thomas(-r, 1 + 2 * r, -r, rhs, half[1:-1, j])
    # implicit in y, explicit in x
    for i in range(1, n - 1):
        rhs = half[i, 1:-1] + r * (half[i - 1, 1:-1] - 2 * half[i, 1:-1] + half[i + 1, 1:-1])
        rhs[0] += r * u[i, 0]
        rhs[-1] += r * u[i, -1]
        thomas(-r, 1 + 2 * r, -r, rhs, u[i, 1:-1])


def plate_energy(u0, alpha, steps=4, dt=0.01):
    n = u0.shape[0]
    dx = 1.0 / (n - 1)
    r = alpha * dt / (2 * dx**2)
    u = u0.copy()
    half = u.copy()
    for _ in range(steps):
        step(u, r, half)
    return np.sum(u**2) * dx * dx


def example(rng):
    n = 9
    u0 = rng.uniform(0.0, 1.0, (n, n))
    u0[4, 4] = 3.0
    return u0, 0.3


MAIN = "plate_energy"
WRT = ("u0", "alpha")
