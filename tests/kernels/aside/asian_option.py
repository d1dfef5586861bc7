"""Asian call by Monte Carlo with antithetic variates and a geometric control variate."""

import numpy as np


def paths(S0, r, sigma, T, n_steps, n_paths, rng):
    dt = T / n_steps
    z = rng.standard_normal((n_paths // 2, n_steps))
    z = np.vstack([z, -z])
    S = np.empty((n_paths, n_steps + 1))
    S[:, 0] = S0
    for t in range(n_steps):
        S[:, t + 1] = S[:, t] * np.exp((r - 0.5 * sigma**2) * dt + sigma * np.sqrt(dt) * z[:, t])
    return S


def price(S0, sigma, r, K=100.0, T=1.0, *, n_steps=8, n_paths=64, rng):
    S = paths(S0, r, sigma, T, n_steps, n_paths, rng)
    arith = S[:, 1:].mean(axis=1)
    geo = np.exp(np.log(S[:, 1:]).mean(axis=1))
    df = np.exp(-r * T)
    pay_a = df * np.maximum(arith - K, 0.0)
    pay_g = df * np.where(geo > K, geo - K, 0.0)
    cov = np.mean((pay_a - pay_a.mean()) * (pay_g - pay_g.mean()))
    var = np.mean((pay_g - pay_g.mean()) ** 2)
    beta = cov / var
    adjusted = pay_a - beta * (pay_g - pay_g.mean() * 1.01)
    std_err = adjusted.std() / np.sqrt(n_paths)
    print(f"price {adjusted.mean():.4f} +- {std_err:.4f}")
    return adjusted.mean()


def vega_report(S0, sigma, r, rng):
    return price(S0, sigma, r, rng=rng, n_steps=6)


def example(rng):
    return 101.3, 0.25, 0.03, np.random.default_rng(11)


MAIN = "vega_report"
WRT = ("S0", "sigma", "r")
