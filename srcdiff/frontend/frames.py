"""What the parts of the front end share while a function is read: the unit, the frames, the tables of handlers.

A ``Unit`` is one run of ``lower``; it has one builder. A ``Frame`` is one function that is being read: the author's,
or one that it calls, which is read in place. The handlers of statements and expressions are entered into the tables
below by the modules that define them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from srcdiff.diagnostics import Diagnostic, Span
from srcdiff.ir.build import Builder
from srcdiff.ir.core import Constant, Statement, Value, name_value
from srcdiff.ir.opdef import OpDef, TypingError
from srcdiff.ir.types import Scalar, Unknown

from .exits import is_ours
from .items import (
    Broken,
    Container,
    Item,
    Maybe,
    Static,
    containers,
    describe,
    leaves,
    map_leaves,
    path_text,
    tuple_of,
)
from .places import Places, Refusal, State
from .recorder import Recorder
from .resolve import Resolver, of_constant
from .scopes import Liveness, bound, local_names
from .source import FunctionText


class Silent(Exception):
    """What is needed was refused before: there is nothing more to say."""


class ConstantNeeded(Refusal):
    """A value must be known at compile time and is not: the loop around may have to be unrolled."""


@dataclass(frozen=True, eq=False)
class Exit:
    """How a block ends.

    falls: the statement behind it may be reached; returned: what it may have returned, or None; flag: true where it
    has returned, if both are possible; state: of memory where it has returned. Neither: it has raised.
    """

    falls: bool = True
    returned: Item | None = None
    flag: Value | None = None
    state: State | None = None


FALLS = Exit()
RAISES = Exit(falls=False)

Expression = Callable[["Frame", Any], Item]
Plain = Callable[["Frame", Any], None]
Ending = Callable[["Frame", Any, list[ast.stmt]], Exit]

EXPRESSIONS: dict[type[ast.AST], Expression] = {}
STATEMENTS: dict[type[ast.AST], Plain] = {}
ENDINGS: dict[type[ast.AST], Ending] = {}
"""Statements that may end a block. They get the statements behind them where they contain a return, else none."""


def expression(*kinds: type[ast.AST]) -> Callable[[Expression], Expression]:
    """Register the handler of an expression."""

    def register(handler: Expression) -> Expression:
        EXPRESSIONS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def statement(*kinds: type[ast.AST]) -> Callable[[Plain], Plain]:
    """Register the handler of a statement that falls through."""

    def register(handler: Plain) -> Plain:
        STATEMENTS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def ending(*kinds: type[ast.AST]) -> Callable[[Ending], Ending]:
    """Register the handler of a statement that may end a block."""

    def register(handler: Ending) -> Ending:
        ENDINGS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


class Unit:
    """One run of ``lower``.

    problems: all that was refused so far; active: the functions being read, outermost first; demands: numbers that
    must be constants of the signature; unrollable: how many loops around could be unrolled; sequences: what the items
    of loops come from; scopes: the names of each function; frames: those being read, outermost first; shared:
    containers that must not be changed, as not all that hold them are known; views: the dicts behind `items()`,
    `keys()`, `values()`; tests: of the branches that are being read; repeated: how often a function was read while it
    was being read; endless: the functions whose recursion was refused; contexts: the ``with`` items that are kept
    around statements.
    """

    def __init__(self, builder: Recorder, names: Resolver) -> None:
        self.b = builder
        self.names = names
        self.problems: list[Diagnostic] = []
        self.active: list[ast.AST] = []
        self.demands: dict[Value, None] = {}
        self.unrollable = 0
        self.sequences: dict[Value, Value] = {}
        self.scopes: dict[ast.AST, tuple[frozenset[str], Liveness]] = {}
        self.frames: list[Frame] = []
        self.shared: dict[Item, None] = {}
        self.views: dict[Container, Container] = {}
        self.tests: list[Value] = []
        self.repeated: dict[ast.AST, int] = {}
        self.endless: set[ast.AST] = set()
        self.contexts: dict[ast.stmt, str] = {}
        self._within: dict[tuple[Statement, str], Statement] = {}
        self._places = 0
        self._statements: dict[ast.stmt, Statement] = {}

    @property
    def places(self) -> Places:
        return self.b.places

    def latest(self, item: Item) -> Item:
        """What a container has become by now."""
        changes = self.places.state.changes
        while item in changes:
            item = changes[item]
        return item

    def keep(self, item: Item) -> Item:
        """The item of the module, of a closure or of a default, which must not be changed."""
        self.shared.update(dict.fromkeys(containers(item)))
        return item

    def place(self, name: str) -> str:
        """A name for a place where types are widened, unlike all others."""
        self._places += 1
        return f"{name}_{self._places}" if name.isidentifier() else f"v_{self._places}"

    def statement(self, text: FunctionText, node: ast.stmt) -> Statement:
        """A statement of the author's function."""
        found = self._statements.get(node)
        if found is None:
            targets = bound([node.target] if isinstance(node, ast.For) else [node])
            target = next(iter(targets)) if len(targets) == 1 and not isinstance(node, (ast.If, ast.While)) else ""
            target = "" if is_ours(target) else target
            file = text.source.filename
            context = self.contexts.get(node, "")
            found = Statement(node.lineno, text.one_line(node), len(self._statements), target, file, context)
            self._statements[node] = found
        return found


    def within(self, statement: Statement | None, context: str) -> Statement | None:
        """The statement whose callee has this context around what it computes."""
        if statement is None or statement.context == context:
            return statement
        return self._within.setdefault((statement, context), replace(statement, context=context))


