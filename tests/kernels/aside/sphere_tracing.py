"""A tiny ray marcher: signed distance scene, early exits, Lambert shading; mean brightness of the picture."""

import numpy as np


def sd_sphere(p, centre, radius):
    return np.linalg.norm(p - centre) - radius


def scene(p, spheres, k=8.0):
    """Smooth union of the spheres and the ground."""
    res = np.exp(-k * (p[1] + 1.0))
    for centre, radius in spheres:
        res += np.exp(-k * sd_sphere(p, centre, radius))
    return -np.log(res) / k


def normal_at(p, spheres, eps=1e-3):
    g = np.zeros(3)
    for axis in range(3):
        step = np.zeros(3)
        step[axis] = eps
        g[axis] = scene(p + step, spheres) - scene(p - step, spheres)
    return g / np.linalg.norm(g)


def trace(origin, direction, spheres, max_steps=60):
    t = 0.0
    for _ in range(max_steps):
        p = origin + t * direction
        d = scene(p, spheres)
        if d < 1e-7:
            return t, True
        t += d
        if t > 20.0:
            return t, False
    return t, False


def brightness(spheres, light, width=3, height=2):
    eye = np.array([0.0, 0.2, -4.0])
    light = light / np.linalg.norm(light)
    total = 0.0
    for iy, ix in np.ndindex(height, width):
        x = (ix + 0.5) / width * 2 - 1
        y = 0.6 - (iy + 0.5) / height * 1.2
        ray = np.array([0.4 * x, 0.4 * y, 1.0])
        ray /= np.linalg.norm(ray)
        t, hit = trace(eye, ray, spheres)
        if not hit:
            total += 0.1
            continue
        n = normal_at(eye + t * ray, spheres)
        diffuse = n @ light
        total += diffuse if diffuse > 0 else 0.02 * diffuse
    return total / (width * height)


def example(rng):
    spheres = [(np.array([-0.3, 0.05, 0.0]), 0.7), (np.array([0.8, -0.3, 0.4]), 0.6)]
    return spheres, np.array([0.5, 1.0, -0.8])


MAIN = "brightness"
WRT = ("spheres", "light")
