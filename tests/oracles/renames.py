"""Finds assignments that do nothing: `a = b` that only renames, and names that are bound and never read.

`a = b` (two plain names) only renames if

* every place that it reaches could read `b` instead (copy propagation), or
* it is not one arm of an `if`, and the two names could be one: neither is bound while the other is still needed.

So `value = x` before a backward sweep that overwrites `x` is needed, and `x_bar = g` before a loop that updates
`x_bar`, with `g` dead, is not. Parallel forms (`a, b = b, a`) are not looked at.
"""

import ast
from dataclasses import dataclass, field


@dataclass(eq=False)
class Node:
    """One step of control flow: the names that it reads, then those that it binds."""

    reads: set
    binds: set
    copy: ast.Assign | None = None
    in_branch: bool = False
    after: list = field(default_factory=list)
    before: list = field(default_factory=list)
    live: set = field(default_factory=set)  # names read later


class Graph:
    """The control flow of one function, whole statements as steps."""

    def __init__(self, function: ast.FunctionDef):
        self.nodes = []
        args = function.args
        names = {a.arg for a in ast.walk(args) if isinstance(a, ast.arg)}
        self.entry = self.node(set(), names, [])
        self.block(function.body, [self.entry], None, False)
        changed = True
        while changed:
            changed = False
            for node in reversed(self.nodes):
                live = set().union(*((n.live - n.binds) | n.reads for n in node.after))
                changed, node.live = changed or live != node.live, live

    def node(self, reads, binds, before, **more):
        node = Node(reads, binds, before=[], **more)
        self.nodes.append(node)
        self.join(before, node)
        return node

    @staticmethod
    def join(before, node):
        for other in before:
            other.after.append(node)
            node.before.append(other)

    def block(self, body, before, loop, in_branch):
        for statement in body:
            before = self.statement(statement, before, loop, in_branch)
        return before

    def statement(self, s, before, loop, in_branch):
        """Adds a statement after the steps `before`; returns the steps that the next one follows."""
        if isinstance(s, ast.If):
            test = self.node(reads(s.test), binds(s.test), before)
            return self.block(s.body, [test], loop, True) + self.block(s.orelse, [test], loop, True)
        if isinstance(s, (ast.For, ast.While)):
            if isinstance(s, ast.For):
                before = [self.node(reads(s.iter), binds(s.iter), before)]
                head = self.node(set(), set(), before)
                first = self.node(reads(s.target), binds(s.target), [head])
            else:
                head = first = self.node(reads(s.test), binds(s.test), before)
            breaks = []
            self.join(self.block(s.body, [first], (head, breaks), False), head)
            return self.block(s.orelse, [head], loop, False) + breaks
        if isinstance(s, (ast.FunctionDef, ast.ClassDef)):
            return [self.node(reads(s), {s.name}, before)]
        copy = s if is_copy(s) else None
        node = self.node(reads(s), binds(s), before, copy=copy, in_branch=in_branch)
        if isinstance(s, ast.Break):
            loop[1].append(node)
        elif isinstance(s, ast.Continue):
            self.join([node], loop[0])
        return [] if isinstance(s, (ast.Return, ast.Raise, ast.Break, ast.Continue)) else [node]


def reads(tree):
    found = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    if isinstance(tree, ast.AugAssign) and isinstance(tree.target, ast.Name):
        found.add(tree.target.id)
    return found


def binds(tree):
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}


def is_copy(s):
    return (
        isinstance(s, ast.Assign)
        and len(s.targets) == 1
        and isinstance(s.targets[0], ast.Name)
        and isinstance(s.value, ast.Name)
    )


def could_read_the_other(graph, node):
    """Whether every place that this `a = b` reaches could read `b` instead."""
    a, b = node.copy.targets[0].id, node.copy.value.id
    reach, stack = {node}, [node]  # steps after which this binding of `a` may be the current one
    while stack:
        for n in stack.pop().after:
            if n not in reach and a not in n.binds:
                reach.add(n)
                stack.append(n)
    holds = set(graph.nodes)  # steps after which `a` is certain to be `b`, by this statement
    changed = True
    while changed:
        changed = False
        for n in graph.nodes:
            kept = bool(n.before) and all(m in holds for m in n.before) and not {a, b} & n.binds
            if n in holds and n is not node and not kept:
                holds.discard(n)
                changed = True
    users = [n for n in graph.nodes if a in n.reads and any(m in reach for m in n.before)]
    return all(m in holds for n in users for m in n.before)


def could_be_one_name(graph, node):
    """Whether neither name is bound while the other is still needed."""
    a, b = node.copy.targets[0].id, node.copy.value.id
    for n in graph.nodes:
        if n.copy is not None and {n.copy.targets[0].id, n.copy.value.id} == {a, b}:
            continue
        if (a in n.binds and b in n.live) or (b in n.binds and a in n.live):
            return False
    return True


def functions(tree):
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]


def only_renames(tree: ast.Module, allowed=frozenset()) -> list[str]:
    """Assignments of the functions of a module that only rename; those in `allowed` (the author's) are left out."""
    found = []
    for function in functions(tree):
        graph = Graph(function)
        for node in graph.nodes:
            if node.copy is None or ast.unparse(node.copy) in allowed:
                continue
            if could_read_the_other(graph, node) or (not node.in_branch and could_be_one_name(graph, node)):
                found.append(f"line {node.copy.lineno}: {ast.unparse(node.copy)}")
    return found


def never_read(tree: ast.Module) -> list[str]:
    """Names that a function binds and nobody reads (loop variables and `_` may be idle)."""
    found = []
    for function in functions(tree):
        idle = {"_"}
        for n in ast.walk(function):
            if isinstance(n, ast.For):
                idle |= binds(n.target)
        used = reads(function)
        found += [f"{function.name}: {name}" for name in sorted(binds(function) - used - idle)]
    return found
