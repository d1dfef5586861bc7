"""Which values get a derivative: those that depend on a differentiated input and influence a result.

    def f(w, x):            varied (w):   z, y         useful (y):  w, x, z, s
        z = mul(w, x)       active:       w, z, y
        s = sum(x)
        y = mul(z, s)
"""

from __future__ import annotations

from collections.abc import Iterable

from srcdiff.ir.core import IF, Block, Constant, Function, Loop, Op, Value
from srcdiff.ir.types import is_inexact


def active_values(function: Function, wrt: Iterable[Value]) -> set[Value]:
    """Values that depend on ``wrt`` and influence a result."""
    return varied_values(function, wrt) & useful_values(function)


def varied_values(function: Function, wrt: Iterable[Value]) -> set[Value]:
    """Values that depend on ``wrt`` through operations that have a derivative."""
    varied = set(wrt)
    _varied_block(function.body, varied)
    return varied


def _varied_block(block: Block, varied: set[Value]) -> None:
    for op in block.ops:
        if op.kind is IF:
            for inner in op.blocks:
                _varied_block(inner, varied)
            for k, result in enumerate(op.results):
                if any(inner.results[k] in varied for inner in op.blocks):
                    _mark(result, varied)
        elif op.blocks:
            _varied_loop(op, varied)
        elif not op.kind.constant:
            shape_only = op.kind.shape_only
            if any(value in varied for k, value in enumerate(op.inputs) if k not in shape_only):
                for result in op.results:
                    _mark(result, varied)


def _mark(value: Value, marked: set[Value]) -> None:
    if is_inexact(value.type) and not isinstance(value, Constant):
        marked.add(value)


def _varied_loop(op: Op, varied: set[Value]) -> None:
    loop = Loop.of(op)
    for seq, item in zip(loop.seqs, loop.items, strict=True):
        if seq in varied:
            _mark(item, varied)
    for init, param in zip(loop.init, loop.carried_params, strict=True):
        if init in varied:
            _mark(param, varied)
    while True:
        _varied_block(loop.body, varied)
        grown = [
            param
            for param, following in zip(loop.carried_params, loop.carried_yields, strict=True)
            if following in varied and param not in varied and is_inexact(param.type)
        ]
        if not grown:
            break
        varied.update(grown)
    for param, result in zip(loop.carried_params, loop.carried_results, strict=True):
        if param in varied:
            _mark(result, varied)
    for out, stack in zip(loop.outs, loop.stacks, strict=True):
        if out in varied:
            _mark(stack, varied)


def useful_values(function: Function) -> set[Value]:
    """Values that influence a result through operations that have a derivative."""
    useful = set(function.body.results)
    _useful_block(function.body, useful)
    return useful


def _useful_block(block: Block, useful: set[Value]) -> None:
    for op in reversed(block.ops):
        if op.kind is IF:
            for inner in op.blocks:
                useful.update(v for v, r in zip(inner.results, op.results, strict=True) if r in useful)
                _useful_block(inner, useful)
        elif op.blocks:
            _useful_loop(op, useful)
        elif not op.kind.constant and any(result in useful for result in op.results):
            useful.update(value for k, value in enumerate(op.inputs) if k not in op.kind.shape_only)


def _useful_loop(op: Op, useful: set[Value]) -> None:
    loop = Loop.of(op)
    useful.update(out for out, stack in zip(loop.outs, loop.stacks, strict=True) if stack in useful)
    needed = {k for k, result in enumerate(loop.carried_results) if result in useful}
    while True:
        useful.update(loop.carried_yields[k] for k in needed)
        _useful_block(loop.body, useful)
        grown = {k for k, param in enumerate(loop.carried_params) if param in useful} - needed
        if not grown:
            break
        needed |= grown
    useful.update(loop.carried_params[k] for k in needed)
    useful.update(loop.init[k] for k in needed)
    useful.update(seq for seq, item in zip(loop.seqs, loop.items, strict=True) if item in useful)
