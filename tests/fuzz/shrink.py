"""Make a failing program small: delete and unwrap statements, simplify expressions, drop parameters, shrink arrays.

Greedy: a candidate is taken when it still fails in the same class (`Verdict.status` and `Verdict.key`). Candidates that
the author's function cannot run are no candidates.
"""

from __future__ import annotations

import ast
import copy
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.fuzz.program import OutOfTime, Program, Unusable, Workspace, time_limit, try_out
from tests.oracles import trees

Fails = Callable[[Program], bool]


def shrink(program: Program, fails: Fails, workspace: Workspace, seconds: float = 60.0) -> Program:
    """The smallest program found in the time given that still fails."""
    end = time.monotonic() + seconds
    position, progress = 0, True
    while progress or position:
        if position == 0:
            progress = False
        for index, candidate in enumerate(_candidates(program)):
            if time.monotonic() > end:
                return program
            if index >= position and _runs(candidate, workspace) and fails(candidate):
                program, position, progress = candidate, index, True
                break
        else:
            position = 0
    return program


def _runs(program: Program, workspace: Workspace) -> bool:
    """Whether the author's function can still be run and looked at."""
    try:
        function = workspace.load(program.source)
    except Exception:
        return False
    try:
        with time_limit(0.5):
            try_out(function, program)
    except (Unusable, OutOfTime):
        return False
    finally:
        workspace.forget()
    return True


def _candidates(program: Program) -> Iterator[Program]:
    """Smaller programs, the boldest first."""
    if program.more_args is not None:
        yield program.with_changes(more_args=None)
    for source in _smaller_sources(program.source):
        yield program.with_changes(source=source)
    yield from _fewer_parameters(program)
    yield from _fewer_derivatives(program)
    yield from _smaller_arguments(program)


# -- text


def _smaller_sources(source: str) -> Iterator[str]:
    """Texts with one statement or expression less."""
    tree = ast.parse(source)
    for index in reversed(range(_count(tree, _bodies))):
        for edit in (_delete, _unwrap, _unwrap_other):
            yield from _edited(tree, index, edit)
    for index in range(_count(tree, _expressions)):
        yield from _simpler_expressions(tree, index)


def _bodies(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], int]]:
    """Every statement with the list that it stands in, outermost first."""
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            statements = getattr(node, name, None)
            if isinstance(statements, list):
                for k in range(len(statements)):
                    yield statements, k


def _count(tree: ast.AST, walk: Callable[[ast.AST], Iterator[Any]]) -> int:
    return sum(1 for _ in walk(tree))


def _edited(tree: ast.Module, index: int, edit: Callable[[list[ast.stmt], int], bool]) -> Iterator[str]:
    """The text after one edit at statement number `index`, if the edit applies."""
    changed = copy.deepcopy(tree)
    statements, k = list(_bodies(changed))[index]
    if edit(statements, k):
        yield ast.unparse(ast.fix_missing_locations(changed)) + "\n"


def _delete(statements: list[ast.stmt], k: int) -> bool:
    if isinstance(statements[k], ast.Pass) and len(statements) == 1:
        return False
    del statements[k]
    if not statements:
        statements.append(ast.Pass())
    return True


def _unwrap(statements: list[ast.stmt], k: int) -> bool:
    """A compound statement becomes its body."""
    node = statements[k]
    if not isinstance(node, ast.If | ast.For | ast.While):
        return False
    statements[k : k + 1] = node.body
    return True


def _unwrap_other(statements: list[ast.stmt], k: int) -> bool:
    """A compound statement becomes what stands in its `else`."""
    node = statements[k]
    if not isinstance(node, ast.If | ast.For | ast.While) or not node.orelse:
        return False
    statements[k : k + 1] = node.orelse
    return True


_SKIPPED = (ast.Constant, ast.Name, ast.Slice, ast.Tuple, ast.List)


