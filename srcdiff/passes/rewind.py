"""Rewind: an array that a loop updates is brought back, write by write, while the backward loop runs.

Before (the loop saves two slices for each cell that it writes)::

    A1, row_kept, col_kept = for_(r, A0) {i, A:
        row = get(A, i); col = get(A, i) ...; B = set(A, v, i, j) -> B, row, col}
    A_bar = for_(r, row_kept, col_kept, ...) {i, row', col', ...}

After (it saves the cell that the write destroys, and the reads are done again)::

    A1, cell_kept = for_(r, A0) {i, A: cell = get(A, i, j); ... -> B, cell}
    A_bar = for_(r, cell_kept, A1, ...) {i, cell', B', ...: A' = set(B', cell', i, j); row' = get(A', i) ... -> A'}

Every write of the array in the loop is undone, ``add_at`` too: the old cell is put back, never subtracted. The backward
loop works on values, so nothing here can read the wrong version; the in-place pass finds that each undone version is
dead when the next one is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from srcdiff.ir.build import Builder, substitute
from srcdiff.ir.core import FOR, IF, Block, Constant, Function, Loop, Op, Value, hole
from srcdiff.ir.types import List, without_value
from srcdiff.rules.regions import place

from .mirrors import Mirrors
from .rewind_plan import Read, RewindPlan, find_plan
from .rewindable import Chain, Step


def rewind(function: Function) -> Function:
    """Rewind every array for which saving what is written costs less than saving what is read."""
    done: set[Value] = set()
    while True:
        mirrors = Mirrors(function)
        plan = find_plan(mirrors, done)
        if plan is None:
            return function
        done.add(plan.chain.start)
        function = _Rewinder(function, mirrors, plan).run()


@dataclass
class _Level:
    """One loop and its mirror while they are rewritten. imports: forward value -> the backward value for it."""

    forward: Op
    parent: _Level | None
    imports: dict[Value, Value]
    exported: dict[Value, Value] = field(default_factory=dict)


class _Rewinder:
    def __init__(self, function: Function, mirrors: Mirrors, plan: RewindPlan) -> None:
        self.function = function
        self.mirrors = mirrors
        self.plan = plan
        self.b = Builder.of(function)
        self.state: dict[Value, Value] = {}  # version of the array -> its value in the backward sweep
        self.replaced: dict[Op, list[Op]] = {}  # forward op -> what stands for it
        self.levels: dict[Op, _Level] = {}  # forward loop -> its level
        self.scopes: list[dict[Value, Value]] = []
        self.reads = {read.value: read for read in plan.demands.values()}

    def run(self) -> Function:
        mirror = self.plan.mirror
        result = Loop.of(mirror.forward).carried_results[self.plan.place]
        with self.b.region() as replacement:
            step = Step(mirror.forward, Value(result.type), result, self.plan.chain, self.plan.place)
            self._loop(step, mirror.backward, result, None)
        ops = []
        for op in self.function.body.ops:
            if op is mirror.backward:
                ops.extend(replacement)
            else:
                ops.extend(self.replaced.get(op, [op]))
        return replace(self.function, body=replace(self.function.body, ops=tuple(ops)))

    # Regions

    def _loop(self, step: Step, backward: Op | None, after: Value, parent: _Level | None) -> Value:
        """Rewrite a forward loop and its mirror (a new one, if there is none); gives the version before the loop."""
        forward = step.op
        mirror = self.mirrors.of.get(backward) if backward is not None else None
        known = {v: i for i, v in mirror.counterparts.items()} if mirror is not None else {}
        level = self.levels[forward] = _Level(forward, parent, known)
        head = Value(after.type, after.name)
        chain = step.chains[0]
        ops = backward.blocks[-1].ops if backward is not None else ()
        with self.b.region() as inside, self.b.at(forward.stmt, forward.loc, "adjoint"):
            self.scopes.append({})
            before = self._region(level, ops, chain, head)
            yields = () if backward is None else tuple(self._get(v) for v in backward.blocks[-1].results)
            self.scopes.pop()
        stacks = self._export(level)
        return self._mirror(step, backward, level, (after, head, before), inside, yields, stacks)

    def _region(self, level: _Level, ops: Sequence[Op], chain: Chain, after: Value) -> Value:
        """Rewrite the backward ops of a region, undoing the chain's steps as late as its versions are asked for."""
        steps = chain.steps
        self.state[steps[-1].after if steps else chain.start] = after
        position = len(steps)
        partners = {id(self._partner(step, ops)): k for k, step in enumerate(steps)}
        self._keep_early(chain, ops, partners)
        for number, op in enumerate(ops):
            k = partners.get(id(op))
            wanted = k + 1 if k is not None else self._wanted(op, chain)
            while position > wanted:
                position -= 1
                self._read_in_time(level, steps[position].after, ops[number:])
                self._undo(level, steps[position], None)
            if k is None:
                self._rewrite(op)
            else:
                self._read_in_time(level, steps[k].after, ops[number:])
                self._undo(level, steps[k], op)
                position = min(position, k)
        while position > 0:
            position -= 1
            self._undo(level, steps[position], None)
        return self.state[chain.start]

    def _keep_early(self, chain: Chain, ops: Sequence[Op], partners: dict[int, int]) -> None:
        """Leave saved what is read before the mirrored loop that would bring its version back."""
        latest = -1  # the last step whose mirrored loop is still to come
        for op in reversed(ops):
            if id(op) in partners:
                latest = max(latest, partners[id(op)])
                continue
            for value in _operands(op):
                read = self.plan.demands.get(value)
                if read is not None and chain.position(read.version, len(chain.steps)) <= latest:
                    del self.plan.demands[value]
                    self.reads.pop(read.value, None)

    def _read_in_time(self, level: _Level, version: Value, ops: Sequence[Op]) -> None:
        """Read the cells of a version that later ops want, before a write is undone that would destroy them."""
        for op in ops:
            for value in _operands(op):
                read = self.plan.demands.get(value)
                if read is None or read.version is not version or read.op is None:
                    continue
                if self.mirrors.homes.get(read.value) is level.forward:
                    self._get(value)

    def _partner(self, step: Step, ops: Sequence[Op]) -> Op | None:
        """The mirrored loop of a step that is a loop."""
        matches = (op for op in ops if op in self.mirrors.of and self.mirrors.of[op].forward is step.op)
        return next(matches, None)

    def _wanted(self, op: Op, chain: Chain) -> int:
        """The earliest version of this level that an op, or one inside it, reads."""
        wanted = len(chain.steps)
        for value in _operands(op):
            read = self.plan.demands.get(value)
            if read is not None:
                wanted = min(wanted, chain.position(read.version, wanted))
        return wanted

    # One step back

    def _undo(self, level: _Level, step: Step, partner: Op | None) -> None:
        after = self.state[step.after]
        if step.op.kind is IF:
            self.state[step.before] = self._undo_branch(level, step, after)
        elif step.op.blocks:
            self.state[step.before] = self._loop(step, partner, after, level)
        else:
            self.state[step.before] = self._undo_write(level, step.op, after)

    def _undo_write(self, level: _Level, op: Op, after: Value) -> Value:
        cell, saving = self._saved_cell(op)
        self.replaced[op] = [saving, op]
        index = [self._need(level, value) for value in op.inputs[2:]]
        with self.b.at(op.stmt, op.loc, "adjoint"):
            return self.b.op("set", after, self._need(level, cell), *index, hint=after.name, **place(op.attrs))

    def _saved_cell(self, op: Op) -> tuple[Value, Op]:
        """``old = get(before, index)``: what the write destroys."""
        base, index = op.inputs[0], op.inputs[2:]
        with self.b.region() as ops, self.b.at(op.stmt, op.loc, "adjoint"):
            cell = self.b.op("get", base, *index, hint="", **place(op.attrs))
        self.mirrors.homes[cell] = self.mirrors.homes.get(op.results[0])
        self.mirrors.definitions[cell] = ops[0]
        return cell, ops[0]

    def _undo_branch(self, level: _Level, step: Step, after: Value) -> Value:
        """A write in a branch is undone in a branch on the same condition."""
        inner: list[Block] = []
        exports: list[tuple[int, Value, Value]] = []
        for side, chain in enumerate(step.chains):
            branch = _BranchLevel(level, step.op, side, exports)
            with self.b.region() as ops:
                value = after
                for part in reversed(chain.steps):
                    value = self._undo_in_branch(branch, part, value)
            inner.append(Block((), tuple(ops), (value,)))
        self.replaced[step.op] = [_with_exports(step.op, exports, self.replaced)]
        condition = self._need(level, step.op.inputs[0])
        blocks = [substitute(block, {r: self._need(level, r) for _, _, r in exports}) for block in inner]
        result = Value(after.type, after.name)
        with self.b.at(step.op.stmt, step.op.loc, "adjoint"):
            self.b.structured(IF, (condition,), (result,), blocks)
        return result

    def _undo_in_branch(self, branch: _BranchLevel, step: Step, after: Value) -> Value:
        op = step.op
        cell, saving = self._saved_cell(op)
        self.replaced[op] = [saving, op]
        parts = [branch.need(self, value) for value in (cell, *op.inputs[2:])]
        with self.b.at(op.stmt, op.loc, "adjoint"):
            return self.b.op("set", after, *parts, hint=after.name, **place(op.attrs))

    # Backward values of forward ones

    def _need(self, level: _Level | None, value: Value) -> Value:
        """The backward value of a forward one: an item that is there, or a new one from a new stack."""
        if isinstance(value, Constant) or level is None:
            return value
        if value in level.imports:
            return level.imports[value]
        if self.mirrors.homes.get(value) is not level.forward:
            return self._need(level.parent, value)
        item = Value(without_value(value.type), value.name)
        level.imports[value] = item
        level.exported[value] = item
        return item

    def _rewrite(self, op: Op) -> None:
        """An op of the backward region, with the reads that are done again in place of saved ones."""
        inputs = tuple(map(self._get, op.inputs))
        blocks = []
        for block in op.blocks:
            with self.b.region() as ops:
                self.scopes.append({})
                for inner in block.ops:
                    self._rewrite(inner)
                results = tuple(map(self._get, block.results))
                self.scopes.pop()
            blocks.append(Block(block.params, tuple(ops), results))
        self.b.emit(replace(op, inputs=inputs, blocks=tuple(blocks)))

    def _get(self, value: Value) -> Value:
        read = self.plan.demands.get(value)
        if read is None or read.version not in self.state:
            return value
        return self._done_again(read)

    def _done_again(self, read: Read) -> Value:
        if read.op is None:
            return self.state[read.version]
        for scope in reversed(self.scopes):
            if read.value in scope:
                return scope[read.value]
        level = self._level_of(read.value)
        op = read.op
        if read.again:
            inputs = [self._done_again(self.reads[v]) if v in self.reads else self._need(level, v) for v in op.inputs]
        else:
            inputs = [self.state[read.version], *(self._need(level, v) for v in read.index)]
        with self.b.at(op.stmt, op.loc, "adjoint"):
            if read.again:
                value = self.b.op(op.kind, *inputs, hint=read.value.name, **op.attrs)
            else:
                value = self.b.op("get", *inputs, hint=read.value.name, **place(op.attrs))
        self.scopes[-1][read.value] = value
        return value

    def _level_of(self, forward: Value) -> _Level | None:
        home = self.mirrors.homes.get(forward)
        if home is None:
            return None
        if home not in self.levels:  # a loop that reads the array and does not write it
            mirror = next(m for m in self.mirrors.of.values() if m.forward is home)
            parent = self._level_of(home.results[0])
            self.levels[home] = _Level(home, parent, {v: i for i, v in mirror.counterparts.items()})
        return self.levels[home]

    # Putting the loops together

    def _export(self, level: _Level) -> dict[Value, Value]:
        """New stacks of the forward loop: exported value -> list."""
        name = "{}_kept".format
        return {v: Value(List(without_value(v.type)), name(v.name) if v.name else "") for v in level.exported}

    def _mirror(
        self,
        step: Step,
        backward: Op | None,
        level: _Level,
        versions: tuple[Value, Value, Value],
        inside: Sequence[Op],
        yields: Sequence[Value],
        stacks: dict[Value, Value],
    ) -> Value:
        after, head, before = versions
        self.replaced[step.op] = [self._forward_loop(step.op, stacks)]
        for stack in stacks.values():
            self.mirrors.homes[stack] = self.mirrors.homes.get(step.op.results[0])
        seqs = [self._need(level.parent, stack) for stack in stacks.values()]
        items = [level.exported[value] for value in stacks]
        result = Value(after.type, after.name)
        loop = Loop.of(backward) if backward is not None else None
        mine = loop.seqs if loop else ()
        heads = loop.items if loop else ()
        inits = tuple(map(self._get, loop.init)) if loop else ()
        params = (*heads, *items, *(loop.carried_params if loop else ()), head)
        split = len(loop.carried_params) if loop else 0
        block = Block(params, tuple(inside), (*yields[:split], before, *yields[split:]))
        old = backward.results if backward is not None else ()
        inputs = (*map(self._get, mine), *seqs, *inits, after)
        attrs = {"seqs": len(mine) + len(seqs), "reverse": not step.op.attrs.get("reverse", False)}
        template = backward if backward is not None else replace(step.op, why="adjoint")
        results = (*old[:split], result, *old[split:])
        self.b.emit(replace(template, kind=FOR, inputs=inputs, results=results, blocks=(block,), attrs=attrs))
        return result

    def _forward_loop(self, op: Op, stacks: dict[Value, Value]) -> Op:
        body = op.blocks[-1]
        ops = tuple(part for inner in body.ops for part in self.replaced.get(inner, [inner]))
        augmented = Block(body.params, ops, (*body.results, *stacks))
        return replace(op, blocks=(*op.blocks[:-1], augmented), results=(*op.results, *stacks.values()))


