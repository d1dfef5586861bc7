"""Which rules hold for complex values: those of functions that are holomorphic, linear, or say how they are not.

The convention is JAX's: a cotangent ``g`` of ``z`` stands for the change ``Re(sum(g * dz))``. For a holomorphic f the
cotangent of its operand is then ``g * f'(z)``, with nothing conjugated; real operands get the real part. Everything
else with complex operands is refused.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from srcdiff.ir.core import Op
from srcdiff.ir.opdef import Attrs, Infer, OpDef, Typing, TypingError
from srcdiff.ir.types import Type, kind

_ARITHMETIC = "add sub mul div neg pos pow np_add np_subtract np_multiply np_divide np_power np_negative np_positive"
_FUNCTIONS = "reciprocal square sqrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan float_power"
_HYPERBOLIC = "sinh cosh tanh arcsinh arccosh arctanh where absolute abs_ conjugate imag float_"
_ARRAYS = "get set add_at array full_like linspace prod cumprod linear_scan inv solve det cofactors unbroadcast expm"
HOLDS = frozenset(f"{_ARITHMETIC} {_FUNCTIONS} {_HYPERBOLIC} {_ARRAYS}".split())
"""Ops, besides the linear ones and compositions, whose rules hold for complex values."""

CONJUGATING = frozenset("vdot vecdot vecmat nanvar nanstd norm_by var_over std_over solve_triangular".split())
"""Ops of those kinds that conjugate an operand, or take its absolute value, and have no rule for it."""


def real_only(name: str, infer: Infer) -> Infer:
    """The typing of a step that is none for complex values, and has no rule for them."""

    def real(typing: Typing, types: Sequence[Type], attrs: Attrs) -> tuple[Type, ...]:
        if any(kind(getattr(type_, "dtype", None)) == "c" for type_ in types):
            raise TypingError(f"{name} has no rule for complex values", "SD010", "write `z / np.abs(z)`")
        return infer(typing, types, attrs)

    return real


def guarded(opdef: OpDef) -> OpDef:
    """The op with rules that refuse complex values, unless they hold for them."""
    kinds = opdef.group in ("linear", "multilinear", "composed", "structure", "list")
    if opdef.name in HOLDS or (kinds and opdef.name not in CONJUGATING) or opdef.vjp is None:
        return opdef
    return replace(opdef, vjp=_refusing(opdef.vjp, opdef.name), jvp=_refusing(opdef.jvp, opdef.name))


def _refusing(rule: Callable[..., Any] | None, name: str) -> Callable[..., Any] | None:
    if rule is None:
        return None

    @functools.wraps(rule)
    def checked(b: Any, op: Op, *rest: Any) -> Any:
        if any(kind(getattr(value.type, "dtype", None)) == "c" for value in (*op.inputs, *op.results)):
            hint = "write it with the real and the imaginary part: `z.real`, `z.imag`"
            raise TypingError(f"`{name}` has no rule for complex values", "SD010", hint)
        return rule(b, op, *rest)

    return checked
