"""Walks parameters, gradients and optimiser states side by side: containers of one structure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.leaves import children, describe, is_integer, is_real, leaves, map_leaves, rebuild
from srcdiff.train.errors import TrainingError


def combine(function: Callable[..., Any], first: Any, *others: Any) -> Any:
    """A value of the structure of ``first`` with ``function(leaf, *leaves of the others)`` for every leaf.

    Where another is None or has nothing, the function gets None.

    >>> combine(lambda p, g: p - g, {"w": 3.0, "b": (1.0,)}, {"w": 1.0, "b": (0.5,)})
    {'w': 2.0, 'b': (0.5,)}
    """
    parts = children(first)
    if parts is None:
        return function(first, *others)
    columns = [dict(children(other) or ()) for other in others]
    return rebuild(
        first, [combine(function, item, *(column.get(suffix) for column in columns)) for suffix, item in parts]
    )


def copied(params: Any) -> Any:
    """Parameters that share no array with the given ones."""
    return map_leaves(lambda _, leaf: np.copy(leaf) if isinstance(leaf, np.ndarray) else leaf, params)


def inventory(params: Any) -> str:
    """The numbers and arrays among the parameters, for messages.

    >>> inventory({"w": np.zeros((3, 2)), "name": "net"})
    "params['w']: f64[3, 2]"
    """
    named = [f"{path}: {describe(leaf)}" for path, leaf in leaves(params, "params") if _is_number(leaf)]
    return ", ".join(named)


def _is_number(leaf: Any) -> bool:
    return is_real(leaf) or is_integer(leaf)


def count(params: Any) -> int:
    """How many numbers the parameters hold.

    >>> count({"w": np.zeros((3, 2)), "b": 1.0, "name": "net"})
    7
    """
    return sum(np.size(leaf) for _, leaf in leaves(params) if _is_number(leaf))


def check_params(params: Any) -> None:
    """Refuse parameters without a number, or with one that is not finite."""
    found = list(leaves(params, "params"))
    if not any(_is_number(leaf) for _, leaf in found):
        raise TrainingError(f"there is no number or array in params: they are {describe(params)}")
    bad = not_finite(params)
    if bad:
        raise TrainingError(f"{bad[0]} is not finite before the first step")


def not_finite(params: Any) -> list[str]:
    """The paths of the parameters that hold a nan or an infinity."""
    return [path for path, leaf in leaves(params, "params") if is_real(leaf) and not np.all(np.isfinite(leaf))]


def check_gradient(params: Any, gradient: Any) -> None:
    """Refuse a gradient that is not of the structure and the shapes of the parameters; None stands for no gradient."""
    _check(params, gradient, "")
    if not any(leaf is not None for _, leaf in leaves(gradient)):
        raise TrainingError("the gradient is None for all of params: there is nothing to train")


def _check(params: Any, gradient: Any, suffix: str) -> None:
    if gradient is None:
        return
    parts, own = children(params), children(gradient)
    if parts is None and own is None:
        _check_leaf(params, gradient, suffix)
        return
    names, given = dict(parts or ()), dict(own or ())
    for name in [*(name for name in names if name not in given), *(name for name in given if name not in names)]:
        has, lacks = ("params", "gradient") if name in names else ("gradient", "params")
        raise TrainingError(f"unknown parameter {has}{suffix}{name}: there is no such part in {lacks}")
    for name, item in names.items():
        _check(item, given[name], suffix + name)


def _check_leaf(params: Any, gradient: Any, suffix: str) -> None:
    if not _is_number(params) or not _is_number(gradient) or np.shape(params) != np.shape(gradient):
        raise TrainingError(
            f"params{suffix} is {describe(params)}, gradient{suffix} is {describe(gradient)}: they have to be alike"
        )
