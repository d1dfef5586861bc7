"""Hidden Markov model: scaled forward algorithm and the most likely last state."""

import numpy as np


def softmax_rows(M):
    Z = np.exp(M - M.max(axis=1, keepdims=True))
    return Z / Z.sum(axis=1, keepdims=True)


def forward(pi, A, B, obs):
    T, S = len(obs), len(pi)
    alpha = np.zeros((T, S))
    scale = np.zeros(T)
    alpha[0] = pi * B[:, obs[0]]
    scale[0] = alpha[0].sum()
    alpha[0] /= scale[0]
    for t in range(1, T):
        for j in range(S):
            for i in range(S):
                alpha[t, j] += alpha[t - 1, i] * A[i, j]
            alpha[t, j] *= B[j, obs[t]]
        scale[t] = np.sum(alpha[t])
        alpha[t] /= scale[t]
    return alpha, np.sum(np.log(scale))


def objective(logits_pi, logits_A, logits_B, sequences):
    pi = np.exp(logits_pi) / np.sum(np.exp(logits_pi))
    A, B = softmax_rows(logits_A), softmax_rows(logits_B)
    total = 0.0
    for obs in sequences:
        alpha, loglik = forward(pi, A, B, obs)
        total -= loglik
        total += 0.1 * max(alpha[-1])
    return total


def example(rng):
    sequences = [np.array([0, 2, 1, 3, 1]), np.array([3, 3, 0])]
    return rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=(3, 4)), sequences


MAIN = "objective"
WRT = ("logits_pi", "logits_A", "logits_B")
