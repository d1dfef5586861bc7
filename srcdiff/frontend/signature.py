"""Signatures: how the arguments of a function are packed, and the types of their leaves.

>>> import numpy as np
>>> def f(x, w, steps=3): ...
>>> print(of_arguments(f, (np.ones((2, 1)), {"a": 1.0}), {})[0])
x: f64[n, 1], w: {'a': float}, steps: int[steps]
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import sys
import types as python_types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import numpy as np

from srcdiff.diagnostics import SignatureError
from srcdiff.ir.dims import Dim, Fact, axis, constant, integer, size
from srcdiff.ir.literals import is_literal, literal
from srcdiff.ir.notation import notation_of, plain_types
from srcdiff.ir.structure import Fixed, Leaf, Node, Parameter, Path, Tree, leaf_count, leaf_paths
from srcdiff.ir.types import BOOL, COMPLEX, FLOAT, INT, Array, List, Object, Scalar, Type, dtype_code, int_of, join

LIBRARIES = frozenset({"numpy", "scipy", "srcdiff", *sys.stdlib_module_names}) - {"__main__"}
"""The packages whose objects are not taken apart."""

RANDOM = (np.random.Generator, np.random.RandomState)
"""The classes of random generators: they are passed as they are, and move on as in the author's function."""

_STARS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_LENGTHS = ("n", "d", "m", "k", "p", "q", "r", "s")
_FIXED = (str, bytes, bool, type(None), type(...), type, np.dtype, enum.Enum, python_types.ModuleType)


@dataclass(frozen=True)
class Signature:
    """What a function is compiled for.

    types: of the leaves of all parameters, in order; facts: what a caller has promised of the dims; shared: groups of
    leaves that were seen to share memory.
    """

    parameters: tuple[Parameter, ...]
    types: tuple[Type, ...]
    facts: tuple[Fact, ...] = ()
    shared: tuple[tuple[int, ...], ...] = ()

    def __str__(self) -> str:
        return self._written(iter(self.types))

    def text(self) -> str:
        """The signature as a person writes it, and as ``--sig`` takes it.

        >>> from srcdiff.frontend.annotations import of_text
        >>> def f(x, y, k: int): ...
        >>> of_text(f, "x: f64[n], y: f64[n]").text()
        'x: f64[n], y: f64[n], k: int'
        """
        return self._written(plain_types(self.types, self.facts))

    def _written(self, types: Iterator[Type]) -> str:
        parts = []
        for parameter in self.parameters:
            own = [next(types) for _ in range(leaf_count(parameter.tree))]
            parts.append(f"{parameter.name}: {notation_of(parameter.tree, own)}")
        return ", ".join(parts)


class Lengths:
    """Gives out short names of dims that nothing else has."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._names = self._all()

    def _all(self) -> Iterator[str]:
        yield from _LENGTHS
        number = 1
        while True:
            yield f"n{number}"
            number += 1

    def name(self) -> str:
        name = next(name for name in self._names if name not in self._taken)
        self._taken.add(name)
        return name

    def reserve(self, names: Iterable[str]) -> None:
        self._taken.update(names)

    def dim(self, length: int) -> Dim:
        """The dim of an argument's axis: 1, or a new symbol that is known not to be 1."""
        return constant(1) if length == 1 else axis(self.name())


