"""Electrostatic particle-in-cell: deposit, solve, gather, push; particles and field are updated in place."""

import numpy as np


def deposit(x, n_cells, L):
    dx = L / n_cells
    rho = np.zeros(n_cells)
    j = np.floor(x / dx).astype(int) % n_cells
    w = x / dx - np.floor(x / dx)
    np.add.at(rho, j, 1 - w)
    np.add.at(rho, (j + 1) % n_cells, w)
    return rho * n_cells / len(x), j, w


def poisson(rho, L):
    """Periodic potential by solving the dense second-difference matrix with phi[0] = 0."""
    n = len(rho)
    dx = L / n
    A = -2 * np.eye(n) + np.eye(n, k=1) + np.eye(n, k=-1)
    A[0, -1] = A[-1, 0] = 1
    phi = np.zeros(n)
    phi[1:] = np.linalg.solve(A[1:, 1:], (1 - rho)[1:] * dx**2)
    return phi


def advance(x, v, n_cells, L, dt, nsteps, E_history):
    for it in range(nsteps):
        rho, j, w = deposit(x, n_cells, L)
        phi = poisson(rho, L)
        E = (np.roll(phi, 1) - np.roll(phi, -1)) / (2 * L / n_cells)
        E_part = (1 - w) * E[j] + w * E[(j + 1) % n_cells]
        v -= dt * E_part
        x += dt * v
        x %= L
        E_history[it] = 0.5 * np.mean(E**2)


def example(rng):
    x = (np.arange(12) + 0.3) / 12 * 5.0 + 0.1 * rng.normal(size=12)
    v = np.where(np.arange(12) % 2 == 0, 0.3, -0.3) * (1 + 0.1 * rng.normal(size=12))
    return x % 5.0, v, 8, 5.0, 0.1, 4, np.zeros(4)


MAIN = "advance"
WRT = ("x", "v")
OF = "E_history"
