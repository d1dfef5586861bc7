"""Small IR programs with every control construct, for the derivative transforms and the passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Arguments = Callable[[np.random.Generator], tuple[Any, ...]]

PROGRAMS: dict[str, tuple[str, tuple[str, ...], Arguments]] = {}


def program(name: str, wrt: str, arguments: Arguments, text: str) -> None:
    PROGRAMS[name] = (text, tuple(wrt.split()), arguments)


program("straight", "x w", lambda rng: (rng.normal(size=4), 0.7), """
dims(n='axis')
def f(x: f64[n], w: float) -> (f64):
    z = mul(x, w)
    e = exp(z)
    p = mul(e, x)
    y = sum(p)
    return y
""")

program("scan", "w x", lambda rng: (0.4, rng.normal(size=5)), """
dims(n='axis')
def f(w: float, x: f64[n]) -> (f64):
    y0: f64[n] = copy(x)
    m: int[n] = dim(y0, axis=0)
    r: [int] = range(1, m, 1)
    y: f64[n]
    for i in each(r):
        i: int[i_1]
        yc: f64[n] = carry(y0)
        j = sub(i, 1)
        a = get(yc, j, index='@')
        b = mul(w, a)
        t = tanh(b)
        c = get(yc, i, index='@')
        d = mul(c, c)
        e = add(t, d)
        y2 = set(yc, e, i, index='@')
        yield y2
    s = sum(y)
    return s
""")

program("wrapping_scan", "w x", lambda rng: (0.4, rng.normal(size=5)), """
dims(n='axis')
def f(w: float, x: f64[n]) -> (f64):
    m: int[n] = dim(x, axis=0)
    r: [int] = range(0, m, 1)
    y: f64[n]
    for i in each(r):
        i: int[i_1]
        yc: f64[n] = carry(x)
        j = sub(i, 1)
        a = get(yc, j, index='@')
        b = mul(w, a)
        t = sin(b)
        c = get(yc, i, index='@')
        e = mul(t, c)
        y2 = set(yc, e, i, index='@')
        yield y2
    s = sum(y)
    return s
""")

program("elimination", "A", lambda rng: (rng.normal(size=(4, 4)) + 4 * np.eye(4),), """
dims(n='axis', k='axis')
def f(A: f64[n, k]) -> (f64):
    m: int[n] = dim(A, axis=0)
    r: [int] = range(0, m, 1)
    B: f64[n, k]
    for i in each(r):
        i: int[i_1]
        A1: f64[n, k] = carry(A)
        q: [int] = range(0, i, 1)
        A2: f64[n, k]
        for j in each(q):
            j: int[j_1]
            A3: f64[n, k] = carry(A1)
            row = get(A3, i, j, index='@, :@')
            col = get(A3, j, j, index=':@, @')
            d = matmul(row, col)
            old = get(A3, i, j, index='@, @')
            v = sub(old, d)
            piv = get(A3, j, j, index='@, @')
            u = div(v, piv)
            A4 = set(A3, u, i, j, index='@, @')
            yield A4
        yield A2
    p = mul(B, B)
    s = sum(p)
    return s
""")

program("newton", "a", lambda rng: (2.3,), """
def f(a: float) -> (float):
    x: float
    def test(x1: float):
        p = mul(x1, x1)
        q = sub(p, a)
        m = abs_(q)
        c = gt(m, 1e-3)
        yield c
    while test(a):
        x2: float = carry(a)
        h = div(a, x2)
        s = add(x2, h)
        x3 = mul(0.5, s)
        yield x3
    y = mul(x, x)
    return y
""")

program("piecewise", "x w", lambda rng: (rng.normal(size=6), 0.3), """
dims(n='axis')
def f(x: f64[n], w: float) -> (float | f64):
    total: float | f64
    for v in each(x):
        v: f64
        t: float | f64 = carry(0.0)
        c = gt(v, 0.0)
        y: float | f64
        if c:
            e = exp(v)
            z = mul(e, w)
            yield z
        else:
            q = mul(v, v)
            yield q
        t2 = add(t, y)
        t3 = mul(t2, 0.9)
        yield t3
    return total
