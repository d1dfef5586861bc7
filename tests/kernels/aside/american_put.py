"""American put on a Cox-Ross-Rubinstein tree, overwriting one array of values level by level."""

import math

import numpy as np


def american_put(S, K, T, r, sigma, N=30):
    dt = T / N
    u = math.exp(sigma * math.sqrt(dt))
    d = 1.0 / u
    disc = math.exp(-r * dt)
    p = (math.exp(r * dt) - d) / (u - d)
    if not 0.0 < p < 1.0:
        raise ValueError(f"no risk-neutral measure: p = {p}")
    values = np.zeros(N + 1)
    for i in range(N + 1):
        values[i] = max(0.0, K - S * u**i * d ** (N - i))
    for n in range(N - 1, -1, -1):
        for i in range(n + 1):
            hold = disc * (p * values[i + 1] + (1 - p) * values[i])
            exercise = K - S * u**i * d ** (n - i)
            values[i] = hold if hold > exercise else exercise
    return values[0]


def example(rng):
    return 97.3, 100.0, 0.75, 0.04, 0.31


MAIN = "american_put"
WRT = ("S", "r", "sigma")
