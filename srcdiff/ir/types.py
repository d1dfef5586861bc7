"""The type lattice: what a value can be, how types join, and how they are written.

One notation everywhere (IR text, signatures, headers, errors): ``float``, ``int``, ``f64`` (a NumPy scalar),
``float | f64`` (one or the other: the strength differs, the number does not), ``f64[n, d]``, ``f64[1, d]``,
``f64[...]`` (rank unknown), ``array[n]`` (dtype unknown), ``[float]`` (a list of run-time length), ``unknown``.
An int whose value is known as a polynomial of dims is written ``int[n - 1]``.

The order of the lattice, bottom to top: ``hole`` (nothing is there), then

    int < float < float | f64          f64 < float | f64           (numbers; ``float`` stands for int too)
    f64[n, d] < f64[k, d] < f64[...] < array[...]                    (k: a dim that may be 1)
    number and array < unknown

Everything else does not join: the front end reports it with a caret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from .dims import Dim, Facts, Symbol, symbol_dim

DTYPES: dict[str, np.dtype] = {
    "b1": np.dtype(np.bool_), "f16": np.dtype(np.float16), "f32": np.dtype(np.float32),
    "f64": np.dtype(np.float64), "c64": np.dtype(np.complex64), "c128": np.dtype(np.complex128),
    **{f"i{bits}": np.dtype(f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"u{bits}": np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64)},
}
_CODES = {dtype: code for code, dtype in DTYPES.items()}
_PYTHON = {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}


class TypeJoinError(Exception):
    """Two types have no common supertype."""


class Type:
    """Base of all types; subclasses are frozen values."""

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, repr=False)
class Scalar(Type):
    """A number.

    dtype: its code; strength: ``"python"`` (weak in promotion, raises on division by zero), ``"numpy"`` (strong) or
    ``"either"``; value: the polynomial that a Python int is known to equal.
    """

    dtype: str
    strength: str = "numpy"
    value: Dim | None = None

    def __str__(self) -> str:
        if self.strength == "numpy":
            return self.dtype
        name = _PYTHON[kind(self.dtype)]
        if self.strength == "either":
            return f"{name} | {self.dtype}"
        return name if self.value is None else f"{name}[{self.value}]"


@dataclass(frozen=True, repr=False)
class Array(Type):
    """An ndarray. dtype: its code, or None if unknown; dims: one per axis, or None if the rank is unknown."""

    dtype: str | None
    dims: tuple[Dim, ...] | None

    @property
    def rank(self) -> int | None:
        return None if self.dims is None else len(self.dims)

    def __str__(self) -> str:
        dims = "..." if self.dims is None else ", ".join(map(str, self.dims)) or "()"
        return f"{self.dtype or 'array'}[{dims}]"


@dataclass(frozen=True, repr=False)
class List(Type):
    """A sequence of run-time length whose items are alike: a range, a list of numbers, the kept values of a loop.

    length: its length if known.
    """

    item: Type
    length: Dim | None = None

    def __str__(self) -> str:
        return f"[{self.item}]" if self.length is None else f"[{self.item}, {self.length}]"


@dataclass(frozen=True, repr=False)
class Unknown(Type):
    """A number or an array: which of them is not known."""

    def __str__(self) -> str:
        return "unknown"


@dataclass(frozen=True, repr=False)
class Object(Type):
    """What is handed on, and has no derivative: a random generator, by the name of its class."""

    cls: str

    def __str__(self) -> str:
        return self.cls


GENERATORS = ("Generator", "RandomState")
"""The classes of random generators."""


@dataclass(frozen=True, repr=False)
class Hole(Type):
    """The type of what is not there (bottom)."""

    def __str__(self) -> str:
        return "hole"


BOOL, INT, FLOAT, COMPLEX = (Scalar(code, "python") for code in ("b1", "i64", "f64", "c128"))
UNKNOWN, HOLE = Unknown(), Hole()


def int_of(value: Dim) -> Scalar:
    """A Python int that is known to equal ``value``."""
    return Scalar("i64", "python", value)


@cache
def dtype_code(dtype: np.dtype) -> str:
    """The code of a NumPy dtype; KeyError for dtypes that are not numbers."""
    return _CODES[np.dtype(dtype).newbyteorder("=")]


def kind(code: str | None) -> str:
    """``b``, ``i``, ``u``, ``f`` or ``c`` of a dtype code; ``?`` if unknown."""
    return "?" if code is None else code[0]


def is_number(type_: Type) -> bool:
    return isinstance(type_, Scalar)


def is_integer(type_: Type) -> bool:
    return isinstance(type_, (Scalar, Array)) and kind(type_.dtype) in "biu"


def is_inexact(type_: Type) -> bool:
    """Whether values of this type can carry a derivative (a list does if its items do; unknown may)."""
    if isinstance(type_, List):
        return is_inexact(type_.item)
    return isinstance(type_, Unknown) or (isinstance(type_, (Scalar, Array)) and kind(type_.dtype) in "fc?")


def dims_of(type_: Type) -> tuple[Dim, ...] | None:
    """The dims for broadcasting: none for a number, None if unknown."""
    if isinstance(type_, Scalar):
        return ()
    return type_.dims if isinstance(type_, Array) else None


def without_value(type_: Type) -> Type:
    """The type with what is known of an int's value forgotten."""
    return replace(type_, value=None) if isinstance(type_, Scalar) and type_.value is not None else type_


