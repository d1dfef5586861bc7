"""Reads the text of IR back; the syntax is described in ``srcdiff.ir.text``.

In text written by hand, the type of an op's only result may be left out (it is inferred), and so may the types of loop
items and carried values; names may be used again.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NoReturn

from .build import Builder
from .core import FOR, IF, WHILE, Block, Constant, Function, Op, Statement, Value, hole
from .dims import Dim, Fact, Facts
from .literals import read_literal
from .opdef import OPS, OpDef, TypingError
from .structure import Fixed, Leaf, Node, Parameter, Tree
from .text import natural_type
from .types import Type, without_value
from .typetext import read_dim, read_type


class ParseError(ValueError):
    """The text is not IR; the message begins with the line's number."""


def parse(text: str) -> Function:
    """The function that the text shows. ParseError if it shows none; whether it is valid, ``verify`` says."""
    try:
        module = ast.parse(text)
    except SyntaxError as error:
        raise ParseError(f"line {error.lineno}: {error.msg}") from error
    return _Parser(text).function(module)


def hint_of(name: str) -> str:
    """The author's name for a value that is called so in the text."""
    return "" if re.fullmatch(r"_\d+", name) else re.sub(r"__\d+$", "", name)


def _fail(node: ast.AST, problem: str) -> NoReturn:
    raise ParseError(f"line {getattr(node, 'lineno', 0)}: {problem}: {ast.unparse(node).splitlines()[0]}")


_Place = tuple[Statement | None, str]


@dataclass
class _Region:
    """A block that is being read: its ops, results declared for the next op, the test of the next ``while``."""

    ops: list[Op] = field(default_factory=list)
    results: tuple[Value, ...] = ()
    declared: dict[str, Type] = field(default_factory=dict)
    test: tuple[Block, _Place] | None = None


