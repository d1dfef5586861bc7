"""Numbers of the author's module that a written file carries itself, as defaults of keyword arguments.

Arrays and lists, whose length is open, are left to be given by keyword: a file that repeated a data set would be long,
and soon out of date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.ir.core import Function
from srcdiff.ir.literals import is_literal, literal


def embedded(function: Function, values: Mapping[str, Any]) -> Function:
    """The function with defaults for those of its hidden parameters that stand for numbers.

    values: what the hidden parameters stand for, by name; tuples and dicts of numbers are numbers too.
    """
    taken = any(parameter.name == "np" for parameter in function.parameters)
    parameters = []
    for parameter in function.parameters:
        text = _text(values[parameter.name]) if parameter.kind == "hidden" else None
        if text is not None and not (taken and "np." in text):
            parameter = replace(parameter, default=text)
        parameters.append(parameter)
    return replace(function, parameters=tuple(parameters))


def _text(value: Any) -> str | None:
    """The expression of a number, or of a tuple or dict of numbers; None for anything else."""
    if isinstance(value, np.generic):
        item = value.item()
        return f"np.{type(value).__name__}({literal(item)})" if is_literal(item) else None
    if type(value) is dict:
        items = [_text(item) for item in value.values()]
        if None in items or not all(map(is_literal, value)):
            return None
        return f"{{{', '.join(f'{literal(key)}: {item}' for key, item in zip(value, items, strict=True))}}}"
    if type(value) is tuple:
        parts = [_text(item) for item in value]
        return None if None in parts else f"({', '.join(map(str, parts))}{',' if len(parts) == 1 else ''})"
    return literal(value) if type(value) is not list and is_literal(value) else None


def constants_text(function: Function) -> str:
    """``scale=2.5; by keyword: weights``: the defaults, and what has to be given; empty if there is nothing hidden."""
    hidden = [parameter for parameter in function.parameters if parameter.kind == "hidden"]
    said = [", ".join(f"{p.name}={p.default}" for p in hidden if p.default)]
    needed = ", ".join(p.name for p in hidden if not p.default)
    if needed:
        said.append(f"to be given by keyword: {needed}")
    return "; ".join(filter(None, said))
