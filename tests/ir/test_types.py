"""The type lattice: its order, its joins, its notation."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcdiff.ir.dims import Fact, Facts, axis, constant, integer, size
from srcdiff.ir.types import (
    BOOL,
    COMPLEX,
    DTYPES,
    FLOAT,
    HOLE,
    INT,
    UNKNOWN,
    Array,
    Hole,
    List,
    Scalar,
    Type,
    TypeJoinError,
    Unknown,
    Widening,
    cotangent_type,
    dtype_code,
    int_of,
    is_inexact,
    is_subtype,
    join,
    substitute,
    symbols_of,
    without_value,
)
from srcdiff.ir.typetext import read_type

from .strategies import FLAT, LISTS, TYPES

KINDS = {"n": "axis", "m": "axis", "d": "axis", "k": "size", "p": "size", "i": "int"}
n, m, k = axis("n"), axis("m"), size("k")


def t(text: str) -> Type:
    return read_type(text, KINDS)


def joined(*types: Type) -> Type | None:
    """The join of types, each step with lengths of its own; None where there is none."""
    result: Type = HOLE
    for step, type_ in enumerate(types):
        try:
            result = join(result, type_, widening=Widening(f"step{step}"))
        except TypeJoinError:
            return None
    return result


def equivalent(left: Type | None, right: Type | None) -> bool:
    """Equal up to the names of lengths that are not known."""
    if left is None or right is None:
        return left is right
    return is_subtype(left, right) and is_subtype(right, left)


# ------------------------------------------------------------------------------------------------------------ the table


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("int", "float", "float"),
        ("bool", "int", "int"),
        ("float", "complex", "complex"),
        ("int[0]", "int[1]", "int"),
        ("int[n]", "int[n]", "int[n]"),
        ("int[n]", "float", "float"),
        ("float", "f64", "float | f64"),
        ("int", "f64", "float | f64"),
        ("complex", "f64", "complex | c128"),
        ("float", "i64", "float | f64"),
        ("float", "f32", "float | f32"),
        ("float", "b1", "float | f64"),
        ("int", "b1", "int | i64"),
        ("f32", "f64", "float | f64"),
        ("i32", "f32", "float | f64"),
        ("i8", "u8", "int | i64"),
        ("i64", "u64", "float | f64"),
        ("f32", "c64", "complex | c64"),
        ("f64", "c64", "complex | c128"),
        ("float | f64", "f64", "float | f64"),
        ("float | f32", "float", "float | f32"),
        ("float | f32", "complex", "complex | c64"),
        ("f64", "f64[()]", "unknown"),
        ("float", "f64[n]", "unknown"),
        ("f64[n]", "f64[m]", "f64[w]"),
        ("f64[n]", "f64[1]", "f64[w]"),
        ("f64[n, 3]", "f64[m, 3]", "f64[w, 3]"),
        ("f64[n]", "f64[n, m]", "f64[...]"),
        ("f64[...]", "f64[n]", "f64[...]"),
        ("f64[n]", "f32[n]", "array[n]"),
        ("f64[n]", "i64[m]", "array[w]"),
        ("array[...]", "f64[n]", "array[...]"),
        ("[int]", "[float]", "[float]"),
        ("[float, n]", "[float, n]", "[float, n]"),
        ("[float, n]", "[float, m]", "[float]"),
        ("[f64[n]]", "[f64[m]]", "[f64[w]]"),
        ("unknown", "float", "unknown"),
        ("unknown", "f64[n]", "unknown"),
        ("hole", "[float]", "[float]"),
        ("hole", "hole", "hole"),
        ("hole", "unknown", "unknown"),
    ],
)
def test_the_join_of_two(left: str, right: str, expected: str) -> None:
    for a, b in ((left, right), (right, left)):
        found = join(t(a), t(b), widening=Widening("x"))
        assert str(found).replace("x_w1", "w") == expected


@pytest.mark.parametrize("other", ["float", "f64", "f64[n]", "f64[...]", "unknown"])
def test_lists_join_with_lists_only(other: str) -> None:
    with pytest.raises(TypeJoinError, match="a list"):
        join(t("[float]"), t(other))
    with pytest.raises(TypeJoinError, match="a list"):
        join(t(other), t("[float]"))
    assert not is_subtype(t("[float]"), t(other)) and not is_subtype(t(other), t("[float]"))


def test_dims_that_are_forgotten_have_new_names_each() -> None:
    found = join(t("f64[n, n]"), t("f64[m, m]"), widening=Widening("x"))
    assert str(found) == "f64[x_w1, x_w2]"
    assert all(s.kind == "loop" for s in symbols_of(found))


def test_the_same_place_forgets_under_the_same_names() -> None:
    """Lowering a loop again must find the types that it found before."""
    once = join(t("f64[n]"), t("f64[m]"), widening=Widening("x"))
    again = join(once, t("f64[m]"), widening=Widening("x"))
    assert once == again


def test_without_a_place_the_rank_is_forgotten() -> None:
    """Two joins that both invented `k` would prove unequal dims equal."""
    assert join(t("f64[n]"), t("f64[m]")) == t("f64[...]")
    assert join(t("f64[n]"), t("f32[n]")) == t("array[n]")


def test_facts_make_dims_equal() -> None:
    facts = Facts([Fact(n, m)])
    assert join(t("f64[n]"), t("f64[m]"), facts) == t("f64[n]")
    assert join(t("int[n]"), t("int[m]"), facts) == t("int[n]")
    assert join(t("[float, n]"), t("[float, m]"), facts) == t("[float, n]")
    for narrow, wide in (("f64[m]", "f64[n]"), ("int[m]", "int[n]"), ("[int, n]", "[float, m]")):
        assert is_subtype(t(narrow), t(wide), facts) and not is_subtype(t(narrow), t(wide))


# ------------------------------------------------------------------------------------------------------------- the laws


@given(TYPES, TYPES)
def test_join_commutes(a: Type, b: Type) -> None:
    assert equivalent(joined(a, b), joined(b, a))


@given(TYPES, TYPES, TYPES)
def test_join_associates(a: Type, b: Type, c: Type) -> None:
    left, right = joined(a, b), joined(b, c)
    if left is not None and right is not None:
        assert equivalent(joined(left, c), joined(a, right))


@given(TYPES)
def test_join_is_idempotent(a: Type) -> None:
    assert join(a, a) == a


@given(TYPES, TYPES)
def test_join_holds_both(a: Type, b: Type) -> None:
    both = joined(a, b)
    if both is not None:
        assert is_subtype(a, both) and is_subtype(b, both)


@given(TYPES, TYPES, TYPES)
def test_join_is_the_least(a: Type, b: Type, c: Type) -> None:
    both = joined(a, b)
    if is_subtype(a, c) and is_subtype(b, c):
        assert both is not None and is_subtype(both, c)


@given(TYPES, TYPES)
def test_subtypes_are_what_joins_absorb(a: Type, b: Type) -> None:
    assert is_subtype(a, b) == equivalent(joined(a, b), b)


@given(TYPES)
def test_hole_is_the_bottom(a: Type) -> None:
    assert joined(HOLE, a) == a and joined(a, HOLE) == a
    assert is_subtype(HOLE, a)
    assert is_subtype(a, HOLE) == isinstance(a, Hole)


@given(FLAT)
def test_unknown_is_the_top_of_numbers_and_arrays(a: Type) -> None:
    assert is_subtype(a, UNKNOWN) and joined(a, UNKNOWN) == UNKNOWN
    assert is_subtype(UNKNOWN, a) == isinstance(a, Unknown)


@given(TYPES)
def test_subtype_is_reflexive(a: Type) -> None:
    assert is_subtype(a, a)


@given(TYPES, TYPES, TYPES)
def test_subtype_is_transitive(a: Type, b: Type, c: Type) -> None:
    if is_subtype(a, b) and is_subtype(b, c):
        assert is_subtype(a, c)


@given(TYPES, TYPES)
def test_join_grows_with_its_operands(a: Type, b: Type) -> None:
    """Loops are lowered until their types are stable: this and finite height make that end."""
    both = joined(a, b)
    if both is not None:
        assert equivalent(joined(both, b), both) and equivalent(joined(a, both), both)


@given(st.lists(TYPES, max_size=8))
def test_chains_of_joins_are_short(types: list[Type]) -> None:
    seen: list[Type] = [HOLE]
    for type_ in types:
        try:
            wider = join(seen[-1], type_, widening=Widening("x"))
        except TypeJoinError:
            continue
        if not equivalent(wider, seen[-1]):
            seen.append(wider)
    assert len(seen) <= 12


# ------------------------------------------------------------------------------------------ what a subtype is, by table


@pytest.mark.parametrize(
    ("narrow", "wide", "holds"),
    [
        ("int", "float", True),
        ("float", "int", False),
        ("float", "float | f64", True),
        ("f64", "float | f64", True),
        ("f64", "float", False),
        ("float", "f64", False),
        ("float | f64", "float", False),
        ("f32", "float | f64", True),
        ("f64", "float | f32", False),
        ("complex", "float | f64", False),
        ("int[n]", "int", True),
        ("int", "int[n]", False),
        ("int[n]", "int[m]", False),
        ("int[n]", "float", True),
        ("f64[n]", "f64[...]", True),
        ("f64[...]", "f64[n]", False),
        ("f64[n]", "f64[k]", True),
        ("f64[k]", "f64[n]", False),
        ("f64[1]", "f64[k]", True),
        ("f64[n - 1]", "f64[k]", True),
        ("f64[n]", "f64[k - 1]", False),
        ("f64[n, n]", "f64[k, k]", True),
        ("f64[n, m]", "f64[k, k]", False),
        ("f64[n, m]", "f64[k, p]", True),
        ("f64[k, k]", "f64[k, p]", True),
        ("f64[n]", "f64[n, m]", False),
        ("f64[n]", "array[n]", True),
        ("array[n]", "f64[n]", False),
        ("i64[n]", "f64[n]", False),
        ("[int]", "[float]", True),
        ("[float, n]", "[float]", True),
        ("[float]", "[float, n]", False),
        ("[f64[n]]", "[unknown]", True),
        ("hole", "[float]", True),
        ("f64[n]", "unknown", True),
        ("unknown", "f64[...]", False),
    ],
)
def test_which_types_are_subtypes(narrow: str, wide: str, holds: bool) -> None:
    assert is_subtype(t(narrow), t(wide)) is holds


def test_inside_a_function_a_length_that_has_a_name_is_that_length() -> None:
    """`k` may be a mask's count: an array of another length is then no `f64[k]`."""
    assert is_subtype(t("f64[n]"), t("f64[k]"))
    assert not is_subtype(t("f64[n]"), t("f64[k]"), bound=lambda symbol: False)
    assert is_subtype(t("f64[k]"), t("f64[k]"), bound=lambda symbol: False)


