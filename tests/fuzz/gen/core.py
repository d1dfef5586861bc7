"""The generator's state and the tables of productions that the other modules of this package fill.

A production is a function that returns an expression (or writes statements and returns True); it returns None where it
does not apply. Each has the level at which it comes in and a weight; those of the program's own level count double.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.fuzz.gen.types import NUM, ONE, Dim, Dims, Expr, Sizes, Ty, Var

NAMES = (
    "a b c d e f1 g h p q r s t u v w y z acc best cur gap last mix new old part rest row step tmp total val".split()
)
ODD_NAMES = (
    "x_bar g_bar _t1 y_kept value x_dot t_kept np_ y_bar_1 l exp_a e1 sum_ value_bar pullback result x_ bar".split()
)

T = TypeVar("T")


@dataclass(frozen=True)
class Production:
    """One way to write an expression or a statement."""

    name: str
    level: int
    weight: float
    make: Callable[..., Any]


NUMBERS: list[Production] = []
ARRAYS: list[Production] = []
CONDITIONS: list[Production] = []
STATEMENTS: list[Production] = []


def production(table: list[Production], level: int, weight: float) -> Callable[[T], T]:
    """Enter a function into one of the tables; its name is the name of the construct."""

    def enter(function: T) -> T:
        name = function.__name__  # type: ignore[attr-defined]
        table.append(Production(name, level, weight, function))  # type: ignore[arg-type]
        return function

    return enter


@dataclass
class Helper:
    """A helper function that programs may call: the types it takes and returns; it writes argument `writes`."""

    name: str
    params: list[Ty]
    results: list[Ty]
    writes: int = -1


class Gen:
    """Writes one function: the text so far, the names in sight, and random choices that depend on the seed alone."""

    def __init__(self, rng: random.Random, level: int, sizes: Sizes) -> None:
        self.rng, self.level, self.sizes = rng, level, sizes
        self.lines: list[str] = []
        self.indent = 1
        self.vars: dict[str, Var] = {}
        self.used: set[str] = set()
        self.tags: set[str] = set()
        self.helpers: list[Helper] = []
        self.loops = 0  # how many loops are open
        self.blocks = 0  # how many compound statements are open
        self.result: Ty = NUM
        self.budget = rng.choice([8, 12, 18, 30])  # statements left, so that nesting stays small

    # -- choices

    def chance(self, probability: float) -> bool:
        """A biased coin."""
        return self.rng.random() < probability

    def one(self, items: Sequence[T]) -> T:
        """A random item."""
        return self.rng.choice(items)

    def tag(self, name: str) -> None:
        """Note that the program has a construct."""
        self.tags.add(name)

    def pick(self, table: list[Production], *args: Any) -> Any:
        """The outcome of a random production that applies; None where eight tries fail."""
        open_ones = [p for p in table if p.level <= self.level]
        boost = 1.3 if self.level == 4 and table is STATEMENTS else 2.0 if self.level > 1 else 1.0
        weights = [p.weight * (boost if p.level == self.level else 1.0) for p in open_ones]
        for _ in range(8):
            chosen = self.rng.choices(open_ones, weights)[0]
            before = set(self.tags)
            outcome = chosen.make(self, *args)
            if outcome is not None and outcome is not False:
                self.tags.add(chosen.name)
                return outcome
            self.tags = before
        return None

    # -- expressions

    def num(self, depth: int = 2) -> Expr:
        """A differentiable number."""
        if depth <= 0:
            return self.number_leaf()
        found: Expr | None = self.pick(NUMBERS, depth)
        return found or self.number_leaf()

    def arr(self, dims: Dims, depth: int = 2) -> Expr | None:
        """A float array of these extents; None where none can be written."""
        if depth <= 0:
            return self.array_leaf(dims)
        found: Expr | None = self.pick(ARRAYS, dims, depth)
        return found or self.array_leaf(dims)

    def cond(self, depth: int = 1) -> str:
        """A condition."""
        found: str | None = self.pick(CONDITIONS, depth)
        return found or f"{self.num(0).at(1)} > {self.const_text()}"

    def const_text(self) -> str:
        """A positive or negative number."""
        return self.one(["0.5", "2.0", "1.3", "0.7", "0.25", "3.0", "-0.4", "2", "-1.1", "0.9", "3"])

    def number_leaf(self) -> Expr:
        """A number variable, or else a constant."""
        found = self.variables("num")
        if found and self.chance(0.85):
            var = self.one(found[-6:] if self.chance(0.6) else found)
            return Expr(var.text, NUM, var.size)
        text = self.const_text()
        return Expr(text, NUM, abs(float(text)), 2 if text.startswith("-") else 4)

    def array_leaf(self, dims: Dims) -> Expr | None:
        """A variable of these extents, a slice or an axis put in, or a constant array."""
        ty = Ty("arr", dims)
        found = [v for v in self.variables("arr") if v.ty == ty]
        if found and self.chance(0.9):
            var = self.one(found[-4:])
            return Expr(var.text, ty, var.size, fresh=False)
        derived = self.derived(dims)
        if derived:
            return derived
        shape = self.shape_text(dims)
        if shape is None:
            return None
        if self.chance(0.2):
            return Expr(f"np.ones({shape})", ty, 1.0)
        fill = self.number_leaf()
        return Expr(f"{fill.at(2)} * np.ones({shape})", ty, fill.size, 2)

    def derived(self, dims: Dims) -> Expr | None:
        """A view of a variable that has these extents: a slice by a constant, a new axis, a row or a column."""
        ty, options = Ty("arr", dims), []
        for var in self.variables("arr"):
            have, text = var.ty.dims, var.text
            if len(have) == 1 and len(dims) == 1 and have[0] != ONE:
                options += [(var, f"{text}{s}") for s, k in _SLICES if have[0].plus(k) == dims[0]]
            if len(have) == 1 and len(dims) == 2 and have[0] != ONE:
                options += [(var, f"{text}[:, None]")] if dims == (have[0], ONE) else []
                options += [(var, f"{text}[None, :]")] if dims == (ONE, have[0]) else []
            if len(have) == 2 and len(dims) == 1:
                options += [(var, f"{text}[{self.index(have[0])}]")] if have[1:] == dims else []
                options += [(var, f"{text}[:, {self.index(have[1])}]")] if have[:1] == dims else []
            if len(have) == 2 and have[::-1] == dims and have[0] != have[1]:
                options.append((var, f"{text}.T"))
        if not options:
            return None
        var, text = self.one(options)
        return Expr(text, ty, var.size, fresh=False)

    # -- names

    def variables(self, kind: str) -> list[Var]:
        """The variables in sight of one kind, oldest first."""
        return [var for var in self.vars.values() if var.ty.kind == kind]

    def name(self) -> str:
        """A new name."""
        pool = ODD_NAMES if self.chance(0.06) else NAMES
        free = [n for n in pool if n not in self.used] or [f"v{k}" for k in range(99) if f"v{k}" not in self.used]
        chosen = self.one(free)
        self.used.add(chosen)
        return chosen

    def declare(self, text: str, ty: Ty, size: float, **more: Any) -> Var:
        """Bring a name into sight (as the newest)."""
        self.vars.pop(text, None)
        var = Var(text, ty, size, **more)
        self.vars[text] = var
        return var

    def writable(self) -> list[Var]:
        """Arrays that may be written in place: owned ones, and rarely one that has another name (to be refused)."""
        found = [v for v in self.variables("arr") if v.owned and not v.frozen]
        if self.chance(0.008):
            aliased = [v for v in self.variables("arr") if not v.owned and v.text.isidentifier()]
            if aliased:
                self.tag("write_through_alias")
                return aliased
        return found

    # -- extents and indices

    def size(self, dim: Dim) -> int:
        """The extent under the first setting of sizes."""
        return dim.size(self.sizes)

    def extent(self, dim: Dim) -> str | None:
        """Text for an extent at run time."""
        if not dim.symbols:
            return str(dim.offset)
        options = [v.text for v in self.variables("int") if v.target == dim and v.target != ONE]
        for var in self.variables("arr"):
            for axis, have in enumerate(var.ty.dims):
                gap = dim.offset - have.offset
                if have.symbols == dim.symbols:
                    base = f"len({var.text})" if axis == 0 and self.chance(0.8) else f"{var.text}.shape[{axis}]"
                    options.append(base if gap == 0 else f"{base} {'+' if gap > 0 else '-'} {abs(gap)}")
        if options:
            return self.one(options)
        parts = [self.extent(Dim((s,))) for s in dim.symbols] if len(dim.symbols) > 1 else [None]
        if any(p is None for p in parts):
            return None
        text = " + ".join(p for p in parts if p)
        return text if not dim.offset else f"{text} + {dim.offset}" if dim.offset > 0 else f"{text} - {-dim.offset}"

    def shape_text(self, dims: Dims) -> str | None:
        """The argument of `np.zeros` for these extents."""
        found = [self.extent(d) for d in dims]
        if any(f is None for f in found):
            return None
        if len(dims) == 1:
            return str(found[0])
        return f"({', '.join(str(f) for f in found)})"

    def index(self, dim: Dim, allow_names: bool = True) -> str:
        """Text for a valid index of an axis: a counter with an offset, or a constant from either end."""
        size = self.size(dim)
        options: list[str] = []
        for var in self.variables("int") if allow_names else []:
            for shift in (0, 0, -1, 1):
                if -size <= var.low + shift and var.high + shift < size:
                    sign = "" if shift == 0 else f" {'+' if shift > 0 else '-'} {abs(shift)}"
                    options += [var.text + sign] * (3 if var.fixed else 1)
        if options and self.chance(0.75):
            return self.one(options)
        return str(self.one([0, -1, self.rng.randrange(-size, size)] if size > 0 else [0]))

    # -- text

    def emit(self, line: str) -> None:
        """Write one line at the present depth."""
        self.lines.append("    " * self.indent + line)

    @contextmanager
    def body(self) -> Iterator[None]:
        """An indented block. What it declares is out of sight afterwards."""
        names = dict(self.vars)
        self.indent += 1
        self.blocks += 1
        yield
        self.indent -= 1
        self.blocks -= 1
        self.vars = names

    def statements(self, count: int) -> None:
        """Write up to `count` statements, at least one line."""
        start = len(self.lines)
        for _ in range(count):
            if self.budget > 0:
                self.budget -= 1
                self.pick(STATEMENTS)
        if len(self.lines) == start:
            self.emit("pass")


_SLICES = [("[1:]", -1), ("[:-1]", -1), ("[2:]", -2), ("[:-2]", -2), ("[1:-1]", -2), ("[::-1]", 0)]


def binary(op: str, left: Expr, right: Expr, dims: Dims, size: float) -> Expr:
    """`left op right` with the brackets that it needs."""
    strength = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2}[op]
    ty = Ty("arr", dims) if dims else NUM
    text = f"{left.at(strength)} {op} {right.at(strength + (op != '+'))}"
    return Expr(text, ty, size, strength)


def bounded(gen: Gen, expr: Expr, limit: float = 3.0) -> Expr:
    """The expression, squashed where it may be large."""
    if expr.size <= limit:
        return expr
    if expr.size < 3 * limit and gen.chance(0.4):
        return Expr(f"0.25 * {expr.at(2)}", expr.ty, expr.size / 4, 2)
    return Expr(f"np.{gen.one(['tanh', 'sin', 'cos', 'arctan'])}({expr.text})", expr.ty, 1.5)
