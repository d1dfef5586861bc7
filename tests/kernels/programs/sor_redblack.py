"""Red-black SOR for the Poisson equation, stopping when the largest update is small."""

import numpy as np

MAX_SWEEPS = 60


def sweep(p, f, h2, omega, colour):
    biggest = 0.0
    ny, nx = p.shape
    for i in range(1, ny - 1):
        start = 1 + (i + colour) % 2
        for j in range(start, nx - 1, 2):
            new = 0.25 * (p[i - 1, j] + p[i + 1, j] + p[i, j - 1] + p[i, j + 1] - h2 * f[i, j])
            delta = omega * (new - p[i, j])
            p[i, j] += delta
            if abs(delta) > biggest:
                biggest = abs(delta)
    return biggest


def solve(f, h, omega=1.5, tol=1e-3):
    p = np.zeros_like(f)
    for k in range(MAX_SWEEPS):
        err = sweep(p, f, h * h, omega, 0)
        err = max(err, sweep(p, f, h * h, omega, 1))
        if err < tol:
            break
    else:
        raise RuntimeError(f"SOR did not converge in {MAX_SWEEPS} sweeps, last change {err}")
    return p


def mean_potential(f, omega):
    n = f.shape[0]
    p = solve(f, 1.0 / (n - 1), omega=omega)
    return float(p[1:-1, 1:-1].mean())


def example(rng):
    return rng.normal(size=(8, 8)) * 10, 1.35


MAIN = "mean_potential"
WRT = ("f", "omega")
