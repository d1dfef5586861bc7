"""Random functions of the IR for property-based tests: numbers, arrays, branches and loops, all well typed.

Every program can be evaluated: indices stay inside the arrays, values stay small.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import srcdiff.rules  # noqa: F401  (the table of operations)
from srcdiff.ir.build import Builder
from srcdiff.ir.core import Block, Function, Value, hole
from srcdiff.ir.dims import axis
from srcdiff.ir.structure import Leaf, Node, Parameter, Tree
from srcdiff.ir.types import FLOAT, INT, Array, List, Scalar, Type, cotangent_type, is_subtype

NUMBER = cotangent_type(FLOAT)
VECTOR = Array("f64", (axis("n"),))


class _Generator:
    """Grows a program op by op; ``pool`` holds the values that can be seen."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.b = Builder()
        self.b.typing.reserve(["n", "m"])
        self.pool: list[Value] = []

    def pick(self, fits: Callable[[Type], bool]) -> Value | None:
        found = [value for value in self.pool if fits(value.type)]
        return self.random.choice(found) if found else None

    def number(self) -> Value:
        found = self.pick(lambda t: is_subtype(t, NUMBER))
        return (
            found if found is not None and self.random.random() < 0.9 else self.b.constant(self.random.uniform(-1, 1))
        )

    def vector(self) -> Value:
        found = self.pick(lambda t: t == VECTOR)
        assert found is not None
        return found

    def name(self) -> str:
        return self.random.choice(["", "x", "y", "total", "x__2", "_1", "lambda", "e"])

    def add(self, kind: str, *inputs: Value, **attrs: object) -> None:
        self.pool.append(self.b.op(kind, *inputs, hint=self.name(), **attrs))

    def step(self, depth: int) -> None:
        choices = [self.arithmetic, self.arithmetic, self.read, self.write, self.reduce]
        if depth:
            choices += [lambda: self.branch(depth - 1), lambda: self.loop(depth - 1), lambda: self.repeat(depth - 1)]
        self.random.choice(choices)()

    def arithmetic(self) -> None:
        with self.b.at(why=self.random.choice(["", "", "adjoint"]), form=self.random.choice(["", "np.add"])):
            left, right = (self.random.choice([self.number, self.vector])() for _ in range(2))
            self.add(self.random.choice(["add", "sub"]), left, right)
            if len(self.pool) % 3 == 0:
                self.add("tanh", self.pool[-1])

    def index(self) -> Value:
        found = self.pick(lambda t: isinstance(t, Scalar) and t.dtype == "i64")
        return found if found is not None else self.b.constant(0)

    def read(self) -> None:
        self.add("get", self.vector(), self.index(), index="@")

    def write(self) -> None:
        kind, attrs = self.random.choice([("set", {}), ("add_at", {"repeats": False})])
        self.add(kind, self.vector(), self.number(), self.index(), index="@", **attrs)

    def reduce(self) -> None:
        self.add("sum", self.vector(), axis=None, keepdims=False)

    def body(self, count: int, depth: int) -> None:
        for _ in range(count):
            self.step(depth)

    def inside(self, build: Callable[[], list[Value]], seen: tuple[Value, ...] = ()) -> list[Value]:
        """Build a block's content; what it defines is forgotten afterwards."""
        before = list(self.pool)
        self.pool += seen
        results = build()
        self.pool = before
        return results

    def branch(self, depth: int) -> None:
        condition = self.b.op("lt", self.number(), self.number())

        def side() -> list[Value]:
            self.body(self.random.randint(0, 3), depth)
            kept = self.number() if self.random.random() < 0.5 else hole(NUMBER)
            return [self.number(), self.vector(), kept]

        sides = [lambda: self.inside(side)] * 2
        op = self.b.branch(condition, [NUMBER, VECTOR, NUMBER], *sides)
        self.pool += op.results[:2]

    def loop(self, depth: int) -> None:
        vector = self.vector()
        length = self.b.op("dim", vector, axis=0)
        counter = self.b.op("range", self.b.constant(0), length, self.b.constant(1))
        seqs = self.random.choice([[counter], [counter, vector], [vector]])
        out = self.pick(lambda t: t == List(NUMBER))
        seqs = [*seqs, out] if out is not None and self.random.random() < 0.3 else seqs

        def body(items: tuple[Value, ...], carried: tuple[Value, ...]) -> tuple[list[Value], list[Value]]:
            def build() -> list[Value]:
                self.body(self.random.randint(0, 3), depth)
                return [self.number(), self.vector(), self.b.op("add", self.number(), self.b.constant(0.5))]

            results = self.inside(build, (*items, *carried))
            return results[:2], results[2:]

        init = [self.number(), self.vector()]
        reverse = self.random.random() < 0.5
        names = self.random.choice([["i"], ["i", "x"], []])
        op = self.b.loop(seqs, init, [NUMBER, VECTOR], body, reverse=reverse, names=names)
        self.pool += op.results

    def repeat(self, depth: int) -> None:
        def condition(carried: tuple[Value, ...]) -> Value:
            return self.b.op("lt", carried[0], self.b.constant(3))

        def body(carried: tuple[Value, ...]) -> tuple[list[Value], list[Value]]:
            def build() -> list[Value]:
                self.body(self.random.randint(0, 2), depth)
                return [self.b.op("add", carried[0], self.b.constant(1)), self.number(), self.vector()]

            results = self.inside(build, (carried[1],))
            return results[:2], results[2:]

        init = [self.b.constant(self.random.choice([0, 1, 3])), self.number()]
        op = self.b.while_loop(init, [INT, NUMBER], condition, body)
        self.pool += op.results[1:]


def random_function(seed: int, size: int = 8, depth: int = 2) -> Function:
    """A program with parameters ``p = {'w': float, 'x': f64[n]}`` and ``y: f64[n]``."""
    generator = _Generator(Random(seed))
    params = (Value(FLOAT, "w"), Value(VECTOR, "x"), Value(VECTOR, "y"))
    generator.pool += params
    generator.body(size, depth)
    results = (generator.number(), generator.vector(), generator.random.choice(generator.pool))
    parameters = (Parameter("p", Node("dict", ("w", "x"), (Leaf(), Leaf()))), Parameter("y", Leaf()))
    returns: Tree = Node("tuple", (0, 1, 2), (Leaf(),) * 3)
    b = generator.b
    return Function(f"program_{seed}", parameters, Block(params, b.ops, results), returns, b.facts)


def straight_line(count: int) -> Function:
    """A function of ``count`` ops in a row."""
    b = Builder()
    x = Value(VECTOR, "x")
    y: Value = x
    for k in range(count):
        y = b.op("tanh" if k % 2 else "add", *([y] if k % 2 else [y, x]), hint="y")
    return Function("line", (Parameter("x", Leaf()),), Block((x,), b.ops, (y,)), Leaf(), b.facts)
