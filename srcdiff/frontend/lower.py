"""From a Python function and a signature to the IR.

>>> from srcdiff.frontend.signature import of_arguments
>>> def f(x):
...     return x * x
>>> lower(f, of_arguments(f, (2.0,), {})[0]).function.body.results[0].type
float
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from srcdiff.diagnostics import UnsupportedError
from srcdiff.ir.core import Block, Function, Value
from srcdiff.ir.structure import Path, leaf_paths
from srcdiff.ir.types import Scalar, symbols_of

from . import branches, expressions, inline, loops, statements, stores, subscripts  # noqa: F401
from .blocks import result_of, run
from .frames import Frame, Silent, Unit
from .items import Item, leaves, tree_of
from .places import Places, Recorder, Refusal
from .resolve import Resolved, Resolver, item_of_tree
from .signature import Lengths, Signature, plain_function, value_names
from .source import FunctionText, text_of
from .subset import check


@dataclass(frozen=True)
class Lowered:
    """A function in the IR, and what its free names stood for when it was read."""

    function: Function
    signature: Signature
    resolved: tuple[Resolved, ...]

    @cached_property
    def _globals(self) -> tuple[tuple[Callable[[str], Any], str, Any], ...]:
        plain = (r for r in self.resolved if not r.hidden and isinstance(r.space, dict) and r.name in r.space)
        return tuple((r.space.get, r.name, r.value) for r in plain)

    @cached_property
    def _others(self) -> tuple[Resolved, ...]:
        quick = {(id(get.__self__), name) for get, name, _ in self._globals}  # type: ignore[attr-defined]
        return tuple(r for r in self.resolved if not r.hidden and (id(r.space), r.name) not in quick)

    def is_current(self) -> bool:
        """Whether every helper and constant is still the one that was read."""
        for get, name, value in self._globals:
            if get(name) is not value:
                return all(found.holds() for found in self.resolved)
        return all(found.holds() for found in self._others) if self._others else True

    def hidden_value(self, name: str) -> Any:
        """What the global or closure cell behind a hidden parameter stands for now."""
        return next(found for found in self.resolved if found.hidden == name).now()


class ConstantsNeeded(Exception):
    """Some ints must be constants of the signature: ``paths`` of the parameters' leaves."""

    def __init__(self, paths: frozenset[Path], error: UnsupportedError) -> None:
        super().__init__(str(error))
        self.paths = paths
        self.error = error


def lower(function: Callable[..., Any], signature: Signature) -> Lowered:
    """Read a function. Raises UnsupportedError with all problems that were found, ConstantsNeeded where an int of the
    signature must be known by value."""
    text = text_of(plain_function(function))
    problems = check(text)
    if problems:
        raise UnsupportedError(tuple(problems))
    return _Lowering(text, signature).run()


class _Lowering:
    def __init__(self, text: FunctionText, signature: Signature) -> None:
        self.text, self.signature = text, signature
        names = [parameter.name for parameter in signature.parameters]
        lengths = Lengths([*names, *_symbols(signature)])
        self.unit = Unit(Recorder(Places(), facts=signature.facts), Resolver({*names}, lengths))
        self.unit.active.append(text.node)
        self.frame = Frame(self.unit, text)
        self.params = tuple(map(Value, signature.types, value_names(signature.parameters)))
        self._bind_parameters()

    def _bind_parameters(self) -> None:
        values = iter(self.params)
        places = self.frame.places
        for parameter in self.signature.parameters:
            item = item_of_tree(parameter.tree, values)
            for _, value in leaves(item):
                places.fresh(value, parameter.name, self.frame, self.text.node.lineno)
            self.frame.env[parameter.name] = item
        for group in self.signature.shared:
            roots = [root for index in group for root in places.roots(self.params[index])]
            for root in roots:
                places.relate(root, roots)

    def run(self) -> Lowered:
        result = self._result()
        hidden = self.unit.names.hidden
        params = (*self.params, *(value for found in hidden for value in found.values))
        body = Block(params, self.frame.b.ops, tuple(value for _, value in leaves(result)))
        function = Function(
            self.text.name if self.text.name.isidentifier() else "f",
            (*self.signature.parameters, *(found.parameter for found in hidden)),
            body,
            tree_of(result),
            self.frame.b.facts,
            self.text,
            self.text.comments,
        )
        return Lowered(function, self.signature, tuple(self.unit.names.resolved))

    def _result(self) -> Item:
        problems = self.unit.problems
        try:
            end = run(self.frame, self.text.body)
            if not problems:
                item = result_of(self.frame, end, self.text.node)
                for _, value in leaves(item):
                    self.frame.places.read(value, self.frame.span(self.text.node))
                tree_of(item)
                return item
        except Refusal as refusal:
            problems.append(refusal.diagnostic)
        except Silent:
            pass
        except ValueError:
            refusal = self.frame.refuse(self.text.node, "SD012", f"`{self.text.name}` returns what is no value")
            problems.append(refusal.diagnostic)
        error = UnsupportedError(tuple(dict.fromkeys(problems)))
        if all(problem.code == "SD050" for problem in problems):
            paths = self._demanded()
            if paths:
                raise ConstantsNeeded(paths, error)
        raise error

    def _demanded(self) -> frozenset[Path]:
        """The ints of the signature of which the demanded values are made."""
        names = {s.name for v in self.unit.demands if isinstance(v.type, Scalar) and v.type.value is not None
                 for s in v.type.value.symbols}
        found: set[Path] = set()
        types = iter(self.signature.types)
        for parameter in self.signature.parameters:
            for path in leaf_paths(parameter.tree):
                type_ = next(types)
                known = type_.value if isinstance(type_, Scalar) else None
                if known is not None and {symbol.name for symbol in known.symbols} & names:
                    found.add((parameter.name, *path))
        return frozenset(found)


def _symbols(signature: Signature) -> list[str]:
    return [symbol.name for type_ in signature.types for symbol in symbols_of(type_)]
