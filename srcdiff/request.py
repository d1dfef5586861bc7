"""What is asked for: which derivative of which function, with respect to what."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from srcdiff.diagnostics import SignatureError
from srcdiff.frontend.signature import bind, parameters_of

ALONG = frozenset({"jvp", "pushforward", "hvp"})
"""The modes of which the last arguments are tangents, one for each of ``wrt``."""


@dataclass(frozen=True)
class Outputs:
    """The parameters whose final contents are the result: names or positions; single: one, and not a tuple of them."""

    names: tuple[int | str, ...]
    single: bool


@dataclass(frozen=True)
class Request:
    """One derivative of one function: ``of`` is the function, or the request whose result is differentiated again.

    has_aux: the function returns (what is differentiated, something that is handed on); skip: how many parameters stand
    in front of those that positions count, such as ``self``; outputs: the arguments that hold the result, where the
    function works through them.
    """

    of: Callable[..., Any] | Request
    wrt: tuple[int | str, ...]
    single: bool
    mode: str = "value_and_grad"
    optimize: str = "readable"
    has_aux: bool = False
    skip: int = 0
    outputs: Outputs | None = None

    @property
    def tangents(self) -> int:
        """How many of the last arguments are tangents, of this derivative and those that it is made of."""
        own = len(self.wrt) if self.mode in ALONG else 0
        return own + (self.of.tangents if isinstance(self.of, Request) else 0)

    @property
    def function(self) -> Callable[..., Any]:
        """The author's function at the bottom."""
        return self.of.function if isinstance(self.of, Request) else self.of

    def chain(self) -> list[Request]:
        """The derivatives that a derivative is made of, the innermost first."""
        return [*(self.of.chain() if isinstance(self.of, Request) else ()), self]

    def skipping(self, count: int) -> Request:
        """The same derivative with positions counted after this many parameters."""
        of = self.of.skipping(count) if isinstance(self.of, Request) else self.of
        return replace(self, of=of, skip=count)

    def parameters(self) -> list[inspect.Parameter]:
        """The parameters of the derivative; SignatureError where those of the function are not known.

        >>> Request(lambda x, a=1.0: x * a, (0,), True, "jvp").parameters()
        [<Parameter "x">, <Parameter "a">, <Parameter "x_dot">]
        """
        inner = self._inner_parameters()
        if self.mode not in ALONG:
            return inner
        names = [parameter.name for parameter in inner]
        cut = sum(parameter.kind is not parameter.KEYWORD_ONLY for parameter in inner)
        tangents = [_free(f"{named(names, w, self.skip) or w}_dot", names) for w in self.wrt]
        added = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in tangents]
        return [*(p.replace(default=p.empty) for p in inner[:cut]), *added, *inner[cut:]]

    @property
    def takes_any(self) -> bool:
        """Whether the author's function takes ``*args`` or ``**kwargs``, whose names are known at a call only."""
        declared = parameters_of(self.function).values()
        return any(p.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD) for p in declared)

    def wrt_names(self) -> tuple[int | str, ...]:
        """What is differentiated, by name where there is such a parameter."""
        names = [parameter.name for parameter in self._inner_parameters()]
        return tuple(named(names, position, self.skip) or position for position in self.wrt)

    def chosen(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call that are differentiated, by name, defaults filled in; args: without own tangents.

        SignatureError where ``wrt`` names no parameter, TypeError for a call that Python would refuse.

        >>> Request(lambda x, a=1.0: x * a, (1, "x"), False).chosen((3.0,), {})
        {'a': 1.0, 'x': 3.0}
        """
        inner = self.of.tangents if isinstance(self.of, Request) else 0
        split = len(args) - inner
        parameters = self._inner_parameters()
        given = bind(self.function, args[:split], kwargs)
        positional = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
        given.update(zip(positional[len(positional) - inner :], args[split:], strict=True))
        name, names = getattr(self.function, "__name__", "the function"), [parameter.name for parameter in parameters]
        return {found: given[found] for found in (parameter_of(name, names, w, self.skip) for w in self.wrt)}

    def _inner_parameters(self) -> list[inspect.Parameter]:
        return self.of.parameters() if isinstance(self.of, Request) else list(parameters_of(self.of).values())


def named(names: Sequence[str], position: int | str, skip: int) -> str | None:
    """The parameter that a name stands for, or a position behind the skipped ones; None if there is none.

    >>> named(["self", "w", "x"], 0, 1), named(["self", "w", "x"], -3, 1)
    ('w', None)
    """
    if isinstance(position, str):
        return position if position in names else None
    counted = names[skip:]
    return counted[position] if -len(counted) <= position < len(counted) else None


def parameter_of(function: str, names: Sequence[str], position: int | str, skip: int) -> str:
    """Like ``named``; SignatureError if there is no such parameter. function: its name, for the message."""
    found = named(names, position, skip)
    if found is not None:
        return found
    message = f"{function} has no parameter {position!r}; its parameters are {', '.join(names[skip:])}"
    raise SignatureError(message, code="SD031")


def _free(name: str, taken: Sequence[str]) -> str:
    return _free(name + "_", taken) if name in taken else name
