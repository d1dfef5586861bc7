"""Kalman filter for constant-velocity tracking with missing observations: negative log-likelihood."""

import numpy as np


def kalman_nll(log_q, log_r, observations, dt=0.5):
    F = np.array([[1.0, dt], [0.0, 1.0]])
    H = np.array([[1.0, 0.0]])
    Q = np.exp(log_q) * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    R = np.exp(log_r) * np.eye(1)
    x = np.zeros(2)
    P = 10.0 * np.eye(2)
    nll = 0.0
    for k, z in enumerate(observations):
        if k > 0:
            x = F @ x
            P = F @ P @ F.T + Q
        if np.isnan(z):
            continue
        S = H @ P @ H.T + R
        K = np.linalg.solve(S, H @ P).T
        innovation = z - (H @ x)[0]
        nll += 0.5 * (innovation**2 / S[0, 0] + np.log(2 * np.pi * S[0, 0]))
        x = x + K[:, 0] * innovation
        I_KH = np.eye(2) - K @ H
        P = I_KH @ P @ I_KH.T + K @ R @ K.T  # Joseph form
    return nll


def example(rng):
    z = np.cumsum(rng.normal(size=10))
    z[3] = z[7] = np.nan
    return -0.5, 0.3, z


MAIN = "kalman_nll"
WRT = ("log_q", "log_r")
