"""Printing and parsing: what is printed is Python syntax and parses back to the same function."""

from __future__ import annotations

import ast
import inspect
import math
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

import srcdiff.rules  # noqa: F401  (the table of operations)
from srcdiff.ir import text as text_module
from srcdiff.ir.build import Builder
from srcdiff.ir.core import Block, Constant, Function, Statement, Value, hole
from srcdiff.ir.dims import Fact, axis, integer, size
from srcdiff.ir.equal import equal
from srcdiff.ir.literals import is_literal, literal, read_literal
from srcdiff.ir.parse import ParseError, parse
from srcdiff.ir.structure import Fixed, Leaf, Node, Parameter
from srcdiff.ir.text import to_text
from srcdiff.ir.types import FLOAT, INT, Array, int_of
from srcdiff.ir.verify import verify

from .programs import random_function, straight_line

TEXTS = sorted((Path(__file__).parent / "texts").glob("*.ir"))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_text_survives_a_round_trip(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    function = parse(text)
    verify(function)
    assert to_text(function) == text
    assert equal(parse(to_text(function)), function, names=True)


def test_the_example_of_the_documentation() -> None:
    example = inspect.cleandoc((text_module.__doc__ or "").partition("reads it back.")[2].partition("Results of")[0])
    function = parse(example)
    verify(function)
    assert to_text(function) == example + "\n"


@pytest.mark.parametrize("seed", range(60))
def test_random_functions_survive_a_round_trip(seed: int) -> None:
    function = random_function(seed)
    verify(function)
    text = to_text(function)
    ast.parse(text)
    again = parse(text)
    verify(again)
    assert equal(function, again)
    assert to_text(again) == text


def test_hints_survive_unless_they_are_no_names() -> None:
    hints = ["x", "x", "", "x__2", "_1", "_", "__", "y_2", "x__", "größe", "x"]
    values = tuple(Value(FLOAT, hint) for hint in hints)
    function = with_params(values)
    again = parse(to_text(function))
    assert [value.name for value in again.params] == hints
    assert equal(function, again, names=True)
    odd = with_params(tuple(Value(FLOAT, hint) for hint in ["lambda", "p.w", "p['w']", "2x", "a b"]))
    assert equal(odd, parse(to_text(odd)))


def with_params(params: tuple[Value, ...]) -> Function:
    tree = Node("tuple", tuple(range(len(params))), (Leaf(),) * len(params))
    return Function("f", (Parameter("p", tree),), Block(params, (), params), tree)


def test_names_do_not_depend_on_what_follows() -> None:
    """Adding an op at the end leaves the text before it as it was."""
    short, long = to_text(straight_line(10)).splitlines(), to_text(straight_line(20)).splitlines()
    assert long[: len(short) - 1] == short[:-1]


# ------------------------------------------------------------------------------------------------------------- symbols


def test_symbols_of_one_name_are_told_apart() -> None:
    dims = (axis("n"), size("n"), axis("float"), size("x__axis"), size("max(n - 1, 0)"), axis("f64") * 2)
    params = (Value(Array("f64", dims), "x"), Value(int_of(integer("n")), "n"))
    function = replace(with_params(params), facts=(Fact(axis("n"), integer("n")), Fact(size("n"))))
    again = parse(to_text(function))
    assert again.params[0].type == params[0].type and again.params[1].type == params[1].type
    assert again.facts == function.facts
    assert equal(again, function, names=True)


def test_values_and_symbols_may_have_the_same_name() -> None:
    function = parse("def f(n: int[n], x: f64[n]) -> f64[n]:\n    return x\n")
    assert str(function.params[0].type) == "int[n]" and function.params[0].name == "n"


# ----------------------------------------------------------------------------------------------------------- constants


@pytest.mark.parametrize(
    "value",
    [
        0,
        -3,
        10**30,
        True,
        None,
        ...,
        1.5,
        -0.0,
        math.inf,
        -math.inf,
        1e-300,
        2j,
        complex(-0.0, -math.inf),
        "a'b\n",
        b"x",
    ]
    + [(), (1,), (1, (2.0, None)), [1, -2], ("a", [True])],
    ids=repr,
)
def test_literals_are_read_back(value: object) -> None:
    assert is_literal(value)
    found = read_literal(ast.parse(literal(value), mode="eval").body)
    assert literal(found) == literal(value) and type(found) is type(value)


def test_nan_is_a_literal() -> None:
    assert math.isnan(read_literal(ast.parse(literal(math.nan), mode="eval").body))


@pytest.mark.parametrize("value", [object, {1: 2}, int, len, (1, {2})], ids=str)
def test_what_is_no_literal(value: object) -> None:
    assert not is_literal(value)
    with pytest.raises(ValueError, match="not a constant"):
        literal(value)


def test_constants_keep_type_and_name() -> None:
    constants = (
        Constant(FLOAT, "alpha", 0.5),
        Constant(FLOAT, "", 2),
        Constant(FLOAT, "beta", 2),
        Constant(INT, "", 7),
        Constant(FLOAT, "", -0.0),
        hole(Array("f64", (axis("n"),))),
    )
    tree = Node("tuple", tuple(range(6)), (Leaf(),) * 6)
    function = Function("f", (), Block((), (), constants), tree)
    assert "return (alpha := 0.5), const(2, float), (beta := const(2, float)), const(7, int), -0.0, hole(f64[n])" in (
        to_text(function)
    )
    assert equal(parse(to_text(function)), function, names=True)


# -------------------------------------------------------------------------------------------------------- the signature


class Net:
    """A record."""


def test_parameters_keep_their_kinds_and_structure() -> None:
    tree = Node("record", ("w", "rest"), (Leaf(), Node("list", (0,), (Leaf(),))), Net)
    parameters = (
        Parameter("p", tree),
        Parameter("act", Fixed(math.sin), "positional", "math.sin"),
        Parameter("mod", Fixed(math), "positional", "math"),
        Parameter("seed", Fixed(None), "keyword", "None"),
        Parameter("eps", Leaf(), "keyword", "1e-6 if True  else 0"),
        Parameter("h", Leaf(), "hidden"),
    )
    params = tuple(Value(FLOAT, name) for name in ("w", "b", "eps", "h"))
    function = Function("f", parameters, Block(params, (), params[:2]), tree, doc="Says 'hello'.\n\n    More.")
    text = to_text(function)
    assert ", h: hidden(float)) -> record(" in text
    assert "def f(p: record('tests.ir.test_text:Net', w=float, rest=list(float)), act: " in text
    again = parse(text)
    assert equal(again, function, names=True)
    assert again.parameters[4].default == "1e-6 if True  else 0"
    assert again.doc == function.doc
    built = again.returns.cls(w=1.0, rest=[])  # type: ignore[union-attr]
    assert built.w == 1.0


def test_a_parameter_whose_value_has_another_name() -> None:
    value = Value(FLOAT, "alpha")
    function = Function("f", (Parameter("a", Leaf()),), Block((value,), (), (value,)), Leaf())
    assert "alpha = leaves(a)" in to_text(function)
    assert equal(parse(to_text(function)), function, names=True)


# ---------------------------------------------------------------------------------------------------------- provenance


def test_statements_are_printed_when_asked() -> None:
    b = Builder()
    x = Value(FLOAT, "x")
    with b.at(stmt=Statement(9, "y = x * 'a'", 3, "y"), why="adjoint"):
        y = b.op("mul", x, 2.0, hint="y")
        z = b.op("mul", y, y)
    with b.at(stmt=Statement(10, "return z", 4)):
        z = b.op("neg", z)
    function = Function("f", (Parameter("x", Leaf()),), Block((x,), b.ops, (z,)), Leaf())
    plain, full = to_text(function), to_text(function, statements=True)
    assert plain.count("at(") == 2 and "    at(why='adjoint')\n" in plain and "    at()\n" in plain
    assert "    at(9, \"y = x * 'a'\", index=3, target='y', why='adjoint')\n" in full
    assert [op.stmt for op in parse(full).body.ops] == [op.stmt for op in b.ops]
    assert [op.stmt for op in parse(plain).body.ops] == [None] * 3
    assert [op.why for op in parse(plain).body.ops] == ["adjoint", "adjoint", ""]


def test_the_provenance_of_control_ops_is_their_own() -> None:
    text = """
def f(x: float, c: bool) -> float:
    at(why='adjoint')
    def test(y: float):
        at()
        t: bool = lt(y, 3.0)
        return t
    y__2: float
    while test(x):
        y__3: float = carry(x)
        at(why='tangent')
        y__4: float = add(y__3, 1.0)
        yield y__4
    z: float
    if when(c, hint='rare', _form='ternary'):
        yield y__2
    else:
        at(why='adjoint')
        u: float = neg(y__2)
        yield u
    return z
"""
    function = parse(text)
    loop, branch = function.body.ops
    assert (loop.why, branch.why, branch.form, branch.attrs) == ("adjoint", "tangent", "ternary", {"hint": "rare"})
    assert equal(parse(to_text(function)), function, names=True)


def test_a_marked_op_is_still_text() -> None:
    function = parse((Path(__file__).parent / "texts" / "scan.ir").read_text(encoding="utf-8"))
    for op in function.body.walk():
        text = to_text(function, op, "here")
        (line,) = [line for line in text.splitlines() if "# <-- here" in line]
        assert op.name in line or "each" in line
        assert equal(parse(text), function, names=True)


# --------------------------------------------------------------------------------------------------- written by hand


def test_types_may_be_left_out() -> None:
    function = parse("""
def f(x: f64[n], w: float) -> f64:
    m = dim(x, axis=0)
    r = range(0, m, 1)
    y: f64[n]
    for i, e in each(r, x):
        y = carry(x)
        e = mul(e, w)
        y = set(y, e, i, index='@')
        yield y
    y = sum(y, axis=None, keepdims=False)
    return y
""")
    verify(function)
    assert (
        to_text(function).splitlines()
        == """\
dims(n='axis', i_1='int')

def f(x: f64[n], w: float) -> f64:
    m: int[n] = dim(x, axis=0)
    r: [int, n] = range(0, m, 1)
    y: f64[n]
    for i, e in each(r, x):
        i: int[i_1]
        e: f64
        y__2: f64[n] = carry(x)
        e__2: f64 = mul(e, w)
        y__3: f64[n] = set(y__2, e__2, i, index='@')
        yield y__3
    y__4: f64 = sum(y, axis=None, keepdims=False)
    return y__4""".splitlines()
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def f(x: float) -> float:\n    return x +", "line 2: invalid syntax"),
        ("def f(x: float) -> float:\n    y: float = nope(x)\n    return y", "line 2: there is no operation nope"),
        ("def f(x: float) -> float:\n    return y", "line 2: a name that is not defined: y"),
        ("def f(x) -> float:\n    return x", "line 1: a parameter has no type"),
        ("def f(x: float):\n    return x", "line 1: a function with an annotated result is due"),
        ("x = 1", "a function with an annotated result is due"),
        ("", "a function with an annotated result is due"),
        ("import os\ndef f() -> ():\n    pass", "line 1: not part of the head"),
        ("def f(x: float | int) -> float:\n    return x", "line 1: not a type: float | int"),
        ("def f(x: float) -> float:\n    y: floot = neg(x)\n    return y", "line 2: not a type: floot"),
        ("def f(x: float) -> float:\n    y, z = neg(x)\n    return y", "line 2: neg has 1 results"),
        ("def f(x: [float]) -> float:\n    y = neg(x)\n    return y", "line 2: "),
        ("def f(x: float) -> float:\n    y: float = neg(x + 1)\n    return y", "line 2: not a constant: x + 1"),
        ("def f(x: float) -> float:\n    y: float = neg('a')\n    return y", "line 2: not a number: 'a'"),
        ("def f(x: float) -> float:\n    y: float = x\n    return y", "line 2: an operation is due: x"),
        (
            "def f(x: float) -> float:\n    for i in range(3):\n        pass\n    return x",
            "line 2: `for i, x_i in each",
        ),
        (
            "def f(x: float) -> float:\n    for i, j in each(x):\n        pass\n    return x",
            "line 2: `for i, x_i in each",
        ),
        ("def f(x: float) -> float:\n    for i in each(x):\n        pass\n    return x", "line 2: cannot loop over"),
        ("def f(x: float) -> float:\n    while test(x):\n        pass\n    return x", "line 2: while without a test"),
        ("def f(x: float) -> float:\n    with x:\n        pass\n    return x", "line 2: not part of the IR: with x:"),
        ("def f(p: (float,)) -> float:\n    a, b = leaves(p)\n    return a", "line 2: p has 1 leaves"),
        ("def f(p: (float,)) -> float:\n    a = leaves(q)\n    return a", "line 2: not a parameter"),
        ("def f(p: (float, other(3))) -> ():\n    pass", "line 1: not a structure: other(3)"),
    ],
)
def test_what_is_no_ir(text: str, problem: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert problem in str(caught.value)


# --------------------------------------------------------------------------------------------------------- equality


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mul(w, _4)", "mul(_4, w)"),
        ("mul(w, _4)", "add(w, _4)"),
        ("sub(i, 1)", "sub(i, 2)"),
        ("sub(i, 1)", "sub(i, True)"),
        ("axis=None", "axis=0"),
        ("keepdims=False", "keepdims=0"),
        ("each(_2)", "each(_2, reverse=True)"),
        ("carry(x)", "carry(hole(f64[n]))"),
        ("yield y__3, e", "yield y__2, e"),
        ("return total, y, y_kept", "return total, x, y_kept"),
        ("_6: f64 = add(_5, e)", "_6: float | f64 = add(_5, e)"),
        ("_6: f64 = add(_5, e)", "_6: f64 = add(_5, e, _form='np.add')"),
        ("def scan(w: float,", "def scan(w: int,"),
        ("def scan(w: float, x: f64[n])", "def scan(w: float, x: f64[n] = None)"),
        ("def scan(", "def scam("),
        ("'A recurrence", "'The recurrence"),
        ("(f64, f64[n], [f64])", "list(f64, f64[n], [f64])"),
        ("dims(n='axis', i_1='int')", "dims(n='size', i_1='int')"),
        ("dims(n='axis', i_1='int')", "dims(n='axis', i_1='int')\nrequire(n != 1)"),
        ("    _1: int[n] = dim(x, axis=0)\n", "    _1: int[n] = dim(x, axis=0)\n    at(why='adjoint')\n"),
        ("        yield", "        u: f64 = neg(e)\n        yield"),
    ],
)
def test_different_functions_are_not_equal(old: str, new: str) -> None:
    text = (Path(__file__).parent / "texts" / "scan.ir").read_text(encoding="utf-8")
    assert old in text
    other = parse(text.replace(old, new))
    assert not equal(parse(text), other)
    assert not equal(other, parse(text))


