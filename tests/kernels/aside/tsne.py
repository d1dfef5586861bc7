"""t-SNE objective with per-point bandwidths found by bisection on the perplexity."""

import numpy as np


def hbeta(D, beta):
    P = np.exp(-D * beta)
    sumP = np.sum(P)
    H = np.log(sumP) + beta * np.sum(D * P) / sumP
    return H, P / sumP


def x2p(X, perplexity, tol=1e-5):
    n = X.shape[0]
    sum_X = np.sum(np.square(X), 1)
    D = np.add(np.add(-2 * np.dot(X, X.T), sum_X).T, sum_X)
    P = np.zeros((n, n))
    log_u = np.log(perplexity)
    for i in range(n):
        betamin, betamax = -np.inf, np.inf
        beta = 1.0
        Di = D[i, np.concatenate((np.r_[0:i], np.r_[i + 1 : n]))]
        H, thisP = hbeta(Di, beta)
        tries = 0
        while np.abs(H - log_u) > tol and tries < 50:
            if H - log_u > 0:
                betamin = beta
                beta = beta * 2.0 if betamax == np.inf else (beta + betamax) / 2.0
            else:
                betamax = beta
                beta = beta / 2.0 if betamin == -np.inf else (beta + betamin) / 2.0
            H, thisP = hbeta(Di, beta)
            tries += 1
        P[i, np.concatenate((np.r_[0:i], np.r_[i + 1 : n]))] = thisP
    return P


def kl(Y, X, perplexity=4.0, exaggeration=1.0):
    P = x2p(X, perplexity)
    P = P + P.T
    P = P / np.sum(P)
    P = np.maximum(P * exaggeration, 1e-12)
    n = Y.shape[0]
    sum_Y = np.sum(np.square(Y), 1)
    num = 1.0 / (1.0 + np.add(np.add(-2.0 * np.dot(Y, Y.T), sum_Y).T, sum_Y))
    num[range(n), range(n)] = 0.0
    Q = np.maximum(num / np.sum(num), 1e-12)
    return np.sum(P * np.log(P / Q))


def example(rng):
    return rng.normal(size=(7, 2)), rng.normal(size=(7, 4))


MAIN = "kl"
WRT = ("Y",)
