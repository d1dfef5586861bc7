"""Productions for float arrays of given extents."""

from __future__ import annotations

from tests.fuzz.gen.core import ARRAYS, Gen, binary, bounded, production
from tests.fuzz.gen.numbers import helper_call, mapped
from tests.fuzz.gen.types import ONE, Dim, Dims, Expr, Ty, Var, broadcast


@production(ARRAYS, 1, 3)
def array_leaf(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """A variable, a view of one, or a constant array."""
    return gen.array_leaf(dims)


@production(ARRAYS, 1, 3)
def array_map(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`np.tanh(x)`."""
    inner = gen.arr(dims, depth - 1)
    return mapped(gen, inner) if inner else None


def narrower(gen: Gen, dims: Dims) -> Dims:
    """Extents that broadcast to `dims`: some axes 1, leading axes dropped."""
    found = tuple(ONE if gen.chance(0.3) else d for d in dims)
    while len(found) > 1 and gen.chance(0.35):
        found = found[1:]
    return found


def pair(gen: Gen, dims: Dims, depth: int) -> tuple[Expr, Expr] | None:
    """Two operands whose broadcast has the extents `dims`; one may be a number or have fewer axes."""
    full = gen.arr(dims, depth - 1)
    other: Expr | None
    if gen.chance(0.35):
        other = gen.num(depth - 1)
    elif gen.chance(0.35):
        fewer = narrower(gen, dims)
        other = gen.arr(fewer, depth - 2) if broadcast(fewer, dims) == dims else None
    else:
        other = gen.arr(dims, depth - 1)
    if full is None or other is None:
        return None
    if other.ty.dims and other.ty.dims != dims:
        gen.tag("broadcast")
    return (full, other) if gen.chance(0.5) else (other, full)


@production(ARRAYS, 1, 7)
def array_binary(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """Sum, difference, product with broadcasting."""
    operands = pair(gen, dims, depth)
    if operands is None:
        return None
    left, right = operands
    op = gen.one("++-***")
    size = left.size * right.size if op == "*" else left.size + right.size
    return binary(op, left, right, dims, size)


@production(ARRAYS, 1, 1)
def outer_broadcast(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`c[:, None] * r[None, :]`: both operands are stretched."""
    if len(dims) != 2 or ONE in dims:
        return None
    left, right = gen.arr((dims[0], ONE), depth - 1), gen.arr(gen.one([dims[1:], (ONE, dims[1])]), depth - 1)
    if left is None or right is None:
        return None
    if gen.chance(0.5):
        left, right = right, left
    return binary(gen.one("+*-"), left, right, dims, left.size * right.size + left.size + right.size)


@production(ARRAYS, 1, 1.2)
def array_quotient(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """A quotient with a guarded denominator, broadcast either way."""
    operands = pair(gen, dims, depth)
    if operands is None:
        return None
    left, right = operands[0], bounded(gen, operands[1], 2.0)
    text = gen.one([f"({right.at(1)} + 3.1)", f"(1.5 + {right.at(4)} ** 2)"])
    return Expr(f"{left.at(2)} / {text}", Ty("arr", dims), left.size, 2)


@production(ARRAYS, 1, 1)
def array_power(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`x ** 2`, `(y + 2.7) ** s`, `1.3 ** x`."""
    inner = gen.arr(dims, depth - 1)
    if inner is None:
        return None
    base = bounded(gen, inner, 2.0)
    if gen.chance(0.3):
        power = gen.one(["1.5", "0.5", "-1", bounded(gen, gen.number_leaf(), 2.0).at(4)])
        return Expr(f"({base.at(1)} + 2.7) ** {power}", base.ty, 20.0, 3)
    if gen.chance(0.15):
        return Expr(f"1.3 ** {base.at(4)}", base.ty, 3.0, 3)
    return Expr(f"{base.at(4)} ** {gen.one(['2', '2', '3', '2.0'])}", base.ty, base.size**3, 3)


@production(ARRAYS, 1, 0.6)
def array_unary(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`-x`, `np.abs(x)`."""
    inner = gen.arr(dims, depth - 1)
    if inner is None:
        return None
    if gen.chance(0.5):
        return Expr(f"-{inner.at(3)}", inner.ty, inner.size, 2)
    return Expr(f"np.abs({inner.text})", inner.ty, inner.size)


@production(ARRAYS, 1, 2)
def axis_reduction(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`np.sum(A, axis=0)`, `A.mean(axis=-1, keepdims=True)`."""
    matrices = [v for v in gen.variables("arr") if len(v.ty.dims) == 2]
    options: list[tuple[Dims, int, bool]] = []
    for var in matrices:
        have = var.ty.dims
        for axis in (0, 1):
            options += [(have, axis, False)] if (have[1 - axis],) == dims else []
            options += [(have, axis, True)] if have[:axis] + (ONE,) + have[axis + 1 :] == dims else []
    if not options:
        return None
    source, axis, keep = gen.one(options)
    inner = gen.arr(source, depth - 1)
    if inner is None:
        return None
    name = gen.one(["sum"] * 4 + ["mean"] * 3 + (["max", "min", "prod"] if gen.level == 5 else ["max"]))
    inner = bounded(gen, inner, 1.5) if name == "prod" else inner
    written = axis - 2 if gen.chance(0.3) else axis
    more = f"axis={written}" + (", keepdims=True" if keep else "")
    size = inner.size * (gen.size(source[axis]) if name == "sum" else 1)
    gen.tag(f"np.{name} with axis")
    if gen.chance(0.25):
        return Expr(f"{inner.at(4)}.{name}({more})", Ty("arr", dims), size)
    return Expr(f"np.{name}({inner.text}, {more})", Ty("arr", dims), size)


@production(ARRAYS, 1, 1)
def array_view(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """A slice, a row, a column, a new axis, a transposed matrix."""
    return gen.derived(dims)


@production(ARRAYS, 1, 0.6)
def sliced_expression(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`(x * y)[1:]`."""
    if len(dims) != 1 or not dims[0].symbols:
        return None
    inner = gen.arr((dims[0].plus(1),), depth - 1)
    return Expr(f"{inner.at(4)}[{gen.one(['1:', ':-1'])}]", Ty("arr", dims), inner.size, fresh=False) if inner else None


@production(ARRAYS, 1, 0.4)
def created(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`np.zeros_like(x)`, `np.ones(...)`, `np.arange(...)`, `np.linspace(...)`, `x.copy()`."""
    same = [v for v in gen.variables("arr") if v.ty.dims == dims]
    ty = Ty("arr", dims)
    if same and gen.chance(0.5):
        var = gen.one(same)
        return gen.one(
            [
                Expr(f"np.ones_like({var.text})", ty, 1.0),
                Expr(f"{var.text}.copy()", ty, var.size),
                Expr(f"np.copy({var.text})", ty, var.size),
            ]
        )
    extent = gen.extent(dims[0]) if len(dims) == 1 else None
    if extent is None:
        return None
    text = gen.one([f"np.linspace(0.0, 1.0, {extent})", f"0.5 * np.arange({extent})", f"np.arange({extent}) * 0.3"])
    return Expr(text, ty, 2.5, 2 if "*" in text else 4)


@production(ARRAYS, 2, 1.5)
def where(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`np.where(x > 0.2, a, b)`, branches and mask possibly broadcast."""
    mask, operands = gen.arr(dims, depth - 2), pair(gen, dims, depth)
    if mask is None or operands is None:
        return None
    left, right = operands
    test = f"{mask.at(1)} {gen.one(['>', '<', '>='])} {gen.one(['0.15', '-0.25', gen.number_leaf().at(1)])}"
    return Expr(f"np.where({test}, {left.text}, {right.text})", Ty("arr", dims), max(left.size, right.size))


@production(ARRAYS, 2, 1.5)
def extremum(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`np.maximum(x, 0.1)`, `np.minimum(x, y)`."""
    operands = pair(gen, dims, depth)
    if operands is None:
        return None
    left, right = operands
    if gen.chance(0.3):
        full = left if left.ty.dims == dims else right
        return Expr(f"np.{gen.one(['maximum', 'minimum'])}({full.text}, 0.1)", Ty("arr", dims), full.size)
    name = gen.one(["maximum", "minimum"])
    return Expr(f"np.{name}({left.text}, {right.text})", Ty("arr", dims), max(left.size, right.size))


@production(ARRAYS, 2, 0.8)
def clip(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`np.clip(x, -0.6, 0.7)`."""
    inner = gen.arr(dims, depth - 1)
    return Expr(f"np.clip({inner.text}, -0.6, 0.7)", inner.ty, 0.7) if inner else None


@production(ARRAYS, 2, 0.6)
def mask_as_factor(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`(x > 0.1) * y`."""
    mask, inner = gen.arr(dims, 0), gen.arr(dims, depth - 1)
    if mask is None or inner is None:
        return None
    return Expr(f"({mask.at(1)} > 0.12) * {inner.at(3)}", inner.ty, inner.size, 2)


@production(ARRAYS, 4, 1.5)
def gather(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`x[idx]` with an index array, repeats possible."""
    found: list[tuple[Var, Var]] = []
    for index in gen.variables("idx"):
        for var in gen.variables("arr"):
            if var.ty.dims[0] == index.target and index.ty.dims + var.ty.dims[1:] == dims:
                found.append((var, index))
    if not found:
        return None
    var, index = gen.one(found)
    return Expr(f"{var.text}[{index.text}]", Ty("arr", dims), var.size)


def product_size(gen: Gen, left: Expr, right: Expr, over: Dim) -> float:
    """A bound on the entries of a matrix product."""
    return left.size * right.size * max(1, gen.size(over))


@production(ARRAYS, 5, 1.5)
def matmul(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`A @ x`, `x @ A`, `A @ B`, `A.T @ x`, spelled `@`, `np.dot` or `np.matmul`."""
    extents = sorted({v.ty.dims[0] for v in gen.variables("arr") if v.ty.dims[0] != ONE}, key=repr)
    if not extents or ONE in dims:
        return None
    over = gen.one(extents)
    shapes: list[tuple[Dims, Dims]]
    if len(dims) == 1:
        shapes = [((dims[0], over), (over,)), ((over,), (over, dims[0]))]
    else:
        shapes = [((dims[0], over), (over, dims[1]))]
    have = {v.ty.dims for v in gen.variables("arr")}
    one, two = gen.one([pair for pair in shapes if have & set(pair)] or shapes)
    left, right = gen.arr(one, depth - 1), gen.arr(two, depth - 2)
    if left is None or right is None:
        return None
    size = product_size(gen, left, right, over)
    if gen.chance(0.3):
        return Expr(f"np.{gen.one(['dot', 'matmul'])}({left.text}, {right.text})", Ty("arr", dims), size)
    return Expr(f"{left.at(2)} @ {right.at(3)}", Ty("arr", dims), size, 2)


@production(ARRAYS, 5, 1)
def outer(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`np.outer(x, y)`."""
    if len(dims) != 2:
        return None
    left, right = gen.arr(dims[:1], depth - 1), gen.arr(dims[1:], depth - 1)
    if left is None or right is None:
        return None
    return Expr(f"np.outer({left.text}, {right.text})", Ty("arr", dims), left.size * right.size)


@production(ARRAYS, 5, 1.2)
def transposed(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`(A * B).T`, `np.transpose(A)`, `A.transpose(1, 0)`."""
    inner = gen.arr(dims[::-1], depth - 1) if len(dims) == 2 else None
    if inner is None:
        return None
    text = gen.one([f"{inner.at(4)}.T", f"np.transpose({inner.text})", f"{inner.at(4)}.transpose(1, 0)"])
    return Expr(text, Ty("arr", dims), inner.size, fresh=False)


@production(ARRAYS, 5, 1.2)
def reshaped(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`A.reshape(n, m)` of a matrix with swapped extents, `x.reshape(-1, 1)`, `A.reshape(-1)`."""
    ty = Ty("arr", dims)
    if len(dims) == 2 and dims[1] == ONE:
        inner = gen.arr(dims[:1], depth - 1)
        return Expr(f"{inner.at(4)}.reshape(-1, 1)", ty, inner.size, fresh=False) if inner else None
    if len(dims) == 2:
        inner, shape = gen.arr(dims[::-1], depth - 1), gen.shape_text(dims)
        if inner is None or shape is None:
            return None
        return Expr(f"np.reshape({inner.text}, {shape})", ty, inner.size, fresh=False)
    flat = dims[0].symbols
    if len(flat) != 1 or "*" not in flat[0] or dims[0].offset:
        return None
    rows, columns = flat[0].split("*")
    inner = gen.arr((Dim((rows,)), Dim((columns,))), depth - 1)
    return Expr(f"{inner.at(4)}.reshape(-1)", ty, inner.size, fresh=False) if inner else None


@production(ARRAYS, 5, 1.2)
def concatenated(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`np.concatenate([x, y])`, `np.stack([x, y])`, `np.stack((x, y), axis=1)`."""
    ty = Ty("arr", dims)
    if len(dims) == 1 and len(dims[0].symbols) == 2 and not dims[0].offset:
        parts = [gen.arr((Dim((s,)),), depth - 1) for s in dims[0].symbols]
        if parts[0] is None or parts[1] is None:
            return None
        text = f"np.concatenate([{parts[0].text}, {parts[1].text}])"
        return Expr(text, ty, max(parts[0].size, parts[1].size))
    if len(dims) == 2 and Dim((), 2) in dims:
        axis = dims.index(Dim((), 2))
        inner = [gen.arr((dims[1 - axis],), depth - 1) for _ in range(2)]
        if inner[0] is None or inner[1] is None:
            return None
        text = f"np.stack([{inner[0].text}, {inner[1].text}]{', axis=1' if axis else ''})"
        return Expr(text, ty, max(inner[0].size, inner[1].size))
    return None


@production(ARRAYS, 5, 1)
def cumulative(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """`np.cumsum(x)`, `np.cumsum(A, axis=1)`."""
    inner = gen.arr(dims, depth - 1)
    if inner is None:
        return None
    axis = gen.rng.randrange(len(dims))
    more = f", axis={axis}" if len(dims) > 1 or gen.chance(0.3) else ""
    return Expr(f"np.cumsum({inner.text}{more})", inner.ty, inner.size * max(1, gen.size(dims[axis])))


@production(ARRAYS, 5, 2)
def helper_array(gen: Gen, dims: Dims, depth: int) -> Expr | None:
    """A call of a helper that returns an array."""
    return helper_call(gen, Ty("arr", dims), depth)
