"""Bundle adjustment: Rodrigues rotation, pinhole camera with radial distortion, Huber-like loss of the residuals."""

import numpy as np


def rodrigues(w, p):
    theta2 = w @ w
    if theta2 > 1e-12:
        theta = np.sqrt(theta2)
        k = w / theta
        return p * np.cos(theta) + np.cross(k, p) * np.sin(theta) + k * (k @ p) * (1 - np.cos(theta))
    return p + np.cross(w, p)


def project(camera, point):
    """camera: rotation (3), translation (3), focal length, k1, k2"""
    q = rodrigues(camera[:3], point) + camera[3:6]
    xy = -q[:2] / q[2]
    r2 = np.sum(xy * xy)
    f, k1, k2 = camera[6:]
    return f * (1.0 + r2 * (k1 + k2 * r2)) * xy


def residuals(cameras, points, observations):
    out = np.zeros(2 * len(observations))
    for i, (cam, pt, measured) in enumerate(observations):
        out[2 * i : 2 * i + 2] = project(cameras[cam], points[pt]) - measured
    return out


def cost(cameras, points, observations, delta=0.7):
    r = residuals(cameras, points, observations)
    return float(np.sum(delta**2 * (np.sqrt(1 + (r / delta) ** 2) - 1)))


def example(rng):
    cameras = np.zeros((2, 9))
    cameras[:, :3] = 0.3 * rng.normal(size=(2, 3))
    cameras[:, 3:6] = rng.normal(size=(2, 3)) * 0.2 + np.array([0.0, 0.0, -5.0])
    cameras[:, 6:] = [2.0, 0.05, 0.01]
    points = rng.normal(size=(3, 3))
    observations = [(0, 0, rng.normal(size=2)), (0, 2, rng.normal(size=2)), (1, 0, rng.normal(size=2))]
    observations += [(1, 1, rng.normal(size=2))]
    return cameras, points, observations


MAIN = "cost"
WRT = ("cameras", "points")
