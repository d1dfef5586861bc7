"""Productions for loops: ranges of every kind, arrays, `zip`, `enumerate`, `while`."""

from __future__ import annotations

from dataclasses import dataclass

from tests.fuzz.gen.core import STATEMENTS, Gen, bounded, production
from tests.fuzz.gen.statements import LOOP_LIMIT, interesting, rebindable
from tests.fuzz.gen.types import INT, NUM, ONE, Dim, Expr, Ty, Var


@dataclass(frozen=True)
class Range:
    """A range in the text, with what is known of its values; `trips` is how often it runs at least."""

    text: str
    low: int
    high: int
    trips: int
    tag: str


def known_range(text: str, numbers: range, tag: str) -> Range:
    """A range whose values are known under the first setting of sizes."""
    if not numbers:
        return Range(text, 0, 0, 0, tag)
    return Range(text, min(numbers), max(numbers), len(numbers), tag)


def extents(gen: Gen) -> list[tuple[str, int]]:
    """Bounds at hand: text and number."""
    dims: list[Dim] = sorted({d for v in gen.variables("arr") for d in v.ty.dims if d != ONE}, key=repr)
    found = [(gen.extent(d), gen.size(d)) for d in dims]
    return [(text, size) for text, size in found if text]


def one_range(gen: Gen) -> Range | None:
    """A random range."""
    bounds = extents(gen)
    counters = [v for v in gen.variables("int") if v.target == ONE]
    form = gen.rng.randrange(11)
    if form in (7, 8) and counters:
        var = gen.one(counters)
        if gen.chance(0.5):
            return Range(f"range({var.text})", 0, max(var.high - 1, 0), max(var.low, 0), "range(k)")
        return Range(f"range({var.text} + 1)", 0, max(var.high, 0), max(var.low + 1, 0), "range(i + 1)")
    if form == 9 and counters and bounds:
        (text, size), var = gen.one(bounds), gen.one(counters)
        if var.low >= 0:
            trips = max(0, size - var.high)
            return Range(f"range({var.text}, {text})", var.low, max(size - 1, var.low), trips, "range(i, n)")
    if form == 10:
        count = gen.one([0, 1, 2, 3, 4])
        return known_range(f"range({count})", range(count), "range(constant)")
    if not bounds:
        return known_range("range(3)", range(3), "range(constant)")
    text, n = gen.one(bounds)
    plain = text if text.isidentifier() or text.endswith((")", "]")) and " " not in text else f"({text})"
    forms = [
        (f"range({text})", range(n), "range(n)"),
        (f"range(1, {text})", range(1, n), "range(1, n)"),
        (f"range({plain} - 1)", range(n - 1), "range(n - 1)"),
        (f"range({plain} - 1, -1, -1)", range(n - 1, -1, -1), "negative step"),
        (f"range({plain} - 1, 0, -2)", range(n - 1, 0, -2), "negative step"),
        (f"range(0, {text}, 2)", range(0, n, 2), "step 2"),
        (f"range(1, {text}, 3)", range(1, n, 3), "step 3"),
        (f"reversed(range({text}))", range(n), "reversed range"),
    ]
    weights = [4, 3, 2, 1.5, 1, 1.5, 0.7, 0.3]
    return known_range(*gen.rng.choices(forms, weights)[0])


def accumulator(gen: Gen) -> Var | None:
    """A name that the loop will carry: an old one, or a new one with a start that is not always 0."""
    old = rebindable(gen, "num")
    if old and gen.chance(0.5):
        return gen.one(old)
    name = gen.name()
    start = gen.one(["0.0", "0", "1.0", "0.3", gen.num(1).text])
    gen.emit(f"{name} = {start}")
    return gen.declare(name, NUM, 2.0)


def carry(gen: Gen, var: Var) -> None:
    """One update of a carried number: a sum, a product, a nonlinear recurrence, perhaps in a branch only."""
    term = bounded(gen, gen.num(2), LOOP_LIMIT)
    inner = bounded(gen, gen.num(1), 1.5)
    text = gen.one(
        [
            f"{var.text} += {term.text}",
            f"{var.text} += {term.text}",
            f"{var.text} -= {term.at(2)}",
            f"{var.text} = {var.text} * {inner.at(3)} + {inner.at(2)}",
            f"{var.text} = np.sin({var.text} * {inner.at(3)}) + 0.5 * {term.at(2)}",
            f"{var.text} = np.tanh({var.text} + {term.at(1)})",
            f"{var.text} *= 0.8 + 0.2 * np.cos({inner.text})",
            f"{var.text} = {var.text} * 0.7 + {term.at(2)} * {var.text} * 0.1",
        ]
    )
    if gen.chance(0.25):
        gen.emit(f"if {gen.cond()}:")
        gen.emit(f"    {text}")
        gen.tag("carried in some trips")
    else:
        gen.emit(text)
    var.size += 2.5
    var.written = True


