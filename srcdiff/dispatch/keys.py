"""What of a call decides which module serves it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from srcdiff.frontend.signature import RANDOM, attributes_of

Args = tuple[Any, ...]
Kwargs = dict[str, Any]


def key_of(args: Args, kwargs: Kwargs | None = None) -> object:
    """What of a call decides which module serves it: types, dtypes, ranks, axes of length 1, structures, constants.

    It is made at every call, so the usual arguments are told here, without a call for each; an array gives two entries.
    """
    key: list[object] = []
    for value in args:
        kind = type(value)
        if kind is ndarray:
            shape = value.shape
            key.append(value.dtype)
            key.append(tuple([length == 1 for length in shape]) if 1 in shape else len(shape))
        elif kind is float or kind is int:
            key.append(kind)
        else:
            key.append(_structure_key(value))
    if kwargs:
        key.extend((name, leaf_key(kwargs[name])) for name in sorted(kwargs))
    return tuple(key)


def leaf_key(value: Any) -> object:
    """The key of one argument, or of a part of one."""
    kind = type(value)
    if kind is float or kind is int:
        return kind
    if kind is ndarray:
        shape = value.shape
        return value.dtype, tuple([length == 1 for length in shape]) if 1 in shape else len(shape)
    return _structure_key(value)


def _structure_key(value: Any) -> object:
    if isinstance(value, (np.generic, *RANDOM)):
        return type(value)
    if isinstance(value, np.ndarray):
        return type(value), value.dtype, tuple(length == 1 for length in value.shape)
    if isinstance(value, dict):
        return dict, tuple((name, leaf_key(item)) for name, item in value.items())
    if isinstance(value, (tuple, list)):
        if isinstance(value, list) and value and all(type(item) in (int, float) for item in value):
            return list, frozenset(map(type, value))
        return type(value), tuple(map(leaf_key, value))
    if hasattr(type(value), "__dataclass_fields__"):
        return type(value), tuple(leaf_key(getattr(value, name)) for name in value.__dataclass_fields__)
    attributes = attributes_of(value)
    if attributes is not None:
        return type(value), tuple((name, leaf_key(item)) for name, item in attributes.items())
    try:
        hash(value)
    except TypeError:
        return type(value), id(value)
    return type(value), value
