"""Runge-Kutta-Fehlberg with step size control for the Van der Pol oscillator."""

import numpy as np

A = [
    [],
    [1 / 4],
    [3 / 32, 9 / 32],
    [1932 / 2197, -7200 / 2197, 7296 / 2197],
    [439 / 216, -8.0, 3680 / 513, -845 / 4104],
    [-8 / 27, 2.0, -3544 / 2565, 1859 / 4104, -11 / 40],
]
B4 = np.array([25 / 216, 0.0, 1408 / 2565, 2197 / 4104, -1 / 5, 0.0])
B5 = np.array([16 / 135, 0.0, 6656 / 12825, 28561 / 56430, -9 / 50, 2 / 55])


def van_der_pol(t, y, mu):
    return np.array([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])


def rkf45(f, y0, t_end, args=(), tol=1e-4, h=0.1):
    t, y = 0.0, y0
    accepted = rejected = 0
    while t < t_end:
        h = min(h, t_end - t)
        k = []
        for row in A:
            yi = y.copy()
            for a, kj in zip(row, k):
                yi += h * a * kj
            k.append(f(t, yi, *args))
        k = np.array(k)
        err = h * np.max(np.abs((B5 - B4) @ k))
        if err <= tol:
            t += h
            y = y + h * (B5 @ k)
            accepted += 1
        else:
            rejected += 1
            if rejected > 100:
                raise RuntimeError("too many rejected steps")
        h *= min(4.0, max(0.1, 0.9 * (tol / (err + 1e-14)) ** 0.2))
    return y, accepted


def end_state(y0, mu, t_end=2.0):
    y, n = rkf45(van_der_pol, y0, t_end, args=(mu,))
    return y[0] ** 2 + 3 * y[1]


def example(rng):
    return np.array([1.2, -0.4]), 1.7


MAIN = "end_state"
WRT = ("y0", "mu")
