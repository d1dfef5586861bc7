"""Implicit Euler with Newton's method for the Robertson stiff kinetics problem."""

import numpy as np


def rhs(y, k):
    k1, k2, k3 = k
    r1 = k1 * y[0]
    r2 = k2 * y[1] * y[2]
    r3 = k3 * y[1] ** 2
    return np.array([-r1 + r2, r1 - r2 - r3, r3])


def jac(y, k):
    k1, k2, k3 = k
    J = np.empty((3, 3))
    J[0] = [-k1, k2 * y[2], k2 * y[1]]
    J[1] = [k1, -k2 * y[2] - 2 * k3 * y[1], -k2 * y[1]]
    J[2] = [0.0, 2 * k3 * y[1], 0.0]
    return J


def implicit_euler(y0, k, dt, nsteps, newton_tol=1e-10):
    y = y0
    history = [y0]
    for n in range(nsteps):
        y_old = y
        it = 0
        while True:
            g = y - y_old - dt * rhs(y, k)
            dy = np.linalg.solve(np.eye(3) - dt * jac(y, k), -g)
            y = y + dy
            it += 1
            if np.max(np.abs(dy)) < newton_tol or it >= 20:
                break
        history.append(y)
    return np.array(history)


def product_at_end(k, y0, dt=0.1, nsteps=5):
    ys = implicit_euler(y0, k, dt, nsteps)
    return ys[-1, 2] + 0.1 * ys[:, 1].sum()


def example(rng):
    return np.array([0.4, 10.0, 30.0]) * rng.uniform(0.9, 1.1, 3), np.array([1.0, 0.05, 0.02])


MAIN = "product_at_end"
WRT = ("k", "y0")
