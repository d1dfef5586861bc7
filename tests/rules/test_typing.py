"""What the typing of operations records and refuses: dims, facts, dtypes, joins of strength."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Value
from srcdiff.ir.dims import Dim, axis, constant, integer, size
from srcdiff.ir.opdef import OPS, TypingError
from srcdiff.ir.types import FLOAT, INT, UNKNOWN, Array, List, Scalar, Type, int_of
from srcdiff.rules import lengths
from srcdiff.rules.contributions import Masked
from srcdiff.rules.table import FUNCTIONS, METHODS

N, M, K = axis("n"), axis("m"), size("k")


def f64(*dims: Dim) -> Array:
    return Array("f64", dims)


def made(text: str, *types: Type, **attrs: Any) -> tuple[Type, list[str]]:
    """The result type of an op, and what is recorded that NumPy does not enforce itself."""
    b = Builder()
    result = b.op(text, *(Value(type_) for type_ in types), **attrs)
    return result.type, [str(fact) for fact in b.facts if not fact.enforced]


BROADCASTS = [
    (f64(N), f64(N), "f64[n]", []),
    (f64(N), FLOAT, "f64[n]", []),
    (f64(N), f64(constant(1)), "f64[n]", []),
    (f64(M, constant(1)), f64(N), "f64[m, n]", []),
    (f64(N), f64(M), "f64[n]", ["n == m"]),
    (f64(N), f64(constant(3)), "f64[n]", ["n == 3"]),
    (f64(K), f64(N), "f64[n]", ["n != 1"]),
    (f64(K), f64(constant(1)), "f64[k]", []),
    (f64(K), f64(size("j")), "f64[broadcast(j, k)]", []),
    (f64(K), f64(K), "f64[k]", []),
    (f64(K * 2), f64(constant(4)), "f64[2*k]", []),
    (f64(N, M), f64(M), "f64[n, m]", []),
]


@pytest.mark.parametrize(("left", "right", "result", "facts"), BROADCASTS, ids=lambda v: str(v))
def test_broadcasting(left: Type, right: Type, result: str, facts: list[str]) -> None:
    type_, recorded = made("mul", left, right)
    assert (str(type_), recorded) == (result, facts)


def test_inside_a_branch_nothing_is_taken_to_be_equal() -> None:
    b = Builder()
    x, y = Value(f64(N)), Value(f64(M))
    with b.region():
        assert str(b.op("add", x, y).type) == "f64[n]"
    assert [str(fact) for fact in b.facts] == ["n != 1", "m != 1"]
    assert not b.typing.facts.equal(N, M)


def test_what_numpy_enforces_is_not_repeated() -> None:
    b = Builder()
    product = b.op("matmul", Value(f64(N, M)), Value(f64(axis("j"), axis("d"))))
    assert str(product.type) == "f64[n, d]"
    assert [(str(fact), fact.enforced) for fact in b.facts] == [("m == j", True)]
    b.op("concatenate", Value(f64(N, M)), Value(f64(N, axis("p"))), axis=0)
    assert b.typing.facts.equal(axis("p"), M)


REFUSED = [
    ("add", [f64(constant(3)), f64(constant(4))], "never fits"),
    ("matmul", [f64(N), FLOAT], "write `*`"),
    ("matmul", [f64(constant(2), constant(3)), f64(constant(4))], "never fits"),
    ("add", [List(FLOAT), FLOAT], "not defined"),
    ("invert", [f64(N)], "not defined"),
    ("bit_and", [FLOAT, INT], "not defined for floats"),
    ("sub", [Array("b1", (N,)), Array("b1", (N,))], "not defined"),
    ("math_sin", [f64(N)], "takes a number"),
    ("concatenate", [f64(N), f64(N, M)], "one rank"),
    ("not_", [f64(N)], "ambiguous"),
]


@pytest.mark.parametrize(("name", "types", "message"), REFUSED, ids=lambda v: str(v))
def test_refusals(name: str, types: list[Type], message: str) -> None:
    with pytest.raises(TypingError) as caught:
        made(name, *types)
    assert message in f"{caught.value} {caught.value.hint}"


STRENGTHS = [
    ("mul", [FLOAT, FLOAT], "float"),
    ("mul", [FLOAT, Scalar("f64")], "f64"),
    ("mul", [FLOAT, Scalar("f64", "either")], "float | f64"),
    ("mul", [Scalar("f64"), Scalar("f64", "either")], "f64"),
    ("mul", [Scalar("f32"), Scalar("f64", "either")], "float | f64"),
    ("mul", [Scalar("f64", "either"), Array("f32", (N,))], "array[n]"),
    ("mul", [Scalar("f32", "either"), Array("f32", (N,))], "f32[n]"),
    ("mul", [FLOAT, Array("f32", (N,))], "f32[n]"),
    ("sin", [FLOAT], "f64"),
    ("add", [INT, INT], "int"),
    ("div", [INT, INT], "float"),
    ("pow", [INT, INT], "float"),
    ("pow", [INT, int_of(constant(2))], "int"),
    ("add", [int_of(N), int_of(constant(-1))], "int[n - 1]"),
    ("mul", [int_of(N), int_of(M)], "int[m*n]"),
    ("floordiv", [int_of(N), int_of(constant(2))], "int[floordiv(n, 2)]"),
    ("floordiv", [int_of(integer("i")), int_of(constant(2))], "int"),
    ("mod", [int_of(integer("i")), int_of(constant(2))], "int[mod(i, 2)]"),
    ("floordiv", [int_of(constant(7)), int_of(constant(2))], "int[3]"),
    ("neg", [int_of(N)], "int[-n]"),
    ("lt", [INT, FLOAT], "bool"),
    ("lt", [FLOAT, Scalar("f64")], "b1"),
    ("sum", [Array("f64", ())], "f64"),
    ("sin", [Array("f32", ())], "f32"),
    ("add", [UNKNOWN, FLOAT], "unknown"),
    ("add", [UNKNOWN, f64(N)], "array[...]"),
    ("add", [Array("f64", None), FLOAT], "unknown"),
    ("where", [Value(FLOAT).type, FLOAT, FLOAT], "f64[()]"),
    ("sum", [UNKNOWN], "float | f64"),
    ("copy", [UNKNOWN], "unknown"),
    ("lt", [UNKNOWN, FLOAT], "unknown"),
    ("zeros_like", [FLOAT], "float"),
    ("max_", [FLOAT, Scalar("f64")], "float | f64"),
]


@pytest.mark.parametrize(("name", "types", "wanted"), STRENGTHS, ids=lambda v: str(v))
def test_types_of_results(name: str, types: list[Type], wanted: str) -> None:
    assert str(made(name, *types)[0]) == wanted


def test_reshape_divides_polynomials() -> None:
    d = axis("d")
    minus = int_of(constant(-1))
    assert str(made("reshape", f64(N, d), minus)[0]) == "f64[d*n]"
    assert str(made("reshape", f64(N, d), minus, int_of(d))[0]) == "f64[n, d]"
    assert str(made("reshape", f64(N * 2, d), int_of(constant(2)), minus)[0]) == "f64[2, d*n]"
    assert str(made("reshape", f64(N), minus, int_of(constant(2)))[0]) == "f64[floordiv(n, 2), 2]"


def test_lengths_of_ranges() -> None:
    assert str(made("range", *(int_of(v) for v in (constant(0), N, constant(1))))[0]) == "[int, n]"
    assert str(made("range", *(int_of(v) for v in (constant(1), N, constant(1))))[0]) == "[int, max(n - 1, 0)]"
    assert str(made("range", *(int_of(constant(v)) for v in (0, 8, 3)))[0]) == "[int, 3]"
    assert lengths.range_length(N, constant(0), constant(-1)) == N
    assert lengths.clipped(N + 2) == N + 2
    assert lengths.smaller(N, N + 2) == N


# --- masks stay pending through element-wise code


def pending(name: str, *types: Type, **attrs: Any) -> Any:
    b = Builder()
    values = [Value(type_, "abc"[k]) for k, type_ in enumerate(types)]
    b.op(name, *values, **attrs)
    op = b.ops[-1]
    mask = Value(Array("b1", op.result.type.dims), "m")  # type: ignore[attr-defined]
    g = Masked(Value(op.result.type, "g"), mask)
    return op.kind.vjp(b, op, (g,), [True] * len(values)), mask


def test_masks_stay_pending() -> None:
    (part,), mask = pending("exp", f64(N))
    assert isinstance(part, Masked) and part.mask is mask
    (left, right), mask = pending("mul", f64(M, N), f64(N))
    assert isinstance(left, Masked) and left.mask is mask
    assert isinstance(right, Value), "what was broadcast is summed: the mask is applied before"


def test_masks_of_selections_are_joined() -> None:
    parts, mask = pending("maximum", f64(N), f64(N))
    assert all(isinstance(part, Masked) and part.mask is not mask for part in parts)


def test_contributions_keep_float32() -> None:
    b = Builder()
    x, w = Value(Array("f32", (N,)), "x"), Value(Array("f64", (N,)), "w")
    b.op("mul", x, w)
    op = b.ops[-1]
    left, right = op.kind.vjp(b, op, (Value(Array("f64", (N,)), "g"),), [True, True])
    assert (str(left.type), str(right.type)) == ("f32[n]", "f64[n]")


# --- binders


def test_binders_follow_the_declared_signature() -> None:
    b = Builder()
    x = Value(f64(N, M), "x")
    assert str(FUNCTIONS[np.sum](b, x, 0).type) == "f64[m]"
    assert b.ops[-1].attrs == {"axis": 0}
    FUNCTIONS[np.sum](b, x, axis=None, keepdims=False)
    assert b.ops[-1].attrs == {}, "defaults are left out"
    assert str(METHODS["sum"](b, x, axis=b.constant(1)).type) == "f64[n]"
    with pytest.raises(TypeError):
        FUNCTIONS[np.sum](b, x, axes=0)
    with pytest.raises(TypeError):
        FUNCTIONS[np.sin](b, x, x)
    with pytest.raises(TypingError) as caught:
        FUNCTIONS[np.sum](b, x, axis=Value(INT, "k"))
    assert caught.value.code == "SD050"


@pytest.mark.parametrize("dtype", [np.float32, "float32", np.dtype("f4")])
def test_dtypes_are_static(dtype: Any) -> None:
    b = Builder()
    assert str(FUNCTIONS[np.zeros](b, 3, dtype=dtype).type) == "f32[3]"
    assert str(METHODS["astype"](b, Value(f64(N)), dtype).type) == "f32[n]"
    with pytest.raises(TypingError):
        FUNCTIONS[np.zeros](b, 3, dtype="O")


def test_names_in_the_table() -> None:
    assert FUNCTIONS[np.abs] is FUNCTIONS[np.absolute]
    for name in (
        "add",
        "sub",
        "mul",
        "div",
        "pow",
        "matmul",
        "get",
        "set",
        "add_at",
        "unbroadcast",
        "effect",
        "stable",
    ):
        assert name in OPS
