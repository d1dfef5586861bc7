"""Stores: overwriting, reading between, overlaps, repeated indices, masks, arguments that the function writes."""

import numpy as np


def scan(w, x):
    y = x.copy()
    n = len(y)
    for i in range(1, n):
        y[i] = np.tanh(w * y[i - 1]) + y[i] * y[i]
    return np.sum(y)


def wraps_to_the_last_cell(x):
    y = x.copy()
    for i in range(len(y)):
        y[i] = np.sin(y[i - 1]) + 0.5 * y[i]
    return np.sum(y * y)


def heat(u, alpha, steps):
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def fill_zeros(x):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = x[i] * x[i]
    return np.sum(np.sin(y) * x)


def two_writes_to_one_cell(x, a):
    y = np.zeros_like(x)
    y[0] = x[0] * a
    y[0] = y[0] * x[1] + a
    y[0] = y[0] * y[0]
    return np.sum(y * x)


def write_kills_old_value(x, a):
    y = x * a
    y[1] = a
    return np.sum(y * y)


def read_overwrite_read(x):
    y = x.copy()
    old = y[0]
    y[0] = old * old * y[1]
    new = y[0]
    y[0] = 2.0
    return old * new + np.sum(y * x)


def overlapping_right(x):
    y = x * x
    y[1:] = y[:-1] * x[1:]
    return np.sum(y * y)


def overlapping_left_added(x):
    y = x * x
    y[:-1] += y[1:] * x[:-1]
    y[1:] *= y[:-1]
    return np.sum(y)


def reversed_onto_itself(x):
    y = np.sin(x)
    y[::-1] = y * x
    y[:] = y[::-1] * x
    return np.sum(y * y)


def added_twice_to_one_slice(x, b):
    y = x * 1.0
    y[1:] += b
    y[1:] += b
    return np.sum(y * y)


def negative_indices(x):
    y = np.zeros(len(x))
    y[-1] = x[0] ** 2
    y[-2] += x[-1] * y[-1]
    y[0] -= y[-2] * x[1]
    return np.sum(y * x)


def strided(x, a):
    y = x.copy()
    y[::2] = a * y[::2]
    y[1::2] *= y[1::2]
    return np.sum(y * y)


def repeated_index_write(x, idx, v):
    y = x * 1.0
    y[idx] = v * v
    return np.sum(y * y * x)


def repeated_index_add_buffered(x, idx, v):
    y = x * 1.0
    y[idx] += v * v
    return np.sum(y * y)


def add_at(x, idx, v):
    y = x * x
    np.add.at(y, idx, v * v)
    return np.sum(np.sin(y))


def gather_repeated(x, idx):
    return np.sum(x[idx] * x[idx[::-1]] * np.sin(x[idx]))


def gather_rows(A, rows, columns):
    return np.sum(A[rows] ** 2) + np.sum(A[rows, columns] * A[rows, columns[::-1]])


def masked_zero(x):
    y = x * x * x
    y[x < 0] = 0.0
    return np.sum(y)


def masked_update(x, a):
    y = x.copy()
    mask = y > 0.2
    y[mask] = y[mask] * a + x[mask]
    y[~mask] *= a
    return np.sum(y * y)


def store_in_a_branch(x, a):
    y = x * a
    for i in range(len(x)):
        if x[i] > 0:
            y[i] = y[i] * y[i - 1]
        else:
            y[i] += a
    return np.sum(y * y)


def writes_its_argument(x):
    x[0] = x[1] * x[2]
    x *= x
    x += 1.0
    return np.sum(x * x)


def writes_rows(A, b):
    A[0] = A[1] * b
    A[:, 1] += A[:, 0]
    A[2, 1:] *= b[1:]
    return np.sum(A * A)


def matrix_triangular(A):
    L = np.zeros_like(A)
    for i in range(A.shape[0]):
        for j in range(i + 1):
            L[i, j] = A[i, j] * A[j, i] + L[i - 1, j]
    return np.sum(L * L)


def lu_in_place(A):
    n = A.shape[0]
    for j in range(n):
        for i in range(j + 1, n):
            A[i, j] = A[i, j] / A[j, j]
            A[i, j + 1 :] -= A[i, j] * A[j, j + 1 :]
    s = 0.0
    for i in range(n):
        s += np.log(np.abs(A[i, i]))
    return s


def view_read_after_base_written(x):
    y = x * x
    tail = y[1:]
    y[1] = y[0] * 3
    return np.sum(tail * tail)


