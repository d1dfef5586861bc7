"""Bilateral filter with clamped borders, pixel by pixel, and a denoising error."""

import numpy as np


def gaussian(x2, sigma):
    return np.exp(-x2 / (2.0 * sigma * sigma))


def clamp(v, lo, hi):
    return lo if v < lo else hi if v > hi else v


def bilateral_filter(img, radius, sigma_s, sigma_r):
    rows, cols = img.shape
    filtered = np.zeros(img.shape)
    for y in range(rows):
        for x in range(cols):
            wsum = 0.0
            acc = 0.0
            for dy in range(-radius, radius + 1):
                for dx in range(-radius, radius + 1):
                    yy = clamp(y + dy, 0, rows - 1)
                    xx = clamp(x + dx, 0, cols - 1)
                    w = gaussian(dy * dy + dx * dx, sigma_s)
                    w *= gaussian((img[yy, xx] - img[y, x]) ** 2, sigma_r)
                    acc += w * img[yy, xx]
                    wsum += w
            filtered[y, x] = acc / wsum
    return filtered


def denoise_error(noisy, clean, sigma_s=1.0, sigma_r=0.3):
    out = bilateral_filter(noisy, 1, sigma_s, sigma_r)
    mse = ((out - clean) ** 2).mean()
    return -10.0 * np.log10(1.0 / mse)


def example(rng):
    clean = np.zeros((6, 7))
    clean[:, 3:] = 1.0
    return clean + 0.1 * rng.normal(size=clean.shape), clean, 1.1, 0.35


MAIN = "denoise_error"
WRT = ("noisy", "sigma_s", "sigma_r")
