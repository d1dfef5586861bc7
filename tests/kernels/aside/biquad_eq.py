"""An audio equaliser: a cascade of biquad filters (RBJ cookbook) run sample by sample; frequencies in kHz."""

import math
from collections import namedtuple

import numpy as np

Biquad = namedtuple("Biquad", "b0 b1 b2 a1 a2")


def peaking(f0, gain_db, q, fs):
    A = 10 ** (gain_db / 40)
    w0 = 2 * math.pi * f0 / fs
    alpha = math.sin(w0) / (2 * q)
    a0 = 1 + alpha / A
    return Biquad(
        b0=(1 + alpha * A) / a0,
        b1=-2 * math.cos(w0) / a0,
        b2=(1 - alpha * A) / a0,
        a1=-2 * math.cos(w0) / a0,
        a2=(1 - alpha / A) / a0,
    )


def run_filter(bq, x):
    y = np.zeros_like(x)
    x1 = x2 = y1 = y2 = 0.0
    for n, xn in enumerate(x):
        yn = bq.b0 * xn + bq.b1 * x1 + bq.b2 * x2 - bq.a1 * y1 - bq.a2 * y2
        x1, x2 = xn, x1
        y1, y2 = yn, y1
        y[n] = yn
    return y


def equaliser_loss(x, freqs, gains, target, fs=48.0):
    bank = [peaking(f, g, 0.9, fs) for f, g in zip(freqs, gains)]
    y = x
    for section in bank:
        y = run_filter(section, y)
    err = y - target
    return math.sqrt(np.mean(err * err))


def example(rng):
    x = rng.normal(size=24)
    return x, np.array([1.0, 4.0, 9.0]), np.array([3.0, -6.0, 4.5]), rng.normal(size=24)


MAIN = "equaliser_loss"
WRT = ("x", "freqs", "gains")