@dataclass(eq=False)
class Frame:
    """A function that is being read.

    env: what its names stand for; outer: the frame around a function that is defined inside another; depth: 0 for the
    author's function; level: how many regions were open when it began; inner: what the targets of the comprehensions
    around stand for; binds_inner: whether names are bound there.
    """

    unit: Unit
    text: FunctionText
    env: dict[str, Item] = field(default_factory=dict)
    outer: Frame | None = None
    depth: int = 0
    inner: dict[str, Item] = field(default_factory=dict)
    binds_inner: bool = False

    def __post_init__(self) -> None:
        known = self.unit.scopes
        if self.text.node not in known:
            known[self.text.node] = local_names(self.text), Liveness(self.text)
        self.locals, self.live = known[self.text.node]
        self.level = self.unit.b.regions

    @property
    def b(self) -> Recorder:
        return self.unit.b

    @property
    def places(self) -> Places:
        return self.unit.b.places

    # ------------------------------------------------------------------------------------------------ problems

    def span(self, node: ast.AST) -> Span:
        return self.text.span(node)

    def refuse(self, node: ast.AST, code: str, message: str, label: str = "", hint: str = "") -> Refusal:
        """The exception for a problem at a node."""
        return Refusal(Diagnostic(code, message, self.span(node), label, hint))

    def unsupported(self, node: ast.AST, what: str, hint: str = "", label: str = "") -> Refusal:
        return self.refuse(node, "SD001", f"{what} is not supported", label, hint)

    def needs_constant(self, node: ast.AST, item: Item, message: str, hint: str = "") -> ConstantNeeded:
        """The exception for a number that must be known at compile time; what it is made of is remembered."""
        self.unit.demands.update(dict.fromkeys(v for _, v in leaves(item) if isinstance(v.type, Scalar)))
        return ConstantNeeded(Diagnostic("SD050", message, self.span(node), "", hint))

    def typing_problem(self, node: ast.AST, error: TypingError, operands: Iterable[Item]) -> Refusal:
        """The exception for an op that cannot be applied."""
        items = tuple_of(list(operands))
        unknown = [value for _, value in leaves(items) if isinstance(value.type, Unknown)]
        if error.code == "SD050":
            return self.needs_constant(node, items, str(error), error.hint)
        if unknown and error.code in ("SD011", "SD013"):
            hint = error.hint or "annotate the argument (`x: float`), or give --sig"
            if any(value in self.b.definitions for value in unknown):
                hint = "it is a number on one path and an array on another: start from an array, such as np.zeros(n)"
            return self.refuse(node, "SD011", str(error), "", hint)
        return self.refuse(node, error.code, str(error), "", error.hint)

    # ------------------------------------------------------------------------------------------------ names

    def read(self, node: ast.Name) -> Item:
        """What a name stands for."""
        frame = self
        while node.id not in frame.inner and node.id not in frame.locals and frame.outer is not None:
            frame = frame.outer
        if node.id in frame.inner:
            return self.usable(node, node.id, frame.inner[node.id])
        if node.id in frame.locals:
            return self.usable(node, node.id, frame.env.get(node.id))
        found = self.unit.names.lookup(frame.text, node.id)
        if found is None:
            raise self.refuse(node, "SD040", f"the name `{node.id}` is not defined", "", "check its spelling")
        return self.unit.keep(found)

    def usable(self, node: ast.AST, name: str, item: Item | None) -> Item:
        """The item of a name, unless it cannot be read."""
        if item is None:
            raise self.refuse(node, "SD040", f"`{name}` has no value here", "", "give it a value first")
        if isinstance(item, Maybe):
            item = item.item if is_ours(name) else item.problem
        if isinstance(item, Broken):
            if not item.code:
                raise Silent
            raise self.refuse(node, item.code, item.message, item.label, item.hint)
        return item

    def bind(self, name: str, item: Item, node: ast.AST) -> None:
        """Bind a name."""
        if self.binds_inner:
            self.inner[name] = item
            return
        self.env[name] = item
        for path, value in leaves(item):
            self.places.named(value, path_text(name, path))

    def updated(self, item: Item, node: ast.AST) -> Item:
        """An item with its arrays as they are now."""
        return map_leaves(item, lambda _, value: self.call(node, lambda b: b.current(value)))

    def break_names(self, nodes: Iterable[ast.AST]) -> None:
        """What these statements bind cannot be read: they were refused."""
        self.env.update(dict.fromkeys(bound(nodes), Broken()))

    # ------------------------------------------------------------------------------------------------ ops

    def op(self, node: ast.AST, kind: str | OpDef, *inputs: Any, form: str = "", **attrs: Any) -> Value:
        """Append an op at a node."""
        operands = [value for value in inputs if isinstance(value, Value)]
        result: Value = self.call(node, Builder.op, kind, *inputs, form=form, operands=operands, **attrs)
        return result

    def call(
        self, node: ast.AST, function: Callable[..., Any], *args: Any, form: str = "", operands: Iterable[Item] = (),
        **kwargs: Any,
    ) -> Any:
        """``function(b, …)`` with the provenance of a node; what it refuses becomes a problem of the node."""
        b = self.unit.b
        saved, b.loc, b.form = b.loc, self.span(node), form
        try:
            return function(b, *args, **kwargs)
        except TypingError as error:
            raise self.typing_problem(node, error, operands) from None
        finally:
            b.loc, b.form = saved, ""

    # ------------------------------------------------------------------------------------------------ expressions

    def evaluate(self, node: ast.expr, name: str = "") -> Item:
        """The item that an expression stands for; ``name`` is the author's name for it."""
        handler = EXPRESSIONS.get(type(node))
        if handler is None:
            raise Silent  # the fence has reported it
        item = handler(self, node)
        if name and isinstance(item, Constant) and not item.name:
            return Constant(item.type, name, item.value)
        if name and isinstance(item, Value):
            name_value(item, name)
        return item

    def value(self, node: ast.expr) -> Value:
        """The value of an expression that must be a number or an array."""
        item = self.evaluate(node)
        if not isinstance(item, Value):
            raise self.refuse(node, "SD012", "a number or an array is needed here", f"this is {describe(item)}")
        return item


def to_python(frame: Frame, node: ast.AST, item: Item) -> Any:
    """An item as a binder takes it: values, Python constants, tuples, lists and dicts of these."""
    if isinstance(item, Constant):
        return item.value
    if isinstance(item, Value):
        return item
    if isinstance(item, Static):
        return item.value
    if isinstance(item, Container) and item.kind != "record":
        parts = [to_python(frame, node, part) for part in item.items]
        return dict(zip(item.keys, parts, strict=True)) if item.kind == "dict" else tuple(parts)
    raise frame.unsupported(node, f"passing {describe(item)} here", "pass numbers, arrays, tuples or lists of them")


def to_item(result: Any) -> Item:
    """The item of what a binder gives."""
    if isinstance(result, Value):
        return result
    if isinstance(result, (tuple, list)):
        return tuple_of([to_item(part) for part in result], type(result).__name__)
    return of_constant(result)
