"""Arc length of a Bezier curve by de Casteljau subdivision, recursive with a flatness test."""

import numpy as np


def split(points, t=0.5):
    left, right = [points[0]], [points[-1]]
    work = points
    while len(work) > 1:
        work = [(1 - t) * p + t * q for p, q in zip(work, work[1:])]
        left.append(work[0])
        right.append(work[-1])
    return left, right[::-1]


def dist(p, q):
    return np.sqrt(((p - q) ** 2).sum())


def arc_length(points, tol, depth=0):
    chord = dist(points[0], points[-1])
    polygon = sum(dist(p, q) for p, q in zip(points[:-1], points[1:]))
    if polygon - chord < tol or depth > 10:
        n = len(points) - 1
        return (2 * chord + (n - 1) * polygon) / (n + 1)
    left, right = split(points)
    return arc_length(left, tol / 2, depth + 1) + arc_length(right, tol / 2, depth + 1)


def track_cost(control, tol=0.05):
    """Length of the curve plus a bending penalty."""
    pts = [control[i] for i in range(control.shape[0])]
    bend = 0.0
    for a, b, c in zip(pts, pts[1:], pts[2:]):
        bend += np.sum((a - 2 * b + c) ** 2)
    return arc_length(pts, tol) + 0.01 * bend


def example(rng):
    return (np.array([[0.0, 0.0], [1.0, 2.0], [3.0, -1.0], [4.0, 1.0]]) + 0.1 * rng.normal(size=(4, 2)),)


MAIN = "track_cost"
WRT = ("control",)
