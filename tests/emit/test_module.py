"""Functions and modules as a whole: containers, records, hidden parameters, helpers, comments, imports."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pytest

import srcdiff.rules  # noqa: F401
from srcdiff.emit.helpers import needed, table
from srcdiff.emit.module import Emitted, emit, emit_part, module_text
from srcdiff.ir.build import Builder
from srcdiff.ir.core import Block, Function, Statement, Value
from srcdiff.ir.opdef import OpDef
from srcdiff.ir.parse import parse
from srcdiff.ir.structure import Fixed, Leaf, Node, Parameter
from srcdiff.ir.types import FLOAT, UNKNOWN

from .support import execute


@dataclass
class Line:
    slope: float
    offset: float


class Pair(NamedTuple):
    first: float
    second: float


def record(cls: type, *keys: str) -> Node:
    return Node("record", keys, (Leaf(),) * len(keys), cls)


def line_function() -> Function:
    """A record that comes in and goes out, and a named tuple that only goes out."""
    b = Builder()
    slope, offset, x = (Value(FLOAT, name) for name in ("slope", "offset", "x"))
    y = b.op("add", b.op("mul", slope, x), offset)
    parameters = (Parameter("q", record(Line, "slope", "offset")), Parameter("x", Leaf(), "keyword", "2.0"))
    returns = Node("tuple", (0, 1), (record(Line, "slope", "offset"), record(Pair, "first", "second")))
    return Function("f", parameters, Block((slope, offset, x), b.ops, (y, x, offset, y)), returns)


def test_records_are_taken_apart_and_built_again() -> None:
    emitted = emit(line_function())
    assert "slope, offset = q.slope, q.offset" in emitted.text
    assert "type(q)(slope=" in emitted.text
    assert emitted.imports == (f"from {Pair.__module__} import Pair",)
    call = execute(module_text([emitted]), "f")
    assert call(Line(3.0, 1.0)) == (Line(7.0, 2.0), Pair(1.0, 7.0))
    assert call(Line(3.0, 1.0), x=1.0) == (Line(4.0, 1.0), Pair(1.0, 4.0))
    with pytest.raises(TypeError):
        call(Line(3.0, 1.0), 1.0)


def test_constants_in_results() -> None:
    tree = Node("dict", ("a", "b", "c"), (Fixed(None), Fixed("text"), Node("tuple", (0,), (Leaf(),))))
    x = Value(FLOAT, "x")
    function = Function("f", (Parameter("x", Leaf()),), Block((x,), (), (x,)), tree)
    assert execute(emit(function).text, "f")(1.5) == {"a": None, "b": "text", "c": (1.5,)}


def test_hidden_parameters_come_last_by_name() -> None:
    x, scale = Value(FLOAT, "x"), Value(FLOAT, "scale")
    b = Builder()
    y = b.op("mul", x, scale)
    parameters = (Parameter("scale", Leaf(), "hidden"), Parameter("x", Leaf()))
    text = emit(Function("f", parameters, Block((scale, x), b.ops, (y,)), Leaf())).text
    assert "def f(x, *, scale):" in text


def test_the_docstring() -> None:
    function = replace(line_function(), doc='Says "hello".\n\nAnd \\ more.')
    tree = ast.parse(emit(function).text)
    assert ast.get_docstring(tree.body[0]) == 'Says "hello".\n\nAnd \\ more.'  # type: ignore[arg-type]


def test_helpers_are_copied_once_and_only_when_needed() -> None:
    b = Builder()
    x, g = Value(UNKNOWN, "x"), Value(UNKNOWN, "g")
    y = b.op("unbroadcast", g, x)
    function = Function("f", (Parameter("x", Leaf()), Parameter("g", Leaf())), Block((x, g), b.ops, (y,)), Leaf())
    emitted = emit(function)
    assert emitted.helpers == ("unbroadcast",)
    text = module_text([emitted, replace(emitted, text=emitted.text.replace("def f", "def f2"))], '"""Head."""')
    assert text.count("def unbroadcast") == 1
    assert text.startswith('"""Head."""\n\nimport numpy as np\n\n\ndef unbroadcast')
    assert execute(text, "f")(np.ones((1, 3)), np.ones((2, 3))).shape == (1, 3)
    assert needed(["nothing", "np"]) == []


def test_helpers_stand_alone() -> None:
    for name, text in table().items():
        assert ast.get_docstring(ast.parse(text).body[0])  # type: ignore[arg-type]
        assert "type:" not in text
        execute("import numpy as np\n" + "\n".join(table()[other] for other in needed([name])), name)


def test_the_short_function() -> None:
    function = replace(line_function(), name="f_value_and_grad")
    short = emit_part(replace(function, name="f_grad"), function, 1, "The second result.")
    assert short.text == (
        'def f_grad(q, *, x=2.0):\n    """The second result."""\n    return f_value_and_grad(q, x=x)[1]\n'
    )
    assert execute(module_text([emit(function), short]), "f_grad")(Line(3.0, 1.0)) == Pair(1.0, 7.0)


def test_the_authors_comments_stay_with_their_statements() -> None:
    b = Builder()
    x = Value(FLOAT, "x")
    with b.at(Statement(3, "y = math.sin(x)", 0)):
        y = b.op("math_sin", x, hint="y")
    with b.at(Statement(6, "z = math.cos(y)", 1)):
        z = b.op("math_cos", y, hint="z")
    comments = {2: "# first", 3: "# beside it", 5: "#  two ", 9: "# at the end"}
    function = Function("f", (Parameter("x", Leaf()),), Block((x,), b.ops, (z,)), Leaf(), comments=comments)
    assert [line.strip() for line in emit(function).text.splitlines()[3:]] == [
        "# first", "# beside it", "y = math.sin(x)", "# two", "# at the end", "z = math.cos(y)", "return z",
    ]


def test_several_results() -> None:
    types = (FLOAT, FLOAT)
    pair = OpDef("pair", "general", lambda typing, given, attrs: types, divmod, "divmod(a, b)", ())
    b = Builder()
    x = Value(FLOAT, "x")
    first, second = b.op_many(pair, x, 2.0)
    third, _ = b.op_many(pair, first, second)
    function = Function("f", (Parameter("x", Leaf()),), Block((x,), b.ops, (third,)), Leaf())
    text = emit(function).text
    assert execute(text, "f")(7.0) == 3.0
    assert ", _ = divmod(" in text


def test_marks_leave_no_trace() -> None:
    text = emit(parse("""
def f(z: float) -> (float, float):
    p = math_exp(z)
    p__2 = stable(p, z, rule='sigmoid')
    at(why='adjoint')
    z_bar = mul(p__2, p__2)
    return p__2, z_bar
""")).text
    assert "stable" not in text and "z_bar = p * p" in text


def test_an_empty_function() -> None:
    function = Function("f", (), Block((), (), ()), Node("tuple", (), ()))
    assert execute(emit(function).text, "f")() == ()


def test_imports_are_sorted() -> None:
    part = Emitted("f", "x = 1\n", ("import numpy as np", "from b import c", "import math", "import builtins"))
    assert module_text([part]).splitlines()[:4] == [
        "import builtins", "import math", "import numpy as np", "from b import c",
    ]


def test_options_are_values() -> None:
    x: Any = emit(line_function())
    assert x == emit(line_function())
