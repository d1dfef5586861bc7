"""Productions for statements without loops and stores: assignments, branches, early returns, checks."""

from __future__ import annotations

import re

from tests.fuzz.gen.core import STATEMENTS, Gen, bounded, production
from tests.fuzz.gen.types import INT, NUM, ONE, Dim, Dims, Expr, Ty, Var

LIMIT = 8.0  # the magnitude above which a new value is squashed
LOOP_LIMIT = 2.0  # ... and inside loops, where it is fed back


def limit(gen: Gen) -> float:
    """How large a value that is assigned to an old name may be."""
    return LOOP_LIMIT if gen.loops else LIMIT


def plausible_dims(gen: Gen) -> Dims | None:
    """Extents for a new array: those of an array in sight, or derived ones."""
    found = gen.variables("arr")
    if not found:
        return None
    dims: Dims = gen.one(found).ty.dims
    if gen.chance(0.25) and len(dims) == 2:
        dims = gen.one([dims[:1], dims[1:], (dims[0], ONE), (ONE, dims[1])])
        dims = (dims[0],) if dims == (ONE,) else dims
    elif gen.chance(0.12) and len(dims) == 1 and gen.size(dims[0]) > 2:
        dims = (dims[0].plus(-1),)
    if gen.level >= 5 and gen.chance(0.3):
        options: list[Dims] = [dims[::-1]]
        if len(dims) == 1 and len(dims[0].symbols) == 1 and not dims[0].offset:
            options += [((Dim(dims[0].symbols * 2)),), (Dim((), 2), dims[0]), (dims[0], Dim((), 2)), (dims[0], dims[0])]
        if len(dims) == 2 and all(len(d.symbols) == 1 and not d.offset for d in dims):
            options.append((Dim((f"{dims[0].symbols[0]}*{dims[1].symbols[0]}",)),))
        dims = gen.one(options)
    return None if dims == (ONE,) else dims


def any_value(gen: Gen, depth: int) -> Expr | None:
    """A number or an array."""
    if gen.chance(0.5):
        return gen.num(depth)
    dims = plausible_dims(gen)
    return gen.arr(dims, depth) if dims else None


def rebindable(gen: Gen, kind: str) -> list[Var]:
    """Names of one kind that may be assigned again."""
    return [v for v in gen.variables(kind) if v.text.isidentifier() and not v.fixed]


@production(STATEMENTS, 1, 6)
def new_name(gen: Gen) -> bool:
    """`z = x * w`."""
    value = any_value(gen, gen.one([1, 2, 2, 3]))
    if value is None:
        return False
    value = bounded(gen, value, LIMIT)
    name = gen.name()
    gen.emit(f"{name} = {value.text}")
    gen.declare(name, value.ty, value.size, owned=value.fresh and value.ty.kind == "arr")
    return True


@production(STATEMENTS, 1, 4)
def rebind(gen: Gen) -> bool:
    """An old name gets a new value of its type."""
    found = rebindable(gen, "num") + rebindable(gen, "arr")
    if not found:
        return False
    var = gen.one(found)
    value = gen.num(2) if var.ty == NUM else gen.arr(var.ty.dims, 2)
    if value is None or (var.ty.kind == "arr" and not value.fresh):
        return False
    value = bounded(gen, value, limit(gen))
    gen.emit(f"{var.text} = {value.text}")
    var.size = max(var.size, value.size) if gen.blocks else value.size
    var.written = True
    return True


@production(STATEMENTS, 1, 3)
def augment_number(gen: Gen) -> bool:
    """`s += a`, `s *= b`, `s /= c`."""
    found = rebindable(gen, "num")
    if not found:
        return False
    var, value = gen.one(found), bounded(gen, gen.num(2), 1.5)
    op = gen.one(["+=", "+=", "+=", "-=", "*=", "/="])
    if op == "*=" and gen.loops:
        value = bounded(gen, Expr(value.text, NUM, 99.0, value.strength), 1.0)
    text = f"1.5 + {value.at(4)} ** 2" if op == "/=" else value.text
    gen.emit(f"{var.text} {op} {text}")
    gen.tag(f"number {op}")
    var.size = var.size * value.size if op == "*=" else var.size + value.size * (4 if gen.loops else 1)
    var.written = True
    return True


