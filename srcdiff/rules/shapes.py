"""Shapes: broadcasting with the three states of a dim, and what a program text then relies on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from srcdiff.ir.dims import Dim, constant, formula, size, symbol_dim
from srcdiff.ir.opdef import Typing, TypingError
from srcdiff.ir.types import Array, List, Scalar, Type, Unknown

Dims = tuple[Dim, ...]


def broadcast(typing: Typing, shapes: Iterable[Dims]) -> Dims:
    """The dims that NumPy gives for operands of these dims; records what that rests on."""
    result: Dims = ()
    for dims in shapes:
        longer, shorter = (result, dims) if len(result) >= len(dims) else (dims, result)
        lead = len(longer) - len(shorter)
        pairs = zip(longer[lead:], shorter, strict=True)
        result = longer[:lead] + tuple(_broadcast_dim(typing, left, right) for left, right in pairs)
    return result


def _broadcast_dim(typing: Typing, left: Dim, right: Dim) -> Dim:
    facts = typing.facts
    if facts.equal(left, right):
        return left
    states = facts.is_one(left), facts.is_one(right)
    if True in states:
        return right if states[0] else left
    if states == (False, False):
        return _matched(typing, left, right)
    if states == (None, None):
        first, second = sorted((str(left), str(right)))
        return formula(f"broadcast({first}, {second})", left, right)
    known = left if states[0] is False else right
    if rests_on_guard(known):
        facts.require_not_one(known)
    return known


def _matched(typing: Typing, left: Dim, right: Dim) -> Dim:
    """Two dims of which neither is 1 must be equal: NumPy checks it, but that neither is 1 rests on the guard."""
    require_fit(left, right)
    guarded = rests_on_guard(left), rests_on_guard(right)
    if _holds_everywhere(typing, left, right):
        typing.facts.equate(left, right, enforced=not any(guarded))
        return left
    for dim, needed in zip((left, right), guarded, strict=True):
        if needed:
            typing.facts.require_not_one(dim)
    return left


def enforce(typing: Typing, left: Dim, right: Dim) -> None:
    """NumPy itself raises unless the two dims are equal."""
    if typing.facts.equal(left, right):
        return
    require_fit(left, right)
    if _holds_everywhere(typing, left, right):
        typing.facts.equate(left, right, enforced=True)


def _holds_everywhere(typing: Typing, *dims: Dim) -> bool:
    """Whether an equality of dims that is found here may be taken for granted elsewhere."""
    return not typing.conditional and not any(dim.changes for dim in dims)


def enforce_length(typing: Typing, dim: Dim) -> None:
    """NumPy itself raises unless the number is 0 or more, being a length."""
    if dim.value is not None and dim.value < 0:
        raise TypingError(f"an array cannot have the length {dim}")
    if not dim.is_nonnegative() and _holds_everywhere(typing, dim):
        typing.facts.equate(formula(f"max({dim}, 0)", dim), dim, enforced=True)


def require_fit(left: Dim, right: Dim) -> None:
    """TypingError where two dims can never be equal."""
    difference = (left - right).value
    if difference:
        raise TypingError(f"an axis of length {left} never fits one of length {right}")


def rests_on_guard(dim: Dim) -> bool:
    """Whether "it is not 1" rests on the signature alone, not on arithmetic."""
    open_sizes = {symbol: symbol_dim(symbol.name, "size") for symbol in dim.symbols if symbol.kind == "axis"}
    return bool(open_sizes) and dim.substitute(open_sizes).is_one() is None


def assignable(typing: Typing, value: Dims, target: Dims) -> None:
    """Check and record that a value of these dims can be stored into a region of the dims ``target``."""
    extra = len(value) - len(target)
    if any(dim.is_one() is False for dim in value[: max(extra, 0)]):
        raise TypingError(f"a value of shape {shape_text(value)} does not fit into {shape_text(target)}")
    for have, want in zip(reversed(value), reversed(target), strict=False):
        if typing.facts.is_one(have) is False:
            enforce(typing, have, want)


def shape_text(dims: Sequence[Dim]) -> str:
    """A shape as messages write it."""
    return f"({', '.join(map(str, dims))}{',' if len(dims) == 1 else ''})"


def array_dims(type_: Type, what: str) -> Dims:
    """The dims of an operand whose rank must be known; a number has none."""
    if isinstance(type_, Scalar):
        return ()
    if isinstance(type_, Array) and type_.dims is not None:
        return type_.dims
    if isinstance(type_, List):
        return (type_.length if type_.length is not None else size("len"),)
    raise unknown(what, type_)


def unknown(what: str, type_: Type) -> TypingError:
    """The refusal of what needs a type that is not known."""
    kind = "a number or an array" if isinstance(type_, Unknown) else f"of type {type_}"
    message = f"{what} needs to know the rank of its operand, which is {kind}"
    hint = 'annotate the arguments, such as `x: float` or `x: "f64[n, d]"`, or give --sig or example arguments'
    return TypingError(message, "SD011", hint)


def require_number(type_: Type, what: str) -> Scalar:
    """The operand must be a number."""
    if isinstance(type_, Scalar):
        return type_
    message = f"{what} must be numbers, not of type {type_}"
    if isinstance(type_, Unknown):
        raise TypingError(message, "SD011", "annotate `x: float`, or give --sig")
    raise TypingError(message)


def product(dims: Iterable[Dim]) -> Dim:
    """The number of entries of an array of these dims."""
    total = constant(1)
    for dim in dims:
        total = total * dim
    return total


def same_dims(typing: Typing, left: Dims | None, right: Dims | None) -> bool:
    """Whether two shapes are provably equal."""
    if left is None or right is None or len(left) != len(right):
        return False
    return all(typing.facts.equal(a, b) for a, b in zip(left, right, strict=True))


def normal_axis(axis: int, rank: int, what: str = "axis") -> int:
    """An axis counted from 0; TypingError where there is no such axis."""
    if not -rank <= axis < rank:
        raise TypingError(f"{what} {axis} is out of range for an array of rank {rank}")
    return axis % rank


def normal_axes(axis: int | Sequence[int] | None, rank: int) -> tuple[int, ...]:
    """The axes meant by an ``axis`` argument, counted from 0, in order; None is all."""
    if axis is None:
        return tuple(range(rank))
    axes = tuple(normal_axis(a, rank) for a in ([axis] if isinstance(axis, int) else axis))
    if len(set(axes)) < len(axes):
        raise TypingError(f"an axis is named twice in {axis}")
    return tuple(sorted(axes))
