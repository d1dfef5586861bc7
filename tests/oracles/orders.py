"""Second order: the output is again valid input, in every mix of modes.

* `order2`: reverse over reverse, the pullback of the gradient with a random cotangent (a Hessian product);
* `forward_over_reverse`: the tangent of the gradient, which must be the same product;
* `reverse_over_forward`: the pullback of `jvp`, also for array results.

All are held against differences of the *first* derivative, which the checks of first order vouch for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracles import differences, trees
from tests.oracles.checks import Case, Checker, Refused

MODES = ("order2", "forward_over_reverse", "reverse_over_forward")


def run(checker: Checker, mode: str) -> None:
    """Run one second-order mode; a mode that does not fit the kind of the result does nothing."""
    try:
        if mode == "reverse_over_forward":
            _reverse_over_forward(checker)
        elif checker.scalar:
            {"order2": _order2, "forward_over_reverse": _forward_over_reverse}[mode](checker)
    except Refused:
        pass


def _gradient_case(checker: Checker) -> Case:
    """The gradient function as a program of its own."""
    case = checker.case
    with checker.guarded("order2"):
        first = checker.compiler.grad(case.f, case.wrt)
    return Case(first, case.args, case.wrt, case.positions)


def _compare(checker: Checker, oracle: str, function: Callable[..., Any], case: Case, product: Any) -> None:
    """The gradient `product` of a scalar `function` against differences along two directions and one entry."""
    wide = trees.as_double(case.args)
    units = trees.entry_directions(case.wanted)
    directions = [("a random direction", trees.random_like(case.wanted, checker.rng)) for _ in range(2)]
    directions += [units[int(checker.rng.integers(len(units)))]] if units else []
    for name, parts in directions:
        with checker.guarded(f"{oracle}, differences of the first derivative"):
            estimate = differences.directional(function, wide, case.direction(parts))
        if not estimate.smooth:
            checker.report.kinks += 1
            continue
        checker.report.compared += 1
        got, size = trees.dot(product, parts, case.wanted)
        limit = float(estimate.tolerance(5 * checker.tolerances.differences)[0])
        if checker.tolerances.exact > 1e-6:
            limit += 2 * checker.tolerances.differences * max(1.0, size)
        wanted = float(estimate.numbers[0])
        if not abs(got - wanted) <= limit:
            checker.report.add(oracle, f"along {name} {got!r}, differences {wanted!r} (±{limit:.1g})")


def _well_formed(checker: Checker, oracle: str, got: Any, wanted: Any) -> bool:
    wrong = trees.structure_difference(got, wanted)
    if wrong:
        checker.report.add("type", f"{oracle}: {wrong}")
    return wrong is None


def _order2(checker: Checker) -> None:
    """Reverse over reverse."""
    second = _gradient_case(checker)
    (gradient, pullback), _ = checker.called("order2", lambda *a: checker.compiler.vjp(second.f, second.wrt)(*a))
    case = checker.case
    if not _well_formed(checker, "order2: the gradient as a value", case.unpacked(gradient), case.wanted):
        return
    bar = case.packed([trees.random_like(part, checker.rng) for part in case.wanted])
    with checker.guarded("order2"):
        product = case.unpacked(pullback(trees.clone(bar)))
    if not _well_formed(checker, "order2", product, case.wanted):
        return
    wide_bar = trees.as_double(bar)

    def projected(*args: Any) -> float:
        return trees.dot(second.f(*args), wide_bar, bar)[0]

    _compare(checker, "order2", projected, second, product)


def _forward_over_reverse(checker: Checker) -> None:
    """The tangent of the gradient, against differences of the gradient."""
    second = _gradient_case(checker)
    case, dot = checker.case, checker.tangent()
    outcome, _ = checker.called(
        "forward_over_reverse", lambda *a: checker.compiler.jvp(second.f, second.wrt)(*a), *trees.clone(dot)
    )
    _, gradient_dot = outcome
    if not _well_formed(checker, "forward_over_reverse", case.unpacked(gradient_dot), case.wanted):
        return
    wide = trees.as_double(case.args)
    with checker.guarded("forward_over_reverse, differences of the gradient"):
        estimate = differences.directional(second.f, wide, case.direction(dot))
    got = differences.flat(gradient_dot)
    checker.report.kinks += 0 if estimate.smooth else 1
    slack = 2 * checker.tolerances.differences * max(1.0, float(np.max(np.abs(got), initial=0.0)))
    limit = estimate.tolerance(5 * checker.tolerances.differences) + slack
    if not bool(np.all((np.abs(got - estimate.numbers) <= limit) | estimate.kink)):
        wanted = estimate.numbers.tolist()
        checker.report.add("forward_over_reverse", f"{got.tolist()}, differences of the gradient {wanted}")


def _reverse_over_forward(checker: Checker) -> None:
    """The pullback of `jvp` with respect to arguments and tangents."""
    case, dot = checker.case, checker.tangent()
    with checker.guarded("reverse_over_forward"):
        forward = checker.compiler.jvp(case.f, case.wrt)
    count = len(case.args)
    wrt = (*case.positions, *range(count, count + len(dot)))
    second = Case(forward, (*case.args, *dot), wrt, wrt)
    bar = (trees.random_like(checker.value, checker.rng), trees.random_like(checker.value, checker.rng))
    outcome, _ = checker.called(
        "reverse_over_forward", lambda *a: checker.compiler.vjp(forward, wrt)(*a), *trees.clone(dot)
    )
    _, pullback = outcome
    with checker.guarded("reverse_over_forward"):
        product = tuple(pullback(trees.clone(bar)))
    if not _well_formed(checker, "reverse_over_forward", product, second.wanted):
        return
    wide_bar = trees.as_double(bar)

    def projected(*args: Any) -> float:
        return trees.dot(forward(*args), wide_bar, bar)[0]

    _compare(checker, "reverse_over_forward", projected, second, product)
