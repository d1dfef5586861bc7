"""Reads and writes of elements, slices and selections: values, types, derivatives, and what repeats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Value
from srcdiff.ir.dims import axis, size
from srcdiff.ir.opdef import OPS, TypingError
from srcdiff.ir.types import BOOL, FLOAT, INT, Array, List, Scalar, int_of
from srcdiff.rules.pattern import Slice, fill, index_of, parse
from srcdiff.rules.regions import attributes, known_unique, may_repeat

from .checks import check_derivatives, check_value
from .harness import Case, type_problem
from .operands import arguments

READS = """
x[0] | x=V
x[-1] | x=M
x[1, 2] | x=M
x[1][2] | x=M
x[k] | x=V, k=1
x[1:] | x=V
x[:-1] | x=V
x[1:-1] | x=M
x[::2] | x=V
x[1::2] | x=V
x[::-1] | x=V
x[3:1:-1] | x=V
x[:, 1] | x=M
x[:, 1:3] | x=M
x[..., 0] | x=C
x[..., 0, :] | x=C
x[:, None] | x=V
x[None] | x=V
x[:] | x=M
x[...] | x=M
x[..., None] | x=M
x[None, ..., None] | x=M
x[None, ::-1, :, None] | x=M
x[:, ::-1] | x=M
x[..., ::-1, None] | x=M
x[None, :, 1] | x=M
x[1:][1:] | x=V
x[7:] | x=V
x[:7] | x=V
x[-3:] | x=V
x[-9:-1] | x=V
x[k:] | x=V, k=2
x[k:n] | x=V, k=1, n=3
x[: len(x) - 1] | x=V
x[1 : len(x)] | x=V
x[i] | x=V, i=I
x[i] | x=M, i=I2
x[i, j] | x=M, i=I2, j=J
x[:, j] | x=M, j=J
x[i, :, 1] | x=C, i=I2
x[0, :, j] | x=C, j=J
x[:, 0, j] | x=C, j=J
x[:, i, j] | x=C, i=I2, j=J
x[i[:, None], j] | x=M, i=I2, j=J
x[m] | x=V, m=B
x[m] | x=M, m=BM
x[m, 1] | x=M, m=B3
x[m][::-1] | x=V, m=B
x[m] * x[m] | x=V, m=B
x[x > 0] | x=V
x[np.arange(len(x)), j] | x=M, j=I2
np.take(x, i) | x=V, i=I
np.take(x, i, axis=1) | x=M, i=I
x.take(i) | x=V, i=I
x[...] | x=ZERO
x[1] | x=L
""".strip().splitlines()


@pytest.mark.parametrize("mode", ["exact", "open"])
@pytest.mark.parametrize("case", READS)
def test_reads(case: str, mode: str) -> None:
    text, spec = case.split(" | ")
    args = arguments(spec)
    if "arange(len(x)), j" in text:
        args["j"] = args["j"][:3]
    check_derivatives(text, args, mode)


WRITES = [
    ("op.set(x, v, 1, index='@')", "x=V, v=f"),
    ("op.set(x, v, -1, index='@')", "x=V, v=f"),
    ("op.set(x, v, 1, 2, index='@, @')", "x=M, v=s"),
    ("op.set(x, v, 1, index='@')", "x=M, v=V4"),
    ("op.set(x, v, 1, index='@')", "x=M, v=f"),
    ("op.set(x, v, 1, index='@')", "x=M, v=ROW"),
    ("op.set(x, v, 1, index='@:')", "x=V, v=V4"),
    ("op.set(x, v, 1, -1, index='@:@')", "x=V, v=V3"),
    ("op.set(x, v, 1, index=':, @')", "x=M, v=V3"),
    ("op.set(x, v, index=':')", "x=V, v=f"),
    ("op.set(x, v, index='...')", "x=M, v=ROW"),
    ("op.set(x, v, -1, index='::@')", "x=V, v=V"),
    ("op.set(x, v, index='...')", "x=ZERO, v=f"),
    ("op.set(x, v, index='...')", "x=ZERO, v=ZERO"),
    ("op.set(x, v, i, index='@')", "x=V, v=V4, i=I"),
    ("op.set(x, v, i, index='@')", "x=V, v=f, i=I"),
    ("op.set(x, v, i, j, index='@, @')", "x=M, v=V4, i=I2, j=J"),
    ("op.set(x, v, i, index='@')", "x=M, v=ROW, i=I2"),
    ("op.set(x, v, m, index='@')", "x=V, v=f, m=B"),
    ("op.set(x, v, m, index='@')", "x=V, v=V3, m=B"),
    ("op.set(x, v, m, index='@')", "x=M, v=f, m=BM"),
    ("op.set(x, v * x[m], m, index='@')", "x=V, v=V3, m=B"),
]


DROPPING = [("op.set(x, v, 1, index='@')", "x=M, v=ROW")]
"""Stores that drop leading axes: ``+=`` does not."""


@pytest.mark.parametrize("mode", ["exact", "open"])
@pytest.mark.parametrize(("text", "spec"), WRITES)
def test_writes(text: str, spec: str, mode: str) -> None:
    check_derivatives(text, arguments(spec), mode)


@pytest.mark.parametrize("mode", ["exact", "open"])
@pytest.mark.parametrize(("text", "spec"), [write for write in WRITES if write not in DROPPING])
def test_additions(text: str, spec: str, mode: str) -> None:
    """``x[i] += v`` where nothing repeats, and ``np.add.at`` everywhere."""
    added = text.replace("op.set", "op.add_at")
    if "i=" not in spec:
        check_derivatives(added, arguments(spec), mode)
    check_derivatives(added.replace("index=", "repeats=True, index="), arguments(spec), mode)


def test_buffered_addition_is_not_differentiated_as_if_it_were_not() -> None:
    """``x[i] += v`` with repeats keeps the last sum only: the op says so, and so does its derivative."""
    check_derivatives("op.add_at(x, v, i, index='@')", arguments("x=V, v=V4, i=I"))


REFERENCES: list[tuple[str, Callable[[Any], None]]] = [
    ("op.set(x, 7.0, 1, index='@:')", lambda x: x.__setitem__(slice(1, None), 7.0)),
    ("op.set(x, 7.0, 1, 2, index='@, @')", lambda x: x.__setitem__((1, 2), 7.0)),
    ("op.add_at(x, 7.0, 1, index=':, @')", lambda x: x.__setitem__((slice(None), 1), x[:, 1] + 7.0)),
    ("op.add_at(x, 7.0, np.array([1, 1]), index='@', repeats=True)", lambda x: np.add.at(x, np.array([1, 1]), 7.0)),
]


@pytest.mark.parametrize(("text", "write"), REFERENCES)
def test_updates_leave_their_operand_alone(text: str, write: Callable[[Any], None]) -> None:
    x = np.arange(12.0).reshape(3, 4)
    wanted = x.copy()
    write(wanted)
    case = check_value(text, {"x": x})
    np.testing.assert_array_equal(case.evaluate(case.result), wanted)
    np.testing.assert_array_equal(x, np.arange(12.0).reshape(3, 4))


def test_the_last_writer_alone_is_paid() -> None:
    x, v, i = np.zeros(4), np.array([1.0, 2.0, 3.0, 4.0]), np.array([2, 0, 2, 1])
    survived = OPS["last_writer"].evaluate(x, i, index="@")
    assert survived.tolist() == [False, True, True, True]
    for seed in range(20):
        rng = np.random.default_rng(seed)
        i = rng.integers(-4, 4, size=9)
        j = rng.integers(0, 3, size=9)
        target = np.zeros((4, 3))
        target[i, j] = np.arange(9) + 1.0
        survived = OPS["last_writer"].evaluate(target, i, j, index="@, @")
        assert survived.tolist() == (target[i, j] == np.arange(9) + 1.0).tolist()
    assert v.shape == (4,)


@pytest.mark.parametrize("name", ["set", "add_at"])
def test_cotangents_of_0d_arrays_are_numbers(name: str) -> None:
    """NumPy's arithmetic makes numbers of 0-d arrays, so their cotangents and tangents may be numbers."""
    b = Builder()
    b.op(name, Value(Array("f64", ()), "x"), Value(FLOAT, "v"), index="...")
    g = Value(Scalar("f64"), "g")
    base, value = b.ops[-1].kind.vjp(b, b.ops[-1], (g,), [True, True])
    assert value is g
    assert base is (None if name == "set" else g)
    assert b.ops[-1].kind.jvp(b, b.ops[-1], [None, g]) == (g,)


