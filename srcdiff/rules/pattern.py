"""The text of an index, such as ``@, :@``: each ``@`` is an operand; parsed, written out, and evaluated.

>>> [type(part).__name__ for part in parse("@, 1:@")]
Traceback (most recent call last):
    ...
ValueError: not an index pattern: '@, 1:@'
>>> fill("@, :@", ["i", "j"])
'i, :j'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Slice:
    """``start:stop:step``; each is the number of an operand, or None where it is left out."""

    start: int | None
    stop: int | None
    step: int | None

    def operands(self) -> tuple[int | None, int | None, int | None]:
        return self.start, self.stop, self.step


Part = int | Slice | str
"""The number of an operand, a slice, ``"..."`` or ``"None"``."""


@cache
def parse(pattern: str) -> tuple[Part, ...]:
    """The parts of an index, with operands numbered from the left."""
    parts: list[Part] = []
    count = 0
    for text in pattern.split(","):
        text = text.strip()
        if ":" in text:
            bounds: list[int | None] = []
            for bound in text.split(":"):
                if bound not in ("", "@"):
                    raise ValueError(f"not an index pattern: {pattern!r}")
                bounds.append(count if bound else None)
                count += bound == "@"
            parts.append(Slice(*(bounds + [None])[:3]))
        elif text == "@":
            parts.append(count)
            count += 1
        elif text in ("...", "None"):
            parts.append(text)
        elif text:
            raise ValueError(f"not an index pattern: {pattern!r}")
    return tuple(parts)


def fill(pattern: str, texts: Sequence[str]) -> str:
    """The index with the operands' texts in it."""
    pieces = pattern.split("@")
    return "".join(piece + text for piece, text in zip(pieces, [*texts, ""], strict=True))


def composed(outer: str, inner: str) -> tuple[str, list[int]] | None:
    """The index ``x[outer][inner]`` as one of ``x``, and which operands of both it takes; None if it cannot be said.

    The operands are numbers or bounds of slices; those of ``inner`` are counted after those of ``outer``.

    >>> composed("@", ":@"), composed(":, @", "@"), composed("@:", "@")
    (('@, :@', [0, 1]), ('@, @', [1, 0]), None)
    """
    if not {"...", "None"}.isdisjoint((*parse(outer), *parse(inner))):
        return None
    rest = [text.strip() for text in inner.split(",") if text.strip()]
    parts: list[str] = []
    order: list[int] = []
    ours, theirs = 0, outer.count("@")

    def take(text: str) -> None:
        nonlocal theirs
        parts.append(text)
        order.extend(range(theirs, theirs + text.count("@")))
        theirs += text.count("@")

    for text in (text.strip() for text in outer.split(",") if text.strip()):
        if text == "@":
            parts.append(text)
            order.append(ours)
            ours += 1
        elif text == ":":
            take(rest.pop(0) if rest else ":")
        else:
            return None
    for text in rest:
        take(text)
    return ", ".join(parts), order


def index_of(pattern: str, operands: Sequence[Any]) -> Any:
    """The index as Python evaluates it."""

    def bound(number: int | None) -> Any:
        return None if number is None else operands[number]

    items: list[Any] = []
    for part in parse(pattern):
        if isinstance(part, Slice):
            items.append(slice(*map(bound, part.operands())))
        elif isinstance(part, int):
            items.append(operands[part])
        else:
            items.append(... if part == "..." else None)
    return items[0] if len(items) == 1 and "," not in pattern else tuple(items)
