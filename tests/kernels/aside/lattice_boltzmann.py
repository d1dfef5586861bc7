"""Lattice Boltzmann D2Q9 with a cylinder, in the style of the well-known 60-line scripts; drag on the cylinder."""

import numpy as np

NL = 9
CXS = np.array([0, 0, 1, 1, 1, 0, -1, -1, -1])
CYS = np.array([0, 1, 1, 0, -1, -1, -1, 0, 1])
WEIGHTS = np.array([4 / 9, 1 / 9, 1 / 36, 1 / 9, 1 / 36, 1 / 9, 1 / 36, 1 / 9, 1 / 36])


def drag(F0, tau, steps=4):
    Ny, Nx, _ = F0.shape
    idxs = np.arange(NL)
    X, Y = np.meshgrid(range(Nx), range(Ny))
    cylinder = (X - Nx / 4) ** 2 + (Y - Ny / 2) ** 2 < (Ny / 4) ** 2
    F = F0.copy()
    rho = np.sum(F, 2)
    for i in idxs:
        F[:, :, i] *= 1.0 / rho
    total = 0.0
    for it in range(steps):
        # drift
        for i, cx, cy in zip(idxs, CXS, CYS):
            F[:, :, i] = np.roll(F[:, :, i], cx, axis=1)
            F[:, :, i] = np.roll(F[:, :, i], cy, axis=0)
        # reflective boundaries
        bndryF = F[cylinder, :]
        bndryF = bndryF[:, [0, 5, 6, 7, 8, 1, 2, 3, 4]]
        # fluid variables
        rho = np.sum(F, 2)
        ux = np.sum(F * CXS, 2) / rho
        uy = np.sum(F * CYS, 2) / rho
        # collision
        Feq = np.zeros(F.shape)
        for i, cx, cy, w in zip(idxs, CXS, CYS, WEIGHTS):
            Feq[:, :, i] = (
                rho
                * w
                * (1 + 3 * (cx * ux + cy * uy) + 9 * (cx * ux + cy * uy) ** 2 / 2 - 3 * (ux**2 + uy**2) / 2)
            )
        F += -(1.0 / tau) * (F - Feq)
        total += np.sum((bndryF - F[cylinder, :]) * CXS)
        F[cylinder, :] = bndryF
    return total / steps


def example(rng):
    F = np.ones((8, 12, NL)) + 0.05 * rng.uniform(size=(8, 12, NL))
    F[:, :, 3] += 1.2
    return F, 0.8


MAIN = "drag"
WRT = ("F0", "tau")
