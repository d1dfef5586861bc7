"""Lucas-Kanade optical flow with iterative warping and bilinear interpolation; endpoint error against truth."""

import numpy as np


def bilinear(img, y, x):
    h, w = img.shape
    y = min(max(y, 0.0), h - 1.001)
    x = min(max(x, 0.0), w - 1.001)
    y0, x0 = int(y), int(x)
    fy, fx = y - y0, x - x0
    top = (1 - fx) * img[y0, x0] + fx * img[y0, x0 + 1]
    bottom = (1 - fx) * img[y0 + 1, x0] + fx * img[y0 + 1, x0 + 1]
    return (1 - fy) * top + fy * bottom


def gradients(img):
    gy = np.zeros_like(img)
    gx = np.zeros_like(img)
    gy[1:-1] = (img[2:] - img[:-2]) / 2
    gx[:, 1:-1] = (img[:, 2:] - img[:, :-2]) / 2
    return gy, gx


def track(I, J, point, win=2, iters=3):
    gy, gx = gradients(I)
    py, px = point
    v = np.zeros(2)
    ys, xs = slice(py - win, py + win + 1), slice(px - win, px + win + 1)
    Gy, Gx = gy[ys, xs].ravel(), gx[ys, xs].ravel()
    A = np.array([[Gy @ Gy, Gy @ Gx], [Gy @ Gx, Gx @ Gx]]) + 1e-3 * np.eye(2)
    for _ in range(iters):
        b = np.zeros(2)
        for dy in range(-win, win + 1):
            for dx in range(-win, win + 1):
                diff = I[py + dy, px + dx] - bilinear(J, py + dy + v[0], px + dx + v[1])
                b += diff * np.array([gy[py + dy, px + dx], gx[py + dy, px + dx]])
        dv = np.linalg.solve(A, b)
        v += dv
        if dv @ dv < 1e-6:
            break
    return v


def endpoint_error(I, J, points, truth):
    errors = [np.linalg.norm(track(I, J, p) - truth) for p in points]
    return sum(errors) / len(errors)


def example(rng):
    yy, xx = np.mgrid[0:12, 0:12] / 12.0
    pic = lambda y, x: np.sin(4 * y + 1) * np.cos(5 * x) + 0.5 * np.sin(7 * x * y)
    return pic(yy, xx), pic(yy - 0.04, xx + 0.03), [(5, 5), (6, 4)], np.array([0.5, -0.4])


MAIN = "endpoint_error"
WRT = ("I", "J")
