"""Tangents and cotangents leaf by leaf: the numbers that a value is made of, and unit vectors in their place.

A leaf is a float, a floating-point number of NumPy's or an array of them; what else there is in containers is constant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from srcdiff.diagnostics import SignatureError
from srcdiff.leaves import children, describe, is_integer, is_real, leaves, map_leaves, rebuild

NUMBERS = (bool, int, float)


def as_differentiated(value: Any) -> Any:
    """An argument as it is differentiated: an int is a float, and so are the ints in a list of numbers with a float.

    >>> as_differentiated(3), as_differentiated([1, 2.0]), as_differentiated((1, 2.0))
    (3.0, [1.0, 2.0], (1, 2.0))
    """
    if is_integer(value):
        return value.astype(np.float64) if isinstance(value, (np.ndarray, np.generic)) else float(value)
    return _with_floats(value)


def _with_floats(value: Any) -> Any:
    if type(value) is list and float in map(type, value) and all(type(item) in NUMBERS for item in value):
        return list(map(float, value))
    parts = children(value)
    return value if parts is None else rebuild(value, [_with_floats(item) for _, item in parts])


def numbers(value: Any) -> list[Any]:
    """The leaves of a value that have a derivative, in order.

    >>> numbers({"w": np.ones(2), "b": 1.0, "steps": 3})
    [array([1., 1.]), 1.0]
    """
    return [leaf for _, leaf in leaves(value) if is_real(leaf)]


def check_real(value: Any, what: str) -> None:
    """Refuse complex numbers: a Jacobian of theirs is a matter of convention."""
    for path, leaf in leaves(value, what):
        if np.iscomplexobj(leaf) and isinstance(leaf, (complex, np.ndarray, np.generic)):
            raise SignatureError(f"{path} is {describe(leaf)}: Jacobians and Hessians are those of real numbers; "
                                 "make the real and the imaginary part arguments and results of their own")


def filled(value: Any, items: Iterable[Any], constants: bool = False) -> Any:
    """The structure of a value with other leaves; constants of it are None, or stay as they are.

    >>> filled({"w": np.ones(2), "b": 1.0, "steps": 3}, [5.0, 6.0])
    {'w': 5.0, 'b': 6.0, 'steps': None}
    """
    remaining = iter(items)
    other = (lambda leaf: leaf) if constants else (lambda leaf: None)
    return map_leaves(lambda _, leaf: next(remaining) if is_real(leaf) else other(leaf), value)


def entries(value: Any) -> int:
    """How many numbers a value is made of.

    >>> entries({"w": np.ones((2, 3)), "b": 1.0, "steps": 3})
    7
    """
    return sum(np.size(leaf) for leaf in numbers(value))


def zeros(value: Any, constants: bool = False) -> Any:
    """The zero tangent of a value: 0.0 for what has no axes, as generated code takes it."""
    return filled(value, map(_zero, numbers(value)), constants)


def units(value: Any, constants: bool = False) -> Iterator[Any]:
    """A tangent for each entry of a value, which is 1 there and 0 elsewhere.

    >>> list(units((np.zeros(2), 5.0)))
    [(array([1., 0.]), 0.0), (array([0., 1.]), 0.0), (array([0., 0.]), 1.0)]
    """
    none = [_zero(leaf) for leaf in numbers(value)]
    for position, zero in enumerate(none):
        for entry in range(np.size(zero)):
            yield filled(value, [*none[:position], _unit(zero, entry), *none[position + 1 :]], constants)


def _zero(leaf: Any) -> Any:
    return np.zeros(leaf.shape, leaf.dtype) if isinstance(leaf, np.ndarray) and leaf.ndim else 0.0


def _unit(zero: Any, entry: int) -> Any:
    if not isinstance(zero, np.ndarray):
        return 1.0
    unit = zero.copy()
    unit.reshape(-1)[entry] = 1
    return unit


def tangent_of(argument: Any, vector: Any, name: str) -> Any:
    """A vector as the tangent of an argument. SignatureError if it is not of its structure, shapes and dtypes.

    name: of the argument. Integers become numbers of the argument's dtype; what is constant in the argument is None.

    >>> tangent_of({"w": 2.0, "steps": 3}, {"w": 1, "steps": None}, "params")
    {'w': 1.0, 'steps': None}
    """
    parts = children(argument)
    if parts is None:
        return _leaf_tangent(argument, vector, name) if is_real(argument) else None
    own = children(vector) if isinstance(vector, type(argument)) else None
    if own is None or {suffix for suffix, _ in own} != {suffix for suffix, _ in parts}:
        found = type(vector).__name__ if own is None else f"{type(vector).__name__} of {_written(own)}"
        raise SignatureError(f"the vector for {name} has to be a {type(argument).__name__} of {_written(parts)} like "
                             f"{name} itself, not a {found}")
    items = dict(own)
    return rebuild(argument, [tangent_of(item, items[suffix], name + suffix) for suffix, item in parts])


def _written(parts: list[tuple[str, Any]]) -> str:
    return ", ".join(suffix for suffix, _ in parts) or "nothing"


def _leaf_tangent(argument: Any, vector: Any, name: str) -> Any:
    shape = np.shape(argument)
    kind = f"an array of shape {shape}" if shape else "a number"
    wanted = f"the vector for {name} has to be {kind} like {name} itself"
    if not isinstance(vector, (np.ndarray, np.generic, int, float, complex)):
        raise SignatureError(f"{wanted}, not {'None' if vector is None else f'a {type(vector).__name__}'}")
    if np.shape(vector) != shape:
        raise SignatureError(f"{wanted}; it is {describe(vector)}")
    dtype = getattr(argument, "dtype", np.dtype(float))
    if not np.can_cast(np.asarray(vector).dtype, dtype, "same_kind"):
        raise SignatureError(f"the vector for {name} has to be of dtype {dtype} like {name} itself; it is "
                             f"{describe(vector)}")
    return np.asarray(vector, dtype) if shape else float(vector)


def block(rows: int, like: Any) -> np.ndarray:
    """Room for the derivatives of ``rows`` numbers with respect to one leaf, in its dtype, one row for each."""
    return np.empty((rows, np.size(like)), getattr(like, "dtype", np.float64))


def shaped(matrix: np.ndarray, value: Any, argument: Any) -> Any:
    """A block as an array: the axes of the value, then those of the argument; a number of the argument's kind if there
    are none."""
    array = matrix.reshape(np.shape(value) + np.shape(argument))
    if array.ndim or isinstance(argument, np.ndarray):
        return array
    return array[()] if isinstance(argument, np.generic) else float(array)
