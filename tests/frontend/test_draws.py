"""Draws: the caller's generator moves on as in the author's function, each draw happens once, modes agree."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import srcdiff
from srcdiff.diagnostics import SrcdiffError

X = np.array([0.3, 0.5, 0.7])
RNG = np.random.default_rng(11)


def walk(x, rng):
    s = 0.0
    for _ in range(3):
        noise = rng.normal(0.0, 2.0, size=x.shape)
        if rng.random() < 0.6:
            s = s + np.sum(noise * x * x)
        x = x + 0.1 * rng.standard_normal(len(x)) * np.sin(x)
    first, second = rng.normal(), rng.normal()
    return s + (first - 2.0 * second) * x[rng.integers(3)] * x[rng.permutation(3)][0] * rng.uniform(1.0, high=2.0)


def older(x, rng):
    pick = rng.choice(3, size=2, replace=False)
    return np.sum(x[pick] ** 2 * rng.rand(2)) + rng.randint(1, 5) * x[0] * rng.randn() + rng.poisson(3.0) * x[1]


def of_the_global(x):
    return np.sum(x * x * RNG.normal(size=3))


def of_the_module(x):
    return np.sum(x * x * np.random.normal(size=3)) * random.random() + random.gauss(0.0, 1.0) * x[0]


def unused(x, rng):
    rng.normal()
    return np.sum(x * rng.normal())


def slopes(f: Any, make: Any) -> Any:
    h = 1e-6
    return np.array([(f(X + h * e, make()) - f(X - h * e, make())) / (2 * h) for e in np.eye(3)])


@pytest.mark.parametrize(
    ("f", "make"),
    [
        (walk, lambda: np.random.default_rng(5)),
        (older, lambda: np.random.RandomState(5)),
        (unused, lambda: np.random.default_rng(2)),
    ],
)
def test_the_generator_moves_on_as_in_the_function(f: Any, make: Any) -> None:
    twin = make()
    expected = f(X, twin)
    after = twin.normal()
    for derived in (srcdiff.value_and_grad(f), srcdiff.value_and_grad(f, optimize="none")):
        rng = make()
        value, gradient = derived(X, rng)
        assert value == expected and rng.normal() == after
        np.testing.assert_allclose(gradient, slopes(f, make), rtol=1e-6)
    rng = make()
    value, pullback = srcdiff.vjp(f)(X, rng)
    np.testing.assert_allclose(pullback(1.0), gradient)
    np.testing.assert_allclose(pullback(2.0), 2.0 * gradient)
    assert rng.normal() == after
    rng = make()
    tangent = srcdiff.jvp(f)(X, rng, np.ones(3))[1]
    np.testing.assert_allclose(tangent, np.sum(gradient))
    assert rng.normal() == after
    rng = make()
    srcdiff.grad(srcdiff.grad(lambda a: f(a * X, rng)))(1.0)
    assert rng.normal() == after


def test_generators_of_one_class_share_a_module() -> None:
    derived = srcdiff.grad(walk)
    for seed in range(3):
        derived(X, np.random.default_rng(seed))
    assert len(derived.signatures) == 1 and derived.signatures[0].endswith("rng: Generator")
    with pytest.raises(TypeError, match="rng: Generator"):
        namespace: dict[str, Any] = {}
        exec(derived.source, namespace)
        namespace["walk_grad"](X, np.random.RandomState(0))


def test_generators_of_the_module_are_read_at_each_call() -> None:
    twin = np.random.default_rng(11)
    for _ in range(2):
        np.testing.assert_allclose(srcdiff.grad(of_the_global)(X), 2.0 * X * twin.normal(size=3))


def test_the_state_of_the_modules() -> None:
    np.random.seed(3), random.seed(4)
    expected = of_the_module(X)
    np.random.seed(3), random.seed(4)
    value, gradient = srcdiff.value_and_grad(of_the_module)(X)
    np.random.seed(3), random.seed(4)
    assert value == expected
    draws = np.random.normal(size=3) * random.random()
    np.testing.assert_allclose(gradient, 2.0 * X * draws + np.array([random.gauss(0.0, 1.0), 0.0, 0.0]))


def test_gradients_are_checked_with_generators() -> None:
    assert srcdiff.check_grad(walk, X, np.random.default_rng(3)).kinks == ()


def test_containers_with_generators() -> None:
    def f(x, state):
        return np.sum(x * state["rng"].normal(size=3)) * state["scale"]

    twin = np.random.default_rng(1)
    gradient = srcdiff.grad(f)(X, {"rng": np.random.default_rng(1), "scale": 2.0})
    np.testing.assert_allclose(gradient, 2.0 * twin.normal(size=3))


@pytest.mark.parametrize(
    ("f", "says"),
    [
        (lambda x, rng: rng.normal(x[0], 1.0), "goes into the draw `normal`"),
        (lambda x, rng: np.sum(rng.choice(x, size=2)), r"x\[rng.choice\(len\(x\)\)\]"),
        (lambda x, rng: np.sum(rng.permutation(x) * x), r"x\[rng.permutation\(len\(x\)\)\]"),
        (lambda x, rng: np.sum(rng.dirichlet(x)), "no rule for the method `.dirichlet`"),
        (lambda x, rng: x[0] if x[0] > 0 and rng.shuffle(x) else x[1], "no rule for the method `.shuffle`"),
        (lambda x, rng: np.sum(x + rng), "Generator"),
    ],
)
def test_what_cannot_be_drawn(f: Any, says: str) -> None:
    with pytest.raises(SrcdiffError, match=says):
        srcdiff.grad(f)(X, np.random.default_rng(0))
