"""Every element-wise operation of the table, on every kind of operand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcdiff.ir.opdef import OPS, OpDef, TypingError

from .checks import check_derivatives, check_value
from .harness import expected

NOT_BY_TABLE = {"where"}
"""Operations whose operands are not all floats: see test_functions."""

ONE_NUMBER = {name for name in OPS if name.startswith("math_")} | {"float_", "max_", "min_"}
DIFFERENTIABLE = [op for op in OPS.values() if op.group in ("elementwise", "selection") and op.name not in NOT_BY_TABLE]
STEPS = [op for op in OPS.values() if op.constant and "partials" in op.info]

KINDS = {
    "Python numbers": [None, None, None],
    "NumPy scalars": ["s", "s", "s"],
    "number and scalar": [None, "s", None],
    "0-d arrays": [(), (), ()],
    "vectors": [(4,), (4,), (4,)],
    "column and row": [(3, 1), (4,), (1,)],
    "number and array": [None, (2, 3), None],
    "array and number": [(2, 3), None, None],
    "scalar and vector": ["s", (3,), "s"],
    "more axes": [(3,), (2, 3), (2, 1, 1)],
    "empty": [(0,), (0,), (1,)],
}


def draw(rng: np.random.Generator, op: OpDef, kind: Any) -> Any:
    """A value of a kind inside the domain of an operation."""
    low, high = op.info["domain"]
    low, high = max(low, -3.0) + 0.05, min(high, 3.0) - 0.05
    if kind is None:
        return float(rng.uniform(low, high))
    if kind == "s":
        return np.float64(rng.uniform(low, high))
    return np.array(rng.uniform(low, high, size=kind))


def arguments(op: OpDef, kind: str, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {name: draw(rng, op, one) for name, one in zip(op.info["signature"].inputs, KINDS[kind])}


def takes(op: OpDef, kind: str) -> bool:
    return op.name not in ONE_NUMBER or kind in ("Python numbers", "NumPy scalars", "number and scalar")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("op", DIFFERENTIABLE, ids=repr)
def test_derivatives(op: OpDef, kind: str) -> None:
    if takes(op, kind):
        text = op.info["signature"].text
        check_derivatives(text, arguments(op, kind, 1))
        check_derivatives(text, arguments(op, kind, 2), mode="open", order=1)


@pytest.mark.parametrize("kind", ["vectors", "NumPy scalars", "column and row"])
@pytest.mark.parametrize("op", DIFFERENTIABLE, ids=repr)
def test_unknown_operands(op: OpDef, kind: str) -> None:
    """An operand that is a number or an array: the same numbers, or a refusal that asks for the type."""
    if takes(op, kind):
        try:
            check_derivatives(op.info["signature"].text, arguments(op, kind, 3), mode="unknown")
        except TypingError as error:
            assert error.code == "SD011"


@pytest.mark.parametrize("op", [op for op in DIFFERENTIABLE if op.name not in ONE_NUMBER], ids=repr)
def test_float32_stays_float32(op: OpDef) -> None:
    args = {name: value.astype(np.float32) for name, value in arguments(op, "vectors", 4).items()}
    check_derivatives(op.info["signature"].text, args, order=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("op", STEPS, ids=repr)
def test_steps(op: OpDef, kind: str) -> None:
    if not takes(op, kind):
        return
    args = arguments(op, kind, 5)
    if op.name.removeprefix("np_") in ("bit_and", "bit_or", "bit_xor", "invert", "lshift", "rshift") or op.name.startswith("bitwise"):
        args = {name: value > 0 if isinstance(value, np.ndarray) else int(value) for name, value in args.items()}
    check_value(op.info["signature"].text, args)
    check_value(op.info["signature"].text, args, mode="open")


MIXED = [
    np.float32(1.5),
    np.ones(3, np.float32),
    np.ones(3),
    np.arange(3),
    np.arange(3, dtype=np.int32),
    np.int64(2),
    np.array([True, False, True]),
    2,
    2.5,
    True,
    np.float16(1.5),
    np.uint8(3),
    np.ones((), np.float32),
]


@pytest.mark.parametrize("text", ["a + b", "a * b", "a / b", "a - b", "a ** b", "a // b", "a % b", "a < b", "a == b"])
@pytest.mark.parametrize("right", MIXED, ids=lambda v: f"{type(v).__name__}-{getattr(v, 'dtype', '')}")
def test_dtypes_of_operators(text: str, right: Any) -> None:
    """The type that is inferred is the type that NumPy and Python give, for every pair of kinds."""
    for left in MIXED:
        if "**" in text and bool in (np.result_type(left), np.result_type(right)):
            continue  # NumPy 2 gives int8 for `2 ** mask`, which is not what its own promotion says
        try:
            expected(text, {"a": left, "b": right})
        except TypeError:
            with pytest.raises(TypingError):
                check_value(text, {"a": left, "b": right})
        else:
            check_value(text, {"a": left, "b": right})


@pytest.mark.parametrize("text", ["np.sin(a)", "np.exp(a)", "np.sqrt(a)", "np.floor(a)", "np.sign(a)", "np.square(a)"])
def test_dtypes_of_functions(text: str) -> None:
    for value in MIXED:
        try:
            expected(text, {"a": value})
        except TypeError:
            with pytest.raises(TypingError):
                check_value(text, {"a": value})
        else:
            check_value(text, {"a": value})


EXPONENTS = [0, 1, 2, 3, 0.5, 1.5, -1, -2.5, 0.0, 2.0]


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("base", [1.3, np.float64(0.7), np.array([0.4, 1.9])], ids=repr)
def test_constant_exponents(base: Any, exponent: float) -> None:
    check_derivatives(f"x ** {exponent}", {"x": base})
    check_derivatives("x ** n", {"x": base, "n": exponent})


@pytest.mark.parametrize("base", [2.0, 0.5])
def test_constant_bases(base: float) -> None:
    check_derivatives(f"{base} ** x", {"x": 1.3})
    check_derivatives(f"{base} ** x", {"x": np.array([1.3, -0.2])})


def test_the_table_is_large_enough() -> None:
    assert len(DIFFERENTIABLE) > 90
    assert len(STEPS) > 30