def cotangent_type(type_: Type) -> Type:
    """The type of adjoints and tangents of a value: same dims, an inexact dtype; a number's strength is open."""
    if isinstance(type_, Scalar):
        return Scalar(cotangent_dtype(type_.dtype), "either")
    if isinstance(type_, List):
        return replace(type_, item=cotangent_type(type_.item))
    if isinstance(type_, Array) and type_.dtype is not None:
        dtype = cotangent_dtype(type_.dtype)
        return Scalar(dtype, "either") if type_.dims == () else replace(type_, dtype=dtype)
    return type_


def cotangent_dtype(dtype: str) -> str:
    """The dtype itself if it is inexact, else that of Python's floats."""
    return dtype if kind(dtype) in "fc" else "f64"


def symbols_of(type_: Type) -> frozenset[Symbol]:
    """The symbols that the dims and the int value of a type mention."""
    if isinstance(type_, Scalar):
        return type_.value.symbols if type_.value is not None else frozenset()
    if isinstance(type_, Array):
        return frozenset(s for dim in type_.dims or () for s in dim.symbols)
    if isinstance(type_, List):
        length = type_.length.symbols if type_.length is not None else frozenset()
        return symbols_of(type_.item) | length
    return frozenset()


def substitute(type_: Type, values: Mapping[Symbol, Dim]) -> Type:
    """The type with dims put for symbols."""
    if symbols_of(type_).isdisjoint(values):
        return type_
    if isinstance(type_, Scalar) and type_.value is not None:
        return replace(type_, value=type_.value.substitute(values))
    if isinstance(type_, Array) and type_.dims is not None:
        return replace(type_, dims=tuple(dim.substitute(values) for dim in type_.dims))
    if isinstance(type_, List):
        length = type_.length.substitute(values) if type_.length is not None else None
        return List(substitute(type_.item, values), length)
    return type_


class Widening:
    """Names the dims that a join forgets: the same place (a loop, a variable) gets the same symbols each time that it
    is typed, two places never do."""

    def __init__(self, place: str) -> None:
        self.place = place
        self._count = 0

    def dim(self) -> Dim:
        self._count += 1
        return symbol_dim(f"{self.place}_w{self._count}", "loop")


def join(left: Type, right: Type, facts: Facts | None = None, widening: Widening | None = None) -> Type:
    """The least type that holds both.

    facts: equalities of dims that hold; widening: where the symbols of forgotten dims come from (without it, arrays
    whose dims differ join to one of unknown rank). Raises TypeJoinError where there is none.

    >>> str(join(INT, FLOAT)), str(join(FLOAT, Scalar("f64"))), str(join(FLOAT, Scalar("f32")))
    ('float', 'float | f64', 'float | f32')
    """
    if left == right or isinstance(right, Hole):
        return left
    if isinstance(left, Hole):
        return right
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return left if _equal_values(left, right, facts) else _join_numbers(left, right)
    if isinstance(left, List) and isinstance(right, List):
        same = facts.equal(left.length, right.length) if facts else left.length == right.length
        return List(join(left.item, right.item, facts, widening), left.length if same else None)
    if isinstance(left, Array) and isinstance(right, Array):
        dtype = left.dtype if left.dtype == right.dtype else None
        return Array(dtype, _join_dims(left, right, facts or Facts(), widening))
    if isinstance(left, Object) or isinstance(right, Object):
        raise TypeJoinError(f"a value of type {left} and one of type {right}")
    if isinstance(left, List) or isinstance(right, List):
        raise TypeJoinError(f"a list ({left if isinstance(left, List) else right}) and something else")
    return UNKNOWN


