"""CDF 9/7 wavelet by in-place lifting on strided views, multi-level, with smooth shrinkage of the details."""

import numpy as np

ALPHA, BETA, GAMMA_, DELTA = -1.586134342, -0.05298011854, 0.8829110762, 0.4435068522
ZETA = 1.149604398


def lift(target, source, w, left):
    """target += w * (source + shifted source), symmetric at the border."""
    target += w * source
    if left:
        target[1:] += w * source[:-1]
        target[0] += w * source[0]
    else:
        target[:-1] += w * source[1:]
        target[-1] += w * source[-1]


def forward(x, n):
    s, d = x[0:n:2], x[1:n:2]
    lift(d, s, ALPHA, False)
    lift(s, d, BETA, True)
    lift(d, s, GAMMA_, False)
    lift(s, d, DELTA, True)
    s *= ZETA
    d /= ZETA
    x[:n] = np.concatenate((s, d))


def inverse(x, n):
    y = np.empty(n)
    y[0::2] = x[: n // 2] / ZETA
    y[1::2] = x[n // 2 : n] * ZETA
    s, d = y[::2], y[1::2]
    lift(s, d, -DELTA, True)
    lift(d, s, -GAMMA_, False)
    lift(s, d, -BETA, True)
    lift(d, s, -ALPHA, False)
    x[:n] = y


def shrink(c, lam):
    return c * c**2 / (c**2 + lam**2)


def denoise(signal, lam, clean, levels=3):
    x = signal.copy()
    n = len(x)
    sizes = []
    for _ in range(levels):
        forward(x, n)
        sizes.append(n)
        n //= 2
    x[n:] = shrink(x[n:], lam)
    for n in reversed(sizes):
        inverse(x, n)
    return np.sum((x - clean) ** 2)


def example(rng):
    clean = np.sin(np.linspace(0, 5, 16))
    return clean + 0.2 * rng.normal(size=16), 0.3, clean


MAIN = "denoise"
WRT = ("signal", "lam")
