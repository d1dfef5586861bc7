"""Hamiltonian Monte Carlo for a funnel, with the randomness from a passed generator; acceptance statistics."""

import numpy as np


def potential(q):
    v, x = q[0], q[1:]
    return v**2 / 18 + 0.5 * np.exp(-v) * np.sum(x**2) + 0.5 * len(x) * v


def grad_potential(q):
    v, x = q[0], q[1:]
    g = np.empty_like(q)
    g[0] = v / 9 - 0.5 * np.exp(-v) * (x @ x) + 0.5 * x.size
    g[1:] = np.exp(-v) * x
    return g


def leapfrog(q, p, eps, n):
    q, p = q.copy(), p.copy()
    p -= eps / 2 * grad_potential(q)
    for i in range(n):
        q += eps * p
        if i != n - 1:
            p -= eps * grad_potential(q)
    p -= eps / 2 * grad_potential(q)
    return q, -p


def hmc(q0, eps, n_samples, n_leap, rng):
    q = q0
    log_accept = []
    samples = []
    for _ in range(n_samples):
        p = rng.normal(size=q.shape)
        q_new, p_new = leapfrog(q, p, eps, n_leap)
        h_old = potential(q) + 0.5 * np.sum(p**2)
        h_new = potential(q_new) + 0.5 * np.sum(p_new**2)
        log_ratio = h_old - h_new
        log_accept.append(log_ratio)
        if np.log(rng.uniform()) < log_ratio:
            q = q_new
        samples.append(q)
    return np.array(samples), log_accept


def tuning_objective(q0, log_eps, rng):
    samples, log_accept = hmc(q0, np.exp(log_eps), 4, 3, rng)
    jumps = np.sum((samples[1:] - samples[:-1]) ** 2)
    rate = np.mean([1 / (1 + np.exp(-a)) for a in log_accept])
    return -rate * jumps


def example(rng):
    return np.array([0.5, -0.3, 0.8]), np.log(0.2), np.random.default_rng(5)


MAIN = "tuning_objective"
WRT = ("q0", "log_eps")
