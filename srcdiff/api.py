"""``grad``, ``value_and_grad``, ``vjp`` and ``jvp``: from a function to a function that returns its derivative.

>>> import numpy as np, srcdiff
>>> def f(x):
...     z = x * 2
...     return z.mean()
>>> srcdiff.grad(f)(np.array([1.0, 2.0, 3.0]))
array([0.66666667, 0.66666667, 0.66666667])
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.compile import OPTIMIZE, Module, Request, derive
from srcdiff.diagnostics import SignatureError
from srcdiff.files import write_atomically
from srcdiff.frontend.signature import of_arguments

WrtLike = int | str | tuple[int | str, ...]


class CompiledFunction:
    """A derivative that is compiled for each signature it meets.

    source: the text of the last signature compiled; signatures: those compiled so far; ``save(path)`` writes it.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self._modules: dict[object, tuple[Module, Callable[..., Any]]] = {}
        self._last: Module | None = None
        self._lock = threading.Lock()
        functools.update_wrapper(self, request.function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        entry = self._modules.get(_key(args, kwargs))
        if entry is None or not entry[0].lowered.is_current():
            entry = self._compile(args, kwargs)
        return entry[1](*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def module(self, *args: Any, **kwargs: Any) -> Module:
        """The module for a call with these arguments."""
        entry = self._modules.get(_key(args, kwargs))
        if entry is None or not entry[0].lowered.is_current():
            entry = self._compile(args, kwargs)
        return entry[0]

    @property
    def source(self) -> str:
        """The generated source of the signature that was compiled last; raises SignatureError before the first call."""
        if self._last is None:
            raise SignatureError("nothing is compiled yet: call the function once, its arguments give the signature")
        return self._last.text

    @property
    def signatures(self) -> tuple[str, ...]:
        """The signatures compiled so far."""
        return tuple(str(module.lowered.signature) for module, _ in self._modules.values())

    def save(self, path: str) -> None:
        """Write the source to a file, atomically."""
        write_atomically(path, self.source)

    def _compile(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Module, Callable[..., Any]]:
        with self._lock:
            key = _key(args, kwargs)
            entry = self._modules.get(key)
            if entry is not None and entry[0].lowered.is_current():
                return entry
            if self.request.mode == "jvp":
                count = len(self.request.wrt)
                signature, _ = of_arguments(self.request.function, args[: len(args) - count], kwargs)
            else:
                signature, _ = of_arguments(self.request.function, args, kwargs)
            signature = signature.differentiated(self.request.wrt)
            module = derive(self.request, signature)
            entry = module, _caller(module)
            self._modules[key] = entry
            self._last = module
            return entry


def _caller(module: Module) -> Callable[..., Any]:
    """The module's function, given the globals and closure cells that it takes at run time."""
    if not module.hidden:
        return module.callable
    names, read, call = module.hidden, module.lowered.hidden_value, module.callable

    def with_hidden(*args: Any, **kwargs: Any) -> Any:
        return call(*args, **kwargs, **{name: read(name) for name in names})

    return with_hidden


def _key(args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
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
    if hasattr(value, "__dataclass_fields__"):
        return type(value), tuple(_leaf_key(getattr(value, name)) for name in value.__dataclass_fields__)
    try:
        hash(value)
    except TypeError:
        return type(value), id(value)
    return type(value), value


# The public functions


def _positions(wrt: WrtLike, argnums: WrtLike | None) -> tuple[tuple[int | str, ...], bool]:
    chosen = wrt if argnums is None else argnums
    if isinstance(chosen, (tuple, list)):
        return tuple(chosen), False
    return (chosen,), True


def _request(
    function: Callable[..., Any], wrt: WrtLike, argnums: WrtLike | None, mode: str, optimize: str
) -> CompiledFunction:
    if optimize not in OPTIMIZE:
        raise SignatureError(f"optimize is one of {', '.join(OPTIMIZE)}, not {optimize!r}")
    names, single = _positions(wrt, argnums)
    inner = function.request if isinstance(function, CompiledFunction) else function
    return CompiledFunction(Request(inner, names, single, mode, optimize))


def _transform(mode: str, document: str) -> Callable[..., Any]:
    def transform(
        function: Callable[..., Any] | None = None,
        wrt: WrtLike = 0,
        *,
        argnums: WrtLike | None = None,
        optimize: str = "readable",
    ) -> Any:
        if function is None:
            return lambda f: _request(f, wrt, argnums, mode, optimize)
        return _request(function, wrt, argnums, mode, optimize)

    transform.__name__ = transform.__qualname__ = mode
    transform.__doc__ = document
    return transform


grad = _transform(
    "grad",
    """The gradient of a function that returns one number.

    function: the function; wrt (or argnums): a position, a name, or a tuple of them. Gives a function of the same
    arguments that returns the gradient: one for one argument, a tuple for a tuple, containers for containers.
    Usable as a decorator. Raises UnsupportedError at the first call for source that is refused.

    >>> grad(lambda x: x * x)(3.0)
    6.0
    """,
)

value_and_grad = _transform(
    "value_and_grad",
    """Like ``grad``; the function returns ``(value, gradient)``.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """,
)

jvp = _transform(
    "jvp",
    """The derivative along tangents: the last arguments, one for each of ``wrt``; returns ``(value, value_dot)``.

    >>> jvp(lambda x: x * x)(3.0, 1.0)
    (9.0, 6.0)
    """,
)


class Vjp:
    """``(value, pullback)`` of a function; ``pullback(value_bar)`` is the gradient and may be called repeatedly."""

    def __init__(self, pull: CompiledFunction) -> None:
        self.pull = pull
        functools.update_wrapper(self, pull.request.function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> tuple[Any, Callable[[Any], Any]]:
        module = self.pull.module(*args, **kwargs)
        kept, named = frozen(args), frozen(kwargs)
        value = self.pull.request.function(*frozen(args), **frozen(kwargs))
        call = _caller(module)

        def pullback(value_bar: Any) -> Any:
            _check_cotangent(value, value_bar)
            return call(*kept, value_bar, **named)[1]

        return value, pullback

    @property
    def source(self) -> str:
        return self.pull.source


def vjp(
    function: Callable[..., Any] | None = None,
    wrt: WrtLike = 0,
    *,
    argnums: WrtLike | None = None,
    optimize: str = "readable",
) -> Any:
    """``(value, pullback)`` for functions with any result; ``pullback(value_bar)`` is the gradient.

    >>> value, pullback = vjp(lambda x: x * x)(3.0)
    >>> pullback(2.0)
    12.0
    """
    if function is None:
        return lambda f: vjp(f, wrt, argnums=argnums, optimize=optimize)
    return Vjp(_request(function, wrt, argnums, "vjp", optimize))


def frozen(value: Any) -> Any:
    """A copy that later writes to the arrays in ``value`` do not reach."""
    if isinstance(value, np.ndarray):
        return np.copy(value)
    if isinstance(value, dict):
        return {key: frozen(item) for key, item in value.items()}
    if type(value) in (tuple, list):
        return type(value)(map(frozen, value))
    if hasattr(value, "__dataclass_fields__"):
        return type(value)(**{name: frozen(getattr(value, name)) for name in value.__dataclass_fields__})
    return value


def _check_cotangent(value: Any, cotangent: Any) -> None:
    if np.ndim(value) != np.ndim(cotangent) or np.shape(value) != np.shape(cotangent):
        raise SignatureError(f"the cotangent has shape {np.shape(cotangent)}, the value {np.shape(value)}")
