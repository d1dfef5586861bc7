"""How Python containers are packed from leaves: the trees of parameters and results.

Tuples, lists, dicts, dataclasses and named tuples of arrays are dissolved: the IR sees their leaves only.

>>> tree = Node("dict", ("w", "b"), (Leaf(), Leaf()))
>>> unflatten(tree, [1.0, 2.0])
{'w': 1.0, 'b': 2.0}
>>> leaf_paths(tree)
[('w',), ('b',)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Leaf:
    """One value of the IR."""


@dataclass(frozen=True)
class Fixed:
    """A constant of the signature: a string, None, a bool, a function, a module."""

    value: Any


@dataclass(frozen=True)
class Node:
    """A container. kind: ``tuple``, ``list``, ``dict`` or ``record`` (a dataclass or named tuple, built by ``cls``);
    keys: positions, dict keys or field names."""

    kind: str
    keys: tuple[Any, ...]
    children: tuple[Tree, ...]
    cls: Any = None


Tree = Leaf | Fixed | Node


@dataclass(frozen=True)
class Parameter:
    """A parameter of the Python function. kind: ``positional``, ``keyword`` (keyword-only), or ``hidden`` (a global
    or closure cell that is passed at run time); default: source text of the default, or ``""`` if there is none."""

    name: str
    tree: Tree
    kind: str = "positional"
    default: str = ""


def leaf_count(tree: Tree) -> int:
    return sum(1 for _ in leaf_paths(tree))


def leaf_paths(tree: Tree, path: Path = ()) -> list[Path]:
    """The paths to the leaves, in order."""
    return list(_paths(tree, path))


def _paths(tree: Tree, path: Path) -> Iterator[Path]:
    if isinstance(tree, Leaf):
        yield path
    elif isinstance(tree, Node):
        for key, child in zip(tree.keys, tree.children, strict=True):
            yield from _paths(child, (*path, key))


def at(tree: Tree, path: Path) -> Tree:
    """The part of a tree at a path."""
    for key in path:
        assert isinstance(tree, Node)
        tree = tree.children[tree.keys.index(key)]
    return tree


def access(name: str, tree: Tree, path: Path) -> str:
    """How a part of what a name holds is written.

    >>> pair = Node("tuple", (0, 1), (Leaf(), Leaf()))
    >>> access("params", Node("dict", ("fc",), (Node("record", ("w",), (pair,)),)), ("fc", "w", 1))
    "params['fc'].w[1]"
    """
    for key in path:
        assert isinstance(tree, Node)
        name += f".{key}" if tree.kind == "record" else f"[{key!r}]"
        tree = tree.children[tree.keys.index(key)]
    return name


def classes(tree: Tree) -> Iterator[Any]:
    """The classes of the records in a tree."""
    if isinstance(tree, Node):
        if tree.kind == "record":
            yield tree.cls
        for child in tree.children:
            yield from classes(child)


def constants(tree: Tree) -> Iterator[Any]:
    """The constants in a tree."""
    if isinstance(tree, Fixed):
        yield tree.value
    elif isinstance(tree, Node):
        for child in tree.children:
            yield from constants(child)


def unflatten(tree: Tree, leaves: Sequence[Any], fixed: Callable[[Any], Any] = lambda value: value) -> Any:
    """Build the Python object from its leaves; ``fixed`` maps the constants in it."""
    remaining = iter(leaves)
    return _build(tree, remaining, fixed)


def _build(tree: Tree, leaves: Iterator[Any], fixed: Callable[[Any], Any]) -> Any:
    if isinstance(tree, Leaf):
        return next(leaves)
    if isinstance(tree, Fixed):
        return fixed(tree.value)
    children = [_build(child, leaves, fixed) for child in tree.children]
    if tree.kind == "dict":
        return dict(zip(tree.keys, children, strict=True))
    if tree.kind == "record":
        return tree.cls(**dict(zip(tree.keys, children, strict=True)))
    return tuple(children) if tree.kind == "tuple" else children


def flatten(tree: Tree, value: Any) -> list[Any]:
    """The leaves of a Python object that has this structure."""
    leaves: list[Any] = []
    _collect(tree, value, leaves)
    return leaves


def _collect(tree: Tree, value: Any, leaves: list[Any]) -> None:
    if isinstance(tree, Leaf):
        leaves.append(value)
    elif isinstance(tree, Node):
        for key, child in zip(tree.keys, tree.children, strict=True):
            _collect(child, getattr(value, key) if tree.kind == "record" else value[key], leaves)