class _Parser:
    def __init__(self, text: str) -> None:
        self.source = text
        self.kinds: dict[str, str] = {}
        self.values: dict[str, Value] = {}
        self.facts: list[Fact] = []
        self.builder = Builder()
        self.place: _Place = None, ""

    # ------------------------------------------------------------------------------------------------ the function

    def function(self, module: ast.Module) -> Function:
        *head, last = module.body or [ast.Pass()]
        for node in head:
            self.header(node)
        if not isinstance(last, ast.FunctionDef) or last.returns is None:
            _fail(last, "a function with an annotated result is due")
        self.builder = Builder(Facts(self.facts))
        self.builder.typing.reserve(self.kinds)
        parameters, params = self.parameters(last.args)
        statements = list(last.body)
        doc = ast.get_docstring(last, clean=False)
        if doc is not None:
            del statements[0]
        while statements and _is_leaves(statements[0]):
            self.unpack(statements.pop(0), params)
        values = [value for _, owned in params.values() for value in owned]
        body = self.block(statements, values)
        returns = self.tree(last.returns, [])
        facts = *self.facts, *(fact for fact in self.builder.facts if fact not in self.facts)
        return Function(last.name, tuple(parameters), body, returns, facts, doc=doc or "")

    def header(self, node: ast.stmt) -> None:
        call = node.value if isinstance(node, ast.Expr) else None
        name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
        if name == "dims" and isinstance(call, ast.Call):
            self.kinds.update({keyword.arg or "": read_literal(keyword.value) for keyword in call.keywords})
        elif name in ("require", "enforced") and isinstance(call, ast.Call) and isinstance(call.args[0], ast.Compare):
            left, right = self.dim(call.args[0].left), self.dim(call.args[0].comparators[0])
            equality = isinstance(call.args[0].ops[0], ast.Eq)
            self.facts.append(Fact(left, right if equality else None, name == "enforced"))
        else:
            _fail(node, "not part of the head of a function")

    def parameters(self, args: ast.arguments) -> tuple[list[Parameter], dict[str, tuple[list[Type], list[Value]]]]:
        """The parameters, and for each the types and the values of its leaves."""
        parameters: list[Parameter] = []
        owned: dict[str, tuple[list[Type], list[Value]]] = {}
        defaults: list[ast.expr | None] = [None] * (len(args.args) - len(args.defaults)) + list(args.defaults)
        for arg, default in zip([*args.args, *args.kwonlyargs], [*defaults, *args.kw_defaults], strict=True):
            types: list[Type] = []
            annotation = arg.annotation or _fail(arg, "a parameter has no type")
            kind = "positional" if arg in args.args else "keyword"
            if isinstance(annotation, ast.Call) and ast.unparse(annotation.func) == "hidden":
                kind, annotation = "hidden", annotation.args[0]
            tree = self.tree(annotation, types)
            text = (ast.get_source_segment(self.source, default) or "") if default is not None else ""
            parameters.append(Parameter(arg.arg, tree, kind, text))
            owned[arg.arg] = types, [self.bind(arg.arg, types[0])] if isinstance(tree, Leaf) else []
        return parameters, owned

    def unpack(self, node: ast.stmt, params: dict[str, tuple[list[Type], list[Value]]]) -> None:
        """``w, b = leaves(p)``"""
        assert isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        source = node.value.args[0]
        if not isinstance(source, ast.Name) or source.id not in params:
            _fail(node, "not a parameter")
        types, values = params[source.id]
        names = _target_names(node.targets[0])
        if len(names) != len(types):
            _fail(node, f"{source.id} has {len(types)} leaves")
        values[:] = [self.bind(name, type_) for name, type_ in zip(names, types, strict=True)]

    def tree(self, node: ast.expr, types: list[Type]) -> Tree:
        """The structure that an annotation writes; the types of its leaves are appended to ``types``."""
        if isinstance(node, ast.Dict):
            keys = tuple(read_literal(key) for key in node.keys if key is not None)
            return Node("dict", keys, self.trees(node.values, types))
        if isinstance(node, ast.Tuple):
            return Node("tuple", tuple(range(len(node.elts))), self.trees(node.elts, types))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self.named_tree(node, node.func.id, types)
        types.append(self.type(node))
        return Leaf()

    def trees(self, nodes: Sequence[ast.expr], types: list[Type]) -> tuple[Tree, ...]:
        return tuple(self.tree(node, types) for node in nodes)

    def named_tree(self, node: ast.Call, name: str, types: list[Type]) -> Tree:
        if name == "list":
            return Node("list", tuple(range(len(node.args))), self.trees(node.args, types))
        if name == "record":
            cls = _stand_in(read_literal(node.args[0]))
            keys = tuple(keyword.arg for keyword in node.keywords)
            return Node("record", keys, self.trees([keyword.value for keyword in node.keywords], types), cls)
        if name == "fixed":
            named = bool(node.keywords)
            return Fixed(_stand_in(read_literal(node.keywords[0].value)) if named else read_literal(node.args[0]))
        _fail(node, "not a structure")

    # ------------------------------------------------------------------------------------------------ types, operands

    def type(self, node: ast.expr) -> Type:
        try:
            return read_type(node, self.kinds)
        except ValueError as error:
            _fail(node, str(error))

    def dim(self, node: ast.expr) -> Dim:
        return read_dim(node, self.kinds, "axis")

    def bind(self, name: str, type_: Type) -> Value:
        value = self.values[name] = Value(type_, hint_of(name))
        return value

    def operand(self, node: ast.expr, name: str = "") -> Value:
        if isinstance(node, ast.Name):
            return self.values.get(node.id) or _fail(node, "a name that is not defined")
        if isinstance(node, ast.NamedExpr):
            return self.operand(node.value, node.target.id)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "hole":
                return hole(self.type(node.args[0]))
            if node.func.id == "const":
                return Constant(self.type(node.args[1]), name, read_literal(node.args[0]))
        try:
            number = read_literal(node)
        except ValueError as error:
            _fail(node, str(error))
        return Constant(natural_type(number) or _fail(node, "not a number"), name, number)

    def call(self, node: ast.expr | None) -> tuple[str, tuple[Value, ...], dict[str, Any], str]:
        """Name, operands, attributes and form of a call."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            _fail(node or ast.Pass(), "an operation is due")
        attrs = {keyword.arg or "": read_literal(keyword.value) for keyword in node.keywords}
        form = attrs.pop("_form", "")
        return node.func.id, tuple(map(self.operand, node.args)), attrs, form

    # ------------------------------------------------------------------------------------------------ statements

    def block(self, statements: Sequence[ast.stmt], params: Sequence[Value]) -> Block:
        region = _Region()
        for node in statements:
            self.statement(node, region)
        return Block(tuple(params), tuple(region.ops), region.results)

    def statement(self, node: ast.stmt, region: _Region) -> None:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            type_ = self.type(node.annotation)
            if node.value is None:
                region.declared[node.target.id] = type_
            else:
                self.ordinary(node.value, {node.target.id: type_}, region)
        elif isinstance(node, ast.Assign):
            names = _target_names(node.targets[0])
            self.ordinary(node.value, {name: region.declared.pop(name, None) for name in names}, region)
        elif isinstance(node, ast.Return):
            region.results = self.operands(node.value)
        elif isinstance(node, ast.Expr):
            self.expression(node.value, region)
        elif isinstance(node, ast.If):
            self.if_(node, region)
        elif isinstance(node, ast.For):
            self.for_(node, region)
        elif isinstance(node, ast.While):
            self.while_(node, region)
        elif isinstance(node, ast.FunctionDef):
            place = self.place
            region.test = self.test(node), place
        elif not isinstance(node, ast.Pass):
            _fail(node, "not part of the IR")

    def expression(self, node: ast.expr, region: _Region) -> None:
        if isinstance(node, ast.Yield):
            region.results = self.operands(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "at":
            said = {keyword.arg: read_literal(keyword.value) for keyword in node.keywords}
            stmt = None
            if node.args:
                line, text = map(read_literal, node.args)
                stmt = Statement(line, text, said.get("index", 0), said.get("target", ""))
            self.place = stmt, said.get("why", "")
        else:
            self.ordinary(node, {}, region)

    def operands(self, node: ast.expr | None) -> tuple[Value, ...]:
        """What ``return`` or ``yield`` gives."""
        if node is None:
            return ()
        return tuple(map(self.operand, node.elts)) if isinstance(node, ast.Tuple) else (self.operand(node),)

    def ordinary(self, node: ast.expr, results: dict[str, Type | None], region: _Region) -> None:
        name, inputs, attrs, form = self.call(node)
        opdef = OPS.get(name) or _fail(node, f"there is no operation {name}")
        types = list(results.values())
        if any(type_ is None for type_ in types):
            inferred = self.infer(node, opdef, inputs, attrs)
            if len(inferred) != len(types):
                _fail(node, f"{name} has {len(inferred)} results")
            types = [given or found for given, found in zip(types, inferred, strict=True)]
        values = [self.bind(key, type_) for key, type_ in zip(results, types, strict=True) if type_ is not None]
        region.ops.append(Op(opdef, inputs, tuple(values), attrs, (), None, *self.place, form))

    def infer(self, node: ast.AST, opdef: OpDef, inputs: Sequence[Value], attrs: dict[str, Any]) -> tuple[Type, ...]:
        try:
            return opdef.infer(self.builder.typing, [value.type for value in inputs], attrs)
        except TypingError as error:
            _fail(node, str(error))

    def results(self, region: _Region) -> tuple[Value, ...]:
        """The values declared for a control op."""
        values = tuple(self.bind(name, type_) for name, type_ in region.declared.items())
        region.declared.clear()
        return values

    # ------------------------------------------------------------------------------------------------ control ops

    def if_(self, node: ast.If, region: _Region) -> None:
        attrs: dict[str, Any] = {}
        form, condition, place = "", node.test, self.place
        if isinstance(condition, ast.Call) and isinstance(condition.func, ast.Name) and condition.func.id == "when":
            _, (tested,), attrs, form = self.call(condition)
        else:
            tested = self.operand(condition)
        blocks = self.block(node.body, ()), self.block(node.orelse, ())
        region.ops.append(Op(IF, (tested,), self.results(region), attrs, blocks, None, *place, form))

    def for_(self, node: ast.For, region: _Region) -> None:
        name, seqs, attrs, form = self.call(node.iter)
        names = _target_names(node.target)
        if name != "each" or len(names) != len(seqs):
            _fail(node, "`for i, x_i in each(r, x)` is due")
        statements, place = list(node.body), self.place
        types = dict(_item_declarations(statements, names))
        items = []
        for key, seq in zip(names, seqs, strict=True):
            given = types.get(key)
            items.append(self.bind(key, self.type(given) if given is not None else self.item(node, seq, key)))
        init, carried = self.carried(statements)
        body = self.block(statements, [*items, *carried])
        attrs = {"seqs": len(seqs), "reverse": False, **attrs}
        region.ops.append(Op(FOR, (*seqs, *init), self.results(region), attrs, (body,), None, *place, form))

    def item(self, node: ast.AST, seq: Value, name: str) -> Type:
        try:
            return self.builder.item(seq, hint_of(name)).type
        except TypingError as error:
            _fail(node, str(error))

    def while_(self, node: ast.While, region: _Region) -> None:
        if region.test is None:
            _fail(node, "while without a test")
        test, place = region.test
        region.test = None
        _, init, attrs, form = self.call(node.test)
        statements = list(node.body)
        _, carried = self.carried(statements)
        blocks = test, self.block(statements, carried)
        region.ops.append(Op(WHILE, init, self.results(region), attrs, blocks, None, *place, form))

    def test(self, node: ast.FunctionDef) -> Block:
        params = [self.bind(a.arg, self.type(a.annotation or _fail(a, "a type is due"))) for a in node.args.args]
        return self.block(node.body, params)

    def carried(self, statements: list[ast.stmt]) -> tuple[list[Value], list[Value]]:
        """Take ``y: T = carry(x)`` from the front of a body; gives the initial values and the parameters."""
        init, params = [], []
        while statements and _carry(statements[0]) is not None:
            node = statements.pop(0)
            call = _carry(node)
            assert call is not None and isinstance(node, (ast.Assign, ast.AnnAssign))
            start = self.operand(call.args[0])
            (name,) = _target_names(node.targets[0] if isinstance(node, ast.Assign) else node.target)
            type_ = self.type(node.annotation) if isinstance(node, ast.AnnAssign) else without_value(start.type)
            init.append(start)
            params.append((name, type_))
        return init, [self.bind(name, type_) for name, type_ in params]


def _is_leaves(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Assign) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "leaves"


def _carry(node: ast.stmt) -> ast.Call | None:
    call = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    named = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "carry"
    return call if named and isinstance(call, ast.Call) else None


def _item_declarations(statements: list[ast.stmt], names: Sequence[str]) -> Iterator[tuple[str, ast.expr]]:
    """Take ``i: T`` of a loop's items from the front of its body."""
    while statements:
        node = statements[0]
        if not (isinstance(node, ast.AnnAssign) and node.value is None and isinstance(node.target, ast.Name)):
            return
        if node.target.id not in names:
            return
        yield node.target.id, node.annotation
        del statements[0]


def _target_names(node: ast.expr) -> list[str]:
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    return [element.id if isinstance(element, ast.Name) else _fail(node, "a name is due") for element in elements]


def _stand_in(name: str) -> Any:
    """Something that is named so: a class for records that can be built from fields."""
    module, _, qualified = name.partition(":")
    if not qualified:
        return SimpleNamespace(__name__=module)
    return type(qualified.rpartition(".")[2], (SimpleNamespace,), {"__module__": module, "__qualname__": qualified})
