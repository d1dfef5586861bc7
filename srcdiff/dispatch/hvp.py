"""What ``hvp`` gives: a function that returns products of a Hessian and vectors."""

from __future__ import annotations

from typing import Any

from srcdiff.diagnostics import SignatureError

from .compiled import CompiledFunction
from .tangents import as_differentiated, tangent_of


class Hvp(CompiledFunction):
    """A function of the author's arguments and a vector for each of ``wrt``; with ``has_aux`` (product, aux)."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        split = len(args) - len(self.request.wrt)
        if split < 0:
            raise SignatureError(f"{self._takes()}, and got {len(args)}")
        try:
            chosen = self.request.chosen(args[:split], kwargs)
        except TypeError as error:
            raise SignatureError(f"{self._takes()}; as to the other arguments: {error}") from None
        vectors = zip(chosen.items(), args[split:], strict=True)
        tangents = [tangent_of(as_differentiated(value), vector, name) for (name, value), vector in vectors]
        return super().__call__(*args[:split], *tangents, **kwargs)

    def _takes(self) -> str:
        names = list(map(str, self.request.wrt_names()))
        if len(names) == 1:
            return f"{self!r} takes the vector for {names[0]} as its last positional argument"
        return f"{self!r} takes the vectors for {', '.join(names)} as its last {len(names)} positional arguments"