class Describer:
    """Takes arguments apart: their structure, and the types and values of their leaves.

    fixed: paths of numbers that are constants of the signature, by value, and of arrays whose lengths are.
    """

    def __init__(self, lengths: Lengths, fixed: frozenset[Path] = frozenset()) -> None:
        self.lengths = lengths
        self.fixed = fixed
        self.types: list[Type] = []
        self.leaves: list[Any] = []

    def tree(self, value: Any, path: Path) -> Tree:
        """The structure of a value; SignatureError for a value that cannot be passed.

        An object of a class of the user's is a record of those of its attributes that can be passed.
        """
        if isinstance(value, _FIXED) or (path in self.fixed and not isinstance(value, np.ndarray)):
            return Fixed(value)
        type_ = self._leaf_type(value, path)
        if type_ is not None:
            self.types.append(type_)
            self.leaves.append(value)
            return Leaf()
        node = self._node(value)
        if node is None:
            attributes = attributes_of(value)
            if attributes is not None:
                return self._object(value, attributes, path)
            if callable(value):
                return Fixed(value)
            raise SignatureError(f"`{_written(path)}`: a value of type {type(value).__name__} cannot be passed; "
                                 "pass the numbers and arrays in it, or make it a dataclass")
        kind, items, cls = node
        children = tuple(self.tree(item, (*path, key)) for key, item in items.items())
        return Node(kind, tuple(items), children, cls)

    def _object(self, value: Any, attributes: Mapping[str, Any], path: Path) -> Tree:
        children: dict[str, Tree] = {}
        for name, item in attributes.items():
            count = len(self.types)
            try:
                children[name] = self.tree(item, (*path, name))
            except SignatureError:
                del self.types[count:], self.leaves[count:]
        return Node("record", tuple(children), tuple(children.values()), type(value))

    def _leaf_type(self, value: Any, path: Path) -> Type | None:
        if isinstance(value, (np.generic, np.ndarray)):
            return self._array_type(value, path)
        if isinstance(value, RANDOM):
            return Object(type(value).__name__)
        if type(value) is int:
            return int_of(integer(leaf_name(path)))
        if type(value) in (float, complex):
            return FLOAT if type(value) is float else COMPLEX
        if type(value) is list and value and all(type(item) in (bool, int, float, complex) for item in value):
            return List(reduce(join, map(_number_type, value)), size(self.lengths.name()))
        return None

    def _array_type(self, value: Any, path: Path) -> Type:
        if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
            raise SignatureError(f"`{_written(path)}`: {type(value).__name__} is a subclass of np.ndarray; pass "
                                 "`np.asarray(…)`")
        try:
            code = dtype_code(value.dtype)
        except KeyError:
            raise SignatureError(f"`{_written(path)}`: the dtype {value.dtype} is not supported") from None
        if isinstance(value, np.generic):
            return Scalar(code)
        dims = map(constant if path in self.fixed else self.lengths.dim, value.shape)
        return Array(code, tuple(dims))

    def _node(self, value: Any) -> tuple[str, Mapping[Any, Any], Any] | None:
        """Kind, items and class of a container."""
        if type(value) in (list, tuple):
            return type(value).__name__, dict(enumerate(value)), None
        if type(value) is dict:
            return "dict", value, None
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return "record", {name: getattr(value, name) for name in value._fields}, type(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = [field.name for field in dataclasses.fields(value) if field.init]
            return "record", {name: getattr(value, name) for name in fields}, type(value)
        return None


def is_record(cls: Any) -> bool:
    """Whether the objects of a class are what their fields are: dataclasses and named tuples."""
    return dataclasses.is_dataclass(cls) or hasattr(cls, "_fields")


def attributes_of(value: Any) -> dict[str, Any] | None:
    """The attributes that an object of a class of the user's holds itself; None for what is no such object.

    Objects among them are left out, because they may hold each other in circles; so is what a class computes.

    >>> Model = type("Model", (), {"__module__": "models"})
    >>> model = Model(); model.w = 2.0; model.inner = Model()
    >>> attributes_of(model), attributes_of(np.random.default_rng())
    ({'w': 2.0}, None)
    """
    if not _is_plain_object(value):
        return None
    cls = type(value)
    return {
        name: item
        for name, item in vars(value).items()
        if not hasattr(getattr(cls, name, None), "__set__") and not _holds_object(item)
    }


def _holds_object(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(type(item) is not float and _holds_object(item) for item in value)
    return any(map(_holds_object, value.values())) if isinstance(value, dict) else _is_plain_object(value)


def _is_plain_object(value: Any) -> bool:
    cls: Any = type(value)
    return _is_plain_class(cls) and hasattr(value, "__dict__")


@lru_cache(maxsize=512)
def _is_plain_class(cls: type) -> bool:
    """Whether a class is the user's, and reads its attributes as Python does."""
    if cls.__module__.split(".")[0] in LIBRARIES or is_record(cls) or issubclass(cls, (type, BaseException)):
        return False
    called = next((vars(base)["__call__"] for base in cls.__mro__ if "__call__" in vars(base)), None)
    read = cls.__getattribute__ is object.__getattribute__
    return read and (called is None or isinstance(called, python_types.FunctionType))


def _number_type(value: Any) -> Type:
    return {bool: BOOL, int: INT, float: FLOAT, complex: COMPLEX}[type(value)]


def leaf_name(path: Path) -> str:
    """A readable identifier for a leaf: ``params_w``."""
    text = "_".join(str(part) for part in path)
    return "".join(c if c.isalnum() else "_" for c in text)


def _written(path: Path) -> str:
    """``params['w'][0]``."""
    return str(path[0]) + "".join(f"[{part!r}]" for part in path[1:])


def value_names(parameters: Sequence[Parameter]) -> list[str]:
    """The author's names for the leaves: the parameter's, the key's where no other leaf has it, else the path's."""
    paths = [(parameter.name, *path) for parameter in parameters for path in leaf_paths(parameter.tree)]
    last = [str(path[-1]) for path in paths]
    taken = {parameter.name for parameter in parameters}
    names = []
    for path, key in zip(paths, last, strict=True):
        alone = len(path) == 1 or (key.isidentifier() and last.count(key) == 1 and key not in taken)
        names.append(key if alone else leaf_name(path[1:] if isinstance(path[1], str) else path))
    return [name if names.count(name) == 1 else leaf_name(path) for name, path in zip(names, paths, strict=True)]


# --- from arguments


def plain_function(function: Any) -> Any:
    """The function of a bound method, or the function itself."""
    return function.__func__ if inspect.ismethod(function) else function


def parameters_of(function: Any) -> dict[str, inspect.Parameter]:
    """The parameters as they are declared; SignatureError where there are none to read."""
    try:
        return dict(inspect.signature(plain_function(function), follow_wrapped=False).parameters)
    except (TypeError, ValueError) as error:
        raise SignatureError(f"the parameters of {function!r} are not known: {error}") from None


def parameter_kind(parameter: inspect.Parameter) -> str:
    return "keyword" if parameter.kind is inspect.Parameter.KEYWORD_ONLY else "positional"


def default_text(parameter: inspect.Parameter) -> str:
    """The default as source text, if it is a literal."""
    known = parameter.default is not inspect.Parameter.empty and is_literal(parameter.default)
    return literal(parameter.default) if known else ""


def bind(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by parameter, defaults filled in. TypeError as Python raises it."""
    declared = inspect.signature(plain_function(function), follow_wrapped=False)
    given = (function.__self__, *args) if inspect.ismethod(function) else args
    bound = declared.bind(*given, **kwargs)
    bound.apply_defaults()
    found: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        kind = declared.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            found |= zip(extra_names(declared.parameters, name, len(value)), value, strict=True)
        elif kind is inspect.Parameter.VAR_KEYWORD:
            found |= value
        else:
            found[name] = value
    return found


def extra_names(declared: Iterable[str], name: str, count: int) -> list[str]:
    """The names of the arguments that ``*name`` takes: a call makes a parameter of each.

    >>> extra_names(["x", "rest"], "rest", 2)
    ['rest_0', 'rest_1']
    """
    while any(f"{name}_{k}" in declared for k in range(count)):
        name += "_"
    return [f"{name}_{k}" for k in range(count)]


def parameters_in(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, inspect.Parameter]:
    """The parameters of a call: as they are declared, but for each argument of ``*args`` and ``**kwargs`` its own."""
    declared = parameters_of(function)
    if not any(parameter.kind in _STARS for parameter in declared.values()):
        return declared
    found = {}
    behind = False
    for name in bind(function, args, kwargs):
        behind = behind or (name not in declared and name in kwargs)
        kind = inspect.Parameter.KEYWORD_ONLY if behind else inspect.Parameter.POSITIONAL_OR_KEYWORD
        found[name] = declared.get(name) or inspect.Parameter(name, kind)
    return found


def of_arguments(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], fixed: frozenset[Path] = frozenset()
) -> tuple[Signature, list[Any]]:
    """The signature of a call, and the leaves of its arguments.

    fixed: paths (parameter, key, …) of numbers that are constants of the signature.
    """
    declared = parameters_in(function, args, kwargs)
    given = bind(function, args, kwargs)
    describer = Describer(Lengths(declared), fixed)
    parameters = []
    for name, value in given.items():
        tree = describer.tree(value, (name,))
        parameters.append(Parameter(name, tree, parameter_kind(declared[name]), default_text(declared[name])))
    shared = tuple(shared_leaves(describer.leaves))
    return Signature(tuple(parameters), tuple(describer.types), (), shared), describer.leaves


def shared_leaves(leaves: Sequence[Any]) -> Iterator[tuple[int, ...]]:
    """Groups of leaves that share memory (in doubt, they do)."""
    arrays = [(index, leaf) for index, leaf in enumerate(leaves) if isinstance(leaf, np.ndarray) and leaf.size]
    spans = sorted((*_bounds(leaf), index) for index, leaf in arrays)
    group: list[int] = []
    end = 0
    for low, high, index in spans:
        if group and low >= end:
            if len(group) > 1:
                yield tuple(sorted(group))
            group, end = [], 0
        group.append(index)
        end = max(end, high)
    if len(group) > 1:
        yield tuple(sorted(group))


def _bounds(array: np.ndarray) -> tuple[int, int]:
    """The first byte of an array's elements, and the one behind the last."""
    low = high = array.__array_interface__["data"][0]
    for length, stride in zip(array.shape, array.strides, strict=True):
        if stride < 0:
            low += (length - 1) * stride
        else:
            high += (length - 1) * stride
    return low, high + array.itemsize
