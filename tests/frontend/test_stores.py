"""Stores and what sees them: in place or not, views, second names, loops, branches, callees."""

from __future__ import annotations

import numpy as np

from srcdiff.ir.core import FOR, Loop
from tests.frontend.support import agree, read, refused

X = np.array([0.5, -1.0, 2.0, 0.25])
A = np.arange(12.0).reshape(4, 3) / 5


def names(function) -> list[str]:
    return [op.name for op in function.body.walk()]


def test_every_kind_of_store() -> None:
    def f(x, a, idx, mask):
        x[0] = 1.0
        x[-1] = x[0] * 2
        x[1:] = x[:-1]
        x[::-1] = x
        x[idx] = 3.0
        x[mask] = x[mask] * 2
        a[1, :] = a[0]
        a[:, 0] = [1.0, 2.0, 3.0, 4.0]
        a[...] = a + 1
        a[0, 0], a[0, 1] = a[0, 1], a[0, 0]
        return x, a

    agree(f, X, A, np.array([1, 1]), X > 0)


def test_augmented_stores() -> None:
    def f(x, a, i, mask):
        x[i] += 1.0
        x[i] -= x[0]
        x[1:] += x[:-1]
        x[1:] *= 2
        x[mask] += 0.5
        a[i, :2] /= 3
        a[:, 1] -= a[:, 0]
        a[i, i] **= 2
        x += 1
        x *= x
        x -= x[0]
        a @= np.eye(3)
        return x, a

    function = agree(f, X, A, 1, X > 0)
    assert names(function).count("add_at") == 7
    forms = [op.form for op in function.body.walk() if op.name in ("add_at", "set")]
    assert forms == ["+=", "-=", "+=", "*=", "+=", "/=", "-=", "**=", "+=", "*=", "-=", "@="]


def test_index_arrays_that_may_repeat_are_buffered() -> None:
    def f(x, idx):
        x[idx] += 1.0
        x[idx] -= x[idx] * 0.5
        return x

    function = agree(f, X, np.array([0, 0, 2]))
    assert "add_at" not in names(function)

    def g(x, n):
        x[np.arange(n)] += 1.0
        return x

    assert "add_at" in names(agree(g, X, 3))


def test_add_at_counts_every_index() -> None:
    def f(x, a, idx):
        np.add.at(x, idx, 1.0)
        np.subtract.at(x, idx, x[:3])
        np.add.at(a, (idx, 0), 2.0)
        return x, a

    function = agree(f, X, A, np.array([0, 0, 2]))
    assert [op.attrs.get("repeats") for op in function.body.ops if op.name == "add_at"] == [True, True, True]


def test_the_dtype_of_an_array_stays() -> None:
    def f(x, n):
        x += 0.1
        x *= np.float64(0.3)
        x[0] = 0.7
        n[0] = 2.7
        n += 3
        return x, n

    agree(f, X.astype(np.float32), np.arange(3))

    def g(n):
        n += 0.5
        return n

    assert refused(g, np.arange(3)) == [("SD013", "n += 0.5")]

    def h(n):
        n /= 2
        return n

    assert refused(h, np.arange(3)) == [("SD013", "n /= 2")]


def test_zero_dimensional_arrays_change_in_place_and_numbers_do_not() -> None:
    def f(z, s):
        a = s
        s += 1
        z += 1
        return z, s, a

    agree(f, np.array(2.0), np.float64(3.0))


# --- views and second names


def test_a_view_is_read_before_the_write() -> None:
    def f(x):
        y = x.copy()
        first = y[:2]
        total = np.sum(first)
        y[0] = 5.0
        return total + np.sum(y)

    agree(f, X)


def test_a_view_read_after_the_write_sees_it() -> None:
    def f(x):
        y = x.copy()
        first = y[:2]
        y[0] = 5.0
        return np.sum(first)

    agree(f, X)

    def g(a):
        row = a.T[0]
        a[0, 0] = 1.0
        return row[0]

    agree(g, A)


