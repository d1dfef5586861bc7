"""What ``differentiable`` gives: the author's function with its derivatives as attributes."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from functools import cached_property
from typing import Any

from .pickling import function_of, portable
from .portable import importable

Derive = Callable[..., Any]
"""``derive(function, mode=…)`` gives a derivative."""


class Differentiable:
    """A function that is called as before, with ``grad``, ``value_and_grad`` and ``source``."""

    def __init__(self, function: Callable[..., Any], derive: Derive) -> None:
        self.function = function
        self._derive = derive
        functools.update_wrapper(self, function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    @property
    def __srcdiff_primal__(self) -> Callable[..., Any]:
        """The author's function: what is differentiated where this is called by another function."""
        return self.function

    @cached_property
    def grad(self) -> Any:
        """The gradient: see ``srcdiff.grad``."""
        return self._derive(self.function, mode="grad")

    @cached_property
    def value_and_grad(self) -> Any:
        """The value with the gradient: see ``srcdiff.value_and_grad``."""
        return self._derive(self.function, mode="value_and_grad")

    @property
    def source(self) -> str:
        """The generated source of ``value_and_grad``, or of ``grad`` where only that was called."""
        derivative = self.grad if self.grad.signatures and not self.value_and_grad.signatures else self.value_and_grad
        return str(derivative.source)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None or isinstance(self.function, staticmethod) else Method(self, instance)

    def __repr__(self) -> str:
        return f"<srcdiff.differentiable {self.function.__qualname__}>"

    def __reduce__(self) -> Any:
        return self.function.__qualname__ if importable(self) else (_restored, (portable(self.function), self._derive))


def _restored(function: Any, derive: Derive) -> Differentiable:
    return Differentiable(function_of(function), derive)


class Method:
    """A differentiable method of an object; positions are counted after ``self``."""

    def __init__(self, whole: Differentiable, instance: Any) -> None:
        self.whole = whole
        self.instance = instance
        self.__wrapped__ = types.MethodType(whole.function, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)

    @property
    def __srcdiff_primal__(self) -> Callable[..., Any]:
        return self.__wrapped__

    @property
    def grad(self) -> Any:
        """The gradient: see ``srcdiff.grad``."""
        return self.whole.grad.__get__(self.instance)

    @property
    def value_and_grad(self) -> Any:
        """The value with the gradient: see ``srcdiff.value_and_grad``."""
        return self.whole.value_and_grad.__get__(self.instance)

    @property
    def source(self) -> str:
        """The generated source: see ``Differentiable``."""
        return self.whole.source
