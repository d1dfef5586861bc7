"""How functions are built and rebuilt: types at birth, symbols that never clash, facts, provenance, copies."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import srcdiff.rules  # noqa: F401  (the table of operations)
from srcdiff.ir.build import Builder, Rebuild, copy_block, item_type
from srcdiff.ir.core import Block, Constant, Function, Loop, Op, Statement, Value, free_values, hole, symbols_in
from srcdiff.ir.dims import Fact, axis, size
from srcdiff.ir.equal import equal
from srcdiff.ir.expr import free_names, read
from srcdiff.ir.opdef import OPS, OpDef, Typing, TypingError, declare
from srcdiff.ir.parse import parse
from srcdiff.ir.structure import Leaf, Node, Parameter, flatten, leaf_count, leaf_paths, unflatten
from srcdiff.ir.text import to_text
from srcdiff.ir.types import FLOAT, INT, Array, List, Scalar
from srcdiff.ir.typetext import read_type
from srcdiff.ir.verify import verify

from .programs import random_function

n, m = axis("n"), axis("m")
VECTOR = Array("f64", (n,))

MASKED = """
dims(n='axis', k_1='size', i_1='int')

def f(x: f64[n], m: b1[n]) -> f64:
    v: f64[k_1] = get(x, m, index='@')
    r: [int] = range(0, 3, 1)
    for i in each(r):
        i: int[i_1]
        pass
    s: f64 = sum(v, axis=None, keepdims=False)
    return s
