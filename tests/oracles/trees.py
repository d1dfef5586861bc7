"""Arguments, results and gradients as trees: walk, copy with their memory layout, perturb, compare.

A tree is a tuple, list, dict, named tuple or dataclass of leaves. A *float leaf* is what can be differentiated: a
Python float, a NumPy floating scalar, or an array of floating dtype. Everything else is a constant.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Tree = Any


def children(tree: Tree) -> list[tuple[str, Tree]] | None:
    """The parts of a container, each with the text that selects it; None for a leaf."""
    if isinstance(tree, dict):
        return [(f"[{key!r}]", part) for key, part in tree.items()]
    if isinstance(tree, tuple | list):
        return [(f"[{k}]", part) for k, part in enumerate(tree)]
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return [(f".{f.name}", getattr(tree, f.name)) for f in dataclasses.fields(tree)]
    return None


def rebuilt(tree: Tree, parts: list[Tree]) -> Tree:
    """A container like `tree` with other parts."""
    if isinstance(tree, dict):
        return dict(zip(tree, parts, strict=True))
    if isinstance(tree, tuple):
        return type(tree)(*parts) if hasattr(tree, "_fields") else tuple(parts)
    if isinstance(tree, list):
        return list(parts)
    names = [field.name for field in dataclasses.fields(tree)]
    return dataclasses.replace(tree, **dict(zip(names, parts, strict=True)))


def map_leaves(function: Callable[..., Tree], tree: Tree, *others: Tree) -> Tree:
    """Apply `function` to the leaves of trees of one structure."""
    parts = children(tree)
    if parts is None:
        return function(tree, *others)
    columns = [[part for _, part in children(other) or []] for other in others]
    return rebuilt(tree, [map_leaves(function, part, *(c[k] for c in columns)) for k, (_, part) in enumerate(parts)])


def leaves(tree: Tree, path: str = "") -> Iterator[tuple[str, Tree]]:
    """Every leaf with its path."""
    parts = children(tree)
    if parts is None:
        yield path, tree
        return
    for step, part in parts:
        yield from leaves(part, path + step)


def is_float(leaf: Tree) -> bool:
    """Whether a leaf can be differentiated."""
    if isinstance(leaf, np.ndarray):
        return bool(np.issubdtype(leaf.dtype, np.floating))
    return isinstance(leaf, float | np.floating)


def float_leaves(tree: Tree) -> list[tuple[str, Tree]]:
    """The leaves that can be differentiated."""
    return [(path, leaf) for path, leaf in leaves(tree) if is_float(leaf)]


def uses_float32(tree: Tree) -> bool:
    """Whether some leaf is in a precision below double."""
    return any(np.asarray(leaf).dtype.itemsize < 8 for _, leaf in float_leaves(tree))


# -- copies


def clone_array(array: np.ndarray) -> np.ndarray:
    """A copy with the same strides, so that the author's function meets the same memory layout."""
    if array.ndim == 0 or array.flags.c_contiguous or array.flags.f_contiguous or array.size == 0:
        return array.copy(order="K")
    low = sum(min(0, (n - 1) * s) for n, s in zip(array.shape, array.strides, strict=True))
    high = sum(max(0, (n - 1) * s) for n, s in zip(array.shape, array.strides, strict=True))
    memory = bytearray(high - low + array.itemsize)
    twin = np.ndarray(array.shape, array.dtype, buffer=memory, offset=-low, strides=array.strides)
    twin[...] = array
    return twin


def own_constant(leaf: Tree) -> Tree:
    """A leaf that is not differentiated, for a call that may write it or draw from it."""
    if isinstance(leaf, np.random.Generator):
        return copy.deepcopy(leaf)
    return leaf.copy() if isinstance(leaf, np.ndarray) else leaf


def clone(tree: Tree) -> Tree:
    """A deep copy; an array that occurs twice stays one array."""
    seen: dict[int, np.ndarray] = {}

    def leaf_copy(leaf: Tree) -> Tree:
        if not isinstance(leaf, np.ndarray):
            return own_constant(leaf)
        return seen.setdefault(id(leaf), clone_array(leaf))

    return map_leaves(leaf_copy, tree)


def as_double(tree: Tree) -> Tree:
    """The same tree with every float leaf in double precision (layout aside), each array its own."""

    def widen(leaf: Tree) -> Tree:
        if not is_float(leaf):
            return leaf.copy() if isinstance(leaf, np.ndarray) else leaf
        if isinstance(leaf, np.ndarray):
            return leaf.astype(np.float64)
        return np.float64(leaf) if isinstance(leaf, np.floating) else leaf

    return map_leaves(widen, tree)


def moved(tree: Tree, direction: Tree, step: float) -> Tree:
    """`tree + step * direction` on the float leaves, fresh."""

    def move(leaf: Tree, towards: Tree) -> Tree:
        if not is_float(leaf):
            return own_constant(leaf)
        if isinstance(leaf, np.ndarray):
            return np.asarray(leaf + step * np.asarray(towards, dtype=np.float64))
        return type(leaf)(leaf + step * float(towards))

    return map_leaves(move, tree, direction)


# -- directions and products


def random_like(tree: Tree, rng: np.random.Generator) -> Tree:
    """A random tree of the same kinds, shapes and dtypes; constants stay as they are."""

    def draw(leaf: Tree) -> Tree:
        if not is_float(leaf):
            return leaf
        return like(leaf, np.round(rng.uniform(0.3, 1.5, np.shape(leaf)) * rng.choice([-1.0, 1.0], np.shape(leaf)), 3))

    return map_leaves(draw, tree)


