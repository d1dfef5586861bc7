"""Whether two functions of the IR are the same program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .core import Block, Constant, Function, Op, Value, is_hole
from .literals import is_literal, literal
from .structure import Fixed, Node, Tree
from .text import reference_name


def equal(left: Function, right: Function, names: bool = False) -> bool:
    """Same ops on corresponding values, with equal types, attributes and provenance, in the same order.

    names: the author's names of values must agree too. Sources, spans and statements are not compared.
    """
    return _Comparison(names).functions(left, right)


class _Comparison:
    def __init__(self, names: bool) -> None:
        self.names = names
        self.partner: dict[Value, Value] = {}

    def functions(self, left: Function, right: Function) -> bool:
        heads = [(f.name, f.facts, f.doc, len(f.parameters)) for f in (left, right)]
        if heads[0] != heads[1] or not _same_trees(left.returns, right.returns):
            return False
        for a, b in zip(left.parameters, right.parameters, strict=True):
            if (a.name, a.kind, a.default) != (b.name, b.kind, b.default) or not _same_trees(a.tree, b.tree):
                return False
        return self.blocks(left.body, right.body)

    def blocks(self, left: Block, right: Block) -> bool:
        if not self.define(left.params, right.params) or len(left.ops) != len(right.ops):
            return False
        return all(map(self.ops, left.ops, right.ops)) and self.use(left.results, right.results)

    def ops(self, left: Op, right: Op) -> bool:
        heads = [(op.kind, op.why, op.form, len(op.blocks)) for op in (left, right)]
        if heads[0] != heads[1] or not _same_attrs(left.attrs, right.attrs):
            return False
        if not self.use(left.inputs, right.inputs):
            return False
        return all(map(self.blocks, left.blocks, right.blocks)) and self.define(left.results, right.results)

    def define(self, left: Sequence[Value], right: Sequence[Value]) -> bool:
        if len(left) != len(right) or not all(map(self.alike, left, right)):
            return False
        self.partner.update(zip(left, right, strict=True))
        return True

    def use(self, left: Sequence[Value], right: Sequence[Value]) -> bool:
        return len(left) == len(right) and all(map(self.same, left, right))

    def same(self, left: Value, right: Value) -> bool:
        if not isinstance(left, Constant) or not isinstance(right, Constant):
            return self.partner.get(left) is right
        if is_hole(left) or is_hole(right):
            return is_hole(left) and is_hole(right) and self.alike(left, right)
        return literal(left.value) == literal(right.value) and self.alike(left, right)

    def alike(self, left: Value, right: Value) -> bool:
        return left.type == right.type and (not self.names or left.name == right.name)


def _same_attrs(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return left.keys() == right.keys() and all(literal(left[key]) == literal(right[key]) for key in left)


def _same_trees(left: Tree, right: Tree) -> bool:
    if isinstance(left, Fixed) and isinstance(right, Fixed):
        return _fixed_text(left.value) == _fixed_text(right.value)
    if not isinstance(left, Node) or not isinstance(right, Node):
        return left == right
    heads = [(node.kind, node.keys, reference_name(node.cls), len(node.children)) for node in (left, right)]
    return heads[0] == heads[1] and all(map(_same_trees, left.children, right.children))


def _fixed_text(value: Any) -> str:
    return literal(value) if is_literal(value) else reference_name(value)
