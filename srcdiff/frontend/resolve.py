"""Names that a function does not bind: looked up by object, as Python would when the function is called.

Functions, classes, modules, strings are what they are. Numbers and arrays become hidden parameters, because they may
change between calls; what was found is recorded, so that a caller can tell when a name was bound to something else.
"""

from __future__ import annotations

import builtins
import functools
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcdiff.diagnostics import SignatureError
from srcdiff.ir.core import Constant, Value
from srcdiff.ir.dims import constant
from srcdiff.ir.structure import Leaf, Node, Parameter, Tree
from srcdiff.ir.types import BOOL, COMPLEX, FLOAT, Type, int_of

from .items import Container, Item, Static
from .signature import Describer, Lengths, leaf_name, value_names
from .source import FunctionText

_MISSING = object()
_LIBRARIES = frozenset({"numpy", "scipy", *sys.stdlib_module_names})


@dataclass(frozen=True)
class Resolved:
    """What a name stood for. space: the globals, closure cell or module in which it is looked up; hidden: the name of
    the hidden parameter that its value is passed as, or empty."""

    name: str
    space: Any
    value: Any
    hidden: str = ""

    def now(self) -> Any:
        """What the name stands for at this moment; NameError if for nothing."""
        found = _look(self.space, self.name)
        if found is _MISSING:
            raise NameError(f"name {self.name!r} is not defined any more")
        return found

    def holds(self) -> bool:
        """Whether the text that was made still fits: a hidden value may be any of its type, all else must be the same
        object (the same text or number)."""
        found = _look(self.space, self.name)
        if self.hidden or found is self.value:
            return found is not _MISSING
        plain = (str, bool, int, float, complex)
        return type(found) is type(self.value) and isinstance(found, plain) and repr(found) == repr(self.value)


@dataclass(frozen=True)
class _Defaults:
    """The defaults of a function by parameter, as a place where names are looked up."""

    function: types.FunctionType

    def get(self, name: str) -> Any:
        code = self.function.__code__
        values = self.function.__defaults__ or ()
        names = code.co_varnames[: code.co_argcount][code.co_argcount - len(values) :]
        return {**dict(zip(names, values, strict=True)), **(self.function.__kwdefaults__ or {})}.get(name, _MISSING)


def _look(space: Any, name: str) -> Any:
    if isinstance(space, _Defaults):
        return space.get(name)
    if isinstance(space, types.CellType):
        try:
            return space.cell_contents
        except ValueError:
            return _MISSING
    if isinstance(space, Mapping):
        return space.get(name, getattr(builtins, name, _MISSING))
    return getattr(space, name, _MISSING)


@dataclass(frozen=True)
class Hidden:
    """A hidden parameter: its structure, the values of the IR that stand for its leaves, and what it was found as."""

    parameter: Parameter
    values: tuple[Value, ...]
    found: Resolved


