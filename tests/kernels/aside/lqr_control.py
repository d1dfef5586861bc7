"""Finite-horizon LQR for a cart-pole: backward Riccati recursion, forward rollout of the nonlinear plant."""

import numpy as np

G = 9.81


def dynamics(s, u, mc, mp, l):
    x, xd, th, thd = s
    st, ct = np.sin(th), np.cos(th)
    den = mc + mp * st**2
    xdd = (u + mp * st * (l * thd**2 - G * ct)) / den
    thdd = (-u * ct - mp * l * thd**2 * ct * st + (mc + mp) * G * st) / (l * den)
    return np.array([xd, xdd, thd, thdd])


def linearise(mc, mp, l, dt):
    A = np.eye(4)
    A[0, 1] = A[2, 3] = dt
    A[1, 2] = -dt * mp * G / mc
    A[3, 2] = dt * (mc + mp) * G / (mc * l)
    B = np.array([[0.0], [dt / mc], [0.0], [-dt / (mc * l)]])
    return A, B


def riccati(A, B, Q, R, horizon):
    P = Q
    gains = []
    for _ in range(horizon):
        BtP = B.T @ P
        K = np.linalg.inv(R + BtP @ B) @ (BtP @ A)
        P = Q + A.T @ P @ (A - B @ K)
        gains.insert(0, K)
    return gains


def rollout_cost(s0, masses, length, q, dt=0.05, horizon=12):
    mc, mp = masses
    A, B = linearise(mc, mp, length, dt)
    gains = riccati(A, B, np.diag(q), np.array([[0.1]]), horizon)
    s = s0
    cost = 0.0
    for K in gains:
        u = -(K @ s)[0]
        s = s + dt * dynamics(s, u, mc, mp, length)
        cost += s @ (q * s) + 0.1 * u**2
    return cost


def example(rng):
    return np.array([0.1, 0.0, 0.2, -0.1]), (1.0, 0.2), 0.6, np.array([1.0, 0.1, 10.0, 0.5])


MAIN = "rollout_cost"
WRT = ("s0", "masses", "length", "q")