@dataclass
class _BranchLevel:
    """One side of a forward branch: what is needed of it leaves as a result of the branch."""

    parent: _Level
    op: Op
    side: int
    exports: list[tuple[int, Value, Value]]

    def need(self, owner: _Rewinder, value: Value) -> Value:
        local = {r for op in self.op.blocks[self.side].ops for r in op.results}
        made = owner.mirrors.definitions.get(value)
        if isinstance(value, Constant) or not (value in local or (made is not None and made.inputs[0] in local)
                                               or _reads_inside(made, self.op.blocks[self.side])):
            return owner._need(self.parent, value)
        result = Value(without_value(value.type), value.name)
        owner.mirrors.homes[result] = self.parent.forward
        self.exports.append((self.side, value, result))
        return result


def _reads_inside(made: Op | None, block: Block) -> bool:
    """Whether ``made`` is a saved cell of a write in the block."""
    return made is not None and made.name == "get" and made.why == "adjoint" and any(
        op.kind.updates is not None and op.inputs[0] is made.inputs[0] for op in block.ops
    )


def _with_exports(op: Op, exports: Sequence[tuple[int, Value, Value]], replaced: dict[Op, list[Op]]) -> Op:
    blocks = []
    for side, block in enumerate(op.blocks):
        ops = tuple(part for inner in block.ops for part in replaced.get(inner, [inner]))
        extra = [value if side == mine else hole(value.type) for mine, value, _ in exports]
        blocks.append(Block((), ops, (*block.results, *extra)))
    return replace(op, blocks=tuple(blocks), results=(*op.results, *(r for _, _, r in exports)))


def _operands(op: Op) -> list[Value]:
    values = list(op.inputs)
    for block in op.blocks:
        for inner in block.ops:
            values.extend(_operands(inner))
        values.extend(block.results)
    return values