def like(leaf: Tree, numbers: Any) -> Tree:
    """`numbers` as a value of the kind, shape and dtype of `leaf`."""
    if isinstance(leaf, np.ndarray):
        return np.array(numbers, dtype=leaf.dtype).reshape(leaf.shape)
    return type(leaf)(np.asarray(numbers).item())


def zeros_like(tree: Tree) -> Tree:
    """Zeros at the float leaves; constants stay."""
    return map_leaves(lambda leaf: like(leaf, np.zeros(np.shape(leaf))) if is_float(leaf) else leaf, tree)


def entry_directions(tree: Tree) -> list[tuple[str, Tree]]:
    """All directions with one 1 at one entry of one float leaf, each with its name."""
    found = []
    for path, leaf in float_leaves(tree):
        for index in np.ndindex(np.shape(leaf)):

            def unit(other: Tree, target: Tree = leaf, where: tuple[int, ...] = index) -> Tree:
                if not is_float(other):
                    return other
                numbers = np.zeros(np.shape(other))
                if other is target:
                    numbers[where] = 1.0
                return like(other, numbers)

            name = path + (f"[{', '.join(map(str, index))}]" if index else "")
            found.append((name, map_leaves(unit, tree)))
    return found


def dot(left: Tree, right: Tree, like_tree: Tree) -> tuple[float, float]:
    """Inner product over the leaves that are float in `like_tree`, and the sum of the absolute terms."""
    total = size = 0.0
    rows = zip(leaves(left), leaves(right), leaves(like_tree), strict=True)
    for (_, a), (_, b), (_, pattern) in rows:
        if is_float(pattern):
            terms = np.asarray(a, dtype=np.float64) * np.asarray(b, dtype=np.float64)
            total += float(np.sum(terms))
            size += float(np.sum(np.abs(terms)))
    return total, size


# -- comparisons


def kind(leaf: Tree) -> str:
    """The type of a leaf in words: `float`, `float64`, `float64[3, 2]`."""
    if isinstance(leaf, np.ndarray):
        return f"{leaf.dtype}{list(leaf.shape)}"
    return type(leaf).__name__


def structure_difference(got: Tree, wanted: Tree, path: str = "") -> str | None:
    """Where two trees differ in structure, kind, shape or dtype; constants of `wanted` are not looked at."""
    parts = children(wanted)
    if parts is None:
        if is_float(wanted) and (type(got) is not type(wanted) or kind(got) != kind(wanted)):
            return f"{path or 'it'} is {kind(got)}, expected {kind(wanted)}"
        return None
    if type(got) is not type(wanted):
        return f"{path or 'it'} is a {type(got).__name__}, expected a {type(wanted).__name__}"
    others = children(got) or []
    if [step for step, _ in others] != [step for step, _ in parts]:
        return f"{path or 'it'} has the parts {[s for s, _ in others]}, expected {[s for s, _ in parts]}"
    for (step, part), (_, other) in zip(parts, others, strict=True):
        found = structure_difference(other, part, path + step)
        if found:
            return found
    return None


def leaf_bytes(leaf: Tree) -> bytes:
    """The bits of a leaf; of other objects their text."""
    if isinstance(leaf, np.ndarray | np.generic | float):
        return np.ascontiguousarray(leaf).tobytes()
    if isinstance(leaf, np.random.Generator):
        return b"a generator: the function itself draws from it"
    return repr(leaf).encode()


def identical(left: Tree, right: Tree) -> bool:
    """Whether two trees agree in structure, types and every bit."""
    if structure_difference(left, right):
        return False
    pairs = zip(leaves(left), leaves(right), strict=True)
    return all(kind(a) == kind(b) and leaf_bytes(a) == leaf_bytes(b) for (_, a), (_, b) in pairs)


def distance(left: Tree, right: Tree) -> float:
    """The largest difference of entries relative to the larger of 1 and the largest entry of that leaf."""
    worst = 0.0
    for (_, a), (_, b) in zip(leaves(left), leaves(right), strict=True):
        if not is_float(b):
            continue
        x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
        if x.shape != y.shape or not np.array_equal(np.isfinite(x), np.isfinite(y)):
            return float("inf")
        good = np.isfinite(y)
        if np.any(good):
            scale = max(1.0, float(np.max(np.abs(y[good]))))
            worst = max(worst, float(np.max(np.abs(x[good] - y[good]))) / scale)
    return worst


def arrays(tree: Tree) -> list[tuple[str, np.ndarray]]:
    """The leaves that are arrays, non-empty ones only: an empty array shares nothing."""
    return [(path, leaf) for path, leaf in leaves(tree) if isinstance(leaf, np.ndarray) and leaf.size]


def shared_memory(left: Tree, right: Tree) -> str | None:
    """The first pair of arrays of two trees that share memory."""
    for path, a in arrays(left):
        for other, b in arrays(right):
            if np.shares_memory(a, b):
                return f"{path or 'it'} and {other or 'it'}"
    return None


def shared_within(tree: Tree) -> str | None:
    """The first pair of arrays of one tree that share memory."""
    found = arrays(tree)
    for k, (path, a) in enumerate(found):
        for other, b in found[k + 1 :]:
            if np.shares_memory(a, b):
                return f"{path or 'it'} and {other or 'it'}"
    return None
