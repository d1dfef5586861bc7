"""Which ops become statements, and which are written inside the expression of their only user.

What the author nested nests again, because his unnamed values are used once. A value becomes a statement if it has a
name, is used more than once, or cannot be read later: nothing moves over a write of a buffer that it reads, over an
effect, or into a branch or a loop.
"""

from __future__ import annotations

from dataclasses import dataclass

from srcdiff.ir.core import FOR, IF, WHILE, Block, Constant, Function, Loop, Op, Value
from srcdiff.ir.index import Index
from srcdiff.ir.types import List
from srcdiff.rules.exceptions import Raising

from .branches import Branches, repeats_condition
from .guarded import Guards
from .lists import Lists
from .parallel import deferred_yields
from .stable import Stable
from .storage import slot

DEEPEST = 40  # levels of an expression


@dataclass(frozen=True)
class Site:
    """A place where the text of a value is needed: a slot of a block; ``depth`` levels down in an expression.

    kind: ``text``; ``append`` to a list; ``place`` where a variable is due (what a loop starts with, what a region
    yields); ``maybe`` inside a conditional expression; ``update`` for an array that is written, or read in each trip.
    """

    block: Block
    slot: int
    depth: int
    kind: str = "text"
    op: Op | None = None


def _context(op: Op | None) -> str:
    """The ``with`` items that are kept around an op."""
    return "" if op is None or op.stmt is None else op.stmt.context


