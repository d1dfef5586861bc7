"""Comprehensions and generators: over arrays, ranges, rows, containers, nested, in sums and in arrays."""

import numpy as np


def sum_of_a_generator(x):
    return sum(np.sin(v) * v for v in x)


def array_of_a_comprehension(x):
    y = np.array([v * v for v in x])
    return np.sum(y * y)


def rows_of_a_matrix(a):
    norms = [np.sum(row * row) for row in a]
    return norms[0] * norms[-1] + max(norms)


def stack_of_powers(a, x):
    return np.sum(np.stack([a * x**k for k in range(4)]) ** 2)


def stack_along_the_last_axis(a, x):
    m = np.stack([np.sin(a * k + x) for k in range(1, 4)], axis=1)
    return np.sum(m[:, 0] * m[:, -1])


def dict_of_items(params, x):
    twice = {name: value * 2.0 for name, value in params.items()}
    return np.sum(twice["w"] * x) + twice["b"] ** 2


def windows(x, n):
    return sum([x[i] * x[i + 1] for i in range(n)])


def nested_numbers(x, y):
    outer = np.array([[a * b for a in x] for b in y])
    return np.sum(outer**2)


def layers_of_other_shapes(ws, x):
    hidden = [np.tanh(w @ x) for w in ws]
    return sum(np.sum(h) for h in hidden)


def rows_again(a):
    return np.sum(np.array([np.exp(row) for row in a]) ** 2)


def pairs(x, y):
    return sum(a * b * k for k, (a, b) in enumerate(zip(x, y)))


def assigned_in_a_condition(x):
    if (s := np.sum(x)) > 0:
        return s * s
    return s


def target_hides_a_name(v, x):
    squares = [v * v for v in x]
    return v * squares[0] + squares[1]


def two_sums(x, w):
    z = [w * v for v in x]
    return sum(z) * sum(v * v for v in z)


CASES = {
    "sum_of_a_generator": lambda rng: (rng.normal(size=4),),
    "array_of_a_comprehension": lambda rng: (rng.normal(size=4),),
    "rows_of_a_matrix": lambda rng: (rng.normal(size=(3, 2)),),
    "stack_of_powers": lambda rng: (0.7, rng.normal(size=3)),
    "stack_along_the_last_axis": lambda rng: (0.7, rng.normal(size=3)),
    "dict_of_items": lambda rng: ({"w": rng.normal(size=3), "b": 0.3}, rng.normal(size=3)),
    "windows": lambda rng: (rng.normal(size=5), 4),
    "nested_numbers": lambda rng: (rng.normal(size=2), rng.normal(size=3)),
    "layers_of_other_shapes": lambda rng: ([rng.normal(size=(3, 2)), rng.normal(size=(4, 2))], rng.normal(size=2)),
    "rows_again": lambda rng: (rng.normal(size=(3, 2)),),
    "pairs": lambda rng: (rng.normal(size=4), rng.normal(size=4)),
    "assigned_in_a_condition": lambda rng: (rng.normal(size=3) + 2.0,),
    "target_hides_a_name": lambda rng: (0.7, rng.normal(size=3)),
    "two_sums": lambda rng: (rng.normal(size=3), 0.4),
}
