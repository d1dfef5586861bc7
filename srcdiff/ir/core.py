"""The data structures of a program: Value, Op, Block, Function. All frozen; a pass builds new ones.

Structured SSA: one block per region, no jumps. A block may use the values of the blocks around it.

    if_(cond){then}{else} -> results
    for_(*seqs, *init; seqs=k, reverse=False){*items, *carried -> *carried, *out} -> *carried, *stacked
    while_(*init){*carried -> cond}{*carried -> *carried, *out} -> *carried, *stacked

``for_`` runs over its ``k`` sequences in lockstep (ranges, arrays, lists), from the last item to the first if
``reverse``. An ``out`` is collected one entry a trip into a list; the entry of a trip over item ``j`` is entry ``j`` of
the list whatever the direction, so that a loop over the list in either direction meets it again. A loop with the
attribute ``exits`` carries a bool first, and ends behind the trip that yields true for it.

Python containers never enter the IR: parameters and results are leaves, ``Function.parameters`` and
``Function.returns`` say how they are packed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .dims import Fact, Symbol
from .opdef import OpDef, Storage, declare
from .structure import Parameter, Tree
from .types import Type, symbols_of


@dataclass(frozen=True, eq=False)
class Value:
    """A value: its type and the author's name for it (a hint, never an identity)."""

    type: Type
    name: str = ""

    def __repr__(self) -> str:
        return f"%{self.name or hex(id(self))[-4:]}: {self.type}"


@dataclass(frozen=True, eq=False)
class Constant(Value):
    """A Python number known at compile time, or ``HOLE``: a value that is not there. It needs no op."""

    value: Any = None


class _HoleValue:
    def __repr__(self) -> str:
        return "hole"


HOLE_VALUE = _HoleValue()


def hole(type_: Type) -> Constant:
    """A value that is not there: the out of a branch not taken, a name not yet bound, the result after raise."""
    return Constant(type_, "", HOLE_VALUE)


def surely_there(op: Op) -> list[Value]:
    """The results of an op that are no holes whatever way the program took."""
    if op.kind is IF:
        return [r for k, r in enumerate(op.results) if not any(is_hole(block.results[k]) for block in op.blocks)]
    if not op.blocks:
        return list(op.results)
    loop = Loop.of(op)
    carried = zip(loop.carried_results, loop.init, strict=True)
    return [*(result for result, init in carried if not is_hole(init)), *loop.stacks]


def name_value(value: Value, name: str) -> None:
    """Give a name to a value that was born without one (a name is a hint, so this changes no meaning)."""
    if not value.name and not isinstance(value, Constant):
        object.__setattr__(value, "name", name)


def is_hole(value: Value) -> bool:
    return isinstance(value, Constant) and value.value is HOLE_VALUE


def constant_value(value: Value) -> Any:
    """The number of a constant, else None."""
    return value.value if isinstance(value, Constant) and value.value is not HOLE_VALUE else None


@dataclass(frozen=True)
class Statement:
    """A statement of the author's: its line in the file, its text on one line, its position in the function.

    target: the name that it binds or writes, if it is one name; file: where it stands; context: the ``with`` items
    around it that are kept (both not printed, not compared).
    """

    line: int
    text: str
    index: int
    target: str = ""
    file: str = field(default="", compare=False)
    context: str = field(default="", compare=False)


AGAIN = "again"
"""The form of a view that is taken again after a write: taking it cannot raise."""


@dataclass(frozen=True, eq=False)
class Op:
    """One operation. loc: the source span (diagnostics.Span; opaque here); stmt: the author's statement;
    why: ``""`` for primal, ``"adjoint"`` or ``"tangent"`` for derived code; form: how the author spelled it, a hint
    for emission (``"method"``, ``"attribute"``, ``"@"``), or ``AGAIN``."""

    kind: OpDef
    inputs: tuple[Value, ...]
    results: tuple[Value, ...]
    attrs: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    loc: Any = None
    stmt: Statement | None = None
    why: str = ""
    form: str = ""

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def result(self) -> Value:
        """The only result."""
        (value,) = self.results
        return value

    def __repr__(self) -> str:
        return f"{', '.join(map(repr, self.results))} = {self.name}({', '.join(map(repr, self.inputs))})"


def storages(op: Op) -> tuple[Storage, ...]:
    """Where the results of an op live, one entry for each."""
    declared = op.kind.storage
    return declared([value.type for value in op.inputs], op.attrs) if callable(declared) else declared


