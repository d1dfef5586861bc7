"""Boundary value problem by shooting: secant iteration on the initial slope around a leapfrog march."""

import numpy as np


def march(slope, g, damping, n=40, record=False):
    h = 1.0 / n
    theta, omega = 0.5, slope
    track = [theta] if record else None
    for i in range(n):
        k1 = -g * np.sin(theta) - damping * omega
        mid = theta + 0.5 * h * omega
        omid = omega + 0.5 * h * k1
        theta = theta + h * omid
        omega = omega + h * (-g * np.sin(mid) - damping * omid)
        if record:
            track.append(theta)
    return theta if not record else np.array(track)


def secant(fun, x0, x1, tol=1e-11, maxit=30):
    f0, f1 = fun(x0), fun(x1)
    for _ in range(maxit):
        if abs(f1) < tol:
            return x1
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
        f0, f1 = f1, fun(x1)
    raise RuntimeError("secant: no convergence")


def action(g, damping, end):
    slope = secant(lambda s: march(s, g, damping) - end, 0.0, 1.0)
    theta = march(slope, g, damping, record=True)
    v = np.diff(theta) * 40
    return (0.5 * v**2).mean() - g * (1 - np.cos(theta)).mean()


def example(rng):
    return 4.2, 0.3, -0.2


MAIN = "action"
WRT = ("g", "damping", "end")
