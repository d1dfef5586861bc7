"""The guard: one statement at the head of a function that checks what its text relies on.

It raises TypeError for arguments of another rank or dtype, for axes that are not of length 1 where the text takes them
to be, for lengths that differ where the text rests on their being equal, and for arrays that share memory where the
author's function writes one of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from srcdiff.ir.core import Function, Value
from srcdiff.ir.dims import Dim, Facts, Symbol
from srcdiff.ir.notation import notation_of, plain_types
from srcdiff.ir.structure import Fixed, Leaf, Node, Parameter, Path, Tree, leaf_paths
from srcdiff.ir.types import DTYPES, Array, List, Object, Scalar, Type

from .numpy import call, instantiate, literal
from .parameters import Parameters, reach
from .wrapped import AnyOf, Message

PYTHON_CLASSES = {"b1": "bool", "i64": "int", "f64": "float", "c128": "complex"}
QUICK = {"f64": "float", "c128": "complex", "b1": "bool"}  # names of dtypes that are compared without a look into np
NARROW = frozenset({"f16", "f32", "c64"})


class UncheckableFact(Exception):
    """The text relies on something that cannot be seen from the arguments (a defect of what made the function)."""


class Guard:
    """names: value -> its name in the text; leaves that the text does not use have none and are not checked.

    renamed: names of the text's surroundings that are written otherwise.
    """

    def __init__(self, parameters: Parameters, names: Mapping[Value, str], renamed: Mapping[str, ast.expr]) -> None:
        self.parameters = parameters
        self._places = {f"_{k}": name for k, name in enumerate(names.values())}
        self.names = dict(zip(names, self._places, strict=True))
        self._places.update({f"_p_{p.name}": p.name for p in parameters.function.parameters})
        self._renamed = renamed
        self.function: Function = parameters.function
        self._symbols: dict[Symbol, str] = {}
        self._narrow = any(getattr(v.type, "dtype", None) in NARROW for v in self.function.params)

    def statement(self, written: Sequence[str], advice: str) -> ast.stmt | None:
        """The ``if`` statement, None if there is nothing to check.

        written: parameters that the author's function writes; advice: what to do for other arguments.
        """
        tests = [*self._structures(), *self._types(), *self._lengths(), *self._facts(), *self._overlaps(written)]
        message = f"{self.function.name} is written for {signature_text(self.function)}"
        return self._raised(tests, f"{message}; {advice}" if advice else message)

    def types_of(self, parameter: Parameter) -> ast.stmt | None:
        """The ``if`` statement that checks the types of one parameter, None if there is nothing to check."""
        mine = tuple(value for value in self.function.params if self._parameter(value) == parameter.name)
        alone = replace(self.function, parameters=(parameter,), body=replace(self.function.body, params=mine))
        tests = [test for v in mine if v in self.names for test in self._type(self.names[v], v.type)]
        return self._raised(tests, f"{self.function.name} is written for {signature_text(alone)}")

    def _raised(self, tests: Sequence[str], message: str) -> ast.stmt | None:
        if not tests:
            return None
        text = Message(message)
        places = {place: ast.Name(name, ast.Load()) for place, name in self._places.items()}
        names = {**self._renamed, **places}
        condition = AnyOf([instantiate(ast.parse(test, mode="eval").body, names) for test in tests])
        error = call(self._renamed.get("TypeError", "TypeError"), text)
        return ast.If(condition, [ast.Raise(error, None)], [])

    # Containers and constants

    def _structures(self) -> Iterator[str]:
        """The lengths of containers, and the constants that the text was made for."""
        for parameter in self.function.parameters:
            inside = replace(parameter, name=f"_p_{parameter.name}")
            for path, tree in _inner_trees(parameter.tree, ()):
                place = ast.unparse(reach(inside, path))
                if isinstance(tree, Fixed):
                    yield from _unequal(place, tree.value)
                elif tree.kind != "record":
                    yield f"len({place}) != {len(tree.children)}"

    # Kinds, ranks, dtypes

    def _types(self) -> Iterator[str]:
        for value in self.function.params:
            if value in self.names:
                yield from self._type(self.names[value], value.type)

    def _type(self, name: str, type_: Type) -> Iterator[str]:
        if isinstance(type_, Scalar):
            exact = self._narrow and type_.strength == "python" and type_.dtype in ("f64", "c128")
            classes = self._classes(type_)
            yield f"type({name}) is not {classes}" if exact else f"not isinstance({name}, {classes})"
        elif isinstance(type_, Object):
            yield f"not isinstance({name}, np.random.{type_.cls})"
        elif isinstance(type_, List):
            yield f"type({name}) is not list"
            if isinstance(type_.item, Scalar):
                yield f"not all(isinstance(item, {self._classes(type_.item)}) for item in {name})"
        elif isinstance(type_, Array):
            yield f"type({name}) is not np.ndarray"
            if type_.rank is not None:
                yield f"{name}.ndim != {type_.rank}"
            if type_.dtype is not None:
                yield f"{name}.dtype != {QUICK.get(type_.dtype) or self._exact(type_)}"

    def _classes(self, type_: Scalar) -> str:
        """``np.float64`` is a float, and does as well wherever no narrower dtype takes part in promotion."""
        exact = self._exact(type_)
        if type_.strength == "numpy":
            return exact
        python = PYTHON_CLASSES.get(type_.dtype, "float")
        return python if type_.strength == "python" else f"({python}, {exact})"

    def _exact(self, type_: Scalar | Array) -> str:
        return f"np.{DTYPES[type_.dtype or ''].name}"

    # Lengths

    def _lengths(self) -> Iterator[str]:
        """Axes of length 1 or of another fixed length, and lengths that are named twice."""
        later: list[tuple[str, Dim]] = []
        for value in self.function.params:
            name = self.names.get(value) or self._path(value)
            if isinstance(value.type, Scalar) and value.type.value is not None:
                self._place(value.type.value, name, later)
            for axis, dim in enumerate(getattr(value.type, "dims", None) or ()):
                text = f"len({name})" if axis == 0 else f"{name}.shape[{axis}]"
                if not self._place(dim, text, later) and value not in self.names:
                    later.pop()
        for text, dim in later:
            yield f"{text} != {self._formula(dim)}"

    def _place(self, dim: Dim, text: str, later: list[tuple[str, Dim]]) -> bool:
        """Note where a symbol can be read; what says more than that is checked."""
        symbols = sorted(dim.symbols)
        if len(symbols) == 1 and symbols[0] not in self._symbols and dim.terms[-1] == ((symbols[0],), 1):
            offset = dim.offset
            self._symbols[symbols[0]] = text if not offset else f"({text} - {offset})"
            return True
        later.append((text, dim))
        return False

    def _path(self, value: Value) -> str:
        """How a leaf that the text does not use is reached."""
        if value in self.parameters.parts:
            parameter, path = self.parameters.parts[value]
            return ast.unparse(reach(replace(parameter, name=f"_p_{parameter.name}"), path))
        return f"_p_{self.parameters.whole[value]}"

    def _facts(self) -> Iterator[str]:
        enforced = Facts(fact for fact in self.function.facts if fact.enforced)
        for fact in self.function.facts:
            if fact.enforced:
                continue
            left, right = self._seen(fact.left, enforced), fact.right and self._seen(fact.right, enforced)
            if right is None:
                yield f"{self._formula(left)} == 1"
            elif left != right:
                yield f"{self._formula(left)} != {self._formula(right)}"

    def _seen(self, dim: Dim, enforced: Facts) -> Dim:
        """The dim in terms of what the arguments show, by the equalities that NumPy enforces."""
        return dim if dim.symbols <= self._symbols.keys() else enforced.normal(dim)

    def _formula(self, dim: Dim) -> str:
        """A dim in terms of the arguments."""
        parts = []
        for key, factor in reversed(dim.terms):
            factors = [self._symbol(symbol) for symbol in key]
            if abs(factor) != 1 or not factors:
                factors.insert(0, str(abs(factor)))
            parts.append(f"{'-' if factor < 0 else '+'} {' * '.join(factors)}")
        text = " ".join(parts).removeprefix("+ ") or "0"
        return text.replace("- ", "-", 1) if text.startswith("- ") else text

    def _symbol(self, symbol: Symbol) -> str:
        if symbol in self._symbols:
            return self._symbols[symbol]
        known = {s.name: text for s, text in self._symbols.items()}
        try:
            tree = ast.parse(symbol.name, mode="eval").body
        except SyntaxError:
            tree = ast.Name(symbol.name)
        free = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if not isinstance(tree, ast.Call) or not free <= known.keys() | {"max", "min"}:
            raise UncheckableFact(f"the length {symbol.name} cannot be seen from the arguments")
        return ast.unparse(_Substitute(known).visit(tree))

    # Memory

    def _overlaps(self, written: Sequence[str]) -> Iterator[str]:
        arrays = [v for v in self.function.params if isinstance(v.type, Array) and v in self.names]
        seen = set()
        for value in arrays:
            if self._parameter(value) not in written:
                continue
            for other in arrays:
                pair = frozenset((value, other))
                if other is not value and pair not in seen:
                    seen.add(pair)
                    yield f"np.may_share_memory({self.names[value]}, {self.names[other]})"

    def _parameter(self, value: Value) -> str:
        return self.parameters.whole.get(value) or self.parameters.parts[value][0].name


def _inner_trees(tree: Tree, path: Path) -> Iterator[tuple[Path, Fixed | Node]]:
    """Containers and constants, with the paths to them."""
    if isinstance(tree, Leaf):
        return
    yield path, tree
    if isinstance(tree, Node):
        for key, child in zip(tree.keys, tree.children, strict=True):
            yield from _inner_trees(child, (*path, key))


def _unequal(place: str, value: object) -> Iterator[str]:
    """The test that a constant is another one; functions, classes and modules go by their names."""
    if value is None or isinstance(value, bool):
        yield f"{place} is not {value}"
    elif isinstance(value, (str, int, float, complex, tuple)):
        yield f"{place} != {ast.unparse(literal(value))}"
    elif (name := getattr(value, "__name__", None)) is not None:
        yield f"getattr({place}, '__name__', None) != {name!r}"


class _Substitute(ast.NodeTransformer):
    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(self.texts[node.id], mode="eval").body if node.id in self.texts else node


def signature_text(function: Function) -> str:
    """``(w: float, x: f64[n])``: what the arguments have to be, as ``--sig`` takes it; then what the constants of the
    author's module have to be."""
    types = list(plain_types([value.type for value in function.params], function.facts))
    own: list[str] = []
    hidden: list[str] = []
    for parameter in function.parameters:
        mine = [types.pop(0) for _ in leaf_paths(parameter.tree)]
        said = f"{parameter.name}: {notation_of(parameter.tree, mine)}"
        (hidden if parameter.kind == "hidden" else own).append(said)
    return f"({', '.join(own)})" + (f" with {', '.join(hidden)}" if hidden else "")
