"""Prints a function of the IR as text that is valid Python syntax; ``parse`` reads it back.

    dims(n='axis', i_1='int')

    def scan(w: float, x: f64[n], flag: bool) -> (f64, [f64]):
        _1: int[n] = dim(x, axis=0)
        _2: [int] = range(1, _1, 1)
        y: f64[n]
        y_kept: [f64]
        for i in each(_2, reverse=True):
            i: int[i_1]
            y__2: f64[n] = carry(x)
            e: f64 = get(y__2, i, index='@')
            y__3: f64[n] = set(y__2, w, i, index='@')
            yield y__3, e
        total: f64
        if flag:
            at(why='adjoint')
            _3: f64 = sum(y, axis=None, keepdims=False)
            yield _3
        else:
            yield hole(f64)
        return total, y_kept

Results of control ops are declared before them, block parameters in the first lines of the block; ``carry(x)`` says
what a carried value starts from. ``while test(a, b):`` follows the ``def test`` that is its first block. ``y__2`` is
another value that the author called ``y``; ``_1`` has no name. ``at(why='adjoint')`` gives the provenance of what
follows. Sources, spans and comments are not printed.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from .core import FOR, IF, WHILE, Block, Constant, Function, Loop, Op, Value, is_hole, symbols_in
from .dims import Dim, Fact, Symbol, constant
from .literals import is_literal, literal
from .structure import Fixed, Leaf, Node, Parameter, Tree
from .types import BOOL, COMPLEX, DTYPES, FLOAT, Type, int_of, substitute

TYPE_WORDS = frozenset([*DTYPES, "bool", "int", "float", "complex", "array", "unknown", "hole"])
_NUMBERED = re.compile(r".*__\d+|_\d+")


def to_text(function: Function, mark: Op | None = None, note: str = "", statements: bool = False) -> str:
    """The function as text.

    mark, note: an op whose line gets a comment; statements: print which statement of the author's an op comes from.
    """
    return _Printer(function, mark, note, statements).text()


def natural_type(number: Any) -> Type | None:
    """The type of a Python number that is written as it is."""
    if type(number) is int:
        return int_of(constant(number))
    return {bool: BOOL, float: FLOAT, complex: COMPLEX}.get(type(number))


def reference_name(value: Any) -> str:
    """How a constant of a signature that is no literal is named: ``module:qualified.name``."""
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}:{value.__qualname__}"
    return str(getattr(value, "__name__", None) or f"{type(value).__module__}:{type(value).__qualname__}")


class _Names:
    """Gives every value a name of its own from which its hint can be read again."""

    def __init__(self) -> None:
        self._given: dict[Value, str] = {}
        self._counts: dict[str, int] = {}

    def of(self, value: Value) -> str:
        name = self._given.get(value)
        if name is None:
            name = self._given[value] = self._new(value.name)
        return name

    def _new(self, hint: str) -> str:
        if not hint.isidentifier() or keyword.iskeyword(hint):
            hint = re.sub(r"\W|^(?=\d)", "_", hint) + "_" if hint else ""
        count = self._counts[hint] = self._counts.get(hint, 0) + 1
        if not hint:
            return f"_{count}"
        return hint if count == 1 and not _NUMBERED.fullmatch(hint) else f"{hint}__{count}"


class _Symbols:
    """Names the symbols of dims: two of one name, or one named as a type is, carry their kind.

    A symbol that is named by what it stands for, ``max(n - 1, 0)``, is of kind ``size``.
    """

    def __init__(self, function: Function) -> None:
        self.kinds: dict[str, str] = {}
        self._renamed: dict[Symbol, Dim] = {}
        self._texts: dict[Type, str] = {}
        for symbol in symbols_in(function):
            name = symbol.name
            if "(" in name:
                continue
            if name in TYPE_WORDS or name in self.kinds or name.endswith(("__axis", "__size", "__loop", "__int")):
                name = f"{name}__{symbol.kind}"
                self._renamed[symbol] = Dim((((Symbol(name, symbol.kind),), 1),))
            self.kinds[name] = symbol.kind

    def type(self, type_: Type) -> str:
        text = self._texts.get(type_)
        if text is None:
            text = self._texts[type_] = str(substitute(type_, self._renamed))
        return text

    def fact(self, fact: Fact) -> str:
        left = fact.left.substitute(self._renamed)
        right = fact.right.substitute(self._renamed) if fact.right is not None else None
        return f"{'enforced' if fact.enforced else 'require'}({Fact(left, right)})"


class _Printer:
    def __init__(self, function: Function, mark: Op | None, note: str, statements: bool) -> None:
        self.function = function
        self.mark, self.note, self.statements = mark, note, statements
        self.names, self.symbols = _Names(), _Symbols(function)
        self.lines: list[str] = []
        self.place: tuple[Any, ...] = (None, "")

    def text(self) -> str:
        kinds = [f"{name}={kind!r}" for name, kind in self.symbols.kinds.items()]
        head = [f"dims({', '.join(kinds)})"] if kinds else []
        head += [self.symbols.fact(fact) for fact in self.function.facts]
        self.signature()
        self.body(self.function.body, "    ", "return")
        return "\n".join([*head, *([""] if head else []), *self.lines]) + "\n"

    def line(self, indent: str, text: str, op: Op | None = None) -> None:
        comment = f"  # <-- {self.note}" if op is not None and op is self.mark else ""
        self.lines.append(indent + text + comment)

    # ------------------------------------------------------------------------------------------------ the signature

    def signature(self) -> None:
        leaves = iter(self.function.params)
        parts: list[str] = []
        unpacked: list[str] = []
        for parameter in _as_written(self.function.parameters):
            if parameter.kind != "positional" and "*" not in parts:
                parts.append("*")
            parts.append(self.parameter(parameter, leaves, unpacked))
        types = iter([value.type for value in self.function.body.results])
        returns = self.tree(self.function.returns, types)
        self.line("", f"def {self.function.name}({', '.join(parts)}) -> {returns}:")
        if self.function.doc:
            self.line("    ", repr(self.function.doc))
        for text in unpacked:
            self.line("    ", text)

    def parameter(self, parameter: Parameter, leaves: Iterator[Value], unpacked: list[str]) -> str:
        own = [value for _, value in zip(_leaves(parameter.tree), leaves, strict=False)]
        names = [self.names.of(value) for value in own]
        if names and not (isinstance(parameter.tree, Leaf) and names == [parameter.name]):
            unpacked.append(f"{', '.join(names)} = leaves({parameter.name})")
        default = f" = {parameter.default}" if parameter.default else ""
        annotation = self.tree(parameter.tree, iter([v.type for v in own]))
        if parameter.kind == "hidden":
            annotation = f"hidden({annotation})"
        return f"{parameter.name}: {annotation}{default}"

    def tree(self, tree: Tree, types: Iterator[Type]) -> str:
        if isinstance(tree, Leaf):
            return self.symbols.type(next(types))
        if isinstance(tree, Fixed):
            known = is_literal(tree.value)
            return f"fixed({literal(tree.value)})" if known else f"fixed(named={reference_name(tree.value)!r})"
        parts = [self.tree(child, types) for child in tree.children]
        if tree.kind == "dict":
            items = ", ".join(f"{literal(key)}: {part}" for key, part in zip(tree.keys, parts, strict=True))
            return f"{{{items}}}"
        if tree.kind == "record":
            fields = [f"{key}={part}" for key, part in zip(tree.keys, parts, strict=True)]
            return f"record({', '.join([repr(reference_name(tree.cls)), *fields])})"
        if tree.kind == "list":
            return f"list({', '.join(parts)})"
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"

    # ------------------------------------------------------------------------------------------------ blocks and ops

    def body(self, block: Block, indent: str, ending: str) -> None:
        for op in block.ops:
            self.provenance(op, indent)
            {IF: self.if_, FOR: self.for_, WHILE: self.while_}.get(op.kind, self.ordinary)(op, indent)
        results = f"{ending} {', '.join(map(self.operand, block.results))}"
        self.line(indent, results if block.results else "pass")

    def provenance(self, op: Op, indent: str) -> None:
        place = (op.stmt if self.statements else None, op.why)
        if place == self.place:
            return
        self.place = place
        parts = [f"why={op.why!r}"] if op.why else []
        if place[0] is not None and op.stmt is not None:
            target = [f"target={op.stmt.target!r}"] if op.stmt.target else []
            parts = [str(op.stmt.line), repr(op.stmt.text), f"index={op.stmt.index}", *target, *parts]
        self.line(indent, f"at({', '.join(parts)})")

    def ordinary(self, op: Op, indent: str) -> None:
        call = f"{op.name}({', '.join([*map(self.operand, op.inputs), *_keywords(op, op.attrs.items())])})"
        if len(op.results) == 1:
            name = self.names.of(op.result)
            self.line(indent, f"{name}: {self.symbols.type(op.result.type)} = {call}", op)
        elif op.results:
            self.line(indent, f"{self.declared(op.results, indent)} = {call}", op)
        else:
            self.line(indent, call, op)

    def if_(self, op: Op, indent: str) -> None:
        self.declared(op.results, indent)
        condition = self.operand(op.inputs[0])
        keywords = _keywords(op, op.attrs.items())
        if keywords:
            condition = f"when({', '.join([condition, *keywords])})"
        self.line(indent, f"if {condition}:", op)
        self.body(op.blocks[0], indent + "    ", "yield")
        self.line(indent, "else:")
        self.body(op.blocks[1], indent + "    ", "yield")

    def for_(self, op: Op, indent: str) -> None:
        loop = Loop.of(op)
        self.declared(op.results, indent)
        attrs = [(k, v) for k, v in op.attrs.items() if k != "seqs" and (k, v) != ("reverse", False)]
        header = ", ".join([*map(self.operand, loop.seqs), *_keywords(op, attrs)])
        self.line(indent, f"for {', '.join(map(self.names.of, loop.items))} in each({header}):", op)
        self.declared(loop.items, indent + "    ")
        self.carried(loop, indent + "    ")
        self.body(loop.body, indent + "    ", "yield")

    def while_(self, op: Op, indent: str) -> None:
        loop = Loop.of(op)
        heads = [f"{self.names.of(v)}: {self.symbols.type(v.type)}" for v in op.blocks[0].params]
        self.line(indent, f"def test({', '.join(heads)}):")
        self.body(op.blocks[0], indent + "    ", "return")
        self.declared(op.results, indent)
        header = ", ".join([*map(self.operand, loop.init), *_keywords(op, op.attrs.items())])
        self.line(indent, f"while test({header}):", op)
        self.carried(loop, indent + "    ")
        self.body(loop.body, indent + "    ", "yield")

    def carried(self, loop: Loop, indent: str) -> None:
        for value, init in zip(loop.carried_params, loop.init, strict=False):
            type_ = self.symbols.type(value.type)
            self.line(indent, f"{self.names.of(value)}: {type_} = carry({self.operand(init)})")

    def declared(self, values: Sequence[Value], indent: str) -> str:
        """Declare the values, one a line; gives their names."""
        for value in values:
            self.line(indent, f"{self.names.of(value)}: {self.symbols.type(value.type)}")
        return ", ".join(map(self.names.of, values))

    def operand(self, value: Value) -> str:
        if not isinstance(value, Constant):
            return self.names.of(value)
        if is_hole(value):
            return f"hole({self.symbols.type(value.type)})"
        text = literal(value.value)
        if value.type != natural_type(value.value):
            text = f"const({text}, {self.symbols.type(value.type)})"
        named = value.name.isidentifier() and not keyword.iskeyword(value.name)
        return f"({value.name} := {text})" if named else text


def _keywords(op: Op, attrs: Iterable[tuple[str, Any]]) -> list[str]:
    """The attributes as keywords; what is no constant is shown, and cannot be read again."""
    shown = [f"{key}={literal(value) if is_literal(value) else repr(repr(value))}" for key, value in attrs]
    return [*shown, *([f"_form={op.form!r}"] if op.form else [])]


def _as_written(parameters: Sequence[Parameter]) -> list[Parameter]:
    """The parameters without the defaults that Python has no place for: another without one stands behind them."""
    needed = [k for k, p in enumerate(parameters) if p.kind == "positional" and not p.default]
    last = max(needed, default=-1)
    return [replace(p, default="") if k < last and p.default else p for k, p in enumerate(parameters)]


def _leaves(tree: Tree) -> Iterator[Leaf]:
    if isinstance(tree, Leaf):
        yield tree
    elif isinstance(tree, Node):
        for child in tree.children:
            yield from _leaves(child)
