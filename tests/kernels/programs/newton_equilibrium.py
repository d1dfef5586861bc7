"""Newton's method with damping for a chemical equilibrium, then the sensitivity of the yield."""

import numpy as np


def residual(x, K, feed):
    a, b, c = x
    return np.array([c - K[0] * a * b, a + c - feed[0], b + c + K[1] * b**2 - feed[1]])


def jacobian(x, K):
    a, b, c = x
    return np.array([[-K[0] * b, -K[0] * a, 1.0], [1.0, 0.0, 1.0], [0.0, 1.0 + 2 * K[1] * b, 1.0]])


def newton(K, feed, x, tol=1e-11, itmax=40):
    r = residual(x, K, feed)
    for iteration in range(itmax):
        step = np.linalg.solve(jacobian(x, K), r)
        lam = 1.0
        while True:
            trial = x - lam * step
            r_new = residual(trial, K, feed)
            if np.linalg.norm(r_new) <= (1 - 0.3 * lam) * np.linalg.norm(r) or lam < 1e-3:
                break
            lam /= 2
        x, r = trial, r_new
        if np.linalg.norm(step) < tol:
            return x
    raise RuntimeError("no convergence")


def yield_of_c(K, feed):
    x = newton(K, feed, np.array([0.9, 0.3, 0.1]))
    return x[2] / min(feed) + 0.1 * np.log(x[0])


def example(rng):
    return np.array([2.3, 0.7]), np.array([1.0, 1.4])


MAIN = "yield_of_c"
WRT = ("K", "feed")
