"""From trees to text: precedence, constants, comments; and the text that people read."""

from __future__ import annotations

import ast
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srcdiff.emit.comments import Comment
from srcdiff.emit.numpy import attribute, index_object, literal, name, negated, subscript, template
from srcdiff.emit.text import NOTE, readable, to_text
from srcdiff.ir.types import Scalar

BINARY = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult, ast.FloorDiv, ast.Mod, ast.BitAnd, ast.BitOr]

leaves = st.one_of(
    st.sampled_from("xyz").map(name),
    st.sampled_from([-2, 0, 3, -2.5, 1e300, True, "text", 'with "quotes"', None]).map(literal),
)


def combined(inner: st.SearchStrategy[ast.expr]) -> st.SearchStrategy[ast.expr]:
    return st.one_of(
        st.builds(lambda op, a, b: ast.BinOp(a, op(), b), st.sampled_from(BINARY), inner, inner),
        st.builds(lambda op, a: ast.UnaryOp(op(), a), st.sampled_from([ast.USub, ast.Not, ast.Invert]), inner),
        st.builds(lambda a, b: ast.Compare(a, [ast.Lt()], [b]), inner, inner),
        st.builds(lambda op, a, b: ast.BoolOp(op(), [a, b]), st.sampled_from([ast.And, ast.Or]), inner, inner),
        st.builds(ast.IfExp, inner, inner, inner),
        st.builds(lambda a, b: ast.Call(name("f"), [a], [ast.keyword("axis", b)]), inner, inner),
        st.builds(lambda a, b, c: subscript(a, "@, :@, None", [b, c]), inner, inner, inner),
        st.builds(lambda a: ast.Attribute(a, "T", ast.Load()), inner),
        st.builds(lambda a, b: ast.Call(name("f"), [ast.Tuple([a, b], ast.Load())], []), inner, inner),
        st.builds(lambda a: ast.List([ast.Tuple([a], ast.Load())], ast.Load()), inner),
        st.builds(lambda a, b: ast.Dict([ast.Constant("k")], [ast.List([a, b], ast.Load())]), inner, inner),
    )


@given(st.recursive(leaves, combined, max_leaves=8))
@settings(max_examples=200, deadline=None)
def test_text_means_the_tree(tree: ast.expr) -> None:
    """The text parses to the tree, and ``ast.unparse`` of the tree parses to the same."""
    text = to_text([ast.Assign([ast.Name("r", ast.Store())], tree)])
    (assignment,) = ast.parse(text).body
    assert isinstance(assignment, ast.Assign)
    other = ast.parse(ast.unparse(ast.fix_missing_locations(tree)), mode="eval").body
    assert ast.dump(assignment.value) == ast.dump(other)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-2.0, "-2.0"), (-0.0, "-0.0"), (math.inf, "np.inf"), (-math.inf, "-np.inf"), (math.nan, "np.nan"),
        (np.float64(0.1), "0.1"), (np.int64(-3), "-3"), (True, "True"), (1j, "complex(0.0, 1.0)"), ((0, -1), "0, -1"),
        ("it's", '"it\'s"'), (1e22, "1e+22"),
    ],
)
def test_literals(value: object, text: str) -> None:
    printed = to_text([ast.Expr(ast.List([literal(value)], ast.Load()))]) if isinstance(value, str) else to_text(
        [ast.Return(literal(value))]
    ).removeprefix("return ")
    assert printed.strip().strip("[]") == text


def test_numpy_scalars_keep_their_dtype() -> None:
    assert ast.unparse(literal(np.float32(0.5), Scalar("f32"))) == "np.float32(0.5)"


def test_the_base_of_a_power_keeps_its_sign() -> None:
    text = to_text([ast.Return(ast.BinOp(literal(-2.0), ast.Pow(), name("n")))])
    assert text == "return (-2.0) ** n\n"


def test_comments_and_blank_lines() -> None:
    body: list[ast.stmt] = [
        Comment("first"),
        ast.Expr(name("a")),
        Comment(""),
        Comment("second"),
        ast.If(name("c"), [Comment("inside"), ast.Pass()], [Comment("else"), ast.If(name("d"), [ast.Pass()], [])]),
    ]
    assert to_text(body) == (
        "# first\na\n\n# second\nif c:\n    # inside\n    pass\nelse:\n    # else\n    if d:\n        pass\n"
    )


def test_index_objects() -> None:
    maker = attribute("np.s_")
    assert ast.unparse(index_object("@, @", [name("i"), name("j")], maker)) == "(i, j)"
    assert ast.unparse(index_object("@", [name("i")], maker)) == "i"
    assert ast.unparse(index_object(":, @", [name("i")], maker)) == "np.s_[:, i]"


def test_templates_know_their_operands() -> None:
    assert template("a @ b")[1] == ("a", "b")
    assert template("x.copy()")[1] == ("x",)
    assert template("np.sum(x, axis=None)")[1] == ("x",)
    assert template("np.broadcast_to(g, np.shape(x))")[1] == ("g", "x")
    assert template("[0.0] * len(xs)")[1] == ("xs",)
    assert negated(name("x")) is None


def test_readable_text_is_blacks() -> None:
    assert readable("f( x[ 'a' ] )\n") == 'f(x["a"])\n'


def test_long_text_is_left_alone_and_says_so() -> None:
    text = "x = 'a'\n" * 1001
    assert readable(text) == NOTE + text
