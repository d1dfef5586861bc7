"""Plane truss by the direct stiffness method: tip displacement and member stresses."""

import numpy as np


def bar_stiffness(p, q, E, A):
    dx, dy = q - p
    L = np.hypot(dx, dy)
    c, s = dx / L, dy / L
    T = np.array([c, s, -c, -s])
    return E * A / L * np.outer(T, T), T, L


def solve_truss(coords, members, areas, loads, supports, E=200.0):
    ndof = 2 * len(coords)
    K = np.zeros((ndof, ndof))
    for (i, j), A in zip(members, areas):
        k, *_ = bar_stiffness(coords[i], coords[j], E, A)
        dofs = [2 * i, 2 * i + 1, 2 * j, 2 * j + 1]
        for a, ga in enumerate(dofs):
            for b, gb in enumerate(dofs):
                K[ga, gb] += k[a, b]
    for dof in supports:
        K[dof, :] = 0.0
        K[:, dof] = 0.0
        K[dof, dof] = 1.0
    f = loads.reshape(-1).copy()
    f[supports] = 0.0
    return np.linalg.solve(K, f)


def design_merit(coords, areas, members, loads, supports):
    u = solve_truss(coords, members, areas, loads, supports)
    weight = 0.0
    worst = 0.0
    for m, (i, j) in enumerate(members):
        _, T, L = bar_stiffness(coords[i], coords[j], 200.0, areas[m])
        strain = -(T @ np.concatenate([u[2 * i : 2 * i + 2], u[2 * j : 2 * j + 2]])) / L
        worst += (200.0 * strain) ** 8
        weight += L * areas[m]
    return weight + 0.05 * worst ** (1 / 8)


def example(rng):
    coords = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [2.0, 0.3]])
    coords = coords + 0.02 * rng.normal(size=coords.shape)
    members = [(0, 2), (1, 3), (0, 3), (1, 2), (2, 3), (2, 4), (3, 4)]
    loads = np.zeros((5, 2))
    loads[4] = [0.1, -1.0]
    return coords, rng.uniform(0.5, 1.5, 7), members, loads, [0, 1, 2, 3]


MAIN = "design_merit"
WRT = ("coords", "areas", "loads")
