"""Recursive Cooley-Tukey FFT in real arithmetic and the spectral centroid of a windowed signal."""

import numpy as np


def fft(re, im):
    n = len(re)
    if n == 1:
        return re, im
    if n % 2:
        raise ValueError("length must be a power of two, got %d" % n)
    er, ei = fft(re[0::2], im[0::2])
    odr, odi = fft(re[1::2], im[1::2])
    k = np.arange(n // 2)
    c, s = np.cos(2 * np.pi * k / n), -np.sin(2 * np.pi * k / n)
    tr = c * odr - s * odi
    ti = c * odi + s * odr
    return np.concatenate([er + tr, er - tr]), np.concatenate([ei + ti, ei - ti])


def hann(n):
    return np.array([0.5 - 0.5 * np.cos(2 * np.pi * i / (n - 1)) for i in range(n)])


def spectral_centroid(signal, rate=8000.0):
    n = signal.size
    re, im = fft(signal * hann(n), np.zeros(n))
    power = (re**2 + im**2)[: n // 2 + 1]
    freq = np.arange(n // 2 + 1) * rate / n
    return (freq * power).sum() / power.sum() / rate


def example(rng):
    t = np.arange(16)
    return (np.sin(0.7 * t) + 0.3 * rng.normal(size=16),)


MAIN = "spectral_centroid"
WRT = ("signal",)
