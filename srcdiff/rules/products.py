"""Products over named axes: ``einsum``, and what is one: ``tensordot``, ``kron``, ``vecdot``, ``cross``."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import Dim
from srcdiff.ir.dims import constant as fixed
from srcdiff.ir.opdef import FRESH, Attrs, Storage, Typing, TypingError, may_view
from srcdiff.ir.types import Array, Scalar, Type, dims_of

from .binding import binds, operand, static
from .compose import composed
from .contributions import Contribution, applied
from .dtypes import array_code
from .fit import cast_like, cast_to, summed
from .kinds import Cotangents, Dots, general
from .shapes import array_dims, broadcast, enforce, normal_axis

# --- subscripts


def _terms(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """The letters of each operand and of the result; axes of an ellipsis get letters of their own."""
    text = subscripts.replace(" ", "")
    left, arrow, out = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ranks):
        raise TypingError(f"einsum: {subscripts!r} names {len(inputs)} operands, and there are {len(ranks)}")
    free = [letter for letter in ascii_letters if letter not in text]
    hidden = max((r - len(s.replace("...", "")) for s, r in zip(inputs, ranks, strict=True) if "..." in s), default=0)
    dots = "".join(free[:hidden])
    full = []
    for term, rank in zip(inputs, ranks, strict=True):
        own = rank - len(term.replace("...", ""))
        if own < 0 or (own and "..." not in term):
            raise TypingError(f"einsum: {term!r} does not name the axes of an array of rank {rank}")
        full.append(term.replace("...", dots[hidden - own :] if own else ""))
    if arrow:
        return full, out.replace("...", dots)
    letters = "".join(inputs).replace("...", "")
    return full, dots + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))


def _lengths(typing: Typing, terms: Sequence[str], shapes: Sequence[Sequence[Dim]], shared: str) -> dict[str, Dim]:
    """The length of each letter; axes of an ellipsis are broadcast."""
    found: dict[str, Dim] = {}
    for term, dims in zip(terms, shapes, strict=True):
        for letter, dim in zip(term, dims, strict=True):
            if letter not in found or typing.facts.is_one(found[letter]):
                found[letter] = dim
            elif letter in shared or typing.facts.is_one(dim) is not False:
                (found[letter],) = broadcast(typing, [(found[letter],), (dim,)])
            else:
                enforce(typing, found[letter], dim)
    return found


def _infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    shapes = [array_dims(type_, "np.einsum") for type_ in types]
    terms, out = _terms(attrs["subscripts"], [len(dims) for dims in shapes])
    named = {c for c in attrs["subscripts"] if c.isalpha()}
    lengths = _lengths(typing, terms, shapes, "".join(set("".join(terms)) - named))
    if set(out) - set(lengths) or len(set(out)) < len(out):
        raise TypingError(f"einsum: {attrs['subscripts']!r} has a result with axes that no operand has, or twice")
    strong = [Scalar(type_.dtype) if isinstance(type_, Scalar) else type_ for type_ in types]
    code = array_code(np.multiply, strong) if len(types) > 1 else getattr(types[0], "dtype", None)  # type: ignore[arg-type]
    dims = tuple(lengths[letter] for letter in out)
    return Array(code, dims) if dims else Scalar(code or "f64", "numpy" if code else "either")


# --- the derivative


def _transposed(b: Builder, op: Op, k: int, g: Value) -> Value:
    """The cotangent of operand ``k``: the result takes its place; axes of it alone are spread, diagonals put back."""
    x = op.inputs[k]
    terms, out = _terms(op.attrs["subscripts"], [len(array_dims(y.type, "np.einsum")) for y in op.inputs])
    own, used = terms[k], set("".join(terms)) | set(out)
    free = iter(letter for letter in ascii_letters if letter not in used)
    others = [(term, y) for j, (term, y) in enumerate(zip(terms, op.inputs, strict=True)) if j != k]
    given = [(out, g), *others] if out or not (others or own) else others  # a number is a factor, taken last
    wanted = ""
    for axis, letter in enumerate(own):
        if letter in wanted:
            second = next(free)
            length = b.op("dim", x, axis=axis)
            given.append((letter + second, cast_to(b, b.op("eye", length), getattr(g.type, "dtype", None))))
            letter = second
        wanted += letter
    known = set("".join(term for term, _ in given))
    for axis, letter in enumerate(wanted):
        if letter not in known:
            given.append((letter, cast_to(b, b.op("ones", b.op("dim", x, axis=axis)), getattr(g.type, "dtype", None))))
            known.add(letter)
    text = f"{','.join(term for term, _ in given)}->{wanted}"
    found = b.op("einsum", *(value for _, value in given), subscripts=text)
    return summed(b, b.op("mul", g, found) if given[0][1] is not g else found, x)


def _vjp(b: Builder, op: Op, g: Cotangents, wanted: Sequence[bool]) -> list[Contribution]:
    if g[0] is None:
        return [None] * len(op.inputs)
    bar = applied(b, g[0])
    return [
        cast_like(b, _transposed(b, op, k, bar), x.type) if want else None
        for k, (x, want) in enumerate(zip(op.inputs, wanted, strict=True))
    ]


def _jvp(b: Builder, op: Op, dots: Dots) -> tuple[Value | None]:
    total: Value | None = None
    for k, dot in enumerate(dots):
        if dot is not None:
            part = b.op("einsum", *op.inputs[:k], dot, *op.inputs[k + 1 :], **op.attrs)
            total = part if total is None else b.op("add", total, part)
    return (None if total is None else cast_like(b, total, op.result.type),)


def _spell(op: Op, texts: Sequence[str]) -> str:
    return f"np.einsum({', '.join([repr(op.attrs['subscripts']), *texts])})"


def _storage(types: Sequence[Type], attrs: Attrs) -> tuple[Storage, ...]:
    """One operand may be given back with its axes in another order."""
    return (may_view(0),) if len(types) == 1 else (FRESH,)


def _evaluate(*operands: Any, subscripts: str) -> Any:
    return np.einsum(subscripts, *operands)


general(
    "einsum", _jvp, _vjp, _infer, "einsum", evaluate=_evaluate, spelling=_spell, storage=_storage, group="multilinear"
)


@binds(np.einsum)
def _einsum(b: Builder, subscripts: Any, *operands: Any, optimize: Any = False) -> Value:
    text = static(subscripts, "subscripts")
    if not isinstance(text, str):
        hint = "write such as np.einsum('ij,j->i', a, x)"
        raise TypingError("np.einsum needs its subscripts as a string", "SD050", hint)
    if static(optimize, "optimize"):
        hint = "leave it out, or write the products with `@`"
        raise TypingError("np.einsum with optimize has no rule", "SD010", hint)
    return b.op("einsum", *(operand(b, item) for item in operands), subscripts=text)


# --- products that are sums over named axes


def _rank(x: Value, what: str) -> int:
    return len(array_dims(x.type, what))


def _tensordot(b: Builder, x: Value, y: Value, axes: Any) -> Value:
    left, right = _rank(x, "np.tensordot"), _rank(y, "np.tensordot")
    if isinstance(axes, int):
        pairs = ([left - axes + k for k in range(axes)], list(range(axes)))
    else:
        first, second = ([k] if isinstance(k, int) else list(k) for k in axes)
        pairs = ([normal_axis(k, left) for k in first], [normal_axis(k, right) for k in second])
    letters = list(ascii_letters)
    one = letters[:left]
    two = letters[left : left + right]
    for i, j in zip(*pairs, strict=True):
        two[j] = one[i]
    out = [one[k] for k in range(left) if k not in pairs[0]] + [two[k] for k in range(right) if k not in pairs[1]]
    return b.op("einsum", x, y, subscripts=f"{''.join(one)},{''.join(two)}->{''.join(out)}")


composed("np.tensordot(a, b, axes=2)", _tensordot, point=True)


def _kron(b: Builder, x: Value, y: Value) -> Value:
    """Every entry of the first times the second, as a block."""
    left, right = _rank(x, "np.kron"), _rank(y, "np.kron")
    if not left or not right:
        return b.op("mul", x, y)
    rank = max(left, right)
    lead = [[1] * (rank - k) for k in (left, right)]
    dims = [[b.op("dim", z, axis=k) for k in range(_rank(z, "np.kron"))] for z in (x, y)]
    sizes = [[*ones, *own] for ones, own in zip(lead, dims, strict=True)]
    wide = [[length for n in sizes[0] for length in (n, 1)], [length for n in sizes[1] for length in (1, n)]]
    product = b.op("mul", b.op("reshape", x, *wide[0]), b.op("reshape", y, *wide[1]))
    return b.op("reshape", product, *(b.op("mul", n, m) for n, m in zip(*sizes, strict=True)))


composed("np.kron(a, b)", _kron)


def _entries(b: Builder, dim: Dim) -> int:
    """The length of vectors: of an argument's axis it is 3, which the guard sees to."""
    if dim.value is None and dim.symbols and all(symbol.kind == "axis" for symbol in dim.symbols):
        b.typing.facts.equate(dim, fixed(3))
        return 3
    if dim.value not in (2, 3):
        hint = "make vectors of three entries: `x[:3]`, or `np.array([x[0], x[1], x[2]])`"
        raise TypingError("np.cross needs to know whether its vectors have 2 or 3 entries", "SD011", hint)
    return dim.value


