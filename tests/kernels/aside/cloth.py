"""Mass-spring cloth: springs on a grid, pinned corners, ground penalty, symplectic Euler in place."""

import numpy as np


class Spring:
    def __init__(self, i, j, rest):
        self.i = i
        self.j = j
        self.rest = rest


def build_springs(rows, cols, h):
    springs = []
    for r in range(rows):
        for c in range(cols):
            k = r * cols + c
            if c + 1 < cols:
                springs.append(Spring(k, k + 1, h))
            if r + 1 < rows:
                springs.append(Spring(k, k + cols, h))
            if c + 1 < cols and r + 1 < rows:
                springs.append(Spring(k, k + cols + 1, h * np.sqrt(2)))
    return springs


def add_spring_forces(x, v, force, springs, ks, kd):
    for s in springs:
        d = x[s.j] - x[s.i]
        length = np.linalg.norm(d)
        n = d / length
        rel = (v[s.j] - v[s.i]) @ n
        f = (ks * (length - s.rest) + kd * rel) * n
        force[s.i] += f
        force[s.j] -= f


def sag(x0, ks, kd, wind, rows=3, cols=3, steps=5, dt=0.02):
    springs = build_springs(rows, cols, 0.5)
    x = x0.copy()
    v = np.zeros_like(x)
    for step in range(steps):
        force = np.zeros_like(x)
        force[:, 2] -= 9.81
        force += wind
        add_spring_forces(x, v, force, springs, ks, kd)
        low = x[:, 2] < 0.3
        force[low, 2] += 50.0 * (0.3 - x[low, 2])
        v += dt * force
        v[0] = v[cols - 1] = 0.0
        x += dt * v
    return 100 * np.mean(x[:, 2]) + 10 * np.sum(v**2)


def example(rng):
    x = np.array([[0.5 * c, 0.5 * r, 0.55 - 0.15 * r] for r in range(3) for c in range(3)])
    return x + 0.02 * rng.normal(size=x.shape), 40.0, 0.5, np.array([0.3, 0.1, 0.0])


MAIN = "sag"
WRT = ("x0", "ks", "kd", "wind")
