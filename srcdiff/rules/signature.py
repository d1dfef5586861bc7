"""The declared text of a function, such as ``np.sum(x, axis=None)``: its object, its inputs, its static arguments."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np

OPERATORS: dict[str, Callable[..., Any]] = {
    **{"add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, "mod": operator.mod},
    **{"floordiv": operator.floordiv, "pow": operator.pow, "matmul": operator.matmul, "neg": operator.neg},
    **{"pos": operator.pos, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge},
    **{"eq": operator.eq, "ne": operator.ne, "not_": operator.not_, "invert": operator.invert},
    **{"bit_and": operator.and_, "bit_or": operator.or_, "bit_xor": operator.xor},
    **{"lshift": operator.lshift, "rshift": operator.rshift},
}
ROOTS: dict[str, Any] = {"np": np, "math": math}
_CALL = re.compile(r"([\w.]+)\((.*)\)$")
_COMMA = re.compile(r", (?![^(]*\))")
_WORD = re.compile(r"(?<![.\w])[A-Za-z_]\w*")


@dataclass(frozen=True)
class Signature:
    """What the declared text of an operation says.

    path: the dotted name of the function (empty for operators and methods); inputs: names of the operands;
    static: the static arguments with their defaults.

    >>> Signature.of("np.sum(x, axis=None, keepdims=False)").static
    {'axis': None, 'keepdims': False}
    """

    text: str
    path: str
    inputs: tuple[str, ...]
    static: Mapping[str, Any]

    @staticmethod
    def of(text: str) -> Signature:
        call = _CALL.match(text)
        if call is None or ("." in call[1] and call[1].split(".")[0] not in ROOTS):
            words = [word for word in _WORD.findall(text) if word != "not"]
            return Signature(text, "", tuple(dict.fromkeys(words)), {})
        known = "." in call[1] or hasattr(builtins, call[1])
        inputs, static = [], {}
        for part in _COMMA.split(call[2]):
            name, equals, default = part.partition("=")
            if equals:
                static[name] = ast.literal_eval(default)
            elif name and name != "None":
                inputs.append(name)
        return Signature(text, call[1] if known else "", tuple(inputs), static)

    @property
    def name(self) -> str:
        """The op's name: NumPy's own; ``math_sin`` for ``math.sin``, ``abs_`` for a builtin."""
        module, _, last = self.path.rpartition(".")
        return f"math_{last}" if module == "math" else last if module else f"{last}_"

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The object that the author calls."""
        head, *rest = self.path.split(".")
        root = ROOTS[head] if head in ROOTS else getattr(builtins, head)
        function: Callable[..., Any] = reduce(getattr, rest, root)
        return function

    @cached_property
    def parameters(self) -> inspect.Signature:
        """How arguments are bound: inputs and static arguments by position or keyword."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        inputs = [inspect.Parameter(name, kind) for name in self.inputs]
        static = [inspect.Parameter(name, kind, default=value) for name, value in self.static.items()]
        return inspect.Signature([*inputs, *static])
