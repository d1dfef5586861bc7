"""Functions of derivatives: what ``grad``, ``value_and_grad``, ``vjp`` and ``jvp`` compute, as IR functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from srcdiff.ir.core import Block, Constant, Function, Value
from srcdiff.ir.structure import Fixed, Leaf, Node, Parameter, Tree, leaf_count, leaf_paths
from srcdiff.ir.types import FLOAT, Type, cotangent_type, is_inexact

from .forward import forward
from .reverse import reverse


@dataclass(frozen=True)
class Wrt:
    """What is differentiated: names of parameters; ``single``: the gradient is not packed in a tuple."""

    names: tuple[str, ...]
    single: bool


def wrt_leaves(function: Function, wrt: Wrt) -> list[Value]:
    """The differentiable leaves of the chosen parameters, in order."""
    return [leaf for name in wrt.names for leaf in _leaves_of(function, name) if is_inexact(leaf.type)]


def _leaves_of(function: Function, name: str) -> list[Value]:
    position = 0
    for parameter in function.parameters:
        count = leaf_count(parameter.tree)
        if parameter.name == name:
            return list(function.params[position : position + count])
        position += count
    raise KeyError(name)


def _gradient_tree(function: Function, wrt: Wrt) -> Tree:
    trees = {parameter.name: parameter.tree for parameter in function.parameters}
    chosen = tuple(_without_constants(trees[name], iter(_leaves_of(function, name))) for name in wrt.names)
    return chosen[0] if wrt.single else Node("tuple", tuple(range(len(chosen))), chosen)


def _without_constants(tree: Tree, leaves: Iterator[Value]) -> Tree:
    """The tree of a gradient: leaves that cannot be differentiated are None."""
    if isinstance(tree, Node):
        return replace(tree, children=tuple(_without_constants(child, leaves) for child in tree.children))
    if isinstance(tree, Fixed):
        return Fixed(None)
    return Leaf() if is_inexact(next(leaves).type) else Fixed(None)


def without_aux(function: Function) -> Function:
    """A function that returns (result, aux), as one that returns the result; KeyError if it returns no such pair."""
    returns = function.returns
    if not isinstance(returns, Node) or returns.kind != "tuple" or len(returns.children) != 2:
        raise KeyError("aux")
    result = returns.children[0]
    body = replace(function.body, results=function.body.results[: leaf_count(result)])
    return replace(function, body=body, returns=result)


def value_and_grad(function: Function, wrt: Wrt, active: set[Value], has_aux: bool = False) -> Function:
    """``f_value_and_grad``: (value, gradient) of a function with one scalar result.

    has_aux: the function returns (scalar, aux), and so does the value; only the scalar is differentiated.
    """
    main = without_aux(function) if has_aux else function
    seeds = [Constant(FLOAT, "", 1.0) for _ in main.body.results]
    return _reversed(function, main, wrt, active, seeds, (), "value_and_grad")


def vjp(function: Function, wrt: Wrt, active: set[Value], has_aux: bool = False) -> Function:
    """``f_vjp``: (value, gradient) for a given cotangent of the value, the last parameters.

    has_aux: the function returns (result, aux), and so does the value; the cotangent is that of the result.
    """
    main = without_aux(function) if has_aux else function
    words = [[key for key in path if isinstance(key, str) and key.isidentifier()] for path in leaf_paths(main.returns)]
    names = [f"{word[-1] if word else 'value'}_bar" for word in words]
    seeds = [Value(_seed_type(v.type), name) for v, name in zip(main.body.results, names, strict=True)]
    name = _free_name("value_bar", function)
    return _reversed(function, main, wrt, active, seeds, [Parameter(name, main.returns)], "vjp")


def _seed_type(primal: Type) -> Type:
    """The type of a tangent or cotangent that a caller passes: a Python float for a Python float."""
    return primal if primal == FLOAT else cotangent_type(primal)


def _reversed(
    function: Function,
    main: Function,
    wrt: Wrt,
    active: set[Value],
    seeds: Sequence[Value],
    extra: Sequence[Parameter],
    suffix: str,
) -> Function:
    swept = reverse(main, wrt_leaves(main, wrt), seeds, active)
    results = (*function.body.results, *swept.gradients)
    returns = Node("tuple", (0, 1), (function.returns, _gradient_tree(function, wrt)))
    leaves = [seed for seed in seeds if not isinstance(seed, Constant)]
    parameters, params = _with_parameters(function, extra, leaves)
    body = Block(params, swept.ops, results)
    name = f"{function.name}_{suffix}"
    return replace(function, name=name, parameters=parameters, body=body, returns=returns, facts=swept.facts)


def jvp(function: Function, wrt: Wrt, active: set[Value]) -> Function:
    """``f_jvp``: (value, tangent of the value) for given tangents of the chosen parameters, the last parameters."""
    leaves = wrt_leaves(function, wrt)
    tangents = {leaf: Value(_seed_type(leaf.type), f"{leaf.name}_dot") for leaf in leaves}
    trees = {parameter.name: parameter.tree for parameter in function.parameters}
    extra = [
        Parameter(
            _free_name(f"{name}_dot", function), _without_constants(trees[name], iter(_leaves_of(function, name)))
        )
        for name in wrt.names
    ]
    pushed = forward(function, tangents, active)
    parameters, params = _with_parameters(function, extra, list(tangents.values()))
    returns = Node("tuple", (0, 1), (function.returns, function.returns))
    body = Block(params, pushed.ops, (*function.body.results, *pushed.tangents))
    name = f"{function.name}_jvp"
    return replace(function, name=name, parameters=parameters, body=body, returns=returns, facts=pushed.facts)


def pushforward(function: Function, wrt: Wrt, active: set[Value], has_aux: bool = False) -> Function:
    """``f_pushforward``: the tangent of the value alone, for given tangents as in ``jvp``.

    has_aux: the function returns (result, aux); gives (tangent of the result, aux).
    """
    main = without_aux(function) if has_aux else function
    pushed = jvp(main, wrt, active)
    count = leaf_count(main.returns)
    results, returns = pushed.body.results[count:], main.returns
    if has_aux:
        assert isinstance(function.returns, Node)
        results += function.body.results[count:]
        returns = Node("tuple", (0, 1), (returns, function.returns.children[1]))
    name = f"{function.name}_pushforward"
    return replace(pushed, name=name, returns=returns, body=replace(pushed.body, results=results))


def gradient_only(function: Function, has_aux: bool = False) -> Function:
    """``f_grad`` from ``f_value_and_grad``: the second of the two results; with aux behind it, if there is any."""
    assert isinstance(function.returns, Node)
    value, gradient = function.returns.children
    results = function.body.results[leaf_count(value) :]
    if has_aux:
        assert isinstance(value, Node)
        result, aux = value.children
        results += function.body.results[leaf_count(result) : leaf_count(value)]
        gradient = Node("tuple", (0, 1), (gradient, aux))
    name = function.name.replace("_value_and_grad", "_grad")
    return replace(function, name=name, returns=gradient, body=replace(function.body, results=results))


def _with_parameters(
    function: Function, extra: Sequence[Parameter], leaves: Sequence[Value]
) -> tuple[tuple[Parameter, ...], tuple[Value, ...]]:
    """Put parameters behind the positional ones and before keyword-only and hidden ones."""
    cut = next((k for k, p in enumerate(function.parameters) if p.kind != "positional"), len(function.parameters))
    split = sum(leaf_count(p.tree) for p in function.parameters[:cut])
    parameters = (*function.parameters[:cut], *extra, *function.parameters[cut:])
    return parameters, (*function.params[:split], *leaves, *function.params[split:])


def _free_name(name: str, function: Function) -> str:
    taken = {parameter.name for parameter in function.parameters}
    while name in taken:
        name += "_"
    return name


