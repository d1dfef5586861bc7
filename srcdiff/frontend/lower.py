"""Python source to IR: ``lower(function, signature)``.

The function is read from top to bottom with the types of the signature; calls of the user's functions are read in
place. All that is refused is reported together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from srcdiff.diagnostics import UnsupportedError, error_of
from srcdiff.ir.core import Block, Function, Value
from srcdiff.ir.dims import Facts
from srcdiff.ir.structure import Path, leaf_paths
from srcdiff.ir.types import Array, Scalar, Type, is_integer, symbols_of

from . import (  # noqa: F401  (they enter their handlers)
    branches,
    calls,
    choices,
    comprehensions,
    expressions,
    loops,
    statements,
    subscripts,
)
from .blocks import result_of, run, whole_body
from .exits import is_ours, plain
from .frames import Frame, Silent, Unit
from .inline import gathered
from .items import Broken, Item, leaves, tree_of, tuple_of
from .places import Places, Refusal
from .recorder import Recorder
from .resolve import Resolved, Resolver, item_of_tree
from .signature import Lengths, Signature, plain_function, value_names
from .source import text_of
from .subset import check


@dataclass(frozen=True)
class Lowered:
    """A function of the IR, and what it rests on.

    signature: with the hidden parameters at the end; hidden: where their values are found, in order; resolved: all
    names that were looked up, for a caller to tell when one stands for something else; functions: the user's functions
    that were read in place, with their code.
    """

    function: Function
    signature: Signature
    hidden: tuple[Resolved, ...]
    resolved: tuple[Resolved, ...]
    functions: tuple[tuple[Any, Any], ...]

    def holds(self) -> bool:
        """Whether every name still stands for what it stood for."""
        return all(found.holds() for found in self.resolved) and all(f.__code__ is code for f, code in self.functions)


class ConstantError(UnsupportedError):
    """The program can be compiled if some numbers, and the lengths of some arrays, become constants of the signature.

    paths: which (parameter, key, …); a path of a hidden parameter starts with its name.
    """

    paths: frozenset[Path] = frozenset()


def lower(function: Callable[..., Any], signature: Signature, name: str | None = None) -> Function:
    """The IR of a function. UnsupportedError with all problems that were found."""
    return lowered(function, signature, name).function


@dataclass(frozen=True)
class Written:
    """The parameters whose final contents a function is taken to return.

    single: one, and not a tuple of them; number: an array of one element is taken for its element.
    """

    names: tuple[str, ...]
    single: bool
    number: bool


def lowered(
    function: Callable[..., Any], signature: Signature, name: str | None = None, written: Written | None = None
) -> Lowered:
    """The IR of a function, and the names that it rests on. UnsupportedError with all problems that were found.

    written: what it returns, where that stands in its arguments.
    """
    text = text_of(plain_function(function))
    unit = _unit(signature)
    values = list(map(Value, signature.types, value_names(signature.parameters)))
    frame = Frame(unit, text)
    _bind(frame, signature, values)
    unit.problems += check(text)
    item = _read(frame, written)
    if unit.problems:
        raise _error(unit, signature, values)
    if item is None:
        raise AssertionError("something was refused, and nothing was reported")
    return _finished(frame, signature, values, item, name)


def _unit(signature: Signature) -> Unit:
    symbols = {symbol.name for type_ in signature.types for symbol in symbols_of(type_)}
    taken = {parameter.name for parameter in signature.parameters}
    places = Places()
    builder = Recorder(places, facts=Facts(signature.facts), taken=lambda: symbols)

    def born(value: Value, name: str) -> None:
        places.fresh(value, name, owned=False)

    return Unit(builder, Resolver(taken, Lengths(taken | symbols), born))


def _bind(frame: Frame, signature: Signature, values: list[Value]) -> None:
    """Bind the parameters; each array is an object of its own, but for those that were seen to share memory."""
    for value in values:
        frame.places.fresh(value)
    for group in signature.shared:
        roots = [root for index in group if (root := frame.places.root(values[index])) is not None]
        for root in roots:
            frame.places.state.relate(root, roots)
    remaining = iter(values)
    items = {parameter.name: item_of_tree(parameter.tree, remaining) for parameter in signature.parameters}
    declared = {argument.arg for argument in frame.text.arguments}
    more = [parameter for parameter in signature.parameters if parameter.name not in declared]
    stars = [items.pop(parameter.name) for parameter in more if parameter.kind == "positional"]
    named = {parameter.name: items.pop(parameter.name) for parameter in more if parameter.kind == "keyword"}
    for name, item in {**items, **gathered(frame.text, stars, named)}.items():
        frame.bind(name, item, frame.text.node)


def _read(frame: Frame, written: Written | None) -> Item | None:
    """What the function returns; None if something is refused."""
    unit = frame.unit
    outputs = [] if written is None else [frame.env[name] for name in written.names]
    unit.active.append(frame.text.node)
    unit.frames.append(frame)
    try:
        item = result_of(frame, run(frame, whole_body(frame.text)), frame.text.node)
        if unit.problems or isinstance(item, Broken):
            return None
        if written is not None:
            item = _final(frame, written, outputs)
        tree_of(item)
        return frame.updated(item, frame.text.node)
    except Refusal as problem:
        unit.problems.append(problem.diagnostic)
    except Silent:
        pass
    except ValueError:
        unit.problems.append(frame.unsupported(frame.text.node, "returning a function or an iterator").diagnostic)
    except RecursionError:
        hint = "split it into several statements, or write it as a loop"
        unit.problems.append(frame.unsupported(frame.text.node, "nesting as deep as this", hint).diagnostic)
    return None


def _final(frame: Frame, written: Written, outputs: list[Item]) -> Item:
    """What the function leaves in its arguments."""
    item = outputs[0] if written.single else tuple_of(outputs)
    type_ = item.type if isinstance(item, Value) else None
    if written.number and isinstance(type_, Array) and type_.dims and all(dim.value == 1 for dim in type_.dims):
        return frame.op(frame.text.node, "get", item, *[0] * len(type_.dims), index=", ".join("@" * len(type_.dims)))
    return item


def _error(unit: Unit, signature: Signature, values: list[Value]) -> UnsupportedError:
    error = error_of({(p.code, p.span): p for p in reversed(unit.problems)}.values())  # one at a place
    codes = {problem.code for problem in error.diagnostics}
    if not codes <= {"SD050", "SD051"}:
        return error
    places = [*zip(_paths(signature.parameters), values, strict=True)]
    for hidden in unit.names.hidden:
        places += zip(_paths([hidden.parameter]), hidden.values, strict=True)
    wanted = _roots_of(unit, list(unit.demands))
    recursion = codes == {"SD051"}
    paths = frozenset(path for path, value in places if value in wanted and _may_be_fixed(value.type, recursion))
    if not paths:
        return error
    found = ConstantError(error.diagnostics)
    found.paths = paths
    return found


def _paths(parameters: Any) -> list[Path]:
    return [(p.name, *path) for p in parameters for path in leaf_paths(p.tree)]


def _may_be_fixed(type_: Type, recursion: bool) -> bool:
    """Whether a number, or the lengths of an array, may become a constant: of a recursion, ints and lengths alone."""
    return is_integer(type_) or isinstance(type_, Array) if recursion else isinstance(type_, Scalar)


def _roots_of(unit: Unit, values: list[Value]) -> set[Value]:
    """The numbers that these are made of, and the arrays whose lengths they are."""
    found: set[Value] = set()
    lengths: set[Value] = set()
    while values:
        value = values.pop()
        if value in found:
            continue
        found.add(value)
        op = unit.b.definitions.get(unit.sequences.get(value, value))
        if op is None or op.blocks:
            continue
        for k, operand in enumerate(op.inputs):
            if isinstance(operand.type, Scalar) or k in op.kind.shape_only or value in lengths:
                values.append(operand)
            if isinstance(operand.type, Array) and (k in op.kind.shape_only or value in lengths):
                lengths.add(operand)
    return {value for value in found if isinstance(value.type, Scalar)} | lengths


def _plain_names(body: Block) -> None:
    """Names that are none of the author's are written as words: ``stop`` for ``@stop.1``."""
    for op in body.walk():
        inside = (value for block in op.blocks for value in (*block.params, *block.results))
        for value in (*op.inputs, *op.results, *inside):
            if is_ours(value.name):
                object.__setattr__(value, "name", plain(value.name))


def _finished(frame: Frame, signature: Signature, values: list[Value], item: Item, name: str | None) -> Lowered:
    unit, text = frame.unit, frame.text
    names = unit.names
    hidden = names.hidden
    parameters = (*signature.parameters, *(h.parameter for h in hidden))
    params = (*values, *(value for h in hidden for value in h.values))
    results = tuple(value for _, value in leaves(item))
    called = name or (text.name if text.name.isidentifier() else "function")
    body = Block(params, unit.b.ops, results)
    returns, facts = tree_of(item), unit.b.facts
    _plain_names(body)
    function = Function(called, parameters, body, returns, facts, text.source, text.comments, text.doc)
    full = replace(signature, parameters=parameters, types=tuple(value.type for value in params), facts=facts)
    found = tuple(h.found for h in hidden)
    return Lowered(function, full, found, tuple(names.resolved), tuple(names.functions.items()))
