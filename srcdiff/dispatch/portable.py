"""Functions that cannot be imported elsewhere, as data: the text that they stand in, and what their names stand for.

Lambdas, functions inside functions, functions of a notebook: their text is compiled again in the other process, and the
helpers, constants, closures and defaults that they use travel with them.
"""

from __future__ import annotations

import builtins
import hashlib
import importlib
import linecache
import pickle
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from srcdiff.frontend.lines import text_of_code
from srcdiff.frontend.source import same_code


@dataclass(frozen=True)
class FunctionAt:
    """A function by its number among those that travel together."""

    number: int


@dataclass(frozen=True)
class ModuleNamed:
    """A module, to be imported."""

    name: str


@dataclass
class Record:
    """One function.

    position: of its code among the code objects of the text; space: number of its globals; names: those of the globals
    that it uses; cells: numbers of the cells of its closure; attributes, values: of the function, Python's and others.
    """

    filename: str
    text: str
    position: int
    space: int
    attributes: dict[str, Any]
    names: dict[str, Any] = field(default_factory=dict)
    cells: list[int] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Portable:
    """Functions that use each other; the first is the one that is meant. cells: what they hold."""

    records: list[Record]
    cells: list[Any]


def importable(value: Any) -> bool:
    """Whether another process finds this very object under its name."""
    try:
        found = lookup(value.__module__, value.__qualname__)
    except (AttributeError, ImportError, ValueError):
        return False
    return found is value


def lookup(module: str, qualname: str) -> Any:
    """The object of a name; ImportError, AttributeError if there is none, or if no other process would find it."""
    found: Any = importlib.import_module(module)
    if module == "__main__" and not hasattr(found, "__file__"):
        raise ImportError("a notebook or a shell is no module")
    for part in qualname.split("."):
        found = getattr(found, part)
    return found


def packed(function: types.FunctionType) -> Portable:
    """A function with all that it needs. PicklingError for one whose text is not known, or that uses what cannot be
    pickled."""
    return _Packer(function).portable


class _Packer:
    def __init__(self, function: types.FunctionType) -> None:
        self.functions: list[types.FunctionType] = [function]
        self.spaces: list[int] = []
        self.cells: list[Any] = []
        self.portable = Portable([], [])
        records, contents = self.portable.records, self.portable.cells
        while len(records) < len(self.functions) or len(contents) < len(self.cells):  # each may name more of both
            if len(records) < len(self.functions):
                records.append(self.record(self.functions[len(records)]))
            else:
                contents.append(self.value("a closure", self.cells[len(contents)].cell_contents))

    def record(self, function: types.FunctionType) -> Record:
        code = function.__code__
        text = text_of_code(code, function.__globals__)
        codes = _codes(compile(text, code.co_filename, "exec", dont_inherit=True))
        same = [position for position, found in enumerate(codes) if same_code(found, code)]
        if not text or not same:
            raise pickle.PicklingError(f"`{function.__name__}` cannot be pickled: its source is not known")
        record = Record(code.co_filename, text, same[0], self.number(self.spaces, id(function.__globals__)), {})
        for name in sorted(set(_names(code)) & function.__globals__.keys()):
            record.names[name] = self.value(name, function.__globals__[name])
        record.cells = [self.number(self.cells, cell) for cell in function.__closure__ or ()]
        for name in ("__name__", "__qualname__", "__module__", "__doc__"):
            record.attributes[name] = getattr(function, name)
        for name in ("__defaults__", "__kwdefaults__"):
            record.attributes[name] = self.value(name, getattr(function, name))
        record.values = {name: self.value(name, value) for name, value in vars(function).items()}
        return record

    @staticmethod
    def number(known: list[Any], value: Any) -> int:
        for number, item in enumerate(known):
            if item is value or (isinstance(value, int) and item == value):
                return number
        known.append(value)
        return len(known) - 1

    def value(self, name: str, value: Any) -> Any:
        if isinstance(value, types.ModuleType):
            return ModuleNamed(value.__name__)
        if isinstance(value, types.FunctionType) and (value.__module__ == "__main__" or not importable(value)):
            return FunctionAt(self.number(self.functions, value))
        try:
            pickle.dumps(value)
        except Exception as error:
            name = f"`{self.functions[0].__name__}` cannot be pickled: it uses `{name}`"
            raise pickle.PicklingError(f"{name}, a {type(value).__name__} ({error})") from None
        return value


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A code object and all inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _names(code: types.CodeType) -> Iterator[str]:
    for inner in _codes(code):
        yield from inner.co_names


def unpacked(portable: Portable) -> types.FunctionType:
    """The function, in this process."""
    spaces: dict[int, dict[str, Any]] = {}
    cells = [types.CellType() for _ in portable.cells]
    functions = []
    for record in portable.records:
        space = spaces.setdefault(record.space, {"__builtins__": builtins, "__name__": record.attributes["__module__"]})
        code = list(_codes(compile(record.text, _filename(record), "exec", dont_inherit=True)))[record.position]
        closure = tuple(cells[number] for number in record.cells)
        functions.append(types.FunctionType(code, space, record.attributes["__name__"], None, closure))

    def here(value: Any) -> Any:
        if isinstance(value, ModuleNamed):
            return importlib.import_module(value.name)
        return functions[value.number] if isinstance(value, FunctionAt) else value

    for record, function in zip(portable.records, functions, strict=True):
        function.__globals__.update({name: here(value) for name, value in record.names.items()})
        vars(function).update({name: here(value) for name, value in record.values.items()})
        for name, value in record.attributes.items():
            setattr(function, name, value)
    for cell, value in zip(cells, portable.cells, strict=True):
        cell.cell_contents = here(value)
    return functions[0]


def _filename(record: Record) -> str:
    """The name under which the text is known here: its own, unless another text has that."""
    name, lines = record.filename, linecache.getlines(record.filename)
    if lines and "".join(lines) != record.text:
        name = f"<pickled {hashlib.sha256(record.text.encode()).hexdigest()[:16]}>"
    if not lines or name != record.filename:
        linecache.cache[name] = (len(record.text), None, record.text.splitlines(keepends=True), name)
    return name
