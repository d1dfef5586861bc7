"""A derivative that is compiled for each signature it meets."""

from __future__ import annotations

import copy
import functools
import inspect
from typing import Any

import numpy as np

from srcdiff.cache.store import is_file
from srcdiff.compile import LOCK, Module
from srcdiff.diagnostics import SignatureError
from srcdiff.files import write_atomically
from srcdiff.frontend.signature import bind
from srcdiff.ir.structure import Path
from srcdiff.ir.text import to_text
from srcdiff.request import Request
from srcdiff.shown import Shown

from .entry import Entry, at_path
from .explain import explain
from .keys import Args, Kwargs, key_of
from .pickling import reduced

SAID = {
    "value_and_grad": "Value of {} and its gradient with respect to {}.",
    "grad": "Gradient of {} with respect to {}.",
    "vjp": "Value of {} and its pullback to {}.",
    "jvp": "Value of {} and its change along tangents of {}.",
    "pushforward": "Change of {} along tangents of {}.",
    "hvp": "Hessian of {} with respect to {}, multiplied by the vectors that come last.",
    "jacobian": "Jacobian of {} with respect to {}.",
    "hessian": "Hessian of {} with respect to {}.",
}


RESULTS = {
    "value_and_grad": ("value", "gradient"),
    "vjp": ("value", "gradient"),
    "jvp": ("value", "value_dot"),
    "pushforward": ("value_dot",),
    "hvp": ("product",),
}
"""What the parts of a derivative's result are called in pictures."""


class CompiledFunction(Shown):
    """A derivative that is compiled for each signature it meets; it is called like the author's function.

    source: the text of the signature compiled last; filename: where that stands; signatures: those compiled so far;
    ``save(path)`` writes the text; ``show()``, ``open()`` and ``graph()`` show it; ``__wrapped__``: the author's
    function. It can be pickled and copied, and threads may share it.
    """

    __signature__: inspect.Signature

    def __init__(self, request: Request, static: bool = False) -> None:
        self.request = request
        self.static = static
        self._entries: dict[object, Entry] = {}
        self._last: Module | None = None
        self._fixed: tuple[Path, ...] = ()
        self._method: CompiledFunction | None = None
        _describe(self, request)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs:  # the way of nearly every call: nothing but look-ups
            entry = self._entries.get(key_of(args))
            if entry is not None and entry.simple:
                for get, of, value in entry.quick:
                    if get(of) is not value:
                        break
                else:
                    try:
                        return entry.call(*args)
                    except Exception as error:
                        explain(error, entry.module)
                        raise
        entry = self.entry(*args, **kwargs)
        return entry.guarded(entry.call, *args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None or self.static else Bound(self._of_method(), (instance,))

    def entry(self, *args: Any, **kwargs: Any) -> Entry:
        """What serves a call with these arguments."""
        entry = self._entries.get(self._key(args, kwargs))
        return entry if entry is not None and entry.fits(args, kwargs) else self._compiled(args, kwargs)

    @property
    def source(self) -> str:
        """The generated source of the signature that was compiled last; SignatureError before the first call."""
        return self._module().text

    @property
    def filename(self) -> str | None:
        """The file of the signature that was compiled last, for breakpoints; None if it is in memory only."""
        name = self._module().filename
        return name if is_file(name) else None

    @property
    def signatures(self) -> tuple[str, ...]:
        """The signatures compiled so far."""
        return tuple(dict.fromkeys(module.signature.text() for module in self.modules()))

    def save(self, path: str) -> None:
        """Write the source to a file, atomically."""
        write_atomically(path, self.source)

    def modules(self) -> list[Module]:
        """The modules compiled so far."""
        return [entry.module for entry in list(self._entries.values())]

    def shown_function(self) -> tuple[str, str]:
        module = self._module()
        return module.made.name, module.callable.__code__.co_filename

    def shown_ir(self, backward: bool) -> tuple[str, tuple[str, ...]]:
        module = self._module()
        function = module.derivative if backward else module.lowered.function
        names = RESULTS.get(module.request.mode, ("gradient",)) if backward else ("result",)
        return to_text(function, statements=True), names

    def _module(self) -> Module:
        if self._last is None:
            raise SignatureError("nothing is compiled yet: call the function once, its arguments give the signature")
        return self._last

    def _compiled(self, args: Args, kwargs: Kwargs) -> Entry:
        with LOCK:
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
        """The key of a call, with the ints and the shapes that are constants of the signature."""
        key = key_of(args, kwargs)
        fixed = self._fixed
        if not fixed:
            return key
        given = bind(self.request.function, args[: len(args) - self.request.tangents], kwargs)
        values = [at_path(given, path) for path in fixed]
        return key, tuple(value.shape if isinstance(value, np.ndarray) else value for value in values)

    def _of_method(self) -> CompiledFunction:
        """The same derivative with positions counted after the instance."""
        if self.request.skip:
            return self
        if self._method is None:
            self._method = type(self)(self.request.skipping(1))
        return self._method

    def __repr__(self) -> str:
        return f"<srcdiff.{self.request.mode} of {self.request.function.__qualname__}>"

    def __reduce__(self) -> Any:
        return reduced(self, self.request, self.static, self.modules())

    def __copy__(self) -> CompiledFunction:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: dict[int, Any]) -> CompiledFunction:
        """Compiled modules are shared: they hold no state."""
        fresh = type(self)(self.request, self.static)
        with LOCK:
            fresh._entries.update(self._entries)
            fresh._last, fresh._fixed = self._last, self._fixed
        return fresh


FORWARDED = frozenset({"__name__", "__qualname__", "__wrapped__", "_repr_html_", "_repr_mimebundle_"})


class Bound:
    """A derivative with some of its arguments given: of a method of an object, of a ``functools.partial``."""

    def __init__(self, compiled: CompiledFunction, args: Args, kwargs: Kwargs | None = None) -> None:
        self.compiled = compiled
        self.args = args
        self.kwargs = kwargs or {}
        self.__doc__ = compiled.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.compiled(*self.args, *args, **{**self.kwargs, **kwargs})

    def __getattr__(self, name: str) -> Any:
        if name == "__signature__":
            return inspect.signature(functools.partial(self.compiled, *self.args, **self.kwargs))
        if name.startswith("_") and name not in FORWARDED:
            raise AttributeError(name)
        return getattr(self.compiled, name)

    def __repr__(self) -> str:
        return f"<{self.compiled!r} with {len(self.args) + len(self.kwargs)} arguments given>"

    def __reduce__(self) -> Any:
        return Bound, (self.compiled, self.args, self.kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> Bound:
        compiled, args, kwargs = copy.deepcopy((self.compiled, self.args, self.kwargs), memo)
        return Bound(compiled, args, kwargs)


def _describe(derivative: CompiledFunction, request: Request) -> None:
    """Give a derivative the name, the signature and the documentation of the author's function."""
    function = request.function
    functools.update_wrapper(derivative, function, updated=())
    try:
        names = request.wrt_names()
        derivative.__signature__ = inspect.Signature(request.parameters())
    except (SignatureError, ValueError):
        names = request.wrt  # no parameters are known: the first call says so
    said = SAID[request.mode].format(getattr(function, "__name__", "the function"), " and ".join(map(str, names)))
    derivative.__doc__ = "\n\n".join(filter(None, (said, inspect.getdoc(function))))


