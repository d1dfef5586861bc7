"""One-dimensional Euler equations: MUSCL with a van Leer limiter, HLL flux, CFL time step until a final time."""

import numpy as np

GAMMA = 1.4


def primitive(U):
    rho = U[0]
    u = U[1] / rho
    p = (GAMMA - 1.0) * (U[2] - 0.5 * rho * u**2)
    return rho, u, p


def flux(U):
    rho, u, p = primitive(U)
    F = np.empty_like(U)
    F[0] = rho * u
    F[1] = rho * u**2 + p
    F[2] = u * (U[2] + p)
    return F


def van_leer(a, b):
    prod = a * b
    with np.errstate(divide="ignore", invalid="ignore"):
        lim = np.where(prod > 0, 2 * prod / (a + b), 0.0)
    return lim


def hll(UL, UR):
    rL, uL, pL = primitive(UL)
    rR, uR, pR = primitive(UR)
    cL, cR = np.sqrt(GAMMA * pL / rL), np.sqrt(GAMMA * pR / rR)
    sL = np.minimum(uL - cL, uR - cR)
    sR = np.maximum(uL + cL, uR + cR)
    FL, FR = flux(UL), flux(UR)
    middle = (sR * FL - sL * FR + sL * sR * (UR - UL)) / (sR - sL)
    return np.where(sL >= 0, FL, np.where(sR <= 0, FR, middle))


def shock_tube(U0, t_end, cfl=0.4):
    U = U0.copy()
    n = U.shape[1]
    dx = 1.0 / n
    t = 0.0
    steps = 0
    while t < t_end:
        rho, u, p = primitive(U)
        dt = cfl * dx / np.max(np.abs(u) + np.sqrt(GAMMA * p / rho))
        if t + dt > t_end:
            dt = t_end - t
        slope = np.zeros_like(U)
        slope[:, 1:-1] = van_leer(U[:, 1:-1] - U[:, :-2], U[:, 2:] - U[:, 1:-1])
        UL = U + 0.5 * slope
        UR = U - 0.5 * slope
        F = hll(UL[:, :-1], UR[:, 1:])
        U[:, 1:-1] -= dt / dx * (F[:, 1:] - F[:, :-1])
        t += dt
        steps += 1
    return U


def entropy(U0, t_end):
    rho, u, p = primitive(shock_tube(U0, t_end))
    return float(np.sum(rho * np.log(p / rho**GAMMA)) / len(rho))


def example(rng):
    n = 16
    x = (np.arange(n) + 0.5) / n
    rho = np.where(x < 0.5, 1.0, 0.3) + 0.05 * rng.uniform(size=n)
    p = np.where(x < 0.5, 1.0, 0.2) + 0.05 * rng.uniform(size=n)
    u = 0.1 * np.sin(3 * x)
    U = np.array([rho, rho * u, p / 0.4 + 0.5 * rho * u**2])
    return U, 0.12


MAIN = "entropy"
WRT = ("U0", "t_end")
