"""From a function in the IR to the text of a Python function, and from such texts to a module."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from srcdiff.ir.build import Rebuild
from srcdiff.ir.core import FOR, Function, Op, Statement, Value
from srcdiff.ir.index import Index
from srcdiff.ir.structure import Node, leaf_count

from .branches import Branches
from .contexts import with_contexts
from .expressions import Expressions
from .guard import Guard
from .guarded import Guards
from .helpers import needed, table
from .holes import Holes
from .lists import Lists
from .lives import Lives
from .names import Names, nodes
from .nest import Nesting
from .numpy import attribute, globals_of, name
from .origins import statements_in
from .parameters import Parameters
from .plan import Plan
from .python import Statements
from .stable import Stable
from .storage import Storages
from .text import to_text

MODULES = {"np": "numpy", **{name: name for name in ("logging", "math", "random", "sys", "warnings")}}
"""The modules that texts may name, by what they call them."""
MARKS = ("stable", "stop_gradient")
LOOPS = frozenset({"range", "reversed", "zip", "enumerate", "len"})
ALWAYS = frozenset({"np", "math", "len", "type", "isinstance", "TypeError"})


@dataclass(frozen=True)
class Options:
    """What the caller decides about a text.

    guard: begin with the check of the arguments; advice: what its error recommends for other arguments, such as the
    command that makes the function for them; written: parameters that the author's function writes; before: the
    function that makes the lists which this one is given; kept: how many of the results are for such a function; hints:
    names for parts of the parameters.
    """

    guard: bool = True
    advice: str = ""
    written: tuple[str, ...] = ()
    before: Function | None = None
    kept: int = 0
    hints: Mapping[Value, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Emitted:
    """name, text: of the function; imports: lines that it needs; helpers: names of helpers that it calls; results:
    the names of the leaves that it returns, ``""`` for those that have none; origins: for each statement in it, in the
    order of the text, the author's that it was made from, or None."""

    name: str
    text: str
    imports: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    origins: tuple[Statement | None, ...] = ()


@dataclass
class Surroundings:
    """The names from outside that a text uses, and how they are written where a parameter has taken their name.

    homes: the modules of what the author has defined.
    """

    used: set[str]
    renamed: dict[str, ast.expr] = field(default_factory=dict)
    imports: dict[str, None] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(function: Function) -> Surroundings:
        used = set(ALWAYS)
        for op in function.body.walk():
            if op.kind is FOR:
                used |= LOOPS | {"min"}
            elif not op.blocks:
                used |= globals_of(op)
        here = Surroundings(used)
        for op in function.body.walk():
            here.homes.update(text.split(":")[::-1] for text in op.attrs.get("imports", ()))
        for taken in sorted(used & {p.name for p in function.parameters}):
            here._rename(taken)
        return here

    def _rename(self, taken: str) -> None:
        module = MODULES.get(taken)
        if module is not None:
            self.renamed[taken] = name(f"_{module}")
            self.imports[f"import {module} as _{module}"] = None
        elif taken in self.homes:
            self.renamed[taken] = name(f"_{taken}")
            self.imports[f"from {self.homes.pop(taken)} import {taken} as _{taken}"] = None
        elif hasattr(builtins, taken):
            self.renamed[taken] = attribute(f"builtins.{taken}")
            self.imports["import builtins"] = None


def emit(function: Function, options: Options = Options()) -> Emitted:
    """The text of a function (after ``passes/inplace``), before black."""
    function = _without_marks(function)
    parameters = Parameters(function)
    parameters.hints.update(options.hints)
    around = Surroundings.of(function)
    expressions = _named(parameters, around, options)
    statements = Statements(function, expressions, parameters)
    body = with_contexts(statements.function_body(), around.renamed)
    head = _head(parameters, expressions, options)
    definition = define(function.name, parameters.signature(), [*head, *body], function.doc)
    for cls in statements.classes:
        around.imports[f"from {cls.__module__} import {cls.__qualname__.split('.')[0]}"] = None
    results = tuple(_name_of(value, expressions) for value in function.body.results)
    origins = tuple(getattr(statement, "origin", None) for statement in statements_in(definition))
    imports = imports_of(definition, around)
    return Emitted(function.name, to_text([definition]), imports, tuple(needed(around.used)), results, origins)


def _name_of(value: Value, expressions: Expressions) -> str:
    """The name of a result, or of what it is a copy of."""
    made = expressions.plan.index.definitions.get(value)
    if value not in expressions.names and made is not None and made.name == "copy":
        value = made.inputs[0]
    return expressions.names.of(value) if value in expressions.names else ""


def emit_sweeps(forward: Function, backward: Function, options: Options) -> list[Emitted]:
    """The two functions of a derivative that was split (``ad/motion``): what one returns as kept has the same names in
    the other."""
    assert isinstance(forward.returns, Node)
    values = leaf_count(forward.returns.children[0])
    first = emit(forward, replace(options, kept=len(forward.body.results) - values))
    kept = first.results[values:]
    hints = {value: text for value, text in zip(backward.params, kept, strict=False) if text}
    return [first, emit(backward, replace(options, before=forward, hints=hints))]

