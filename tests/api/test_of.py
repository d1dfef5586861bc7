"""Functions that work through their arguments: ``of`` names what holds the result."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import srcdiff

A = np.array([0.5, 1.0, 2.0, 0.25])
B = np.array([0.1, -0.3, 0.2, 0.4])


def kernel(A, B, n):
    for _ in range(n):
        B[1:-1] = 0.5 * (A[2:] + A[:-2]) * A[1:-1]
        A[1:-1] = B[1:-1] ** 2 + A[1:-1]


def total(s, x):
    if len(x) < 2:
        return
    s[...] = np.sum(x * x)
    if x[0] > 0:
        s[0] *= 2.0
        return
    s += 1


def run(state, h):
    for _ in range(3):
        state["x"] += h * state["v"]
        state["v"] -= h * state["x"] ** 3


def rebinding(u, f):
    u[0] = f * f
    u = u * 2.0
    u[1] = 7.0


def test_the_value_is_what_the_function_leaves() -> None:
    a, b = A.copy(), B.copy()
    value, pullback = srcdiff.vjp(kernel, ("A", "B"), of="A")(a, b, 2)
    assert np.array_equal(a, A) and np.array_equal(b, B)
    wanted = A.copy()
    kernel(wanted, B.copy(), 2)
    assert np.array_equal(value, wanted)
    assert not np.shares_memory(value, a)
    bars = pullback(np.ones(4))
    assert [bar.shape for bar in bars] == [(4,), (4,)]


@pytest.mark.parametrize("of", ["A", "B", 1, ("A", "B"), ("B",)])
def test_the_derivatives_are_right(of) -> None:
    assert srcdiff.check_grad(kernel, A, B, 2, wrt=("A", "B"), of=of).kinks == ()


def test_containers_and_rebound_names() -> None:
    state = {"x": A, "v": B}
    assert srcdiff.check_grad(run, state, 0.1, wrt=("state", "h"), of="state").kinks == ()
    assert srcdiff.check_grad(rebinding, A, 0.7, wrt=("u", "f"), of="u").kinks == ()


def test_an_array_of_one_element_is_a_number_for_grad() -> None:
    value, gradient = srcdiff.value_and_grad(total, "x", of="s")(np.zeros(1), A)
    assert value == 2 * np.sum(A * A)
    assert np.array_equal(gradient, 4 * A)
    assert np.array_equal(srcdiff.grad(total, "x", of="s")(np.zeros(1), -A), -2 * A)

    def square(s, x):
        s[...] = x * x

    assert srcdiff.grad(square, "x", of="s")(np.array(0.0), 3.0) == 6.0


def test_tangents() -> None:
    value, change = srcdiff.jvp(kernel, "A", of=("A", "B"))(A, B, 1, np.ones(4))
    assert [part.shape for part in (*value, *change)] == [(4,)] * 4


def test_the_same_text_with_and_without_it() -> None:
    def both(a):
        a[0] = a[1] ** 2
        return np.sum(a)

    assert np.array_equal(srcdiff.grad(both)(np.array([1.0, 2.0])), [0.0, 5.0])
    value, pullback = srcdiff.vjp(both, of="a")(np.array([1.0, 2.0]))
    assert np.array_equal(value, [4.0, 2.0]) and np.array_equal(pullback(np.ones(2)), [0.0, 5.0])
    assert srcdiff.vjp(both)(np.array([1.0, 2.0]))[0] == 6.0


def test_mistakes() -> None:
    with pytest.raises(srcdiff.SrcdiffError, match="of: kernel has no parameter 'C'; its parameters are A, B, n"):
        srcdiff.vjp(kernel, of="C")(A, B, 2)
    with pytest.raises(srcdiff.SrcdiffError, match="of is a position, a name, or a tuple of them, not 1.5"):
        srcdiff.vjp(kernel, of=1.5)
    with pytest.raises(srcdiff.SrcdiffError, match=r"the final A of kernel is f64\[d\] \(use srcdiff.jacobian"):
        srcdiff.grad(kernel, of="A")(A, B, 2)
    with pytest.raises(srcdiff.SrcdiffError, match='name that: of="A"'):
        srcdiff.grad(kernel)(A, B, 2)
    with pytest.raises(srcdiff.SrcdiffError, match="no pair for has_aux"):
        srcdiff.grad(kernel, of="A", has_aux=True)
    with pytest.raises(srcdiff.SrcdiffError, match="give it to the inner derivative"):
        srcdiff.grad(srcdiff.grad(total, "x", of="s"), of="s")


def test_a_derivative_of_it_again() -> None:
    def power(s, x):
        s[0] = x**3

    inner = srcdiff.grad(power, "x", of="s")
    assert srcdiff.grad(inner, "x")(np.zeros(1), 2.0) == pytest.approx(12.0)


def test_jacobians_and_hessians() -> None:
    def power(s, x):
        s[0] = np.sum(x**3)

    x = np.array([1.0, 2.0])
    assert srcdiff.jacobian(kernel, "A", of="A")(A, B, 1).shape == (4, 4)
    assert np.allclose(srcdiff.hessian(power, "x", of="s")(np.zeros(1), x), np.diag(6 * x))
    assert np.allclose(srcdiff.hvp(power, "x", of="s")(np.zeros(1), x, np.ones(2)), 6 * x)


def test_pickling_and_the_text() -> None:
    compiled = srcdiff.vjp(kernel, "A", of="A")
    compiled(A, B, 1)
    again = pickle.loads(pickle.dumps(compiled))
    assert np.array_equal(again(A, B, 1)[0], compiled(A, B, 1)[0])
    assert "the final A of kernel" in compiled.source
