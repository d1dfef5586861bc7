"""The table of rules for people: every function that an author may call, its kind, and its derivative as written."""

from __future__ import annotations

import builtins
import inspect
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from srcdiff.ir.opdef import OPS, OpDef

from .signature import OPERATORS, Signature
from .table import FUNCTIONS

_SPACES: tuple[tuple[str, Any], ...] = (("np", np), ("np.linalg", np.linalg), ("math", math), ("", builtins))


@dataclass(frozen=True)
class Rule:
    """One function.

    name: as it is called (or the operator's text); kind: how it is differentiated; op: its name in the IR, ``""`` if it
    is made of others; text: its declaration; partials: operands with their partials; written: where a derivative stands
    that is no expression, such as ``rules/linalg.py, _solve_vjp``; note: what else is to be said.
    """

    name: str
    kind: str
    op: str = ""
    text: str = ""
    partials: tuple[tuple[str, str], ...] = ()
    written: str = ""
    note: str = ""

    @property
    def parts(self) -> tuple[tuple[str, bool], ...]:
        """The derivative in pieces, each with whether it is an expression."""
        if self.partials:
            return tuple((partial, True) for _, partial in self.partials)
        return ((self.note or self.written, False),)

    @cached_property
    def derivative(self) -> str:
        """The derivative on one line."""
        return ", ".join(part for part, _ in self.parts)


def listing() -> Iterator[Rule]:
    """Every function and operator, NumPy's first, each by the alphabet.

    >>> [rule.derivative for rule in listing() if rule.name == "np.arctan2"]
    ['g * b / (a * a + b * b), -g * a / (a * a + b * b)']
    """
    declared = {_key(opdef): opdef for opdef in OPS.values() if _signature(opdef) is not None}
    seen: set[int] = set()
    for prefix, space in _SPACES:
        for name in sorted(vars(space)):
            function = getattr(space, name)
            own = getattr(function, "__name__", name)  # not an alias, such as np.absolute's np.abs
            named = own == name or getattr(space, own, None) is not function
            if named and id(function) not in seen and _is_known(function) and not name.startswith("_"):
                seen.add(id(function))
                same = OPS.get(name) if prefix == "np" else None  # its arguments are bound by a function of their own
                found = declared.get(id(function), same)
                yield _rule(f"{prefix}.{name}" if prefix else name, found, isinstance(function, type))
    for opdef in OPS.values():
        if _is_operator(opdef):
            yield _rule(str(opdef.spelling), opdef)


def _is_known(function: Any) -> bool:
    """Whether a function of a module's is one that an author may call."""
    try:
        return callable(function) and function in FUNCTIONS
    except TypeError:  # it has no hash
        return False


def _signature(opdef: OpDef) -> Signature | None:
    found = opdef.info.get("signature")
    return found if isinstance(found, Signature) else None


def _is_operator(opdef: OpDef) -> bool:
    """Whether an op is written with an operator: ``a + b``, ``-x``, ``not x``."""
    signature = _signature(opdef)
    return signature is not None and signature.text == opdef.spelling and opdef.name in OPERATORS


def _key(opdef: OpDef) -> int:
    signature = _signature(opdef)
    return id(signature.function) if signature is not None and signature.path else -1


def _rule(name: str, opdef: OpDef | None, is_type: bool = False) -> Rule:
    if opdef is None and is_type:
        return Rule(name, "conversion", note="linear for floats; integers and bools have no derivative")
    if opdef is None:
        return Rule(name, "composed", note="made of other functions, and differentiated through them")
    signature = _signature(opdef)
    assert signature is not None
    kind = opdef.group
    if opdef.constant:
        return Rule(name, "constant", opdef.name, signature.text, note="no derivative: zero, or none is due")
    partials = opdef.info.get("partials") or _nonlocals(opdef).get("transposes") or ()
    if partials and all(isinstance(partial, str) or partial is None for partial in partials):
        shown = tuple(zip(signature.inputs, (partial or "0" for partial in partials), strict=False))
        return Rule(name, kind, opdef.name, signature.text, shown)
    where = _where(opdef, partials)
    return Rule(name, kind, opdef.name, signature.text, (), where, f"written out in {where}" if where else "")


def _nonlocals(opdef: OpDef) -> dict[str, Any]:
    """What the rules of an op were made of by their kind."""
    rule = inspect.unwrap(opdef.vjp) if opdef.vjp is not None else None
    return dict(inspect.getclosurevars(rule).nonlocals) if inspect.isfunction(rule) else {}


def _where(opdef: OpDef, partials: Any) -> str:
    """The file and the name of the function that gives the derivative."""
    candidates = [*partials, *_nonlocals(opdef).values(), opdef.vjp, opdef.jvp]
    for candidate in candidates:
        candidate = inspect.unwrap(candidate) if callable(candidate) else candidate
        code = getattr(candidate, "__code__", None)
        if code is not None and os.path.basename(code.co_filename) != "kinds.py":
            name = f", {code.co_name}" if code.co_name.isidentifier() else ""
            return f"rules/{os.path.basename(code.co_filename)}{name}"
    return ""
