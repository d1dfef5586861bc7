"""Natural cubic spline through knots, evaluated with a binary search, fitted to samples."""

import numpy as np


class Spline:
    """Coefficients a + b dx + c dx^2 + d dx^3 on each interval."""

    def __init__(self, x, a, b, c, d):
        self.x, self.a, self.b, self.c, self.d = x, a, b, c, d

    def find(self, t):
        lo, hi = 0, len(self.x) - 1
        while hi - lo > 1:
            mid = (lo + hi) // 2
            if self.x[mid] <= t:
                lo = mid
            else:
                hi = mid
        return lo

    def __call__(self, t):
        i = self.find(t)
        dx = t - self.x[i]
        return self.a[i] + dx * (self.b[i] + dx * (self.c[i] + dx * self.d[i]))


def natural_spline(x, y):
    n = len(x) - 1
    h = np.diff(x)
    alpha = np.zeros(n)
    alpha[1:] = 3 / h[1:] * (y[2:] - y[1:-1]) - 3 / h[:-1] * (y[1:-1] - y[:-2])
    l = np.ones(n + 1)
    mu, z = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(1, n):
        l[i] = 2 * (x[i + 1] - x[i - 1]) - h[i - 1] * mu[i - 1]
        mu[i] = h[i] / l[i]
        z[i] = (alpha[i] - h[i - 1] * z[i - 1]) / l[i]
    b, c, d = np.zeros(n), np.zeros(n + 1), np.zeros(n)
    for j in range(n)[::-1]:
        c[j] = z[j] - mu[j] * c[j + 1]
        b[j] = (y[j + 1] - y[j]) / h[j] - h[j] * (c[j + 1] + 2 * c[j]) / 3
        d[j] = (c[j + 1] - c[j]) / (3 * h[j])
    return Spline(x, y, b, c, d)


def fit_error(x, y, samples):
    spline = natural_spline(x, y)
    return sum((spline(t) - v) ** 2 for t, v in samples) / len(samples)


def example(rng):
    x = np.array([0.0, 0.7, 1.5, 2.0, 3.1, 4.0])
    samples = [(0.3, 1.0), (1.2, 0.2), (1.9, -0.4), (2.7, 0.5), (3.8, 1.1)]
    return x, rng.normal(size=6), samples


MAIN = "fit_error"
WRT = ("x", "y")
