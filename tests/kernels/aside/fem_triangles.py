"""Linear finite elements on a triangle mesh: assembly with np.add.at, Dirichlet nodes removed by a mask, compliance."""

import numpy as np


def element_matrix(xy, kappa):
    x, y = xy[:, 0], xy[:, 1]
    b = np.array([y[1] - y[2], y[2] - y[0], y[0] - y[1]])
    c = np.array([x[2] - x[1], x[0] - x[2], x[1] - x[0]])
    area = 0.5 * (b[0] * c[1] - b[1] * c[0])
    return kappa * (np.outer(b, b) + np.outer(c, c)) / (4 * area), area


def assemble(nodes, tris, kappa, load):
    n = len(nodes)
    K = np.zeros((n, n))
    F = np.zeros(n)
    for tri, k in zip(tris, kappa):
        Ke, area = element_matrix(nodes[tri], k)
        np.add.at(K, np.ix_(tri, tri), Ke)
        np.add.at(F, tri, load * area / 3)
    return K, F


def compliance(nodes, tris, fixed, kappa, load=1.0):
    K, F = assemble(nodes, tris, kappa, load)
    free = ~fixed
    u = np.zeros(len(nodes))
    u[free] = np.linalg.solve(K[free][:, free], F[free])
    return F @ u


def example(rng):
    nx, ny = 4, 3
    nodes = np.array([[i / (nx - 1), j / (ny - 1)] for j in range(ny) for i in range(nx)])
    nodes += 0.03 * rng.uniform(-1, 1, nodes.shape)
    tris = []
    for j in range(ny - 1):
        for i in range(nx - 1):
            a = j * nx + i
            tris += [[a, a + 1, a + nx], [a + 1, a + nx + 1, a + nx]]
    fixed = np.zeros(nx * ny, dtype=bool)
    fixed[::nx] = True
    return nodes, np.array(tris), fixed, rng.uniform(0.5, 2.0, len(tris))


MAIN = "compliance"
WRT = ("nodes", "kappa")
