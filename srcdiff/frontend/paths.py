"""Writes through views: what a store into ``A[i][1:].T`` makes of ``A``.

Indices behind each other become one where that can be said (``A[i][j] = v`` is ``A[i, j] = v``); every other view is
written, and put back into what it is a view of.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from srcdiff.ir.build import Builder
from srcdiff.ir.core import AGAIN, Constant, Op, Value, constant_value, is_hole
from srcdiff.rules.pattern import Part, Slice, parse
from srcdiff.rules.regions import attributes, is_basic

from .frames import Frame
from .places import Step
from .resolve import number

INVERTIBLE = frozenset(("transpose", "swapaxes", "mT", "flip", "expand_dims", "squeeze", "reshape", "ravel"))
"""Views that hold all of their array, once: what they are derived by in reverse is their inverse."""


@dataclass(frozen=True)
class Index:
    """What stands in the brackets: the text with ``@`` for each operand, and the operands."""

    pattern: str
    operands: tuple[Value, ...]


WHOLE = Index("...", ())


@dataclass(frozen=True)
class Store:
    """A ``set`` or ``add_at`` of a value. form: how the author spelled it."""

    kind: str
    value: Value
    index: Index
    form: str = ""
    repeats: bool = False


def stored(frame: Frame, node: ast.AST, base: Value, steps: tuple[Step, ...], store: Store) -> Value:
    """The whole array behind a store into the view that the steps lead to."""
    steps, index = _merged(frame, node, base, steps, store.index)
    views = [base]
    for step in steps:
        views.append(_view(frame, node, step, views[-1]))
    attrs: dict[str, object] = attributes(frame.b, index.operands, index.pattern)
    if store.repeats:
        attrs["repeats"] = True
    new = frame.op(node, store.kind, views[-1], store.value, *index.operands, form=store.form, **attrs)
    for step, view in zip(reversed(steps), reversed(views[:-1]), strict=True):
        new = _put_back(frame, node, step, view, new)
    return new


def _view(frame: Frame, node: ast.AST, step: Step, base: Value) -> Value:
    inputs = (*step.operands[: step.position], base, *step.operands[step.position :])
    return frame.op(node, step.kind, *inputs, form=AGAIN, **dict(step.attrs))


def taken(frame: Frame, node: ast.AST, array: Value, index: Index) -> Value:
    """``array[index]``; of a view that a write has passed by, the same element of what it is a view of."""
    places = frame.places
    stamp = places.stamps.get(array)
    if stamp is not None and stamp.steps and places.missed(array) is not None and places.lost(array) is None:
        places.reads.add(stamp.root)
        content = places.state.content(stamp.root)
        assert content is not None
        steps, merged = _merged(frame, node, content, stamp.steps, index)
        if len(steps) < len(stamp.steps):
            array, index = content, merged
            for step in steps:
                array = _view(frame, node, step, array)
    return frame.op(node, "get", array, *index.operands, **attributes(frame.b, index.operands, index.pattern))


def _put_back(frame: Frame, node: ast.AST, step: Step, base: Value, part: Value) -> Value:
    """``base`` with a view of it replaced."""
    attrs = dict(step.attrs)
    if step.kind.name == "get":
        return frame.op(node, "set", base, part, *step.operands, **attrs)
    reverse = step.kind.vjp
    if step.kind.name not in INVERTIBLE or reverse is None:
        hint = "write into an array of its own: append `.copy()`"
        raise frame.unsupported(node, f"a write through `{step.kind.name}`", hint)
    view = Op(step.kind, (base, *step.operands), (part,), attrs)

    def back(b: Builder) -> Value:
        found = reverse(b, view, [part], [True] + [False] * len(step.operands))[0]
        assert isinstance(found, Value)
        return found

    result: Value = frame.call(node, back, operands=[part])
    return result


# --- one index for several


def _merged(
    frame: Frame, node: ast.AST, base: Value, steps: tuple[Step, ...], index: Index
) -> tuple[tuple[Step, ...], Index]:
    """The last steps taken into the index, as far as that can be said."""
    while steps and steps[-1].kind.name == "get":
        *before, step = steps
        outer = Index(str(dict(step.attrs)["index"]), step.operands)

        def length(axis: int, before: list[Step] = before) -> Value:
            array = base
            for view in before:
                array = _view(frame, node, view, array)
            return frame.op(node, "dim", array, axis=axis)

        found = _Together(frame, node, length).index(outer, index)
        if found is None:
            break
        steps, index = tuple(before), found
    return steps, index


class _Together:
    """The index ``x[outer][inner]`` as one of ``x``. length: gives the length of an axis of ``x``."""

    def __init__(self, frame: Frame, node: ast.AST, length: Callable[[int], Value]) -> None:
        self.frame, self.node, self.length = frame, node, length
        self.texts: list[str] = []
        self.operands: list[Value] = []

    def index(self, outer: Index, inner: Index) -> Index | None:
        """None where it cannot be said."""
        if inner == WHOLE:
            return outer
        first, second = parse(outer.pattern), list(parse(inner.pattern))
        if any(isinstance(part, str) for part in (*first, *second)) or not _in_order(outer, inner):
            return None
        for axis, part in enumerate(first):
            if isinstance(part, int) or not second:
                self._take(part, outer)
            elif not self._axis(axis, part, outer, second.pop(0), inner):
                return None
        for part in second:
            self._take(part, inner)
        return Index(", ".join(self.texts), tuple(self.operands))

    def _take(self, part: Part, index: Index) -> None:
        numbers = [part] if isinstance(part, int) else list(part.operands()) if isinstance(part, Slice) else []
        self.operands += [index.operands[k] for k in numbers if k is not None]
        self.texts.append("@" if isinstance(part, int) else _text(numbers))

    def _axis(self, axis: int, part: Part, outer: Index, within: Part, inner: Index) -> bool:
        """``[s:e][j]`` and ``[s:e][p:q]`` of one axis."""
        assert isinstance(part, Slice)
        if part == Slice(None, None, None):
            self._take(within, inner)
            return True
        if isinstance(within, int):
            self.texts.append("@")
            self.operands.append(self._element(axis, part, outer, inner.operands[within]))
            return True
        assert isinstance(within, Slice)
        bounds = _slices(_known(outer, part), _known(inner, within))
        if bounds is None:
            return False
        self.texts.append(_text(bounds))
        self.operands += [number(value) for value in bounds if value is not None]
        return True

    def _element(self, axis: int, part: Slice, outer: Index, position: Value) -> Value:
        """``x[s:e][j]``: ``x[s + j]`` where neither can be negative; else Python says which element it is."""
        frame, node = self.frame, self.node
        start = _known(outer, part)[0]
        open_ended = part.stop is None and part.step is None
        if open_ended and isinstance(start, int) and start >= 0 and _counts(frame, position):
            known = constant_value(position)
            return number(known + start) if known is not None else frame.op(node, "add", position, number(start))
        numbers = frame.op(node, "range", number(0), self.length(axis), number(1))
        operands = [outer.operands[k] for k in part.operands() if k is not None]
        picked = frame.op(node, "get", numbers, *operands, index=_text(part.operands()))
        return frame.op(node, "get", picked, position, index="@")


def _text(bounds: Sequence[object]) -> str:
    """The pattern of a slice with these bounds."""
    texts = ["@" if bound is not None else "" for bound in bounds]
    return ":".join(texts if texts[2] else texts[:2])


def _known(index: Index, part: Slice) -> list[object]:
    """The bounds of a slice: None where they are left out, ``...`` where they are no constants."""
    found: list[object] = []
    for k in part.operands():
        value = None if k is None else constant_value(index.operands[k])
        found.append(value if k is None or isinstance(value, int) else ...)
    return found


def _in_order(outer: Index, inner: Index) -> bool:
    """Whether index arrays, if there are some, stay where they are: ``x[i][rows]`` is ``x[i, rows]``."""
    if is_basic(inner.pattern, [value.type for value in inner.operands]):
        return True
    return inner.pattern == "@" and parse(outer.pattern) == tuple(range(len(outer.operands)))


def _counts(frame: Frame, value: Value) -> bool:
    """Whether a number is known not to be negative: a constant, or the counter of a range that counts up."""
    if isinstance(value, Constant) and not is_hole(value):
        return isinstance(value.value, int) and value.value >= 0
    made = frame.b.definitions.get(frame.unit.sequences.get(value, value))
    if made is None or made.name != "range":
        return False
    start, _, step = (constant_value(operand) for operand in made.inputs)
    return isinstance(start, int) and isinstance(step, int) and start >= 0 and step > 0


def _slices(outer: list[object], inner: list[object]) -> list[int | None] | None:
    """``[s:e][p:q:k]`` with constants, where that is one slice whatever the length."""
    if ... in outer or ... in inner or outer[2] is not None:
        return None
    (start, stop, _), (low, high, stride) = outer, inner
    begin, first, step = start or 0, low or 0, stride or 1
    assert isinstance(begin, int) and isinstance(first, int) and isinstance(step, int)
    if begin < 0 or first < 0 or step < 1 or (isinstance(stop, int) and stop >= 0):
        return None
    end: int | None = stop if isinstance(stop, int) else None
    if isinstance(high, int):
        if high >= 0 and end is not None:
            return None
        end = begin + high if high >= 0 else (end or 0) + high
    return [begin + first or None, end, stride if isinstance(stride, int) else None]
