"""Leapfrog n-body with softening: energy drift and the centre of mass after some steps."""

import numpy as np

G = 1.0


def accelerations(pos, mass, soft):
    n = pos.shape[0]
    a = np.zeros_like(pos)
    for i in range(n):
        for j in range(n):
            if i == j:
                continue
            d = pos[j] - pos[i]
            a[i] += G * mass[j] * d / (d @ d + soft**2) ** 1.5
    return a


def energy(pos, vel, mass, soft):
    KE = 0.5 * np.sum(np.sum(mass * vel.T**2))
    x, y, z = pos[:, 0:1], pos[:, 1:2], pos[:, 2:3]
    inv_r = np.sqrt((x.T - x) ** 2 + (y.T - y) ** 2 + (z.T - z) ** 2 + soft**2)
    inv_r[inv_r > 0] = 1.0 / inv_r[inv_r > 0]
    PE = G * np.sum(np.triu(-(mass[:, None] * mass) * inv_r, 1))
    return KE, PE


def simulate(pos, vel, mass, soft=0.1, dt=0.05, steps=5):
    pos = pos.copy()
    vel = vel.copy()
    vel -= np.mean(mass[:, None] * vel, 0) / np.mean(mass)
    acc = accelerations(pos, mass, soft)
    for i in range(steps):
        vel += acc * dt / 2.0
        pos += vel * dt
        acc = accelerations(pos, mass, soft)
        vel += acc * dt / 2.0
    KE, PE = energy(pos, vel, mass, soft)
    return KE + 0.5 * PE + np.linalg.norm(pos[0])


def example(rng):
    return rng.normal(size=(4, 3)), 0.3 * rng.normal(size=(4, 3)), rng.uniform(0.5, 2.0, 4), 0.2


MAIN = "simulate"
WRT = ("pos", "vel", "mass", "soft")
