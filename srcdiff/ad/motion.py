"""Splits a derivative into its two sweeps: one keeps what the other reads, and may be followed by it many times.

Before::

    f_vjp(x, value_bar): y = exp(x); x_bar = mul(value_bar, y) -> y, x_bar

After::

    f_forward(x): y = exp(x) -> y, (y,)
    f_backward((y,), value_bar): x_bar = mul(value_bar, y) -> x_bar

What is kept of the arguments is copied by the forward sweep (``passes/inplace``: results share no memory with them),
and the backward sweep leaves what is kept as it found it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcdiff.ir.core import Block, Function, Op, Value, free_values
from srcdiff.ir.structure import Fixed, Leaf, Node, Parameter, classes, leaf_count
from srcdiff.ir.types import Scalar


def split(function: Function) -> tuple[Function, Function]:
    """``f_forward`` and ``f_backward`` from an optimised ``f_vjp``, whose last positional parameter is the cotangent.

    ``f_forward`` returns (value, kept), ``f_backward(kept, value_bar)`` the gradient. kept holds values, and the
    classes of the records in the gradient.
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
    built = [Fixed(cls) for cls in dict.fromkeys(classes(gradient_tree))]
    tree = Node("tuple", tuple(range(len(kept) + len(built))), (*(Leaf() for _ in kept), *built))
    name = function.name.removesuffix("_vjp")
    first = replace(
        function,
        name=f"{name}_forward",
        doc=f"Value of {name}, and what {name}_backward reads: (value, kept).",
        parameters=tuple(p for p in function.parameters if p is not cotangent),
        body=Block(tuple(v for v in function.params if v not in seeds), tuple(early), (*values, *kept)),
        returns=Node("tuple", (0, 1), (value_tree, tree)),
    )
    second = replace(
        function,
        name=f"{name}_backward",
        doc=f"Gradient of {name} for a cotangent of its value, from what {name}_forward has kept.",
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
    """The ops up to the last one that is the author's or that the values need, as far as no cotangent enters them, with
    the numbers that the others take of shapes; and the others."""
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
    ranges = {}
    for number, op in enumerate(ops):
        reads = {*op.inputs, *(value for block in op.blocks for value in free_values(block))}
        if tainted.isdisjoint(reads) and (number < end or all(isinstance(v.type, Scalar) for v in op.results)):
            early.append(op)
            if op.name == "range":
                ranges[op.results[0]] = op
        else:
            late.append(op)
            tainted.update(op.results)
    reads = set(free_values(Block((), tuple(late), ())))
    return early, [*(op for value, op in ranges.items() if value in reads), *late]


def _in_order(function: Function, ops: Sequence[Op]) -> list[Value]:
    return [*function.params, *(result for op in ops for result in op.results)]
