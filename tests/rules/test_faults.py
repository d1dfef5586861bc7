"""A check that cannot fail is no check: rules with planted faults must be seen by the checks of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.opdef import OPS, OpDef
from srcdiff.rules import fit, indexing, kinds
from srcdiff.rules.contributions import Masked
from srcdiff.rules.kinds import elementwise_rules

from .checks import check_derivatives, check_value


def caught(text: str, args: dict[str, Any], mode: str = "exact") -> bool:
    """Whether the checks fail on a case."""
    try:
        check_derivatives(text, args, mode)
    except Exception:
        return True
    return False


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    def replaced(name: str, **changes: Any) -> None:
        monkeypatch.setitem(OPS, name, replace(OPS[name], **changes))

    yield replaced


def partials(opdef: OpDef, *texts: str) -> dict[str, Any]:
    vjp, jvp = elementwise_rules(opdef.info["signature"].inputs, texts)
    return {"vjp": vjp, "jvp": jvp}


X, Y = np.array([0.7, -1.2, 2.0]), np.array([1.4, 0.5, -0.8])

WRONG_PARTIALS = [
    ("div", ("g / b", "g * y / b"), "x / y"),
    ("mul", ("g * a", "g * b"), "x * y"),
    ("sub", ("g", "g"), "x - y"),
    ("mod", ("g", "-g"), "x % y"),
    ("add", ("g", "2 * g"), "x + y"),
]


@pytest.mark.parametrize(("name", "texts", "case"), WRONG_PARTIALS)
def test_a_wrong_partial(plant: Callable[..., None], name: str, texts: Sequence[str], case: str) -> None:
    assert not caught(case, {"x": X, "y": Y})
    plant(name, **partials(OPS[name], *texts))
    assert caught(case, {"x": X, "y": Y})


def test_a_wrong_cotangent_alone(plant: Callable[..., None]) -> None:
    """The tangent is right, the cotangent has its operands swapped."""
    plant("div", vjp=partials(OPS["div"], "-g * y / b", "g / b")["vjp"])
    assert caught("x / y", {"x": X, "y": Y})


def test_a_wrong_tangent_alone(plant: Callable[..., None]) -> None:
    plant("div", jvp=partials(OPS["div"], "-g * y / b", "g / b")["jvp"])
    assert caught("x / y", {"x": X, "y": Y})


@pytest.mark.parametrize("mode", ["exact", "open"])
def test_a_missing_unbroadcast(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    args = {"x": np.ones((3, 1)), "y": np.arange(4.0)}
    assert not caught("x * y", args, mode)
    monkeypatch.setattr(kinds, "fitted", lambda b, value, x: value)
    assert caught("x * y", args, mode)


def test_a_missing_unbroadcast_of_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "summed", lambda b, value, x: value)
    assert caught("x * y", {"x": 2.0, "y": np.arange(4.0)})


def test_a_missing_narrowing(monkeypatch: pytest.MonkeyPatch) -> None:
    args = {"x": np.ones(3, np.float32), "y": np.arange(3.0)}
    assert not caught("x * y", args)
    monkeypatch.setattr(kinds, "cast_like", lambda b, value, type_: value)
    assert caught("x * y", args)


def test_a_forgotten_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(b: Builder, op: Op, x: Value, part: Any, mask: Value | None = None) -> Any:
        return part.value if isinstance(part, Masked) else part

    assert not caught("np.maximum(x, y)", {"x": X, "y": Y})
    monkeypatch.setattr(kinds, "finished", forgetful)
    assert caught("np.maximum(x, y)", {"x": X, "y": Y})


def test_a_read_with_repeats_added_once(monkeypatch: pytest.MonkeyPatch) -> None:
    args = {"x": X, "i": np.array([0, 2, 2])}
    assert not caught("x[i]", args)
    monkeypatch.setattr(indexing, "known_unique", lambda b, operands, pattern: True)
    assert caught("x[i]", args)


def test_every_writer_of_a_cell_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    args = {"x": X, "v": Y, "i": np.array([0, 2, 2])}
    assert not caught("op.set(x, v, i, index='@')", args)
    monkeypatch.setattr(indexing, "known_unique", lambda b, operands, pattern: True)
    assert caught("op.set(x, v, i, index='@')", args)


def test_a_cell_that_is_not_cleared(plant: Callable[..., None]) -> None:
    right = OPS["set"].vjp
    assert right is not None
    plant("set", vjp=lambda b, op, g, wanted: [g[0], *right(b, op, g, wanted)[1:]])
    assert caught("op.set(x, v, 1, index='@')", {"x": X, "v": 2.0})


def test_a_mean_that_forgets_its_count(plant: Callable[..., None]) -> None:
    plant("mean", vjp=OPS["sum"].vjp)
    assert caught("np.mean(x)", {"x": X})


def test_a_transpose_by_the_same_axes(plant: Callable[..., None]) -> None:
    right = OPS["transpose"]
    plant("transpose", vjp=lambda b, op, g, wanted: [b.op("transpose", g[0], **op.attrs)])
    assert caught("np.transpose(x, (1, 2, 0))", {"x": np.ones((2, 3, 4))})
    assert right.vjp is not None


def test_a_product_by_division(plant: Callable[..., None]) -> None:
    """``g * y / x`` is nan where x is 0."""
    vjp = elementwise_rules(["x"], ["g * y / x"])[0]
    plant("prod", vjp=vjp)
    assert caught("np.prod(x)", {"x": np.array([1.0, 0.0, 2.0])})


def test_a_matmul_without_a_transpose(plant: Callable[..., None]) -> None:
    plant("matmul", vjp=lambda b, op, g, wanted: [b.op("matmul", g[0], op.inputs[1]), None])
    assert caught("x @ y", {"x": np.ones((3, 3)), "y": np.arange(9.0).reshape(3, 3)})


def test_a_wrong_type() -> None:
    """An inferred dtype that NumPy does not give."""
    good = OPS["sin"]
    try:
        OPS["sin"] = replace(good, infer=lambda typing, types, attrs: OPS["add"].infer(typing, [*types, *types], attrs))
        with pytest.raises(AssertionError):
            check_value("np.sin(x)", {"x": np.arange(3)})
    finally:
        OPS["sin"] = good
