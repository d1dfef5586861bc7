"""What ``hvp`` gives: a function that returns products of a Hessian and vectors."""

from __future__ import annotations

from typing import Any

from srcdiff.diagnostics import SignatureError

from .compiled import CompiledFunction
from .tangents import as_differentiated, tangent_of


class Hvp(CompiledFunction):
    """A function of the author's arguments and a vector for each of ``wrt``; with ``has_aux`` (product, aux)."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        count = len(self.request.wrt)
        split = max(len(args) - count, 0)
        try:
            chosen = self.request.chosen(args[:split], kwargs)
        except TypeError as error:
            wanted = "one vector" if count == 1 else f"{count} vectors"
            raise SignatureError(f"the last arguments of {self!r} are taken for {wanted}, and what is left does not "
                                 f"fit the function: {error}") from None
        vectors = zip(chosen.items(), args[split:], strict=True)
        tangents = [tangent_of(as_differentiated(value), vector, name) for (name, value), vector in vectors]
        return super().__call__(*args[:split], *tangents, **kwargs)