def _join_numbers(left: Scalar, right: Scalar) -> Scalar:
    """Python's numbers are a chain; ``T | f32`` holds the NumPy scalar and Python's numbers up to its kind."""
    if left.strength == right.strength == "python":
        return Scalar(max(left.dtype, right.dtype, key=_kind_rank), "python")
    if left.strength == right.strength and left.dtype == right.dtype:
        return left
    strong = [number.dtype for number in (left, right) if number.strength != "python"]
    dtype = strong[0] if len(strong) == 1 else _join_dtypes(strong[0], strong[1])
    for number in (left, right):
        if number.strength == "python" and _kind_rank(number.dtype) > _kind_rank(dtype):
            dtype = _with_kind(dtype, kind(number.dtype))
    return Scalar(dtype, "either")


def _kind_rank(code: str) -> int:
    return "biufc".index(kind(code))


def _join_dtypes(left: str, right: str) -> str:
    """The dtype of numbers of either dtype. NumPy's promotion is not associative; this is: unlike integers are
    ``i64`` (``f64`` with ``u64``), an integer and a float are ``f64``."""
    if left == right:
        return left
    kinds = {kind(left), kind(right)}
    if kinds <= {"f", "c"}:
        return dtype_code(np.promote_types(DTYPES[left], DTYPES[right]))
    if "c" in kinds:
        return "c128"
    return "f64" if "f" in kinds or "u64" in (left, right) else "i64"


def _with_kind(code: str, wanted: str) -> str:
    """The least dtype of a higher kind that holds a dtype."""
    if wanted == "c":
        return "c64" if code in ("f16", "f32") else "c128"
    return "f64" if wanted == "f" else "i64"


def _equal_values(left: Scalar, right: Scalar, facts: Facts | None) -> bool:
    return facts is not None and facts.equal(left.value, right.value)


def _join_dims(left: Array, right: Array, facts: Facts, widening: Widening | None) -> tuple[Dim, ...] | None:
    if left.dims is None or right.dims is None or len(left.dims) != len(right.dims):
        return None
    pairs = list(zip(left.dims, right.dims, strict=True))
    if widening is None:
        return left.dims if all(facts.equal(a, b) for a, b in pairs) else None
    return tuple(a if facts.equal(a, b) else widening.dim() for a, b in pairs)


def is_subtype(
    narrow: Type, wide: Type, facts: Facts | None = None, bound: Callable[[Symbol], bool] | None = None
) -> bool:
    """Whether every value of ``narrow`` is one of ``wide``.

    bound: which symbols of ``wide`` mean "some length", to be matched by any dim, and by the same dim each time. By
    default all of kind ``size`` are: the two types are looked at by themselves, not inside a function.
    """
    facts = facts or Facts()
    if isinstance(narrow, List) and isinstance(wide, List):
        same = wide.length is None or facts.equal(narrow.length, wide.length)
        return same and is_subtype(narrow.item, wide.item, facts, bound)
    if narrow == wide or isinstance(narrow, Hole) or isinstance(wide, Unknown):
        return narrow == wide or not isinstance(narrow, (List, Object))
    if isinstance(narrow, Scalar) and isinstance(wide, Scalar):
        return _equal_values(narrow, wide, facts) or (wide.value is None and _join_numbers(narrow, wide) == wide)
    if isinstance(narrow, Array) and isinstance(wide, Array):
        bound = bound or (lambda symbol: symbol.kind in ("size", "loop"))
        fits = wide.dims is None or _dims_fit(narrow.dims, wide.dims, facts, bound)
        return fits and wide.dtype in (None, narrow.dtype)
    return False


def _dims_fit(
    narrow: tuple[Dim, ...] | None, wide: tuple[Dim, ...], facts: Facts, bound: Callable[[Symbol], bool]
) -> bool:
    if narrow is None or len(narrow) != len(wide):
        return False
    matched: dict[Symbol, Dim] = {}
    for dim, target in zip(narrow, wide, strict=True):
        alone = target.lone_symbol
        if alone is not None and bound(alone):
            target = matched.setdefault(alone, dim)
        if not facts.equal(dim, target):
            return False
    return True
