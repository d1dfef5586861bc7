"""What property-based tests of the IR draw from: dims, types, facts."""

from __future__ import annotations

from hypothesis import strategies as st

from srcdiff.ir.dims import Dim, Symbol, axis, constant, integer, size
from srcdiff.ir.types import BOOL, COMPLEX, DTYPES, FLOAT, HOLE, INT, UNKNOWN, Array, List, Scalar, Type, int_of

SYMBOLS = {"n": axis("n"), "m": axis("m"), "d": axis("d"), "k": size("k"), "p": size("p"), "i": integer("i")}
LENGTHS = st.sampled_from([axis("n"), axis("m"), size("k"), size("p"), constant(1), constant(3), axis("n") - 1])


@st.composite
def dims(draw: st.DrawFn, symbols: tuple[Dim, ...] = tuple(SYMBOLS.values()), terms: int = 3) -> Dim:
    """A polynomial of up to ``terms`` terms with small coefficients."""
    total = constant(draw(st.integers(-3, 3)))
    for _ in range(draw(st.integers(0, terms))):
        product = constant(draw(st.integers(-3, 3)))
        for _ in range(draw(st.integers(1, 2))):
            product = product * draw(st.sampled_from(symbols))
        total = total + product
    return total


def symbols_strategy() -> st.SearchStrategy[Symbol]:
    return st.sampled_from([next(iter(dim.symbols)) for dim in SYMBOLS.values()])


NUMBERS = st.one_of(
    st.sampled_from([BOOL, INT, FLOAT, COMPLEX]),
    st.builds(int_of, st.sampled_from([axis("n"), integer("i"), integer("i") + 1, constant(0), constant(1)])),
    st.builds(Scalar, st.sampled_from(sorted(DTYPES)), st.sampled_from(["numpy", "either"])),
)
SHAPES = st.one_of(st.none(), st.lists(LENGTHS, max_size=3).map(tuple))
ARRAYS = st.builds(Array, st.sampled_from(["f64", "f32", "i64", "b1", None]), SHAPES)
FLAT = st.one_of(NUMBERS, ARRAYS, st.just(UNKNOWN), st.just(HOLE))
ITEMS = st.one_of(NUMBERS, ARRAYS, st.just(UNKNOWN))
LISTS = st.builds(List, ITEMS, st.one_of(st.none(), LENGTHS))
TYPES: st.SearchStrategy[Type] = st.one_of(FLAT, LISTS, st.builds(List, LISTS, st.none()))