class Resolver:
    """Looks names up, each once. taken: names that a hidden parameter must not have."""

    def __init__(self, taken: set[str], lengths: Lengths) -> None:
        self.taken = taken
        self.lengths = lengths
        self.resolved: list[Resolved] = []
        self.hidden: list[Hidden] = []
        self.functions: dict[types.FunctionType, types.CodeType] = {}
        self._items: dict[tuple[int, str], Item] = {}
        self._spaces: list[Any] = []

    def lookup(self, text: FunctionText, name: str) -> Item | None:
        """The item of a free name of a function; None if there is none. SignatureError for an unusable value."""
        return self._item(text.cells[name] if name in text.cells else text.names, name)

    def attribute(self, owner: Any, name: str) -> Item | None:
        """The item of an attribute of a module, a class or another object; None if there is none.

        Numbers of NumPy and the standard library (``np.pi``) are constants.
        """
        if not is_library(owner):
            module = isinstance(owner, types.ModuleType) and name in vars(owner)
            return self._item(vars(owner) if module else owner, name)
        found = getattr(owner, name, _MISSING)
        if found is _MISSING:
            return None
        return of_constant(found)

    def default(self, function: types.FunctionType, name: str, value: Any) -> Item:
        """The item of a default of a function: its numbers are constants, its arrays are passed at run time."""
        return self._once(function, name, value, _Defaults(function))

    def part(self, owner: functools.partial[Any], name: str, value: Any) -> Item:
        """The item of an argument that a ``functools.partial`` holds."""
        return self._once(owner, name, value, {name: value})

    def _once(self, owner: Any, name: str, value: Any, space: Any) -> Item:
        key = (id(owner), name)
        if key not in self._items:
            self._spaces.append(owner)
            plain = type(value) in (bool, int, float, complex)
            self._items[key] = of_constant(value) if plain else self.of_object(value, name, space)
        return self._items[key]

    def uses(self, function: types.FunctionType) -> None:
        """A function of the user's is read: its text is part of what was resolved."""
        self.functions[function] = function.__code__

    def _item(self, space: Any, name: str) -> Item | None:
        key = (id(space), name)
        if key not in self._items:
            found = _look(space, name)
            if found is _MISSING:
                return None
            self._spaces.append(space)  # kept alive: the key is its identity
            self._items[key] = self.of_object(found, name, space)
        return self._items[key]

    def of_object(self, value: Any, name: str, space: Any) -> Item:
        """The item of an object that was found under a name."""
        if isinstance(value, (str, bool, type(None), types.ModuleType)) or not _is_data(value):
            self.resolved.append(Resolved(name, space, value))
            return number(value) if isinstance(value, bool) else Static(value)
        parameter_name = self._free(name)
        describer = Describer(self.lengths)
        try:
            tree = describer.tree(value, (parameter_name,))
        except SignatureError:
            self.resolved.append(Resolved(name, space, value))
            return Static(value)
        parameter = Parameter(parameter_name, tree, "hidden")
        values = tuple(map(Value, describer.types, value_names([parameter])))
        found = Resolved(name, space, value, parameter_name)
        self.resolved.append(found)
        self.hidden.append(Hidden(parameter, values, found))
        return item_of_tree(tree, iter(values))

    def _free(self, name: str) -> str:
        candidate, count = leaf_name((name,)), 1
        while candidate in self.taken:
            count += 1
            candidate = f"{leaf_name((name,))}_{count}"
        self.taken.add(candidate)
        return candidate


def is_library(owner: Any) -> bool:
    """Whether an object belongs to NumPy, SciPy or the standard library."""
    home = owner.__name__ if isinstance(owner, types.ModuleType) else getattr(owner, "__module__", None)
    return str(home or type(owner).__module__).split(".")[0] in _LIBRARIES


def _is_data(value: Any) -> bool:
    """Whether a global is a number, an array or a container, not a function or a class."""
    if isinstance(value, (int, float, complex, np.generic, np.ndarray, list, tuple, dict)):
        return True
    return hasattr(type(value), "__dataclass_fields__") and not callable(value)


def number(value: bool | int | float | complex, name: str = "") -> Constant:
    """A Python number known at compile time."""
    if type(value) is int:
        return Constant(int_of(constant(value)), name, value)
    kinds: dict[type, Type] = {bool: BOOL, float: FLOAT, complex: COMPLEX}
    return Constant(kinds[type(value)], name, value)


def of_constant(value: Any) -> Item:
    """The item of an object that is known at compile time."""
    plain = type(value) in (bool, int, float, complex)
    return number(value) if plain else Static(value)


def item_of_tree(tree: Tree, values: Any) -> Item:
    """The item of a structure; ``values`` gives the leaves in order."""
    if isinstance(tree, Leaf):
        item: Value = next(values)
        return item
    if isinstance(tree, Node):
        children = tuple(item_of_tree(child, values) for child in tree.children)
        return Container(tree.kind, tree.keys, children, tree.cls)
    return of_constant(tree.value)