# --- what repeats


def test_may_repeat() -> None:
    vector = Array("i64", (axis("m"),))
    assert may_repeat([vector], "@")
    assert may_repeat([INT, vector], "@, @")
    assert may_repeat([List(INT)], "@")
    assert not may_repeat([INT, INT], "@, :@")
    assert not may_repeat([Array("b1", (axis("m"),))], "@")


def test_arange_is_known_to_be_unique() -> None:
    b = Builder()
    labels = Value(Array("i64", (axis("n"),)), "labels")
    rows = b.op("arange", Value(int_of(axis("n")), "n"))
    shifted = b.op("arange", -2, 3)
    assert known_unique(b, [rows, labels], "@, @")
    assert not known_unique(b, [labels], "@")
    single = b.op("arange", Value(int_of(size("k")), "k"))
    assert not known_unique(b, [single, labels], "@, @"), "one row may be paired with many labels"
    assert not known_unique(b, [shifted], "@"), "negative numbers name cells a second time"
    column = b.op("expand_dims", rows, axis=1)
    assert not known_unique(b, [column, labels], "@, @")


def test_masks_name_their_count_once() -> None:
    b = Builder()
    mask, other = (Value(Array("b1", (axis("n"),)), name) for name in "mo")
    assert attributes(b, [mask], "@") == attributes(b, [mask], "@")
    assert attributes(b, [mask], "@") != attributes(b, [other], "@")
    assert attributes(b, [Value(INT)], "@") == {"index": "@"}
    x = Value(Array("f64", (axis("n"),)), "x")
    taken = b.op("get", x, mask, **attributes(b, [mask], "@"))
    product = b.op("mul", taken, b.op("get", x, mask, **attributes(b, [mask], "@")))
    assert product.type == taken.type
    assert b.facts == ()


