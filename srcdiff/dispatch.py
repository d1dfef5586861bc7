"""From a call to the module that serves it: signatures, keys, and what makes a compiled module stale."""

from __future__ import annotations

import builtins
import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.compile import Module, Request, as_cotangent, compile_module
from srcdiff.diagnostics import SignatureError
from srcdiff.files import write_atomically
from srcdiff.frontend.lower import ConstantError, Lowered
from srcdiff.frontend.resolve import Resolved
from srcdiff.frontend.signature import bind, of_arguments, parameters_of, shared_leaves
from srcdiff.ir.structure import Path
from srcdiff.ir.text import to_text
from srcdiff.shown import Shown

Args = tuple[Any, ...]
Kwargs = dict[str, Any]


RESULTS = {"value_and_grad": ("value", "gradient"), "vjp": ("value", "gradient"), "jvp": ("value", "value_dot")}
"""What the parts of a derivative's result are called in pictures."""


class CompiledFunction(Shown):
    """A derivative that is compiled for each signature it meets.

    source: the text of the signature compiled last; signatures: those compiled so far; ``save(path)`` writes the text;
    ``show()``, ``open()`` and ``graph()`` show it.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self._entries: dict[object, Entry] = {}
        self._last: Module | None = None
        self._lock = threading.Lock()
        self._fixed: tuple[Path, ...] = ()
        functools.update_wrapper(self, request.function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs:  # the way of nearly every call: nothing but look-ups
            entry = self._entries.get(tuple([_leaf_key(value) for value in args]))
            if entry is not None and entry.simple:
                for get, name, value in entry.quick:
                    if get(name) is not value:
                        break
                else:
                    return entry.call(*args)
        return self.entry(*args, **kwargs).call(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def entry(self, *args: Any, **kwargs: Any) -> Entry:
        """What serves a call with these arguments."""
        entry = self._entries.get(self._key(args, kwargs))
        return entry if entry is not None and entry.fits(args, kwargs) else self._compiled(args, kwargs)

    @property
    def source(self) -> str:
        """The generated source of the signature that was compiled last; SignatureError before the first call."""
        return self._shown().text

    def shown_function(self) -> tuple[str, str]:
        module = self._shown()
        return module.function.name, module.callable.__code__.co_filename

    def shown_ir(self, backward: bool) -> tuple[str, tuple[str, ...]]:
        module = self._shown()
        function = module.derivative if backward else module.lowered.function
        names = RESULTS.get(self.request.mode, ("gradient",)) if backward else ("result",)
        return to_text(function, statements=True), names

    def _shown(self) -> Module:
        """The module that was compiled last."""
        if self._last is None:
            raise SignatureError("nothing is compiled yet: call the function once, its arguments give the signature")
        return self._last

    @property
    def signatures(self) -> tuple[str, ...]:
        """The signatures compiled so far."""
        return tuple(str(entry.module.signature) for entry in self._entries.values())

    def save(self, path: str) -> None:
        """Write the source to a file, atomically."""
        write_atomically(path, self.source)

    def _compiled(self, args: Args, kwargs: Kwargs) -> Entry:
        with self._lock:
            entry = self._entries.get(self._key(args, kwargs))
            if entry is None or not entry.fits(args, kwargs):
                entry = Entry(self.request, args, kwargs)
                if not entry.fixed <= set(self._fixed):
                    self._fixed = tuple(sorted({*self._fixed, *entry.fixed}, key=repr))
                    self._entries.clear()
                self._entries[self._key(args, kwargs)] = entry
            self._last = entry.module
            return entry

    def _key(self, args: Args, kwargs: Kwargs) -> object:
        """The key of a call, with the values of the ints that are constants of the signature."""
        key = key_of(args, kwargs)
        if not self._fixed:
            return key
        given = bind(self.request.function, args[: len(args) - self.request.tangents], kwargs)
        return key, tuple(_at(given, path) for path in self._fixed)


def _compiled(request: Request, args: Args, kwargs: Kwargs) -> tuple[Module, frozenset[Path]]:
    """The module for a call; ints that must be known by value become constants of its signature."""
    fixed: frozenset[Path] = frozenset()
    while True:
        signature, _ = of_arguments(request.function, args, kwargs, fixed)
        try:
            return compile_module(request, signature), fixed
        except ConstantError as error:
            if error.paths <= fixed:
                raise
            fixed |= error.paths


class Entry:
    """A module and how to call it: hidden arguments are read at each call, differentiated ints become floats."""

    def __init__(self, request: Request, args: Args, kwargs: Kwargs) -> None:
        primal = args[: len(args) - request.tangents]
        self.converted = _integers(request, primal, kwargs)
        floats, named = self._converted(primal, kwargs)
        self.module, self.fixed = _compiled(request, floats, named)
        self.quick, self._slow = _resolved(self.module.lowered)
        self.tangents = request.tangents
        plain = not (self.converted or self.module.hidden or self.tangents)
        self.simple = not (self._slow or self.module.written or self.fixed)
        self.call: Callable[..., Any] = self.module.callable if plain else self._call

    def fits(self, args: Args, kwargs: Kwargs) -> bool:
        """Whether the module says what the author's program says by now, for these arguments."""
        for get, name, value in self.quick:
            if get(name) is not value and not self.module.lowered.holds():
                return False
        if self._slow and not self.module.lowered.holds():
            return False
        return not self.module.written or _shared(args, kwargs) == bool(self.module.signature.shared)

    def _call(self, *args: Any, **kwargs: Any) -> Any:
        split = len(args) - self.tangents
        args = (*args[:split], *map(as_cotangent, args[split:]))
        floats, named = self._converted(args, kwargs)
        return self.module.callable(*floats, **named, **self.module.hidden_values())

    def _converted(self, args: Args, kwargs: Kwargs) -> tuple[Args, Kwargs]:
        if not self.converted:
            return args, kwargs
        positions, names = self.converted
        return (
            tuple(_as_float(value) if k in positions else value for k, value in enumerate(args)),
            {name: _as_float(value) if name in names else value for name, value in kwargs.items()},
        )