def _named(parameters: Parameters, around: Surroundings, options: Options) -> Expressions:
    """Statements planned and values named. Shapes are read under names that nothing else has; where that fails, the
    values concerned keep their names as long as their shapes are read. What is copied must be bound, likewise."""
    function = parameters.function
    index = Index(function)
    branches = Branches(function, index, Storages(function))
    lists = Lists(function, index, options.before)
    guards = Guards(function, lists, branches)
    holes = Holes(function, lists, options.kept)
    unsure: set[Value] = set()
    copied: set[Value] = set()
    while True:
        nesting = Nesting(function, index, lists, branches, guards, Stable(function, index, unsure))
        plan = Plan(function, index, lists, nesting)
        bound = holes.bound(nodes(plan.body), copied)
        names = Names(parameters, index, plan, Lives(function, plan, bound), around.used)
        misread = names.misread_shapes(nesting.stable.shape)
        missing = {value for value in names.copied() if value in holes.may_miss} - bound
        if not misread and not missing:
            return Expressions(plan, nesting, names, around.renamed)
        unsure |= misread
        copied |= missing


def _head(parameters: Parameters, expressions: Expressions, options: Options) -> list[ast.stmt]:
    """What stands in front of the author's statements: the leaves of containers, the guard."""
    names = expressions.names
    head = list(parameters.unpack(lambda value: names.of(value) if value in names else None))
    if options.guard:
        known = {v: names.of(v) for v in parameters.function.params if v in names}
        guard = _guard(Guard(parameters, known, expressions.renamed), options)
        head += [] if guard is None else [guard]
    return head


def _guard(guard: Guard, options: Options) -> ast.stmt | None:
    """What checks the arguments; of a backward sweep the cotangent alone, the rest comes from the forward sweep."""
    if options.before is None:
        return guard.statement(options.written, options.advice)
    cotangent = guard.parameters.function.parameters[1]
    return guard.types_of(cotangent)


def define(name: str, parameters: ast.arguments, body: list[ast.stmt], doc: str = "") -> ast.stmt:
    """The definition of a function."""
    if doc:
        body = [ast.Expr(ast.Constant(doc)), *body]
    more: dict[str, Any] = {"type_params": []} if "type_params" in ast.FunctionDef._fields else {}
    return ast.FunctionDef(name=name, args=parameters, body=body, decorator_list=[], returns=None, **more)


def imports_of(tree: ast.AST, around: Surroundings) -> tuple[str, ...]:
    """The import lines for the names that the text uses."""
    free = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    lines = dict(around.imports)
    for called, home in around.homes.items():
        if called in free:
            lines[f"from {home} import {called}"] = None
    for short, module in MODULES.items():
        if short in free & around.used and short not in around.renamed:
            lines[f"import {module}" if short == module else f"import {module} as {short}"] = None
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "scipy":
            lines[f"import scipy.{node.attr}"] = None
    return tuple(lines)


class _Marks(Rebuild):
    """Takes away marks that compute nothing: ``stable(p, z)`` is ``p``, and so is ``stop_gradient(p)``."""

    def visit(self, op: Op) -> Sequence[Value] | None:
        return (self.get(op.inputs[0]),) if op.name in MARKS else None


def _without_marks(function: Function) -> Function:
    if any(op.name in MARKS for op in function.body.walk()):
        return _Marks(function).run()
    return function


def emit_part(function: Function, whole: Function, position: int, doc: str = "") -> Emitted:
    """A function of the same parameters that returns one of the results of another: ``loss_grad`` from
    ``loss_value_and_grad``."""
    parameters = Parameters(function)
    arguments: list[ast.expr] = [name(p.name) for p in function.parameters if p.kind == "positional"]
    keywords = [ast.keyword(p.name, name(p.name)) for p in function.parameters if p.kind != "positional"]
    result = ast.Subscript(ast.Call(name(whole.name), arguments, keywords), ast.Constant(position), ast.Load())
    return Emitted(function.name, to_text([define(function.name, parameters.signature(), [ast.Return(result)], doc)]))


def module_text(parts: Iterable[Emitted], header: str = "") -> str:
    """A module: header, imports, helpers, functions."""
    parts = list(parts)
    names = [helper for helper in table() if any(helper in part.helpers for part in parts)]
    helpers = [table()[helper] for helper in names]
    lines = dict.fromkeys(line for part in parts for line in part.imports)
    if helpers:
        lines["import numpy as np"] = None
    imports = "\n".join(sorted(lines, key=_import_order))
    blocks = [block for block in (header, imports) if block]
    return "\n\n".join(blocks) + ("\n\n\n" if blocks else "") + "\n\n".join([*helpers, *(p.text for p in parts)])


def _import_order(line: str) -> tuple[bool, bool, str]:
    """The standard library, then NumPy, then what the author's statements need."""
    return line.startswith("from "), "numpy" in line, line
