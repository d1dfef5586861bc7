"""The builder of the front end: what an op reads is up to date, and what it makes is stamped (`places`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from srcdiff.ir.build import Builder
from srcdiff.ir.core import AGAIN, HOLDERS, Loop, Op, Value, storages
from srcdiff.ir.types import Array
from srcdiff.rules.pattern import Slice, parse

from .places import Places, Refusal, Stamp, Step, is_tracked, stale

_ROWS_FIRST = frozenset(("zeros", "ones", "empty", "full", "arange", "linspace", "array", "eye", "flatten"))
"""Ops whose result lies in memory row by row, whatever their operands look like."""


class Recorder(Builder):
    """A builder that takes arrays as they are now, and stamps what is born."""

    def __init__(self, places: Places, **options: Any) -> None:
        super().__init__(**options)
        self.places = places

    def emit(self, op: Op) -> Op:
        if self.places.stamps:
            unread = op.kind.shape_only
            inputs = tuple(value if k in unread else self.current(value) for k, value in enumerate(op.inputs))
            if any(new is not old for new, old in zip(inputs, op.inputs, strict=True)):
                op = replace(op, inputs=inputs)
        super().emit(op)
        self._record(op)
        return op

    def current(self, value: Value) -> Value:
        """The array that a value stands for, as it is now; refused if that is not known."""
        places = self.places
        stamp = places.stamps.get(value)
        if stamp is None:
            return value
        places.reads.add(stamp.root)
        version = places.missed(value)
        if version is None:
            return value
        if version.value is None:
            raise Refusal(stale(stamp.root, version, self.loc))
        known = places.state.retaken.get(value)
        if known is not None and known[0] is version:
            return known[1]
        found = version.value
        for k, step in enumerate(stamp.steps):
            found = self._take(step, found, value.name if k + 1 == len(stamp.steps) else "")
        places.state.retaken[value] = version, found
        return found

    def _take(self, step: Step, base: Value, name: str) -> Value:
        """A view of a new version, taken as it was of an old one."""
        inputs = (*step.operands[: step.position], base, *step.operands[step.position :])
        results = (Value(step.type, name),)
        return self.emit(Op(step.kind, inputs, results, dict(step.attrs), (), self.loc, self.stmt, form=AGAIN)).result

    # ------------------------------------------------------------------------------------------------ what is born

    def _record(self, op: Op) -> None:
        if op.blocks:
            self._record_region(op)
            return
        if op.name in HOLDERS:
            if is_tracked(op.result):
                self.places.unsure(op.result, op.inputs)
            return
        for result, storage in zip(op.results, storages(op), strict=True):
            if not is_tracked(result):
                continue
            source = None if storage.kind == "fresh" else self.places.stamps.get(op.inputs[storage.of])
            if source is None:
                self.places.fresh(result)
                self.places.stamps[result].root.compact = self._is_compact(op, result)
            elif storage.kind == "view" or (op.name in ("reshape", "ravel") and is_compact(source)):
                self.places.put(result, source.root, (*source.steps, _step(op, storage.of)))
            else:
                self.places.unsure(result, [op.inputs[storage.of]])

    def _record_region(self, op: Op) -> None:
        """What a branch or a loop gives may be anything that goes into it; who knows more says so afterwards."""
        sources = [value for block in op.blocks for value in block.results]
        if "seqs" in op.attrs:
            sources += Loop.of(op).init
        for result in op.results:
            if is_tracked(result) and result not in self.places.stamps:
                self.places.unsure(result, sources)

    @staticmethod
    def _is_compact(op: Op, result: Value) -> bool:
        """Whether the elements of a fresh array lie one behind the other, row by row."""
        if isinstance(result.type, Array) and result.type.rank == 1:
            return True
        copied = op.name == "copy" and "via" not in op.attrs  # np.copy keeps the order of the axes
        return copied or op.name in _ROWS_FIRST


def _step(op: Op, position: int) -> Step:
    operands = (*op.inputs[:position], *op.inputs[position + 1 :])
    return Step(op.kind, operands, position, tuple(sorted(op.attrs.items())), op.result.type)


def is_compact(stamp: Stamp) -> bool:
    """Whether the elements of a view lie one behind the other: rows, runs of rows, and other shapes of these do."""
    return stamp.root.compact and all(map(_keeps_compact, stamp.steps))


def _keeps_compact(step: Step) -> bool:
    if step.kind.name in ("reshape", "ravel"):
        return True
    if step.kind.name != "get":
        return False
    parts = list(parse(dict(step.attrs)["index"]))
    while parts and isinstance(parts[0], int):
        parts.pop(0)
    run = not parts or (isinstance(parts[0], Slice) and parts[0].step is None)
    return run and all(part == Slice(None, None, None) for part in parts[1:])
