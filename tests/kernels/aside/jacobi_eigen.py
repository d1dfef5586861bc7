"""Cyclic Jacobi method for the eigenvalues of a symmetric matrix (Numerical Recipes style)."""

import math

import numpy as np


def rotate(a, i, j, k, l, s, tau):
    g = a[i, j]
    h = a[k, l]
    a[i, j] = g - s * (h + g * tau)
    a[k, l] = h + s * (g - h * tau)


def jacobi(mat, max_sweeps=12):
    n = len(mat)
    a = mat.copy()
    d = np.diag(a).copy()
    b = d.copy()
    z = np.zeros(n)
    for sweep in range(1, max_sweeps + 1):
        off = 0.0
        for ip in range(n - 1):
            off += np.sum(np.abs(a[ip, ip + 1 :]))
        if off < 1e-10:
            return d, sweep
        for ip in range(n - 1):
            for iq in range(ip + 1, n):
                if abs(a[ip, iq]) < 1e-30:
                    continue
                h = d[iq] - d[ip]
                theta = 0.5 * h / a[ip, iq]
                t = 1.0 / (abs(theta) + math.sqrt(1.0 + theta * theta))
                if theta < 0.0:
                    t = -t
                c = 1.0 / math.sqrt(1 + t * t)
                s = t * c
                tau = s / (1.0 + c)
                h = t * a[ip, iq]
                z[ip] -= h
                z[iq] += h
                d[ip] -= h
                d[iq] += h
                a[ip, iq] = 0.0
                for j in range(ip):
                    rotate(a, j, ip, j, iq, s, tau)
                for j in range(ip + 1, iq):
                    rotate(a, ip, j, j, iq, s, tau)
                for j in range(iq + 1, n):
                    rotate(a, ip, j, iq, j, s, tau)
        b += z
        d = b.copy()
        z[:] = 0.0
    raise ValueError("too many Jacobi sweeps")


def spectral_entropy(mat):
    sym = 0.5 * (mat + mat.T)
    values, _ = jacobi(sym)
    p = np.exp(-values) / np.exp(-values).sum()
    return -(p * np.log(p)).sum()


def example(rng):
    return (rng.normal(size=(5, 5)) + np.diag(np.arange(5.0)),)


MAIN = "spectral_entropy"
WRT = ("mat",)
