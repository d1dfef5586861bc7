"""Linear prediction: autocorrelation and the Levinson-Durbin recursion."""

import numpy as np


def autocorr(x, order):
    return [np.sum(x[: len(x) - lag] * x[lag:]) for lag in range(order + 1)]


def levinson_durbin(r, order):
    a = np.zeros(order + 1)
    a[0] = 1.0
    E = r[0]
    ks = []
    for i in range(1, order + 1):
        acc = r[i]
        for j in range(1, i):
            acc += a[j] * r[i - j]
        k = -acc / E
        ks.append(k)
        new = a.copy()
        for j in range(1, i):
            new[j] = a[j] + k * a[i - j]
        new[i] = k
        a = new
        E *= 1.0 - k * k
        if E <= 1e-12:
            break
    return a, E, ks


def prediction_gain_db(x, order=4, preemph=0.95):
    y = x.copy()
    y[1:] = x[1:] - preemph * x[:-1]
    y *= np.hamming(len(y))
    r = autocorr(y, order)
    a, E, ks = levinson_durbin(r, order)
    lar = [np.log((1 - k) / (1 + k)) for k in ks]
    return 10 * np.log10(r[0] / E) + 0.01 * sum(v**2 for v in lar)


def example(rng):
    t = np.arange(40)
    return (np.sin(0.3 * t) + 0.5 * np.sin(1.1 * t + 0.4) + 0.1 * rng.normal(size=40),)


MAIN = "prediction_gain_db"
WRT = ("x",)