def way_out(gen: Gen, carried: Var | None) -> None:
    """`break` or `continue` under a condition, perhaps with work in front of it."""
    gen.emit(f"if {gen.cond()}:")
    if carried is not None and gen.chance(0.4):
        inner = bounded(gen, gen.num(1), 1.5)
        gen.emit(f"    {carried.text} = {carried.text} * 0.9 + {inner.at(2)}")
    word = gen.one(["break", "continue"])
    gen.emit(f"    {word}")
    gen.tag(word)


def loop_body(gen: Gen, carried: Var | None, certain: bool) -> None:
    """The body; if it certainly runs, its number variables stay in sight afterwards."""
    gen.loops += 1
    exits = gen.one([(), ("head",), ("middle",), ("end",), ("middle", "end")]) if gen.chance(0.35) else ()
    with gen.body():
        before = set(gen.vars)
        if "head" in exits:
            way_out(gen, carried)
        gen.statements(gen.one([0, 1, 1, 2, 3]) or 1)
        if "middle" in exits:
            way_out(gen, carried)
        if carried is not None:
            carry(gen, carried)
        if "end" in exits:
            way_out(gen, carried)
        kept = [v for k, v in gen.vars.items() if k not in before and v.ty == NUM and v.text.isidentifier()]
    gen.loops -= 1
    if exits and carried is not None and gen.chance(0.3):
        gen.emit("else:")
        with gen.body():
            carry(gen, carried)
        gen.tag("else of a loop")
    if certain and kept and "head" not in exits:
        for var in kept:
            gen.declare(var.text, var.ty, max(var.size, 3.0))
        gen.tag("loop-local name used after the loop" if not gen.loops else "inner local in outer loop")


def may_loop(gen: Gen) -> bool:
    """Whether another loop may be opened here."""
    return gen.loops < 2 and gen.blocks < 3


@production(STATEMENTS, 3, 5)
def for_range(gen: Gen) -> bool:
    """`for i in range(...)`."""
    if not may_loop(gen):
        return False
    carried = accumulator(gen) if gen.chance(0.85) else None
    numbers = one_range(gen)
    if numbers is None:
        return False
    name = gen.name()
    gen.emit(f"for {name} in {numbers.text}:")
    outer = dict(gen.vars)
    gen.declare(name, INT, 4.0, fixed=True, low=numbers.low, high=numbers.high)
    loop_body(gen, carried, numbers.trips > 0)
    if numbers.trips == 0 or gen.chance(0.6):
        gen.vars.pop(name)
        gen.vars = {**outer, **gen.vars}
    else:
        gen.tag("counter used after the loop")
    gen.tag(numbers.tag)
    gen.tag("nested loop" if gen.loops else "outer loop")
    return True


def items(gen: Gen) -> list[Var]:
    """Arrays that a loop may run over."""
    return [v for v in gen.variables("arr") if v.ty.dims[0] != ONE]


def item_of(gen: Gen, var: Var, name: str) -> None:
    """Declare what a loop over an array binds: a number, or a row (a view)."""
    rest = var.ty.dims[1:]
    gen.declare(name, Ty("arr", rest) if rest else NUM, var.size, fixed=True)


