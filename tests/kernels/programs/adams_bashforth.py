"""Fourth-order Adams-Bashforth with a Runge-Kutta start, for Lotka-Volterra; the right-hand side is a closure."""

import numpy as np


def make_model(alpha, beta, delta, gamma):
    def model(t, z):
        x, y = z
        return np.array([alpha * x - beta * x * y, delta * x * y - gamma * y])

    return model


def rk4_step(f, t, z, h):
    k1 = f(t, z)
    k2 = f(t + h / 2, z + h / 2 * k1)
    k3 = f(t + h / 2, z + h / 2 * k2)
    k4 = f(t + h, z + h * k3)
    return z + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def ab4(f, z0, h, n):
    z = z0
    fs = [f(0.0, z0)]
    path = [z0]
    for i in range(3):
        z = rk4_step(f, i * h, z, h)
        path.append(z)
        fs.append(f((i + 1) * h, z))
    for i in range(3, n):
        z = z + h / 24 * (55 * fs[-1] - 59 * fs[-2] + 37 * fs[-3] - 9 * fs[-4])
        path.append(z)
        fs.append(f((i + 1) * h, z))
        fs.pop(0)
    return np.stack(path)


def misfit(theta, z0, data):
    alpha, beta, delta, gamma = theta
    f = make_model(alpha, beta, delta, gamma)
    path = ab4(f, z0, 0.1, 20)
    return 0.5 * np.sum((path[::5] - data) ** 2)


def example(rng):
    return np.array([1.1, 0.4, 0.1, 0.4]), np.array([10.0, 5.0]), rng.uniform(1, 12, (5, 2))


MAIN = "misfit"
WRT = ("theta", "z0")