@dataclass(frozen=True, eq=False)
class Block:
    params: tuple[Value, ...]
    ops: tuple[Op, ...]
    results: tuple[Value, ...]

    def walk(self) -> Iterator[Op]:
        """All ops, those of nested blocks after the op that holds them."""
        for op in self.ops:
            yield op
            for block in op.blocks:
                yield from block.walk()


@dataclass(frozen=True, eq=False)
class Function:
    """A function: ``body.params`` are the leaves of its parameters, ``body.results`` the leaves of what it returns.

    facts: equalities of dims that the text relies on; source: the author's text (opaque here); comments: line ->
    comment text of the author's; doc: the docstring to emit. Parameters come in the order positional, keyword, hidden.
    """

    name: str
    parameters: tuple[Parameter, ...]
    body: Block
    returns: Tree
    facts: tuple[Fact, ...] = ()
    source: Any = None
    comments: Mapping[int, str] = field(default_factory=dict)
    doc: str = ""

    @property
    def params(self) -> tuple[Value, ...]:
        return self.body.params


def _control(name: str, blocks: int) -> OpDef:
    def cannot(*_: Any, **__: Any) -> Any:
        raise TypeError(f"{name} is built by Builder.{name}, and evaluated by the interpreter")

    return declare(OpDef(name, "structure", cannot, cannot, storage=(), info={"blocks": blocks}))


HOLDERS = frozenset({"list_of", "list_join"})
"""Ops whose result holds the arrays of all their operands."""

IF, FOR, WHILE = _control("if_", 2), _control("for_", 1), _control("while_", 2)


@dataclass(frozen=True)
class Loop:
    """The operands of a ``for_`` or ``while_`` by their roles.

    >>> from srcdiff.ir.build import Builder
    >>> from srcdiff.ir.types import FLOAT, INT, List
    >>> b = Builder()
    >>> loop = b.loop([Value(List(INT))], [b.constant(0.0)], [FLOAT], lambda items, carried: ((carried[0],), ()))
    >>> Loop.of(loop).carried_params[0].type
    float
    """

    op: Op
    seqs: tuple[Value, ...]
    init: tuple[Value, ...]
    items: tuple[Value, ...]
    carried_params: tuple[Value, ...]
    carried_yields: tuple[Value, ...]
    outs: tuple[Value, ...]
    carried_results: tuple[Value, ...]
    stacks: tuple[Value, ...]

    @property
    def body(self) -> Block:
        return self.op.blocks[-1]

    @staticmethod
    def of(op: Op) -> Loop:
        count = op.attrs["seqs"] if op.kind is FOR else 0
        body = op.blocks[-1]
        carried = len(op.inputs) - count
        return Loop(
            op,
            op.inputs[:count],
            op.inputs[count:],
            body.params[:count],
            body.params[count:],
            body.results[:carried],
            body.results[carried:],
            op.results[:carried],
            op.results[carried:],
        )


def free_values(block: Block) -> dict[Value, None]:
    """The values that a block uses and does not define, in order of first use (constants are not counted)."""
    defined: set[Value] = set()
    used: dict[Value, None] = {}
    _scan(block, defined, used)
    return {value: None for value in used if value not in defined and not isinstance(value, Constant)}


def _scan(block: Block, defined: set[Value], used: dict[Value, None]) -> None:
    defined.update(block.params)
    for op in block.ops:
        used.update(dict.fromkeys(op.inputs))
        for inner in op.blocks:
            _scan(inner, defined, used)
        defined.update(op.results)
    used.update(dict.fromkeys(block.results))


def all_types(block: Block) -> Iterator[Type]:
    """The types of all values in a block and in those inside it, constants included; most come more than once."""
    yield from (value.type for value in block.params)
    for op in block.ops:
        yield from (value.type for value in op.inputs)
        yield from (value.type for value in op.results)
        for inner in op.blocks:
            yield from all_types(inner)
    yield from (value.type for value in block.results)


def symbols_in(function: Function) -> dict[Symbol, None]:
    """The symbols of a function's types and facts, in order of appearance."""
    seen: dict[Symbol, None] = {}
    for type_ in dict.fromkeys(all_types(function.body)):
        seen.update(dict.fromkeys(sorted(symbols_of(type_))))
    for fact in function.facts:
        for dim in (fact.left, fact.right):
            seen.update(dict.fromkeys(sorted(dim.symbols) if dim is not None else ()))
    return seen
