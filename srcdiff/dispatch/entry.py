"""A module and how to call it: what makes it stale, and what stands between the caller's arguments and its own."""

from __future__ import annotations

import builtins
import functools
import inspect
import types
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from srcdiff.compile import compile_call
from srcdiff.frontend.lower import Lowered
from srcdiff.frontend.resolve import Resolved, look
from srcdiff.frontend.signature import (
    attributes_of,
    bind,
    parameter_kind,
    parameters_in,
    shared_leaves,
)
from srcdiff.ir.literals import is_literal
from srcdiff.ir.structure import Path
from srcdiff.leaves import as_cotangent
from srcdiff.request import Request, named

from .explain import explain
from .keys import Args, Kwargs, leaf_key

Look = tuple[Callable[[Any], Any], Any, Any]
"""A look-up, what it is called with, and what it found."""


class Entry:
    """A module and how to call it: hidden arguments are read at each call, differentiated ints become floats.

    simple: it serves every call of its key as long as the look-ups in ``quick`` find the same objects.
    """

    def __init__(self, request: Request, args: Args, kwargs: Kwargs) -> None:
        primal = args[: len(args) - request.tangents]
        self.tangents = request.tangents
        self.defaults = _integer_defaults(request, primal, kwargs)
        kwargs = {**self.defaults, **kwargs}
        self.converted = _integers(request, primal, kwargs)
        floats, named = self._converted(primal, kwargs)
        self.module, self.fixed = compile_call(request, floats, named)
        self.order = _order(request, primal, kwargs)
        self._own = _own(request.function)
        self.quick = [*_names(self.module.lowered), *self._own]
        watched = [found for found in self.module.lowered.resolved if found.structure is not None]
        self._watched = [(found.now, leaf_key(found.value)) for found in watched]
        self.simple = not (self._watched or self.module.written or self.fixed)
        plain = not (self.defaults or self.converted or self.module.hidden or self.tangents or self.order)
        self.call: Callable[..., Any] = self.module.callable if plain else self._call

    def fits(self, args: Args, kwargs: Kwargs) -> bool:
        """Whether the module says what the author's program says by now, for these arguments."""
        if not _same(self.quick) and not (_same(self._own) and self.module.lowered.holds()):
            return False
        if any(leaf_key(now()) != key for now, key in self._watched):
            return False
        return not self.module.written or _shared(args, kwargs) == bool(self.module.signature.shared)

    def arranged(self, args: Args, kwargs: Kwargs, behind: int) -> tuple[Args, Kwargs]:
        """The arguments with every parameter given, where the text has no defaults; ``behind`` of them, the last, are
        tangents."""
        if not self.order:
            return args, kwargs
        split = len(args) - behind
        given = bind(self.module.request.function, args[:split], kwargs)
        positional = [given[name] for name, kind in self.order if kind == "positional"]
        return (*positional, *args[split:]), {name: given[name] for name, kind in self.order if kind == "keyword"}

    def guarded(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What a function of the module returns; its exceptions name the author's line."""
        try:
            return function(*args, **kwargs)
        except Exception as error:
            explain(error, self.module)
            raise

    def _call(self, *args: Any, **kwargs: Any) -> Any:
        split = len(args) - self.tangents
        floats, named = self._converted(args, {**self.defaults, **kwargs} if self.defaults else kwargs)
        floats, named = self.arranged((*floats[:split], *map(as_cotangent, args[split:])), named, self.tangents)
        return self.module.callable(*floats, **named, **self.module.hidden_values())

    def _converted(self, args: Args, kwargs: Kwargs) -> tuple[Args, Kwargs]:
        if not self.converted:
            return args, kwargs
        positions, names = self.converted
        return (
            tuple(_as_float(value) if k in positions else value for k, value in enumerate(args)),
            {name: _as_float(value) if name in names else value for name, value in kwargs.items()},
        )


# --- what makes a module stale


def _same(looks: list[Look]) -> bool:
    return all(get(of) is value for get, of, value in looks)


def _own(function: Any) -> list[Look]:
    """The code and the defaults of the author's function: both can be replaced in place (``%autoreload`` does)."""
    if not isinstance(function, types.FunctionType):
        return []
    found = [(name, getattr(function, name)) for name in ("__code__", "__defaults__", "__kwdefaults__")]
    return [(attrgetter(name), function, value) for name, value in found if value]


def _names(lowered: Lowered) -> list[Look]:
    """The names of which the objects themselves went into the text, and the code of the functions that were read."""
    looks: list[Look] = [(attrgetter("__code__"), function, code) for function, code in lowered.functions]
    for found in lowered.resolved:
        if found.structure is not None:
            continue
        if isinstance(found.space, dict):
            looks.append((found.space.get, found.name, None if _is_builtin(found) else found.value))
        elif isinstance(found.space, types.CellType):
            looks.append((attrgetter("cell_contents"), found.space, found.value))
        else:
            looks.append((functools.partial(look, found.space), found.name, found.value))
    return looks


def _is_builtin(found: Resolved) -> bool:
    """Whether a name was found among the builtins: as long as no global has it."""
    return found.name not in found.space and getattr(builtins, found.name, None) is found.value


# --- arguments


def at_path(given: Any, path: Path) -> Any:
    """What stands at a path in the arguments; None if there is nothing."""
    for step in path:
        keyed = isinstance(given, dict) or (isinstance(given, (list, tuple)) and isinstance(step, int))
        try:
            given = given[step] if keyed else getattr(given, step)
        except (KeyError, IndexError, AttributeError, TypeError):
            return None
    return given


def _order(request: Request, args: Args, kwargs: Kwargs) -> tuple[tuple[str, str], ...]:
    """The parameters in order, with their kinds, if each has to be given: a default is left to the module only if it
    can be written there, and nothing is to stand behind it."""
    declared = parameters_in(request.function, args, kwargs)
    omitted = [p for k, (name, p) in enumerate(declared.items()) if k >= len(args) and name not in kwargs]
    left = any(p.kind is not inspect.Parameter.KEYWORD_ONLY for p in omitted) or any(
        name in kwargs and p.kind is not inspect.Parameter.KEYWORD_ONLY for name, p in declared.items()
    )
    if not (request.tangents and left) and all(is_literal(p.default) for p in omitted):
        return ()
    return tuple((name, parameter_kind(parameter)) for name, parameter in declared.items())


def _chosen(request: Request, names: Sequence[str]) -> set[str]:
    """The parameters of the author's function that are differentiated."""
    bottom = request.chain()[0]
    return {name for w in bottom.wrt if (name := named(names, w, bottom.skip)) is not None}


def _integers(request: Request, args: Args, kwargs: Kwargs) -> tuple[frozenset[int], frozenset[str]] | None:
    """The differentiated arguments that are ints (or int arrays): positions and keywords."""
    names = list(parameters_in(request.function, args, kwargs))
    chosen = _chosen(request, names)
    pairs = enumerate(zip(names, args, strict=False))
    positions = frozenset(k for k, (name, value) in pairs if name in chosen and _is_int(value))
    keywords = frozenset(name for name, value in kwargs.items() if name in chosen and _is_int(value))
    return (positions, keywords) if positions or keywords else None


def _integer_defaults(request: Request, args: Args, kwargs: Kwargs) -> Kwargs:
    """The defaults that are differentiated and ints: they are passed like other arguments."""
    declared = list(parameters_in(request.function, args, kwargs).items())
    chosen = _chosen(request, [name for name, _ in declared])
    return {n: p.default for n, p in declared[len(args) :] if n in chosen and n not in kwargs and _is_int(p.default)}


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
    elif hasattr(type(value), "__dataclass_fields__"):
        _collect_arrays(tuple(getattr(value, name) for name in value.__dataclass_fields__), arrays)
    else:
        _collect_arrays(tuple((attributes_of(value) or {}).values()), arrays)
