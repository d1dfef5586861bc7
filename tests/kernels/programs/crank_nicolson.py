"""Crank-Nicolson with the Thomas algorithm for Black-Scholes in log price, European call."""

import numpy as np


def tdma(a, b, c, d):
    """Thomas algorithm; the right-hand side and the diagonal are overwritten by copies."""
    n = len(d)
    bc, dc = b.copy(), d.copy()
    for i in range(1, n):
        w = a[i] / bc[i - 1]
        bc[i] -= w * c[i - 1]
        dc[i] -= w * dc[i - 1]
    x = bc
    x[-1] = dc[-1] / bc[-1]
    for i in range(n - 2, -1, -1):
        x[i] = (dc[i] - c[i] * x[i + 1]) / bc[i]
    return x


def call_price(S0, K, r, sigma, T=1.0, M=30, N=10, width=1.5):
    dx = 2 * width / M
    dt = T / N
    x = np.linspace(-width, width, M + 1)
    S = S0 * np.exp(x)
    V = np.log1p(np.exp(20 * (S / K - 1))) * K / 20  # smoothed pay-off
    nu = r - 0.5 * sigma**2
    lower = 0.25 * dt * (sigma**2 / dx**2 - nu / dx)
    upper = 0.25 * dt * (sigma**2 / dx**2 + nu / dx)
    centre = -0.5 * dt * (sigma**2 / dx**2 + r)
    m = M - 1
    a = np.full(m, -lower)
    b = np.full(m, 1 - centre)
    c = np.full(m, -upper)
    for n in range(1, N + 1):
        d = lower * V[:-2] + (1 + centre) * V[1:-1] + upper * V[2:]
        top = S[-1] - K * np.exp(-r * n * dt)
        d[-1] += upper * top
        V[1:-1] = tdma(a, b, c, d)
        V[0] = 0.0
        V[-1] = top
    return V[M // 2]


def example(rng):
    return 100.0, 95.0, 0.04, 0.25


MAIN = "call_price"
WRT = ("S0", "K", "r", "sigma")
