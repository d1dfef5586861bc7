"""Productions for differentiable numbers and for conditions."""

from __future__ import annotations

from tests.fuzz.gen.core import CONDITIONS, NUMBERS, Gen, binary, bounded, production
from tests.fuzz.gen.types import NUM, ONE, Dims, Expr, Ty

MAPS = {"sin": 1.0, "cos": 1.0, "tanh": 1.0, "arctan": 1.5, "exp": 0.0, "sqrt": 0.0, "log": 0.0, "square": 0.0}
RARE_MAPS = {"log1p": 0.0, "expm1": 0.0, "sinh": 0.0, "cosh": 0.0}


def mapped(gen: Gen, inner: Expr, library: str = "np") -> Expr:
    """An elementary function of an expression, with a guard where its domain or growth asks for one."""
    table = RARE_MAPS if gen.chance(0.1) else MAPS
    name = gen.one(list(table))
    if library == "math" and name == "arctan":
        name = "atan"
    if library == "math" and name == "square":
        name = "tanh"
    if name in ("exp", "expm1", "sinh", "cosh"):
        inner = bounded(gen, inner, 2.0)
        return Expr(f"{library}.{name}({inner.text})", inner.ty, 2.7 ** min(inner.size, 2.0))
    if name in ("sqrt", "log", "log1p"):
        guard = bounded(gen, inner, 2.0)
        text = gen.one([f"2.5 + {guard.at(1)}", f"1.5 + {guard.at(4)} ** 2", f"{guard.at(2)} * {guard.at(3)} + 1.25"])
        return Expr(f"{library}.{name}({text})", inner.ty, 3.0)
    if name == "square":
        return Expr(f"np.square({inner.text})", inner.ty, inner.size**2)
    return Expr(f"{library}.{name}({inner.text})", inner.ty, 1.5)


@production(NUMBERS, 1, 2)
def number_leaf(gen: Gen, depth: int) -> Expr:
    """A variable or a constant."""
    return gen.number_leaf()


@production(NUMBERS, 1, 3)
def number_map(gen: Gen, depth: int) -> Expr:
    """`np.sin(a)`, or `math.sin(a)`."""
    library = "math" if gen.chance(0.25) else "np"
    return mapped(gen, gen.num(depth - 1), library)


@production(NUMBERS, 1, 6)
def number_binary(gen: Gen, depth: int) -> Expr:
    """Sum, difference, product."""
    left, right = gen.num(depth - 1), gen.num(depth - 1)
    op = gen.one("++-***")
    size = left.size * right.size if op == "*" else left.size + right.size
    return binary(op, left, right, (), size)


@production(NUMBERS, 1, 1.5)
def number_quotient(gen: Gen, depth: int) -> Expr:
    """A quotient whose denominator is kept away from 0."""
    left, right = gen.num(depth - 1), bounded(gen, gen.num(depth - 2), 2.0)
    if gen.chance(0.3):
        return Expr(f"{left.at(2)} / {gen.one(['2', '3.0', '1.7', '-2.5'])}", NUM, left.size, 2)
    text = gen.one([f"({right.at(1)} + 3.1)", f"(1.5 + {right.at(4)} ** 2)"])
    return Expr(f"{left.at(2)} / {text}", NUM, left.size, 2)


@production(NUMBERS, 1, 1.5)
def number_power(gen: Gen, depth: int) -> Expr:
    """A power with a constant exponent, or of a positive number with any."""
    base = bounded(gen, gen.num(depth - 1), 2.0)
    if gen.chance(0.25):
        exponent = bounded(gen, gen.num(0), 2.0)
        power = gen.one(["1.5", "0.5", "-1", "-0.5", exponent.at(4)])
        return Expr(f"({base.at(1)} + 2.7) ** {power}", NUM, 20.0, 3)
    return Expr(f"{base.at(4)} ** {gen.one(['2', '2', '3', '2.0'])}", NUM, base.size**2, 3)


@production(NUMBERS, 1, 0.7)
def number_negated(gen: Gen, depth: int) -> Expr:
    """A minus sign."""
    inner = gen.num(depth - 1)
    return Expr(f"-{inner.at(3)}", NUM, inner.size, 2)


@production(NUMBERS, 1, 0.5)
def number_abs(gen: Gen, depth: int) -> Expr:
    """Absolute value, spelled either way."""
    inner = gen.num(depth - 1)
    return Expr(f"{gen.one(['abs', 'np.abs'])}({inner.text})", NUM, inner.size)


