"""Productions for buffers and for stores into arrays."""

from __future__ import annotations

from tests.fuzz.gen.core import STATEMENTS, Gen, bounded, production
from tests.fuzz.gen.loops import may_loop, one_range
from tests.fuzz.gen.statements import LOOP_LIMIT, plausible_dims
from tests.fuzz.gen.types import INT, NUM, ONE, Dims, Expr, Ty, Var


@production(STATEMENTS, 4, 2.5)
def buffer(gen: Gen) -> bool:
    """`y = x.copy()`, `y = np.zeros(n)`: an array to write into."""
    dims = plausible_dims(gen)
    if dims is None:
        return False
    ty, name = Ty("arr", dims), gen.name()
    same = [v for v in gen.variables("arr") if v.ty == ty]
    shape = gen.shape_text(dims)
    options = [f"{v.text}.copy()" for v in same[-2:]] + [f"np.zeros_like({v.text})" for v in same[-1:]]
    options += [f"np.zeros({shape})", f"np.ones({shape})"] if shape else []
    if not options:
        return False
    text = gen.one(options)
    gen.emit(f"{name} = {text}")
    gen.declare(name, ty, 2.0, owned=True, written=True)
    gen.tag(text.split("(")[0] if text.startswith("np.") else "copy")
    return True


def target(gen: Gen, axes: int = 0) -> Var | None:
    """An array to write, mostly one that was made or written before; of `axes` axes if asked."""
    found = [v for v in gen.writable() if axes in (0, len(v.ty.dims)) and all(gen.size(d) > 0 for d in v.ty.dims)]
    if not found:
        return None
    var = gen.one([v for v in found if v.written] or found) if gen.chance(0.75) else gen.one(found)
    return var


def wrote(gen: Gen, var: Var, size: float) -> bool:
    """Book-keeping after a store."""
    var.size = max(var.size, size) + (size if gen.loops else 0)
    var.written = True
    if not var.owned:
        gen.tag("write_through_alias")
    return True


def stored(gen: Gen, value: Expr | None) -> Expr | None:
    """A value that may be stored: kept small, because loops feed it back."""
    return bounded(gen, value, LOOP_LIMIT) if value else None


@production(STATEMENTS, 4, 5)
def store_element(gen: Gen) -> bool:
    """`x[i] = v`, `x[i] += v`, `A[i, j] *= v`."""
    var = target(gen)
    if var is None:
        return False
    where = ", ".join(gen.index(d) for d in var.ty.dims)
    value = stored(gen, gen.num(2))
    if value is None:
        return False
    op = gen.one(["=", "=", "+=", "+=", "-=", "*="])
    place = f"{var.text}[{where}]"
    if len(var.ty.dims) == 2 and gen.chance(0.06):
        place = f"{var.text}[{where.replace(', ', '][')}]"
        gen.tag("A[i][j] = v")
    gen.emit(f"{place} {op} {value.text}")
    gen.tag(f"element {op}")
    return wrote(gen, var, value.size)


@production(STATEMENTS, 4, 2.5)
def store_recurrence(gen: Gen) -> bool:
    """`a[i + 1] = f(a[i])` in a loop: read-after-write carried through the array."""
    var = target(gen, 1)
    if var is None or not may_loop(gen):
        return False
    size, extent = gen.size(var.ty.dims[0]), gen.extent(var.ty.dims[0])
    if extent is None or size < 2:
        return False
    name = gen.name()
    form = gen.one(["up", "up", "down", "wrap", "self"])
    low, high, text, write, read = {
        "up": (1, size - 1, f"range(1, {extent})", name, f"{name} - 1"),
        "down": (0, size - 2, f"range({extent} - 2, -1, -1)", name, f"{name} + 1"),
        "wrap": (0, size - 1, f"range({extent})", name, f"{name} - 1"),
        "self": (0, size - 1, f"range({extent})", name, name),
    }[form]
    gen.emit(f"for {name} in {text}:")
    outer = dict(gen.vars)
    gen.declare(name, INT, 4.0, fixed=True, low=low, high=high)
    gen.loops += 1
    with gen.body():
        gen.statements(1) if gen.chance(0.3) else None
        value = stored(gen, gen.num(2)) or gen.number_leaf()
        a, b = f"{var.text}[{write}]", f"{var.text}[{read}]"
        gen.emit(
            gen.one(
                [
                    f"{a} = np.tanh({b} * {value.at(3)}) + 0.3 * {a}",
                    f"{a} = 0.5 * {b} * {b} + {value.at(2)}",
                    f"{a} += {b} * {value.at(3)} * 0.5",
                    f"{a} = np.sin({a} + {b}) * {value.at(3)}",
                    f"{a} *= 0.5 * {b}",
                ]
            )
        )
    gen.loops -= 1
    gen.vars = outer
    gen.tag(f"recurrence {form}")
    return wrote(gen, var, 4.0)