def _at(given: Any, path: Path) -> Any:
    """What stands at a path in the arguments; None if there is nothing."""
    for step in path:
        keyed = isinstance(given, dict) or (isinstance(given, (list, tuple)) and isinstance(step, int))
        try:
            given = given[step] if keyed else getattr(given, step)
        except (KeyError, IndexError, AttributeError, TypeError):
            return None
    return given


def _resolved(lowered: Lowered) -> tuple[list[tuple[Callable[[str], Any], str, Any]], bool]:
    """How to see quickly whether names still stand for what they stood for: look-ups in the globals of modules, and
    whether there is more that has to be asked."""
    quick: list[tuple[Callable[[str], Any], str, Any]] = []
    rest = [function for function, code in lowered.functions if function.__code__ is not code]
    for found in lowered.resolved:
        if found.hidden:
            continue
        if isinstance(found.space, dict) and found.name in found.space:
            quick.append((found.space.get, found.name, found.value))
        elif not _is_builtin(found):
            rest.append(found)
    return quick, bool(rest)


def _is_builtin(found: Resolved) -> bool:
    """Whether a name was found among the builtins."""
    return isinstance(found.space, dict) and getattr(builtins, found.name, None) is found.value


def _integers(request: Request, args: Args, kwargs: Kwargs) -> tuple[frozenset[int], frozenset[str]] | None:
    """The differentiated arguments that are ints (or int arrays): positions and keywords."""
    parameters = parameters_of(request.function)
    declared = [name for name, p in parameters.items() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    bottom = request
    while isinstance(bottom.of, Request):
        bottom = bottom.of
    chosen = {declared[w] if isinstance(w, int) and -len(declared) <= w < len(declared) else w for w in bottom.wrt}
    pairs = enumerate(zip(declared, args, strict=False))
    positions = frozenset(k for k, (name, value) in pairs if name in chosen and _is_int(value))
    names = frozenset(name for name, value in kwargs.items() if name in chosen and _is_int(value))
    return (positions, names) if positions or names else None


def _is_int(value: Any) -> bool:
    if isinstance(value, (np.ndarray, np.generic)):
        return bool(np.issubdtype(value.dtype, np.integer))
    return type(value) is int


def _as_float(value: Any) -> Any:
    return value.astype(np.float64) if isinstance(value, (np.ndarray, np.generic)) else float(value)


def _shared(args: Args, kwargs: Kwargs) -> bool:
    """Whether two arrays among the arguments share memory."""
    arrays: list[Any] = []
    _collect_arrays((*args, *kwargs.values()), arrays)
    return any(True for _ in shared_leaves(arrays))


def _collect_arrays(value: Any, arrays: list[Any]) -> None:
    if isinstance(value, np.ndarray):
        arrays.append(value)
    elif isinstance(value, (tuple, list)):
        for item in value:
            _collect_arrays(item, arrays)
    elif isinstance(value, dict):
        _collect_arrays(tuple(value.values()), arrays)
    elif hasattr(value, "__dataclass_fields__"):
        _collect_arrays(tuple(getattr(value, name) for name in value.__dataclass_fields__), arrays)


def key_of(args: Args, kwargs: Kwargs) -> object:
    """What of a call decides which module serves it: types, dtypes, ranks, axes of length 1, structures, constants."""
    key = [_leaf_key(value) for value in args]
    if kwargs:
        key.extend((name, _leaf_key(kwargs[name])) for name in sorted(kwargs))
    return tuple(key)


def _leaf_key(value: Any) -> object:
    kind = type(value)
    if kind is float or kind is int:
        return kind
    if kind is np.ndarray:
        shape = value.shape
        if 1 in shape:
            return value.dtype, tuple([length == 1 for length in shape])
        return value.dtype, len(shape)
    return _structure_key(value)


def _structure_key(value: Any) -> object:
    if isinstance(value, np.generic):
        return type(value)
    if isinstance(value, np.ndarray):
        return type(value), value.dtype, tuple(length == 1 for length in value.shape)
    if isinstance(value, dict):
        return dict, tuple((name, _leaf_key(item)) for name, item in value.items())
    if isinstance(value, (tuple, list)):
        if isinstance(value, list) and value and all(type(item) in (int, float) for item in value):
            return list, frozenset(map(type, value))
        return type(value), tuple(map(_leaf_key, value))
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return type(value), tuple(_leaf_key(getattr(value, name)) for name in value.__dataclass_fields__)
    try:
        hash(value)
    except TypeError:
        return type(value), id(value)
    return type(value), value