@production(STATEMENTS, 1, 1.5)
def augment_array(gen: Gen) -> bool:
    """`y += x` on a whole array, in place."""
    found = [v for v in gen.writable() if v.text.isidentifier()]
    if not found:
        return False
    var = gen.one(found)
    dims = var.ty.dims if gen.chance(0.6) else var.ty.dims[1:]
    value = gen.arr(dims, 2) if dims else gen.num(2)
    if value is None:
        return False
    op = gen.one(["+=", "+=", "-=", "*="])
    value = bounded(gen, value, 1.5)
    gen.emit(f"{var.text} {op} {value.text}")
    gen.tag(f"array {op}")
    var.size += value.size * (4 if gen.loops else 1)
    var.written = True
    return True


@production(STATEMENTS, 1, 1.5)
def tuple_assignment(gen: Gen) -> bool:
    """`a, b = b, a * c` of numbers: swaps, rotations, new names."""
    found = rebindable(gen, "num")
    gen.rng.shuffle(found)
    form = gen.rng.randrange(3)
    if form == 0 and len(found) >= 2:
        a, b = found[:2]
        gen.emit(f"{a.text}, {b.text} = {b.text}, {a.text}")
        a.size = b.size = max(a.size, b.size)
        gen.tag("swap")
    elif form == 1 and len(found) >= 2:
        a, b = found[:2]
        value = bounded(gen, gen.num(2), limit(gen))
        gen.emit(f"{a.text}, {b.text} = {b.text}, {value.text}")
        a.size, b.size = max(a.size, b.size), max(b.size, value.size)
        gen.tag("rotation")
    else:
        left, right = bounded(gen, gen.num(2), LIMIT), bounded(gen, gen.num(2), LIMIT)
        names = gen.name(), gen.name()
        gen.emit(f"{names[0]}, {names[1]} = {left.text}, {right.text}")
        gen.declare(names[0], NUM, left.size)
        gen.declare(names[1], NUM, right.size)
    for var in found[:2]:
        var.written = True
    return True


@production(STATEMENTS, 1, 0.5)
def chained_assignment(gen: Gen) -> bool:
    """`a = b = value` of numbers."""
    value = bounded(gen, gen.num(2), LIMIT)
    names = gen.name(), gen.name()
    gen.emit(f"{names[0]} = {names[1]} = {value.text}")
    for name in names:
        gen.declare(name, NUM, value.size)
    return True


@production(STATEMENTS, 1, 0.6)
def second_name(gen: Gen) -> bool:
    """`z = x`: two names for one array; neither is written through the second."""
    found = [v for v in gen.variables("arr") if v.text.isidentifier()]
    if not found:
        return False
    var, name = gen.one(found), gen.name()
    gen.emit(f"{name} = {var.text}")
    gen.declare(name, var.ty, var.size)
    return True


@production(STATEMENTS, 1, 1)
def named_view(gen: Gen) -> bool:
    """`r = A[0]`, `v = x[1:]`: a view with a name, read later."""
    dims = plausible_dims(gen)
    value = gen.derived(dims) if dims else None
    if value is None:
        return False
    name = gen.name()
    gen.emit(f"{name} = {value.text}")
    gen.declare(name, value.ty, value.size)
    return True


@production(STATEMENTS, 1, 0.8)
def named_extent(gen: Gen) -> bool:
    """`n = len(x)`, `m, n = A.shape`."""
    found = [v for v in gen.variables("arr") if v.ty.dims[0] != ONE]
    if not found or gen.loops:
        return False
    var = gen.one(found)
    if len(var.ty.dims) == 2 and gen.chance(0.5):
        names = [gen.name(), gen.name()]
        gen.emit(f"{names[0]}, {names[1]} = {var.text}.shape")
    else:
        names = [gen.name()]
        gen.emit(f"{names[0]} = len({var.text})")
    for name, dim in zip(names, var.ty.dims, strict=False):
        size = gen.size(dim)
        gen.declare(name, INT, float(size), fixed=True, low=size, high=size, target=dim)
    return True


@production(STATEMENTS, 1, 0.4)
def swap_arrays(gen: Gen) -> bool:
    """`x, y = y, x` of arrays that nobody writes."""
    found = [v for v in rebindable(gen, "arr") if not v.written]
    for a in found:
        for b in found:
            if a is not b and a.ty == b.ty:
                gen.emit(f"{a.text}, {b.text} = {b.text}, {a.text}")
                a.frozen = b.frozen = True
                a.size = b.size = max(a.size, b.size)
                return True
    return False


# -- branches


