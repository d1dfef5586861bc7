"""check_grad end to end: right derivatives pass in both modes, planted faults of the compiler are seen and named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcdiff import check
from srcdiff.check import check_grad
from srcdiff.diagnostics import GradientCheckError, SignatureError

RNG = np.random.default_rng(3)


def loss(w, b, x, y):
    z = x @ w + b
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def affine(a, x):
    return a * x + np.sin(x)


def relu(x):
    return np.sum(np.maximum(x, 0.0))


def scan(w, x):
    y = x.copy()
    for i in range(1, len(y)):
        y[i] = np.tanh(w * y[i - 1]) + y[i] * y[i]
    return np.sum(y)


def net(params, x):
    hidden = np.tanh(x @ params["w"] + params["b"])
    return np.sum(hidden * hidden), hidden


ARGS = (RNG.standard_normal(3), 0.2, RNG.standard_normal((5, 3)), (RNG.random(5) > 0.5).astype(float))


def test_a_scalar_result() -> None:
    report = check_grad(loss, *ARGS, wrt=("w", "b"))
    assert (report.entries, report.directions, report.kinks) == (4, 5, ())
    assert report.max_relative_error < 1e-7


def test_an_array_result_and_a_float() -> None:
    assert check_grad(affine, 2.0, RNG.standard_normal((2, 3)), wrt=(0, 1)).entries == 7


def test_a_container_in_and_out() -> None:
    params = {"w": RNG.standard_normal((3, 2)), "b": RNG.standard_normal(2)}
    assert check_grad(net, params, RNG.standard_normal((4, 3))).entries == 8


def test_a_loop_with_stores_and_single_precision() -> None:
    assert check_grad(scan, 0.7, RNG.uniform(-0.8, 0.8, 6), wrt=("w", "x")).kinks == ()
    assert check_grad(scan, np.float32(0.7), RNG.uniform(-0.8, 0.8, 6).astype(np.float32), wrt=("w", "x")).kinks == ()


def test_a_kink_is_reported() -> None:
    assert check_grad(relu, np.array([1.0, 0.0, -1.0])).kinks == ("x[1]",)


def test_the_same_seed_gives_the_same_report() -> None:
    assert check_grad(loss, *ARGS, seed=4) == check_grad(loss, *ARGS, seed=4)


def test_misuse() -> None:
    with pytest.raises(SignatureError, match="wrt names no argument"):
        check_grad(loss, *ARGS, wrt="q")


# --- planted faults


def scaled(factor: Any) -> Callable[[Any], Any]:
    """Spoils what a derived function returns beside the value."""

    def spoil(make: Callable[..., Any]) -> Callable[..., Any]:
        def spoiled(function: Any, wrt: Any) -> Callable[..., Any]:
            derived = make(function, wrt)

            def call(*args: Any) -> tuple[Any, Any]:
                value, rest = derived(*args)
                return value, (lambda g: factor(rest(g))) if callable(rest) else factor(rest)

            return call

        return spoiled

    return spoil


def double_last(gradient: Any) -> Any:
    return (*gradient[:-1], 2 * gradient[-1]) if isinstance(gradient, tuple) else 2 * gradient


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("value_and_grad", r"\n  b: the gradient says .*, differences say "),
        ("jvp", r"^w\[0\]: forward mode gives .*, reverse mode and differences "),
        ("vjp", r"\n  b: the gradient says .*, differences say "),
    ],
)
def test_each_mode_is_checked(monkeypatch: pytest.MonkeyPatch, name: str, says: str) -> None:
    monkeypatch.setattr(check, name, scaled(double_last)(getattr(check, name)))
    with pytest.raises(GradientCheckError, match=says):
        check_grad(loss, *ARGS, wrt=("w", "b"))


def test_another_value_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = check.value_and_grad

    def wrong(function: Any, wrt: Any) -> Any:
        def call(*args: Any) -> Any:
            value, gradient = right(function, wrt)(*args)
            return value * 1.001, gradient

        return call

    monkeypatch.setattr(check, "value_and_grad", wrong)
    with pytest.raises(GradientCheckError, match="the value is .*, the function returns"):
        check_grad(loss, *ARGS)


def test_a_pullback_with_a_memory_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = check.vjp

    def wrong(function: Any, wrt: Any) -> Any:
        def call(*args: Any) -> Any:
            value, pullback = right(function, wrt)(*args)
            calls: list[int] = []
            return value, lambda g: (calls.append(1), pullback(g) * len(calls))[1]

        return call

    monkeypatch.setattr(check, "vjp", wrong)
    with pytest.raises(GradientCheckError, match="a second call of the pullback gives another gradient"):
        check_grad(loss, *ARGS)
