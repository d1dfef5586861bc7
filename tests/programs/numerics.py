"""Programs with NumPy's numerical functions: filters, interpolation, decompositions, statistics, transforms."""

import numpy as np


def smoothed_slope(signal, kernel):
    smooth = np.convolve(np.pad(signal, 2, mode="edge"), kernel, mode="valid")
    slope = np.gradient(smooth, 0.5)
    return np.trapezoid(slope**2, dx=0.5) + np.sum(np.diff(smooth) ** 2)


def interpolated(x, heights):
    places = np.linspace(-4.0, 4.0, len(heights))
    return np.sum(np.interp(x, places, heights) ** 2)


def robust_location(x):
    centre = np.median(x)
    spread = np.percentile(x, 75) - np.percentile(x, 25)
    return centre * spread + np.ptp(x) + np.average(x, weights=np.sort(x) ** 2 + 1)


def gaussian_log_likelihood(a, x):
    covariance = a @ a.T + 2 * np.eye(len(a))
    sign, logdet = np.linalg.slogdet(covariance)
    factor = np.linalg.cholesky(covariance)
    white = np.linalg.solve(factor, x)
    return -0.5 * (white @ white + logdet)


def principal_part(a):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    values, vectors = np.linalg.eigh(a.T @ a)
    return np.sum((s[0] * np.outer(u[:, 0], vh[0])) ** 3) + np.sum(values * vectors[0] ** 2)


def power_spectrum(x, y):
    across = np.fft.rfft(x) * np.conj(np.fft.rfft(y))
    return np.sum(np.abs(across) ** 2) + np.sum(np.fft.irfft(across, n=5) ** 3)


def attention(q, k, v):
    scores = np.einsum("id,jd->ij", q, k)
    weights = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    return np.sum(np.tanh((weights / np.sum(weights, axis=1, keepdims=True)) @ v))


def fitted_line(x, y):
    matrix = np.column_stack([x, np.ones(len(x))])
    solution, residuals, rank, singular = np.linalg.lstsq(matrix, y, rcond=None)
    return solution[0] ** 2 + solution[1]


def running_maximum(x):
    return np.sum(np.maximum.accumulate(x) * np.arange(len(x)))


def in_a_loop(x, w):
    for k in range(3):
        x = np.convolve(x, w, mode="same")
        x = np.roll(x, k) - np.linalg.norm(x, 3)
    return np.sum(np.sinc(x))


def triangle_areas(a, b, turn):
    total = 0.0
    for k in range(len(a)):
        total += np.linalg.norm(np.cross(a[k], b[k] + turn))
    return total + np.sum(np.cross(a, b)[:, 0] ** 2)


def with_intercept(x, w):
    centred = (x - np.mean(x, axis=0)) / np.std(x, axis=0)
    return np.sum(np.tanh(np.column_stack([np.ones(len(x)), centred]) @ w))


CASES = {
    "triangle_areas": lambda rng: (rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), rng.normal(size=3)),
    "with_intercept": lambda rng: (rng.normal(size=(5, 2)), rng.normal(size=3)),
    "smoothed_slope": lambda rng: (rng.normal(size=8), rng.normal(size=5)),
    "interpolated": lambda rng: (rng.normal(size=5), rng.normal(size=7)),
    "robust_location": lambda rng: (rng.normal(size=9),),
    "gaussian_log_likelihood": lambda rng: (rng.normal(size=(3, 3)), rng.normal(size=3)),
    "principal_part": lambda rng: (rng.normal(size=(4, 3)),),
    "power_spectrum": lambda rng: (rng.normal(size=5), rng.normal(size=5)),
    "attention": lambda rng: (rng.normal(size=(3, 2)), rng.normal(size=(4, 2)), rng.normal(size=(4, 2))),
    "fitted_line": lambda rng: (rng.normal(size=6), rng.normal(size=6)),
    "running_maximum": lambda rng: (rng.normal(size=6),),
    "in_a_loop": lambda rng: (rng.normal(size=6), rng.normal(size=3)),
}
