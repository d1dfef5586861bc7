"""Restricted Hartree-Fock for HeH+ in a minimal basis of s Gaussians (after Szabo and Ostlund)."""

from math import erf, exp, pi, sqrt

import numpy as np


def f0(t):
    if t < 1e-6:
        return 1.0 - t / 3.0
    return 0.5 * sqrt(pi / t) * erf(sqrt(t))


def overlap(a, b, r2):
    return (pi / (a + b)) ** 1.5 * exp(-a * b / (a + b) * r2)


def kinetic(a, b, r2):
    m = a * b / (a + b)
    return m * (3 - 2 * m * r2) * (pi / (a + b)) ** 1.5 * exp(-m * r2)


def nuclear(a, b, r2, rcp2, Z):
    return -2 * pi / (a + b) * Z * exp(-a * b / (a + b) * r2) * f0((a + b) * rcp2)


def eri(a, b, c, d, rab2, rcd2, rpq2):
    pre = 2 * pi**2.5 / ((a + b) * (c + d) * sqrt(a + b + c + d))
    return pre * f0((a + b) * (c + d) / (a + b + c + d) * rpq2) * exp(-a * b / (a + b) * rab2 - c * d / (c + d) * rcd2)


def scf_energy(R, zetas, max_iter=30, tol=1e-11):
    centres = [0.0, R]
    charges = [2.0, 1.0]
    n = 2
    norm = [(2 * z / pi) ** 0.75 for z in zetas]
    S, H = np.zeros((n, n)), np.zeros((n, n))
    G2 = np.zeros((n, n, n, n))
    for i in range(n):
        for j in range(n):
            a, b = zetas[i], zetas[j]
            rab2 = (centres[i] - centres[j]) ** 2
            w = norm[i] * norm[j]
            S[i, j] = w * overlap(a, b, rab2)
            H[i, j] = w * kinetic(a, b, rab2)
            P = (a * centres[i] + b * centres[j]) / (a + b)
            for Z, C in zip(charges, centres):
                H[i, j] += w * nuclear(a, b, rab2, (P - C) ** 2, Z)
            for k in range(n):
                for l in range(n):
                    c, d = zetas[k], zetas[l]
                    Q = (c * centres[k] + d * centres[l]) / (c + d)
                    rcd2 = (centres[k] - centres[l]) ** 2
                    G2[i, j, k, l] = w * norm[k] * norm[l] * eri(a, b, c, d, rab2, rcd2, (P - Q) ** 2)
    s, U = np.linalg.eigh(S)
    X = U / np.sqrt(s)
    D = np.zeros((n, n))
    E_old = 0.0
    for it in range(max_iter):
        J = np.einsum("ijkl,kl->ij", G2, D)
        K = np.einsum("ilkj,kl->ij", G2, D)
        F = H + J - 0.5 * K
        E = 0.5 * np.sum(D * (H + F))
        eps, Cp = np.linalg.eigh(X.T @ F @ X)
        C = X @ Cp
        D = 2 * np.outer(C[:, 0], C[:, 0])
        if it > 0 and abs(E - E_old) < tol:
            break
        E_old = E
    return E + charges[0] * charges[1] / R


def example(rng):
    return 1.4632, np.array([0.7739, 0.4166])


MAIN = "scf_energy"
WRT = ("R", "zetas")
