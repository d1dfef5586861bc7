"""The function that joins the two sweeps of a split derivative.

    def f_vjp(x):
        value, kept = f_forward(x)

        def pullback(value_bar):
            if np.shape(value_bar) != value.shape:
                raise TypeError("value_bar has the shape of the value of f")
            return f_backward(kept, value_bar)

        return value, pullback
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import replace

from srcdiff.ir.core import Function
from srcdiff.ir.structure import Node, Parameter, leaf_paths
from srcdiff.ir.types import Array

from .module import Emitted, Surroundings, define, imports_of
from .numpy import call, name
from .parameters import Parameters, assign, reach
from .text import to_text


def emit_pullback(forward: Function, backward: Function, called: str, doc: str, has_aux: bool) -> Emitted:
    """The text of the function ``called``; has_aux: its value is (result, aux), and the result has the cotangent."""
    taken = {parameter.name for parameter in forward.parameters} | {backward.parameters[1].name}
    kept, inner = (_free(word, taken) for word in ("kept", "pullback"))
    assert isinstance(forward.returns, Node)
    value = Parameter(_free("value", taken), forward.returns.children[0])
    results = [reach(value, (0,)), reach(value, (1,))] if has_aux else [name(value.name)]
    body: list[ast.stmt] = [
        assign([ast.Name(value.name, ast.Store()), ast.Name(kept, ast.Store())], [_swept(forward)]),
        _pullback(inner, kept, value, forward, backward, has_aux),
        ast.Return(ast.Tuple([results[0], name(inner), *results[1:]], ast.Load())),
    ]
    whole = define(called, Parameters(replace(forward, name=called)).signature(), body, doc)
    return Emitted(called, to_text([whole]), imports_of(whole, Surroundings.of(forward)))


def _swept(forward: Function) -> ast.expr:
    """The forward sweep of the parameters, as they came."""
    positional: list[ast.expr] = [name(p.name) for p in forward.parameters if p.kind == "positional"]
    named = [ast.keyword(p.name, name(p.name)) for p in forward.parameters if p.kind != "positional"]
    return ast.Call(name(forward.name), positional, named)


def _pullback(
    called: str, kept: str, value: Parameter, forward: Function, backward: Function, has_aux: bool
) -> ast.stmt:
    cotangent = backward.parameters[1]
    swept = ast.Call(name(backward.name), [name(kept), name(cotangent.name)], [])
    takes = ast.arguments([], [ast.arg(cotangent.name)], None, [], [], None, [])
    renamed = Surroundings.of(forward).renamed
    tests = list(_unlike(value, cotangent, backward, has_aux, renamed.get("np", name("np"))))
    body: list[ast.stmt] = [ast.Return(swept)]
    if tests:
        said = ast.Constant(f"{cotangent.name} has the shape of the value of {forward.name.removesuffix('_forward')}")
        error = call(renamed.get("TypeError", "TypeError"), said)
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), tests)
        body.insert(0, ast.If(test, [ast.Raise(error, None)], []))
    return define(called, takes, body)


def _unlike(
    value: Parameter, cotangent: Parameter, backward: Function, has_aux: bool, numpy: ast.expr
) -> Iterator[ast.expr]:
    """The tests that a part of the cotangent has another shape than that of the value (the sweep checks its type)."""
    paths = leaf_paths(cotangent.tree)
    for path, seed in zip(paths, backward.params[-len(paths) :], strict=True):
        if isinstance(seed.type, Array):
            given = call(ast.Attribute(numpy, "shape", ast.Load()), reach(cotangent, path))
            own = ast.Attribute(reach(value, (0, *path) if has_aux else path), "shape", ast.Load())
            yield ast.Compare(given, [ast.NotEq()], [own])


def _free(word: str, taken: Collection[str]) -> str:
    return _free(word + "_", taken) if word in taken else word
