"""Where the values of a function are defined and used: what every part of emission asks."""

from __future__ import annotations

from dataclasses import dataclass

from .core import FOR, IF, Block, Constant, Function, Loop, Op, Value


@dataclass(frozen=True, eq=False)
class Use:
    """One use of a value. op: the op, or None for a result of ``block``; role: ``seq``, ``init`` or ``input`` of an op;
    ``branch``, ``carried``, ``out``, ``test`` or ``return`` of a block; index: the position among inputs or results."""

    block: Block
    op: Op | None
    role: str
    index: int


class Index:
    """definitions: value -> op that makes it; homes: value -> block in which it is defined; uses: value -> its uses;
    owners: block -> the op that holds it (None for the function's body); blocks: op -> the block that it is in."""

    def __init__(self, function: Function, before: Function | None = None) -> None:
        """before: a function whose results are this one's parameters, to be looked at as well."""
        self.function = function
        self.definitions: dict[Value, Op] = {}
        self.homes: dict[Value, Block] = {}
        self.uses: dict[Value, list[Use]] = {}
        self.owners: dict[Block, Op | None] = {}
        self.blocks: dict[Op, Block] = {}
        for whole in (before, function):
            if whole is not None:
                self.owners[whole.body] = None
                self._block(whole.body)

    def _block(self, block: Block) -> None:
        self.homes.update(dict.fromkeys(block.params, block))
        for op in block.ops:
            self.blocks[op] = block
            for k, value in enumerate(op.inputs):
                self._use(value, Use(block, op, _role(op, k), k))
            for inner in op.blocks:
                self.owners[inner] = op
                self._block(inner)
            self.definitions.update(dict.fromkeys(op.results, op))
            self.homes.update(dict.fromkeys(op.results, block))
        for k, value in enumerate(block.results):
            self._use(value, Use(block, None, self._result_role(block, k), k))

    def _use(self, value: Value, use: Use) -> None:
        if not isinstance(value, Constant):
            self.uses.setdefault(value, []).append(use)

    def _result_role(self, block: Block, k: int) -> str:
        owner = self.owners[block]
        if owner is None:
            return "return"
        if owner.kind is IF:
            return "branch"
        if block is not owner.blocks[-1]:
            return "test"
        return "carried" if k < len(Loop.of(owner).init) else "out"

    def uses_of(self, value: Value) -> list[Use]:
        return self.uses.get(value, [])

    def result_of(self, use: Use) -> Value:
        """The result of the op around that a result of a block becomes."""
        owner = self.owners[use.block]
        assert owner is not None
        return owner.results[use.index]

    def places_of(self, value: Value) -> tuple[Value, ...]:
        """What a loop carries in the place of one of its results: the value at the head of its body."""
        made = self.definitions.get(value)
        if made is None or not made.blocks or made.kind is IF:
            return ()
        loop = Loop.of(made)
        return (loop.carried_params[loop.carried_results.index(value)],) if value in loop.carried_results else ()

    def parent(self, block: Block) -> Block | None:
        """The block around a block."""
        owner = self.owners[block]
        return None if owner is None else self.blocks[owner]

    def once_in(self, block: Block, home: Block) -> bool:
        """Whether ``block`` runs at most once for each run of ``home``, which is it or is around it."""
        while block is not home:
            owner = self.owners[block]
            if owner is None or owner.kind is not IF:
                return False
            block = self.blocks[owner]
        return True


def _role(op: Op, k: int) -> str:
    if op.kind is FOR:
        return "seq" if k < op.attrs["seqs"] else "init"
    return "init" if op.blocks and op.kind is not IF else "input"