def test_elements_are_no_views() -> None:
    def f(x):
        old = x[0]
        part = x[[0, 1]]
        x[0] = 5.0
        return old + np.sum(part) + len(x[1:])

    agree(f, X)


def test_shapes_of_stale_views_may_be_read() -> None:
    def f(x):
        part = x[1:]
        x[0] = 5.0
        return len(part) + part.shape[0]

    agree(f, X)


def test_a_write_through_a_view() -> None:
    def f(x):
        row = x[1:]
        row[0] = 5.0
        return np.sum(x)

    agree(f, X)

    def g(x):
        row = (x * 2)[1:]
        row[0] = 5.0
        row *= 2
        return np.sum(row)

    agree(g, X)


def test_a_write_through_a_second_name() -> None:
    def f(x):
        y = x
        y[0] = 5.0
        return np.sum(x)

    agree(f, X)

    def g(x):
        y = x
        y += 1
        return np.sum(x) + np.sum(y)

    agree(g, X)

    def h(x):
        y = x
        y[0] = 5.0
        return np.sum(y)

    agree(h, X)


def test_a_write_through_one_of_two_arrays() -> None:
    def f(x, y, flag):
        a = x if flag > 0 else y
        a[0] = 5.0
        return np.sum(x * y)

    assert refused(f, X, X.copy(), 1.0) == [("SD021", "a[0]")]

    def g(x, y, flag):
        if flag > 0:
            a = x
        else:
            a = y
        x[0] = 5.0
        return np.sum(a)

    assert refused(g, X, X.copy(), 1.0)[0][0] in ("SD021", "SD022")

    def h(x, y, flag):
        a = x if flag > 0 else y * 2
        a[0] = 5.0
        return np.sum(a)

    agree(h, X, X.copy(), 1.0)
    agree(h, X, X.copy(), -1.0)


def test_a_reshape_may_or_may_not_copy() -> None:
    def f(x):
        y = x.T.reshape(-1)
        y[0] = 5.0
        return np.sum(x)

    assert refused(f, A) == [("SD021", "y[0]")]


def test_the_same_array_passed_twice() -> None:
    def f(x, y):
        x[0] = 5.0
        return np.sum(x * y)

    agree(f, X, X.copy())
    assert refused(f, X, X) == [("SD021", "x[0]")]
    assert refused(f, X[1:], X[:-1]) == [("SD021", "x[0]")]

    def g(x, y):
        return np.sum(x * y)

    agree(g, X, X)


def test_temporaries_that_wait_for_a_write() -> None:
    def bump(x):
        x[0] = 5.0
        return 1.0

    def f(x):
        return x[:1] + bump(x)

    agree(f, X)

    def g(x):
        x[0] += bump(x)
        return x

    assert refused(g, X)[0][0] == "SD020"


def test_a_callee_that_writes_its_argument() -> None:
    def scale(v):
        v *= 2
        v[0] = 1.0
        return np.sum(v)

    def f(x):
        return scale(x)

    agree(f, X)

    def g(x):
        return scale(x + 1) + scale(x.copy()) + np.sum(x)

    agree(g, X)

    def h(x):
        return scale(x) + np.sum(x)

    agree(h, X)


def test_writes_into_what_the_function_does_not_own() -> None:
    buffer = np.zeros(3)

    def f(x):
        buffer[0] = x
        return np.sum(buffer)

    assert refused(f, 1.0) == [("SD020", "buffer[0]")]

    def g(x):
        def put(v):
            x[0] = v
            return v

        return put(1.0) + np.sum(x)

    agree(g, X)


# --- branches and loops


def test_stores_in_branches() -> None:
    def f(x, n):
        y = x.copy()
        z = y[1:]
        if n > 0:
            y[0] = 1.0
        else:
            x[0] = 2.0
        return np.sum(y) + np.sum(x)

    agree(f, X, 1)
    agree(f, X, 0)

    def g(x, n):
        y = x.copy()
        z = y[1:]
        if n > 0:
            y[0] = 1.0
        return np.sum(z)

    agree(g, X, 1)