"""


# ------------------------------------------------------------------------------------------------------------- symbols


def test_new_symbols_are_like_none_of_the_function() -> None:
    """A clash would make the counts of two masks provably equal."""
    function = parse(MASKED)
    b = Builder.of(function)
    x, mask = function.params
    assert str(b.op("get", x, b.op("not_equal", x, 1.0), index="@").type) == "f64[k_2]"
    assert str(b.item(Value(List(INT)), "i").type) == "int[i_2]"
    assert str(b.item(Value(List(INT))).type) == "int[i_3]"
    assert str(Builder().op("get", x, mask, index="@").type) == "f64[k_1]"


def test_passes_take_new_symbols_too() -> None:
    class Twice(Rebuild):
        def visit(self, op: Op) -> Sequence[Value] | None:
            if op.name == "get":
                self.b.op("get", self.get(op.inputs[0]), self.b.op("not_equal", self.get(op.inputs[0]), 0.0), index="@")
            return None

    found = Twice(parse(MASKED)).run()
    verify(found)
    assert {"k_1", "k_2"} <= {symbol.name for symbol in symbols_in(found)}


def test_reserved_names_are_not_given() -> None:
    typing = Typing()
    typing.reserve(["k_1", "k_3"])
    assert [str(typing.fresh_size()) for _ in range(3)] == ["k_2", "k_4", "k_5"]
    assert str(typing.fresh_int("j")) == "j_1" and str(typing.fresh_size("j")) == "j_2"


def test_names_in_use_are_asked_for_once_and_only_when_needed() -> None:
    asked = []

    def taken() -> list[str]:
        asked.append(1)
        return ["k_1"]

    typing = Typing(taken=taken)
    assert not asked
    assert str(typing.fresh_size()) == "k_2" and str(typing.fresh_size()) == "k_3" and asked == [1]


# ---------------------------------------------------------------------------------------------------- types at birth


@pytest.mark.parametrize(
    ("seq", "item"),
    [
        ("[float]", "float"),
        ("[int]", "int"),
        ("f64[n]", "f64"),
        ("f64[n, d]", "f64[d]"),
        ("array[n]", "array[()]"),
        ("[f64[n], d]", "f64[n]"),
    ],
)
def test_the_items_of_sequences(seq: str, item: str) -> None:
    assert item_type(read_type(seq)) == read_type(item)


@pytest.mark.parametrize("seq", ["float", "int", "unknown", "f64[...]", "f64[()]"])
def test_what_cannot_be_iterated(seq: str) -> None:
    with pytest.raises(TypingError) as caught:
        item_type(read_type(seq))
    assert caught.value.code == "SD011" and "--sig" in caught.value.hint


def test_an_int_item_has_a_symbol_of_its_own_and_its_stack_has_none() -> None:
    """A list of ints that all had the value `i` would be a list of equal ints."""
    b = Builder()
    loop = b.loop([Value(List(INT), "r")], [], [], lambda items, carried: ([], [items[0]]), names=["i"])
    assert str(Loop.of(loop).items[0].type) == "int[i_1]"
    assert loop.results[0].type == List(INT)


def test_operators_on_numbers_fold_the_types_of_python() -> None:
    b = Builder()
    k = Value(read_type("int[k]"), "k")
    assert str(b.op("sub", k, 1).type) == "int[k - 1]"
    assert b.op("div", k, 2).type == FLOAT
    assert b.op("mul", Value(Scalar("f64")), 2.0).type == Scalar("f64")


def test_provenance_is_given_to_what_is_born_inside() -> None:
    b = Builder()
    stmt = Statement(3, "y = x", 0, "y")
    with b.at(stmt, "span", "adjoint", "method"):
        b.op("neg", 1.0)
        with b.at():
            b.op("neg", 1.0)
        b.op("neg", 1.0)
    found = [(op.stmt, op.loc, op.why, op.form) for op in b.ops]
    assert found == [(stmt, "span", "adjoint", "method"), (None, None, "", ""), (stmt, "span", "adjoint", "method")]


# ---------------------------------------------------------------------------------------------------------------- facts


def test_what_a_branch_relies_on_holds_only_there() -> None:
    b = Builder()
    x, y = Value(VECTOR), Value(Array("f64", (m,)))
    with b.region():
        b.op("matmul", x, y)
    assert not any(fact.right is not None for fact in b.facts)
    b.op("matmul", x, y)
    assert any(fact.right is not None for fact in b.facts)


def test_a_pass_records_what_its_ops_rely_on() -> None:
    class Multiply(Rebuild):
        def visit(self, op: Op) -> Sequence[Value] | None:
            if op.name == "neg":
                self.b.op("matmul", *self.function.params)
            return None

    function = parse("def f(x: f64[n], y: f64[m]) -> float:\n    z = neg(1.0)\n    return z\n")
    assert not function.facts
    assert any(fact.right is not None for fact in Multiply(function).run().facts)


# -------------------------------------------------------------------------------------------------------------- rebuild


@pytest.mark.parametrize("seed", range(20))
def test_a_pass_that_changes_nothing_gives_the_same_ops(seed: int) -> None:
    function = random_function(seed)
    again = Rebuild(function).run()
    assert equal(function, again, names=True)
    assert all(left is right for left, right in zip(function.body.ops, again.body.ops, strict=True))


def test_a_pass_replaces_values_everywhere() -> None:
    class Negated(Rebuild):
        def visit(self, op: Op) -> Sequence[Value] | None:
            return [self.b.op("mul", self.get(op.inputs[0]), -1.0)] if op.name == "neg" else None

    text = """
def f(x: float, c: bool) -> float:
    y: float = neg(x)
    z: float
    if c:
        u: float = neg(y)
        yield u
    else:
        yield y
    return z
"""
    found = Negated(parse(text)).run()
    verify(found)
    assert equal(found, parse(text.replace("neg(x)", "mul(x, -1.0)").replace("neg(y)", "mul(y, -1.0)")))


def test_copies_of_blocks_have_values_of_their_own() -> None:
    function = random_function(3)
    x, *_ = function.params
    stand_in = Value(x.type, "z")
    body = copy_block(Block((), function.body.ops, function.body.results), {x: stand_in})
    old = {value for op in function.body.walk() for value in op.results}
    new = {value for op in body.walk() for value in op.results}
    assert not old & new and len(old) == len(new)
    assert x not in free_values(body)


def test_free_values_come_in_order_of_use() -> None:
    function = parse("""