def some_dims(gen: Gen) -> Dims | None:
    """The extents of some array in sight, sometimes shortened by one."""
    found = gen.variables("arr")
    if not found:
        return None
    dims = gen.one(found).ty.dims
    if len(dims) == 1 and dims[0] != ONE and gen.size(dims[0]) > 2 and gen.chance(0.2):
        return (dims[0].plus(-1),)
    return dims


@production(NUMBERS, 1, 4)
def full_reduction(gen: Gen, depth: int) -> Expr | None:
    """`np.sum(a)`, `a.mean()`, `np.max(a)`."""
    dims = some_dims(gen)
    inner = gen.arr(dims, depth - 1) if dims else None
    if inner is None or dims is None:
        return None
    name = gen.one(["sum"] * 5 + ["mean"] * 3 + ["max", "min"])
    count = 1
    for dim in dims:
        count *= gen.size(dim)
    size = inner.size * count if name == "sum" else inner.size
    gen.tag(f"np.{name}")
    if gen.chance(0.2):
        return Expr(f"{inner.at(4)}.{name}()", NUM, size)
    return Expr(f"np.{name}({inner.text})", NUM, size)


@production(NUMBERS, 1, 3)
def element(gen: Gen, depth: int) -> Expr | None:
    """`x[i]`, `A[i, j]`, `A[i][j]`."""
    found = [v for v in gen.variables("arr") if all(gen.size(d) > 0 for d in v.ty.dims)]
    if not found:
        return None
    var = gen.one(found)
    indices = [gen.index(d) for d in var.ty.dims]
    text = f"{var.text}[{', '.join(indices)}]"
    if len(indices) == 2 and gen.chance(0.1):
        text = f"{var.text}[{indices[0]}][{indices[1]}]"
    return Expr(text, NUM, var.size)


@production(NUMBERS, 1, 1)
def inner_product(gen: Gen, depth: int) -> Expr | None:
    """`a @ b` or `np.dot(a, b)` of vectors."""
    vectors = [v for v in gen.variables("arr") if len(v.ty.dims) == 1]
    if not vectors:
        return None
    dims = gen.one(vectors).ty.dims
    left, right = gen.arr(dims, depth - 1), gen.arr(dims, depth - 2)
    if left is None or right is None:
        return None
    size = left.size * right.size * max(1, gen.size(dims[0]))
    if gen.chance(0.4):
        return Expr(f"np.dot({left.text}, {right.text})", NUM, size)
    return Expr(f"{left.at(2)} @ {right.at(3)}", NUM, size, 2)


@production(NUMBERS, 1, 0.4)
def extent_as_number(gen: Gen, depth: int) -> Expr | None:
    """`a / len(x)`."""
    found = gen.variables("arr")
    if not found:
        return None
    inner, text = gen.num(depth - 1), gen.extent(gen.one(found).ty.dims[0])
    if text is None:
        return None
    return Expr(f"{inner.at(2)} / ({text} + 1)", NUM, inner.size, 2)


@production(NUMBERS, 2, 0.7)
def counter_as_number(gen: Gen, depth: int) -> Expr | None:
    """A counter or a whole-number argument inside arithmetic."""
    found = gen.variables("int")
    if not found:
        return None
    inner, var = gen.num(depth - 1), gen.one(found)
    largest = max(abs(var.low), abs(var.high)) + 1
    if gen.chance(0.5):
        return Expr(f"{inner.at(2)} * ({var.text} + 1)", NUM, inner.size * largest, 2)
    return Expr(f"{inner.at(1)} + 0.1 * {var.text}", NUM, inner.size + largest, 1)


@production(NUMBERS, 2, 1.5)
def conditional_expression(gen: Gen, depth: int) -> Expr:
    """`a if c else b`."""
    left, right = gen.num(depth - 1), gen.num(depth - 1)
    return Expr(f"{left.at(1)} if {gen.cond()} else {right.at(1)}", NUM, max(left.size, right.size), 0)


@production(NUMBERS, 2, 1)
def number_extremum(gen: Gen, depth: int) -> Expr:
    """`max(a, b)`, `np.minimum(a, b)`, `np.clip(a, lo, hi)`."""
    left, right = gen.num(depth - 1), gen.num(depth - 1)
    if gen.chance(0.25):
        return Expr(f"np.clip({left.text}, -0.55, 0.85)", NUM, 1.0)
    name = gen.one(["max", "min", "np.maximum", "np.minimum"])
    return Expr(f"{name}({left.text}, {right.text})", NUM, max(left.size, right.size))


@production(NUMBERS, 2, 0.4)
def comparison_as_factor(gen: Gen, depth: int) -> Expr:
    """`(a > 0.3) * b`."""
    inner = gen.num(depth - 1)
    return Expr(f"({gen.num(0).at(1)} > 0.35) * {inner.at(3)}", NUM, inner.size, 2)