""")

program("swap", "a b", lambda rng: (1.2, 0.4, 3), """
def f(a: float, b: float, n: int[n]) -> (float):
    r: [int] = range(0, n, 1)
    p: float
    q: float
    for i in each(r):
        i: int[i_1]
        p1: float = carry(a)
        q1: float = carry(b)
        m = mul(p1, q1)
        yield q1, m
    s = add(p, q)
    return s
""")

program("buffers", "x", lambda rng: (rng.normal(size=6), 3), """
dims(n='axis')
def f(x: f64[n], m: int[m]) -> (f64):
    r: [int] = range(0, m, 1)
    a0: f64[n] = copy(x)
    b0: f64[n] = zeros_like(x)
    a: f64[n]
    b: f64[n]
    for i in each(r):
        i: int[i_1]
        a1: f64[n] = carry(a0)
        b1: f64[n] = carry(b0)
        left = get(a1, -2, index=':@')
        right = get(a1, 2, index='@:')
        s = mul(left, right)
        b2 = set(b1, s, 1, -1, index='@:@')
        yield b2, a1
    p = mul(a, a)
    s = sum(p)
    return s
""")

program("guarded_store", "x", lambda rng: (rng.normal(size=5),), """
dims(n='axis')
def f(x: f64[n]) -> (f64):
    m: int[n] = dim(x, axis=0)
    r: [int] = range(1, m, 1)
    y: f64[n]
    for i in each(r):
        i: int[i_1]
        y1: f64[n] = carry(x)
        head = get(y1, i, index=':@')
        w = mul(head, head)
        s = sum(w)
        c = gt(s, 0.5)
        y2: f64[n]
        if c:
            y3 = set(y1, s, i, index='@')
            yield y3
        else:
            e = get(y1, i, index='@')
            e2 = mul(e, s)
            y4 = add_at(y1, e2, i, index='@')
            yield y4
        yield y2
    s = sum(y)
    return s
""")

program("collected", "x", lambda rng: (rng.normal(size=4),), """
dims(n='axis')
def f(x: f64[n]) -> (float | f64):
    last: float | f64
    kept: [f64]
    for v in each(x):
        v: f64
        a: float | f64 = carry(1.0)
        b = mul(a, v)
        c = sin(v)
        yield b, c
    total: float | f64
    for k, v in each(kept, x, reverse=True):
        k: f64
        v: f64
        t: float | f64 = carry(last)
        u = mul(t, k)
        w = add(u, v)
        yield w
    return total
""")

program("early", "a", lambda rng: (1.7,), """
def f(a: float) -> (float):
    c = eq(a, 0.0)
    y: float
    if c:
        yield 0.0
    else:
        s = math_sin(a)
        t = mul(s, a)
        yield t
    return y
""")

program("broadcast", "x w c", lambda rng: (rng.normal(size=(3, 4)), rng.normal(size=(3, 1)), 0.8), """
dims(n='axis', k='axis')
def f(x: f64[n, k], w: f64[n, 1], c: float) -> (f64):
    a = mul(x, w)
    b = div(a, c)
    d = maximum(b, w)
    e = sub(d, x)
    p = mul(e, e)
    s = sum(p)
    return s
""")

program("products", "A B v", lambda rng: (rng.normal(size=(3, 4)), rng.normal(size=(4, 2)), rng.normal(size=2)), """
dims(n='axis', k='axis', m='axis')
def f(A: f64[n, k], B: f64[k, m], v: f64[m]) -> (f64):
    C = matmul(A, B)
    u = matmul(C, v)
    t = tanh(u)
    p = mul(t, t)
    s = sum(p)
    return s
""")

program("guarded_log", "x", lambda rng: (np.array([0.5, 0.0, 2.0, -1.0]),), """
dims(n='axis')
def f(x: f64[n]) -> (f64):
    c = gt(x, 0.1)
    l = log(x)
    q = mul(l, l)
    y = where(c, q, 0.0)
    s = sum(y)
    return s
