"""Dims: the arithmetic of normal forms, the three states, and what facts add."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given

from srcdiff.ir.dims import Dim, Fact, Facts, Symbol, axis, constant, integer, size, symbol_dim
from srcdiff.ir.typetext import read_type

from .strategies import SYMBOLS, dims

n, m, d, k, i = axis("n"), axis("m"), axis("d"), size("k"), integer("i")
RANGES = {"axis": (0, 2, 3, 4), "size": (0, 1, 2, 3), "int": (-2, -1, 0, 1, 2)}


def value_at(dim: Dim, values: dict[Symbol, int]) -> int:
    found = dim.substitute({symbol: constant(number) for symbol, number in values.items()}).value
    assert found is not None
    return found


def settings_of(*shown: Dim) -> list[dict[Symbol, int]]:
    """All small settings of the symbols of some dims that their kinds allow."""
    symbols = sorted(set().union(*(dim.symbols for dim in shown)))
    choices = [RANGES[symbol.kind] for symbol in symbols]
    return [dict(zip(symbols, numbers, strict=True)) for numbers in itertools.product(*choices)]


# --------------------------------------------------------------------------------------------------------- arithmetic


@given(dims(), dims(), dims())
def test_dims_form_a_commutative_ring(a: Dim, b: Dim, c: Dim) -> None:
    assert a + b == b + a and a * b == b * a
    assert (a + b) + c == a + (b + c) and (a * b) * c == a * (b * c)
    assert a * (b + c) == a * b + a * c
    assert a + 0 == a and a * 1 == a and a - a == constant(0) and a * 0 == constant(0)
    assert 2 + a == a + 2 and 2 * a == a + a and -a == a * -1


@given(dims(terms=2), dims(terms=2))
def test_arithmetic_agrees_with_numbers(a: Dim, b: Dim) -> None:
    for values in settings_of(a, b)[:40]:
        assert value_at(a + b, values) == value_at(a, values) + value_at(b, values)
        assert value_at(a * b, values) == value_at(a, values) * value_at(b, values)


@given(dims())
def test_text_is_read_back(a: Dim) -> None:
    kinds = {symbol.name: symbol.kind for symbol in a.symbols}
    assert read_type(f"f64[{a}]", kinds).dims == (a,)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("dim", "text"),
    [
        (constant(0), "0"),
        (constant(-1), "-1"),
        (n, "n"),
        (-n, "-n"),
        (n - 1, "n - 1"),
        (1 + -n, "-n + 1"),
        (2 * n * d - 3 * k + 4, "2*d*n - 3*k + 4"),
        (n * n, "n*n"),
        (-2 * n, "-2*n"),
    ],
)
def test_how_dims_are_written(dim: Dim, text: str) -> None:
    assert str(dim) == text


def test_symbols_of_one_name_and_two_kinds_differ() -> None:
    assert axis("n") != size("n") != integer("n")
    assert (axis("n") - integer("n")).value is None


def test_substitute_is_simultaneous() -> None:
    (n_symbol,), (m_symbol,) = n.symbols, m.symbols
    assert (n - m).substitute({n_symbol: m, m_symbol: n}) == m - n


# ---------------------------------------------------------------------------------------------------- the three states


@pytest.mark.parametrize(
    ("dim", "state"),
    [
        (constant(1), True),
        (constant(0), False),
        (constant(2), False),
        (constant(-1), False),
        (n - n + 1, True),
        (n, False),
        (n * d, False),
        (2 * n, False),
        (2 * i, False),
        (2 * i + 4, False),
        (2 * i + 1, None),
        (4 * i + 2 * k + 6, False),
        (n - 1, None),
        (n + 1, None),
        (n + 2, False),
        (k + 2, False),
        (i + 2, None),
        (k, None),
        (i, None),
        (n * k, None),
        (n + m, None),
        (n - m, None),
    ],
)
def test_the_state_of_a_dim(dim: Dim, state: bool | None) -> None:
    assert dim.is_one() is state


@given(dims(terms=2))
def test_states_never_lie(a: Dim) -> None:
    lengths = {value for value in (value_at(a, values) for values in settings_of(a)) if value >= 0}
    if a.is_one() is True:
        assert lengths <= {1}
    if a.is_one() is False:
        assert 1 not in lengths


@given(dims(terms=2))
def test_nonnegative_never_lies(a: Dim) -> None:
    if a.is_nonnegative():
        assert all(value_at(a, values) >= 0 for values in settings_of(a))


# ---------------------------------------------------------------------------------------------------------------- facts


def test_equal_dims_have_one_normal_form() -> None:
    facts = Facts()
    facts.equate(m, n, enforced=True)
    assert facts.equal(m - 1, n - 1) and facts.equal(m * d, d * n) and not facts.equal(m, d)
    facts.equate(d, n + 1)
    assert facts.equal(d - 1, m)
    assert [str(fact) for fact in facts.facts] == ["m == n", "d == n + 1"]


def test_what_is_implied_is_not_a_new_fact() -> None:
    facts = Facts([Fact(m, n)])
    facts.equate(n + 2, m + 2)
    facts.add(Fact(m, n))
    assert len(facts.facts) == 1


def test_facts_that_cannot_be_solved_are_kept() -> None:
    facts = Facts([Fact(n * n, m * d)])
    assert len(facts.facts) == 1 and not facts.equal(n, m)


def test_unknown_dims_equal_nothing() -> None:
    assert not Facts().equal(None, None) and not Facts().equal(n, None)


def test_more_is_known_of_a_dim_through_its_equals() -> None:
    for left, right in ((k, n), (n, k)):
        facts = Facts([Fact(left, right)])
        assert facts.is_one(k) is False and facts.is_one(n) is False
    assert Facts([Fact(k, constant(1))]).is_one(k) is True
    assert Facts([Fact(k)]).is_one(k) is False
    assert Facts([Fact(k), Fact(i, k)]).is_one(i) is False
    assert Facts([Fact(k)]).is_one(size("p")) is None


@given(dims((n, m, k), terms=2), dims((n, m, k), terms=2), dims((n, m, k), terms=2))
def test_facts_prove_only_what_follows(a: Dim, b: Dim, c: Dim) -> None:
    """Where the facts hold, dims that they prove equal are equal, and states are true."""
    facts = Facts([Fact(a, b)])
    everything = {s: symbol_dim(s.name, s.kind) for dim in SYMBOLS.values() for s in dim.symbols}
    for values in settings_of(n, m, k):
        if value_at(a, values) == value_at(b, values):
            assert value_at(facts.normal(c), values) == value_at(c, values)
            if facts.is_one(c) is not None and value_at(c, values) >= 0:
                assert (value_at(c, values) == 1) is facts.is_one(c)
    assert facts.normal(c).symbols <= set(everything)
