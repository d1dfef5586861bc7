"""What ``jacobian`` and ``hessian`` give: functions that put a matrix together from compiled derivatives.

A Jacobian is made row by row, one pullback for each entry of the value, or column by column, one tangent for each entry
of the arguments, whichever are fewer; a Hessian is the Jacobian of the gradient, column by column.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.compile import Module
from srcdiff.request import Request

from .compiled import CompiledFunction
from .keys import Args, Kwargs
from .pullback import Vjp
from .tangents import as_differentiated, block, check_real, entries, filled, numbers, shaped, units, zeros

Blocks = list[list[np.ndarray]]
"""A matrix for each leaf of the value and each leaf of the arguments: a row for each entry of the one, a column for
each entry of the other."""


class Matrix(CompiledFunction):
    """A function that returns a matrix of derivatives; with ``has_aux`` (matrix, aux). ``source``: of one of them.

    The axes of an array are those of the value, then those of the argument. Where there are containers, the matrix has
    the structure of the value, and in it for each leaf that of what is differentiated.
    """

    along: str
    """The mode of the derivative that gives a column."""

    def __init__(self, request: Request, static: bool = False) -> None:
        super().__init__(request, static)
        self.columns = CompiledFunction(replace(request, mode=self.along))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.by_columns(self.chosen(args, kwargs), args, kwargs)

    def chosen(self, args: Args, kwargs: Kwargs) -> Args:
        """The arguments that are differentiated."""
        given = self.request.chosen(args, kwargs)
        for name, value in given.items():
            check_real(value, name)
        return tuple(map(as_differentiated, given.values()))

    def by_columns(self, chosen: Args, args: Args, kwargs: Kwargs) -> Any:
        def along(tangents: Args) -> Any:
            returned = self.columns(*args, *tangents, **kwargs)
            return returned if self.request.has_aux else (returned,)

        directions = units(chosen)
        change, *aux = along(next(directions, zeros(chosen)))  # along zeros if there is nothing else: for the structure
        self._last = self.columns._module()
        check_real(change, "the value")
        changes = itertools.chain([change], (along(direction)[0] for direction in directions))
        return self.nested(change, chosen, _from_columns(change, chosen, changes), aux)

    def nested(self, value: Any, chosen: Args, blocks: Blocks, aux: list[Any]) -> Any:
        """The blocks in the structure of the value, and for each leaf of it in that of the arguments."""
        like = chosen[0] if self.request.single else chosen
        parts = []
        for leaf, row in zip(numbers(value), blocks, strict=True):
            arrays = [shaped(matrix, leaf, part) for matrix, part in zip(row, numbers(chosen), strict=True)]
            parts.append(filled(like, arrays))
        found = filled(value, parts)
        return (found, *aux) if self.request.has_aux else found

    def modules(self) -> list[Module]:
        return self.columns.modules()

    def __deepcopy__(self, memo: dict[int, Any]) -> Matrix:
        fresh = type(self)(self.request, self.static)
        fresh.columns = copy.deepcopy(self.columns, memo)
        fresh._last = self._last
        return fresh


class Hessian(Matrix):
    """The Jacobian of the gradient, column by column."""

    along = "hvp"


class Jacobian(Matrix):
    """Row by row where the value has no more entries than the arguments, else column by column."""

    along = "pushforward"

    def __init__(self, request: Request, static: bool = False) -> None:
        super().__init__(request, static)
        self.rows = Vjp(replace(request, mode="vjp"))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        chosen = self.chosen(args, kwargs)
        if entries(chosen) > 1:
            value, pullback, *aux = self.rows(*args, **kwargs)
            check_real(value, "the value")
            if entries(value) <= entries(chosen):
                self._last = self.rows._module()
                return self.nested(value, chosen, _from_rows(value, chosen, self._gradients(pullback, value)), aux)
        return self.by_columns(chosen, args, kwargs)

    def _gradients(self, pullback: Callable[[Any], Any], value: Any) -> Iterator[Args]:
        for cotangent in units(value, constants=True):
            gradient = pullback(cotangent)
            yield (gradient,) if self.request.single else gradient

    def modules(self) -> list[Module]:
        return [*self.rows.modules(), *super().modules()]

    def __deepcopy__(self, memo: dict[int, Any]) -> Matrix:
        fresh = super().__deepcopy__(memo)
        assert isinstance(fresh, Jacobian)
        fresh.rows = copy.deepcopy(self.rows, memo)
        return fresh


def _from_rows(value: Any, chosen: Args, gradients: Iterable[Args]) -> Blocks:
    """The blocks of a Jacobian from the gradients of all entries of the value, one after the other."""
    blocks = _blocks(value, chosen)
    rows = ((blocks[i], k) for i, leaf in enumerate(numbers(value)) for k in range(np.size(leaf)))
    for (row, k), gradient in zip(rows, gradients, strict=True):
        for matrix, part in zip(row, numbers(gradient), strict=True):
            matrix[k] = np.ravel(part)
    return blocks


def _from_columns(value: Any, chosen: Args, changes: Iterable[Any]) -> Blocks:
    """The blocks of a Jacobian from the tangents of the value along all entries of the arguments."""
    blocks = _blocks(value, chosen)
    columns = ((j, k) for j, leaf in enumerate(numbers(chosen)) for k in range(np.size(leaf)))
    for (j, k), change in zip(columns, changes, strict=False):  # one change more where there is no entry
        for row, part in zip(blocks, numbers(change), strict=True):
            row[j][:, k] = np.ravel(part)
    return blocks


def _blocks(value: Any, chosen: Args) -> Blocks:
    return [[block(np.size(leaf), part) for part in numbers(chosen)] for leaf in numbers(value)]
