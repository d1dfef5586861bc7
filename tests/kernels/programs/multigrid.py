"""Geometric multigrid for -u'' = f with Gauss-Seidel smoothing: recursive V-cycles until the residual is small."""

import numpy as np


def gauss_seidel(u, f, h, sweeps):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1] + h * h * f[i])


def residual(u, f, h):
    r = np.zeros_like(u)
    r[1:-1] = f[1:-1] + (u[:-2] - 2 * u[1:-1] + u[2:]) / h**2
    return r


def restrict(r):
    coarse = np.zeros((len(r) + 1) // 2)
    coarse[1:-1] = 0.25 * (r[1:-3:2] + 2 * r[2:-2:2] + r[3:-1:2])
    return coarse


def prolong(e):
    fine = np.zeros(2 * len(e) - 1)
    fine[::2] = e
    fine[1::2] = 0.5 * (e[:-1] + e[1:])
    return fine


def v_cycle(u, f, h):
    n = len(u)
    if n <= 3:
        u[1] = 0.5 * (u[0] + u[2] + h * h * f[1])
        return u
    gauss_seidel(u, f, h, 2)
    coarse_f = restrict(residual(u, f, h))
    correction = v_cycle(np.zeros_like(coarse_f), coarse_f, 2 * h)
    u += prolong(correction)
    gauss_seidel(u, f, h, 1)
    return u


def potential_energy(f, left, right, cycles=3):
    n = len(f)
    h = 1.0 / (n - 1)
    u = np.zeros(n)
    u[0], u[-1] = left, right
    for cycle in range(cycles):
        u = v_cycle(u, f, h)
    return 0.5 * np.sum(np.diff(u) ** 2) / h - h * np.dot(f, u)


def example(rng):
    return 10 * rng.normal(size=17), 0.3, -0.5


MAIN = "potential_energy"
WRT = ("f", "left", "right")
