"""Split-step Fourier method for the Schroedinger equation: tunnelling through a barrier."""

import numpy as np


def gaussian_packet(x, x0, k0, width):
    psi = np.exp(-((x - x0) ** 2) / (4 * width**2)) * np.exp(1j * k0 * x)
    return psi / np.sqrt(np.sum(np.abs(psi) ** 2))


def barrier(x, height, a=0.5):
    return height / (1 + np.exp(-20 * (x + a))) / (1 + np.exp(20 * (x - a)))


def transmission(height, k0, width=1.0, n=64, dt=0.05, steps=12):
    x = np.linspace(-10, 10, n, endpoint=False)
    dx = x[1] - x[0]
    k = 2 * np.pi * np.fft.fftfreq(n, d=dx)
    V = barrier(x, height)
    half_v = np.exp(-0.5j * V * dt)
    kinetic = np.exp(-0.5j * k**2 * dt)
    psi = gaussian_packet(x, -3.0, k0, width)
    for _ in range(steps):
        psi = half_v * psi
        psi = np.fft.ifft(kinetic * np.fft.fft(psi))
        psi *= half_v
    density = np.abs(psi) ** 2
    right = density[x > 0].sum()
    return float(right + 0.01 * np.sum(density * x))


def example(rng):
    return 2.1, 3.0, 0.9


MAIN = "transmission"
WRT = ("height", "k0", "width")