def slices_of(gen: Gen, var: Var) -> list[tuple[str, Dims]]:
    """Basic slices of an array, with their extents."""
    dims = var.ty.dims
    head = dims[0]
    found: list[tuple[str, Dims]] = [(":", dims), ("...", dims), ("::-1", dims)]
    if gen.size(head) > 2 and head != ONE:
        found += [(s, (head.plus(-1), *dims[1:])) for s in ("1:", ":-1")]
        found += [(s, (head.plus(-2), *dims[1:])) for s in ("1:-1", "2:", ":-2")]
    if len(dims) == 2:
        found += [(gen.index(head), dims[1:]), (f":, {gen.index(dims[1])}", dims[:1])]
        if gen.size(dims[1]) > 2 and dims[1] != ONE:
            found.append((f"{gen.index(head)}, 1:", (dims[1].plus(-1),)))
            found.append((":, :-1", (head, dims[1].plus(-1))))
    return found


@production(STATEMENTS, 4, 4)
def store_slice(gen: Gen) -> bool:
    """`y[1:] = ...`, `A[i] += ...`, `A[:, j] = ...`; the value is an array, narrower, or a number."""
    var = target(gen)
    if var is None:
        return False
    text, dims = gen.one(slices_of(gen, var))
    value = gen.num(2) if gen.chance(0.25) else gen.arr(dims if gen.chance(0.85) else dims[-1:], 2)
    value = stored(gen, value)
    if value is None:
        return False
    op = gen.one(["=", "=", "+=", "+=", "-=", "*="])
    gen.emit(f"{var.text}[{text}] {op} {value.text}")
    gen.tag(f"slice {op}")
    if gen.chance(0.12) and op == "+=":
        gen.emit(f"{var.text}[{text}] += {value.text}")
        gen.tag("+= twice on one slice")
    return wrote(gen, var, value.size)


@production(STATEMENTS, 4, 2)
def store_overlapping(gen: Gen) -> bool:
    """`y[1:] = y[:-1] * c`, `y[:-1] += y[1:]`: source and target overlap."""
    var = target(gen, 1)
    if var is None or gen.size(var.ty.dims[0]) < 3:
        return False
    pairs = [("1:", ":-1"), (":-1", "1:"), ("2:", ":-2"), ("::-1", ":"), ("1:-1", "2:"), ("1:-1", ":-2"), ("1:", "1:")]
    left, right = gen.one(pairs)
    number = bounded(gen, gen.num(1), 1.2)
    op = gen.one(["=", "=", "+=", "-=", "*="])
    source = f"{var.text}[{right}]"
    value = gen.one([f"{source} * {number.at(3)}", f"np.sin({source})", f"0.5 * {source}", source])
    gen.emit(f"{var.text}[{left}] {op} {value}")
    gen.tag(f"overlap {op}")
    return wrote(gen, var, min(var.size, 3.0))


@production(STATEMENTS, 4, 1)
def store_strided(gen: Gen) -> bool:
    """`y[::2] = v`, `y[1::2] *= v`."""
    var = target(gen, 1)
    value = stored(gen, gen.num(2))
    if var is None or value is None:
        return False
    op = gen.one(["=", "+=", "*="])
    gen.emit(f"{var.text}[{gen.one(['::2', '1::2', '::-2', '-2:', ':2'])}] {op} {value.text}")
    return wrote(gen, var, value.size)


@production(STATEMENTS, 4, 2.5)
def store_index_array(gen: Gen) -> bool:
    """`y[idx] = v` (the last one wins), `y[idx] += v` (buffered), `np.add.at(y, idx, v)` (not buffered)."""
    indices = gen.variables("idx")
    options = [(v, k) for v in gen.writable() for k in indices if v.ty.dims[0] == k.target]
    if not options:
        return False
    var, index = gen.one(options)
    dims = index.ty.dims + var.ty.dims[1:]
    value = gen.num(2) if gen.chance(0.3) else gen.arr(dims, 2)
    value = stored(gen, value)
    if value is None:
        return False
    form = gen.one(["=", "+=", "*=", "np.add.at", "np.add.at"])
    if form == "np.add.at":
        gen.emit(f"np.add.at({var.text}, {index.text}, {value.text})")
    else:
        gen.emit(f"{var.text}[{index.text}] {form} {value.text}")
    gen.tag(f"index array {form}")
    return wrote(gen, var, value.size + 2.0)


@production(STATEMENTS, 4, 2.5)
def store_masked(gen: Gen) -> bool:
    """`y[y > 0.2] = 0.0`, `y[mask] *= v`, `y[mask] = z[mask]`."""
    var = target(gen, 1)
    if var is None:
        return False
    other = gen.arr(var.ty.dims, 0)
    if other is None:
        return False
    test = f"{gen.one([var.text, other.at(1)])} {gen.one(['>', '<'])} {gen.one(['0.05', '-0.15', '0.45'])}"
    mask = test
    if gen.chance(0.4):
        mask = gen.name()
        gen.emit(f"{mask} = {test}")
    value = stored(gen, gen.num(1)) or gen.number_leaf()
    arrays = [v for v in gen.variables("arr") if v.ty == var.ty]
    text = gen.one([value.text, value.text, f"{gen.one(arrays).text}[{mask}] * {value.at(3)}"])
    op = gen.one(["=", "=", "+=", "*="])
    gen.emit(f"{var.text}[{mask}] {op} {text}")
    gen.tag(f"mask {op}")
    return wrote(gen, var, value.size + 1.0)


