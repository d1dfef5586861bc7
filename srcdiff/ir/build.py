"""Builder types every op as it is born; Rebuild is the walker that passes are written with.

>>> import srcdiff.rules  # the table of operations
>>> from srcdiff.ir.types import FLOAT
>>> b = Builder()
>>> x = Value(FLOAT, "x")
>>> b.op("mul", x, b.constant(2.0)).type
float
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from .core import FOR, IF, WHILE, Block, Constant, Function, Op, Statement, Value, symbols_in
from .dims import Fact, Facts, constant
from .opdef import OPS, OpDef, Typing, TypingError
from .types import BOOL, COMPLEX, FLOAT, INT, Array, List, Scalar, Type, int_of, without_value

Values = Sequence[Value]
LoopBody = Callable[[tuple[Value, ...], tuple[Value, ...]], tuple[Values, Values]]


def item_type(seq: Type) -> Type:
    """The type of one item of a sequence; TypingError if it cannot be iterated."""
    if isinstance(seq, List):
        return seq.item
    if isinstance(seq, Array) and seq.dims:
        return Scalar(seq.dtype) if seq.rank == 1 and seq.dtype else Array(seq.dtype, seq.dims[1:])
    raise TypingError(f"cannot loop over a value of type {seq}", "SD011", "annotate its type, or give --sig")


class Builder:
    """Appends typed ops to the current block.

    loc, stmt, why, form: the provenance given to the ops that are born next; definitions: the op that made a value.
    """

    def __init__(self, facts: Facts | None = None, taken: Callable[[], Iterable[str]] = tuple) -> None:
        self.typing = Typing(facts, taken)
        self.loc: Any = None
        self.stmt: Statement | None = None
        self.why = ""
        self.form = ""
        self._stack: list[list[Op]] = [[]]
        self.definitions: dict[Value, Op] = {}

    @classmethod
    def of(cls, function: Function) -> Builder:
        """A builder for a function made out of this one: its facts hold, its symbols are taken."""
        return cls(Facts(function.facts, derived=True), lambda: (symbol.name for symbol in symbols_in(function)))

    @property
    def ops(self) -> tuple[Op, ...]:
        """The ops of the current block."""
        return tuple(self._stack[-1])

    @property
    def regions(self) -> int:
        """How many regions are open."""
        return len(self._stack)

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(self.typing.facts.facts)

    @contextmanager
    def at(self, stmt: Statement | None = None, loc: Any = None, why: str = "", form: str = "") -> Iterator[None]:
        """Ops born inside have this provenance."""
        saved = self.stmt, self.loc, self.why, self.form
        self.stmt, self.loc, self.why, self.form = stmt, loc, why, form
        try:
            yield
        finally:
            self.stmt, self.loc, self.why, self.form = saved

    @contextmanager
    def region(self, conditional: bool = True) -> Iterator[list[Op]]:
        """Ops born inside are collected in the list that is given, instead of in the current block.

        conditional: False for a function's own body, which is always entered.
        """
        ops: list[Op] = []
        self._stack.append(ops)
        self.typing.conditional += conditional
        try:
            yield ops
        finally:
            self.typing.conditional -= conditional
            self._stack.pop()

    def constant(self, number: Any, name: str = "") -> Constant:
        """A Python bool, int, float or complex."""
        types: dict[type, Type] = {bool: BOOL, float: FLOAT, complex: COMPLEX}
        if type(number) is int:
            return Constant(int_of(constant(number)), name, number)
        return Constant(types[type(number)], name, number)

    def value(self, operand: Any) -> Value:
        """The operand itself, or the constant of a Python number."""
        return operand if isinstance(operand, Value) else self.constant(operand)

    def emit(self, op: Op) -> Op:
        self._stack[-1].append(op)
        self.definitions.update(dict.fromkeys(op.results, op))
        return op

    def op_many(self, kind: str | OpDef, /, *inputs: Any, hint: str = "", **attrs: Any) -> tuple[Value, ...]:
        """Append an op and give all its results (``hint`` names the first)."""
        opdef = OPS[kind] if isinstance(kind, str) else kind
        values = tuple(map(self.value, inputs))
        types = opdef.infer(self.typing, [value.type for value in values], attrs)
        results = tuple(Value(type_, "" if k else hint) for k, type_ in enumerate(types))
        self.emit(Op(opdef, values, results, attrs, (), self.loc, self.stmt, self.why, self.form))
        return results

    def op(self, kind: str | OpDef, /, *inputs: Any, hint: str = "", **attrs: Any) -> Value:
        """Append an op with one result."""
        (result,) = self.op_many(kind, *inputs, hint=hint, **attrs)
        return result

    def item(self, seq: Value, name: str = "") -> Value:
        """A block parameter for one item of a sequence; a Python int gets a symbol of its own."""
        type_ = item_type(seq.type)
        if type_ == INT:
            type_ = int_of(self.typing.fresh_int(name if name.isidentifier() else "i"))
        return Value(type_, name)

    def structured(self, kind: OpDef, inputs: Values, results: Values, blocks: Sequence[Block], **attrs: Any) -> Op:
        """Append a control op whose blocks and results are already made."""
        op = Op(kind, tuple(inputs), tuple(results), attrs, tuple(blocks), self.loc, self.stmt, self.why, self.form)
        return self.emit(op)

    def branch(
        self, condition: Value, types: Sequence[Type], then: Callable[[], Values], other: Callable[[], Values]
    ) -> Op:
        """``if_`` with results of the given types; ``then`` and ``other`` build the branches."""
        blocks = []
        for build in (then, other):
            with self.region() as ops:
                results = build()
            blocks.append(Block((), tuple(ops), tuple(results)))
        results = [Value(t, v.name) for t, v in zip(types, blocks[0].results, strict=True)]
        return self.structured(IF, (condition,), results, blocks)

    def loop(
        self,
        seqs: Values,
        init: Values,
        types: Sequence[Type],
        body: LoopBody,
        reverse: bool = False,
        names: Sequence[str] = (),
        **attrs: Any,
    ) -> Op:
        """``for_`` over ``seqs``; ``body(items, carried) -> (yields, outs)``. types: of what is carried."""
        items = tuple(self.item(seq, name) for seq, name in zip(seqs, (*names, *[""] * len(seqs)), strict=False))
        carried = tuple(Value(type_, value.name) for type_, value in zip(types, init, strict=True))
        with self.region() as ops:
            yields, outs = body(items, carried)
        block = Block((*items, *carried), tuple(ops), (*yields, *outs))
        results = [Value(c.type, c.name) for c in carried] + [Value(List(without_value(o.type)), o.name) for o in outs]
        return self.structured(FOR, (*seqs, *init), results, [block], seqs=len(seqs), reverse=reverse, **attrs)

    def while_loop(
        self,
        init: Values,
        types: Sequence[Type],
        condition: Callable[[tuple[Value, ...]], Value],
        body: Callable[[tuple[Value, ...]], tuple[Values, Values]],
        **attrs: Any,
    ) -> Op:
        """``while_``; ``condition(carried) -> bool value``, ``body(carried) -> (yields, outs)``."""
        heads = [tuple(Value(t, v.name) for t, v in zip(types, init, strict=True)) for _ in range(2)]
        with self.region() as tested:
            truth = condition(heads[0])
        with self.region() as ops:
            yields, outs = body(heads[1])
        blocks = [Block(heads[0], tuple(tested), (truth,)), Block(heads[1], tuple(ops), (*yields, *outs))]
        results = [Value(c.type, c.name) for c in heads[1]] + [Value(List(without_value(o.type)), o.name) for o in outs]
        return self.structured(WHILE, init, results, blocks, **attrs)


class Rebuild:
    """Walks a function and builds a new one; a pass overrides ``visit``.

    ``visit(op)`` may return None (the op is copied, with its operands replaced, its blocks walked), or the values that
    stand for its results (it has emitted what it needs through ``self.b``). ``self.get(value)`` is what stands for a
    value of the old function.
    """

    def __init__(self, function: Function) -> None:
        self.function = function
        self.b = Builder.of(function)
        self.values: dict[Value, Value] = {}

    def run(self) -> Function:
        for param in self.function.params:
            self.values[param] = param
        body = self.block(self.function.body)
        return replace(self.function, body=body, facts=self.b.facts)

    def get(self, value: Value) -> Value:
        return value if isinstance(value, Constant) else self.values.get(value, value)

    def get_all(self, values: Values) -> tuple[Value, ...]:
        return tuple(map(self.get, values))

    def visit(self, op: Op) -> Values | None:
        return None

    def block(self, block: Block) -> Block:
        with self.b.region(conditional=block is not self.function.body) as ops:
            for op in block.ops:
                self.step(op)
            results = self.get_all(block.results)
        return Block(block.params, tuple(ops), results)

    def step(self, op: Op) -> None:
        b = self.b
        saved = b.stmt, b.loc, b.why, b.form
        b.stmt, b.loc, b.why, b.form = op.stmt, op.loc, op.why, op.form
        results = self.visit(op)
        if results is None:
            results = self.copy(op)
        b.stmt, b.loc, b.why, b.form = saved
        self.values.update(zip(op.results, results, strict=True))

    def copy(self, op: Op) -> tuple[Value, ...]:
        """The op itself, with its operands replaced; its results keep their identity."""
        inputs = self.get_all(op.inputs)
        blocks = tuple(self.block(block) for block in op.blocks)
        same = all(a.ops == b.ops and a.results == b.results for a, b in zip(blocks, op.blocks, strict=True))
        if inputs == op.inputs and same:
            self.b.emit(op)
        else:
            self.b.emit(replace(op, inputs=inputs, blocks=blocks))
        return op.results


def copy_block(block: Block, values: Mapping[Value, Value]) -> Block:
    """A copy of a block with fresh values everywhere and ``values`` put for what it captures."""
    mapping = dict(values)

    def fresh(value: Value) -> Value:
        mapping[value] = replace(value)
        return mapping[value]

    def get(value: Value) -> Value:
        return mapping.get(value, value)

    def copied(inner: Block) -> Block:
        params = tuple(map(fresh, inner.params))
        ops = []
        for op in inner.ops:
            inputs, blocks = tuple(map(get, op.inputs)), tuple(map(copied, op.blocks))
            ops.append(replace(op, inputs=inputs, blocks=blocks, results=tuple(map(fresh, op.results))))
        return Block(params, tuple(ops), tuple(map(get, inner.results)))

    return copied(block)


def substitute(block: Block, values: Mapping[Value, Value]) -> Block:
    """The block with some of the values that it captures replaced; everything else keeps its identity."""
    if not values:
        return block

    def get(value: Value) -> Value:
        return values.get(value, value)

    ops = []
    for op in block.ops:
        inputs = tuple(map(get, op.inputs))
        blocks = tuple(substitute(inner, values) for inner in op.blocks)
        ops.append(op if inputs == op.inputs and not blocks else replace(op, inputs=inputs, blocks=blocks))
    return Block(block.params, tuple(ops), tuple(map(get, block.results)))