@production(STATEMENTS, 2, 3)
def branch(gen: Gen) -> bool:
    """`if`, with `elif` and `else` or without."""
    if gen.blocks >= 3:
        return False
    arms = [f"if {gen.cond()}:"]
    if gen.chance(0.25):
        arms.append(f"elif {gen.cond()}:")
        gen.tag("elif")
    has_else = gen.chance(0.6)
    joined = gen.name() if has_else and gen.chance(0.35) else None
    for arm in arms + ["else:"] * has_else:
        gen.emit(arm)
        with gen.body():
            gen.statements(gen.one([1, 1, 2]))
            if joined:
                gen.emit(f"{joined} = {bounded(gen, gen.num(2), LIMIT).text}")
    if joined:
        gen.declare(joined, NUM, LIMIT)
        gen.tag("name bound in every branch")
    return True


@production(STATEMENTS, 2, 1)
def early_return(gen: Gen) -> bool:
    """`if c: return value`, taken or not."""
    if gen.loops or gen.blocks >= 2:
        return False
    condition = gen.cond()
    gen.emit(f"if {condition}:")
    with gen.body():
        gen.statements(1) if gen.chance(0.3) else None
        value = result_value(gen)
        if value is None:
            gen.emit("pass")
            return False
        gen.emit(f"return {value}")
    return True


@production(STATEMENTS, 2, 0.4)
def check(gen: Gen) -> bool:
    """`assert`, or `raise` in a branch that is not taken."""
    number = gen.number_leaf()
    if gen.chance(0.5):
        gen.emit(f'assert {number.at(1)} < 1e6, "too large"')
        gen.tag("assert")
        return True
    gen.emit(f"if not {number.at(1)} < 1e6:")
    with gen.body():
        gen.emit('raise ValueError("too large")')
    gen.tag("raise")
    return True


# -- results


def interesting(gen: Gen, kind: str) -> list[Var]:
    """Variables whose value the program computed, else all; newest last."""
    found = gen.variables(kind)
    return [v for v in found if v.written or not v.fixed][-5:] or found


def unread(gen: Gen, var: Var) -> bool:
    """Whether the last line that mentions a variable is the one that assigns it."""
    mentions = [line for line in gen.lines if re.search(rf"(?<![\w.]){re.escape(var.text)}(?!\w)", line)]
    return bool(mentions) and mentions[-1].strip().startswith(var.text)


def worth_returning(gen: Gen, kind: str, counts: list[int]) -> list[Var]:
    """Some variables for the result: mostly those that nobody has read yet."""
    found = interesting(gen, kind)
    fresh = [v for v in found if unread(gen, v) and gen.chance(0.8)]
    rest = [v for v in found if v not in fresh]
    count = max(0, min(len(rest), gen.one(counts) - len(fresh)))
    return fresh + gen.rng.sample(rest, count)


def result_value(gen: Gen) -> str | None:
    """Text for the value of a `return`."""
    if gen.result.kind == "pair":
        parts = [number_result(gen), number_result(gen)]
        if gen.result.dims:
            parts[1] = array_result(gen, gen.result.dims) or parts[1]
        return ", ".join(parts)
    if gen.result.kind == "arr":
        return array_result(gen, gen.result.dims)
    return number_result(gen)


def number_result(gen: Gen) -> str:
    """A number that depends on several variables, nonlinearly."""
    terms: list[str] = []
    numbers, arrays = worth_returning(gen, "num", [0, 1, 2]), worth_returning(gen, "arr", [1, 1, 2])
    for var in numbers:
        text = gen.one(
            [var.text, f"{var.text} * {var.text}", f"np.tanh({var.text})", f"{gen.const_text()} * {var.text}"]
        )
        terms.append(text)
    for var in arrays:
        other = gen.arr(var.ty.dims, 1)
        inner = f"{var.text} * {other.at(3)}" if other and gen.chance(0.6) else var.text
        terms.append(gen.one([f"np.sum({inner})", f"np.mean({inner})", f"np.sum(np.sin({inner}))"]))
    if not terms:
        terms = [gen.num(2).at(1)]
    gen.rng.shuffle(terms)
    return " + ".join(terms).replace("+ -", "- ")


def array_result(gen: Gen, dims: Dims) -> str | None:
    """An array of the extents that the function returns."""
    same = [v for v in interesting(gen, "arr") if v.ty == Ty("arr", dims)]
    base: Expr | None
    if same and gen.chance(0.8):
        var = same[-1] if gen.chance(0.6) else gen.one(same)
        base = Expr(var.text, var.ty, var.size)
        if gen.chance(0.35):
            return base.text
    else:
        base = gen.arr(dims, 2)
    if base is None:
        return None
    loose = worth_returning(gen, "num", [1])
    number = Expr(gen.one(loose).text, NUM, 2.0) if loose else gen.num(1)
    return gen.one([f"{base.at(2)} * {number.at(3)}", f"{base.at(1)} + {number.at(2)}", f"np.sin({base.text})"])
