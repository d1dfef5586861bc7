"""Splits a derivative into its two sweeps: one keeps what the other reads, and may be followed by it many times.

Before::

    f_vjp(x, value_bar): y = exp(x); x_bar = mul(value_bar, y) -> y, x_bar

After::

    f_forward(x): y = exp(x) -> y, (y,)
    f_backward((y,), value_bar): x_bar = mul(value_bar, y) -> x_bar
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcdiff.ir.core import Block, Function, Op, Value, free_values
from srcdiff.ir.structure import Leaf, Node, Parameter, leaf_count


def split(function: Function) -> tuple[Function, Function]:
    """``f_forward`` and ``f_backward`` from an optimised ``f_vjp``, whose last positional parameter is the cotangent.

    ``f_forward`` returns (value, kept), ``f_backward(kept, value_bar)`` the gradient.
    """
    assert isinstance(function.returns, Node)
    value_tree, gradient_tree = function.returns.children
    count = leaf_count(value_tree)
    values, gradients = function.body.results[:count], function.body.results[count:]
    cotangent, seeds = _cotangent(function)
    early, late = _sweeps(function.body.ops, seeds, values)
    backward = Block((), tuple(late), gradients)
    outside = set(free_values(backward)) - set(seeds)
    kept = [value for value in _in_order(function, early) if value in outside]
    tree = Node("tuple", tuple(range(len(kept))), tuple(Leaf() for _ in kept))
    name = function.name.removesuffix("_vjp")
    first = replace(
        function,
        name=f"{name}_forward",
        parameters=tuple(p for p in function.parameters if p is not cotangent),
        body=Block(tuple(v for v in function.params if v not in seeds), tuple(early), (*values, *kept)),
        returns=Node("tuple", (0, 1), (value_tree, tree)),
    )
    second = replace(
        function,
        name=f"{name}_backward",
        parameters=(Parameter("kept", tree), cotangent),
        body=replace(backward, params=(*kept, *seeds)),
        returns=gradient_tree,
        facts=tuple(replace(fact, enforced=True) for fact in function.facts),  # the forward sweep has checked them
    )
    return first, second


def _cotangent(function: Function) -> tuple[Parameter, tuple[Value, ...]]:
    """The cotangent, the last positional parameter, and its leaves."""
    position = 0
    found: tuple[Parameter, tuple[Value, ...]] | None = None
    for parameter in function.parameters:
        count = leaf_count(parameter.tree)
        if parameter.kind == "positional":
            found = parameter, function.params[position : position + count]
        position += count
    assert found is not None
    return found


def _sweeps(ops: Sequence[Op], seeds: Sequence[Value], values: Sequence[Value]) -> tuple[list[Op], list[Op]]:
    """The ops up to the last one that is the author's or that the values need, as far as no cotangent enters them; and
    the others."""
    needed = set(values)
    end = 0
    for number in reversed(range(len(ops))):
        op = ops[number]
        if not op.why or not needed.isdisjoint(op.results):
            end = max(end, number + 1)
            needed.update(op.inputs, *(free_values(block) for block in op.blocks))
    early: list[Op] = []
    late: list[Op] = []
    tainted = set(seeds)
    for number, op in enumerate(ops):
        reads = {*op.inputs, *(value for block in op.blocks for value in free_values(block))}
        if number < end and tainted.isdisjoint(reads):
            early.append(op)
        else:
            late.append(op)
            tainted.update(op.results)
    return early, late


def _in_order(function: Function, ops: Sequence[Op]) -> list[Value]:
    return [*function.params, *(result for op in ops for result in op.results)]