@production(STATEMENTS, 3, 2.5)
def for_items(gen: Gen) -> bool:
    """`for v in x`, `for row in A`, `zip`, `enumerate`, and `enumerate(zip(...))`."""
    found = items(gen) if may_loop(gen) else []
    if not found:
        return False
    first = gen.one(found)
    size, names = gen.size(first.ty.dims[0]), [gen.name(), gen.name(), gen.name()]
    form = gen.one(["plain", "plain", "enumerate", "zip", "zip", "enumerate(zip)"])
    second = gen.one([v for v in found if v.ty.dims[0] == first.ty.dims[0]])
    other, trips = second.text, size
    if gen.chance(0.3):  # the shorter one says how often the loop runs
        second = gen.one(found)
        skip = gen.one([0, 1, 2])
        other, trips = f"{second.text}[{skip}:]", min(size, gen.size(second.ty.dims[0]) - skip)
    carried = accumulator(gen)
    header = {
        "plain": f"for {names[0]} in {first.text}:",
        "enumerate": f"for {names[2]}, {names[0]} in enumerate({first.text}):",
        "zip": f"for {names[0]}, {names[1]} in zip({first.text}, {other}):",
        "enumerate(zip)": f"for {names[2]}, ({names[0]}, {names[1]}) in enumerate(zip({first.text}, {other})):",
    }[form]
    gen.emit(header)
    outer = dict(gen.vars)
    if "enumerate" in form:
        gen.declare(names[2], INT, 4.0, fixed=True, low=0, high=max(size - 1, 0))
    item_of(gen, first, names[0])
    if "zip" in form:
        item_of(gen, second, names[1])
    loop_body(gen, carried, size > 0 and ("zip" not in form or trips > 0))
    for name in names:
        gen.vars.pop(name, None)
    gen.vars = {**outer, **gen.vars}
    gen.tag(f"for over {form}")
    return True


@production(STATEMENTS, 3, 0.6)
def sum_of_rows(gen: Gen) -> bool:
    """`total = 0`, then `total += row`: a number that becomes an array."""
    found = [v for v in items(gen) if len(v.ty.dims) == 2]
    if not found or not may_loop(gen):
        return False
    var, total, row = gen.one(found), gen.name(), gen.name()
    if gen.size(var.ty.dims[0]) == 0:
        return False
    gen.emit(f"{total} = 0")
    gen.emit(f"for {row} in {var.text}:")
    gen.emit(f"    {total} = {total} + {gen.one([row, f'{row} * {row}', f'np.sin({row})'])}")
    gen.declare(total, Ty("arr", var.ty.dims[1:]), 4.0)
    return True


@production(STATEMENTS, 3, 1.5)
def while_counting(gen: Gen) -> bool:
    """`while j < k: ...; j += 1`."""
    if not may_loop(gen):
        return False
    carried, counter = accumulator(gen), gen.name()
    bounds = [(v.text, v.low, v.high) for v in gen.variables("int")]
    text, low, high = gen.one([*bounds, ("3", 3, 3), ("2", 2, 2), ("0", 0, 0)])
    start = gen.one([0, 0, 1])
    gen.emit(f"{counter} = {start}")
    gen.emit(f"while {counter} < {text}:")
    outer = dict(gen.vars)
    gen.declare(counter, INT, 4.0, fixed=True, low=start, high=max(high - 1, start))
    loop_body(gen, carried, low > start)
    gen.emit(f"    {counter} += {gen.one([1, 1, 2])}")
    gen.vars.pop(counter)
    gen.vars = {**outer, **gen.vars}
    return True


@production(STATEMENTS, 3, 1.5)
def while_shrinking(gen: Gen) -> bool:
    """`while abs(t) > 0.3: t = 0.6 * t`: the number of trips depends on a differentiated value."""
    if not may_loop(gen):
        return False
    name, carried = gen.name(), accumulator(gen)
    start = bounded(gen, gen.num(2), 3.0)
    gen.emit(f"{name} = {start.text}")
    test = gen.one([f"abs({name}) > 0.3", f"{name} * {name} > 0.2", f"{name} > 0.4"])
    gen.emit(f"while {test}:")
    outer = dict(gen.vars)
    gen.declare(name, NUM, 3.0, fixed=True)
    loop_body(gen, carried, False)
    factor = gen.one(["0.6", "-0.5", "(0.5 + 0.1 * np.sin(" + gen.number_leaf().text + "))"])
    gen.emit(f"    {name} = {name} * {factor}")
    gen.vars = {**outer, **gen.vars}
    gen.vars[name].fixed = False
    return True


@production(STATEMENTS, 3, 0.5)
def moving_bound(gen: Gen) -> bool:
    """The bound of a range changes in the body; the counter is rebound in the body."""
    if not may_loop(gen):
        return False
    bound, index, carried = gen.name(), gen.name(), accumulator(gen)
    if carried is None:
        return False
    gen.emit(f"{bound} = {gen.one(['3', '4'])}")
    gen.emit(f"for {index} in range({bound}):")
    value = bounded(gen, gen.num(2), LOOP_LIMIT)
    gen.emit(f"    {carried.text} = 0.6 * {carried.text} + {value.at(2)} * ({index} + {bound})")
    gen.emit(gen.one([f"    {bound} = {bound} - 1", f"    {index} = {index} + 1", f"    {bound} -= 1"]))
    carried.size += 10.0
    carried.written = True
    return True


