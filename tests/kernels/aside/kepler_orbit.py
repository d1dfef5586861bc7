"""Radial velocity of a planet: Kepler's equation by Newton with a vectorised while, chi-squared of the data."""

import numpy as np


def eccentric_anomaly(M, e, tol=1e-12):
    E = M + e * np.sin(M)
    while True:
        dE = (E - e * np.sin(E) - M) / (1 - e * np.cos(E))
        E = E - dE
        if np.all(np.abs(dE) < tol):
            return E


def radial_velocity(t, *, P, K, e, omega, t0, gamma=0.0):
    M = 2 * np.pi * (t - t0) / P
    M = np.mod(M, 2 * np.pi)
    E = eccentric_anomaly(M, e)
    nu = 2 * np.arctan2(np.sqrt(1 + e) * np.sin(E / 2), np.sqrt(1 - e) * np.cos(E / 2))
    return gamma + K * (np.cos(nu + omega) + e * np.cos(omega))


def chi2(planet, t, rv, err):
    model = radial_velocity(t, **planet)
    z = (rv - model) / err
    prior = (planet["e"] / 0.3) ** 2 if planet["e"] > 0 else np.inf
    return float(z @ z) + prior


def example(rng):
    planet = {"P": 4.23, "K": 55.9, "e": 0.21, "omega": 1.1, "t0": 0.37, "gamma": -3.0}
    t = np.sort(rng.uniform(0, 20, 12))
    return planet, t, 40 * rng.normal(size=12), rng.uniform(3, 6, 12)


MAIN = "chi2"
WRT = ("planet", "rv")