def test_a_loop_that_writes() -> None:
    def f(w, x):
        y = x.copy()
        for i in range(1, len(y)):
            y[i] = np.tanh(w * y[i - 1]) + y[i] * y[i]
        return np.sum(y)

    function = agree(f, 0.7, X)
    (loop,) = [Loop.of(op) for op in function.body.ops if op.kind is FOR]
    assert [value.name for value in loop.carried_params] == ["y"]


def test_a_view_taken_in_front_of_a_loop_that_writes() -> None:
    def f(x):
        y = x.copy()
        first = y[:1]
        for i in range(3):
            y[i] = y[i] + first[0]
        return np.sum(y)

    agree(f, X)

    def g(x):
        y = x.copy()
        first = y[:1]
        for i in range(3):
            y[i] = y[i] * 2
        return np.sum(first)

    agree(g, X)


def test_a_view_taken_and_used_in_each_trip() -> None:
    def f(a):
        for i in range(len(a)):
            row = a[i]
            total = np.sum(row)
            a[i, 0] = total
        return a

    agree(f, A)

    def g(a):
        for i in range(len(a)):
            row = a[i]
            a[i, 0] = 1.0
            a[i, 1] = row[0]
        return a

    agree(g, A)


def test_swapping_buffers_in_a_loop() -> None:
    def f(x, n):
        u = x.copy()
        v = np.zeros(len(x))
        for _ in range(n):
            for i in range(1, len(x) - 1):
                v[i] = 0.5 * (u[i - 1] + u[i + 1])
            u, v = v, u
        return u, v

    for n in (0, 1, 2, 3):
        agree(f, X, n)

    def g(x, y, n):
        for _ in range(n):
            x[0] = x[0] + 1.0
            x, y = y, x
        return x - y

    agree(g, X, X[::-1].copy(), 3)


def test_a_buffer_that_is_swapped_and_seen_from_outside() -> None:
    def f(x, n):
        u = x
        v = np.zeros(len(x))
        for _ in range(n):
            u[0] = u[0] + 1.0
            u, v = v, u
        return np.sum(x) + np.sum(u)

    assert refused(f, X, 2)[0][0] in ("SD020", "SD021")


def test_names_that_become_one_array_in_a_loop() -> None:
    def f(x, n):
        u = x.copy()
        v = x * 2
        for _ in range(n):
            v[0] = v[0] + np.sum(u)
            u = v
        return np.sum(u) + np.sum(v)

    agree(f, X, 2)

    def f2(x, n):
        u = x.copy()
        v = x * 2
        for _ in range(n):
            v[0] = v[0] + 1.0
            v[1] = np.sum(u)
            u = v
        return np.sum(u) + np.sum(v)

    assert refused(f2, X, 2)[0][0] in ("SD020", "SD021", "SD022")

    def f3(x, n):
        u = x.copy()
        v = x * 2
        for _ in range(n):
            u = v
        v[0] = 5.0
        return np.sum(u)

    assert refused(f3, X, 2)[0][0] in ("SD020", "SD021", "SD022")

    def g(x, n):
        u = x.copy()
        v = x * 2
        for _ in range(n):
            v = v + 1.0
            u = v
        return np.sum(u) + np.sum(v)

    agree(g, X, 2)


def test_a_name_that_becomes_an_outer_array_in_a_loop() -> None:
    def f(x, n):
        u = np.zeros(len(x))
        for _ in range(n):
            u[0] = u[0] + 1.0
            u = x
        return np.sum(u) + np.sum(x)

    assert refused(f, X, 2)[0][0] in ("SD020", "SD021", "SD022")

    def g(x, n):
        h = 0.0
        for _ in range(n):
            h += 1.0
            h = x
        return np.sum(x) + np.sum(h)

    assert refused(g, X, 2)[0][0] in ("SD020", "SD021", "SD022")


