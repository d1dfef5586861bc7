"""Velocity Verlet for a Lennard-Jones fluid in a periodic box, with the parameters in a dataclass."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Fluid:
    epsilon: float
    sigma: float
    box: float
    rcut: float = 2.5

    def pair(self, r2):
        """Energy and -dU/dr / r of one pair."""
        s6 = (self.sigma**2 / r2) ** 3
        energy = 4 * self.epsilon * (s6 * s6 - s6)
        push = 24 * self.epsilon * (2 * s6 * s6 - s6) / r2
        return energy, push


def forces(pos, fluid, F):
    n = len(pos)
    F[...] = 0.0
    potential = 0.0
    for i in range(n - 1):
        for j in range(i + 1, n):
            d = pos[i] - pos[j]
            d = d - fluid.box * np.round(d / fluid.box)
            r2 = d @ d
            if r2 > fluid.rcut**2:
                continue
            e, push = fluid.pair(r2)
            potential += e
            F[i] += push * d
            F[j] -= push * d
    return potential


def run(pos0, vel0, fluid, dt=0.005, nsteps=3):
    pos, vel = pos0.copy(), vel0.copy()
    F = np.zeros_like(pos)
    U = forces(pos, fluid, F)
    for _ in range(nsteps):
        vel += 0.5 * dt * F
        pos += dt * vel
        U = forces(pos, fluid, F)
        vel += 0.5 * dt * F
    kinetic = 0.5 * np.sum(vel**2)
    return U + 1.3 * kinetic


def example(rng):
    grid = np.array([[i, j] for i in range(3) for j in range(2)], dtype=float) * 1.3
    pos = grid + rng.uniform(-0.05, 0.05, grid.shape)
    return pos, rng.normal(size=grid.shape) * 0.2, Fluid(1.0, 1.0, 4.5)


MAIN = "run"
WRT = ("pos0", "vel0", "fluid")
