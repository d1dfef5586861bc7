"""Lengths that are no polynomial of symbols get a symbol named by their formula, so that equal formulas are equal dims.

>>> from srcdiff.ir.dims import axis, constant
>>> str(slice_length(axis("n"), constant(2), None)), str(slice_length(axis("n"), None, constant(-2)))
('max(n - 2, 0)', 'max(n - 2, 0)')
"""

from __future__ import annotations

from srcdiff.ir.dims import Dim, constant, formula


def clipped(dim: Dim) -> Dim:
    """``max(dim, 0)``: the dim itself where it is provably 0 or more."""
    if dim.value is not None:
        return constant(max(dim.value, 0))
    return dim if dim.is_nonnegative() else formula(f"max({dim}, 0)", dim)


def smaller(left: Dim, right: Dim) -> Dim:
    """``min(left, right)`` of two lengths."""
    difference = left - right
    if difference.is_nonnegative():
        return right
    if (-difference).is_nonnegative():
        return left
    first, second = sorted((left, right), key=str)
    return formula(f"min({first}, {second})", first, second)


def quotient(dim: Dim, divisor: Dim) -> Dim | None:
    """``dim // divisor``; None where its sign is not known (formulas name lengths, which are 0 or more)."""
    if not divisor.value:
        return None
    if dim.value is not None:
        return constant(dim.value // divisor.value)
    return formula(f"floordiv({dim}, {divisor})", dim, divisor) if dim.is_nonnegative() and divisor.value > 0 else None


def remainder(dim: Dim, divisor: Dim) -> Dim | None:
    """``dim % divisor``; None where its sign is not known."""
    if not divisor.value:
        return None
    if dim.value is not None:
        return constant(dim.value % divisor.value)
    return formula(f"mod({dim}, {divisor})", dim, divisor) if divisor.value > 0 else None


def range_length(start: Dim, stop: Dim, step: Dim) -> Dim:
    """The number of items of ``range(start, stop, step)``."""
    numbers = start.value, stop.value, step.value
    if step.value == 1:
        return clipped(stop - start)
    if step.value == -1:
        return clipped(start - stop)
    if None not in numbers and numbers[2]:
        return constant(len(range(*(int(number or 0) for number in numbers))))
    return formula(f"range_length({start}, {stop}, {step})", start, stop, step)


def slice_length(dim: Dim, start: Dim | None, stop: Dim | None, step: Dim | None = None) -> Dim:
    """The length of ``x[start:stop:step]`` where ``x`` has length ``dim``; None where a bound is left out."""
    stride = 1 if step is None else step.value
    if start is None and stop is None and stride in (1, -1):
        return dim
    given = [bound for bound in (start, stop, step) if bound is not None]
    if dim.value is not None and all(bound.value is not None for bound in given) and stride != 0:
        bounds = [None if bound is None else bound.value for bound in (start, stop, step)]
        return constant(len(range(*slice(*bounds).indices(dim.value))))
    length = _unit_slice(dim, start or constant(0), stop) if stride == 1 else None
    if length is not None:
        return length
    return formula(f"slice_length({dim}, {start}, {stop}, {step})", dim, *given)


def _unit_slice(dim: Dim, start: Dim, stop: Dim | None) -> Dim | None:
    """The length for step 1, where the formula is a simple one."""
    first, last = start.value, None if stop is None else stop.value
    from_left = start.is_nonnegative()
    if stop is None or stop == dim:
        if from_left:
            return clipped(dim - start)
        return smaller(dim, constant(-first)) if first is not None and stop is None else None
    if from_left and last is not None and last < 0:
        return clipped(dim + last - start)
    if from_left and stop == dim - 1:
        return clipped(dim - 1 - start)
    if first == 0 and stop.is_nonnegative():
        return smaller(dim, stop)
    if from_left and (stop - start).is_nonnegative() and (dim - stop).is_nonnegative():
        return stop - start
    return None
