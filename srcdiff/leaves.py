"""Walks values made of tuples, lists, dicts and dataclasses down to their numbers and arrays.

A leaf is written the way it is reached: ``params['w1'][0, 3]``, ``layers[2].bias``.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def children(value: Any) -> list[tuple[str, Any]] | None:
    """The parts of a container with their suffixes, in a fixed order; None for anything else.

    >>> children({"w": 1.0, "b": (2.0,)})
    [("['w']", 1.0), ("['b']", (2.0,))]
    """
    if isinstance(value, dict):
        return [(f"[{key!r}]", item) for key, item in value.items()]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [(f".{name}", item) for name, item in zip(value._fields, value, strict=True)]
    if isinstance(value, tuple | list):
        return [(f"[{index}]", item) for index, item in enumerate(value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(f".{field.name}", getattr(value, field.name)) for field in dataclasses.fields(value) if field.init]
    return None


def rebuild(value: Any, items: list[Any]) -> Any:
    """A container like ``value`` with other parts.

    >>> rebuild({"w": 1.0, "b": 2.0}, [3.0, 4.0])
    {'w': 3.0, 'b': 4.0}
    """
    if isinstance(value, dict):
        return dict(zip(value, items, strict=True))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*items)
    if isinstance(value, tuple | list):
        return type(value)(items)
    fresh = copy.copy(value)
    fields = [field.name for field in dataclasses.fields(value) if field.init]
    for name, item in zip(fields, items, strict=True):
        object.__setattr__(fresh, name, item)  # a frozen one too
    return fresh


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its path.

    >>> list(leaves({"w": [1.0, 2.0]}, "params"))
    [("params['w'][0]", 1.0), ("params['w'][1]", 2.0)]
    """
    parts = children(value)
    if parts is None:
        yield name, value
    else:
        for suffix, item in parts:
            yield from leaves(item, name + suffix)


def map_leaves(function: Callable[[str, Any], Any], value: Any, name: str = "") -> Any:
    """A value of the same structure with ``function(path, leaf)`` for every leaf.

    >>> map_leaves(lambda path, leaf: 2 * leaf, {"w": (1.0, 3.0)})
    {'w': (2.0, 6.0)}
    """
    parts = children(value)
    if parts is None:
        return function(name, value)
    return rebuild(value, [map_leaves(function, item, name + suffix) for suffix, item in parts])


def is_real(leaf: Any) -> bool:
    """Whether a leaf is a real floating-point number or array: what has a derivative wherever it stands."""
    if isinstance(leaf, np.ndarray | np.generic):
        return bool(leaf.dtype.kind == "f")
    return isinstance(leaf, float)


def is_integer(leaf: Any) -> bool:
    """Whether a leaf is an integer number or array; a bool is none."""
    if isinstance(leaf, np.ndarray | np.generic):
        return leaf.dtype.kind in "iu"
    return isinstance(leaf, int) and not isinstance(leaf, bool)


def describe(leaf: Any) -> str:
    """The kind of a leaf in the notation of signatures: ``float``, ``f32``, ``f64[3, 2]``.

    >>> describe(np.zeros((3, 2), np.float32)), describe(1.0), describe(None)
    ('f32[3, 2]', 'float', 'None')
    """
    if isinstance(leaf, np.ndarray):
        return f"{_code(leaf.dtype)}[{', '.join(map(str, leaf.shape))}]"
    if isinstance(leaf, np.generic):
        return _code(leaf.dtype)
    return "None" if leaf is None else type(leaf).__name__


def _code(dtype: np.dtype[Any]) -> str:
    return f"{dtype.kind}{8 * dtype.itemsize}" if dtype.kind in "fiuc" else dtype.name


def as_cotangent(value: Any) -> Any:
    """A tangent or cotangent as generated code takes it: those of 0-d arrays are numbers, ints are floats."""
    if isinstance(value, np.ndarray):
        return as_cotangent(value[()]) if value.ndim == 0 else value
    if type(value) is int or (isinstance(value, np.floating) and not isinstance(value, np.float64)):
        return float(value)  # a Python float narrows nothing and widens nothing
    if isinstance(value, dict):
        return {key: as_cotangent(item) for key, item in value.items()}
    return type(value)(map(as_cotangent, value)) if type(value) in (tuple, list) else value
