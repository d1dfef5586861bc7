"""The checks that every differentiable case passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcdiff.ir.core import Value
from srcdiff.ir.types import Array, List, Scalar, Unknown, cotangent_type, dims_of, is_inexact

from .harness import (
    Case,
    evaluate,
    expected,
    finite_difference,
    inner,
    pull,
    push,
    random_like,
    shifted,
    type_problem,
)


def check_value(text: str, args: Mapping[str, Any], mode: str = "exact") -> Case:
    """The value is NumPy's, to the bit, and the result is of the type that was inferred."""
    case = Case(text, args, mode)
    if not isinstance(case.result, Value):
        return case
    want, have = expected(text, args), case.evaluate(case.result)
    assert type(have) is type(want), f"{text}: {type(have)} is not {type(want)}"
    np.testing.assert_array_equal(have, want)
    problem = type_problem(case.result.type, want, case.signature.lengths)
    assert not problem, f"{text}: {problem}"
    return case


def check_derivatives(text: str, args: Mapping[str, Any], mode: str = "exact", seed: int = 0, order: int = 2) -> None:
    """Tangents against differences, cotangents against tangents, and the same for the cotangents themselves."""
    rng = np.random.default_rng(seed)
    case = check_value(text, args, mode)
    directions = {name: random_like(rng, case.args[name]) for name in case.active}
    tangent = check_tangent(case, directions)
    bar_value = random_like(rng, case.evaluate(case.result))
    bar = Value(cotangent_type(case.result.type), "g")
    bars = pull(case, bar)
    check_cotangents(case, bars, bar, bar_value, directions, tangent)
    if order > 1 and directions and not any(map(is_single, args.values())):
        check_second_order(case, bars, bar, bar_value, directions, rng)


def check_tangent(case: Case, directions: Mapping[str, Any]) -> Any:
    """The tangent of the result is what differences say, in the result's shape and dtype."""
    dots = {case.params[name]: Value(cotangent_type(case.params[name].type), f"{name}_dot") for name in directions}
    values = {dots[case.params[name]]: direction for name, direction in directions.items()}
    push(case.b, case.b.ops, dots)
    want = numeric_tangent(case, directions)
    if case.result not in dots:
        np.testing.assert_array_equal(want, 0.0, err_msg=f"{case.text} has no tangent")
        return np.zeros_like(want)
    tangent = case.evaluate(dots[case.result], values)
    assert np.shape(tangent) == np.shape(case.evaluate(case.result)), (
        f"{case.text}: tangent of shape {np.shape(tangent)}"
    )
    np.testing.assert_allclose(np.asarray(tangent, float), want, **tolerance(case, 2e-6), err_msg=f"jvp of {case.text}")
    check_type(case, dots[case.result], tangent, case.result)
    return tangent


def is_single(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic)) and value.dtype == np.float32


def tolerance(case: Case, exact: float) -> dict[str, float]:
    """The tolerance of a comparison, wide where an argument is a float32."""
    single = any(map(is_single, case.args.values()))
    return {"rtol": 1e-4, "atol": 1e-4} if single else {"rtol": exact, "atol": exact / 10}


def doubled(value: Any) -> Any:
    """A float32 as a float64."""
    return value.astype(np.float64) if is_single(value) else value


def numeric_tangent(case: Case, directions: Mapping[str, Any]) -> Any:
    def f(step: float) -> Any:
        args = {name: doubled(value) for name, value in case.args.items()}
        moved = {name: shifted(args[name], doubled(d), step) for name, d in directions.items()}
        return expected(case.text, {**args, **moved})

    return finite_difference(f, 1e-4)


def check_cotangents(case: Case, bars: Any, bar: Value, bar_value: Any, directions: Any, tangent: Any) -> None:
    """``<g, J v> = <J' g, v>`` for each argument alone and all together; types as promised."""
    total = 0.0
    for name, value in bars.items():
        real = case.evaluate(value, {bar: bar_value})
        assert np.shape(real) == np.shape(case.args[name]), f"{case.text}: cotangent of {name} has {np.shape(real)}"
        check_type(case, value, real, case.params[name])
        total += inner(real, directions[name])
    wanted = inner(bar_value, tangent)
    np.testing.assert_allclose(total, wanted, **tolerance(case, 1e-8), err_msg=f"vjp of {case.text}")


def check_type(case: Case, value: Value, real: Any, primal: Value) -> None:
    """A derivative has the type that it claims, and that is the cotangent type of its primal."""
    problem = type_problem(value.type, real, case.signature.lengths)
    assert not problem, f"{case.text}: {problem}"
    want = cotangent_type(primal.type)
    if isinstance(want, (Scalar, Array)) and not isinstance(value.type, Unknown):
        weak = isinstance(value.type, Scalar) and value.type.strength == "python"
        assert weak or value.type.dtype in (want.dtype, want.dtype or value.type.dtype), f"{case.text}: {value.type}"
        assert len(dims_of(value.type) or ()) == len(dims_of(want) or ()), f"{case.text}: {value.type} is not {want}"
    assert not isinstance(want, List) or isinstance(value.type, List)


def check_second_order(case: Case, bars: Any, bar: Value, bar_value: Any, directions: Any, rng: Any) -> None:
    """The cotangents, as functions of arguments and cotangent, have right tangents."""
    params = [*case.params.values(), bar]
    args = [*case.args.values(), bar_value]
    moves = [*(directions.get(name) for name in case.params), random_like(rng, bar_value)]
    dots = {
        param: Value(cotangent_type(param.type), f"{param.name}_dot")
        for param, move in zip(params, moves)
        if move is not None and is_inexact(param.type)
    }
    seeds = dict(dots)
    push(case.b, case.b.ops, dots)
    for name, value in bars.items():
        if value not in dots:
            continue
        extra = [seeds[p] for p in params if p in seeds]
        real = evaluate(
            case.b.ops, params + extra, dots[value], args + [m for p, m in zip(params, moves) if p in seeds]
        )

        def f(step: float) -> Any:
            moved = [a if m is None else shifted(a, m, step) for a, m in zip(args, moves)]
            return evaluate(case.b.ops, params + extra, value, moved + [0.0] * len(extra))

        want = finite_difference(f, 1e-4)
        np.testing.assert_allclose(
            np.asarray(real, float), want, rtol=1e-5, atol=1e-6, err_msg=f"second order of {case.text}, {name}"
        )
