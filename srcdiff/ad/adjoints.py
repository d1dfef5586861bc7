"""Accumulators of cotangents, and the zeros and casts that both modes need.

An accumulator has four faces: nothing yet (a symbolic zero), a value, a value under a pending mask, and, for updates
such as ``x_bar[i] += e_bar``, the array that is updated in place later.
"""

from __future__ import annotations

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Constant, Function, Value, is_hole, name_value
from srcdiff.ir.types import (
    FLOAT,
    Array,
    List,
    Scalar,
    Type,
    Unknown,
    cotangent_dtype,
    cotangent_type,
    dims_of,
    is_inexact,
)
from srcdiff.rules.contributions import Contribution, Masked, Update, applied
from srcdiff.rules.fit import cast_to
from srcdiff.rules.missing import may_miss


class Witness:
    """Knows values that are alive in the whole function, to take the shape of a zero from.

    A zero made from a loop-local value would keep that value for its shape alone.
    """

    def __init__(self, b: Builder, function: Function) -> None:
        self.b = b
        self.params = function.params
        self.missing = may_miss(function)

    def of(self, value: Value) -> Value:
        """A parameter of the same dims and dtype, else the value itself."""
        return next((p for p in self.params if same_shape(self.b, p.type, value.type)), value)

    def zero(self, primal: Value) -> Value:
        """The zero cotangent of a value; a hole where it is one."""
        like = self.of(primal)
        return self.zero_like(like, like in self.missing)

    def zero_like(self, like: Value, missing: bool) -> Value:
        """Zeros of the shape of a value, which may be a number, or not be there."""
        if isinstance(like.type, Unknown) or (missing and not is_number(like)):
            return self.b.op("zeros_if_there", like)
        return zero(self.b, like)


def same_shape(b: Builder, left: Type, right: Type) -> bool:
    """Whether two arrays are known to agree in dtype and dims."""
    if not (isinstance(left, Array) and isinstance(right, Array)) or left.dtype is None or left.dtype != right.dtype:
        return False
    if left.dims is None or right.dims is None or len(left.dims) != len(right.dims):
        return False
    return all(b.typing.facts.equal(a, c) for a, c in zip(left.dims, right.dims, strict=True))


def zero(b: Builder, like: Value) -> Value:
    """The zero cotangent of a value: a number, or zeros of its shape."""
    if is_number(like) or is_hole(like):
        return b.constant(0.0)
    if isinstance(like.type, List):
        return b.op("list_zeros", like)
    return b.op("zeros_like", like)


def is_number(value: Value) -> bool:
    """Whether the cotangent of a value is a number."""
    return isinstance(value.type, Scalar) or (isinstance(value.type, Array) and value.type.dims == ())


def settle(b: Builder, cotangent: Value | Masked) -> Value:
    """Apply a pending mask."""
    return applied(b, cotangent)


def add(b: Builder, left: Value, right: Value) -> Value:
    """The sum of two cotangents of one value."""
    return b.op("list_add" if isinstance(left.type, List) else "add", left, right)


def _both_masked(b: Builder, left: Masked, right: Masked) -> Masked:
    """The sum of two cotangents under masks is zero where neither selects."""
    if left.mask is right.mask:
        return Masked(add(b, left.value, right.value), left.mask)
    return Masked(add(b, settle(b, left), settle(b, right)), b.op("bit_or", left.mask, right.mask))


