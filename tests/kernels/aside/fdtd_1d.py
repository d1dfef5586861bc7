"""FDTD for Maxwell's equations in one dimension with a dielectric slab and absorbing ends (Schneider's notes)."""

import numpy as np

IMP0 = 377.0


def ricker(q, delay=12.0, ppw=10.0):
    arg = (np.pi * ((q - delay) / ppw)) ** 2
    return (1.0 - 2.0 * arg) * np.exp(-arg)


def propagate(ez, hy, epsR, loss, size, max_time, source, probe):
    left = 0.0
    for q in range(max_time):
        # magnetic field
        hy[size - 1] = hy[size - 2]
        for mm in range(size - 1):
            hy[mm] = hy[mm] + (ez[mm + 1] - ez[mm]) / IMP0
        # correction for the scattered field
        hy[source - 1] -= ricker(q) / IMP0
        # electric field
        left = ez[1]
        ez[0] = left
        for mm in range(1, size):
            ez[mm] = (1.0 - loss[mm]) / (1.0 + loss[mm]) * ez[mm] + (hy[mm] - hy[mm - 1]) * IMP0 / epsR[mm] / (
                1.0 + loss[mm]
            )
        ez[source] += ricker(q + 1)
        probe.append(ez[size // 2])


def reflected_energy(epsR, loss):
    size = epsR.size
    ez, hy = np.zeros(size), np.zeros(size)
    probe = []
    propagate(ez, hy, epsR, loss, size, 40, source=5, probe=probe)
    trace = np.asarray(probe)
    return np.sum(trace**2)


def example(rng):
    eps = np.ones(30)
    eps[18:] = 4.0
    return eps + 0.1 * rng.uniform(size=30), 0.01 * rng.uniform(size=30)


MAIN = "reflected_energy"
WRT = ("epsR", "loss")
