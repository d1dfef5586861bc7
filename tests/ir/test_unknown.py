"""What is legal on a value of which nothing is known but that it is a number or an array: over the whole table.

Legal: element-wise operations and comparisons, reductions without axis, shape, size, copies and fillings of the same
shape, truth. Everything whose meaning depends on what is missing is refused with a way out. An operation that is added
to the table is held to the rule of its group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import srcdiff.rules  # noqa: F401  (the table of operations)
from srcdiff.ir.dims import axis
from srcdiff.ir.opdef import OPS, OpDef, Typing, TypingError
from srcdiff.ir.types import FLOAT, INT, UNKNOWN, Array, List, Scalar, Type, is_subtype

n, d = axis("n"), axis("d")
VECTOR, MATRIX = Array("f64", (n,)), Array("f64", (n, d))

QUERIES = {"dim", "length", "ndim", "size", "shape", "bool_", "not_", "round_"}
FILLINGS = {"copy", "zeros_like", "ones_like", "empty_like", "full_like", "astype", "real"}
FULL_REDUCTIONS = {"sum", "mean", "all", "any", "argmax", "argmin", "count_nonzero", "math_fsum"}
OF_THE_ADJOINT = {
    *("unbroadcast", "broadcast_like", "reshape_like", "stable", "linear_scan", "list_add", "list_add_at"),
    *("copy_if_there", "zeros_if_there", "cast_as"),
}
"""Introduced by derivatives only; their operands have the types of values that were let through before."""

NUMBERS_ONLY = {"float_", "int_", "complex_", "divmod_", "max_", "min_"}
LENGTHS_AND_LISTS = (
    {
        *("zeros", "ones", "empty", "eye", "full", "range", "arange", "linspace"),
        *("bartlett", "blackman", "hamming", "hanning", "fftfreq", "rfftfreq", "geomspace", "indices"),
        "tri",
        *("array", "array_of_list", "floats", *(name for name in OPS if name.startswith("list_"))),
    }
    - OF_THE_ADJOINT
    - {"list_of_array", "tolist"}
)
"""What takes an int or a list in any case says so, and no annotation as an array would help."""

OF_PARTS = {
    *("all_over", "any_over", "max_over", "min_over", "mean_over", "sum_over", "prod_over", "std_over", "var_over"),
    *("nanargmax", "nanargmin", "nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"),
    *("allclose", "array_equal", "array_equiv", "average", "bincount", "bincount_weighted", "choose", "select"),
    *("first_places", "flatnonzero", "imag", "tril_indices", "triu_indices", "matrix_power", "multi_dot", "ptp", "root"),
}
"""Compositions: each of their parts is looked at when they are put together."""

EXTRA_ATTRS: dict[str, dict[str, Any]] = {
    "dim": {"axis": 0},
    "length": {"axis": 0},
    "get": {"index": "@"},
    "set": {"index": "@"},
    "add_at": {"index": "@", "repeats": False},
    "last_writer": {"index": "@"},
    "astype": {"dtype": "f32"},
    "number": {"dtype": "f64"},
    "expand_dims": {"axis": 0},
    "reshape": {"shape": "@"},
    "broadcast_to": {"shape": "@"},
}
OPERANDS: dict[str, Sequence[Type]] = {
    "get": (UNKNOWN, INT),
    "set": (UNKNOWN, FLOAT, INT),
    "add_at": (UNKNOWN, FLOAT, INT),
    "last_writer": (UNKNOWN, INT),
    "reshape": (UNKNOWN, INT),
    "broadcast_to": (UNKNOWN, INT),
    "concatenate": (UNKNOWN, UNKNOWN),
    "stack": (UNKNOWN, UNKNOWN),
}


def arity(opdef: OpDef) -> int:
    return len([name for name in opdef.info["signature"].inputs if name != "None"]) or 1


def is_legal(opdef: OpDef) -> bool:
    """The rule."""
    if opdef.name in QUERIES | FILLINGS | FULL_REDUCTIONS | OF_THE_ADJOINT:
        return True
    if opdef.name.startswith("math_") or opdef.name in NUMBERS_ONLY:
        return False
    element_wise = opdef.group in ("elementwise", "selection") or "partials" in opdef.info
    return element_wise or opdef.group == "reduction"


def infer(opdef: OpDef, types: Sequence[Type], **attrs: Any) -> tuple[Type, ...]:
    static = {**opdef.info["signature"].static, **EXTRA_ATTRS.get(opdef.name, {}), **attrs}
    return opdef.infer(Typing(), types, static)


DECLARED = [opdef for _, opdef in sorted(OPS.items()) if "signature" in opdef.info]
LEGAL = [opdef for opdef in DECLARED if is_legal(opdef)]
REFUSED = [opdef for opdef in DECLARED if not is_legal(opdef) and opdef.name not in LENGTHS_AND_LISTS | OF_PARTS | {"number"}]
BY_AXIS = [opdef for opdef in LEGAL if "axis" in opdef.info["signature"].static and opdef.name not in OF_THE_ADJOINT]


def test_the_whole_table_is_looked_at() -> None:
    apart = {"if_", "for_", "while_", "effect", "stop_gradient", "draw", "generator", "custom", "constant_call", "foreign"}
    assert {name for name in OPS if "signature" not in OPS[name].info} <= apart
    assert len(LEGAL) > 80 and len(REFUSED) > 40 and len(BY_AXIS) > 10


@pytest.mark.parametrize("opdef", LEGAL, ids=repr)
def test_what_is_legal(opdef: OpDef) -> None:
    count = arity(opdef)
    infer(opdef, [UNKNOWN] * count)
    for k in range(count):
        infer(opdef, [UNKNOWN if j == k else MATRIX for j in range(count)])
        infer(opdef, [UNKNOWN if j == k else Array("f64", None) for j in range(count)])


@pytest.mark.parametrize("opdef", REFUSED, ids=repr)
def test_what_is_refused(opdef: OpDef) -> None:
    with pytest.raises(TypingError) as caught:
        infer(opdef, OPERANDS.get(opdef.name, [UNKNOWN] * arity(opdef)))
    assert caught.value.code == "SD011", str(caught.value)
    assert "annotate" in caught.value.hint and "--sig" in caught.value.hint


@pytest.mark.parametrize("name", sorted(LENGTHS_AND_LISTS & set(OPS) - {"full"}))
def test_what_takes_an_int_or_a_list(name: str) -> None:
    with pytest.raises(TypingError):
        infer(OPS[name], [UNKNOWN] * arity(OPS[name]))


@pytest.mark.parametrize("opdef", BY_AXIS, ids=repr)
@pytest.mark.parametrize("type_", [UNKNOWN, Array("f64", None)], ids=str)
def test_an_axis_needs_the_rank(opdef: OpDef, type_: Type) -> None:
    with pytest.raises(TypingError) as caught:
        infer(opdef, [type_], axis=0)
    assert caught.value.code == "SD011" and "--sig" in caught.value.hint


@pytest.mark.parametrize("opdef", [o for o in LEGAL if o.name not in OF_THE_ADJOINT], ids=repr)
def test_what_is_inferred_holds_whatever_the_value_is(opdef: OpDef) -> None:
    """A value of unknown type may be any of these: the result's type must hold the result of each."""
    count = arity(opdef)
    instances = [FLOAT, Scalar("f64"), Scalar("f32"), VECTOR, MATRIX, Array("f32", (n,)), Array("f64", None)]
    for k in range(count):
        for others in ([VECTOR] * count, [FLOAT] * count, [UNKNOWN] * count):
            wide = infer(opdef, [UNKNOWN if j == k else other for j, other in enumerate(others)])
            for instance in instances:
                try:
                    narrow = infer(opdef, [instance if j == k else other for j, other in enumerate(others)])
                except TypingError:
                    continue
                for found, expected in zip(narrow, wide, strict=True):
                    assert is_subtype(found, expected), (k, others, instance, found, expected)


@pytest.mark.parametrize("name", ["get", "set", "add_at", "sum_items", "list_append"])
def test_a_list_is_never_unknown(name: str) -> None:
    assert not is_subtype(List(FLOAT), UNKNOWN)