class Adjoints:
    """The accumulators of one region, by primal value.

    straight: the region is no loop's: what is added comes from earlier statements, and is written in front.
    """

    def __init__(self, b: Builder, witness: Witness, straight: bool = False) -> None:
        self.b = b
        self.witness = witness
        self.straight = straight
        self._slots: dict[Value, Value | Masked] = {}
        self._postponed: dict[Value, Update] = {}

    def __contains__(self, primal: Value) -> bool:
        return primal in self._slots or primal in self._postponed

    def postpone(self, primal: Value, update: Update) -> None:
        """Keep the first contribution until there is something to be updated."""
        self._postponed[primal] = update

    def _updated(self, primal: Value) -> Value | Masked | None:
        """The accumulator with all that was postponed."""
        update = self._postponed.pop(primal, None)
        if update is not None:
            self._slots[primal] = update.apply(self.b, self._zero(primal))
        return self._slots.get(primal)

    def add(self, primal: Value, contribution: Contribution) -> None:
        """Accumulate one contribution to the cotangent of ``primal``."""
        if contribution is None or isinstance(primal, Constant):
            return
        if primal in self._postponed and not isinstance(contribution, Update):
            whole = settle(self.b, contribution)
            if same_shape(self.b, whole.type, cotangent_type(primal.type)):
                self._slots[primal] = self._postponed.pop(primal).apply(self.b, whole)
                return
        current = self._updated(primal)
        if isinstance(contribution, Update):
            base = self._zero(primal) if current is None else settle(self.b, current)
            self._slots[primal] = contribution.apply(self.b, base)
        elif current is None:
            self._slots[primal] = contribution
        elif isinstance(current, Masked) and isinstance(contribution, Masked):
            self._slots[primal] = _both_masked(self.b, current, contribution)
        else:
            sides = [settle(self.b, current), settle(self.b, contribution)]
            self._slots[primal] = add(self.b, *(sides[::-1] if self.straight else sides))

    def add_joined(self, primal: Value, cotangent: Value) -> None:
        """Accumulate the cotangent of what ``primal`` became at a region's end: its type may be a wider one."""
        have, want = cotangent.type, cotangent_type(primal.type)
        alike = isinstance(have, Array) if isinstance(want, Array) else isinstance(have, Scalar)
        if alike and isinstance(want, (Array, Scalar)):
            cotangent = cast_to(self.b, cotangent, want.dtype)
        self.add(primal, cotangent)

    def put(self, primal: Value, cotangent: Value) -> None:
        """Replace the accumulator (by what a region yields for it)."""
        if not isinstance(primal, Constant):
            self._slots[primal] = cotangent

    def take(self, primal: Value) -> Value | Masked | None:
        """The finished cotangent, named after its primal; the accumulator is emptied."""
        self._updated(primal)
        cotangent = self._slots.pop(primal, None)
        if isinstance(cotangent, Value):
            name_bar(cotangent, primal)
        return cotangent

    def peek(self, primal: Value) -> Value | None:
        """What has been accumulated so far, with its mask applied."""
        current = self._updated(primal)
        if isinstance(current, Masked):
            current = self._slots[primal] = settle(self.b, current)
        return current

    def finish(self, primal: Value) -> Value:
        """The cotangent as a value: zeros if nothing has been accumulated."""
        cotangent = self.take(primal)
        result = self._zero(primal) if cotangent is None else settle(self.b, cotangent)
        name_bar(result, primal)
        return result

    def _zero(self, primal: Value) -> Value:
        return self.witness.zero(primal)


def name_bar(cotangent: Value, primal: Value) -> None:
    if primal.name:
        name_value(cotangent, f"{primal.name}_bar")


def as_kind_of(b: Builder, like: Value, derivative: Value) -> Value:
    """Cast a derivative to the kind, dtype and shape of what it is the derivative of.

    float -> float, ``np.float32`` -> ``np.float32``, 0-d array -> 0-d array.
    """
    type_ = like.type
    if isinstance(type_, List) and type_.item == FLOAT and getattr(derivative.type, "item", FLOAT) != FLOAT:
        return b.op("floats", derivative)
    if derivative.type == type_ or not isinstance(type_, (Scalar, Array)):
        return derivative
    if isinstance(type_, Scalar):
        return _as_number(b, like, type_, derivative)
    if dims_of(derivative.type) == () and type_.rank == 0:
        return b.op("full_like", like, derivative)
    if isinstance(derivative.type, Array) and derivative.type.dtype != type_.dtype and type_.dtype is not None:
        return b.op("astype", derivative, dtype=cotangent_dtype(type_.dtype))
    return derivative


def _as_number(b: Builder, like: Value, type_: Scalar, derivative: Value) -> Value:
    if type_.strength == "either":
        open_too = not isinstance(derivative, Constant) and getattr(derivative.type, "strength", "either") == "either"
        return derivative if open_too or not is_inexact(type_) else b.op("cast_as", derivative, like)
    if type_.strength == "python":
        weak = isinstance(derivative.type, Scalar) and derivative.type.strength == "python"
        if weak and not isinstance(derivative, Constant):
            return derivative
        if isinstance(derivative, Constant):
            return b.constant(float(derivative.value)) if type_.dtype != "c128" else derivative
        return b.op("float_" if type_.dtype != "c128" else "complex_", derivative)
    return b.op("astype", derivative, dtype=type_.dtype)
