"""What the generator knows of a program: extents, types, variables, expressions, parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

Sizes = dict[str, int]
"""A number for every symbol of an extent, such as `{"n": 4, "m": 3}`."""


@dataclass(frozen=True)
class Dim:
    """The extent of an axis: a sum of symbols (or of products `n*m`) and a number. `Dim((), 1)` is the extent 1."""

    symbols: tuple[str, ...] = ()
    offset: int = 0

    def size(self, sizes: Sizes) -> int:
        """The extent for given numbers; never negative, like the extent of a slice."""
        return max(0, self.offset + sum(prod(sizes[s] for s in term.split("*")) for term in self.symbols))

    def plus(self, number: int) -> Dim:
        """This extent and a number."""
        return Dim(self.symbols, self.offset + number)


ONE = Dim((), 1)
Dims = tuple[Dim, ...]


def symbol(name: str) -> Dim:
    """The extent `n`."""
    return Dim((name,))


def broadcast(left: Dims, right: Dims) -> Dims | None:
    """NumPy's rule on known extents; None where they do not fit, or fit by chance only."""
    width = max(len(left), len(right))
    found = []
    for a, b in zip((ONE,) * (width - len(left)) + left, (ONE,) * (width - len(right)) + right, strict=True):
        if a != b and ONE not in (a, b):
            return None
        found.append(b if a == ONE else a)
    return tuple(found)


@dataclass(frozen=True)
class Ty:
    """`num` a differentiable number, `arr` a float array, `int` a whole number, `idx` an array of indices."""

    kind: str
    dims: Dims = ()


NUM = Ty("num")
INT = Ty("int")


@dataclass
class Var:
    """A name (or a piece of a parameter, such as `p["w"]`) that an expression may mention.

    `size` bounds the magnitude roughly. `low` and `high` bound an `int`. `owned` says that the name is the only way to
    write its array, `fixed` that it must not be rebound, `shared` that a second name or view exists.
    """

    text: str
    ty: Ty
    size: float = 2.0
    owned: bool = False
    fixed: bool = False
    low: int = 0
    high: int = 0
    target: Dim = ONE  # of an `idx`: the axis that it indexes
    written: bool = False
    frozen: bool = False  # swapped with another array: never write it


@dataclass(frozen=True)
class Expr:
    """A piece of text with its type, rough magnitude and binding strength (4 atom, 3 power, 2 product, 1 sum, 0 rest).

    `fresh` says that an array is a new one, not a name for an older one or a view of it.
    """

    text: str
    ty: Ty
    size: float
    strength: int = 4
    fresh: bool = True

    def at(self, strength: int) -> str:
        """The text, in brackets where the context binds more strongly."""
        return self.text if self.strength >= strength else f"({self.text})"


@dataclass(frozen=True)
class Leaf:
    """How to make an argument: its type, dtype (`float` for a Python float), memory layout and range."""

    ty: Ty
    dtype: str = "float64"
    layout: str = "C"
    low: float = -1.5
    high: float = 1.5
    target: Dim = ONE


@dataclass(frozen=True)
class Group:
    """An argument that is a container: `tuple`, `list` or `dict`; `keys` of a dict."""

    form: str
    parts: tuple[Leaf | Group, ...]
    keys: tuple[str, ...] = ()


Spec = Leaf | Group


@dataclass
class Param:
    """A parameter of the program."""

    name: str
    spec: Spec
    annotation: str = ""

    @property
    def differentiable(self) -> bool:
        """Whether all of its leaves are floats."""
        return all(leaf.ty.kind in ("num", "arr") for leaf in leaf_specs(self.spec))


def leaf_specs(spec: Spec) -> list[Leaf]:
    """The leaves of a parameter."""
    if isinstance(spec, Leaf):
        return [spec]
    return [leaf for part in spec.parts for leaf in leaf_specs(part)]


@dataclass
class Draft:
    """A generated program before it is known to run: its text, parameters, two settings of sizes, and constructs."""

    source: str
    params: list[Param]
    sizes: tuple[Sizes, Sizes]
    tags: set[str] = field(default_factory=set)