@production(STATEMENTS, 4, 1.5)
def read_overwrite_read(gen: Gen) -> bool:
    """The old cell, a new value from it, and both used afterwards."""
    var = target(gen, 1)
    if var is None:
        return False
    where, old, new = gen.index(var.ty.dims[0]), gen.name(), gen.name()
    value = bounded(gen, gen.num(1), LOOP_LIMIT)
    place = f"{var.text}[{where}]"
    gen.emit(f"{old} = {place}")
    gen.emit(f"{place} = {gen.one([f'{old} * {old} * 0.3', f'np.sin({old}) + {value.at(2)}', value.text])}")
    gen.emit(f"{new} = {place} * {old}")
    gen.declare(old, NUM, var.size)
    gen.declare(new, NUM, 4.0)
    return wrote(gen, var, 2.0)


@production(STATEMENTS, 4, 1.5)
def two_writes(gen: Gen) -> bool:
    """Two writes to one element, the second reading the first or not."""
    var = target(gen, 1)
    if var is None:
        return False
    place = f"{var.text}[{gen.index(var.ty.dims[0])}]"
    first, second = bounded(gen, gen.num(2), 2.0), bounded(gen, gen.num(1), 1.5)
    gen.emit(f"{place} = {first.text}")
    gen.emit(gen.one([f"{place} = {place} * {second.at(3)}", f"{place} = {second.text}", f"{place} *= {place}"]))
    return wrote(gen, var, 4.0)


@production(STATEMENTS, 4, 1.5)
def view_kept_across_write(gen: Gen) -> bool:
    """A view, or a copy of one, is taken; its base is written; then it is read."""
    var = target(gen, 1)
    if var is None or gen.size(var.ty.dims[0]) < 3:
        return False
    view, value = gen.name(), bounded(gen, gen.num(1), 2.0)
    copied = gen.chance(0.75)
    gen.emit(f"{view} = {var.text}[{gen.one(['1:', ':-1'])}]{'.copy()' if copied else ''}")
    gen.emit(f"{var.text}[{gen.index(var.ty.dims[0])}] {gen.one(['=', '+=', '*='])} {value.text}")
    ty = Ty("arr", (var.ty.dims[0].plus(-1),))
    gen.declare(view, ty, var.size + 2.0, owned=copied)
    return wrote(gen, var, value.size)


@production(STATEMENTS, 4, 1)
def fill_triangle(gen: Gen) -> bool:
    """Nested triangular loops that fill or reduce a matrix."""
    var = target(gen, 2)
    if var is None or gen.loops:
        return False
    rows, columns = gen.size(var.ty.dims[0]), gen.size(var.ty.dims[1])
    extent = gen.extent(var.ty.dims[0])
    if extent is None or columns < rows:
        return False
    i, j = gen.name(), gen.name()
    inner = gen.one([f"range({i})", f"range({i} + 1)", f"range({i}, {extent})"])
    gen.emit(f"for {i} in range({extent}):")
    gen.emit(f"    for {j} in {inner}:")
    outer = dict(gen.vars)
    for name in (i, j):
        gen.declare(name, INT, 4.0, fixed=True, low=0, high=rows - 1)
    value = bounded(gen, gen.num(2), 1.5)
    gen.emit(f"        {var.text}[{i}, {j}] {gen.one(['=', '+=', '*=', '-='])} {value.text}")
    gen.vars = outer
    return wrote(gen, var, 3.0)


@production(STATEMENTS, 4, 1)
def store_in_branch(gen: Gen) -> bool:
    """A loop whose stores stand in a branch, or two stores in the two arms."""
    var = target(gen, 1)
    numbers = one_range(gen)
    if var is None or numbers is None or not may_loop(gen):
        return False
    name = gen.name()
    gen.emit(f"for {name} in {numbers.text}:")
    outer = dict(gen.vars)
    gen.declare(name, INT, 4.0, fixed=True, low=numbers.low, high=numbers.high)
    gen.loops += 1
    with gen.body():
        gen.emit(f"if {gen.cond()}:")
        value, other = (bounded(gen, gen.num(2), 1.5) for _ in range(2))
        index = gen.index(var.ty.dims[0])
        gen.emit(f"    {var.text}[{index}] {gen.one(['=', '+=', '*='])} {value.text}")
        if gen.chance(0.5):
            gen.emit("else:")
            gen.emit(f"    {var.text}[{gen.index(var.ty.dims[0])}] {gen.one(['=', '+=', '*='])} {other.text}")
    gen.loops -= 1
    gen.vars = outer
    return wrote(gen, var, 3.0)
