"""The helpers of generated modules: NumPy functions that are copied, as they stand, into a module that needs them.

A helper is written where the types do not say what to do (``unbroadcast``) or where NumPy has no function for it.
"""

from __future__ import annotations

import math

import numpy as np


def unbroadcast(g, x):
    """g, summed to the shape of x and in its dtype."""
    shape = np.shape(x)
    dtype = np.result_type(x)
    if dtype.kind not in "fc":
        dtype = np.dtype(float)
    g = g.real if np.iscomplexobj(g) and dtype.kind != "c" else g
    if np.shape(g) != shape:
        g = np.sum(g, axis=tuple(range(np.ndim(g) - len(shape))))
        axes = tuple(k for k, length in enumerate(shape) if length == 1 and np.shape(g)[k] != 1)
        g = np.sum(g, axis=axes, keepdims=True) if axes else g
    if isinstance(x, np.ndarray):
        return np.asarray(g, dtype)
    return dtype.type(g) if isinstance(x, np.generic) else np.asarray(g).item()


def linear_scan(a, u, axis=0, reverse=False):
    """s with s[i] = u[i] + a[i] * s[i - 1] along an axis (s[i + 1] if reverse)."""
    a, s = np.moveaxis(a, axis, 0), np.moveaxis(np.array(u), axis, 0)
    order = range(len(s))
    order = order[::-1] if reverse else order
    for k, i in zip(order[1:], order[:-1], strict=True):
        s[k] += a[k] * s[i]
    return np.moveaxis(s, 0, axis)


def last_writer(shape, index):
    """For x of this shape: where an entry v[k] survives x[index] = v (the last one written to its cell does)."""
    cells = np.arange(np.prod(shape, dtype=int)).reshape(shape)[index]
    writer = np.full(np.prod(shape, dtype=int), -1)
    order = np.arange(cells.size).reshape(cells.shape)
    writer[cells] = order
    return writer[cells] == order


def copy_if_there(x):
    """A copy of x, an array or a list of them, which is None where the program took another way."""
    if isinstance(x, list):
        return [copy_if_there(entry) for entry in x]
    return np.copy(x) if isinstance(x, np.ndarray) else x


def zeros_of(x):
    """Zeros of the kind of x, an array, a number or a list of them; None where the program took another way."""
    if isinstance(x, list):
        return [zeros_of(entry) for entry in x]
    if isinstance(x, np.ndarray):
        return np.zeros_like(x, dtype=x.dtype if x.dtype.kind in "fc" else float)
    return None if x is None else type(x)(0) if isinstance(x, np.inexact) else 0.0


def add_lists(x, y):
    """The sum of two lists, entry by entry, at every depth; None where there is nothing."""
    if isinstance(x, list):
        return [add_lists(a, b) for a, b in zip(x, y, strict=True)]
    return None if x is None else x + y


def cofactors(x):
    """The derivative of the determinant of x, finite where x is singular too."""
    u, s, vh = np.linalg.svd(x)
    others = np.prod(np.where(np.eye(s.shape[-1], dtype=bool), 1, s[..., None, :]), axis=-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return sign[..., None, None] * np.conj((u * others[..., None, :]) @ vh)


def polygamma(n, x):
    """The n-th derivative of the logarithmic derivative of the gamma function, for a number x."""
    total, sign = 0.0, (-1.0) ** (n + 1)
    while x < 20.0:
        total, x = total + sign * math.factorial(n) / x ** (n + 1), x + 1.0
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)
    series = sum(
        b * math.factorial(2 * k + n - 1) / math.factorial(2 * k) / x ** (2 * k + n)
        for k, b in enumerate(bernoulli, 1)
    )
    first = -math.log(x) if n == 0 else math.factorial(n - 1) / x**n
    return total + sign * (first + math.factorial(n) / (2 * x ** (n + 1)) + series)


def bessel_i(n, x):
    """The modified Bessel function of order n, an integral over a circle by the trapezoidal rule."""
    angles = (np.arange(400) + 0.5) * (np.pi / 400)
    mean = np.mean(np.exp(np.multiply.outer(x, np.cos(angles))) * np.cos(n * angles), axis=-1)
    return mean.astype(np.float32) if np.result_type(x) == np.float32 else mean
