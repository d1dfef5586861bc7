"""The proof that a cell read in a loop still holds the same value in the final array.

    for i in range(1, n):          the read y[i - 1] of trip i: writes of this and later trips hit i, i + 1, …
        y[i] = f(y[i - 1])         so the cell i - 1 is final when it is read

The read and every write must be single cells whose indices are the loop's counter plus a constant, in at least one
axis; both are known to be at least 0, because a negative index wraps to the other end.
"""

from __future__ import annotations

from srcdiff.ir.core import FOR, IF, Block, Loop, Op, Value, constant_value
from srcdiff.ir.dims import Symbol
from srcdiff.ir.types import Scalar

from .mirrors import Mirrors


def final_read(read: Op, loop_op: Op, mirrors: Mirrors) -> Value | None:
    """The final version of the array that ``get`` op ``read`` can be read from instead, or None without a proof."""
    if loop_op.kind is not FOR or loop_op.attrs.get("reverse"):
        return None
    loop = Loop.of(loop_op)
    counter = _counter(loop, mirrors)
    if counter is None or mirrors.homes.get(read.results[0]) is not loop_op:
        return None
    for k, param in enumerate(loop.carried_params):
        versions = _Versions(param, loop.body)
        if read.inputs[0] not in versions.known:
            continue
        if not versions.closed or loop.carried_yields[k] not in versions.known:
            return None
        later = versions.written_after(read.inputs[0])
        if all(_apart(read, write, write in later, counter) for write in versions.writes):
            return loop.carried_results[k] if not _written_later(loop.carried_results[k], mirrors) else None
    return None


def _written_later(value: Value, mirrors: Mirrors) -> bool:
    """Whether the final array is overwritten after the loop (reading it then would cost a copy)."""
    return any(
        op is not None and (op.kind.updates is not None and op.inputs[0] is value or op.blocks)
        for op in mirrors.readers.get(value, ())
    )


def _counter(loop: Loop, mirrors: Mirrors) -> tuple[Symbol, int, int] | None:
    """(symbol of the counter, its least value, its step) of a loop over a range with constant start and step."""
    for seq, item in zip(loop.seqs, loop.items, strict=True):
        made = mirrors.definitions.get(seq)
        if made is None or made.name != "range" or not isinstance(item.type, Scalar) or item.type.value is None:
            continue
        start, stop, step = (constant_value(value) for value in made.inputs)
        symbols = item.type.value.symbols
        if step is None or len(symbols) != 1:
            continue
        least = start if step > 0 else (None if stop is None else stop + 1)
        if least is not None:
            return next(iter(symbols)), least, step
    return None


class _Versions:
    """The versions of a carried array in the body of its loop, in order, and the writes that made them."""

    def __init__(self, param: Value, body: Block) -> None:
        self.known: dict[Value, int] = {param: 0}
        self.writes: list[Op] = []
        self.closed = True
        self._block(body)

    def _block(self, block: Block) -> None:
        for op in block.ops:
            if op.kind.updates is not None and op.inputs[op.kind.updates] in self.known:
                self.writes.append(op)
                self.known[op.results[0]] = len(self.writes)
            elif op.kind is IF:
                for inner in op.blocks:
                    self._block(inner)
                for k, result in enumerate(op.results):
                    if any(inner.results[k] in self.known for inner in op.blocks):
                        self.closed &= all(inner.results[k] in self.known for inner in op.blocks)
                        self.known[result] = len(self.writes)
            elif op.blocks and any(value in self.known for value in op.inputs):
                self.closed = False

    def written_after(self, version: Value) -> list[Op]:
        """Writes of the same trip that come after a version."""
        return self.writes[self.known[version] :]


def _apart(read: Op, write: Op, later_in_trip: bool, counter: tuple[Symbol, int, int]) -> bool:
    """Whether no write of a later trip (or a later one of this trip) hits the cell that is read."""
    symbol, least, step = counter
    if "index" not in write.attrs:  # a list that grows: another item is the last
        return False
    reads, writes = read.attrs["index"].split(", "), write.attrs["index"].split(", ")
    if write.attrs.get("repeats") or set(reads) != {"@"} or set(writes) != {"@"} or len(reads) != len(writes):
        return False
    for mine, other in zip(read.inputs[1:], write.inputs[2:], strict=True):
        a, b = _offset(mine, symbol), _offset(other, symbol)
        if a is None or b is None or least + a < 0 or least + b < 0:
            continue
        distance = (a - b) * (1 if step > 0 else -1)
        if distance < 0 or (distance == 0 and not later_in_trip):
            return True
    return False


def _offset(index: Value, symbol: Symbol) -> int | None:
    """``k`` of an index ``counter + k``."""
    value = index.type.value if isinstance(index.type, Scalar) else None
    if value is None or value.symbols != {symbol}:
        return None
    terms = dict(value.terms)
    return value.offset if terms.get((symbol,)) == 1 and len(terms) <= 2 else None
