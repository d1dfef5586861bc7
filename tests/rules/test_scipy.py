"""SciPy's functions, where SciPy is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import srcdiff
from srcdiff.ir.opdef import OPS, OpDef
from srcdiff.rules.optional import enter_scipy

from . import harness
from .checks import check_derivatives
from .operands import arguments
from .test_elementwise import KINDS
from .test_elementwise import arguments as drawn

scipy = pytest.importorskip("scipy")
pytest.importorskip("scipy.special")
pytest.importorskip("scipy.linalg")
enter_scipy()
harness.ROOTS["scipy"] = scipy

CASES = """
scipy.special.logsumexp(x) | x=V
scipy.special.logsumexp(x, axis=1) | x=M
scipy.special.logsumexp(x, axis=0, keepdims=True) | x=M
scipy.special.softmax(x, axis=-1) | x=M
scipy.special.softmax(x) | x=V
scipy.special.log_softmax(x, axis=1) | x=M
scipy.linalg.solve(x, y) | x=Q, y=V4
scipy.linalg.solve(x, y) | x=Q, y=T
scipy.linalg.inv(x) | x=Q
scipy.linalg.det(x) | x=Q
scipy.linalg.solve_triangular(x, y) | x=Q, y=V4
scipy.linalg.solve_triangular(x, y, lower=True) | x=Q, y=T
scipy.linalg.solve_triangular(x, y, lower=True, trans=1) | x=Q, y=T
scipy.linalg.solve_triangular(x, y, unit_diagonal=True) | x=Q, y=V4
scipy.linalg.cholesky(x @ x.T, lower=True) | x=Q
scipy.linalg.cholesky(x @ x.T) | x=Q
scipy.linalg.cho_solve(scipy.linalg.cho_factor(x @ x.T), y) | x=Q, y=V4
scipy.linalg.cho_solve((x, True), y) | x=Q, y=V4
scipy.linalg.expm(x) | x=Q
""".strip().splitlines()


@pytest.mark.parametrize("case", CASES)
def test_functions_of_arrays(case: str) -> None:
    text, spec = case.split(" | ")
    for mode in ("exact", "open"):
        check_derivatives(text, arguments(spec), mode)
    single = {name: value.astype(np.float32) for name, value in arguments(spec).items()}
    check_derivatives(text, single, order=0)


SPECIAL = [op for op in OPS.values() if op.group == "elementwise" and str(op.spelling).startswith("scipy")]


def with_orders(op: OpDef, args: dict[str, Any]) -> dict[str, Any]:
    """The first parameters that have no rule as ints."""
    partials = zip(op.info["signature"].inputs, op.info["partials"], strict=True)
    return {**args, **{name: 2 for name, partial in partials if callable(partial)}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("op", SPECIAL, ids=repr)
def test_special_functions(op: OpDef, kind: str) -> None:
    check_derivatives(op.info["signature"].text, with_orders(op, drawn(op, kind, 1)))


def test_the_generated_file_imports_what_it_names() -> None:
    def loss(x: np.ndarray) -> Any:
        return np.sum(scipy.special.erf(x)) + scipy.special.logsumexp(x)

    gradient = srcdiff.grad(loss)
    x = np.array([0.3, -1.2, 0.8])
    shares = np.exp(x) / np.sum(np.exp(x))
    np.testing.assert_allclose(gradient(x), 2 / np.sqrt(np.pi) * np.exp(-x * x) + shares, rtol=1e-13)
    assert "import scipy.special" in gradient.source


def test_an_order_that_is_differentiated_is_refused() -> None:
    def loss(v: float, x: float) -> Any:
        return scipy.special.jv(v, x)

    with pytest.raises(srcdiff.UnsupportedError, match="scipy.special.jv"):
        srcdiff.grad(loss)(1.5, 2.0)
