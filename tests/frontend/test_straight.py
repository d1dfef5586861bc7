"""Straight-line code: operators, calls, attributes, assignment, names, provenance."""

from __future__ import annotations

import math
from math import exp

import numpy as np
import numpy as xp
from numpy import sin

from srcdiff.ir.core import Constant
from tests.frontend.support import agree, read, text

X = np.array([0.5, -1.0, 2.0])
A = np.arange(6.0).reshape(2, 3)


def logistic(w, b, x, y):
    """Mean logistic loss."""
    z = x @ w + b
    p = 1 / (1 + np.exp(-z))  # the sigmoid
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def test_logistic_reads_like_its_source() -> None:
    args = (np.array([0.1, 0.2, -0.3]), 0.5, A, np.array([0.0, 1.0]))
    function = agree(logistic, *args)
    assert function.doc == "Mean logistic loss."
    ops = {op.result.name or op.name: op for op in function.body.ops}
    assert ops["z"].name == "add" and ops["p"].name == "div"
    assert ops["z"].stmt.text == "z = x @ w + b"
    assert ops["z"].stmt.target == "z"
    assert ops["neg"].stmt.text.startswith("return -np.mean(")
    assert [op.stmt.index for op in function.body.ops] == sorted(op.stmt.index for op in function.body.ops)
    line = ops["p"].stmt.line
    assert function.comments == {line: "# the sigmoid"}
    assert function.source.line(line).strip().startswith("p = 1 /")
    assert (ops["z"].loc.line, ops["z"].loc.column) == (line - 1, 8)


def test_operators() -> None:
    def f(x, y, n):
        a = (x + y) * (x - y) / (x * x + 1) ** 2
        b = a // 0.3 % 0.7
        return a, b, -x, +y, n // 2, n % 3, n**2, x > 0, x <= y, n != 3, 2 - n

    agree(f, 0.7, -0.2, 7)
    agree(f, X, 0.3, 4)
    agree(f, np.float32(0.5), np.float64(0.25), 5)


def test_names_are_resolved_by_object() -> None:
    def f(x):
        return xp.cos(x) + sin(x) + np.sin(x) + math.pi * np.e + exp(0.5)

    agree(f, X)


def test_a_parameter_may_be_called_like_a_function() -> None:
    def f(sum, range, np):
        return sum * range + np

    agree(f, 1.0, 2.0, 3.0)


def test_methods_and_attributes_keep_the_authors_form() -> None:
    def f(a, x):
        return a.sum() + a.T.dot(x[:2]).mean() + a.size + a.shape[1] + a.ndim

    function = agree(f, A, X)
    forms = {op.name: op.form for op in function.body.ops}
    assert forms["sum"] == forms["mean"] == "method"
    assert forms["transpose"] == "attribute"
    assert forms["add"] == ""


def test_constants_are_operands() -> None:
    def f(x):
        half = 0.5
        return half * x - 1

    function = agree(f, 2.0)
    assert [op.name for op in function.body.ops] == ["mul", "sub"]
    constant = function.body.ops[0].inputs[0]
    assert isinstance(constant, Constant) and constant.value == 0.5


def test_a_second_name_makes_no_op() -> None:
    def f(x):
        y = x
        z = y
        return z

    assert agree(f, X).body.ops == ()


def test_tuples_swaps_and_chains() -> None:
    def f(a, b, c):
        a, b = b, a
        (p, q), r = (a, b), c
        s = t = p - q
        first, *rest = (s, t, r)
        *front, last = [p, q, r]
        u: float = a * b
        return first + rest[0] * rest[1] + front[1] - last * u, (a, b), [s, t]

    agree(f, 1.0, 2.5, -3.0)


def test_unpacking_an_array_of_known_length() -> None:
    def f(p):
        x, y, z = p
        return x * y - z

    function = agree(f, X)
    assert [str(fact) for fact in function.facts] == ["n == 3"]

    def g(a):
        p, q = np.array([a, 2 * a])
        return p * q

    agree(g, 1.5)


def test_augmented_assignment_of_numbers_rebinds() -> None:
    def f(a, n):
        b = a
        a += 2.0
        a *= 3
        a -= 1
        a /= 4
        a **= 2
        n //= 2
        n %= 3
        return a, b, n

    agree(f, 1.5, 11)


def test_numbers_of_every_kind() -> None:
    def f(x, y, z, n):
        return x * y, y + z, n * 1.0, x * n, abs(y), float(x), int(n), round(z), max(x, z), min(n, 3)

    agree(f, 1.5, np.float32(2.0), np.float64(3.25), 4)


def test_subscripts() -> None:
    def f(x, a, i, idx):
        return (
            x[0], x[-1], x[i], x[1:], x[:i], x[::-1], x[i::2], a[0], a[:, 1], a[i, :2], a[..., 0], a[None, :, 1:],
            a[1][2], x[idx], a[:, idx], a[[0, 1], idx[:2]], x[x > 0], a[a > 2.5], x[np.newaxis], x[i - 1],
        )

    agree(f, X, A, 1, np.array([2, 0, 0]))


def test_a_tuple_as_index() -> None:
    def f(a, i):
        where = (i, 2)
        return a[where]

    agree(f, A, 1)


def test_shapes_are_numbers_of_the_signature() -> None:
    def f(a, x):
        n, m = a.shape
        k = len(x)
        b = np.zeros((n, m + 1))
        return b.shape, k * n, np.ones(k)[: m - 1], len(a[0]) == k

    agree(f, A, X)


def test_expressions_over_several_lines() -> None:
    def f(x, y):
        z = np.sum(
            x * y,  # the product
            axis=0,
        )
        w = (x +
             y)
        return z + w

    function = agree(f, X, X)
    texts = {op.stmt.text for op in function.body.ops}
    assert "z = np.sum(x * y, axis=0)" in texts
    assert "w = (x + y)" in texts


def test_long_sums_need_no_recursion() -> None:
    lines = " + ".join(["x"] * 900)
    source = f"def f(x):\n    return {lines}\n"
    function = from_source(source)
    assert len(agree(function, 0.5).body.ops) == 899


def test_names_beyond_ascii() -> None:
    def f(größe, α):
        λ = größe * α
        return λ

    assert "λ" in text(f, 2.0, 3.0)
    agree(f, 2.0, 3.0)


def test_pass_docstring_and_expressions_do_nothing() -> None:
    def f(x):
        """Doc."""
        pass
        "text"
        ...
        return x

    assert read(f, 1.0).function.body.ops == ()


def from_source(source: str):
    """The function ``f`` of a text that stands in a file."""
    import importlib.util
    import tempfile
    from pathlib import Path

    path = Path(tempfile.mkdtemp()) / "program.py"
    path.write_text("import numpy as np\n\n\n" + source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("program", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f
