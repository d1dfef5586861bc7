"""Dtypes of element-wise results: NumPy's own promotion for arrays and NumPy scalars, Python's for Python numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, reduce
from itertools import product

import numpy as np

from srcdiff.ir.opdef import TypingError
from srcdiff.ir.types import BOOL, DTYPES, FLOAT, INT, Array, Scalar, Type, dtype_code, join, kind, without_value

PYTHON_TYPES: dict[str, type] = {"b": bool, "i": int, "u": int, "f": float, "c": complex}
PYTHON_CODES = {"b": "b1", "i": "i64", "u": "i64", "f": "f64", "c": "c128"}
PythonRule = Callable[[Sequence[Scalar]], Scalar]
Role = tuple[str, bool]
"""A dtype code, and whether the operand is a Python number (weak in promotion)."""


@cache
def promote(ufunc: np.ufunc, roles: tuple[Role, ...]) -> str:
    """The code of the dtype that a ufunc gives for operands in these roles; TypingError if it takes none such.

    A ufunc of two operands stands for the fold of more.
    """
    if len(roles) > ufunc.nin:
        *some, last = sorted(roles, key=lambda role: role[1])
        return promote(ufunc, ((promote(ufunc, tuple(some)), all(weak for _, weak in some)), last))
    operands = [PYTHON_TYPES[kind(code)] if weak and kind(code) != "b" else DTYPES[code] for code, weak in roles]
    try:
        resolved = ufunc.resolve_dtypes((*operands, *[None] * ufunc.nout))
    except TypeError:
        names = " and ".join(code for code, _ in roles)
        raise TypingError(f"np.{ufunc.__name__} is not defined for {names}") from None
    return dtype_code(resolved[ufunc.nin])


def alternatives(type_: Scalar | Array) -> tuple[Role, ...]:
    """The roles that an operand may play: two for a number of open strength."""
    code = type_.dtype or "f64"
    if isinstance(type_, Array) or type_.strength == "numpy":
        return ((code, False),)
    weak = (PYTHON_CODES[kind(code)], True)
    return (weak,) if type_.strength == "python" else (weak, (code, False))


def require_real(types: Sequence[Type]) -> None:
    """TypingError where complex values meet values of which it is not known whether they are real."""
    if any(kind(getattr(type_, "dtype", None)) == "c" for type_ in types):
        hint = 'annotate the dtype: `x: "f64[n]"`, or give --sig or example arguments'
        raise TypingError("complex values meet an operand whose dtype is not known", "SD011", hint)


def array_code(ufunc: np.ufunc, types: Sequence[Type]) -> str | None:
    """The dtype code of an array result, None if it is not known. types: numbers and arrays."""
    known = [type_ for type_ in types if isinstance(type_, Scalar | Array) and type_.dtype is not None]
    if len(known) < len(types):
        require_real(types)
        return None
    codes = {promote(ufunc, roles) for roles in product(*map(alternatives, known))}
    return codes.pop() if len(codes) == 1 else None


def number_type(ufunc: np.ufunc, python: PythonRule | None, types: Sequence[Scalar]) -> Scalar:
    """The type of a number that comes of numbers. python: the rule where all are Python's, None where it is NumPy's."""
    if python is not None and all(type_.strength == "python" for type_ in types):
        return python(types)
    return _open_number_type(ufunc, python, tuple(without_value(type_) for type_ in types))


@cache
def _open_number_type(ufunc: np.ufunc, python: PythonRule | None, types: tuple[Scalar, ...]) -> Scalar:
    found: list[Type] = []
    for roles in product(*map(alternatives, types)):
        if python is not None and all(weak for _, weak in roles):
            found.append(python([Scalar(code, "python") for code, _ in roles]))
        else:
            found.append(Scalar(promote(ufunc, roles)))
    result = reduce(join, found)
    assert isinstance(result, Scalar)
    return result


def wider(types: Sequence[Scalar]) -> Scalar:
    """Python's arithmetic: bools become ints, then the wider of int, float and complex."""
    rank = max("ifc".index(kind(type_.dtype)) if kind(type_.dtype) != "b" else 0 for type_ in types)
    return Scalar(("i64", "f64", "c128")[rank], "python")


def quotient(types: Sequence[Scalar]) -> Scalar:
    """Python's ``/``: never an int."""
    result = wider(types)
    return FLOAT if result == INT else result


def power(types: Sequence[Scalar]) -> Scalar:
    """Python's ``**``: an int only if the exponent is known not to be negative."""
    result = wider(types)
    exponent = types[1].value
    return FLOAT if result == INT and not (exponent is not None and exponent.is_nonnegative()) else result


def magnitude(types: Sequence[Scalar]) -> Scalar:
    """Python's ``abs``: real."""
    result = wider(types)
    return FLOAT if kind(result.dtype) == "c" else result


def bits(types: Sequence[Scalar]) -> Scalar:
    """Python's ``& | ^``: bools stay bools."""
    kinds = {kind(type_.dtype) for type_ in types}
    if not kinds <= {"b", "i"}:
        raise TypingError("bit operations are not defined for floats")
    return BOOL if kinds == {"b"} else INT


def always(type_: Scalar) -> PythonRule:
    """The rule of an operation that gives one type whatever it is given."""
    return lambda types: type_
