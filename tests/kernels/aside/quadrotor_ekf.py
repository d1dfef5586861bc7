"""Extended Kalman filter for range-bearing localisation with an outlier gate; log-likelihood of the log."""

import numpy as np


class Noise:
    def __init__(self, q_v, q_w, r_range, r_bearing):
        self.q_v = q_v
        self.q_w = q_w
        self.r_range = r_range
        self.r_bearing = r_bearing

    def process(self, theta, dt):
        L = np.array([[np.cos(theta), 0.0], [np.sin(theta), 0.0], [0.0, 1.0]]) * dt
        return L @ np.diag([self.q_v**2, self.q_w**2]) @ L.T

    def measurement(self):
        return np.diag([self.r_range**2, self.r_bearing**2])


def wrap(angle):
    while angle > np.pi:
        angle -= 2 * np.pi
    while angle < -np.pi:
        angle += 2 * np.pi
    return angle


def predict(mu, P, v, w, dt, noise):
    theta = mu[2]
    F = np.eye(3)
    F[0, 2] = -v * dt * np.sin(theta)
    F[1, 2] = v * dt * np.cos(theta)
    mu = mu + dt * np.array([v * np.cos(theta), v * np.sin(theta), w])
    return mu, F @ P @ F.T + noise.process(theta, dt)


def update(mu, P, z, landmark, noise, gate=30.0):
    dx, dy = landmark - mu[:2]
    q = dx**2 + dy**2
    r = np.sqrt(q)
    H = np.array([[-dx / r, -dy / r, 0.0], [dy / q, -dx / q, -1.0]])
    innov = z - np.array([r, np.arctan2(dy, dx) - mu[2]])
    innov[1] = wrap(innov[1])
    S = H @ P @ H.T + noise.measurement()
    Sinv = np.linalg.inv(S)
    m2 = innov @ Sinv @ innov
    if m2 > gate:
        return mu, P, 0.0
    K = P @ H.T @ Sinv
    ll = -0.5 * (m2 + np.log(np.linalg.det(2 * np.pi * S)))
    return mu + K @ innov, (np.eye(3) - K @ H) @ P, ll


def log_likelihood(noise_params, controls, measurements, landmarks, dt=0.1):
    noise = Noise(*noise_params)
    mu, P = np.zeros(3), 0.01 * np.eye(3)
    total = 0.0
    for (v, w), seen in zip(controls, measurements):
        mu, P = predict(mu, P, v, w, dt, noise)
        for ident, z in seen.items():
            mu, P, ll = update(mu, P, z, landmarks[ident], noise)
            total += ll
    return total


def example(rng):
    landmarks = {"tree": np.array([3.0, 1.0]), "door": np.array([2.0, -2.0])}
    controls = [(1.0, 0.2), (1.1, 0.1), (0.9, -0.1), (1.0, 0.0)]
    measurements = [
        {"tree": np.array([3.05, 0.33])},
        {"tree": np.array([2.95, 0.30]), "door": np.array([2.70, -0.85])},
        {"door": np.array([9.0, 1.0])},
        {"door": np.array([2.55, -0.92])},
    ]
    return [0.3, 0.2, 0.15, 0.1], controls, measurements, landmarks


MAIN = "log_likelihood"
WRT = ("noise_params", "controls", "landmarks")
