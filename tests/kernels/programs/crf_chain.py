"""Linear-chain CRF for tagging: forward recursion, path score, regularised negative log-likelihood."""

import numpy as np

TAGS = ["NOUN", "VERB", "DET"]
TAG_ID = {t: i for i, t in enumerate(TAGS)}


def logsumexp(v, axis=None):
    m = np.max(v, axis=axis, keepdims=True)
    s = np.log(np.sum(np.exp(v - m), axis=axis, keepdims=True)) + m
    return s.squeeze() if axis is None else np.squeeze(s, axis=axis)


def emissions(words, params):
    W, bias = params["W"], params["bias"]
    return np.array([params["emb"][w] @ W + bias for w in words])


def path_score(E, T, tags):
    score = E[0, TAG_ID[tags[0]]]
    for prev, cur, e in zip(tags[:-1], tags[1:], E[1:]):
        score += T[TAG_ID[prev], TAG_ID[cur]] + e[TAG_ID[cur]]
    return score


def log_partition(E, T):
    alpha = E[0]
    for t in range(1, len(E)):
        alpha = logsumexp(alpha[:, None] + T, axis=0) + E[t]
    return logsumexp(alpha)


def nll(params, corpus, l2=1e-2):
    total = 0.0
    for words, tags in corpus:
        E = emissions(words, params)
        total += log_partition(E, params["T"]) - path_score(E, params["T"], tags)
    for name in params:
        total += 0.5 * l2 * np.sum(params[name] ** 2)
    return total / len(corpus)


def example(rng):
    k = len(TAGS)
    params = {
        "emb": rng.normal(size=(6, 4)),
        "W": rng.normal(size=(4, k)),
        "bias": rng.normal(size=k),
        "T": rng.normal(size=(k, k)),
    }
    corpus = [
        ([0, 3, 1, 2], ["DET", "NOUN", "VERB", "NOUN"]),
        ([5, 1, 1], ["NOUN", "VERB", "DET"]),
    ]
    return params, corpus


MAIN = "nll"
WRT = ("params",)