""")

program("maxima", "x", lambda rng: (rng.normal(size=(3, 4)),), """
dims(n='axis', k='axis')
def f(x: f64[n, k]) -> (f64):
    m = max(x, axis=1)
    p = mul(m, m)
    s = sum(p)
    return s
""")

program("shifted", "x", lambda rng: (rng.normal(size=5),), """
dims(n='axis')
def f(x: f64[n]) -> (f64):
    y = copy(x)
    head = get(y, -1, index=':@')
    z = set(y, 2.0, 0, index='@')
    tail = get(z, 1, index='@:')
    p = mul(head, tail)
    s = sum(p)
    return s
""")

program("gathered", "x", lambda rng: (rng.normal(size=4), np.array([1, 3, 1, 0, 1])), """
dims(n='axis', k='axis')
def f(x: f64[n], i: i64[k]) -> (f64):
    g = get(x, i, index='@')
    q = mul(g, g)
    y = set(x, q, i, index='@')
    p = mul(y, y)
    s = sum(p)
    return s
""")

program("doubled", "x", lambda rng: (rng.normal(size=4), 3), """
dims(n='axis')
def f(x: f64[n], m: int[m]) -> (f64):
    r: [int] = range(0, m, 1)
    y: f64[n]
    for i in each(r):
        i: int[i_1]
        y1: f64[n] = carry(x)
        e = get(y1, 0, index='@')
        d = mul(e, e)
        y2 = add_at(y1, d, 1, index='@')
        h = get(y2, 1, index='@')
        g = sin(h)
        y3 = add_at(y2, g, 0, index='@')
        yield y3
    p = mul(y, y)
    s = sum(p)
    return s
""")

program("picked", "x", lambda rng: (rng.normal(size=4), np.array([1, 3, 1, 0, 1])), """
dims(n='axis', k='axis')
def f(x: f64[n], i: i64[k]) -> (f64):
    g = get(x, i, index='@')
    q = mul(g, g)
    s = sum(q)
    return s
""")

program("handed_through", "t A", lambda rng: (0.3, rng.normal(size=(3, 3))), """
dims(n='axis', k='axis')
def f(t: float, A: f64[n, k]) -> (f64):
    r: [int] = range(0, 2, 1)
    B: f64[n, k]
    for i in each(r):
        i: int[i_1]
        A1: f64[n, k] = carry(A)
        q: [int] = range(0, 2, 1)
        A2: f64[n, k]
        for j in each(q):
            j: int[j_1]
            A3: f64[n, k] = carry(A1)
            e = get(A3, 0, 0, index='@, @')
            c = gt(e, 0.0)
            A4: f64[n, k]
            if c:
                A5 = add_at(A3, t, j, 1, index='@, @')
                yield A5
            else:
                yield A3
            yield A4
        col = get(A2, 0, index=':, @')
        two = mul(col, 2)
        A6 = set(A2, two, 0, index=':, @')
        yield A6
    p = mul(B, B)
    s = sum(p)
    return s
""")

program("read_before_the_loop", "x s", lambda rng: (rng.normal(size=4), 0.3), """
dims(n='axis')
def f(x: f64[n], s: float) -> (f64):
    m: int[n] = dim(x, axis=0)
    r: [int] = range(0, m, 1)
    y: f64[n]
    e: float | f64
    for i in each(r):
        i: int[i_1]
        x1: f64[n] = carry(x)
        e1: float | f64 = carry(0.3)
        acc = get(x1, i, index='@')
        q: [int] = range(1, m, 1)
        x2: f64[n]
        for d in each(q):
            d: int[d_1]
            x3: f64[n] = carry(x1)
            h = get(x3, d, index=':@')
            t = sum(h)
            c = get(x3, d, index='@')
            v = mul(t, c)
            w = sin(v)
            x4 = set(x3, w, d, index='@')
            yield x4
        a = mul(s, acc)
        b = arctan(a)
        e2 = mul(e1, b)
        yield x2, e2
    u = sum(y)
    z = add(u, e)
    return z
""")
