"""Reverse mode: a function becomes one that returns its value and the cotangents of chosen parameters.

Every region of the primal gets a mirrored region in the backward sweep. What a backward region reads of its forward
region leaves that region as a result: an ``out`` of a loop, collected one entry a trip, or a result of a branch.
Nothing is decided here about keeping: ``passes/keep.py`` turns saved values into recomputed, available or rewound ones.

Before::

    def f(x: float) -> (float):
        y = sin(x)

After::

    def f_value_and_grad(x: float) -> (float, float):
        y = sin(x)
        x_bar = mul(cos(x), 1.0)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from srcdiff.ir.build import Builder, substitute
from srcdiff.ir.core import FOR, IF, Block, Function, Loop, Op, Value, free_values, hole, is_hole
from srcdiff.ir.dims import Fact
from srcdiff.ir.opdef import TypingError
from srcdiff.ir.types import INT, List, cotangent_type, without_value
from srcdiff.rules.contributions import Masked, Update

from .adjoints import Adjoints, Witness, as_kind_of, same_shape, settle

MASKABLE = frozenset({"elementwise", "selection"})  # groups whose rules take a cotangent under a pending mask
WHOLE = MASKABLE | {"linear", "multilinear", "reduction"}  # groups whose rules give cotangents of whole arrays


def reverse(function: Function, wrt: Sequence[Value], seeds: Sequence[Value], active: set[Value]) -> Reversed:
    """Differentiate the results of ``function`` with respect to some of its parameters.

    wrt: parameters; seeds: the cotangent of each result (values in scope of the new body, or constants); active: the
    values that depend on ``wrt`` and influence the results. Raises NoDerivative where an active op has no rule.
    """
    b = Builder.of(function)
    b.definitions.update((result, op) for op in function.body.walk() for result in op.results)
    sweep = _Reverse(b, function, active)
    adjoints = Adjoints(b, sweep.witness, straight=True)
    with b.region() as backward:
        for result, seed in zip(function.body.results, seeds, strict=True):
            if result in active:
                adjoints.add(result, seed)
        ops = sweep.sweep(function.body.ops, adjoints)
        last = next((op for op in ops if op.stmt is not None), None)
        with b.at(last.stmt if last else None, last.loc if last else None, "adjoint"):
            gradients = tuple(as_kind_of(b, value, adjoints.finish(value)) for value in wrt)
    return Reversed((*ops, *backward), gradients, b.facts)


@dataclass(frozen=True)
class Reversed:
    """ops: the forward sweep with its further results, then the backward sweep; gradients: one for each ``wrt``."""

    ops: tuple[Op, ...]
    gradients: tuple[Value, ...]
    facts: tuple[Fact, ...]


class NoDerivative(Exception):
    """An active op has no rule, or none for operands of these types (``problem``); ``op`` says where."""

    def __init__(self, op: Op, problem: TypingError | None = None) -> None:
        super().__init__(f"no derivative rule for {op.name}")
        self.op = op
        self.problem = problem


class _Reverse:
    def __init__(self, b: Builder, function: Function, active: set[Value]) -> None:
        self.b = b
        self.active = active
        self.witness = Witness(b, function)
        branches = (op for op in function.body.walk() if op.kind is IF)
        self.branches = {result: op for op in branches for result in op.results}

    def sweep(self, ops: Sequence[Op], adjoints: Adjoints) -> list[Op]:
        """Emit the backward ops of ``ops``; give the forward ops, with what the backward sweep reads as results."""
        forward = []
        users = _plain_users(ops)
        for op in reversed(ops):
            with self.b.at(op.stmt, op.loc, "adjoint"):
                if op.kind is IF:
                    op = self._branch(op, adjoints)
                elif op.blocks:
                    op = self._loop(op, adjoints)
                else:
                    self._plain(op, adjoints, users)
            forward.append(op)
        return forward[::-1]

    def _plain(self, op: Op, adjoints: Adjoints, users: dict[Value, list[Op]]) -> None:
        wanted = tuple(value in self.active for value in op.inputs)
        if not any(wanted) or not any(result in adjoints for result in op.results):
            return
        cotangents = tuple(adjoints.take(result) for result in op.results)
        if op.kind.group not in MASKABLE:
            cotangents = tuple(None if g is None else settle(self.b, g) for g in cotangents)
        if op.kind.constant:
            return
        if op.kind.vjp is None:
            raise NoDerivative(op)
        try:
            contributions = op.kind.vjp(self.b, op, cotangents, wanted)
        except TypingError as problem:
            raise NoDerivative(op, problem) from None
        for value, contribution in zip(op.inputs, contributions, strict=True):
            if value not in self.active:
                continue
            if isinstance(contribution, Update) and value not in adjoints and _is_used_before(op, users[value]):
                adjoints.postpone(value, contribution)
            else:
                adjoints.add(value, contribution)

    def _captured(self, blocks: Iterable[Block]) -> list[Value]:
        """Active values from outside that active ops inside use."""
        captured: dict[Value, None] = {}
        for block in blocks:
            captured.update(free_values(block))
        return [value for value in captured if value in self.active]

    # Branches

    def _branch(self, op: Op, adjoints: Adjoints) -> Op:
        """The mirrored branch: yields the cotangents of the values that the branches capture."""
        cotangents = [(k, adjoints.take(r)) for k, r in enumerate(op.results) if r in adjoints]
        seeds = [(k, settle(self.b, g)) for k, g in cotangents if g is not None]
        captured = self._captured(op.blocks)
        if not seeds or not captured:
            return op
        before = {value: adjoints.peek(value) for value in captured}
        forwards, backwards = [], []
        for side, block in enumerate(op.blocks):
            absent = {value for value in captured if self._is_absent(value, op, side)}
            ops, backward = self._branch_side(block, seeds, before, absent)
            forwards.append(ops)
            backwards.append(backward)
        results = [Value(cotangent_type(v.type), f"{v.name}_bar" if v.name else "") for v in captured]
        kept = [_needed(backward, (), ops) for backward, ops in zip(backwards, forwards, strict=True)]
        augmented, substitutions = _keep_of_branch(op, forwards, kept)
        backwards = [substitute(block, mapping) for block, mapping in zip(backwards, substitutions, strict=True)]
        self.b.structured(IF, op.inputs, results, backwards)
        for value, result in zip(captured, results, strict=True):
            adjoints.put(value, result)
        return augmented

    def _branch_side(
        self,
        block: Block,
        seeds: Sequence[tuple[int, Value]],
        before: dict[Value, Value | None],
        absent: set[Value],
    ) -> tuple[list[Op], Block]:
        inner = Adjoints(self.b, self.witness)
        with self.b.region() as backward:
            for value, current in before.items():
                if current is not None:
                    inner.put(value, current)
            for k, cotangent in seeds:
                result = block.results[k]
                if result in self.active and not is_hole(result):
                    inner.add_joined(result, cotangent)
            ops = self.sweep(block.ops, inner)
            results = tuple(
                hole(cotangent_type(value.type)) if value in absent and value not in inner else inner.finish(value)
                for value in before
            )
        return ops, Block((), tuple(backward), results)

    def _is_absent(self, value: Value, op: Op, side: int) -> bool:
        """Whether a value is a hole on one side of a branch: an earlier branch on the same condition left it so."""
        made = self.branches.get(value)
        if made is None or made.inputs != op.inputs:
            return False
        return is_hole(made.blocks[side].results[made.results.index(value)])

    # Loops

    def _loop(self, op: Op, adjoints: Adjoints) -> Op:
        """The mirrored loop: over the same items from the other end, carrying cotangents."""
        loop = Loop.of(op)
        if not any(result in adjoints for result in op.results):
            return op
        plan = _LoopPlan(self, loop, adjoints)
        ops, backward = self._loop_body(plan)
        needed = [v for v in _needed(backward, loop.body.params, ops) if v not in loop.items]
        augmented, stacks = _keep_of_loop(op, ops, needed)
        trips: Value | None = None
        if op.attrs.get("exits") and loop.seqs or not (loop.seqs or stacks):
            trips, augmented = _count_trips(self.b, augmented)
        self._emit_mirror(plan, backward, needed, stacks, trips, adjoints)
        return augmented

    def _loop_body(self, plan: _LoopPlan) -> tuple[list[Op], Block]:
        loop, b = plan.loop, self.b
        inner = Adjoints(b, self.witness)
        with b.region() as backward:
            for value, param in zip(plan.captured, plan.captured_params, strict=True):
                inner.put(value, param)
            for k, param in plan.carried_params.items():
                if not is_hole(loop.carried_yields[k]):
                    inner.add_joined(loop.carried_yields[k], param)
            for k, param in plan.stack_params.items():
                inner.add_joined(loop.outs[k], param)
            ops = self.sweep(loop.body.ops, inner)
            items = self._item_cotangents(plan, inner)
            yields = [self._carried_cotangent(plan, k, inner) for k in plan.carried_params]
            captured = [inner.finish(value) for value in plan.captured]
        params = (*plan.items, *plan.stack_params.values(), *plan.carried_params.values(), *plan.captured_params)
        return ops, Block(params, tuple(backward), (*yields, *captured, *items))

    def _item_cotangents(self, plan: _LoopPlan, inner: Adjoints) -> list[Value]:
        """Cotangents of the items: added to the array's at the item's index; an ``out`` for a list."""
        outs = []
        for k, item in enumerate(plan.loop.items):
            seq = plan.loop.seqs[k]
            if seq not in self.active:
                continue
            if isinstance(seq.type, List):
                outs.append(inner.finish(item))
            elif (cotangent := inner.take(item)) is not None:
                settled = settle(self.b, cotangent)
                inner.put(seq, self.b.op("add_at", inner.finish(seq), settled, plan.index, index="@"))
        return outs

    def _carried_cotangent(self, plan: _LoopPlan, k: int, inner: Adjoints) -> Value:
        """The next carried cotangent; a zero takes its shape from the one that came in, which is at hand."""
        param = plan.loop.carried_params[k]
        if param in inner:
            return inner.finish(param)
        incoming = plan.carried_params[k]
        if same_shape(self.b, incoming.type, cotangent_type(param.type)):
            return self.witness.zero_like(incoming, param in self.witness.missing)
        return inner.finish(param)

    def _emit_mirror(
        self,
        plan: _LoopPlan,
        backward: Block,
        needed: Sequence[Value],
        stacks: Sequence[Value],
        trips: Value | None,
        adjoints: Adjoints,
    ) -> None:
        kept = [Value(without_value(value.type), value.name) for value in needed]
        items = dict(zip(plan.loop.items, plan.items, strict=False))
        body = substitute(backward, {**dict(zip(needed, kept, strict=True)), **items})
        seqs = [*plan.seqs, *plan.stack_cotangents.values(), *stacks]
        split = len(plan.items) + len(plan.stack_params)
        params = [*body.params[:split], *kept]
        if trips is not None:
            seqs.append(self.b.op("range", 0, trips, 1))
            params.append(Value(INT))
        body = replace(body, params=(*params, *body.params[split:]))
        inits = [*plan.carried_cotangents.values(), *plan.captured_init]
        carried = [*plan.carried_params.values(), *plan.captured_params]
        outs = body.results[len(carried) :]
        lengths = [s.type.length for s in plan.loop.seqs if s in self.active and isinstance(s.type, List)]
        results = [Value(c.type, c.name) for c in carried]
        results += [Value(List(o.type, length), o.name) for o, length in zip(outs, lengths, strict=True)]
        direction = not plan.loop.op.attrs.get("reverse", False)
        self.b.structured(FOR, (*seqs, *inits), results, [body], seqs=len(seqs), reverse=direction)
        plan.distribute(results, adjoints)


class _LoopPlan:
    """What the mirror of one loop runs over and carries."""

    def __init__(self, owner: _Reverse, loop: Loop, adjoints: Adjoints) -> None:
        b = self.b = owner.b
        self.loop, self.active = loop, owner.active
        self.seqs, self.items = list(loop.seqs), [replace(item) for item in loop.items]
        self.index = self._index_seq(b, owner.active)
        self.stack_cotangents: dict[int, Value] = {}
        self.stack_params: dict[int, Value] = {}
        for k, stack in enumerate(loop.stacks):
            if stack in adjoints:
                self.stack_cotangents[k] = _settled(b, adjoints, stack)
                self.stack_params[k] = b.item(self.stack_cotangents[k])
        self.carried_cotangents: dict[int, Value] = {}
        self.carried_params: dict[int, Value] = {}
        for k, result in enumerate(loop.carried_results):
            param = loop.carried_params[k]
            if result in adjoints or param in owner.active:
                self.carried_cotangents[k] = adjoints.finish(result)
                self.carried_params[k] = _bar_param(param)
        inside = owner._captured([loop.body])
        seqs = [s for s in loop.seqs if s in owner.active and not isinstance(s.type, List) and s not in inside]
        self.captured = [*inside, *dict.fromkeys(seqs)]
        self.captured_init = [adjoints.finish(value) for value in self.captured]
        self.captured_params = [_bar_param(value) for value in self.captured]

    def _index_seq(self, b: Builder, active: set[Value]) -> Value | None:
        """A counter beside the items of an active array, to know where their cotangents go."""
        arrays = [s for s in self.loop.seqs if s in active and not isinstance(s.type, List)]
        if not arrays:
            return None
        counter = b.op("range", 0, b.op("dim", arrays[0], axis=0), 1)
        self.seqs.append(counter)
        self.items.append(b.item(counter, "i"))
        return self.items[-1]

    def distribute(self, results: Sequence[Value], adjoints: Adjoints) -> None:
        """Hand the results of the mirror to the accumulators around it."""
        carried, captured = len(self.carried_params), len(self.captured)
        for value, result in zip(self.captured, results[carried : carried + captured], strict=True):
            adjoints.put(value, result)
        for k, result in zip(self.carried_params, results[:carried], strict=True):
            init = self.loop.init[k]
            if init in self.active and not is_hole(init):
                adjoints.add_joined(init, result)
        lists = [s for s in self.loop.seqs if s in self.active and isinstance(s.type, List)]
        for seq, result in zip(lists, results[carried + captured :], strict=True):
            adjoints.add(seq, result)


def _plain_users(ops: Sequence[Op]) -> dict[Value, list[Op]]:
    """The ops that use each value, in their order."""
    users: dict[Value, list[Op]] = {}
    for op in ops:
        for value in {*op.inputs, *(v for block in op.blocks for v in free_values(block))}:
            users.setdefault(value, []).append(op)
    return users


def _is_used_before(op: Op, users: Sequence[Op]) -> bool:
    """Whether the next contribution is a whole array, to which the one of ``op`` may be added."""
    position = next(k for k, user in enumerate(users) if user is op)
    return position > 0 and users[position - 1].kind.group in WHOLE


def _bar_param(primal: Value) -> Value:
    return Value(cotangent_type(primal.type), f"{primal.name}_bar" if primal.name else "")


def _settled(b: Builder, adjoints: Adjoints, value: Value) -> Value:
    cotangent = adjoints.take(value)
    assert cotangent is not None
    return settle(b, cotangent) if isinstance(cotangent, Masked) else cotangent


def _needed(backward: Block, params: Sequence[Value], ops: Sequence[Op]) -> list[Value]:
    """What a backward region reads of the forward region that it mirrors (``ops``: as augmented already)."""
    local = set(params).union(*(op.results for op in ops))
    return [value for value in free_values(backward) if value in local]


def _keep_of_loop(op: Op, body_ops: Sequence[Op], needed: Sequence[Value]) -> tuple[Op, list[Value]]:
    """The loop with the needed values as further outs, and the lists of them."""
    body = op.blocks[-1]
    augmented = Block(body.params, tuple(body_ops), (*body.results, *needed))
    stacks = [Value(List(without_value(v.type)), f"{v.name}_kept" if v.name else "") for v in needed]
    blocks = (*op.blocks[:-1], augmented)
    return replace(op, blocks=blocks, results=(*op.results, *stacks)), stacks


def _count_trips(b: Builder, op: Op) -> tuple[Value, Op]:
    """A loop whose mirror reads nothing of it, or that may end early: an int carried along says how often it ran."""
    *tests, body = op.blocks
    head, trips = Value(INT, "trips"), Value(INT, "trips")
    with b.region() as count, b.at(op.stmt, op.loc):
        following = b.op("add", head, 1)
    split = len(Loop.of(op).init)
    counted = Block((*body.params, head), (*body.ops, *count), _with(body.results, split, following))
    heads = (replace(test, params=(*test.params, Value(INT, "trips"))) for test in tests)
    results = _with(op.results, split, trips)
    return trips, replace(op, inputs=(*op.inputs, b.constant(0)), results=results, blocks=(*heads, counted))


def _with(values: tuple[Value, ...], position: int, value: Value) -> tuple[Value, ...]:
    return (*values[:position], value, *values[position:])


def _keep_of_branch(
    op: Op, forwards: Sequence[Sequence[Op]], kept: Sequence[Sequence[Value]]
) -> tuple[Op, list[dict[Value, Value]]]:
    """The branch with the needed values of each side as further results (holes on the other side)."""
    results, extra = list(op.results), [list(block.results) for block in op.blocks]
    substitutions: list[dict[Value, Value]] = []
    for side, values in enumerate(kept):
        mapping = {value: Value(without_value(value.type), value.name) for value in values}
        substitutions.append(mapping)
        for value, result in mapping.items():
            results.append(result)
            extra[side].append(value)
            extra[1 - side].append(hole(value.type))
    blocks = tuple(Block((), tuple(ops), tuple(out)) for ops, out in zip(forwards, extra, strict=True))
    return replace(op, results=tuple(results), blocks=blocks), substitutions
