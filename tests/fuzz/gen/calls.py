"""Helper functions, and the statements that call them or take containers apart."""

from __future__ import annotations

from tests.fuzz.gen.arrays import concatenated, reshaped
from tests.fuzz.gen.core import STATEMENTS, Gen, Helper, bounded, production
from tests.fuzz.gen.statements import LIMIT, array_result, number_result
from tests.fuzz.gen.types import NUM, Dim, Expr, Ty

HELPER_NAMES = ["helper", "energy", "smooth", "blend", "inner_step"]
PARAMETER_NAMES = ["a", "b", "v", "u", "z"]


def write_helper(gen: Gen, name: str) -> list[str]:
    """Write a helper function of up to three parameters; `gen` will call it."""
    rng = gen.rng
    n, m = Dim(("n",)), Dim(("m",))
    types = [NUM, Ty("arr", (n,)), Ty("arr", (n,)), Ty("arr", (m, n)), NUM]
    params = [rng.choice(types) for _ in range(rng.choice([1, 2, 2, 3]))]
    inner = Gen(rng, min(gen.level - 1, rng.choice([1, 2, 3, 4])), gen.sizes)
    inner.budget = 5
    names = rng.sample(PARAMETER_NAMES, len(params))
    inner.used |= {*names, *HELPER_NAMES, "f"}
    arrays = [k for k, ty in enumerate(params) if ty.kind == "arr"]
    writes = rng.choice(arrays) if arrays and gen.chance(0.2) else -1
    for k, (param, ty) in enumerate(zip(names, params, strict=True)):
        inner.declare(param, ty, 3.0, owned=k == writes)
    if writes >= 0:
        inner.emit(f"{names[writes]}[{rng.choice(['0', '-1', '1:', ':'])}] {rng.choice(['=', '+=', '*='])} 0.5")
    inner.statements(rng.choice([0, 1, 2]) or 1)
    results = [NUM]
    if arrays and gen.chance(0.5):
        results = [params[rng.choice(arrays)]]
    elif gen.chance(0.25):
        results = [NUM, NUM]
    parts = [number_result(inner) if ty == NUM else fresh_array(inner, ty) for ty in results]
    inner.emit(f"return {', '.join(parts)}")
    gen.tags |= {f"helper: {tag}" for tag in ("branch", "for_range", "store_element") if tag in inner.tags}
    gen.helpers.append(Helper(name, params, results, writes))
    gen.tag("helper that writes its argument" if writes >= 0 else f"helper returning {len(results)}")
    return [f"def {name}({', '.join(names)}):", *inner.lines, "", ""]


def fresh_array(gen: Gen, ty: Ty) -> str:
    """A new array, so that no caller holds a second name for an argument."""
    text = array_result(gen, ty.dims)
    return f"np.tanh({text})" if text else "None"


@production(STATEMENTS, 5, 2.5)
def helper_statement(gen: Gen) -> bool:
    """`a, b = helper(x, s)`, or a call of a helper that writes its argument."""
    found = [h for h in gen.helpers if h.writes >= 0 or len(h.results) > 1]
    if not found:
        return False
    helper = gen.one(found)
    texts: list[str] = []
    for k, ty in enumerate(helper.params):
        value: Expr | None
        if k == helper.writes:
            owned = [v for v in gen.writable() if v.ty == ty and v.text not in texts]
            if not owned:
                return False
            var = gen.one(owned)
            var.written, var.size = True, var.size + 1.0
            texts.append(var.text)
            continue
        value = gen.num(1) if ty == NUM else gen.arr(ty.dims, 1)
        if value is None:
            return False
        value = bounded(gen, value)
        texts.append(value.text if value.fresh or ty == NUM or helper.writes < 0 else f"{value.at(4)}.copy()")
    names = [gen.name() for _ in helper.results]
    gen.emit(f"{', '.join(names)} = {helper.name}({', '.join(texts)})")
    for name, ty in zip(names, helper.results, strict=True):
        gen.declare(name, ty, LIMIT, owned=ty.kind == "arr")
    return True


@production(STATEMENTS, 5, 1)
def unpack_container(gen: Gen) -> bool:
    """`a, b = pair`, `w = p["w"]`."""
    pieces = [v for v in gen.vars.values() if v.fixed and "[" in v.text and v.ty.kind in ("num", "arr")]
    if not pieces:
        return False
    piece = gen.one(pieces)
    base = piece.text.split("[")[0]
    siblings = [v for v in pieces if v.text.split("[")[0] == base and v.text.count("[") == 1]
    whole = gen.vars.get(base)
    if whole is not None and whole.ty.kind == "tuple" and len(siblings) == whole.low and gen.chance(0.6):
        names = [gen.name() for _ in siblings]
        gen.emit(f"{', '.join(names)} = {base}")
        for name, var in zip(names, siblings, strict=True):
            gen.declare(name, var.ty, var.size)
        return True
    name = gen.name()
    gen.emit(f"{name} = {piece.text}")
    gen.declare(name, piece.ty, piece.size)
    return True


@production(STATEMENTS, 5, 1.5)
def combined_arrays(gen: Gen) -> bool:
    """`np.concatenate([x, y])`, `np.stack([x, y])`, a flattened matrix: extents that no argument has."""
    vectors = [v.ty.dims[0] for v in gen.variables("arr") if len(v.ty.dims) == 1]
    plain = [d for d in vectors if len(d.symbols) == 1 and not d.offset and "*" not in d.symbols[0]]
    if not plain:
        return False
    one, two = gen.one(plain), Dim((), 2)
    form = gen.rng.randrange(4)
    if form == 0:
        value = concatenated(gen, (Dim((*one.symbols, *gen.one(plain).symbols)),), 2)
    elif form == 3:
        value = reshaped(gen, (Dim(("m*n",)),), 2)
    else:
        value = concatenated(gen, (two, one) if form == 1 else (one, two), 2)
    if value is None:
        return False
    name = gen.name()
    gen.emit(f"{name} = {value.text}")
    gen.declare(name, value.ty, value.size, owned=value.fresh)
    return True
