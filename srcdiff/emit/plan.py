"""The statements of a function before they have names: a tree of nodes that says what each reads and writes.

Names are given by the lives of values over exactly these statements, so what is printed is what was analysed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from srcdiff.ir.core import IF, WHILE, Block, Constant, Function, Loop, Op, Statement, Value
from srcdiff.ir.index import Index
from srcdiff.ir.types import INT
from srcdiff.rules.effects import is_raise
from srcdiff.rules.regions import is_region

from .lists import Lists, LoopForm
from .nest import Nesting


@dataclass(eq=False)
class Node:
    """A statement. reads, writes: the variables; shapes: variables of which it reads the shape, and which may have
    another value by then; stmt, why: where it comes from."""

    reads: tuple[Value, ...] = ()
    writes: tuple[Value, ...] = ()
    stmt: Statement | None = None
    why: str = ""
    shapes: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Text:
    """What the text of expressions reads: see ``Node``."""

    reads: tuple[Value, ...]
    shapes: tuple[Value, ...]


Body = list[Node]


@dataclass(eq=False)
class Assign(Node):
    """``results = op``; also a statement that only has an effect."""

    op: Op | None = None


@dataclass(eq=False)
class Update(Node):
    """``x[i] = v``, ``x[i] += v``."""

    op: Op | None = None


@dataclass(eq=False)
class Targets(Node):
    """The targets of the comprehensions in the statement behind: they have names, and no statement."""


@dataclass(eq=False)
class Move(Node):
    """A parallel assignment; what is already in its place is not written. role: ``init`` in front of a loop,
    ``carried`` at the end of its body, ``branch``."""

    role: str = ""
    pairs: tuple[tuple[Value, Value], ...] = ()


@dataclass(eq=False)
class NewList(Node):
    """``xs = []``."""


@dataclass(eq=False)
class Turn(Node):
    """``xs.reverse()``."""


@dataclass(eq=False)
class Append(Node):
    """``xs.append(value)``."""

    value: Value | None = None


@dataclass(eq=False)
class Take(Node):
    """``item = xs.pop()``, or ``item = xs[i]`` with a counter."""

    item: Value | None = None


@dataclass(eq=False)
class If(Node):
    """tail: both sides return."""

    op: Op | None = None
    then: Body = field(default_factory=list)
    other: Body = field(default_factory=list)
    tail: bool = False


@dataclass(eq=False)
class For(Node):
    loop: Loop | None = None
    form: LoopForm | None = None
    body: Body = field(default_factory=list)


@dataclass(eq=False)
class While(Node):
    """test: the statements that compute the condition, none if it is an expression."""

    loop: Loop | None = None
    test: Body = field(default_factory=list)
    body: Body = field(default_factory=list)


@dataclass(eq=False)
class Return(Node):
    values: tuple[Value, ...] = ()


class Plan:
    """body: the statements; counters: loops over indices without a range of their own -> their counter."""

    def __init__(self, function: Function, index: Index, lists: Lists, nesting: Nesting) -> None:
        self.function = function
        self.index = index
        self.lists = lists
        self.nesting = nesting
        self.counters: dict[Op, Value] = {}
        self._targets: dict[Value, None] = {}
        self.takers: dict[Value, tuple[Op, int]] = {}
        for op in function.body.walk():
            if op.attrs.get("seqs"):
                self._note_items(op)
        self.body = self._block(function.body)

    def _note_items(self, op: Op) -> None:
        loop, form = Loop.of(op), self.lists.form(op)
        for k in (*form.popped, *form.indexed):
            self.takers[loop.items[k]] = (op, k)
        if form.bounds and form.counter is None:
            self.counters[op] = Value(INT)

    # What an expression reads

    def reads(self, *values: Value) -> tuple[Value, ...]:
        """The variables in the text of values."""
        return self._text(*values).reads

    def _text(self, *values: Value) -> Text:
        return self._reading(leaf for value in values for leaf in self._leaves(value))

    def _reading(self, leaves: Iterable[tuple[Value, bool]]) -> Text:
        found: tuple[dict[Value, None], dict[Value, None]] = {}, {}
        for value, shape in leaves:
            found[shape][value] = None
        return Text(tuple(found[False]), tuple(found[True]))

    def _leaves(self, value: Value, shape: bool = False) -> Iterator[tuple[Value, bool]]:
        if isinstance(value, Constant):
            return
        made = self.index.definitions.get(value)
        if made is not None and made in self.nesting.inlined:
            yield from self._operands(made, shape)
        elif value in self.nesting.nested_takes:
            yield from ((source, False) for source in self.sources(value))
        else:
            yield self.lists.variable(value), shape and self.nesting.stable.keeps_shape(value)

    def _operands(self, op: Op, shape: bool = False) -> Iterator[tuple[Value, bool]]:
        """shape: only the shape of the result is read, so that of a region is read of the shape of its array."""
        named = self.lists.form(op).named() if op in self.nesting.comprehensions else range(len(op.inputs))
        if op in self.nesting.comprehensions:
            items = Loop.of(op).items
            self._targets.update((items[k], None) for k in self.lists.form(op).drivers)
        for k, value in enumerate(op.inputs):
            if k not in named:
                continue
            yield from self._leaves(value, k in op.kind.shape_only or (shape and is_region(op) and k == 0))
        for block in op.blocks:
            for value in block.results:
                yield from self._leaves(value)

    def sources(self, item: Value) -> Iterator[Value]:
        """The variables that are read where an item is taken."""
        op, k = self.takers[item]
        yield from self.reads(op.inputs[k])
        if k in self.lists.form(op).indexed:
            yield self.counter(op)

    def counter(self, op: Op) -> Value:
        """The counter of a loop over indices."""
        counter = self.lists.form(op).counter
        return self.counters[op] if counter is None else Loop.of(op).items[counter]

    # Statements

    def _block(self, block: Block) -> Body:
        around, self._targets = self._targets, {}
        body: Body = []
        body += self._taken(block, -1)
        body += self._named(self._appends(block, None))
        for k, op in enumerate(block.ops):
            body += self._taken(block, k)
            if op not in self.nesting.inlined and op not in self.nesting.dead:
                body += self._named(self._op(op))
            body += self._named(self._appends(block, op))
        body += self._taken(block, len(block.ops))
        body += self._named(self._end(block))
        self._targets = around
        return body

    def _named(self, statements: Iterable[Node]) -> Iterator[Node]:
        """The statements, and in front of them the targets of the comprehensions that are in them."""
        written = list(statements)
        if self._targets:
            yield Targets(writes=tuple(self._targets))
            self._targets = {}
        yield from written

    def _taken(self, block: Block, position: int) -> Iterator[Node]:
        for item in self.nesting.takes.get((block, position), ()):
            user = self._user(block, position)
            reads = tuple(dict.fromkeys(self.sources(item)))
            stmt, why = (None, "adjoint") if user is None else (user.stmt, user.why)
            yield Take(reads, (item,), stmt, why, item=item)

    def _user(self, block: Block, position: int) -> Op | None:
        """The op whose statement follows a position."""
        later = [op for op in block.ops[max(position, 0) :] if op not in self.nesting.dead]
        return later[0] if later else self.index.owners[block]

    def _appends(self, block: Block, made: Op | None) -> Iterator[Node]:
        for out, stack in self._collected(block):
            if not self.index.uses_of(stack) or self._maker(block, out) is not made or self._is_flat(out):
                continue
            owner = self.index.owners[block]
            assert owner is not None
            stmt, why = (made.stmt, made.why) if made is not None else (None, owner.why)
            target = self.lists.variable(stack)
            text = self._text(out)
            yield Append((*text.reads, target), (), stmt, why, text.shapes, value=out)

    def _collected(self, block: Block) -> Iterator[tuple[Value, Value]]:
        """Pairs of what is appended in a block, and the list."""
        owner = self.index.owners[block]
        guards = self.nesting.guards
        if owner is not None and owner.kind is IF:
            for guarded in guards.by_branch.get(owner, ()):
                if block is owner.blocks[guarded.side]:
                    yield guarded.value, guarded.stack
        elif owner is not None and block is owner.blocks[-1]:
            loop = Loop.of(owner)
            for out, stack in zip(loop.outs, loop.stacks, strict=True):
                if stack not in guards.stacks:
                    yield out, stack

    def _is_flat(self, out: Value) -> bool:
        return not isinstance(out, Constant) and self.lists.variable(out) is not out

    def _maker(self, block: Block, value: Value) -> Op | None:
        """The op of this block that makes a value."""
        made = self.index.definitions.get(value)
        return made if made is not None and self.index.blocks[made] is block else None

    def _end(self, block: Block) -> Iterator[Node]:
        owner = self.index.owners[block]
        if owner is None or owner in self.nesting.branches.tails:
            values = self._returned(block)
            last = block.ops[-1] if block.ops else None
            if last is None or not (last in self.nesting.branches.tails or is_raise(last)):
                text = self._text(*values)
                yield Return(text.reads, shapes=text.shapes, values=values)
        elif owner.kind is IF:
            pairs = zip(owner.results, block.results, strict=True)
            yield self._move([(r, v) for r, v in pairs if self.nesting.guards.is_needed(r)], owner, "branch")
        elif block is owner.blocks[-1]:
            loop = Loop.of(owner)
            yield self._move(list(zip(loop.carried_params, loop.carried_yields, strict=True)), owner, "carried")

    def _returned(self, block: Block) -> tuple[Value, ...]:
        """The function's results where a block ends it."""
        values = dict(zip(block.results, block.results, strict=True))
        chain = []
        while (owner := self.index.owners[block]) is not None:
            chain.append(dict(zip(owner.results, block.results, strict=True)))
            block = self.index.blocks[owner]
        results: Sequence[Value] = block.results
        for mapping in reversed(chain):
            results = [mapping.get(value, value) for value in results]
        return tuple(results) if chain else tuple(values[value] for value in block.results)

    def _move(self, pairs: Sequence[tuple[Value, Value]], op: Op, role: str) -> Move:
        text = self._text(*(value for _, value in pairs))
        targets = tuple(target for target, _ in pairs)
        stmt = op.stmt if role == "init" else self._stmt(pairs)
        return Move(text.reads, targets, stmt, op.why, text.shapes, role, tuple(pairs))

    def _stmt(self, pairs: Sequence[tuple[Value, Value]]) -> Statement | None:
        """The statement of an expression that is written in the assignment at a region's end."""
        ops = [self.index.definitions.get(value) for _, value in pairs]
        return next((op.stmt for op in ops if op is not None and op in self.nesting.inlined), None)

    def _op(self, op: Op) -> Iterator[Node]:
        if op.kind is IF and op not in self.nesting.expressions:
            yield self._branch(op)
        elif op not in self.nesting.comprehensions and (op.kind is WHILE or op.attrs.get("seqs")):
            yield from self._loop(op)
        elif op.kind.updates is not None:
            base = op.inputs[op.kind.updates]
            rest = [value for k, value in enumerate(op.inputs) if k != op.kind.updates]
            text = self._text(base, *rest)
            yield Update(text.reads, op.results, op.stmt, op.why, text.shapes, op)
        else:
            text = self._reading(self._operands(op))
            yield Assign(text.reads, op.results, op.stmt, op.why, text.shapes, op)

    def _branch(self, op: Op) -> Node:
        then, other = map(self._block, op.blocks)
        tail = op in self.nesting.branches.tails
        writes = () if tail else tuple(filter(self.nesting.guards.is_needed, op.results))
        text = self._text(op.inputs[0])
        return If(text.reads, writes, op.stmt, op.why, text.shapes, op, then, other, tail)

    def _loop(self, op: Op) -> Iterator[Node]:
        loop = Loop.of(op)
        stacks = [stack for stack in loop.stacks if self.index.uses_of(stack)]
        for stack in stacks:
            if self.lists.variable(stack) is stack:
                yield NewList((), (stack,), op.stmt, op.why)
        if loop.init:
            yield self._move(list(zip(loop.carried_params, loop.init, strict=True)), op, "init")
        if op.kind is WHILE:
            tested = op in self.nesting.tested
            test = [] if tested else self._block(op.blocks[0])
            text = self._text(op.blocks[0].results[0])
            yield While(text.reads, (), op.stmt, op.why, text.shapes, loop, test, self._block(loop.body))
        else:
            yield self._for(op, loop)
        for stack in stacks:
            if self.lists.must_turn(stack):
                yield Turn((self.lists.variable(stack),), (), op.stmt, op.why)

    def _for(self, op: Op, loop: Loop) -> Node:
        form = self.lists.form(op)
        named = [k for k in form.drivers if k != form.counted] if not form.bounds else form.bounds
        text = self._text(*(loop.seqs[k] for k in named))
        writes = [loop.items[k] for k in form.drivers]
        if form.bounds:
            writes = [self.counter(op)]
        body = self._block(loop.body)
        return For(text.reads, tuple(writes), op.stmt, op.why, text.shapes, loop, form, body)