# --- lengths of slices

LENGTHS = [
    ("x[1:]", "max(n - 1, 0)"),
    ("x[:-1]", "max(n - 1, 0)"),
    ("x[2:]", "max(n - 2, 0)"),
    ("x[:-2]", "max(n - 2, 0)"),
    ("x[1:-1]", "max(n - 2, 0)"),
    ("x[:]", "n"),
    ("x[::-1]", "n"),
    ("x[0:]", "n"),
    ("x[:2]", "min(2, n)"),
    ("x[-2:]", "min(2, n)"),
    ("x[: len(x)]", "n"),
    ("x[: len(x) - 1]", "max(n - 1, 0)"),
    ("x[1 : len(x) - 1]", "max(n - 2, 0)"),
]


@pytest.mark.parametrize(("text", "length"), LENGTHS)
def test_lengths_of_slices(text: str, length: str) -> None:
    case = Case(text.replace("x", "n"), {"n": np.zeros(5)})
    assert str(case.result.type) == f"f64[{length}]".replace("n", "n_0").replace("min_0", "min")


@pytest.mark.parametrize("size", range(6))
@pytest.mark.parametrize(
    "bounds", ["1:", ":-1", "2:", ":-2", "1:-1", "3:1", "-2:", ":2", "::2", "1::3", "4:0:-1", "-9:"]
)
def test_lengths_are_right_for_every_size(bounds: str, size: int) -> None:
    x = np.arange(float(size))
    for mode in ("exact", "open"):
        case = Case(f"x[{bounds}]", {"x": x}, mode)
        assert not type_problem(case.result.type, case.evaluate(case.result), case.signature.lengths)


def test_a_length_that_is_a_size_of_an_array_is_not_negative() -> None:
    """After ``np.zeros(n - 1)`` the length ``n - 1`` and that of ``x[1:]`` are the same."""
    case = Case("np.zeros(len(x) - 1) + x[1:]", {"x": np.ones(4)})
    assert [str(fact) for fact in case.b.facts if not fact.enforced] == []


# --- refusals

REFUSED = [
    ("x[0]", {"x": 2.5}, "SD012"),
    ("x[0, 0]", {"x": np.ones(3)}, "SD013"),
    ("x[1.5]", {"x": np.ones(3)}, "SD013"),
    ("np.ones(3)[5]", {}, "SD013"),
]


@pytest.mark.parametrize(("text", "args", "code"), REFUSED)
def test_refusals(text: str, args: dict[str, Any], code: str) -> None:
    with pytest.raises(TypingError) as caught:
        Case(text, args)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text", ["x[0]", "x[1:]", "x @ x", "x.T", "np.sum(x, axis=0)", "x.reshape(2, 2)", "np.cumsum(x)"]
)
def test_unknown_is_refused_where_it_matters(text: str) -> None:
    with pytest.raises(TypingError) as caught:
        Case(text, {"x": np.ones(3)}, "unknown")
    assert caught.value.code == "SD011"
    assert "annotate" in caught.value.hint


# --- patterns


def test_patterns() -> None:
    assert parse("@, :@, ..., None") == (0, Slice(None, 1, None), "...", "None")
    assert parse("@:@:@") == (Slice(0, 1, 2),)
    assert fill("@, :@", ["i", "j + 1"]) == "i, :j + 1"
    assert index_of("@, :@", [1, 2]) == (1, slice(None, 2, None))
    assert index_of("@", [3]) == 3
    assert index_of("@,", [3]) == (3,)
    with pytest.raises(ValueError, match="not an index pattern"):
        parse("1:")


def test_an_element_is_a_number() -> None:
    b = Builder()
    x = Value(Array("f32", (axis("n"),)), "x")
    assert b.op("get", x, 0, index="@").type == Scalar("f32")
    assert b.op("get", Value(List(FLOAT)), 0, index="@").type == FLOAT
    assert b.op("lt", b.constant(1), 2).type == BOOL