def test_names_of_values_count_only_when_asked() -> None:
    text = (Path(__file__).parent / "texts" / "scan.ir").read_text(encoding="utf-8")
    renamed = re.sub(r"\be\b", "cell", text)
    left, right = parse(text), parse(renamed)
    assert equal(left, right) and not equal(left, right, names=True)


# ------------------------------------------------------------------------------------------------------------- speed


def test_printing_and_verifying_are_linear() -> None:
    def seconds(count: int) -> float:
        function = straight_line(count)
        start = time.perf_counter()
        verify(function)
        to_text(function)
        return time.perf_counter() - start

    seconds(100)
    small, large = min(seconds(500) for _ in range(3)), min(seconds(4000) for _ in range(3))
    assert large < 24 * small


def test_a_default_in_front_of_a_parameter_without_one_is_left_out() -> None:
    """Tangents stand behind the author's parameters, and have no defaults."""
    values = tuple(Value(FLOAT, hint) for hint in ("a", "b", "b_dot", "c"))
    kinds = [("a", "positional", ""), ("b", "positional", "1.0"), ("b_dot", "positional", ""), ("c", "keyword", "2.0")]
    parameters = tuple(Parameter(name, Leaf(), kind, default) for name, kind, default in kinds)
    text = to_text(replace(with_params(values), parameters=parameters))
    assert "(a: float, b: float, b_dot: float, *, c: float = 2.0)" in text
    assert to_text(parse(text)) == text
