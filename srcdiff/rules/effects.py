"""Operations that are no function of NumPy's: statements kept for their effect, and recognised stable patterns."""

from __future__ import annotations

import importlib
import logging
import math
import random
import re
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.expr import read
from srcdiff.ir.opdef import OpDef, declare, view_of

from .contributions import Contribution, Masked
from .fit import broadcast_to_result
from .kinds import Cotangents, Dots, finished, general
from .reductions import kept

# --- statements: print, assert, raise


def _run(
    *values: Any, text: str, raises: bool = False, imports: Sequence[str] = ()
) -> tuple[()]:
    """Execute the statement with the values in the places of its operands."""
    names = {f"_{k}": value for k, value in enumerate(values)}
    exec(_filled(text, list(names)), {**_MODULES, **imported(imports)}, names)
    return ()


_MODULES = {"np": np, "math": math, "logging": logging, "sys": sys, "warnings": warnings, "random": random}


def imported(names: Sequence[str]) -> dict[str, Any]:
    """What ``module:name`` stands for, by the names."""
    found = {}
    for text in names:
        module, _, name = text.partition(":")
        found[name] = getattr(importlib.import_module(module), name)
    return found


def _filled(text: str, texts: Sequence[str]) -> str:
    """The statement with texts in the places ``{0}``, ``{1}``, …; other braces are the author's."""
    return re.sub(r"\{(\d+)\}", lambda found: texts[int(found[1])], text)


def _spell_effect(op: Op, texts: Sequence[str]) -> str:
    return _filled(op.attrs["text"], texts)


declare(OpDef("effect", "effect", lambda typing, types, attrs: (), _run, _spell_effect, (), effect=True, constant=True))


def is_raise(op: Op) -> bool:
    """Whether an op leaves the function with an exception."""
    return op.name == "effect" and str(op.attrs["text"]).startswith("raise")


# --- recognised patterns: ``stable(p, z, rule=…)`` is p, differentiated as a named function of z

STABLE: dict[str, str] = {
    "sigmoid": "g * y * (1 - y)",
    "falling_sigmoid": "-g * y * (1 - y)",
    "softplus": "g * stable(1 / (1 + exp(-z)), z, rule='sigmoid')",
    "log_sigmoid": "g * (1 - stable(1 / (1 + exp(-z)), z, rule='sigmoid'))",
    "logsumexp": "g * exp(z - y)",
}
"""What z gets; y is the result. ``falling_sigmoid`` is ``1 / (1 + exp(z))``; the attributes of ``logsumexp`` are those
of its sum."""


def _partial(b: Builder, op: Op, g: Value) -> Value:
    y = kept(b, op, op.result)
    return read(b, STABLE[op.attrs["rule"]], {"g": g, "y": y, "z": op.inputs[1]})


def _stable_vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    bar = g[0]
    if bar is None or not wanted[1]:
        return [None, None]
    mask, value = (bar.mask, bar.value) if isinstance(bar, Masked) else (None, bar)
    part = _partial(b, op, kept(b, op, value))
    return [None, finished(b, op, op.inputs[1], part, None if mask is None else kept(b, op, mask))]


def _stable_jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    if dots[1] is None:
        return (None,)
    part = _partial(b, op, dots[1])
    if op.attrs["rule"] == "logsumexp":
        part = b.op("sum", part, **{name: value for name, value in op.attrs.items() if name != "rule"})
    return (broadcast_to_result(b, part, op.result),)


general(
    "stable(p, z)",
    _stable_jvp,
    _stable_vjp,
    lambda typing, types, attrs: types[0],
    "stable",
    evaluate=lambda p, z, **attrs: p,
    spelling="p",
    storage=(view_of(0),),
    cheap=True,
)
