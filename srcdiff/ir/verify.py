"""Whether a function of the IR is well formed: scopes, types, control ops, attributes, facts.

``verify`` runs after every pass in tests, and wherever IR comes from outside. It is linear in the size of the function.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .build import item_type
from .core import FOR, HOLE_VALUE, IF, WHILE, Block, Constant, Function, Loop, Op, Value, constant_value, storages
from .dims import Dim, Fact, Facts, Symbol
from .literals import is_literal, literal
from .opdef import Typing, TypingError
from .structure import leaf_count
from .text import natural_type, to_text
from .types import BOOL, Array, Hole, List, Scalar, Type, is_subtype, symbols_of

_KINDS = ("axis", "size", "loop", "int")
_ORDER = ("positional", "keyword", "hidden")
_SYMBOL = re.compile(r"[^\W\d]\w*(\([^=]*\))?")
_WORD = re.compile(r"[^\W\d]\w*")


class VerifyError(Exception):
    """A function breaks a rule of the IR. problem: which one; op: where (None for the function as a whole)."""

    def __init__(self, problem: str, function: Function, op: Op | None) -> None:
        self.problem, self.function, self.op = problem, function, op
        super().__init__(f"{problem}\n{_shown(function, op, problem)}")


def verify(function: Function) -> None:
    """Raise VerifyError at the first rule that the function breaks."""
    _Verifier(function).run()


def _shown(function: Function, op: Op | None, problem: str) -> str:
    try:
        return to_text(function, op, problem.replace("\n", " "))
    except Exception as error:  # whatever is wrong with the function must not hide the problem itself
        return f"(the function cannot be printed: {error!r}; at {op!r})"


_NEW = " of verify"


class _FreshTyping(Typing):
    """Typing whose new symbols are like none of the function's."""

    def fresh_name(self, hint: str) -> str:
        return super().fresh_name(f"{hint}{_NEW}")