def test_two_names_of_one_array_behind_a_loop() -> None:
    def f(x, n):
        t = x * 3
        for _ in range(n):
            u = x * 2
            t = u
        t[0] = 5.0
        return np.sum(u)

    assert refused(f, X, 2)[0][0] in ("SD020", "SD021", "SD022")

    def g(x, n):
        u = x.copy()
        for _ in range(n):
            t = u[1:]
            u = u * 2
        u[0] = 5.0
        return np.sum(t)

    agree(g, X, 2)


def test_two_loops_that_may_have_carried_the_same_array() -> None:
    def f(x, n):
        u = x
        for _ in range(n):
            u = u * 2
        v = x
        for _ in range(n):
            v = v * 3
        u[0] = 5.0
        return np.sum(v)

    assert refused(f, X, 2)[0][0] == "SD022"


def test_loops_over_an_array_that_they_write() -> None:
    def f(x):
        for i, v in enumerate(x):
            x[len(x) - 1 - i] = v * 2
        return x

    agree(f, X)

    def g(a, b):
        for row, other in zip(a, b):
            a[0] += other
            b[1] = row
        return a, b

    agree(g, A, A.copy())

    def h(a):
        total = 0.0
        for row in a:
            total += row[0]
            a[1:, 0] += 1.0
        return total, a

    agree(h, A)

    def k(a):
        for row in a:
            row *= 2
        return np.sum(a)

    agree(k, A)

    def m(x):
        for v in x:
            x += v
        return x

    agree(m, X)


def test_the_array_of_a_loop_may_be_rebound_in_it() -> None:
    def f(x):
        total = 0.0
        for v in x:
            x = x * 2
            total += v + x[0]
        return total

    agree(f, X)

    def g(x):
        y = x.copy()
        for v in y:
            y[1:] = y[1:] + v
            y = y * 1.0
        return y

    assert refused(g, X) == [("SD021", "y[1:]")]


def test_lu_by_loops() -> None:
    def f(a):
        n = a.shape[0]
        for i in range(n):
            for j in range(i):
                a[i, j] -= a[i, :j] @ a[:j, j]
                a[i, j] /= a[j, j]
            for j in range(i, n):
                a[i, j] -= a[i, :i] @ a[:i, j]
        return a

    agree(f, A[:3] + 3 * np.eye(3))


def test_stores_into_arrays_in_containers() -> None:
    def f(state, n):
        for i in range(n):
            state["u"][i] = state["v"][i] * 2
            state["v"] += 1.0
        u, v = state["u"], state["v"]
        return np.sum(u) * v

    function = agree(f, {"u": X, "v": X * 2, "w": X}, 3)
    (loop,) = [Loop.of(op) for op in function.body.ops if op.kind is FOR]
    assert len(loop.carried_params) == 2

    def g(state):
        state["n"] = state["n"] * 3.0
        return state["n"]

    agree(g, {"n": 1.0})


def test_nested_subscripts_are_written() -> None:
    def f(a):
        a[0][1] = 2.0
        return a

    agree(f, A)


def test_a_while_loop_that_writes() -> None:
    def f(x):
        i = 0
        while i < len(x) and x[i] < 2:
            x[i] = x[i] * 2
            i += 1
        return x, i

    agree(f, X)


def test_numbers_read_in_front_of_a_write_keep_their_value() -> None:
    def f(x):
        a, b = x[0], x[1]
        x[0], x[1] = b, a
        x[2] = x[0] = a + b
        return x, a, b

    agree(f, X)


def test_arguments_are_objects_of_their_own() -> None:
    def f(x, y):
        x[:] = y
        y[0] = 7.0
        return np.sum(x) + np.sum(y)

    assert read(f, X, X.copy())
    agree(f, X, X.copy())
