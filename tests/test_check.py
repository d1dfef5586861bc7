"""The checker: right gradients pass, planted faults are seen and named, kinks are told apart from faults."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from srcdiff.compare import compare
from srcdiff.diagnostics import GradientCheckError, SignatureError
from srcdiff.differences import positions_of

RNG = np.random.default_rng(7)
W, B, X, Y = RNG.standard_normal(4), 0.3, RNG.standard_normal((6, 4)), (RNG.random(6) > 0.5).astype(float)


def loss(w, b, x, y):
    z = x @ w + b
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def loss_grad(w, b, x, y):
    p = 1 / (1 + np.exp(-(x @ w + b)))
    g = (p - y) / len(y)
    return x.T @ g, float(np.sum(g))


def test_a_right_gradient_passes() -> None:
    report = compare(loss, loss_grad, (W, B, X, Y), ("w", "b"))
    assert (report.entries, report.directions, report.kinks) == (5, 5, ())
    assert 0 < report.max_relative_error < 1e-8


def faulty(change: Callable[[np.ndarray, float], Any]) -> Callable[..., Any]:
    return lambda *args: change(*loss_grad(*args))


def swapped(w_bar, b_bar):
    w_bar[1], w_bar[2] = w_bar[2], w_bar[1]
    return w_bar, b_bar


def one_entry(w_bar, b_bar):
    w_bar[3] *= 1.001
    return w_bar, b_bar


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (swapped, r"w\[[12]\]: the gradient says .*, differences say .*\n  w\[[12]\]: "),
        (one_entry, r"w\[3\]: the gradient says"),
        (lambda w_bar, b_bar: (w_bar, 6 * b_bar), r"\n  b: the gradient says"),
        (lambda w_bar, b_bar: (w_bar, 0.0), r"\n  b: the gradient says 0, "),
        (lambda w_bar, b_bar: (w_bar, math.nan), r"\n  b: the gradient says nan, "),
        (lambda w_bar, b_bar: (w_bar, math.inf), r"\n  b: the gradient says inf, "),
        (lambda w_bar, b_bar: (-w_bar, b_bar), r"w\[0\].*(\n.*)*\(5 entries"),
        (lambda w_bar, b_bar: (w_bar.astype(np.float32), b_bar), r"`w` is f64\[4\]: its gradient is f32\[4\]"),
        (lambda w_bar, b_bar: (w_bar[:, None], b_bar), r"`w` is f64\[4\]: its gradient is f64\[4, 1\]"),
        (lambda w_bar, b_bar: (w_bar, np.float32(b_bar)), r"`b` is float: its gradient is f32, due is float"),
        (lambda w_bar, b_bar: (w_bar, np.array(b_bar)), r"`b` is float: its gradient is f64\[\]"),
        (lambda w_bar, b_bar: (w_bar, None), r"`b` is float: its gradient is None"),
        (lambda w_bar, b_bar: w_bar, r"2 gradients in a tuple are due, got f64\[4\]"),
        (lambda w_bar, b_bar: (w_bar,), r"2 gradients in a tuple"),
    ],
)
def test_planted_faults_are_seen_and_named(change: Callable[..., Any], says: str) -> None:
    with pytest.raises(GradientCheckError) as caught:
        compare(loss, faulty(change), (W, B, X, Y), ("w", "b"))
    assert re.search(says, str(caught.value)), str(caught.value)


def test_both_numbers_are_said() -> None:
    with pytest.raises(GradientCheckError, match=r"x: the gradient says 7, differences say 6\n\(1 entries"):
        compare(lambda x: x * x, lambda x: 7.0, (3.0,))


def test_wrong_far_inside_a_large_array_is_found_along_directions() -> None:
    x = RNG.standard_normal((60, 50))

    def wrong(x):
        x_bar = 2 * x
        x_bar[41, 17] *= 1.5
        return x_bar

    with pytest.raises(GradientCheckError, match=r"x\[41, 17\]: the gradient says"):
        compare(lambda x: np.sum(x * x), wrong, (x,), seed=1)
    report = compare(lambda x: np.sum(x * x), lambda x: 2 * x, (x,), seed=1)
    assert report.entries == 400


class Pair(NamedTuple):
    left: Any
    right: Any


@dataclasses.dataclass(frozen=True)
class Layer:
    w: Any
    name: str = "dense"
    count: int = 3


def test_containers_of_every_kind() -> None:
    params = {"layers": [Layer(np.array([1.0, 2.0])), Layer(np.array(3.0))], "pair": Pair(2.0, (np.float64(4.0), None))}

    def f(params):
        first, second = params["layers"]
        return np.sum(first.w**2) * second.w + params["pair"].left * params["pair"].right[0] * first.count

    def g(params, factor=1.0):
        first, second = params["layers"]
        w_bar = 2 * first.w * second.w
        layers = [Layer(w_bar, None, None), Layer(np.array(np.sum(first.w**2)), None, None)]
        left, (right, _) = params["pair"]
        return {"layers": layers, "pair": Pair(float(factor * 3 * right), (np.float64(3 * left), None))}

    assert compare(f, g, (params,)).entries == 5
    with pytest.raises(GradientCheckError, match=r"params\['pair'\]\.left: the gradient says 24, differences say 12"):
        compare(f, lambda params: g(params, 2.0), (params,))
    with pytest.raises(GradientCheckError, match=r"`params` is dict with \['layers'\], \['pair'\]: .* list with \[0\]"):
        compare(f, lambda params: [1.0], (params,))
    with pytest.raises(GradientCheckError, match=r"`params\['pair'\]` is Pair with \.left, \.right: .* tuple"):
        compare(f, lambda params: {**g(params), "pair": tuple(g(params)["pair"])}, (params,))


@pytest.mark.parametrize(
    ("x", "gradient"),
    [
        (2.0, 12.0),
        (2, 12.0),
        (np.float64(2.0), np.float64(12.0)),
        (np.float32(2.0), np.float32(12.0)),
        (np.array(2.0), np.array(12.0)),
        (np.array(2.0, np.float32), np.array(12.0, np.float32)),
        (np.full((1, 2, 1), 2.0), np.full((1, 2, 1), 12.0)),
        (np.full(3, 2), np.full(3, 12.0)),
        (np.asfortranarray(np.full((2, 3), 2.0)), np.full((2, 3), 12.0)),
        (np.full((2, 3), 2.0)[:, ::-2], np.full((2, 2), 12.0)),
    ],
)
def test_numbers_and_arrays_of_every_rank(x: Any, gradient: Any) -> None:
    f = lambda x: np.sum(x**3)  # noqa: E731
    assert compare(f, lambda x: gradient, (x,)).entries == np.size(x)
    wrong = np.asarray(2 * gradient) if isinstance(gradient, np.ndarray) else type(gradient)(2 * gradient)
    with pytest.raises(GradientCheckError, match="x.*: the gradient says 24, differences say 12"):
        compare(f, lambda x: wrong, (x,))


def test_an_empty_array_has_nothing_to_compare() -> None:
    report = compare(lambda x: np.sum(x * x), lambda x: 2 * x, (np.zeros((0, 3)),))
    assert (report.entries, report.kinks) == (0, ())


KINKS = [
    (lambda x: np.sum(np.maximum(x, 0.0)), lambda x: 1.0 * (x > 0), np.array([1.0, 0.0, -2.0]), "x[1]"),
    (lambda x: np.max(x), lambda x: np.array([1.0, 0.0, 0.0]), np.array([2.0, 2.0, 1.0]), "x[0] x[1]"),
    (lambda x: np.sum(np.sqrt(x)), lambda x: np.array([np.inf, 0.25]), np.array([0.0, 4.0]), "x[0]"),
    (lambda x: np.sum(np.floor(x)), lambda x: np.zeros(2), np.array([1.0, 1.5]), "x[0]"),
    (lambda x: 3 * abs(x), lambda x: 3.0, 1e-9, ""),
]


@pytest.mark.parametrize(("f", "g", "x", "places"), KINKS)
def test_kinks_are_reported_and_no_failure(f: Any, g: Any, x: Any, places: str) -> None:
    assert " ".join(compare(f, g, (x,)).kinks) == places


def test_a_kink_hides_no_fault_beside_it() -> None:
    f = lambda x: np.sum(np.maximum(x, 0.0))  # noqa: E731
    with pytest.raises(GradientCheckError, match=r"x\[0\]: the gradient says 2, differences say 1\n\(3 entries"):
        compare(f, lambda x: 2.0 * (x > 0), (np.array([1.0, 0.0, -2.0]),))


@pytest.mark.parametrize("distance", [1e-2, 1e-3, 1e-4, 2e-5, 1e-5])
@pytest.mark.parametrize("factor", [1.0, 1.01])
def test_near_a_kink_there_are_steps_that_do_not_reach_it(distance: float, factor: float) -> None:
    f, g = lambda x: abs(x - 1.0) * x, lambda x: factor * (2 * x - 1.0)
    if factor == 1.0:
        assert compare(f, g, (1.0 + distance,)).kinks == ()
    else:
        with pytest.raises(GradientCheckError):
            compare(f, g, (1.0 + distance,))


@pytest.mark.parametrize(
    ("f", "g", "x"),
    [
        (np.log, lambda x: 1 / x, 1e-7),
        (math.log, lambda x: 1 / x, 1e-5),  # raises where NumPy gives nan
        (lambda x: x**0.5, lambda x: 0.5 * x**-0.5, 1e-6),
        (lambda x: math.exp(200 * x), lambda x: 200 * math.exp(200 * x), 0.1),
        (lambda x: math.sin(1e3 * x), lambda x: 1e3 * math.cos(1e3 * x), 0.3),
        (lambda x: 1e12 + x, lambda x: 1.0, 1.0),
        (lambda x: x * 1e-20, lambda x: 1e-20, 1.0),
        (lambda x: x * x, lambda x: 2 * x, 1e9),
        (lambda x: x * x, lambda x: 2 * x, 0.0),
        (lambda x: float(np.sum(np.full(1000, x) - 0.1)), lambda x: 1000.0, 0.1),
    ],
)
def test_hard_but_smooth(f: Any, g: Any, x: float) -> None:
    assert compare(f, lambda x: float(g(x)), (x,)).kinks == ()


def test_single_precision_is_compared_as_it_deserves() -> None:
    x = RNG.standard_normal(50).astype(np.float32)
    f, g = lambda x: np.sum(np.tanh(x) * x), lambda x: np.tanh(x) + x * (1 - np.tanh(x) ** 2)
    assert compare(f, g, (x,)).entries == 50
    with pytest.raises(GradientCheckError):
        compare(f, lambda x: g(x) * np.float32(1.01), (x,))


def test_a_function_that_consumes_its_arguments() -> None:
    def f(x, rng, log):
        x *= rng.standard_normal(x.shape)
        log.append(1.0)
        return np.sum(x) + len(log)

    def g(x, rng, log):
        return rng.standard_normal(x.shape)

    x, log = np.ones(3), []
    assert compare(f, g, (x, np.random.default_rng(3), log)).kinks == ()
    assert np.array_equal(x, np.ones(3)) and log == []


@pytest.mark.parametrize(
    ("gradient", "says"),
    [
        (lambda x, y: y, "shares memory with `y`"),
        (lambda x, y: y[::-1][::-1], "shares memory with `y`"),
        (lambda x, y: np.broadcast_to(np.float64(1.0), (3,)), "read-only"),
        (lambda x, y: (x.__imul__(0.0), y.copy())[1], "the gradient has written to the argument `x`"),
    ],
)
def test_the_callers_data_is_safe(gradient: Any, says: str) -> None:
    with pytest.raises(GradientCheckError, match=says):
        compare(lambda x, y: x @ y, gradient, (np.ones(3), np.ones(3)))


def test_results_that_share_memory_with_each_other() -> None:
    def both(x, y):
        g = np.ones(3)
        return g, g[:]

    with pytest.raises(GradientCheckError, match=r"result\[1\] shares memory with `result\[0\]`"):
        compare(lambda x, y: np.sum(x + y), both, (np.ones(3), np.ones(3)), (0, 1))


def test_wrt_by_name_position_and_from_the_end() -> None:
    names = ["w", "b", "x"]
    assert positions_of("b", names) == (1,)
    assert positions_of((-1, "w", 1), names) == (2, 0, 1)
    for wrong in ("y", 3, -4, True, None):
        with pytest.raises(SignatureError, match="wrt names no argument"):
            positions_of(wrong, names)


def test_misuse_is_told() -> None:
    with pytest.raises(SignatureError, match=r"the result is not a number: f64\[2\]"):
        compare(lambda x: x, lambda x: x, (np.ones(2),))
    with pytest.raises(SignatureError, match="`x` is str, which has no derivative"):
        compare(lambda x: 1.0, lambda x: None, ("a",))
    with pytest.raises(SignatureError, match="`x` is complex"):
        compare(lambda x: 1.0, lambda x: x, (np.ones(2, complex),))
    with pytest.raises(SignatureError, match="2 arguments are given, the function takes 1"):
        compare(lambda x: x, lambda x: 1.0, (1.0, 2.0))


def test_starred_arguments_and_builtins_have_names() -> None:
    with pytest.raises(GradientCheckError, match=r"\n  rest\[1\]: "):
        compare(lambda x, *rest: x * rest[1], lambda x, *rest: 2 * x, (3.0, 1.0, 2.0), 2)
    with pytest.raises(GradientCheckError, match=r"\n  x: "):
        compare(math.sin, lambda x: 2.0, (1.0,))


def test_the_same_seed_gives_the_same_report() -> None:
    x = RNG.standard_normal(500)
    reports = [compare(lambda x: np.sum(x**2), lambda x: 2 * x, (x,), seed=5) for _ in range(2)]
    assert reports[0] == reports[1]
