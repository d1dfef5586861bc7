"""From a call to the module that serves it: signatures, keys, and what makes a compiled module stale."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.compile import Module, Request, compile_module
from srcdiff.diagnostics import SignatureError
from srcdiff.files import write_atomically
from srcdiff.frontend.signature import of_arguments, parameters_of, shared_leaves

Args = tuple[Any, ...]
Kwargs = dict[str, Any]


class CompiledFunction:
    """A derivative that is compiled for each signature it meets.

    source: the text of the signature compiled last; signatures: those compiled so far; ``save(path)`` writes the text.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self._entries: dict[object, Entry] = {}
        self._last: Module | None = None
        self._lock = threading.Lock()
        functools.update_wrapper(self, request.function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        entry = self._entries.get(key_of(args, kwargs))
        if entry is None or not entry.fits(args, kwargs):
            entry = self._compiled(args, kwargs)
        return entry.call(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def entry(self, *args: Any, **kwargs: Any) -> Entry:
        """What serves a call with these arguments."""
        entry = self._entries.get(key_of(args, kwargs))
        return entry if entry is not None and entry.fits(args, kwargs) else self._compiled(args, kwargs)

    @property
    def source(self) -> str:
        """The generated source of the signature that was compiled last; SignatureError before the first call."""
        if self._last is None:
            raise SignatureError("nothing is compiled yet: call the function once, its arguments give the signature")
        return self._last.text

    @property
    def signatures(self) -> tuple[str, ...]:
        """The signatures compiled so far."""
        return tuple(str(entry.module.signature) for entry in self._entries.values())

    def save(self, path: str) -> None:
        """Write the source to a file, atomically."""
        write_atomically(path, self.source)

    def _compiled(self, args: Args, kwargs: Kwargs) -> Entry:
        with self._lock:
            key = key_of(args, kwargs)
            entry = self._entries.get(key)
            if entry is None or not entry.fits(args, kwargs):
                entry = Entry(self.request, args, kwargs)
                self._entries[key] = entry
            self._last = entry.module
            return entry


class Entry:
    """A module and how to call it: hidden arguments are read at each call, differentiated ints become floats."""

    def __init__(self, request: Request, args: Args, kwargs: Kwargs) -> None:
        primal = args[: len(args) - len(request.wrt)] if request.mode == "jvp" else args
        self.converted = _integers(request, primal, kwargs)
        floats, named = self._converted(primal, kwargs)
        signature, _ = of_arguments(request.function, floats, named)
        self.module = compile_module(request, signature)
        plain = not (self.converted or self.module.hidden)
        self.call: Callable[..., Any] = self.module.callable if plain else self._call

    def fits(self, args: Args, kwargs: Kwargs) -> bool:
        """Whether the module says what the author's program says by now, for these arguments."""
        if not self.module.lowered.is_current():
            return False
        return not self.module.written or _shared(args, kwargs) == bool(self.module.signature.shared)

    def _call(self, *args: Any, **kwargs: Any) -> Any:
        floats, named = self._converted(args, kwargs)
        read = self.module.lowered.hidden_value
        return self.module.callable(*floats, **named, **{name: read(name) for name in self.module.hidden})

    def _converted(self, args: Args, kwargs: Kwargs) -> tuple[Args, Kwargs]:
        if not self.converted:
            return args, kwargs
        positions, names = self.converted
        return (
            tuple(_as_float(value) if k in positions else value for k, value in enumerate(args)),
            {name: _as_float(value) if name in names else value for name, value in kwargs.items()},
        )


def _integers(request: Request, args: Args, kwargs: Kwargs) -> tuple[frozenset[int], frozenset[str]] | None:
    """The differentiated arguments that are ints (or int arrays): positions and keywords."""
    declared = [name for name, p in parameters_of(request.function).items() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    bottom = request
    while isinstance(bottom.of, Request):
        bottom = bottom.of
    chosen = {declared[w] if isinstance(w, int) and -len(declared) <= w < len(declared) else w for w in bottom.wrt}
    positions = frozenset(k for k, value in enumerate(args) if declared[k : k + 1] and declared[k] in chosen and _is_int(value))
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
