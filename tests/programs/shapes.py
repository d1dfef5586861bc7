"""Shapes: broadcasting, axes, transposes, reshapes, products of every rank, memory layouts, empty and 0-d arrays."""

import numpy as np


def number_against_array(a, x):
    return np.sum((a / x + a**x + np.maximum(a, x) + np.where(x > 1, a, x)) * x) + np.sum(a - x)


def column_against_row(c, r):
    return np.sum((c + r) * (c / r) - c * r * r)


def leading_axis(x, A):
    return np.sum(A * x + np.arctan(A - x) * x)


def ones_on_both_sides(x, y):
    return np.sum(x * y + x / (2 + y * y))


def vector_of_length_one(x, y):
    return np.sum(x * y) + np.sum(x / (2 + y))


def keepdims_and_back(A):
    centred = A - np.mean(A, axis=0, keepdims=True)
    scaled = centred / np.sqrt(1 + np.sum(centred**2, axis=1, keepdims=True))
    return np.sum(scaled * A)


def three_axes(T):
    a = np.sum(T, axis=1) * np.max(T, axis=-2)
    b = np.mean(T, axis=(0, 2))
    return np.sum(a * a) + np.sum(np.sin(b) * b)


def transposes(T):
    a = np.transpose(T, (1, 2, 0))
    b = T.transpose(2, 0, 1)
    return np.sum(a[:, :, 0] @ b[:, :, 1]) + np.sum(a * a * a)


def transposed_views(A):
    B = A.T
    return np.sum(B[0] * B[1]) + np.sum(A @ B * B[:, :1][: A.shape[0]])


def reshapes(A):
    flat = A.reshape(-1)
    back = np.reshape(flat * flat, A.shape)
    tall = flat.reshape(-1, 1)
    return np.sum(back * A) + np.sum(tall * flat)


def new_axes(x, y):
    return np.sum(np.sin(x[:, None] - y[None, :]) * x[:, np.newaxis])


def products_of_vectors(x, y):
    return (x @ y) * np.dot(x, x) + np.sum(np.outer(x, y) * np.outer(y, y))


def products_with_matrices(A, x, y):
    return np.sum((A @ x) * y) + (y @ A) @ x + np.sum(np.dot(A, x) ** 2)


def product_of_matrices(A, B):
    return np.sum(np.tanh(A @ B) * np.matmul(A, B))


def batched_product(T, A):
    return np.sum((T @ A) ** 2) + np.sum(np.sin(np.matmul(T, T.transpose(0, 2, 1))))


def broadcast_batched_product(T, S):
    return np.sum((T @ S) ** 2)


def batched_vector(T, x):
    return np.sum((T @ x) ** 2)


def cumulative(x, A):
    return np.sum(np.cumsum(x) ** 2) + np.sum(np.cumsum(A, axis=1) * A) + np.sum(np.cumsum(A, axis=0) ** 2)


def flat_cumulative(A):
    return np.sum(np.cumsum(A) ** 2)


def joined(x, y, A):
    both = np.concatenate([x, y * x[0], x])
    rows = np.stack([x, np.sin(x)])
    columns = np.stack((x, x * x), axis=1)
    wide = np.concatenate((A, A * A), axis=1)
    return np.sum(both**3) + np.sum(rows @ columns) + np.sum(wide @ wide.T)


def product_with_a_zero(x):
    return np.prod(x) + np.prod(x * x - 1.0)


def product_along_axis(A):
    return np.sum(np.prod(A, axis=0) * np.prod(A, axis=1)[:, None])


def slices(x, A):
    return np.sum(x[1:] * x[:-1]) + np.sum(x[::-2] ** 2) + np.sum(A[1:, ::-1] * A[:-1]) + np.sum(A[..., 0] * A[:, -1])


def made_from_sizes(x, a):
    n = len(x)
    t = np.linspace(0.0, 1.0, n) * a
    k = np.arange(n)
    return np.sum(t * x + np.ones(n) * a**2 + k * x / n) + np.sum(np.zeros_like(x) + x * x.size / x.shape[0])


def sizes_as_numbers(A):
    m, n = A.shape
    return np.sum(A * A) / (m * n) + m * np.mean(A)


def empty_sum(x, a):
    return a * a + np.sum(x[len(x) :] * a)


def empty_argument(x, a):
    return np.sum(np.sin(x) * a) + a**3


def zero_dimensional(a, x):
    return np.sin(a) * np.sum(x * a)


def read_with_any_layout(A, x):
    return np.sum(np.tanh(A @ x) * A[:, 0]) + np.sum(A * x)


def flattened_loss(A, x):
    r = (A * x).reshape(-1)
    return r @ r


CASES = {
    "number_against_array": lambda rng: (1.2, rng.uniform(0.5, 2, size=4)),
    "column_against_row": lambda rng: (rng.normal(size=(3, 1)), rng.uniform(0.5, 2, size=(1, 4))),
    "leading_axis": lambda rng: (rng.normal(size=3), rng.normal(size=(2, 3))),
    "ones_on_both_sides": lambda rng: (rng.normal(size=(1, 3, 1)), rng.normal(size=(2, 1, 4))),
    "vector_of_length_one": lambda rng: (rng.normal(size=1), rng.normal(size=3)),
    "keepdims_and_back": lambda rng: (rng.normal(size=(3, 4)),),
    "three_axes": lambda rng: (rng.normal(size=(2, 3, 4)),),
    "transposes": lambda rng: (rng.normal(size=(2, 3, 4)),),
    "transposed_views": lambda rng: (rng.normal(size=(3, 3)),),
    "reshapes": lambda rng: (rng.normal(size=(2, 3)),),
    "new_axes": lambda rng: (rng.normal(size=3), rng.normal(size=2)),
    "products_of_vectors": lambda rng: (rng.normal(size=3), rng.normal(size=3)),
    "products_with_matrices": lambda rng: (rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=2)),
    "product_of_matrices": lambda rng: (rng.normal(size=(2, 3)), rng.normal(size=(3, 4))),
    "batched_product": lambda rng: (rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 2))),
    "broadcast_batched_product": lambda rng: (rng.normal(size=(1, 2, 3)), rng.normal(size=(4, 3, 2))),
    "batched_vector": lambda rng: (rng.normal(size=(2, 3, 4)), rng.normal(size=4)),
    "cumulative": lambda rng: (rng.normal(size=4), rng.normal(size=(2, 3))),
    "flat_cumulative": lambda rng: (rng.normal(size=(2, 3)),),
    "joined": lambda rng: (rng.normal(size=3), rng.normal(size=2), rng.normal(size=(2, 2))),
    "product_with_a_zero": lambda rng: (np.array([0.5, 0.0, -1.3, 0.7]),),
    "product_along_axis": lambda rng: (np.array([[0.5, 0.0, 1.2], [0.3, 0.9, -0.4]]),),
    "slices": lambda rng: (rng.normal(size=5), rng.normal(size=(3, 4))),
    "made_from_sizes": lambda rng: (rng.normal(size=4), 0.7),
    "sizes_as_numbers": lambda rng: (rng.normal(size=(2, 3)),),
    "empty_sum": lambda rng: (rng.normal(size=3), 0.7),
    "empty_argument": lambda rng: (np.zeros(0), 0.7),
    "zero_dimensional": lambda rng: (np.array(0.6), rng.normal(size=3)),
    "read_with_any_layout": lambda rng: (np.asfortranarray(rng.normal(size=(3, 4))), rng.normal(size=8)[::2]),
    "flattened_loss": lambda rng: (rng.normal(size=(4, 3)).T, rng.normal(size=4)[::-1]),
}
