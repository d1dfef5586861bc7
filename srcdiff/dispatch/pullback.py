"""What ``vjp`` gives: a function that returns a value and its pullback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.diagnostics import SignatureError
from srcdiff.leaves import as_cotangent
from srcdiff.request import Request

from .compiled import CompiledFunction


class Vjp(CompiledFunction):
    """A function that returns a value and its pullback; with ``has_aux`` (value, pullback, aux)."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        entry = self.entry(*args, **kwargs)
        value, swept, *aux = entry.guarded(entry.call, *args, **kwargs)
        given, _ = entry.arranged(args, kwargs, self.request.tangents)

        def pullback(value_bar: Any) -> Any:
            _check_cotangent(value, value_bar)
            gradient = entry.guarded(swept, as_cotangent(value_bar))
            return like_tangents(self.request, given, gradient) if self.request.tangents else gradient

        return value, pullback, *aux


def like_tangents(request: Request, args: Sequence[Any], gradient: Any) -> Any:
    """The gradient with respect to tangents that were 0-d arrays or numbers of NumPy's, as such.

    args: the positional arguments, each given.
    """
    of = request.of
    assert isinstance(of, Request)
    if request.takes_any:
        return gradient
    given = dict(zip([parameter.name for parameter in of.parameters()], args, strict=False))
    parts = (gradient,) if request.single else gradient
    restored = [_like_tangent(given.get(str(n)), part) for n, part in zip(request.wrt_names(), parts, strict=True)]
    return restored[0] if request.single else tuple(restored)


def _like_tangent(given: Any, part: Any) -> Any:
    if isinstance(part, dict) and isinstance(given, dict):
        return {key: _like_tangent(given[key], item) for key, item in part.items()}
    if type(part) in (tuple, list) and isinstance(given, (tuple, list)):
        return type(part)(map(_like_tangent, given, part))
    if isinstance(given, np.ndarray) and given.ndim == 0 and isinstance(part, (float, np.generic)):
        return np.asarray(part, given.dtype)
    return type(given)(part) if isinstance(given, np.inexact) and isinstance(part, (float, np.inexact)) else part


def _check_cotangent(value: Any, cotangent: Any) -> None:
    """Refuse a cotangent that is not of the value's structure and shapes."""
    if isinstance(value, (tuple, list)):
        if not isinstance(cotangent, (tuple, list)) or len(cotangent) != len(value):
            raise SignatureError(f"the cotangent has to be a {type(value).__name__} of {len(value)}, like the value")
        for part, bar in zip(value, cotangent, strict=True):
            _check_cotangent(part, bar)
    elif not isinstance(value, dict) and np.shape(value) != np.shape(cotangent):
        raise SignatureError(f"the cotangent has shape {np.shape(cotangent)}, the value {np.shape(value)}")