def f(x: float, y: float, c: bool) -> float:
    z: float
    if c:
        u = add(y, x)
        yield u
    else:
        yield hole(float)
    return z
""")
    x, y, c = function.params
    (branch,) = function.body.ops
    assert list(free_values(branch.blocks[0])) == [y, x]
    assert list(free_values(function.body)) == []
    assert list(free_values(Block((), function.body.ops, ()))) == [c, y, x]


# ---------------------------------------------------------------------------------------------- expressions of rules


def built(text: str, **names: Value) -> str:
    b = Builder()
    result = read(b, text, names)
    params = tuple(names.values())
    parameters = tuple(Parameter(name, Leaf()) for name in names)
    function = Function("f", parameters, Block(params, b.ops, (result,)), Leaf())
    verify(function)
    return to_text(function).partition(":\n")[2].replace("    ", "", 1)


def test_an_expression_becomes_ops() -> None:
    x, g = Value(FLOAT, "x"), Value(FLOAT, "g")
    assert built("-g * x ** 2 if x > 0 else g / -2.0", x=x, g=g).splitlines() == [
        "_1: bool = gt(x, 0)",
        "    _2: float",
        "    if when(_1, _form='ifexp'):",
        "        _3: float = neg(g)",
        "        _4: float = pow(x, 2)",
        "        _5: float = mul(_3, _4)",
        "        yield _5",
        "    else:",
        "        _6: float = div(g, -2.0)",
        "        yield _6",
        "    return _2",
    ]
    assert free_names("g * where(x > 0, cos(x), n)") == {"g", "x", "n"}


def test_attributes_of_calls() -> None:
    x = Value(VECTOR, "x")
    assert "sum(x, axis=0, keepdims=True)" in built("sum(x, axis=0, keepdims=True)", x=x)


def test_branches_of_unlike_lengths_do_not_share_a_symbol() -> None:
    b = Builder()
    x, y, c = Value(VECTOR, "x"), Value(Array("f64", (m,)), "y"), Value(read_type("bool"), "c")
    found = [read(b, "x if c else y", {"x": x, "y": y, "c": c}).type for _ in range(2)]
    assert found[0] != found[1]


@pytest.mark.parametrize("text", ["[x]", "x[0]", "x.T", "lambda: x", "x < 1 < 2"])
def test_what_is_no_expression_of_rules(text: str) -> None:
    with pytest.raises(ValueError, match="not part of the notation"):
        read(Builder(), text, {"x": Value(FLOAT, "x")})


# ------------------------------------------------------------------------------------------------------- trees, tables


def test_structures_are_taken_apart_and_put_together() -> None:
    tree = Node("dict", ("w", "b"), (Node("tuple", (0, 1), (Leaf(), Leaf())), Node("list", (0,), (Leaf(),))))
    value = {"w": (1.0, 2.0), "b": [3.0]}
    assert flatten(tree, value) == [1.0, 2.0, 3.0] and unflatten(tree, [1.0, 2.0, 3.0]) == value
    assert leaf_paths(tree) == [("w", 0), ("w", 1), ("b", 0)] and leaf_count(tree) == 3


def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="'neg' is declared twice"):
        declare(OpDef("neg", "general", OPS["neg"].infer, OPS["neg"].evaluate))


def test_holes_and_constants() -> None:
    assert repr(hole(FLOAT).value) == "hole"
    b = Builder()
    assert [str(b.constant(x).type) for x in (True, 2, 2.0, 2j)] == ["bool", "int[2]", "float", "complex"]
    assert isinstance(b.value(3), Constant)
    assert repr(b.op("neg", Value(FLOAT, "x"), hint="y")) == "%y: float"


def test_facts_are_written_as_they_are_meant() -> None:
    assert str(Fact(n - 1)) == "n - 1 != 1" and str(Fact(n, size("k") + 1)) == "n == k + 1"
