"""Holt-Winters exponential smoothing with additive seasonality: one-step errors and a damped forecast."""

import numpy as np


def holt_winters(y, alpha, beta, gamma, m):
    level = np.mean(y[:m])
    trend = (np.mean(y[m : 2 * m]) - np.mean(y[:m])) / m
    season = list(y[:m] - level)
    sse = 0
    for t, obs in enumerate(y):
        s = season[t % m]
        forecast = level + trend + s
        error = obs - forecast
        if t >= m:
            sse += error**2
        last_level = level
        level = alpha * (obs - s) + (1 - alpha) * (level + trend)
        trend = beta * (level - last_level) + (1 - beta) * trend
        season[t % m] = gamma * (obs - level) + (1 - gamma) * s
    return level, trend, season, sse


def forecast(y, weights, m=4, horizon=6, phi=0.9):
    alpha, beta, gamma = weights
    level, trend, season, sse = holt_winters(y, alpha, beta, gamma, m)
    out = []
    damp = 0.0
    for h in range(1, horizon + 1):
        damp += phi**h
        out.append(level + damp * trend + season[(len(y) + h - 1) % m])
    return np.array(out), sse


def score(y, weights, future):
    fc, sse = forecast(y, weights, horizon=len(future))
    return np.sqrt(sse / len(y)) + np.mean(np.abs(fc - future) ** 1.5)


def example(rng):
    t = np.arange(24)
    y = 10 + 0.2 * t + 2 * np.sin(np.pi * t / 2) + 0.3 * rng.normal(size=24)
    return y, np.array([0.4, 0.2, 0.3]), 15 + rng.normal(size=5)


MAIN = "score"
WRT = ("y", "weights")
