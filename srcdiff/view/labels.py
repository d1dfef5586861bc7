"""What the node of an operation is called: the author's operator or function, with what is constant written in."""

from __future__ import annotations

from collections.abc import Sequence

from srcdiff.ir.core import Op
from srcdiff.ir.literals import is_literal, literal

OPERATORS = {
    **{"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "floordiv": "//", "mod": "%", "matmul": "@"},
    **{"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="},
    **{"bit_and": "&", "bit_or": "|", "bit_xor": "^", "lshift": "<<", "rshift": ">>"},
}
ORDERED = frozenset({"sub", "div", "pow", "floordiv", "mod", "matmul", "lt", "le", "gt", "ge", "dot", "outer", "solve"})
"""Operations whose two operands are not to be mistaken for each other."""
_NAMES = {"mT": "transpose", "not_": "not", "invert": "~", "linear_scan": "recurrence"}
HOLE = "·"
LONGEST = 46


def label(op: Op, texts: Sequence[str | None]) -> tuple[str, str]:
    """Label and second line of an op; ``texts``: of its operands, None for one that comes along an edge.

    >>> from srcdiff.ir.build import Builder
    >>> from srcdiff.ir.types import FLOAT
    >>> import srcdiff.rules.table
    >>> b = Builder()
    >>> value = b.op("mul", b.constant(2.0), b.constant(3.0))
    >>> label(b.ops[-1], ["2", None]), label(b.ops[-1], [None, None])
    (('2 *', ''), ('*', ''))
    """
    name = op.name
    if name in OPERATORS:
        return " ".join([*filter(None, [texts[0], OPERATORS[name], texts[1]])]), ""
    if name in ("get", "set", "add_at"):
        return _element(op, texts), ""
    if name == "effect":
        text = str(op.attrs["text"])
        for number, operand in enumerate(texts):
            text = text.replace(f"{{{number}}}", operand or HOLE)
        return short(text), ""
    if name == "stable":
        return str(op.attrs["rule"]).replace("_", " "), "in a stable form"
    options = ", ".join(_option(*item) for item in op.attrs.items() if item[1] is not None and item[1] is not False)
    called = _NAMES.get(name, name.removeprefix("math_").removeprefix("np_").rstrip("_"))
    if all(text is not None for text in texts) and texts:
        return short(f"{called}({', '.join(filter(None, texts))})"), short(options)
    if any(text is not None for text in texts):
        return short(f"{called}({', '.join(text or HOLE for text in texts)})"), short(options)
    return called, short(options)


def _option(key: str, value: object) -> str:
    if value is True:
        return key
    return f"{key}={literal(value) if is_literal(value) else value}"


def _element(op: Op, texts: Sequence[str | None]) -> str:
    """``[i, 1:]`` for a read, ``[i] = ·`` for a write."""
    read = op.name == "get"
    index = iter(texts[1 if read else 2 :])
    parts = [next(index, None) or HOLE if part == "@" else part for part in str(op.attrs["index"])]
    place = f"[{''.join(parts)}]"
    if read:
        return short(place)
    return short(f"{place} {'=' if op.name == 'set' else '+='} {texts[1] or HOLE}")


def short(text: str, limit: int = LONGEST) -> str:
    """A text that fits a node.

    >>> short("abcdefgh", 5)
    'abcd…'
    """
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
