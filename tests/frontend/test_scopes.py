"""Bound, read and live names; the fence."""

from __future__ import annotations

import ast
import textwrap

import pytest

from srcdiff.diagnostics import Source
from srcdiff.frontend import scopes
from srcdiff.frontend.source import FunctionText
from srcdiff.frontend.subset import ACCEPTED, CONSTRUCTS, Refused, check


def text_of(source: str) -> FunctionText:
    source = textwrap.dedent(source)
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    return FunctionText(node.name, node, Source("f.py", source), {}, {})


def test_every_node_of_the_grammar_is_in_the_table() -> None:
    abstract = {ast.mod, ast.stmt, ast.expr, ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop}
    abstract |= {ast.excepthandler, ast.pattern, ast.type_ignore, ast.slice, ast.AST}
    unused = {"Module", "Interactive", "Expression", "FunctionType", "TypeIgnore", "Index", "ExtSlice", "Suite", "Param"}
    unused |= {"AugLoad", "AugStore", "Num", "Str", "Bytes", "NameConstant", "Ellipsis"}
    newer = {"TypeAlias", "TypeVar", "ParamSpec", "TypeVarTuple", "type_param", "TemplateStr", "Interpolation"}
    kinds = {kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)}
    missing = {kind for kind in kinds - abstract - set(CONSTRUCTS) if kind.__name__ not in unused | newer}
    assert missing == set()
    assert all(entry == ACCEPTED or isinstance(entry, Refused) for entry in CONSTRUCTS.values())


@pytest.mark.parametrize("kind", [kind for kind, entry in CONSTRUCTS.items() if isinstance(entry, Refused)])
def test_refusals_name_the_construct_and_a_way_out(kind: type[ast.AST]) -> None:
    entry = CONSTRUCTS[kind]
    assert isinstance(entry, Refused) and entry.what and entry.hint
    assert not entry.hint.endswith(".")


def test_a_refused_construct_is_reported_once() -> None:
    found = check(text_of("""
        def f(x):
            y = {a for a in {b for b in x}}
            while x:
                class y: ...
            return lambda: (yield 1)
    """))
    assert sorted(problem.message for problem in found) == [
        "`yield` is not supported", "a class inside a function is not supported",
        "a set comprehension is not supported",
    ]


BODY = """
def f(x, n):
    a = 1
    for i in range(n):
        b = a + i
        c = b
        x[i] = c
        a += 1
    if n:
        d = b
    else:
        e = 1
        while e < n:
            e = e + g
            g = e
    return d
"""


def test_liveness() -> None:
    text = text_of(BODY)
    loop, branch = text.body[1], text.body[2]
    live = scopes.Liveness(text)
    assert isinstance(loop, ast.For) and isinstance(branch, ast.If)
    inner = branch.orelse[1]
    assert isinstance(inner, ast.While)
    known = {"x", "a", "b", "c", "d", "e", "g", "i", "n"}
    assert live.after(branch) == {"d"}
    assert live.after(loop) & known == {"b", "n", "g", "d"}
    assert live.head(loop) & known == {"a", "b", "n", "x", "g", "d"}
    assert live.head(inner) & known == {"e", "n", "g", "d"}


def test_names_that_inner_functions_read_are_always_live() -> None:
    text = text_of("""
        def f(x):
            k = 2
            def g(y):
                return y * k
            if x > 0:
                x = g(x)
            return x
    """)
    branch = text.body[2]
    assert {"k", "y", "x"} <= scopes.Liveness(text).after(branch)


def test_bound_names() -> None:
    text = text_of(BODY)
    assert list(scopes.bound(text.body)) == ["a", "i", "b", "c", "x", "d", "e", "g"]
    assert scopes.local_names(text) == {"x", "n", "a", "i", "b", "c", "d", "e", "g"}
    statements = ast.parse("np.add.at(y, i, v)\nz.w[0] = 1\nu += 1\ndef h(q): r = 1\nimport m.n as o, p.s")
    assert list(scopes.bound(statements.body)) == ["y", "z", "u", "h", "o", "p"]
    assert scopes.replaced(statements.body) == set()


def test_how_blocks_end() -> None:
    def body(text: str) -> list[ast.stmt]:
        return ast.parse(textwrap.dedent(text)).body

    assert scopes.never_falls(body("if a:\n  return 1\nelse:\n  raise b"))
    assert not scopes.never_falls(body("if a:\n  return 1"))
    assert scopes.may_return(body("if a:\n  return 1"))
    assert not scopes.may_return(body("def g():\n  return 1"))
