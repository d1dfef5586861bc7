"""How calls are written whose operands are not simply listed: in a list, by keyword, several of them or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from srcdiff.ir.core import Op
from srcdiff.ir.types import DTYPES

from .creation import dtype_text

Spelling = Callable[[Op, Sequence[str]], str]


def static_text(name: str, value: Any) -> str:
    """A static argument as it is written."""
    return dtype_text(value) if name == "dtype" and value in DTYPES else repr(value)


def keywords(op: Op, skip: Sequence[str] = ()) -> str:
    """The static arguments of an op, each with a comma in front."""
    return "".join(f", {name}={static_text(name, value)}" for name, value in op.attrs.items() if name not in skip)


def called(path: str, *names: str, listed: bool = False) -> Spelling:
    """``path(a, b, axis=0)``. names: how operands behind the first ones are called, counted from the last;
    listed: the operands are the items of one list."""

    def spelling(op: Op, texts: Sequence[str]) -> str:
        plain = list(texts[: len(texts) - len(names)] if names else texts)
        named = [f"{name}={text}" for name, text in zip(names, texts[len(plain) :], strict=False)]
        first = f"[{', '.join(plain)}]" if listed else ", ".join(plain)
        return f"{path}({', '.join([first, *named] if first else named)}{keywords(op)})"

    return spelling
