"""Parameters and results: containers are taken apart at the head of a function and put together at its return."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from srcdiff.ir.core import Function, Value
from srcdiff.ir.structure import Fixed, Leaf, Node, Parameter, Path, Tree, at, leaf_paths

from .numpy import literal, name


@dataclass
class Parameters:
    """whole: values that are parameters themselves, with their names; parts: values that are leaves of a container, as
    (parameter, path); hints: names for those."""

    function: Function
    whole: dict[Value, str] = field(default_factory=dict)
    parts: dict[Value, tuple[Parameter, Path]] = field(default_factory=dict)
    hints: dict[Value, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        values = iter(self.function.params)
        for parameter in self.function.parameters:
            for path in leaf_paths(parameter.tree):
                value = next(values)
                if not path:
                    self.whole[value] = parameter.name
                else:
                    self.parts[value] = parameter, path
                    self.hints[value] = value.name or _hint(parameter.name, path)

    def unpack(self, name_of: Callable[[Value], str | None]) -> Iterator[ast.stmt]:
        """``w, b = params["w"], params["b"]`` for the leaves that are used (those with a name)."""
        for parameter in self.function.parameters:
            mine = [(v, path) for v, (p, path) in self.parts.items() if p is parameter]
            used = [(found, path) for v, path in mine if (found := name_of(v)) is not None]
            if not used:
                continue
            targets = [ast.Name(found, ast.Store()) for found, _ in used]
            tree = parameter.tree
            flat = isinstance(tree, Node) and tree.kind in ("tuple", "list") and len(tree.children) == len(used) > 1
            if flat and all(len(path) == 1 for _, path in mine):
                yield assign(targets, [name(parameter.name)])
            else:
                yield assign(targets, [reach(parameter, path) for _, path in used])

    def signature(self) -> ast.arguments:
        """The parameters as they are written: hidden ones are keyword-only and come last."""
        positional = [p for p in self.function.parameters if p.kind == "positional"]
        keyword = [p for p in self.function.parameters if p.kind == "keyword"]
        keyword += [p for p in self.function.parameters if p.kind == "hidden"]
        return ast.arguments(
            posonlyargs=[],
            args=[ast.arg(p.name) for p in positional],
            vararg=None,
            kwonlyargs=[ast.arg(p.name) for p in keyword],
            kw_defaults=[_default(p) for p in keyword],
            kwarg=None,
            defaults=_defaults(positional),
        )

    def constructor(self, cls: Any) -> ast.expr | None:
        """``type(q)`` for the class of a record that comes in, ``kept[2]`` for a class that comes in; else None."""
        for parameter in self.function.parameters:
            path = _find(parameter.tree, cls, ())
            if path is not None:
                found = reach(parameter, path)
                return found if isinstance(at(parameter.tree, path), Fixed) else ast.Call(name("type"), [found], [])
        return None


def assign(targets: Sequence[ast.expr], values: Sequence[ast.expr]) -> ast.Assign:
    """``a, b = x, y``; one target or one value stands alone."""
    left = targets[0] if len(targets) == 1 else ast.Tuple(list(targets), ast.Store())
    right = values[0] if len(values) == 1 else ast.Tuple(list(values), ast.Load())
    return ast.Assign([left], right)


def reach(parameter: Parameter, path: Path) -> ast.expr:
    """The expression of a leaf: ``params["fc1"]["weight"]``, ``q.mean``."""
    node: ast.expr = name(parameter.name)
    tree: Tree = parameter.tree
    for key in path:
        assert isinstance(tree, Node)
        if tree.kind == "record":
            node = ast.Attribute(node, key, ast.Load())
        else:
            node = ast.Subscript(node, literal(key), ast.Load())
        tree = tree.children[tree.keys.index(key)]
    return node


def pack(tree: Tree, leaves: Iterator[ast.expr], construct: Callable[[Any], ast.expr]) -> ast.expr:
    """The expression that builds a container from the expressions of its leaves."""
    if isinstance(tree, Leaf):
        return next(leaves)
    if isinstance(tree, Fixed):
        return construct(tree.value) if isinstance(tree.value, type) else literal(tree.value)
    children = [pack(child, leaves, construct) for child in tree.children]
    if tree.kind == "dict":
        return ast.Dict([literal(key) for key in tree.keys], children)
    if tree.kind == "record":
        keywords = [ast.keyword(key, child) for key, child in zip(tree.keys, children, strict=True)]
        return ast.Call(construct(tree.cls), [], keywords)
    return ast.Tuple(children, ast.Load()) if tree.kind == "tuple" else ast.List(children, ast.Load())


def _hint(parameter: str, path: Path) -> str:
    words = [key for key in path if isinstance(key, str) and key.isidentifier()]
    return words[-1] if words else "_".join([parameter, *map(str, path)])


def _defaults(positional: Sequence[Parameter]) -> list[ast.expr]:
    """The defaults of the last parameters; one that another without a default stands behind has to be left out."""
    found: list[ast.expr] = []
    for parameter in reversed(positional):
        default = _default(parameter)
        if default is None:
            break
        found.insert(0, default)
    return found


def _default(parameter: Parameter) -> ast.expr | None:
    return ast.parse(parameter.default, mode="eval").body if parameter.default else None


def _find(tree: Tree, cls: Any, path: Path) -> Path | None:
    if isinstance(tree, Leaf):
        return None
    if isinstance(tree, Fixed):
        return path if tree.value is cls else None
    if tree.kind == "record" and tree.cls is cls:
        return path
    found = (_find(child, cls, (*path, key)) for key, child in zip(tree.keys, tree.children, strict=True))
    return next((inner for inner in found if inner is not None), None)
