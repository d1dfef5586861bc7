"""Singular points and ties, by the conventions; where a derivative is finite nothing raises and nothing is nan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcdiff.ir.core import Value
from srcdiff.ir.types import cotangent_type

from .checks import check_derivatives
from .harness import Case, pull, push


def gradient(text: str, args: dict[str, Any], wrt: list[str] | None = None, bar: Any = 1.0) -> dict[str, Any]:
    """The cotangents of the arguments ``wrt`` (all that can carry one) for the cotangent ``bar``."""
    case = Case(text, args)
    seed = Value(cotangent_type(case.result.type), "g")
    if wrt is not None:
        case.params = dict(case.params)
        kept = case.active
        case.__class__ = type("Some", (Case,), {"active": property(lambda self: [n for n in kept if n in wrt])})
    return {name: case.evaluate(value, {seed: bar}) for name, value in pull(case, seed).items()}


def tangent(text: str, args: dict[str, Any], dots: dict[str, Any]) -> Any:
    case = Case(text, args)
    seeds = {case.params[name]: Value(cotangent_type(case.params[name].type), f"{name}_dot") for name in dots}
    known = dict(seeds)
    push(case.b, case.b.ops, known)
    return case.evaluate(known[case.result], {seeds[case.params[name]]: dot for name, dot in dots.items()})


ALONE = [
    ("np.maximum(x, 0)", {"x": np.array([-1.0, 0.0, 2.0])}, [0.0, 0.0, 1.0]),
    ("np.maximum(0, x)", {"x": np.array([-1.0, 0.0, 2.0])}, [0.0, 0.0, 1.0]),
    ("np.minimum(x, 1.0)", {"x": np.array([0.0, 1.0, 2.0])}, [1.0, 0.0, 0.0]),
    ("np.clip(x, 0.0, 1.0)", {"x": np.array([-1.0, 0.0, 0.5, 1.0, 2.0])}, [0.0, 0.0, 1.0, 0.0, 0.0]),
    ("np.clip(x, 0.0, None)", {"x": np.array([-1.0, 0.0, 0.5])}, [0.0, 0.0, 1.0]),
    ("np.clip(x, None, 0.0)", {"x": np.array([-1.0, 0.0, 0.5])}, [1.0, 0.0, 0.0]),
    ("np.abs(x)", {"x": np.array([-2.0, 0.0, 3.0])}, [-1.0, 0.0, 1.0]),
    ("abs(x)", {"x": np.array([-2.0, 0.0, 3.0])}, [-1.0, 0.0, 1.0]),
    ("np.sqrt(np.maximum(x, 0.0))", {"x": np.array([-2.0, 4.0])}, [0.0, 0.25]),
    ("np.where(x > 0, np.log(x), 0.0)", {"x": np.array([-2.0, 0.0, 4.0])}, [0.0, 0.0, 0.25]),
    ("np.where(x > 0, np.sqrt(x), -x)", {"x": np.array([-2.0, 0.0, 4.0])}, [-1.0, -1.0, 0.25]),
    ("x ** 2", {"x": np.array([0.0, 1.0])}, [0.0, 2.0]),
    ("x ** 1", {"x": np.array([0.0, 2.0])}, [1.0, 1.0]),
    ("x ** 0", {"x": np.array([0.0, 2.0])}, [0.0, 0.0]),
    ("x ** 3", {"x": np.array([0.0, -1.0])}, [0.0, 3.0]),
    ("np.power(x, 2)", {"x": np.array([0.0, 1.0])}, [0.0, 2.0]),
    ("np.hypot(x, 0.0)", {"x": np.array([0.0, -2.0])}, [0.0, -1.0]),
    ("np.sign(x) + x", {"x": np.array([0.0, -2.0])}, [1.0, 1.0]),
    ("x // 2.0 + x", {"x": np.array([1.0, 5.0])}, [1.0, 1.0]),
]


@pytest.mark.parametrize(("text", "args", "wanted"), ALONE, ids=[case[0] for case in ALONE])
def test_one_active_operand(text: str, args: dict[str, Any], wanted: list[float]) -> None:
    ones = np.ones(len(wanted))
    np.testing.assert_array_equal(gradient(text, args, bar=ones)["x"], wanted)
    if "sqrt(np.max" not in text and "** 0" not in text:  # 0 / 0 forwards; no tangent at all
        np.testing.assert_array_equal(tangent(text, args, {"x": ones}), wanted)


NUMBERS = [
    ("abs(x)", 0.0, 0.0),
    ("math.fabs(x)", 0.0, 0.0),
    ("max(x, 0.0)", 0.0, 0.0),
    ("max(x, 0.0)", 2.0, 1.0),
    ("min(x, 1.0)", 1.0, 0.0),
    ("x ** 2", 0.0, 0.0),
    ("x ** 1", 0.0, 1.0),
    ("x ** 0", 0.0, 0.0),
    ("x ** 3", 0.0, 0.0),
    ("math.hypot(x, 0.0)", 0.0, 0.0),
    ("np.hypot(x, 0.0)", 0.0, 0.0),
    ("np.maximum(x, 0)", 0.0, 0.0),
    ("math.copysign(x, 1.0)", 0.0, 0.0),
    ("2.0 * x ** 2.0", 0.0, 0.0),
    ("math.pow(x, 2)", 0.0, 0.0),
]


@pytest.mark.parametrize(("text", "x", "wanted"), NUMBERS)
def test_numbers(text: str, x: float, wanted: float) -> None:
    found = gradient(text, {"x": x})["x"]
    assert found == wanted
    assert tangent(text, {"x": x}, {"x": 1.0}) == wanted if "** 0" not in text else found == 0
    if "np" not in text:
        assert type(found) is float, "a Python float stays a Python float"


def test_ties_are_shared() -> None:
    a, b = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])
    both = gradient("np.maximum(a, b)", {"a": a, "b": b}, bar=np.ones(3))
    np.testing.assert_array_equal(both["a"], [0.0, 0.5, 1.0])
    np.testing.assert_array_equal(both["b"], [1.0, 0.5, 0.0])
    np.testing.assert_array_equal(
        tangent("np.minimum(a, b)", {"a": a, "b": b}, {"a": np.ones(3), "b": np.zeros(3)}), [1, 0.5, 0]
    )
    assert gradient("max(a, b)", {"a": 1.0, "b": 1.0}) == {"a": 0.5, "b": 0.5}
    three = gradient("np.clip(x, lo, hi)", {"x": 1.0, "lo": 1.0, "hi": 1.0})
    assert three == {"x": 0.25, "lo": 0.25, "hi": 0.5}


@pytest.mark.parametrize("name", ["max", "min"])
def test_ties_along_an_axis_are_shared(name: str) -> None:
    x = np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]]) * (1 if name == "max" else -1)
    shares = [[0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3]]
    np.testing.assert_allclose(gradient(f"np.{name}(x, axis=1)", {"x": x}, bar=np.ones(2))["x"], shares)
    assert gradient(f"np.{name}(x)", {"x": x})["x"].tolist() == [[0, 0, 0], [1 / 3, 1 / 3, 1 / 3]]
    assert gradient(f"{name}(x)", {"x": [1.0, 1.0, 1.0, 1.0]})["x"] == [0.25] * 4


@pytest.mark.parametrize("text", ["np.std(x)", "np.linalg.norm(x - 1.0)", "np.var(x)"])
def test_constant_data(text: str) -> None:
    np.testing.assert_array_equal(gradient(text, {"x": np.ones(3)})["x"], np.zeros(3))
    assert tangent(text, {"x": np.ones(3)}, {"x": np.ones(3)}) == 0


@pytest.mark.parametrize("text", ["np.std(x, axis=1)", "np.linalg.norm(x - 1.0, axis=1)"])
def test_constant_rows(text: str) -> None:
    x = np.array([[1.0, 1.0], [1.0, 3.0]])
    found = gradient(text, {"x": x}, bar=np.ones(2))["x"]
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[0], [0.0, 0.0])


@pytest.mark.parametrize("zeros", [[], [1], [0, 3], [0, 1, 2, 3]])
def test_products_with_zeros_are_exact(zeros: list[int]) -> None:
    x = np.array([2.0, -1.5, 3.0, 0.5])
    x[zeros] = 0.0
    wanted = [np.prod(np.delete(x, k)) for k in range(4)]
    np.testing.assert_allclose(gradient("np.prod(x)", {"x": x})["x"], wanted)
    check_derivatives("np.cumprod(x)", {"x": x})
    check_derivatives("np.prod(x, axis=1)", {"x": np.stack([x, x + 1.0])})


@pytest.mark.parametrize("n", [0.0, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("kind", [float, np.float64, lambda v: np.array([v, v])], ids=["float", "float64", "array"])
def test_powers_of_zero(n: float, kind: Any) -> None:
    found = gradient("x ** n", {"x": kind(0.0), "n": kind(n)}, bar=kind(1.0))
    np.testing.assert_array_equal(found["x"], kind(1.0 if n == 1 else 0.0))
    np.testing.assert_array_equal(found["n"], kind(0.0))


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_powers_of_zero_with_an_int(n: int) -> None:
    assert gradient("x ** n", {"x": 0.0, "n": n})["x"] == (1.0 if n == 1 else 0.0)
    found = gradient("x ** n", {"x": np.zeros(2), "n": np.full(2, n)}, bar=np.ones(2))["x"]
    np.testing.assert_array_equal(found, np.full(2, 1.0 if n == 1 else 0.0))


STABLE = [
    ("op.stable(1 / (1 + np.exp(-z)), z, rule='sigmoid')", [0.0, 0.0]),
    ("op.stable(1 / (1 + np.exp(z)), z, rule='falling_sigmoid')", [0.0, 0.0]),
    ("op.stable(np.log(1 + np.exp(z)), z, rule='softplus')", [0.0, 1.0]),
    ("op.stable(np.log(1 / (1 + np.exp(-z))), z, rule='log_sigmoid')", [1.0, 0.0]),
]


@pytest.mark.parametrize(("text", "far_out"), STABLE)
def test_stable_patterns(text: str, far_out: list[float]) -> None:
    check_derivatives(text, {"z": np.array([-1.3, 0.0, 2.1])})
    check_derivatives(text, {"z": 0.7})
    np.testing.assert_allclose(
        gradient(text, {"z": np.array([-800.0, 700.0])}, bar=np.ones(2))["z"], far_out, atol=1e-300
    )


def test_log_sum_exp() -> None:
    check_derivatives("op.stable(np.log(np.sum(np.exp(z))), z, rule='logsumexp')", {"z": np.array([0.3, -1.0, 2.0])})
    z = np.array([[0.3, -1.0, 2.0], [1.0, 0.1, 0.2]])
    text = "op.stable(np.log(np.sum(np.exp(z), axis=1)), z, rule='logsumexp', axis=1)"
    check_derivatives(text, {"z": z}, order=1)