def _expressions(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """Every compound expression that is not a target, with where it stands."""
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if name in ("func", "target", "targets", "ctx", "args") and not isinstance(node, ast.Call):
                continue
            many = value if isinstance(value, list) else [value]
            for k, item in enumerate(many):
                right = isinstance(item, ast.expr) and not isinstance(item, _SKIPPED) and name != "func"
                if right and isinstance(getattr(item, "ctx", ast.Load()), ast.Load):
                    yield node, name, k if isinstance(value, list) else None, item


def _simpler_expressions(tree: ast.Module, index: int) -> Iterator[str]:
    """The expression replaced by one of its operands, or by a number."""
    item = list(_expressions(tree))[index][3]
    parts = [child for child in ast.walk(item) if isinstance(child, ast.expr) and child is not item]
    operands = [child for child in parts if not isinstance(child, ast.Slice | ast.Constant)][:6]
    options: list[ast.expr] = [*operands, ast.Constant(0.5), ast.Constant(True), ast.Constant(2)]
    for option in options:
        if isinstance(option, ast.Name) and option.id in ("np", "math"):
            continue
        changed = copy.deepcopy(tree)
        node, name, k, _ = list(_expressions(changed))[index]
        new = copy.deepcopy(option)
        if k is None:
            setattr(node, name, new)
        else:
            getattr(node, name)[k] = new
        text = ast.unparse(ast.fix_missing_locations(changed)) + "\n"
        if len(text) < len(ast.unparse(tree)) + 1:
            yield text


# -- parameters and arguments


def _fewer_parameters(program: Program) -> Iterator[Program]:
    """A parameter that the body does not mention goes away."""
    tree = ast.parse(program.source)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "f")
    names = [arg.arg for arg in function.args.args]
    mentioned = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    wrt = program.wrt if isinstance(program.wrt, tuple) else (program.wrt,)
    chosen = [names.index(w) if isinstance(w, str) else w for w in wrt]
    for k, name in enumerate(names):
        if name in mentioned or chosen == [k]:
            continue
        changed = copy.deepcopy(tree)
        copied = next(node for node in changed.body if isinstance(node, ast.FunctionDef) and node.name == "f")
        del copied.args.args[k]
        left = tuple(c - (c > k) for c in chosen if c != k)
        more = None if program.more_args is None else program.more_args[:k] + program.more_args[k + 1 :]
        yield program.with_changes(
            source=ast.unparse(changed) + "\n",
            args=program.args[:k] + program.args[k + 1 :],
            more_args=more,
            wrt=left if len(left) > 1 else left[0],
        )


def _fewer_derivatives(program: Program) -> Iterator[Program]:
    """One argument to differentiate by instead of several."""
    if isinstance(program.wrt, tuple):
        for chosen in program.wrt:
            yield program.with_changes(wrt=chosen)
        if len(program.wrt) > 2:
            for k in range(len(program.wrt)):
                yield program.with_changes(wrt=program.wrt[:k] + program.wrt[k + 1 :])


def _smaller_arguments(program: Program) -> Iterator[Program]:
    """Every axis of one length becomes shorter; arrays become plain; numbers become simple."""
    arrays = [leaf for _, leaf in trees.arrays(program.args)]
    for length in sorted({n for array in arrays for n in array.shape if n > 1}, reverse=True):
        for shorter in sorted({1, 2, length - 1} & set(range(1, length))):

            def cut(leaf: Any, old: int = length, new: int = shorter) -> Any:
                if not isinstance(leaf, np.ndarray):
                    return leaf
                return leaf[tuple(slice(0, new) if n == old else slice(None) for n in leaf.shape)].copy()

            yield program.with_changes(args=trees.map_leaves(cut, program.args))
    if any(not array.flags.c_contiguous for array in arrays):

        def plain(leaf: Any) -> Any:
            return leaf.copy() if isinstance(leaf, np.ndarray) else leaf

        yield program.with_changes(args=trees.map_leaves(plain, program.args))