@production(NUMBERS, 3, 0.3)
def builtin_sum(gen: Gen, depth: int) -> Expr | None:
    """Python's own `sum`, `max`, `min` over a vector."""
    vectors = [v for v in gen.variables("arr") if len(v.ty.dims) == 1]
    if not vectors:
        return None
    var = gen.one(vectors)
    name = gen.one(["sum", "sum", "max", "min"])
    return Expr(f"{name}({var.text})", NUM, var.size * (gen.size(var.ty.dims[0]) if name == "sum" else 1))


@production(NUMBERS, 4, 0.8)
def masked_sum(gen: Gen, depth: int) -> Expr | None:
    """`np.sum(x[x > 0.1] * 2.0)`."""
    vectors = [v for v in gen.variables("arr") if len(v.ty.dims) == 1]
    if not vectors:
        return None
    var = gen.one(vectors)
    other = gen.one([v for v in vectors if v.ty == var.ty])
    inner = bounded(gen, gen.num(0), 2.0)
    text = f"np.sum({other.text}[{var.text} > {gen.one(['0.05', '-0.15', '0.35'])}] * {inner.at(3)})"
    return Expr(text, NUM, other.size * inner.size * gen.size(var.ty.dims[0]))


@production(NUMBERS, 5, 0.6)
def product_of_entries(gen: Gen, depth: int) -> Expr | None:
    """`np.prod(a)`."""
    dims = some_dims(gen)
    inner = gen.arr(dims, 0) if dims and len(dims) == 1 else None
    if inner is None:
        return None
    squashed = Expr(f"np.tanh({inner.text})", inner.ty, 1.0) if inner.size > 1.5 else inner
    return Expr(f"np.prod({squashed.text})", NUM, 5.0)


@production(NUMBERS, 5, 3)
def helper_number(gen: Gen, depth: int) -> Expr | None:
    """A call of a helper that returns a number."""
    return helper_call(gen, NUM, depth)


def helper_call(gen: Gen, ty: Ty, depth: int) -> Expr | None:
    """A call of a helper that returns one value of type `ty` and writes nothing."""
    found = [h for h in gen.helpers if h.results == [ty] and h.writes < 0]
    if not found:
        return None
    helper = gen.one(found)
    texts = []
    for param in helper.params:
        value = gen.num(depth - 1) if param == NUM else gen.arr(param.dims, depth - 1)
        if value is None:
            return None
        texts.append(bounded(gen, value).text)
    return Expr(f"{helper.name}({', '.join(texts)})", ty, 3.0)


# -- conditions


@production(CONDITIONS, 2, 5)
def compare_numbers(gen: Gen, depth: int) -> str:
    """`a > 0.3`, `a < b`."""
    left = gen.num(depth)
    right = gen.num(0).at(1) if gen.chance(0.3) else gen.one(["0.3", "-0.2", "0.75", "1.1", "0.0"])
    return f"{left.at(1)} {gen.one(['<', '>', '<=', '>='])} {right}"


@production(CONDITIONS, 2, 1)
def compare_chain(gen: Gen, depth: int) -> str:
    """`-0.6 < a < 0.9`."""
    return f"-0.6 < {gen.num(depth).at(1)} < 0.9"


@production(CONDITIONS, 2, 1)
def boolean_operator(gen: Gen, depth: int) -> str | None:
    """`c and d`, `c or d`, `not c`."""
    if depth <= 0:
        return None
    left = gen.cond(0)
    return gen.one([f"{left} and {gen.cond(0)}", f"{left} or {gen.cond(0)}", f"not ({left})"])


@production(CONDITIONS, 2, 2.5)
def compare_counter(gen: Gen, depth: int) -> str | None:
    """`i > 1`, `i % 2 == 0`."""
    found = gen.variables("int")
    if not found:
        return None
    var = gen.one(found)
    return gen.one([f"{var.text} > 1", f"{var.text} % 2 == 0", f"{var.text} == 0", f"{var.text} != 2"])


@production(CONDITIONS, 2, 0.7)
def flag(gen: Gen, depth: int) -> str | None:
    """A bool argument."""
    found = gen.variables("bool")
    return gen.one(found).text if found else None


@production(CONDITIONS, 2, 0.7)
def compare_extent(gen: Gen, depth: int) -> str | None:
    """`len(x) > 3`."""
    found = gen.variables("arr")
    text = gen.extent(gen.one(found).ty.dims[0]) if found else None
    return f"{text} > {gen.one(['2', '3', '4'])}" if text else None
