"""`@srcdiff.constant`, `@srcdiff.rule` and `srcdiff.stop_gradient` in programs; the check of a rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import srcdiff
from srcdiff.diagnostics import GradientCheckError, NoRuleError, SignatureError, SrcdiffError, UnsupportedError

X = np.array([0.3, 0.5, 0.7])
A, B = np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([1.0, 2.0])
CALLS: list[float] = []


@srcdiff.constant
def steps(tolerance: float) -> int:
    CALLS.append(tolerance)
    return 3 if tolerance < 0.1 else 1


@srcdiff.constant(returns="f64[n]")
def weights(x, power=2, *, scale=1.0):
    return scale * np.linalg.svd(np.outer(x, x))[1] ** power


@srcdiff.constant
def both(x) -> tuple[float, int]:
    return float(x[0]), len(x)


@srcdiff.constant
def liar(x) -> float:
    return x


@srcdiff.constant
def itself(x) -> f64[n]:
    return x


@srcdiff.rule(partials=["cos(x) * b", "y / b", None])
def wave(x, b, n):
    return np.sin(x) * b


def solve_vjp(a, b, value, value_bar):
    w = np.linalg.solve(a.T, value_bar)
    return -np.outer(w, value), w


def solve_jvp(a, b, a_dot, b_dot):
    return np.linalg.solve(a, b_dot - a_dot @ np.linalg.solve(a, b))


@srcdiff.rule(vjp=solve_vjp, jvp=solve_jvp, returns="f64[n]", example=(A, B))
def solved(a, b):
    return np.linalg.solve(a, b)


@srcdiff.rule(vjp=solve_vjp, returns="f64[n]", example=(A, B))
def solved_backward(a, b):
    return np.linalg.solve(a, b)


def slopes(f: Any, *args: Any) -> Any:
    """The gradient by the first argument, by differences."""
    x, h = args[0], 1e-6
    found = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[k] = h
        found[k] = (f(x + e, *args[1:]) - f(x - e, *args[1:])) / (2 * h)
    return found


def with_constants(x, tolerance):
    s = 0.0
    for k in range(steps(tolerance)):
        s = s + np.sum(x * x) * k
    first, count = both(x)
    return s * count + srcdiff.stop_gradient(first) * np.sum(x)


def with_weights(x):
    return np.sum(weights(np.ones(3), scale=2.0) * x * x)


def with_rule(x):
    return np.sum(wave(x, 2.0, 3) * x) + wave(x[0], x[1], 1)


def with_solve(a, b):
    return np.sum(solved(a, b) * b)


def test_constants_are_called_once_and_have_no_derivative() -> None:
    CALLS.clear()
    value, gradient = srcdiff.value_and_grad(with_constants)(X, 0.01)
    assert CALLS == [0.01]
    assert value == with_constants(X, 0.01)
    np.testing.assert_allclose(gradient, 2 * 3 * X * 3 + X[0])
    np.testing.assert_allclose(srcdiff.grad(with_weights)(X), slopes(with_weights, X), rtol=1e-6)


def test_generated_code_imports_what_it_calls(tmp_path: Any) -> None:
    derived = srcdiff.value_and_grad(with_constants)
    derived(X, 0.01)
    text = derived.source
    assert f"from {__name__} import steps\n" in text and f"from {__name__} import both\n" in text
    assert "import srcdiff" not in text
    module = derived.entry(X, 0.01).module
    header = module.readable("make it", "here.py", "not checked")
    assert f"Calls: steps (of {__name__}), both (of {__name__})" in header


def test_what_a_constant_returns_is_checked() -> None:
    with pytest.raises(TypeError, match="`liar` has not returned float"):
        srcdiff.grad(lambda x: np.sum(x) * liar(x))(X)


def test_a_constant_may_return_its_argument() -> None:
    def stale(x):
        y = x * x
        z = itself(y)
        y[0] = 1.0
        return np.sum(z * x)

    with pytest.raises(UnsupportedError, match="SD022"):
        srcdiff.grad(stale)(X)


@pytest.mark.parametrize("f", [with_rule])
def test_partials(f: Any) -> None:
    expected = slopes(f, X)
    value, gradient = srcdiff.value_and_grad(f)(X)
    assert value == f(X)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)
    np.testing.assert_allclose(srcdiff.vjp(f)(X)[1](1.0), expected, rtol=1e-6)
    np.testing.assert_allclose(srcdiff.jvp(f)(X, np.ones(3))[1], np.sum(expected), rtol=1e-6)
    of_gradient = srcdiff.jvp(srcdiff.grad(f))(X, np.ones(3))[1]
    step = 1e-5
    second = (srcdiff.grad(f)(X + step) - srcdiff.grad(f)(X - step)) / (2 * step)
    np.testing.assert_allclose(of_gradient, second, rtol=1e-6)


def test_functions_as_rules() -> None:
    by_a, by_b = srcdiff.grad(with_solve, (0, 1))(A, B)
    np.testing.assert_allclose(by_a, slopes(with_solve, A, B), rtol=1e-6)
    np.testing.assert_allclose(by_b, slopes(lambda b, a: with_solve(a, b), B, A), rtol=1e-6)
    np.testing.assert_allclose(srcdiff.grad(with_solve, 1)(A, B), by_b)
    along = srcdiff.jvp(with_solve, (0, 1))(A, B, np.ones((2, 2)), np.ones(2))[1]
    np.testing.assert_allclose(along, np.sum(by_a) + np.sum(by_b), rtol=1e-6)


def test_a_mode_without_a_rule_is_refused() -> None:
    def f(a, b):
        return np.sum(solved_backward(a, b))

    assert srcdiff.grad(f)(A, B).shape == (2, 2)
    with pytest.raises((NoRuleError, UnsupportedError), match="the rule of `solved_backward` has no jvp"):
        srcdiff.jvp(f)(A, B, A)


def test_a_second_derivative_through_a_function_is_refused() -> None:
    with pytest.raises((NoRuleError, UnsupportedError), match="`solve_vjp` of a rule has no derivative of its own"):
        srcdiff.jvp(srcdiff.grad(with_solve, 1), 1)(A, B, B)


def test_stop_gradient() -> None:
    def f(x):
        return np.sum(x * srcdiff.stop_gradient(x)) + srcdiff.stop_gradient(np.sum(x))

    gradient = srcdiff.grad(f)(X)
    np.testing.assert_array_equal(gradient, X)
    assert not np.shares_memory(gradient, X)
    assert srcdiff.stop_gradient(2.0) == 2.0


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"partials": ["2 * x"]}, "the rule of cube is wrong: along a random direction it gives .* differences give"),
        ({"partials": ["2 * q"]}, "names q, which is no parameter"),
        ({"partials": ["frob(x)"]}, "calls 'frob', which has no rule"),
        ({"partials": ["3 *"]}, "is no expression"),
        ({"partials": ["x", "x"]}, "has 1 parameters, but the rule 2 partials"),
        ({}, "is empty"),
        ({"vjp": lambda x, value, bar: bar}, "give example"),
        ({"vjp": lambda x, value, bar: bar, "example": (2.0,)}, "the vjp of cube is wrong: .* gives"),
        ({"jvp": lambda x, dot: dot, "example": (2.0,)}, "of cube is wrong: .* gives"),
        ({"vjp": lambda x, value, bar: (bar, bar), "example": (2.0,)}, "returns 2 cotangents for 1 float"),
        ({"vjp": lambda x, value, bar: np.ones(2), "example": (2.0,)}, r"shape \(2,\)"),
        ({"jvp": lambda x, dot: dot, "example": (2,)}, "no float argument"),
    ],
)
def test_a_wrong_rule_is_refused(rule: dict[str, Any], says: str) -> None:
    def cube(x):
        return x**3

    with pytest.raises((GradientCheckError, SignatureError), match=says) as caught:
        srcdiff.rule(**rule)(cube)
    assert isinstance(caught.value, SrcdiffError)


def test_functions_that_cannot_be_imported_are_refused() -> None:
    @srcdiff.constant
    def local(x) -> float:
        return 1.0

    with pytest.raises(UnsupportedError, match="define it at the top of a file"):
        srcdiff.grad(lambda x: x * local(x))(2.0)
