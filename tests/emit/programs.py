"""Random structured programs in the IR: what emission must print so that it computes what the interpreter computes."""

from __future__ import annotations

import random

import srcdiff.rules  # noqa: F401
from srcdiff.ir.build import Builder
from srcdiff.ir.core import Block, Constant, Function, Op, Statement, Value, hole
from srcdiff.ir.dims import axis
from srcdiff.ir.structure import Leaf, Node, Parameter
from srcdiff.ir.types import BOOL, FLOAT, INT, Array, List, Scalar

LENGTH = 5
NAMES = ["a", "b", "x", "y", "t", "g", "", "", "", ""]
ARRAY = Array("f64", (axis("n"),))


class Scope:
    """The values that a block may use, by kind."""

    def __init__(self, outer: Scope | None = None) -> None:
        self.floats: list[Value] = list(outer.floats) if outer else []
        self.arrays: list[Value] = list(outer.arrays) if outer else []
        self.counters: list[Value] = list(outer.counters) if outer else []
        self.lists: list[tuple[Value, tuple[Value, ...]]] = list(outer.lists) if outer else []


class Generator:
    """Items that a loop takes from what another collected are not written: derived code does not do that."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.b = Builder()
        self.line = 1
        self.collected: set[Value] = set()

    def function(self, scalar: bool = False) -> Function:
        """A function; ``scalar``: of one result, which most values have an influence on."""
        b = self.b
        params = [Value(FLOAT, "x"), Value(FLOAT, "b"), Value(ARRAY, "y"), Value(ARRAY, "a")]
        scope = Scope()
        scope.floats += params[:2]
        scope.arrays += params[2:]
        self.statements(scope, self.random.randint(3, 9), 3)
        if scalar:
            parts = [*scope.floats[-4:], *(b.op("float_", b.op("sum", b.op("sin", x))) for x in scope.arrays[-3:])]
            total = b.constant(0.0)
            for part in parts:
                total = b.op("add", total, part, hint="total")
            body = Block(tuple(params), b.ops, (total,))
            return Function("f", tuple(Parameter(p.name, Leaf()) for p in params), body, Leaf(), facts=b.facts)
        results = [self.random.choice(scope.floats), self.random.choice(scope.arrays), self.random.choice(scope.floats)]
        if scope.lists and self.random.random() < 0.3:
            results.append(self.random.choice(scope.lists)[0])
        tree = Node("tuple", tuple(range(len(results))), (Leaf(),) * len(results))
        parameters = tuple(Parameter(p.name, Leaf()) for p in params)
        return Function("f", parameters, Block(tuple(params), b.ops, tuple(results)), tree, facts=b.facts)

    def name(self) -> str:
        return self.random.choice(NAMES)

    def statements(self, scope: Scope, count: int, depth: int) -> None:
        for _ in range(count):
            self.line += 1
            why = "adjoint" if self.random.random() < 0.3 else ""
            with self.b.at(Statement(self.line, f"statement {self.line}", self.line), why=why):
                kinds = [self.number, self.number, self.array, self.entry, self.update]
                if depth:
                    kinds += [self.branch, self.loop, self.loop, self.while_loop]
                self.random.choice(kinds)(scope, depth)

    # Plain ops

    def number(self, scope: Scope, depth: int) -> None:
        b, pick = self.b, self.random.choice
        for _ in range(self.random.randint(1, 3)):
            kind = pick(["add", "sub", "mul", "neg", "math_sin", "math_tanh", "add"])
            count = 1 if kind in ("neg", "math_sin", "math_tanh") else 2
            operands = [pick([*scope.floats[-4:], b.constant(0.5)]) for _ in range(count)]
            value = b.op(kind, *operands, hint=self.name())
            scope.floats.append(b.op("math_sin", value) if kind == "mul" else value)

    def array(self, scope: Scope, depth: int) -> None:
        b, pick = self.b, self.random.choice
        kind = pick(["add", "mul", "tanh", "sum", "copy", "flip", "broadcast"])
        x = pick(scope.arrays)
        if kind == "sum":
            scope.floats.append(b.op("float_", b.op("sum", b.op("tanh", x)), hint=self.name()))
        elif kind in ("tanh", "copy"):
            scope.arrays.append(b.op(kind, x, hint=self.name()))
        elif kind == "flip":
            scope.arrays.append(b.op("get", x, -1, index="::@", hint=self.name()))
        elif kind == "broadcast":
            scope.arrays.append(b.op("tanh", b.op("mul", x, pick(scope.floats)), hint=self.name()))
        else:
            scope.arrays.append(b.op("tanh", b.op(kind, x, pick(scope.arrays)), hint=self.name()))

    def index(self, scope: Scope) -> Value:
        choices: list[Value] = [self.b.constant(self.random.randrange(LENGTH)), *scope.counters[-2:]]
        chosen = self.random.choice(choices)
        shifted = not isinstance(chosen, Constant) and self.random.random() < 0.3
        return self.b.op("sub", chosen, 1) if shifted else chosen

    def entry(self, scope: Scope, depth: int) -> None:
        value = self.b.op("get", self.random.choice(scope.arrays[-3:]), self.index(scope), index="@")
        scope.floats.append(self.b.op("float_", value, hint=self.name()))

    def update(self, scope: Scope, depth: int) -> None:
        x = self.random.choice([v for v in scope.arrays if v not in self.collected])
        kind = self.random.choice(["set", "add_at"])
        new = self.b.op(kind, x, self.random.choice(scope.floats), self.index(scope), index="@", hint=x.name)
        scope.arrays.append(new)
        if self.random.random() < 0.8:
            scope.arrays = [v for v in scope.arrays if v is not x]

    # Regions

    def some(self, scope: Scope, types: list[object]) -> list[Value]:
        return [self.random.choice(scope.arrays[-4:] if t is ARRAY else scope.floats[-5:]) for t in types]

    def types(self, most: int) -> list[object]:
        return [self.random.choice([FLOAT, FLOAT, ARRAY]) for _ in range(self.random.randint(0, most))]

    def keep(self, scope: Scope, values: list[Value], types: list[object]) -> None:
        for value, type_ in zip(values, types):
            (scope.arrays if type_ is ARRAY else scope.floats).append(value)

    def branch(self, scope: Scope, depth: int) -> None:
        b = self.b
        types = self.types(3)
        condition = b.op("lt", self.random.choice(scope.floats), 0.3)
        holes = self.random.random() < 0.2

        def side(yields_holes: bool):  # type: ignore[no-untyped-def]
            def build() -> list[Value]:
                inner = Scope(scope)
                self.statements(inner, self.random.randint(0, 3), depth - 1)
                found = self.some(inner, types)
                return [hole(t) for t in types] if yields_holes else found

            return build

        op = b.branch(condition, types, side(False), side(holes))
        for result in op.results:
            object.__setattr__(result, "name", self.name())
        if holes:
            again = b.branch(
                condition, types, lambda: [self.used(r, t) for r, t in zip(op.results, types)],
                lambda: self.some(scope, types),
            )
            op = again
        self.keep(scope, list(op.results), types)

    def used(self, value: Value, type_: object) -> Value:
        return self.b.op("tanh", value) if type_ is ARRAY else self.b.op("math_sin", value)

    def seqs(self, scope: Scope) -> tuple[list[Value], bool]:
        b, kind = self.b, self.random.random()
        if scope.lists and kind < 0.5:
            stack, others = self.random.choice(scope.lists[-3:])
            same = [s for s, seqs in scope.lists if seqs is others and s is not stack]
            chosen = [*(others if self.random.random() < 0.7 else ()), stack, *same[:1]]
            return chosen, self.random.random() < 0.7
        if kind < 0.75:
            start, stop = self.random.randint(0, 2), self.random.randint(0, LENGTH - 1)
            step = self.random.choice([1, 1, 2])
            return [b.op("range", start, stop, step)], self.random.random() < 0.3
        if kind < 0.9:
            return [self.random.choice(scope.arrays)], self.random.random() < 0.3
        x = self.random.choice(scope.arrays)
        return [b.op("range", 0, b.op("dim", x, axis=0), 1), x], self.random.random() < 0.4

    def loop(self, scope: Scope, depth: int) -> None:
        b = self.b
        types = self.types(3)
        init = self.some(scope, types)
        seqs, reverse = self.seqs(scope)
        counts = [isinstance(s.type, List) and s.type.item == INT for s in seqs]
        names = [self.random.choice(["i", "j", ""]) if count else self.name() for count in counts]

        def body(items, carried):  # type: ignore[no-untyped-def]
            inner = Scope(scope)
            for item in items:
                self.item(inner, item, seqs[items.index(item)])
            self.keep(inner, list(carried), types)
            self.statements(inner, self.random.randint(1, 4), depth - 1)
            if self.random.random() < 0.3:
                yields = list(carried)
                self.random.shuffle(yields)
                yields = [y if y.type == t else self.some(inner, [t])[0] for y, t in zip(yields, types)]
            else:
                yields = self.some(inner, types)
            kept = inner.lists[len(scope.lists) :]
            outs = self.some(inner, self.types(2)) + [s for s, _ in kept[:1] if self.random.random() < 0.5]
            return yields, outs

        op = b.loop(seqs, init, types, body, reverse, names)
        for result in op.results[len(types) :]:
            object.__setattr__(result, "name", self.random.choice(["", f"{self.name() or 'k'}_kept"]))
        self.keep(scope, list(op.results[: len(types)]), types)
        group = tuple(seqs)
        scope.lists += [(stack, group) for stack in op.results[len(types) :]]

    def item(self, scope: Scope, item: Value, seq: Value) -> None:
        type_ = item.type
        if isinstance(type_, List):
            scope.lists.append((item, ()))
        elif isinstance(type_, Array):
            scope.arrays.append(item)
            self.collected.add(item)
        elif isinstance(type_, Scalar) and type_.dtype == "i64":
            scope.counters.append(item)
        else:
            scope.floats.append(self.b.op("float_", item) if type_ != FLOAT else item)

    def while_loop(self, scope: Scope, depth: int) -> None:
        b = self.b
        types = self.types(2)
        init = [b.constant(0), *self.some(scope, types)]
        trips = self.random.randint(0, 3)

        def condition(carried):  # type: ignore[no-untyped-def]
            test = b.op("lt", carried[0], trips)
            if self.random.random() < 0.5 or len(carried) < 2 or types[0] is ARRAY:
                return test
            shared = b.op("math_sin", carried[1])
            return b.op("bit_and", test, b.op("lt", b.op("mul", shared, shared), 0.9))

        def body(carried):  # type: ignore[no-untyped-def]
            inner = Scope(scope)
            inner.counters.append(carried[0])
            self.keep(inner, list(carried[1:]), types)
            self.statements(inner, self.random.randint(1, 3), depth - 1)
            yields = [b.op("add", carried[0], 1), *self.some(inner, types)]
            return yields, self.some(inner, self.types(2))

        op = b.while_loop(init, [INT, *types], condition, body)
        for result in op.results[1 + len(types) :]:
            object.__setattr__(result, "name", "")
        self.keep(scope, list(op.results[1 : 1 + len(types)]), types)
        group: tuple[Value, ...] = ()
        scope.lists += [(stack, group) for stack in op.results[1 + len(types) :]]


__all__ = ["BOOL", "Generator", "Op"]