@production(STATEMENTS, 3, 1)
def fibonacci(gen: Gen) -> bool:
    """Two or three carried numbers, rotated by a tuple assignment."""
    if not may_loop(gen):
        return False
    numbers = one_range(gen)
    names = [gen.name(), gen.name(), gen.name()]
    start = [bounded(gen, gen.num(1), 1.5) for _ in range(2)]
    if numbers is None:
        return False
    gen.emit(f"{names[0]}, {names[1]} = {start[0].text}, {start[1].text}")
    gen.emit(f"for {names[2]} in {numbers.text}:")
    outer = dict(gen.vars)
    gen.declare(names[2], INT, 4.0, fixed=True, low=numbers.low, high=numbers.high)
    gen.declare(names[0], NUM, 2.0)
    gen.declare(names[1], NUM, 2.0)
    value = bounded(gen, gen.num(2), LOOP_LIMIT)
    gen.emit(f"    {names[0]}, {names[1]} = {names[1]}, 0.5 * {names[0]} + {value.at(2)}")
    gen.vars = {**outer, names[0]: gen.vars[names[0]], names[1]: gen.vars[names[1]]}
    gen.vars[names[0]].size = gen.vars[names[1]].size = 4.0
    return True


@production(STATEMENTS, 3, 1)
def carried_array(gen: Gen) -> bool:
    """`v = np.tanh(A @ v)` or `v = v * 0.5 + x` in a loop: a whole array is carried and rebound."""
    if not may_loop(gen):
        return False
    found = [v for v in rebindable(gen, "arr") if not v.frozen]
    numbers = one_range(gen)
    if not found or numbers is None:
        return False
    var = gen.one([v for v in found if v in interesting(gen, "arr")] or found)
    gen.emit(f"for {(index := gen.name())} in {numbers.text}:")
    outer = dict(gen.vars)
    gen.loops += 1
    gen.declare(index, INT, 4.0, fixed=True, low=numbers.low, high=numbers.high)
    with gen.body():
        value = gen.arr(var.ty.dims, 2)
        value = bounded(gen, value, LOOP_LIMIT) if value else Expr("0.1", NUM, 1.0)
        gen.emit(
            gen.one(
                [
                    f"{var.text} = 0.5 * {var.text} + {value.at(2)}",
                    f"{var.text} = np.tanh({var.text} + {value.at(1)})",
                    f"{var.text} = {var.text} * {value.at(3)} * 0.4",
                ]
            )
        )
    gen.loops -= 1
    gen.vars = outer
    var.size, var.written = 4.0, True
    if len(outer) and not var.frozen:
        var.owned = var.owned and numbers.trips > 0
    return True


@production(STATEMENTS, 3, 1)
def changing_array(gen: Gen) -> bool:
    """`w = w[1:]` or `w = np.concatenate(...)` in a loop: an array has another length in each trip."""
    found = [v for v in items(gen) if len(v.ty.dims) == 1] if may_loop(gen) else []
    numbers, carried = one_range(gen), accumulator(gen)
    if not found or numbers is None or carried is None:
        return False
    array, index, item, total = gen.name(), gen.name(), gen.name(), carried.text
    gen.emit(f"{array} = 0.5 * {gen.one(found).text}")
    gen.emit(f"for {index} in {numbers.text}:")
    if gen.chance(0.5):
        gen.emit(f"    for {item} in {array}:")
        gen.emit(f"        {total} = 0.5 * {total} + np.sin({item} * {total})")
    if gen.chance(0.7):
        gen.emit(f"    {total} = np.tanh({total} + np.sum({array} * {array}))")
    changes = ["{0}[1:]", "{0}[::2] * 0.9", "np.concatenate(({0}, np.ones(1) * np.sin({1})))", "{0}[:-1] * {0}[1:]"]
    gen.emit(f"    {array} = {gen.one(changes).format(array, total)}")
    if gen.chance(0.5):
        gen.emit(f"{total} = {total} + np.sum(np.sin({array}))")
    carried.size += 10.0
    carried.written = True
    return True
