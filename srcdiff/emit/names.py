"""Names: which values share a variable, and what it is called.

Values that a region's end hands on (what a loop carries, what a branch yields, versions of an updated array) share a
variable if their lives do not meet; otherwise the assignment between them is written. Two variables share a name only
if their lives do not meet; the later one gets a number.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Iterator

from srcdiff.ir.core import FOR, WHILE, Constant, Loop, Op, Value
from srcdiff.ir.index import Index
from srcdiff.ir.types import List

from .lives import Lives, disjoint, merged
from .numbering import Numbering
from .parameters import Parameters
from .plan import Body, For, If, Move, Node, Plan, Update, While
from .storage import UnionFind
from .words import word

ROLES = {"carried": 0, "branch": 1, "init": 2}

KEPT = re.compile(r"_kept\d*$")  # the end of a list's name


class Names:
    """copies: updates whose array is read later all the same, so that they write a copy; bound: variables that are
    written even if what they get is not there."""

    def __init__(
        self, parameters: Parameters, index: Index, plan: Plan, lives: Lives, reserved: Iterable[str]
    ) -> None:
        self.function = function = parameters.function
        self.parameters = parameters
        self.index = index
        self.plan = plan
        self.copies: set[Op] = set()
        self._webs = UnionFind()
        self._lives = dict(lives.of)
        self._params = {value: value for value in function.params}
        self._reserved = {*reserved, *keyword.kwlist}
        self._fixed = {p.name for p in function.parameters}
        self._own = {**parameters.hints, **parameters.whole}
        self._numbering = Numbering()
        self._names: dict[Value, str] = {}
        self._lives_of = lives.of
        self.bound = lives.bound
        self._read = {value for node in nodes(plan.body) for value in (*node.reads, *node.shapes)}
        self._share()
        self._call()

    def of(self, value: Value) -> str:
        """The name of a variable; ``_`` if nothing reads it."""
        return self._names.get(self._webs.find(value), "_")

    def __contains__(self, value: Value) -> bool:
        """Whether a value has a name: whether something reads it."""
        return self._webs.find(value) in self._names

    def misread_shapes(self, shape_of: Callable[[Value], object]) -> set[Value]:
        """Values whose shapes are read under a name that may by then belong to a value of another shape."""
        shapes = {value for node in nodes(self.plan.body) for value in node.shapes}
        if not shapes:
            return shapes
        found: dict[str, set[object]] = {}
        for value in self._lives_of:
            found.setdefault(self.of(value), set()).add(shape_of(value))
        return {value for value in shapes if len(found[self.of(value)]) > 1}

    def copied(self) -> Iterator[Value]:
        """The variables that a region's end copies to others."""
        for node in nodes(self.plan.body):
            if isinstance(node, Move):
                for target, value in node.pairs:
                    if self._is_variable(value) and target in self and self.of(target) != self.of(value):
                        yield value

    # Sharing variables

    def _share(self) -> None:
        for op in self.function.body.walk():
            if op.kind in (FOR, WHILE):
                loop = Loop.of(op)
                tested = op.blocks[0].params if op.kind is WHILE else loop.carried_params
                for param, test, result in zip(loop.carried_params, tested, loop.carried_results, strict=True):
                    self._union(param, test)
                    self._union(param, result)
        for node in nodes(self.plan.body):
            if isinstance(node, Update):
                self._share_update(node)
        for role, target, value in self._pairs():
            if self._may_share(role, target, value):
                self._union(target, value)

    def _share_update(self, node: Update) -> None:
        assert node.op is not None and node.op.kind.updates is not None
        base = node.op.inputs[node.op.kind.updates]
        result = node.op.results[0]
        known = self._webs.find(base) in self._lives and self._webs.find(base) not in self._params
        if known and self._apart(base, result):
            self._union(base, result)
        else:
            self.copies.add(node.op)

    def _is_authors(self, value: Value) -> bool:
        """Whether a value has its name from the author."""
        return bool(self._name(value)) and not self._is_derived([value], value.name)

    def _pairs(self) -> list[tuple[str, Value, Value]]:
        """Assignments that need not be written if both sides share a variable; those of one name first."""
        found: list[tuple[int, int, int, str, Value, Value]] = []
        for node in nodes(self.plan.body):
            if isinstance(node, Move):
                for target, value in node.pairs:
                    if self._is_variable(value) and self._is_variable(target):
                        left, right = self._name(target), self._name(value)
                        rank = 0 if left == right else 1 if not left or not right else 2
                        found.append((rank, ROLES[node.role], len(found), node.role, target, value))
        found.sort(key=lambda entry: entry[:3])
        return [(role, target, value) for *_, role, target, value in found]

    def _is_variable(self, value: Value) -> bool:
        return not isinstance(value, Constant) and self._webs.find(value) in self._lives

    def _may_share(self, role: str, target: Value, value: Value) -> bool:
        """Whether two lives and two names allow one variable. A derived result of a branch does not take the name of
        the author's value that one side yields."""
        left, right = self._webs.find(target), self._webs.find(value)
        if role == "branch" and self._is_authors(value) and not self._is_authors(target):
            return left is right
        fixed = [web for web in (left, right) if web in self._params]
        if fixed and self._name(target) != self._name(value):
            return left is right
        return left is right or (len(fixed) < 2 and self._apart(left, right))

    def _name(self, value: Value) -> str:
        return self._own.get(value, value.name)

    def _apart(self, left: Value, right: Value) -> bool:
        first, second = self._lives[self._webs.find(left)], self._lives[self._webs.find(right)]
        return disjoint(first, second) if len(first) < len(second) else disjoint(second, first)

    def _union(self, left: Value, right: Value) -> None:
        left, right = self._webs.find(left), self._webs.find(right)
        if left is right or left not in self._lives or right not in self._lives:
            return
        if right in self._params:
            left, right = right, left
        self._webs.union(left, right)
        self._lives[left] = merged([*self._lives[left], *self._lives.pop(right)])

    # Names

    def _call(self) -> None:
        webs: dict[Value, list[Value]] = {}
        for value in self._values():
            webs.setdefault(self._webs.find(value), []).append(value)
        named: list[tuple[bool, str, Value]] = []
        unnamed: list[tuple[Value, list[Value]]] = []
        for web, members in webs.items():
            hint = self._hint(web, members)
            if web in self.parameters.whole:
                self._take(web, self.parameters.whole[web])
            elif self._is_read(members):
                if hint:
                    named.append((self._is_derived(members, hint), hint, web))
                else:
                    unnamed.append((web, members))
        named.sort(key=lambda entry: entry[0])
        for _, hint, web in named:
            self._give(web, hint, True)
        for web, members in unnamed:
            self._give(web, self._synthesized(members), False)

    def _values(self) -> Iterator[Value]:
        """The variables in the order in which they are written."""
        seen: dict[Value, None] = dict.fromkeys(self.function.params)
        for node in nodes(self.plan.body):
            seen.update(dict.fromkeys(node.writes))
            if isinstance(node, (For, While)):
                assert node.loop is not None
                seen.update(dict.fromkeys(node.loop.carried_params))
                seen.update(dict.fromkeys(node.loop.op.blocks[0].params if node.loop.op.kind is WHILE else ()))
                seen.update(dict.fromkeys(node.loop.carried_results))
        return (value for value in seen if self._webs.find(value) in self._lives)

    def _is_read(self, members: list[Value]) -> bool:
        """Whether a name is needed: a variable that nobody reads is ``_`` (what regions carry for nothing is read)."""
        return any(value in self._read for value in members)

    def _hint(self, web: Value, members: list[Value]) -> str:
        if web in self._own:
            return self._own[web]
        carried = [value.name for value in members if value.name and value not in self.index.definitions]
        found = next(iter([*carried, *(value.name for value in members if value.name)]), "")
        if not found.strip("_"):
            return ""  # `_` is what nobody reads
        return found.removesuffix("_kept") if found.endswith("_kept_kept") else found

    def _is_derived(self, members: list[Value], hint: str) -> bool:
        """Whether the name does not come from the author."""
        for value in members:
            if value.name != hint:
                continue
            made = self.index.definitions.get(value)
            home = self.index.homes.get(value)
            owner = made if made is not None or home is None else self.index.owners[home]
            if home is not None and (owner is None or owner.why == ""):
                return False
        return True

    def _give(self, web: Value, base: str, hinted: bool) -> None:
        """The first name of ``base``, ``base2``, … that no variable alive at the same time has."""
        lives = self._lives[web]
        self._take(web, self._numbering.first_free(base, lives, lambda name: self._may_use(name, hinted)))

    def _may_use(self, name: str, hinted: bool = False) -> bool:
        """A parameter's name may go to the author's versions of it only."""
        if name in self._reserved:
            return False
        return name not in self._fixed or (hinted and name in self.parameters.whole.values())

    def _take(self, web: Value, chosen: str) -> None:
        self._names[web] = chosen
        self._numbering.take(chosen, self._lives[web])

    # Names for values that have none

    def _synthesized(self, members: list[Value]) -> str:
        if any(self._is_value(value) for value in members):
            return "value"
        found = {word: None for word in map(self._word, members) if word}
        if len(found) == 1:
            return next(iter(found))
        return "g" if self._is_derived(members, "") else "t"

    def _is_value(self, value: Value) -> bool:
        """Whether this is what the author's function returns."""
        made = self.index.definitions.get(value)
        returned = any(use.role == "return" and not use.index for use in self.index.uses_of(value))
        return returned and made is not None and not made.why

    def _word(self, value: Value) -> str:
        made = self.index.definitions.get(value)
        if isinstance(value.type, List) and made is not None and made.blocks:
            return f"{self._collected_word(value).removesuffix('_kept')}_kept"
        if made is None:
            return self._item_word(value)
        if made.blocks:
            return ""
        found = word(made, self._known)
        return found if not made.why or "_bar" not in found and not self._follows_g(made) else ""

    def _known(self, value: Value) -> str:
        """The name of a variable, if it has one by now."""
        return value.name or self._names.get(self._webs.find(value), "")

    def _follows_g(self, op: Op) -> bool:
        return any(self._known(value).rstrip("0123456789_") == "g" for value in op.inputs)

    def _collected_word(self, stack: Value) -> str:
        """A list of kept values is named after the values."""
        entry = self.plan.lists.trips.entry(stack)
        while entry is not None and not isinstance(entry, Constant) and isinstance(entry.type, List):
            entry = self.plan.lists.trips.entry(entry)
        if entry is None or isinstance(entry, Constant):
            return "t"
        made = self.index.definitions.get(entry)
        if made is not None and made.name == "get" and not self._known(entry):
            return self._known(made.inputs[0]) or "t"
        return self._known(entry) or self._word(entry) or "t"

    def _item_word(self, value: Value) -> str:
        """A loop's item: a counter by its depth, a kept value after what was kept."""
        taker = self.plan.takers.get(value)
        home = self.index.homes.get(value)
        owner = None if home is None else self.index.owners[home]
        if owner is None or taker is None and self._is_counter(value, owner):
            return self._counter_word(value)
        if owner.kind is not FOR or value not in Loop.of(owner).items:
            return ""
        seq = owner.inputs[Loop.of(owner).items.index(value)]
        entry = self.plan.lists.trips.entry(seq)
        if entry is None or isinstance(entry, Constant):
            return "v"
        if entry not in self.index.homes:  # it was collected by another function
            collected = self._known(seq)
            return collected if isinstance(value.type, List) else KEPT.sub("", collected) or "v"
        return self._known(entry) or self._word(entry) or "t"

    def _is_counter(self, value: Value, owner: Op) -> bool:
        if owner.kind is not FOR or value not in Loop.of(owner).items:
            return False
        made = self.index.definitions.get(owner.inputs[Loop.of(owner).items.index(value)])
        return made is not None and made.name == "range"

    def _counter_word(self, value: Value) -> str:
        """``i``, ``j``, ``k``: the first letter that is free."""
        lives = self._lives[self._webs.find(value)]
        free = (letter for letter in "ijk" if self._may_use(letter) and self._numbering.is_free(letter, lives))
        return next(free, "i")


def nodes(body: Body) -> Iterator[Node]:
    """All nodes, those inside after the one that holds them."""
    for node in body:
        yield node
        if isinstance(node, If):
            yield from nodes(node.then)
            yield from nodes(node.other)
        elif isinstance(node, While):
            yield from nodes(node.test)
            yield from nodes(node.body)
        elif isinstance(node, For):
            yield from nodes(node.body)
