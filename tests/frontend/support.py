"""Reading a function and evaluating what came of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.diagnostics import Diagnostic, UnsupportedError
from srcdiff.frontend.lower import Lowered, lowered
from srcdiff.frontend.signature import of_arguments
from srcdiff.ir.core import Function
from srcdiff.ir.interp import run
from srcdiff.ir.text import to_text
from srcdiff.ir.verify import verify


def read(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Lowered:
    """The IR of a function for these arguments, verified."""
    found = lowered(function, of_arguments(function, args, kwargs)[0])
    verify(found.function)
    return found


def text(function: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The IR of a function as text."""
    return to_text(read(function, *args, **kwargs).function)


def evaluate(found: Lowered, *args: Any, **kwargs: Any) -> Any:
    """What the IR gives for these arguments."""
    hidden = {name.hidden: name.now() for name in found.hidden}
    return run(found.function, *copy.deepcopy(args), **copy.deepcopy(kwargs), **hidden)


def agree(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Function:
    """The IR gives what Python gives: the same bits, types, dtypes and containers."""
    found = read(function, *args, **kwargs)
    got = evaluate(found, *args, **kwargs)
    wanted = function(*copy.deepcopy(args), **copy.deepcopy(kwargs))
    assert same(got, wanted), f"{got!r} is not {wanted!r}\n{to_text(found.function)}"
    return found.function


def same(left: Any, right: Any) -> bool:
    """Whether two results are the same in value, type and structure."""
    if type(left) is not type(right):
        return False
    if isinstance(left, (np.ndarray, np.generic)):
        equal = left.dtype == right.dtype and left.shape == right.shape
        return equal and bool(np.array_equal(left, right, equal_nan=left.dtype.kind in "fc"))
    if isinstance(left, (tuple, list)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if hasattr(left, "__dataclass_fields__"):
        return same(vars(left), vars(right))
    return bool(left == right) or (left != left and right != right)


def refusals(function: Callable[..., Any], *args: Any, **kwargs: Any) -> list[Diagnostic]:
    """The problems for which a function is refused."""
    try:
        lowered(function, of_arguments(function, args, kwargs)[0])
    except UnsupportedError as error:
        return list(error.diagnostics)
    raise AssertionError("the function was accepted")


def refused(function: Callable[..., Any], *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
    """The codes of the problems with the text that each points at."""
    found = []
    for problem in refusals(function, *args, **kwargs):
        span = problem.span
        line = "" if span is None else span.source.line(span.line)
        found.append((problem.code, "" if span is None else line.encode()[span.column : span.end_column].decode()))
    return found
