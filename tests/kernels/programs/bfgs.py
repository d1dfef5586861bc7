"""BFGS with Armijo backtracking on the Rosenbrock function, differentiated through the iterations."""

import numpy as np


def rosenbrock(x, a, b):
    return np.sum(b * (x[1:] - x[:-1] ** 2) ** 2 + (a - x[:-1]) ** 2)


def rosenbrock_grad(x, a, b):
    g = np.zeros_like(x)
    g[:-1] += -4 * b * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (a - x[:-1])
    g[1:] += 2 * b * (x[1:] - x[:-1] ** 2)
    return g


def backtrack(f, x, p, fx, slope, c1=1e-4, shrink=0.5):
    alpha = 1.0
    while f(x + alpha * p) > fx + c1 * alpha * slope:
        alpha *= shrink
        if alpha < 1e-8:
            return 0.0
    return alpha


def bfgs(f, df, x0, iters):
    n = x0.size
    H = np.eye(n)
    x = x0
    g = df(x)
    for k in range(iters):
        p = -H @ g
        slope = g @ p
        if slope >= 0:
            H = np.eye(n)
            continue
        alpha = backtrack(f, x, p, f(x), slope)
        s = alpha * p
        x = x + s
        g_new = df(x)
        y = g_new - g
        sy = s @ y
        if sy > 1e-12:
            rho = 1 / sy
            V = np.eye(n) - rho * np.outer(s, y)
            H = V @ H @ V.T + rho * np.outer(s, s)
        g = g_new
    return x


def after_iterations(x0, a, b=5.0, iters=5):
    x = bfgs(lambda z: rosenbrock(z, a, b), lambda z: rosenbrock_grad(z, a, b), x0, iters)
    return rosenbrock(x, a, b) + np.dot(x, np.arange(len(x)))


def example(rng):
    return np.array([0.6, 0.5, 0.4]), 1.1, 2.0


MAIN = "after_iterations"
WRT = ("x0", "a", "b")