class Nesting:
    """inlined: ops written inside others; dead: ops that nobody needs; expressions: branches written as expressions;
    comprehensions: loops written as expressions; tested: ``while`` ops whose condition is an expression; takes: block
    and position of an op in it (-1: the block's start) -> items that are taken from their lists there; nested_takes:
    items that are taken where they are used."""

    def __init__(
        self, function: Function, index: Index, lists: Lists, branches: Branches, guards: Guards, stable: Stable
    ) -> None:
        self.function = function
        self.index = index
        self.lists = lists
        self.branches = branches
        self.guards = guards
        self.storages = branches.storages
        self.stable = stable
        self.raising = Raising(function)
        self.sites: dict[Value, list[Site]] = {}
        self.inlined: set[Op] = set()
        self.dead: set[Op] = set()
        self.expressions: set[Op] = set()
        self.tested: set[Op] = set()
        self.comprehensions: set[Op] = set()
        self.takes: dict[tuple[Block, int], list[Value]] = {}
        self.nested_takes: set[Value] = set()
        self._places = {op: slot(k) for block in index.owners for k, op in enumerate(block.ops)}
        self._block(function.body)

    # Blocks

    def _block(self, block: Block) -> None:
        end = slot(len(block.ops))
        self._results(block, end)
        deferred = deferred_yields(self.index, self.storages, block)
        for op in reversed(block.ops):
            self._op(block, op, deferred)
        owner = self.index.owners[block]
        if owner is not None and owner.attrs.get("seqs") and block is owner.blocks[-1]:
            self._items(owner)

    def _results(self, block: Block, end: int) -> None:
        owner = self.index.owners[block]
        tail = owner is None or owner in self.branches.tails
        for k, value in enumerate(block.results):
            if isinstance(value, Constant):
                continue
            if owner is not None and owner.kind is IF and not tail and not self.guards.is_needed(owner.results[k]):
                continue
            if owner is not None and not tail and owner.results[k : k + 1] and owner.results[k] in self.guards.stacks:
                continue
            if tail:
                self._need(value, Site(block, end, 1, "text", None))
            elif owner is not None and owner.kind is not IF and k >= len(owner.inputs) - owner.attrs.get("seqs", 0):
                self._need(value, self._append_site(block, value))
            elif owner is not None and owner.kind is WHILE and block is owner.blocks[0]:
                self._need(value, Site(block, end, 1))
            else:
                self._need(value, Site(block, end, 1, "place"))

        for guarded in self.guards.by_branch.get(owner, ()) if owner is not None else ():
            if owner is not None and block is owner.blocks[guarded.side]:
                self._need(guarded.value, self._append_site(block, guarded.value))

    def _append_site(self, block: Block, value: Value) -> Site:
        """What a loop collects is appended as soon as it is there."""
        made = self.index.definitions.get(value)
        if made is None or self.index.blocks[made] is not block:
            return Site(block, 0, 1, "append")
        return Site(block, self._places[made] + 1, 1, "append", made)

    def _need(self, value: Value, site: Site) -> None:
        if not isinstance(value, Constant):
            self.sites.setdefault(value, []).append(site)

    # Ops

    def _op(self, block: Block, op: Op, deferred: set[Value]) -> None:
        sites = [site for result in op.results for site in self.sites.get(result, ())]
        if not sites and not self._acts(op):
            self.dead.add(op)
        elif op.blocks:
            self._structured(block, op, sites)
        elif self._repeats(op, sites) or self._nests(block, op, sites, deferred):
            self._inline(op, sites)
        else:
            self._read(op, [Site(block, self._places[op], 1, "text", op)])

    def _acts(self, op: Op) -> bool:
        """Whether an op counts even if nobody reads its results: by an effect, or by a list that is filled inside."""
        return self.storages.has_effect(op) or self.raising(op) or op in self.guards.by_branch

    def _repeats(self, op: Op, sites: list[Site]) -> bool:
        """Whether the text of an op is written at each place where it is needed."""
        if self.stable.repeatable(op) is None:
            return False
        return op.name != "range" or all(self._runs_over(site) for site in sites) or len(sites) == 1

    def _runs_over(self, site: Site) -> bool:
        return site.op is not None and bool(site.op.attrs.get("seqs"))

    def _nests(self, block: Block, op: Op, sites: list[Site], deferred: set[Value]) -> bool:
        if len(sites) != 1 or len(op.results) != 1 or op.kind.updates is not None:
            return False
        (site,) = sites
        if site.block is not block or site.kind in ("maybe", "update") or site.depth > DEEPEST:
            return False
        if site.kind == "place" and op.result not in deferred:
            return False
        if _context(op) != _context(site.op):
            return False
        if op.result.name and not (site.kind == "place" or (site.kind == "append" and op.why)):
            return False
        if self._is_primal_result(block, op, site) or not self._reads_soon(op, site):
            return False
        return self.can_move(block, op, site.slot)

    def _is_primal_result(self, block: Block, op: Op, site: Site) -> bool:
        """Whether the author's result would move behind derived statements."""
        if op.why or site.op is not None or site.slot != slot(len(block.ops)):
            return False
        later = block.ops[(self._places[op] + 1) // 2 :]
        return any(other.why for other in later)

    def _reads_soon(self, op: Op, site: Site) -> bool:
        """Whether the names in a shape still mean the same where it is needed."""
        if op.name not in ("dim", "size", "ndim"):
            return True
        shape, near = op.inputs[0], site.op is not None and site.op.stmt is op.stmt
        return near or self.stable.keeps_shape(shape) or self.stable.keeps_name(shape)

    def can_move(self, block: Block, op: Op, there: int) -> bool:
        """Whether an op may be evaluated at a later slot of its block."""
        here = self._places[op]
        if self.storages.effect_between(block, here, there) or (op.kind.effect and there > here + 2):
            return False
        return not self.storages.written_between(block, self.storages.reads(op), here, there)

    def _inline(self, op: Op, sites: list[Site]) -> None:
        self.inlined.add(op)
        self._read(op, [Site(s.block, s.slot, s.depth + 1, _inner(s.kind), s.op) for s in sites])

    def _read(self, op: Op, sites: list[Site]) -> None:
        """The operands of an op are needed where its text is."""
        for k, value in enumerate(op.inputs):
            for site in sites:
                if k == op.kind.updates:
                    site = Site(site.block, site.slot, site.depth, "update", site.op)
                self._need(value, site)

    # Branches and loops

    def _structured(self, block: Block, op: Op, sites: list[Site]) -> None:
        here = Site(block, self._places[op], 1, "text", op)
        if op in self.branches.expressions:
            self.expressions.add(op)
            if self._nests(block, op, sites, set()):
                self.inlined.add(op)
                self._expression(op, Site(block, sites[0].slot, sites[0].depth + 1, sites[0].kind, sites[0].op))
            else:
                self._expression(op, here)
            return
        if self._is_comprehension(op):
            nests = self._nests(block, op, sites, set())
            self.inlined.update([op] if nests else [])
            first = sites[0]
            self._comprehension(op, Site(block, first.slot, first.depth + 1, "text", first.op) if nests else here)
            return
        count = 1 if op.kind is IF else op.attrs.get("seqs", 0)
        form = self.lists.form(op) if op.kind is FOR else None
        named = {0} if form is None else form.named()
        for k, value in enumerate(op.inputs):
            if k >= count:
                self._need(value, Site(block, self._places[op], 1, "place", op))
            elif form is not None and k in form.indexed:  # each trip reads it
                self._need(value, Site(block, self._places[op], 1, "update", op))
            elif k in named:
                self._need(value, here)
        for inner in op.blocks:
            self._block(inner)
        if op.kind is WHILE and all(o in self.inlined or o in self.dead for o in op.blocks[0].ops):
            self.tested.add(op)

    def _expression(self, op: Op, site: Site) -> None:
        """Everything inside a conditional expression is written where the expression is."""
        self._need(op.inputs[0], site)
        inside = Site(site.block, site.slot, site.depth + 1, "maybe", site.op)
        for side, block in enumerate(op.blocks):
            for value in block.results if not repeats_condition(op, side) else ():
                self._need(value, inside)
            for inner in reversed(block.ops):
                self.inlined.add(inner)
                if inner.blocks:
                    self.expressions.add(inner)
                    self._expression(inner, inside)
                else:
                    self._read(inner, [inside])

    def _is_comprehension(self, op: Op) -> bool:
        """Whether a loop is written as an expression: its list is a plain one, and so are those inside."""
        if op not in self.branches.comprehensions or op.result in self.guards.stacks or self.lists.flat(op.result):
            return False
        form = self.lists.form(op)
        if form.popped or form.indexed or form.bounds or self.lists.must_turn(op.result):
            return False
        return all(self._is_comprehension(inner) for inner in op.blocks[0].ops if inner.kind is FOR)

    def _comprehension(self, op: Op, site: Site) -> None:
        """What a comprehension runs over is read once, where it is written; all else with every entry."""
        self.comprehensions.add(op)
        for k in self.lists.form(op).named():
            self._need(op.inputs[k], site)
        inside = Site(site.block, site.slot, site.depth + 1, "maybe", site.op)
        (body,) = op.blocks
        for value in body.results:
            self._need(value, inside)
        for inner in reversed(body.ops):
            self.inlined.add(inner)
            if inner.kind is FOR:
                self._comprehension(inner, inside)
            elif inner.blocks:
                self.expressions.add(inner)
                self._expression(inner, inside)
            else:
                self._read(inner, [inside])

    # Items that are taken from lists

    def _items(self, op: Op) -> None:
        """Decide where the items that are taken from lists or read at an index are written."""
        loop, form = Loop.of(op), self.lists.form(op)
        for k in (*form.popped, *form.indexed):
            item = loop.items[k]
            sites = self.sites.get(item, [])
            if not sites or k in form.flat:
                continue
            home = self.guards.items[item].reader if item in self.guards.items else loop.body
            if self._takes_in_place(loop, k, home, sites):
                self.nested_takes.add(item)
            else:
                where = min(self._slot_in(home, site) for site in sites)
                if k in form.indexed and not self._readable(loop, k, where):
                    where = 0
                self.takes.setdefault((home, (where - 1) // 2), []).append(item)

    def _takes_in_place(self, loop: Loop, k: int, home: Block, sites: list[Site]) -> bool:
        pops = k in self.lists.form(loop.op).popped
        if len(sites) != 1 or sites[0].block is not home or isinstance(loop.items[k].type, List):
            return False
        if sites[0].kind == "update" or (pops and sites[0].kind == "maybe"):
            return False
        return sites[0].slot > 0 and (pops or self._readable(loop, k, sites[0].slot))

    def _readable(self, loop: Loop, k: int, there: int) -> bool:
        """Whether item ``k`` may be read from its sequence as late as at this slot."""
        buffer = self.storages.of(loop.seqs[k])
        return buffer is None or not self.storages.written_between(loop.body, {buffer}, 0, there)

    def _slot_in(self, body: Block, site: Site) -> int:
        block, place = site.block, site.slot
        while block is not body:
            owner = self.index.owners[block]
            assert owner is not None
            block, place = self.index.blocks[owner], self._places[owner]
        return place


def _inner(kind: str) -> str:
    return kind if kind == "maybe" else "text"