# ------------------------------------------------------------------------------------------------------------ the parts


@given(TYPES)
def test_text_is_read_back(a: Type) -> None:
    kinds = {symbol.name: symbol.kind for symbol in symbols_of(a)}
    assert read_type(str(a), kinds) == a


@pytest.mark.parametrize(
    "text", ["", "text", "f64[n", "f64[n / 2]", "[float, n, m]", "float[n]", "f64 | float", "f65[n]"]
)
def test_what_is_no_type(text: str) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        read_type(text)


def test_symbols_that_nobody_declared() -> None:
    assert read_type("f64[n]") == Array("f64", (axis("n"),))
    assert read_type("int[j]") == int_of(integer("j"))
    assert read_type("f64[max(n - 1, 0), 2]") == Array("f64", (size("max(n - 1, 0)"), constant(2)))


@given(TYPES)
def test_substituting_nothing_changes_nothing(a: Type) -> None:
    assert substitute(a, {}) == a
    assert substitute(a, {s: size(s.name) if s.kind == "size" else axis("z") for s in symbols_of(a)}) is not None


def test_substitute_reaches_every_dim() -> None:
    (symbol,) = n.symbols
    for text in ("f64[n, 2*n]", "int[n - 1]", "[float, n]", "[f64[n], n]"):
        assert str(substitute(t(text), {symbol: m})) == re.sub(r"\bn\b", "m", text)


