"""The reference evaluator: what a program in the IR means.

It follows the definitions of ``srcdiff.ir.core`` word by word and is not fast. Ordinary ops are evaluated by their
``OpDef.evaluate``; control ops here. Nothing is ever written in place: ``set`` and ``add_at`` give new arrays, so the
arguments stay as they are. Results may share memory with arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from .core import FOR, HOLE_VALUE, IF, WHILE, Block, Constant, Function, Loop, Op, Value, is_hole
from .structure import Parameter, flatten, unflatten

_Env = dict[Value, Any]


class HoleError(Exception):
    """A value that is not there was used: the program, not its input, is wrong."""


def interpret(function: Function, leaves: Sequence[Any]) -> list[Any]:
    """The leaves of the results, from the leaves of the arguments.

    A leaf of the results may be ``HOLE_VALUE``; any other use of a hole raises HoleError.
    """
    params = function.params
    if len(leaves) != len(params):
        raise TypeError(f"{function.name} takes {len(params)} leaves, not {len(leaves)}")
    return _block(function.body, leaves, {})


def run(function: Function, *args: Any, **kwargs: Any) -> Any:
    """Call the function as the author would: containers are packed and unpacked by ``parameters`` and ``returns``.

    Hidden parameters are passed by name. A default is taken where it is a literal.
    """
    given = _bind(function, args, kwargs)
    leaves = [leaf for p in function.parameters for leaf in flatten(p.tree, given[p.name])]
    return unflatten(function.returns, interpret(function, leaves))


def _bind(function: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    positional = [p for p in function.parameters if p.kind == "positional"]
    if len(args) > len(positional):
        raise TypeError(f"{function.name} takes {len(positional)} positional arguments, not {len(args)}")
    given = {p.name: arg for p, arg in zip(positional, args, strict=False)}
    known = {p.name for p in function.parameters}
    for name, value in kwargs.items():
        if name in given or name not in known:
            raise TypeError(f"{function.name} got {'two values' if name in given else 'a value'} for {name!r}")
        given[name] = value
    for parameter in function.parameters:
        if parameter.name not in given:
            given[parameter.name] = _default(function, parameter)
    return given


def _default(function: Function, parameter: Parameter) -> Any:
    if not parameter.default:
        raise TypeError(f"{function.name} misses the argument {parameter.name!r}")
    return ast.literal_eval(parameter.default)


def _block(block: Block, arguments: Sequence[Any], env: _Env) -> list[Any]:
    """Evaluate a block; ``env`` holds what the blocks around it have computed."""
    env.update(zip(block.params, arguments, strict=True))
    for op in block.ops:
        results = _CONTROL.get(op.name, _ordinary)(op, env)
        env.update(zip(op.results, results, strict=True))
    return [_get(value, env) for value in block.results]


def _get(value: Value, env: _Env) -> Any:
    """What a value stands for here, a hole included: moving a hole about is not a use."""
    return value.value if isinstance(value, Constant) else env[value]


def _use(value: Value, op: Op, env: _Env) -> Any:
    content = _get(value, env)
    if content is HOLE_VALUE:
        origin = "a hole" if is_hole(value) else f"{value!r}, which is a hole here"
        raise HoleError(f"{op!r} uses {origin}")
    return content


def _ordinary(op: Op, env: _Env) -> Sequence[Any]:
    if op.kind.moves and any(_get(value, env) is HOLE_VALUE for value in op.inputs):
        return [HOLE_VALUE] * len(op.results)
    inputs = [_use(value, op, env) for value in op.inputs]
    outcome = op.kind.evaluate(*inputs, **op.attrs)
    if len(op.results) == 1:
        return (outcome,)
    return tuple(outcome) if op.results else ()


def _if(op: Op, env: _Env) -> Sequence[Any]:
    chosen = 0 if _use(op.inputs[0], op, env) else 1
    return _block(op.blocks[chosen], (), env)


def _for(op: Op, env: _Env) -> Sequence[Any]:
    """Lockstep over the sequences, the shortest of them ends the loop; entry ``j`` of a stack belongs to item ``j``."""
    loop = Loop.of(op)
    seqs = [_use(seq, op, env) for seq in loop.seqs]
    carried = [_get(value, env) for value in loop.init]
    trips = min(map(len, seqs))
    stacks: list[list[Any]] = [[] for _ in loop.stacks]
    backwards = op.attrs.get("reverse", False)
    for index in reversed(range(trips)) if backwards else range(trips):
        yields = _block(loop.body, [*(seq[index] for seq in seqs), *carried], env)
        carried = yields[: len(carried)]
        _push(stacks, yields[len(carried) :])
        if op.attrs.get("exits") and carried[0]:
            break
    if backwards:
        for stack in stacks:
            stack.reverse()
    return [*carried, *stacks]


def _while(op: Op, env: _Env) -> Sequence[Any]:
    loop = Loop.of(op)
    test = op.blocks[0]
    carried = [_get(value, env) for value in loop.init]
    stacks: list[list[Any]] = [[] for _ in loop.stacks]
    while _truth(_block(test, carried, env)[0], op):
        yields = _block(loop.body, carried, env)
        carried = yields[: len(carried)]
        _push(stacks, yields[len(carried) :])
        if op.attrs.get("exits") and carried[0]:
            break
    return [*carried, *stacks]


def _truth(condition: Any, op: Op) -> bool:
    if condition is HOLE_VALUE:
        raise HoleError(f"{op!r} tests a hole")
    return bool(condition)


def _push(stacks: list[list[Any]], entries: Sequence[Any]) -> None:
    for stack, entry in zip(stacks, entries, strict=True):
        stack.append(entry)


_CONTROL = {IF.name: _if, FOR.name: _for, WHILE.name: _while}
