"""What the parts of the front end share while a function is read: the unit, the frames, the tables of handlers.

A ``Unit`` is one run of ``lower``; it has one builder. A ``Frame`` is one function that is being read: the author's,
or one that it calls, which is read in place. The handlers of statements and expressions are entered into the tables
below by the modules that define them.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from srcdiff.diagnostics import Diagnostic, Span
from srcdiff.ir.build import Builder
from srcdiff.ir.core import Statement, Value, name_value
from srcdiff.ir.opdef import OpDef, TypingError
from srcdiff.ir.types import Scalar, Unknown

from .items import Broken, Item, leaves
from .places import Places, Recorder, Refusal
from .resolve import Resolver
from .scopes import Liveness, bound, local_names
from .source import FunctionText


class Silent(Exception):
    """What is needed was refused before: there is nothing more to say."""


class ConstantNeeded(Refusal):
    """A value must be known at compile time and is not: the loop around may have to be unrolled."""


@dataclass
class Exit:
    """How a block ends.

    falls: the statement behind it may be reached; returned: what it may have returned, or None; flag: true where it
    has returned, if both are possible. Neither: it has raised.
    """

    falls: bool = True
    returned: Item | None = None
    flag: Value | None = None


FALLS = Exit()
RAISES = Exit(falls=False)

Expression = Callable[["Frame", Any], Item]
EXPRESSIONS: dict[type[ast.AST], Expression] = {}
STATEMENTS: dict[type[ast.AST], Callable[["Frame", Any], None]] = {}


def expression(*kinds: type[ast.AST]) -> Callable[[Expression], Expression]:
    """Register the handler of an expression."""

    def register(handler: Expression) -> Expression:
        EXPRESSIONS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def statement(*kinds: type[ast.AST]) -> Callable[[Callable[[Frame, Any], None]], Callable[[Frame, Any], None]]:
    """Register the handler of a statement that always falls through."""

    def register(handler: Callable[[Frame, Any], None]) -> Callable[[Frame, Any], None]:
        STATEMENTS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


class Unit:
    """One run of ``lower``.

    problems: all that was refused so far; active: the functions being read, outermost first; demands: the leaves of
    parameters that must be constants; unrollable: how many loops around could be unrolled.
    """

    def __init__(self, builder: Recorder, names: Resolver) -> None:
        self.b = builder
        self.names = names
        self.problems: list[Diagnostic] = []
        self.active: list[ast.AST] = []
        self.demands: dict[Value, None] = {}
        self.unrollable = 0
        self._places = 0
        self._statements: dict[tuple[int, ast.AST], Statement] = {}

    @property
    def places(self) -> Places:
        return self.b.places

    def place(self, name: str) -> str:
        """A name for a place where types are widened, unlike all others."""
        self._places += 1
        return f"{name}_{self._places}"

    def report(self, diagnostic: Diagnostic) -> None:
        self.problems.append(diagnostic)


@dataclass(eq=False)
class Frame:
    """A function that is being read. env: what its names stand for; outer: the frame around a function defined inside;
    depth: 0 for the author's function."""

    unit: Unit
    text: FunctionText
    env: dict[str, Item] = field(default_factory=dict)
    outer: Frame | None = None
    depth: int = 0

    def __post_init__(self) -> None:
        self.locals = local_names(self.text)
        self.live = Liveness(self.text)

    @property
    def b(self) -> Recorder:
        return self.unit.b

    # ------------------------------------------------------------------------------------------------ problems

    def span(self, node: ast.AST) -> Span:
        return self.text.span(node)

    def refuse(self, node: ast.AST, code: str, message: str, label: str = "", hint: str = "") -> Refusal:
        """The exception for a problem at a node."""
        return Refusal(Diagnostic(code, message, self.span(node), label, hint))

    def unsupported(self, node: ast.AST, what: str, hint: str = "", label: str = "") -> Refusal:
        return self.refuse(node, "SD001", f"{what} is not supported", label, hint)

    def needs_constant(self, node: ast.AST, item: Item, message: str, hint: str = "") -> ConstantNeeded:
        """The exception for a value that must be known at compile time; it is remembered which parameters it needs."""
        self.demand([item])
        return ConstantNeeded(Diagnostic("SD050", message, self.span(node), "its value is not known here", hint))

    def demand(self, items: Iterable[Item]) -> None:
        for item in items:
            self.unit.demands.update(dict.fromkeys(v for _, v in leaves(item) if isinstance(v.type, Scalar)))

    def typing_problem(self, node: ast.AST, error: TypingError, operands: Iterable[Item]) -> Refusal:
        """The exception for an op that cannot be applied."""
        operands = list(operands)
        code, hint = error.code, error.hint
        if code == "SD050":
            return self.needs_constant(node, _items(operands), str(error), hint)
        if code == "SD013" and any(isinstance(v.type, Unknown) for item in operands for _, v in leaves(item)):
            code, hint = "SD011", hint or "annotate the argument (`x: float`), or give --sig"
        return self.refuse(node, code, str(error), "", hint)

    # ------------------------------------------------------------------------------------------------ names

    def read(self, node: ast.Name) -> Item:
        """What a name stands for."""
        name = node.id
        frame: Frame | None = self
        while frame is not None:
            if name in frame.locals:
                return self._usable(node, frame.env.get(name))
            frame, text = frame.outer, frame.text
        found = self.unit.names.lookup(text, name)
        if found is None:
            raise self.refuse(node, "SD040", f"the name `{name}` is not defined", "", "check its spelling")
        return self._usable(node, found)

    def _usable(self, node: ast.Name, item: Item | None) -> Item:
        if item is None:
            hint = "give it a value first"
            raise self.refuse(node, "SD040", f"`{node.id}` has no value here", "it is not bound yet", hint)
        if isinstance(item, Broken):
            if not item.code:
                raise Silent
            raise self.refuse(node, item.code, item.message, item.label, item.hint)
        return item

    def bind(self, name: str, item: Item, node: ast.AST) -> None:
        """Bind a name."""
        self.env[name] = item
        for _, value in leaves(item):
            self.unit.places.named(value, name, self, getattr(node, "lineno", 0))

    def break_names(self, nodes: Iterable[ast.AST]) -> None:
        """What these statements bind cannot be read: they were refused."""
        self.env.update(dict.fromkeys(bound(nodes), Broken()))

    # ------------------------------------------------------------------------------------------------ ops

    def op(self, node: ast.AST, kind: str | OpDef, *inputs: Any, form: str = "", **attrs: Any) -> Value:
        """Append an op at a node."""
        return self.call(node, _op, kind, *inputs, form=form, operands=inputs, **attrs)

    def call(
        self, node: ast.AST, function: Callable[..., Any], *args: Any, form: str = "", operands: Iterable[Any] = (),
        **kwargs: Any,
    ) -> Any:
        """``function(b, …)`` with the provenance of a node; what it refuses becomes a problem of the node."""
        b = self.unit.b
        saved, b.loc, b.form = b.loc, self.span(node), form
        try:
            return function(b, *args, **kwargs)
        except TypingError as error:
            raise self.typing_problem(node, error, [i for i in operands if isinstance(i, Item)]) from None
        finally:
            b.loc, b.form = saved, ""

    def evaluate(self, node: ast.expr, name: str = "") -> Item:
        """The item that an expression stands for; ``name`` is the author's name for it."""
        handler = EXPRESSIONS.get(type(node))
        if handler is None:
            raise Silent  # the fence has reported it
        item = handler(self, node)
        if name and isinstance(item, Value):
            return self.name(item, name)
        return item

    def name(self, value: Value, name: str) -> Value:
        """The value with the author's name, if it has none yet."""
        name_value(value, name)
        return value

    def value(self, node: ast.expr) -> Value:
        """The value of an expression that must be a number or an array."""
        item = self.evaluate(node)
        if not isinstance(item, Value):
            raise self.refuse(node, "SD012", "a number or an array is needed here", describe_at(item))
        return item


def _op(b: Builder, kind: str | OpDef, *inputs: Any, **attrs: Any) -> Value:
    return b.op(kind, *inputs, **attrs)


def _items(operands: list[Item]) -> Item:
    from .items import tuple_of

    return tuple_of(operands)


def describe_at(item: Item) -> str:
    from .items import describe

    return f"this is {describe(item)}"


_ = types