def test_without_value() -> None:
    assert (
        without_value(t("int[n]")) == INT
        and without_value(FLOAT) == FLOAT
        and without_value(t("f64[n]")) == t("f64[n]")
    )


@pytest.mark.parametrize(
    ("primal", "adjoint"),
    [
        ("int", "float | f64"),
        ("float", "float | f64"),
        ("f32", "float | f32"),
        ("complex", "complex | c128"),
        ("bool", "float | f64"),
        ("f64[n]", "f64[n]"),
        ("f32[n]", "f32[n]"),
        ("i64[n]", "f64[n]"),
        ("array[...]", "array[...]"),
        ("[float, n]", "[float | f64, n]"),
        ("[[int]]", "[[float | f64]]"),
        ("unknown", "unknown"),
    ],
)
def test_the_type_of_adjoints(primal: str, adjoint: str) -> None:
    assert cotangent_type(t(primal)) == t(adjoint)


@given(TYPES)
def test_adjoints_of_adjoints_have_the_same_type(a: Type) -> None:
    assert cotangent_type(cotangent_type(a)) == cotangent_type(a)
    if not isinstance(a, Hole):
        assert is_inexact(cotangent_type(a))


def test_dtype_codes() -> None:
    assert all(dtype_code(dtype) == code for code, dtype in DTYPES.items())
    assert dtype_code(np.dtype(">f8")) == "f64"
    with pytest.raises(KeyError):
        dtype_code(np.dtype("U3"))


def test_python_numbers() -> None:
    assert [str(x) for x in (BOOL, INT, FLOAT, COMPLEX)] == ["bool", "int", "float", "complex"]
    assert str(Scalar("f32", "either")) == "float | f32" and str(Scalar("u8", "either")) == "int | u8"


@given(LISTS)
def test_lists_of_lists(a: List) -> None:
    assert is_subtype(List(a), List(List(a.item)))
