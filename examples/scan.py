"""A recurrence that writes its state into an array, and the gradient that runs it backwards.

    python examples/scan.py

writes generated/scan_grad.py from the function ``scan`` below. Every step overwrites ``y[i]`` and reads ``y[i - 1]``:
the gradient saves what is overwritten, reads again what is still there, and costs a fixed number of operations a step.
"""

import time

import numpy as np
from _generate import generate


def scan(w, x):
    y = x.copy()
    for i in range(1, len(y)):
        y[i] = np.tanh(w * y[i - 1]) + y[i] * y[i]
    return np.sum(y)


def example():
    """Small arguments: srcdiff takes the types from them and checks the gradient at them."""
    return 0.7, np.array([0.5, -0.3, 0.2, 0.6])


def seconds(function, *args):
    """The shortest of five calls."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        function(*args)
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    value_and_grad = generate("scan.py:scan", "w,x").scan_value_and_grad
    w, x = example()
    value, (w_bar, x_bar) = value_and_grad(w, x)
    print(f"value {value:.6f}")
    print(f"gradient with respect to w {w_bar:.6f}, to x {np.round(x_bar, 6)}")
    difference = (scan(w + 1e-6, x) - scan(w - 1e-6, x)) / 2e-6
    print(f"central difference in w    {difference:.6f}")
    for steps in (1_000, 4_000, 16_000):
        x = np.random.default_rng(0).uniform(-0.8, 0.8, steps)
        both, alone = seconds(value_and_grad, w, x), seconds(scan, w, x)
        print(f"{steps:6d} steps: value {1e3 * alone:5.1f} ms, with gradient {1e3 * both:5.1f} ms")


if __name__ == "__main__":
    main()
