"""Logistic regression by iteratively reweighted least squares, then the log-odds at a new point."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def fit(X, y, ridge, max_iter=25, tol=1e-10):
    n, p = X.shape
    w = np.zeros(p)
    converged = False
    iteration = 0
    while not converged and iteration < max_iter:
        mu = sigmoid(X @ w)
        S = mu * (1 - mu)
        H = (X.T * S) @ X + ridge * np.eye(p)
        g = X.T @ (y - mu) - ridge * w
        delta = np.linalg.solve(H, g)
        w = w + delta
        converged = np.linalg.norm(delta) < tol
        iteration += 1
    assert converged, "IRLS failed"
    return w


def predict_logit(X, y, ridge, x_new):
    """Standardise, fit, predict."""
    centre = X.mean(axis=0)
    scale = X.std(axis=0)
    Z = np.column_stack([np.ones(len(X)), (X - centre) / scale])
    w = fit(Z, y, ridge)
    z_new = np.append(1.0, (x_new - centre) / scale)
    return z_new @ w


def example(rng):
    X = rng.normal(size=(20, 3))
    y = (X[:, 0] + 0.5 * rng.normal(size=20) > 0).astype(float)
    return X, y, 0.5, rng.normal(size=3)


MAIN = "predict_logit"
WRT = ("X", "y", "ridge", "x_new")
