"""Parameters: which ones a program takes, how to make arguments for them, and how to write arguments as text."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from tests.fuzz.gen.core import Gen
from tests.fuzz.gen.types import INT, NUM, ONE, Dim, Group, Leaf, Param, Sizes, Spec, Ty, symbol


def random_sizes(rng: random.Random) -> tuple[Sizes, Sizes]:
    """Two settings of sizes; the second is for a second call of the same compiled function."""
    n, m = rng.choice([(4, 3), (3, 4), (5, 3), (4, 2), (3, 2), (4, 5)])
    if rng.random() < 0.05:
        n, m = rng.choice([(1, 3), (4, 1), (3, 3)])
    first = {"n": n, "m": m, "q": rng.choice([2, 3, 5])}
    second = {"n": rng.choice([2, 3, 5, 6]), "m": rng.choice([2, 3, 4, 5]), "q": rng.choice([2, 4])}
    if rng.random() < 0.2:
        second[rng.choice(["n", "m"])] = 1
    return first, second


def make_params(gen: Gen) -> list[Param]:
    """Draw the parameters and declare what the body may mention."""
    rng, level = gen.rng, gen.level
    n, m = symbol("n"), symbol("m")
    wanted: list[tuple[str, Spec]] = [("x", Leaf(Ty("arr", (n,))))]
    optional = [("y", (n,), 0.55), ("A", (m, n), 0.55), ("w", (m,), 0.3), ("c", (m, ONE), 0.12), ("B", (n, m), 0.12)]
    wanted += [(name, Leaf(Ty("arr", dims))) for name, dims, share in optional if gen.chance(share)]
    wanted += [(name, Leaf(NUM, "float")) for name, share in (("s", 0.8), ("t", 0.4)) if gen.chance(share)]
    if level >= 2 and gen.chance(0.12):
        wanted.append(("flag", Leaf(Ty("bool"), "bool")))
    if level >= 2 and gen.chance(0.4 if level >= 3 else 0.2):
        wanted.append(("k", Leaf(INT, "int", low=0, high=min(3, gen.sizes["n"] - 1))))
    if level >= 4 and gen.chance(0.45):
        over = n if gen.chance(0.7) or "w" not in [name for name, _ in wanted] else m
        length = rng.choice([symbol("q"), symbol("q"), n])
        wanted.append(("idx", Leaf(Ty("idx", (length,)), "int64", target=over)))
    if level >= 5:
        wanted = [(name, varied(gen, spec)) for name, spec in wanted]
        wanted += [container(gen, n)] if gen.chance(0.4) else []
    head, tail = wanted[:1], wanted[1:]
    rng.shuffle(tail)
    params = [Param(name, spec) for name, spec in (head + tail if gen.chance(0.8) else tail + head)]
    for param in params:
        declare(gen, param.name, param.spec, top=True)
    return params


def varied(gen: Gen, spec: Spec) -> Spec:
    """At level 5: single precision, NumPy scalars, 0-d arrays, other memory layouts."""
    if not isinstance(spec, Leaf) or spec.ty.kind not in ("num", "arr"):
        return spec
    dtype, layout = spec.dtype, spec.layout
    if spec.ty == NUM and gen.chance(0.3):
        dtype = gen.one(["np.float64", "np.float32", "0-d"])
    if spec.ty.kind == "arr" and gen.chance(0.1):
        dtype = "float32"
    if spec.ty.kind == "arr" and gen.chance(0.2):
        layout = gen.one(["F", "strided", "reversed"])
    if (dtype, layout) != (spec.dtype, spec.layout):
        gen.tag(f"argument {layout if layout != spec.layout else dtype}")
    return Leaf(spec.ty, dtype, layout, spec.low, spec.high, spec.target)


def container(gen: Gen, n: Dim) -> tuple[str, Spec]:
    """A tuple, list or dict parameter, sometimes nested."""
    arr, num = Leaf(Ty("arr", (n,))), Leaf(NUM, "float")
    form = gen.one(["tuple", "dict", "dict", "list"])
    gen.tag(f"{form} parameter")
    if form == "dict":
        inner: Spec = Group("tuple", (num, arr)) if gen.chance(0.25) else num
        return "p", Group("dict", (arr, inner), ("w", "b"))
    if form == "tuple":
        return "p", Group("tuple", (arr, num) if gen.chance(0.7) else (num, arr, num))
    return "p", Group("list", (arr, arr))


def declare(gen: Gen, text: str, spec: Spec, top: bool = False) -> None:
    """Bring a parameter, or the pieces of a container, into sight."""
    if isinstance(spec, Group):
        whole = Ty(spec.form)
        gen.used.add(text)
        if top:
            gen.declare(text, whole, 0.0, fixed=True, low=len(spec.parts))
        for k, part in enumerate(spec.parts):
            declare(gen, f"{text}[{repr(spec.keys[k]) if spec.keys else k}]".replace("'", '"'), part)
        return
    high = int(spec.high) if spec.ty == INT else 0
    owned = top and spec.ty.kind == "arr"
    gen.used.add(text)
    gen.declare(text, spec.ty, 1.5, owned=owned, fixed=not top or spec.ty == INT, low=0, high=high, target=spec.target)


# -- arguments


def materialise(spec: Spec, sizes: Sizes, rng: np.random.Generator) -> Any:
    """An argument."""
    if isinstance(spec, Group):
        parts = [materialise(part, sizes, rng) for part in spec.parts]
        if spec.form == "dict":
            return dict(zip(spec.keys, parts, strict=True))
        return tuple(parts) if spec.form == "tuple" else parts
    if spec.ty.kind == "bool":
        return bool(rng.integers(2))
    if spec.ty == INT:
        return int(rng.integers(int(spec.low), int(spec.high) + 1))
    shape = tuple(dim.size(sizes) for dim in spec.ty.dims)
    if spec.ty.kind == "idx":
        return rng.integers(0, max(1, spec.target.size(sizes)), shape)
    return floating(spec, rng.uniform(spec.low, spec.high, shape).round(4))


def floating(spec: Leaf, numbers: np.ndarray) -> Any:
    """Numbers as an argument of the dtype and layout that is asked for."""
    if spec.ty == NUM:
        number = float(numbers)
        kinds = {"float": number, "np.float64": np.float64(number), "np.float32": np.float32(number)}
        return kinds.get(spec.dtype, np.array(number))
    array = numbers.astype(spec.dtype)
    if spec.layout == "F":
        return np.asfortranarray(array)
    if spec.layout == "strided":
        return np.repeat(array, 2, axis=-1)[..., ::2]
    return array[::-1].copy()[::-1] if spec.layout == "reversed" else array


def literal(value: Any) -> str:
    """Text that makes the argument again, memory layout included."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {literal(part)}" for key, part in value.items()) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(literal(part) for part in value) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, list):
        return "[" + ", ".join(literal(part) for part in value) + "]"
    if isinstance(value, np.ndarray):
        return array_literal(value)
    if isinstance(value, np.generic):
        return f"np.{value.dtype}({value.item()!r})"
    return repr(value)


def array_literal(array: np.ndarray) -> str:
    """`np.array(...)` with what its dtype and layout need."""
    dtype = "" if array.dtype in (np.float64, np.int64) and array.size else f", dtype=np.{array.dtype}"
    if array.size == 0:
        return f"np.zeros({array.shape}{dtype})"
    if array.ndim and array.strides[0] < 0:
        return f"np.array({array[::-1].tolist()}{dtype})[::-1]"
    text = f"np.array({array.tolist()}{dtype})"
    if array.flags.c_contiguous:
        return text
    return f"np.asfortranarray({text})" if array.flags.f_contiguous else f"np.repeat({text}, 2, axis=-1)[..., ::2]"