def _cross(b: Builder, x: Value, y: Value, axis: int) -> Value:
    """The vector product of vectors of length 3 (of length 2: its third entry)."""
    parts = []
    for z in (x, y):
        dims = dims_of(z.type) or ()
        place = normal_axis(axis, _rank(z, "np.cross"))
        length = _entries(b, dims[place])
        parts.append([b.op("get", z, k, index=", ".join([":"] * place + ["@"])) for k in range(length)])
    (a, c) = (dict(zip("xyz", part, strict=False)) for part in parts)

    def minor(i: str, j: str) -> Value | None:
        terms = []
        for p, q in ((i, j), (j, i)):
            terms.append(b.op("mul", a[p], c[q]) if p in a and q in c else None)
        if terms[1] is None:
            return terms[0]
        return b.op("neg", terms[1]) if terms[0] is None else b.op("sub", terms[0], terms[1])

    third = minor("x", "y")
    assert third is not None
    if len(a) == len(c) == 2:
        return third
    place = axis if axis == -1 else normal_axis(axis, max(_rank(x, ""), _rank(y, "")))
    rows = [minor("y", "z"), minor("z", "x"), third]
    if all(isinstance(row.type, Scalar) for row in rows if row is not None):
        return b.op("array", *rows, shape=(3,))
    return b.op("stack", *rows, **({"axis": place} if place else {}))


composed("np.cross(a, b, axis=-1)", _cross)


def _vecdot(b: Builder, x: Value, y: Value) -> Value:
    return b.op("sum", b.op("mul", x, y), axis=-1)


def _matvec(b: Builder, a: Value, x: Value) -> Value:
    return b.op("squeeze", b.op("matmul", a, b.op("expand_dims", x, axis=-1)), axis=-1)


def _vecmat(b: Builder, x: Value, a: Value) -> Value:
    return b.op("squeeze", b.op("matmul", b.op("expand_dims", x, axis=-2), a), axis=-2)


for _name, _body in (("vecdot", _vecdot), ("matvec", _matvec), ("vecmat", _vecmat)):
    if hasattr(np, _name):  # from NumPy 2.0 and 2.2 on
        composed(f"np.{_name}(a, b)", _body)
