"""Names that a function does not bind: looked up by object, as Python would when the function is called.

Functions, classes, modules, strings are what they are. Numbers and arrays become hidden parameters, because they may
change between calls; what was found is recorded, so that a caller can tell when a name was bound to something else.
"""

from __future__ import annotations

import builtins
import functools
import math
import sys
import sysconfig
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcdiff.diagnostics import SignatureError
from srcdiff.ir.core import Constant, Value
from srcdiff.ir.dims import constant
from srcdiff.ir.notation import notation_of
from srcdiff.ir.structure import Leaf, Node, Parameter, Tree, leaf_count, leaf_paths
from srcdiff.ir.types import BOOL, COMPLEX, FLOAT, Type, int_of

from .items import Container, Item, Static, path_text
from .signature import RANDOM, Describer, Lengths, leaf_name, value_names
from .source import FunctionText, text_of

_MISSING = object()
_PACKAGES = frozenset({"numpy", "scipy"})
_STANDARD = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), "<frozen"})


_CONSTANTS = [vars(module)[name] for module in (math, np) for name in ("pi", "e", "inf", "nan")]


@dataclass(frozen=True, eq=False)
class Resolved:
    """What a name stood for.

    space: the globals, closure cell or module in which it is looked up; hidden: the name of the hidden parameter that
    its value is passed as, or empty; structure: of a hidden value, with its constants and the types of its leaves.
    """

    name: str
    space: Any
    value: Any
    hidden: str = ""
    structure: tuple[Tree, str] | None = None

    def now(self) -> Any:
        """What the name stands for at this moment; NameError if for nothing."""
        found = look(self.space, self.name)
        if found is _MISSING:
            raise NameError(f"name {self.name!r} is not defined any more")
        return found

    def holds(self) -> bool:
        """Whether the text that was made still fits: a hidden value may be any of its structure and types, all else
        must be the same object (the same text or number)."""
        found = look(self.space, self.name)
        if self.structure is not None:
            return found is not _MISSING and _structure(found) == self.structure
        if found is self.value:
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


def look(space: Any, name: str) -> Any:
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
    """Looks names up, each once.

    taken: names that a hidden parameter must not have; born: told of every value of a hidden parameter, with its name.
    """

    def __init__(self, taken: set[str], lengths: Lengths, born: Callable[[Value, str], None]) -> None:
        self.taken = taken
        self.lengths = lengths
        self.born = born
        self.resolved: list[Resolved] = []
        self.hidden: list[Hidden] = []
        self.functions: dict[types.FunctionType, types.CodeType] = {}
        self._items: dict[tuple[int, str], Item] = {}
        self._spaces: list[Any] = []
        self._texts: dict[types.FunctionType, FunctionText] = {}

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

    def watch(self, cls: type, name: str, value: Any) -> None:
        """What stands in a class under a name is read: it is part of what was resolved."""
        self.resolved.append(Resolved(name, vars(cls), value))

    def uses(self, function: types.FunctionType) -> None:
        """A function of the user's is read: its text is part of what was resolved."""
        self.functions[function] = function.__code__

    def text(self, function: types.FunctionType) -> FunctionText:
        """The text of a function. UnsupportedError if there is none."""
        if function not in self._texts:
            self._texts[function] = text_of(function)
        return self._texts[function]

    def _item(self, space: Any, name: str) -> Item | None:
        key = (id(space), name)
        if key not in self._items:
            found = look(space, name)
            if found is _MISSING:
                return None
            self._spaces.append(space)  # kept alive: the key is its identity
            self._items[key] = self.of_object(found, name, space)
        return self._items[key]

    def of_object(self, value: Any, name: str, space: Any) -> Item:
        """The item of an object that was found under a name."""
        structure = _structure(value) if _is_data(value) else None
        if structure is None or not leaf_count(structure[0]):
            self.resolved.append(Resolved(name, space, value, "", structure))
            return of_constant(value) if structure is None else item_of_tree(structure[0], iter(()))
        parameter_name = self._free(name)
        describer = Describer(self.lengths)
        parameter = Parameter(parameter_name, describer.tree(value, (parameter_name,)), "hidden")
        values = tuple(map(Value, describer.types, value_names([parameter])))
        for path, hidden in zip(leaf_paths(parameter.tree), values, strict=True):
            self.born(hidden, path_text(name, path))
        found = Resolved(name, space, value, parameter_name, structure)
        self.resolved.append(found)
        self.hidden.append(Hidden(parameter, values, found))
        return item_of_tree(parameter.tree, iter(values))

    def _free(self, name: str) -> str:
        candidate, count = leaf_name((name,)), 1
        while candidate in self.taken:
            count += 1
            candidate = f"{leaf_name((name,))}_{count}"
        self.taken.add(candidate)
        return candidate


def is_library(owner: Any) -> bool:
    """Whether an object belongs to NumPy, SciPy or the standard library (an author's file may be called as one is)."""
    file: str | None = None
    if isinstance(owner, types.FunctionType):
        home, file = owner.__globals__.get("__name__", ""), owner.__code__.co_filename
    elif isinstance(owner, types.ModuleType):
        home, file = owner.__name__, getattr(owner, "__file__", None)
    else:
        home = getattr(owner, "__module__", None) or type(owner).__module__
    root = str(home).split(".")[0]
    standard = root in sys.stdlib_module_names and (file is None or file.startswith(_STANDARD))
    return standard or root in _PACKAGES


def _is_data(value: Any) -> bool:
    """Whether a global is a number, an array or a container, not a function, a class or a constant of mathematics."""
    if isinstance(value, bool) or any(value is constant for constant in _CONSTANTS):
        return False
    if isinstance(value, (int, float, complex, np.generic, np.ndarray, list, tuple, dict, *RANDOM)):
        return True
    return hasattr(type(value), "__dataclass_fields__") and not callable(value)


def _structure(value: Any) -> tuple[Tree, str] | None:
    """The structure of a value with its constants, and the types of its leaves; None for what cannot be passed."""
    describer = Describer(Lengths(()))
    try:
        tree = describer.tree(value, ("value",))
    except SignatureError:
        return None
    return tree, notation_of(tree, describer.types)


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