def copy_of_view_kept(x):
    y = x * x
    tail = y[1:].copy()
    y[1] = y[0] * 3
    return np.sum(tail * y[1:])


def alias_read_after_write(x):
    y = x * 2
    z = y
    y[0] = y[1] * y[2]
    return np.sum(z * z)


def rebound_then_written(x):
    y = x * 2
    z = y
    y = y * y
    y[0] = 1.0
    return np.sum(z * y)


def loop_over_array_it_writes(x):
    y = x.copy()
    s = 0.0
    for v in y:
        s += v * v
        y[2] = s * 0.3
    return s + np.sum(y)


def scratch_buffer(x):
    t = np.zeros(3)
    s = 0.0
    for i in range(len(x) - 2):
        t[0] = x[i] * x[i + 1]
        t[1] = t[0] * x[i + 2]
        t[2] = t[1] - t[0]
        s += np.sum(t * t)
    return s


def index_carried(x):
    y = np.zeros(len(x))
    j = 0
    for v in x:
        if v > 0:
            y[j] = v * v
            j += 1
    return np.sum(y[:j]) + y[0] * x[0]


def augmented_zero_dimensional(x, a):
    a *= np.sum(x)
    a += a * a
    return a * x[0]


def array_result_of_stores(x, a):
    y = np.ones((len(x), 2))
    for i in range(len(x)):
        y[i, 0] = x[i] * a
        y[i, 1] = y[i, 0] * y[i - 1, 0]
    return y


_signs = np.array([0.6, -0.9, 1.3, 0.5, -0.2])
_idx = np.array([0, 2, 0, 3])

CASES = {
    "scan": lambda rng: (0.7, rng.normal(size=5)),
    "wraps_to_the_last_cell": lambda rng: (rng.normal(size=4),),
    "heat": lambda rng: (rng.normal(size=6), 0.2, 3),
    "fill_zeros": lambda rng: (rng.normal(size=4),),
    "two_writes_to_one_cell": lambda rng: (rng.normal(size=3), 0.7),
    "write_kills_old_value": lambda rng: (rng.normal(size=3), 0.7),
    "read_overwrite_read": lambda rng: (rng.normal(size=3),),
    "overlapping_right": lambda rng: (rng.normal(size=5),),
    "overlapping_left_added": lambda rng: (rng.normal(size=5),),
    "reversed_onto_itself": lambda rng: (rng.normal(size=4),),
    "added_twice_to_one_slice": lambda rng: (rng.normal(size=4), rng.normal(size=3)),
    "negative_indices": lambda rng: (rng.normal(size=4),),
    "strided": lambda rng: (rng.normal(size=5), 0.7),
    "repeated_index_write": lambda rng: (rng.normal(size=4), _idx.copy(), rng.normal(size=4)),
    "repeated_index_add_buffered": lambda rng: (rng.normal(size=4), _idx.copy(), rng.normal(size=4)),
    "add_at": lambda rng: (rng.normal(size=4), _idx.copy(), rng.normal(size=4)),
    "gather_repeated": lambda rng: (rng.normal(size=4), _idx.copy()),
    "gather_rows": lambda rng: (rng.normal(size=(3, 4)), np.array([0, 2, 0]), np.array([1, 1, 3])),
    "masked_zero": lambda rng: (_signs.copy(),),
    "masked_update": lambda rng: (_signs.copy(), 0.7),
    "store_in_a_branch": lambda rng: (_signs.copy(), 0.7),
    "writes_its_argument": lambda rng: (rng.normal(size=4),),
    "writes_rows": lambda rng: (rng.normal(size=(3, 4)), rng.normal(size=4)),
    "matrix_triangular": lambda rng: (rng.normal(size=(3, 3)),),
    "lu_in_place": lambda rng: (rng.normal(size=(4, 4)) + 4 * np.eye(4),),
    "view_read_after_base_written": lambda rng: (rng.normal(size=4),),
    "copy_of_view_kept": lambda rng: (rng.normal(size=4),),
    "alias_read_after_write": lambda rng: (rng.normal(size=4),),
    "rebound_then_written": lambda rng: (rng.normal(size=4),),
    "loop_over_array_it_writes": lambda rng: (rng.normal(size=4),),
    "scratch_buffer": lambda rng: (rng.normal(size=5),),
    "index_carried": lambda rng: (_signs.copy(),),
    "augmented_zero_dimensional": lambda rng: (rng.normal(size=3), np.array(0.7)),
    "array_result_of_stores": lambda rng: (rng.normal(size=4), 0.7),
}
