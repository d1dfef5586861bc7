"""Iterative radix-2 FFT: bit reversal by swaps, butterflies in place on real and imaginary parts."""

import math

import numpy as np


def fft_inplace(re, im):
    n = len(re)
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j ^= bit
        if i < j:
            re[i], re[j] = re[j], re[i]
            im[i], im[j] = im[j], im[i]
    length = 2
    while length <= n:
        angle = -2 * math.pi / length
        for start in range(0, n, length):
            for k in range(length // 2):
                wr, wi = math.cos(angle * k), math.sin(angle * k)
                a, b = start + k, start + k + length // 2
                tr = wr * re[b] - wi * im[b]
                ti = wr * im[b] + wi * re[b]
                re[b] = re[a] - tr
                im[b] = im[a] - ti
                re[a] += tr
                im[a] += ti
        length <<= 1


def flatness(x, window):
    """Spectral flatness: geometric over arithmetic mean of the power."""
    re = x * window
    im = np.zeros(len(x))
    fft_inplace(re, im)
    power = re**2 + im**2 + 1e-3
    return np.exp(np.mean(np.log(power))) / np.mean(power)


def example(rng):
    return rng.normal(size=16), np.hanning(16) + 0.05


MAIN = "flatness"
WRT = ("x", "window")