class _Verifier:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.op: Op | None = None
        self.defined: set[Value] = set()
        self.visible: set[Value] = set()
        self.known: set[Symbol] = set()
        self.items: set[Symbol] = set()
        self.counts: dict[tuple[object, ...], frozenset[Symbol]] = {}
        self.facts = Facts()
        self.typing: Typing = _FreshTyping()

    def require(self, truth: object, problem: str) -> None:
        if not truth:
            raise VerifyError(problem, self.function, self.op)

    def run(self) -> None:
        self.signature()
        self.check_facts()
        for param in self.function.params:
            self.items.update(symbols_of(param.type))
        self.contents(self.function.body)
        known = set(self.facts.facts)
        new = [fact for fact in self.typing.facts.facts if fact not in known and not fact.enforced]
        self.require(not new, f"it relies on {', '.join(map(str, new))}, which is not among its facts")

    # ------------------------------------------------------------------------------------------------ the function

    def signature(self) -> None:
        function = self.function
        names = [parameter.name for parameter in function.parameters]
        self.require(len(set(names)) == len(names), "two parameters have the same name")
        for parameter in function.parameters:
            self.require(parameter.kind in _ORDER, f"parameter {parameter.name} has the unknown kind {parameter.kind}")
        kinds = [_ORDER.index(parameter.kind) for parameter in function.parameters]
        self.require(kinds == sorted(kinds), "parameters are not in the order positional, keyword, hidden")
        leaves = sum(leaf_count(parameter.tree) for parameter in function.parameters)
        self.require(leaves == len(function.params), f"{leaves} leaves of parameters, {len(function.params)} values")
        results, wanted = len(function.body.results), leaf_count(function.returns)
        self.require(results == wanted, f"{wanted} leaves of results, {results} values")

    def check_facts(self) -> None:
        parameters: set[Symbol] = set()
        for param in self.function.params:
            parameters.update(symbols_of(param.type))
        for fact in self.function.facts:
            self.require(isinstance(fact, Fact) and isinstance(fact.left, Dim), f"{fact!r} is not a fact")
            symbols = fact.left.symbols | (fact.right.symbols if fact.right is not None else frozenset())
            self.check_symbols(symbols)
            contradiction = fact.left.value if fact.right is None else (fact.left - fact.right).value
            never = contradiction == 1 if fact.right is None else contradiction not in (None, 0)
            self.require(not never, f"the fact {fact} never holds")
            unseen = symbols - parameters
            names = ", ".join(sorted(symbol.name for symbol in unseen))
            self.require(fact.enforced or not unseen, f"no guard can check the fact {fact}: no parameter gives {names}")
        self.facts = Facts(self.function.facts)
        self.typing.facts = Facts(self.function.facts)

    def check_symbols(self, symbols: frozenset[Symbol]) -> None:
        for symbol in symbols:
            self.require(symbol.kind in _KINDS, f"symbol {symbol.name} has the unknown kind {symbol.kind!r}")
            written = _SYMBOL.fullmatch(symbol.name) and (symbol.name.isidentifier() or symbol.kind in ("size", "loop"))
            self.require(written, f"the symbol {symbol.name!r} cannot be written")

    # ------------------------------------------------------------------------------------------------ scopes

    def define(self, value: Value) -> None:
        self.require(not isinstance(value, Constant), f"the constant {value!r} is defined")
        self.require(value not in self.defined, f"{value!r} is defined twice")
        self.require(isinstance(value.type, Type), f"{value!r} has no type")
        self.require(not isinstance(value.type, Hole), f"{value!r} is typed as a hole")
        symbols = symbols_of(value.type)
        self.check_symbols(symbols - self.known)
        self.known |= symbols
        self.defined.add(value)
        self.visible.add(value)

    def use(self, value: Value) -> None:
        if not isinstance(value, Constant):
            scope = "out of its scope" if value in self.defined else "before it is defined"
            self.require(value in self.visible, f"{value!r} is used {scope}")
        elif value.value is not HOLE_VALUE:
            natural = natural_type(value.value)
            fits = natural is not None and is_subtype(natural, value.type)
            self.require(fits, f"the constant {value.value!r} is no {value.type}")

    def contents(self, block: Block) -> None:
        """Check a block's ops and results; its values can be seen in it only."""
        local = [*block.params]
        for param in block.params:
            self.define(param)
        outer = self.op
        for op in block.ops:
            self.op = op
            self.visit(op)
            local.extend(op.results)
        self.op = outer
        for value in block.results:
            self.use(value)
        self.visible.difference_update(local)

    def visit(self, op: Op) -> None:
        for value in op.inputs:
            self.use(value)
        for key, attr in op.attrs.items():
            self.require(isinstance(key, str) and is_literal(attr), f"the attribute {key}={attr!r} is not a constant")
        if op.kind in (IF, FOR, WHILE):
            self.require(len(op.blocks) == op.kind.info["blocks"], f"{op.name} has {len(op.blocks)} blocks")
            {IF: self.if_, FOR: self.for_, WHILE: self.while_}[op.kind](op)
        else:
            self.ordinary(op)
        for value in op.results:
            self.define(value)

    # ------------------------------------------------------------------------------------------------ ops

    def ordinary(self, op: Op) -> None:
        self.require(not op.blocks, f"{op.name} has blocks")
        types = [value.type for value in op.inputs]
        try:
            inferred = op.kind.infer(self.typing, types, op.attrs)
        except TypingError as error:
            raise VerifyError(f"{op.name} cannot be typed: {error}", self.function, op) from error
        opened: frozenset[Symbol] = frozenset()
        if any(map(_is_new, inferred)):
            opened = self.counts.setdefault(_key(op), self.opened(op.results))
        self.fits(inferred, _types(op.results), "result", opened)
        for index in op.kind.shape_only:
            self.require(index < len(op.inputs), f"{op.name} declares input {index}, which is not there")
        places = storages(op)
        self.require(len(places) == len(op.results), f"{op.name} declares the storage of {len(places)} results")
        for place in places:
            self.require(place.kind in ("fresh", "view", "maybe"), f"{op.name} declares the storage {place.kind}")
            self.require(place.kind == "fresh" or place.of < len(op.inputs), f"{op.name} views input {place.of}")
        if op.kind.updates is not None:
            self.require(op.results and op.kind.updates < len(op.inputs), f"{op.name} updates nothing")
            self.fits([types[op.kind.updates]], [op.results[0].type], "update")

    def fits(
        self, narrow: Sequence[Type], wide: Sequence[Type], what: str, opened: frozenset[Symbol] = frozenset()
    ) -> None:
        """Each type is a subtype of its partner.

        A length that nothing before has named is some length, and so are the symbols ``opened``.
        """
        self.require(len(narrow) == len(wide), f"{len(narrow)} {what}s are due, and {len(wide)} are there")

        def bound(symbol: Symbol) -> bool:
            return symbol.kind in ("size", "loop") and (symbol not in self.known or symbol in opened)

        for index, (left, right) in enumerate(zip(narrow, wide, strict=True)):
            holds = is_subtype(left, right, self.facts, bound)
            self.require(holds, f"{what} {index} is {left}, which is not a subtype of {right}")

    def block(self, block: Block) -> None:
        self.typing.conditional += 1
        self.contents(block)
        self.typing.conditional -= 1

    def condition(self, value: Value) -> None:
        allowed = not isinstance(value.type, List) and not (isinstance(value.type, Array) and value.type.rank)
        self.require(allowed, f"the condition is {value.type}")

    def if_(self, op: Op) -> None:
        self.require(len(op.inputs) == 1, f"if_ has {len(op.inputs)} inputs")
        self.condition(op.inputs[0])
        for block, name in zip(op.blocks, ("then", "else"), strict=True):
            self.require(not block.params, f"the block {name} has parameters")
            self.block(block)
            self.fits(_types(block.results), _types(op.results), f"{name} result")

    def for_(self, op: Op) -> None:
        count = op.attrs.get("seqs")
        self.require(type(count) is int and 1 <= count <= len(op.inputs), f"for_ runs over {count} sequences")
        self.require(type(op.attrs.get("reverse", False)) is bool, "reverse is not a bool")
        loop = Loop.of(op)
        self.require(len(op.blocks[0].params) == len(op.inputs), "block parameters and inputs differ in number")
        symbols = set[Symbol]()
        for seq, item in zip(loop.seqs, loop.items, strict=True):
            symbols |= self.item(seq, item)
        names = {symbol.name for symbol in symbols}
        for value in (*loop.carried_params, *op.results):
            stacked = isinstance(value.type, List) and isinstance(value.type.item, Array)
            self.require(stacked or not names & _words(value.type), f"the type of {value!r} names the item of one trip")
        self.items |= symbols
        self.loop(loop)
        self.items -= symbols

    def item(self, seq: Value, item: Value) -> set[Symbol]:
        """Check an item's type; gives the symbol that it binds: the item of ``[int]`` is an int with a new name."""
        try:
            type_ = item_type(seq.type)
        except TypingError as error:
            raise VerifyError(str(error), self.function, self.op) from error
        if isinstance(type_, Scalar) and isinstance(item.type, Scalar) and type_.value is None:
            symbol = _bound_symbol(item.type)
            if symbol is not None and item.type.dtype == type_.dtype and type_.strength == "python":
                self.require(symbol not in self.items, f"the symbol {symbol.name} already stands for another int")
                return {symbol}
        self.fits([type_], [item.type], "item")
        return set()

    def while_(self, op: Op) -> None:
        test = op.blocks[0]
        self.require(len(test.params) == len(op.inputs), "parameters of the test and inputs differ in number")
        self.require(len(op.blocks[1].params) == len(op.inputs), "block parameters and inputs differ in number")
        self.require(len(test.results) == 1, f"the test has {len(test.results)} results")
        loop = Loop.of(op)
        opened = self.opened(test.params)
        self.fits(_types(loop.init), _types(test.params), "initial value of the test")
        self.fits(_types(loop.carried_params), _types(test.params), "carried value of the test")
        self.block(test)
        self.condition(test.results[0])
        self.loop(loop, opened)

    def opened(self, values: Sequence[Value]) -> frozenset[Symbol]:
        """The symbols that the types of what a loop carries are the first to name."""
        return frozenset(symbol for value in values for symbol in symbols_of(value.type)) - self.known

    def loop(self, loop: Loop, opened: frozenset[Symbol] = frozenset()) -> None:
        """What is carried, and what is stacked."""
        if loop.op.attrs.get("exits"):
            stops = [value.type for value in loop.carried_params[:1]]
            self.require(stops == [BOOL], "a loop that may end early carries no bool first")
            self.require(not loop.op.attrs.get("reverse"), "a loop that may end early runs from the end")
        self.require(len(loop.body.results) >= len(loop.init), "the body yields too little")
        self.require(len(loop.body.results) == len(loop.op.results), "the body's results and the op's differ in number")
        opened |= self.opened(loop.carried_params)
        self.fits(_types(loop.init), _types(loop.carried_params), "initial value", opened)
        self.fits(_types(loop.carried_params), _types(loop.carried_results), "carried result", opened)
        self.block(loop.body)
        self.fits(_types(loop.carried_yields), _types(loop.carried_params), "yield", opened)
        items = []
        for stack in loop.stacks:
            self.require(isinstance(stack.type, List), f"what is stacked is {stack.type}, not a list")
            items.append(stack.type.item if isinstance(stack.type, List) else stack.type)
        self.fits(_types(loop.outs), items, "out")


def _is_new(type_: Type) -> bool:
    """Whether a length of the type is found when the program runs: a mask's count."""
    return any(_NEW in symbol.name for symbol in symbols_of(type_))


def _key(op: Op) -> tuple[object, ...]:
    """Equal for ops that compute the same: what is computed again has the same lengths."""
    inputs = (literal(constant_value(value)) if constant_value(value) is not None else value for value in op.inputs)
    return (op.kind, *inputs, *sorted((key, literal(attr)) for key, attr in op.attrs.items()))


def _words(type_: Type) -> set[str]:
    """The names that a type mentions, those within ``max(i, 0)`` included."""
    return {word for symbol in symbols_of(type_) for word in _WORD.findall(symbol.name)}


def _types(values: Sequence[Value]) -> list[Type]:
    return [value.type for value in values]


def _bound_symbol(type_: Scalar) -> Symbol | None:
    """The symbol of ``int[i]``, if the value is one symbol alone."""
    alone = type_.value.lone_symbol if type_.value is not None else None
    return alone if alone is not None and alone.kind == "int" else None
