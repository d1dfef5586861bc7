"""Gaussian mixture log-likelihood with a Wishart prior, in the parametrisation of the ADBench benchmark."""

from math import lgamma, log, pi

import numpy as np


def logsumexp(x):
    mx = np.max(x)
    return np.log(np.sum(np.exp(x - mx))) + mx


def lower_triangular(d, elements):
    L = np.zeros((d, d))
    k = 0
    for j in range(d):
        for i in range(j + 1, d):
            L[i, j] = elements[k]
            k += 1
    return L


def log_wishart_prior(p, wishart_gamma, wishart_m, sum_qs, q_diags, icf):
    n = p + wishart_m + 1
    k = icf.shape[0]
    out = 0.0
    for ik in range(k):
        frobenius = np.sum(q_diags[ik] ** 2) + np.sum(icf[ik, p:] ** 2)
        out += 0.5 * wishart_gamma**2 * frobenius - wishart_m * sum_qs[ik]
    C = n * p * (log(wishart_gamma) - 0.5 * log(2)) - sum(lgamma(0.5 * (n - j)) for j in range(p))
    return out - k * C


def gmm_objective(alphas, means, icf, x, wishart_gamma=1.0, wishart_m=0):
    n, d = x.shape
    k = alphas.size
    q_diags = np.exp(icf[:, :d])
    sum_qs = np.sum(icf[:, :d], axis=1)
    Ls = [lower_triangular(d, row[d:]) for row in icf]
    slse = 0.0
    for xi in x:
        terms = np.zeros(k)
        for ik in range(k):
            centred = xi - means[ik]
            Lxc = q_diags[ik] * centred + Ls[ik] @ centred
            terms[ik] = alphas[ik] + sum_qs[ik] - 0.5 * np.sum(Lxc**2)
        slse += logsumexp(terms)
    constant = -n * d * 0.5 * log(2 * pi)
    prior = log_wishart_prior(d, wishart_gamma, wishart_m, sum_qs, q_diags, icf)
    return constant + slse - n * logsumexp(alphas) + prior


def example(rng):
    d, k, n = 3, 2, 5
    return rng.normal(size=k), rng.normal(size=(k, d)), 0.5 * rng.normal(size=(k, d * (d + 1) // 2)), rng.normal(size=(n, d))


MAIN = "gmm_objective"
WRT = ("alphas", "means", "icf", "x")
