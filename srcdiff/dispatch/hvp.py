"""What ``hvp`` gives: a function that returns products of a Hessian and vectors."""

from __future__ import annotations

from typing import Any

from srcdiff.diagnostics import SignatureError
from srcdiff.request import Request

from .compiled import CompiledFunction
from .keys import Args, Kwargs
from .tangents import as_differentiated, tangent_of


class Hvp(CompiledFunction):
    """A function of the author's arguments and a vector for each of ``wrt``; with ``has_aux`` (product, aux)."""

    def __init__(self, request: Request, static: bool = False) -> None:
        super().__init__(request, static)
        self._places: tuple[Any, int, list[tuple[str, int]]] = None, -1, []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        split = len(args) - len(self.request.wrt)
        vectors = zip(self._chosen(args, kwargs, split), args[split:], strict=True)
        tangents = [tangent_of(as_differentiated(value), vector, name) for (name, value), vector in vectors]
        return super().__call__(*args[:split], *tangents, **kwargs)

    def _chosen(self, args: Args, kwargs: Kwargs, split: int) -> list[tuple[str, Any]]:
        """The arguments that are differentiated, with their names. Nothing is bound if all are given by position."""
        code, count, places = self._places
        if not kwargs and split == count >= 0 and code is getattr(self.request.function, "__code__", None):
            return [(name, args[place]) for name, place in places]
        if split < 0:
            raise SignatureError(f"{self._takes()}, and got {len(args)}")
        try:
            chosen = self.request.chosen(args[:split], kwargs)
        except TypeError as error:
            raise SignatureError(f"{self._takes()}; as to the other arguments: {error}") from None
        self._places = self._found(list(chosen))
        return list(chosen.items())

    def _found(self, chosen: list[str]) -> tuple[Any, int, list[tuple[str, int]]]:
        """The code of the author's function, how many arguments stand in front of the vectors, and where the chosen
        ones are among them."""
        parameters = self.request.parameters()
        positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        if len(positional) < len(parameters) or not set(chosen) <= set(positional):
            return None, -1, []
        places = [(name, positional.index(name)) for name in chosen]
        return getattr(self.request.function, "__code__", None), len(positional) - len(chosen), places

    def _takes(self) -> str:
        names = list(map(str, self.request.wrt_names()))
        if len(names) == 1:
            return f"{self!r} takes the vector for {names[0]} as its last positional argument"
        return f"{self!r} takes the vectors for {', '.join(names)} as its last {len(names)} positional arguments"
