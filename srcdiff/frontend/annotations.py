"""Signatures from annotations and from text: what is known of a function that has not been called.

Annotations: ``float``, ``int``, ``np.ndarray``, ``NDArray[np.float64]``, NumPy scalar types, jaxtyping's
``Float[Array, "n d"]``, tuples, dataclasses, named tuples, and the notation of signatures in quotes. What is not
annotated is what its default is (a default of None, a string or a bool is a constant), else unknown.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcdiff.diagnostics import Diagnostic, SignatureError, Source, Span
from srcdiff.ir.dims import Dim, Fact, Symbol, axis, constant, integer
from srcdiff.ir.notation import read_notation
from srcdiff.ir.structure import Fixed, Leaf, Node, Parameter, Tree
from srcdiff.ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    UNKNOWN,
    Array,
    List,
    Scalar,
    Type,
    dtype_code,
    int_of,
    symbols_of,
)

from .signature import (
    Describer,
    Lengths,
    Signature,
    default_text,
    leaf_name,
    parameter_kind,
    parameters_of,
    plain_function,
)

_JAXTYPING = {"Float": "f64", "Float64": "f64", "Float32": "f32", "Int": "i64", "Int64": "i64", "Int32": "i32",
              "Bool": "b1", "Complex": "c128", "Complex128": "c128", "Complex64": "c64"}
_NUMBERS: dict[Any, Type] = {float: FLOAT, complex: COMPLEX, bool: BOOL}

Described = tuple[Tree, list[Type]]


def of_annotations(function: Callable[..., Any]) -> Signature:
    """The signature that the annotations of a function say."""
    return of_text(function, "")


def of_text(function: Callable[..., Any], text: str) -> Signature:
    """The signature that a text such as ``w: f64[d], b: float`` says; parameters that it leaves out by annotation.

    Axes of one name are of one length: that is a fact of the signature, and no axis named so is 1.
    """
    declared = parameters_of(function)
    for name, parameter in declared.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise SignatureError(f"how many arguments `{name}` takes is known from a call only: give example arguments")
    names = getattr(plain_function(function), "__globals__", {})
    written = _written(text, names)
    unknown = set(written) - set(declared)
    if unknown:
        taken = f"the function does not take (it takes {', '.join(declared)})"
        raise SignatureError(f"the signature names {', '.join(sorted(unknown))}, which {taken}")
    reader = _Reader(names, Lengths(declared))
    described = {}
    for name, parameter in declared.items():
        described[name] = written[name] if name in written else reader.parameter(parameter)
    parameters = tuple(
        Parameter(name, tree, parameter_kind(declared[name]), default_text(declared[name]))
        for name, (tree, _) in described.items()
    )
    types, facts = _apart([type_ for _, types in described.values() for type_ in types], set(declared))
    return Signature(parameters, tuple(types), tuple(facts))


def described(function: Any, note: Any) -> Described:
    """The structure and types that an annotation of a function says."""
    names = getattr(function, "__globals__", {})
    return _Reader(names, Lengths(())).annotation(note, "result")


def _written(text: str, names: Mapping[str, Any]) -> dict[str, Described]:
    """The parameters that a text describes. SignatureError with a caret for one that cannot be read."""
    try:
        definition = ast.parse(f"{_HEAD}{text}): ...").body[0]
    except SyntaxError as error:
        raise _broken(text, error) from None
    assert isinstance(definition, ast.FunctionDef)
    arguments = definition.args
    extra = arguments.vararg or arguments.kwarg
    if extra is not None:
        raise _unreadable(text, "a signature has no stars", extra.col_offset, extra.end_col_offset)
    found: dict[str, Described] = {}
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        note = argument.annotation
        if note is None:
            raise _unreadable(text, f"`{argument.arg}` has no type", argument.col_offset, argument.end_col_offset)
        try:
            tree, types = read_notation(note, names)
        except ValueError as error:
            node = getattr(error, "node", note)
            raise _unreadable(text, str(error), node.col_offset, node.end_col_offset) from None
        if argument.arg in found:
            raise _unreadable(text, f"`{argument.arg}` has two types", argument.col_offset, note.end_col_offset)
        found[argument.arg] = (tree, [_named(type_, argument.arg) for type_ in types])
    return found


_HEAD = "def f("


def _broken(text: str, error: SyntaxError) -> SignatureError:
    """The error of a signature that is no Python; the bracket that closes the definition is not the author's."""
    start = (error.offset or 1) - 1
    unclosed = re.search(r"match opening parenthesis '(.)'", error.msg)
    if unclosed is not None and start >= len(_HEAD) + len(text):
        return _unreadable(text, f"'{unclosed[1]}' was never closed", len(_HEAD) + text.rindex(unclosed[1]))
    unopened = re.fullmatch(r"closing parenthesis '(.)' does not match opening parenthesis '\('", error.msg)
    if unopened is not None:
        return _unreadable(text, f"'{unopened[1]}' was never opened", start)
    return _unreadable(text, error.msg, start)


def _unreadable(text: str, problem: str, start: int, end: int | None = None) -> SignatureError:
    """The error of a signature, with a caret; columns are those of the definition that it was read in."""
    width = len(text.encode())
    first = min(max(start - len(_HEAD), 0), max(width - 1, 0))
    last = min(max((end or start + 1) - len(_HEAD), first + 1), width)
    span = Span(Source("signature", text), 1, first, 1, last)
    hint = "write names with types, such as `w: f64[d], x: f64[n, d], b: float`"
    return SignatureError(Diagnostic("SD034", "the signature cannot be read", span, problem, hint).render())


def _named(type_: Type, name: str) -> Type:
    """An int is the number that its parameter stands for."""
    return int_of(integer(leaf_name((name,)))) if type_ == INT else type_


def _apart(types: list[Type], taken: set[str]) -> tuple[list[Type], list[Fact]]:
    """Each axis gets a symbol of its own; that two of one name are equal becomes a fact, which a guard can check."""
    lengths = Lengths(taken | {symbol.name for type_ in types for symbol in symbols_of(type_)})
    seen: set[Symbol] = set()
    facts: list[Fact] = []
    result = []
    for type_ in types:
        if isinstance(type_, Array) and type_.dims is not None:
            dims = []
            for dim in type_.dims:
                dims.append(_own_symbol(dim, seen, facts, lengths))
            type_ = Array(type_.dtype, tuple(dims))
        result.append(type_)
    return result, facts


def _own_symbol(dim: Dim, seen: set[Symbol], facts: list[Fact], lengths: Lengths) -> Dim:
    alone = dim.lone_symbol
    if alone is not None and alone not in seen:
        seen.add(alone)
        return dim
    if dim.value is not None:
        return dim
    own = axis(lengths.name())
    facts.append(Fact(own, dim))
    return own


class _Reader:
    """Reads annotations. names: the globals of the function."""

    def __init__(self, names: Mapping[str, Any], lengths: Lengths) -> None:
        self.names = names
        self.lengths = lengths

    def parameter(self, parameter: inspect.Parameter) -> Described:
        if parameter.annotation is not inspect.Parameter.empty:
            return self.annotation(parameter.annotation, parameter.name)
        default = parameter.default
        if default is None or isinstance(default, (str, bool)):
            return Fixed(default), []
        if type(default) in _NUMBERS or type(default) is int:
            return self.annotation(type(default), parameter.name)
        if isinstance(default, np.generic) or type(default) in (tuple, dict):
            describer = Describer(self.lengths)
            with contextlib.suppress(SignatureError):
                return describer.tree(default, (parameter.name,)), describer.types
        return Leaf(), [UNKNOWN]

    def annotation(self, note: Any, name: str) -> Described:
        if isinstance(note, str):
            return self._text(note, name)
        if note is int:
            return Leaf(), [int_of(integer(leaf_name((name,))))]
        if isinstance(note, typing.Hashable) and note in _NUMBERS:
            return Leaf(), [_NUMBERS[note]]
        dims = getattr(note, "dim_str", None)
        if isinstance(dims, str):
            return Leaf(), [_jaxtyping(note.__name__.split("[")[0], dims)]
        if isinstance(note, type) and not typing.get_args(note):
            return self._class(note, name)
        return self._generic(note, name)

    def _text(self, note: str, name: str) -> Described:
        """A quoted annotation: the notation of signatures, jaxtyping's, or an expression of the function's module."""
        try:
            node = ast.parse(note, mode="eval").body
        except SyntaxError:
            return Leaf(), [UNKNOWN]
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self._text(node.value, name)  # quoted, in a module with `from __future__ import annotations`
        try:
            tree, types = read_notation(node, self.names)
            return tree, [_named(type_, name) for type_ in types]
        except ValueError:
            pass
        found = _jaxtyping_text(node)
        if found is not None:
            return Leaf(), [found]
        try:
            value = eval(note, dict(self.names))  # an annotation is an expression of the author's module
        except Exception:
            return Leaf(), [UNKNOWN]
        return (Leaf(), [UNKNOWN]) if isinstance(value, str) else self.annotation(value, name)

    def _class(self, note: type, name: str) -> Described:
        if note is np.ndarray:
            return Leaf(), [Array(None, None)]
        if issubclass(note, np.generic):
            return Leaf(), [_dtype_type(note)]
        fields = typing.get_type_hints(note) if dataclasses.is_dataclass(note) or hasattr(note, "_fields") else {}
        if fields:
            parts = [self.annotation(hint, f"{name}_{field}") for field, hint in fields.items()]
            tree = Node("record", tuple(fields), tuple(part for part, _ in parts), note)
            return tree, [type_ for _, types in parts for type_ in types]
        return Leaf(), [UNKNOWN]

    def _generic(self, note: Any, name: str) -> Described:
        origin, arguments = typing.get_origin(note), typing.get_args(note)
        if hasattr(origin, "__value__"):  # an alias made by a type statement, as NDArray is on newer Pythons
            return self.annotation(origin.__value__[arguments], name)
        if origin is np.ndarray:
            dtypes = typing.get_args(arguments[-1])
            code = _dtype_type(dtypes[0]).dtype if dtypes and isinstance(dtypes[0], type) else None
            return Leaf(), [Array(code, None)]
        if origin is typing.Annotated:
            return self.annotation(arguments[0], name)
        if origin is tuple and ... not in arguments:
            parts = [self.annotation(part, f"{name}_{k}") for k, part in enumerate(arguments)]
            tree = Node("tuple", tuple(range(len(parts))), tuple(part for part, _ in parts))
            return tree, [type_ for _, types in parts for type_ in types]
        if origin is list and arguments[0] in (float, int):
            return Leaf(), [List(FLOAT)]
        return Leaf(), [UNKNOWN]


def _dtype_type(note: type) -> Scalar:
    try:
        return Scalar(dtype_code(np.dtype(note)))
    except (KeyError, TypeError):
        raise SignatureError(f"the dtype {note.__name__} is not supported") from None


def _jaxtyping(kind: str, dims: str) -> Type:
    """``Float[Array, "n 3"]``: names, numbers; ``...`` and what else there is leaves the rank open."""
    code = _JAXTYPING.get(kind)
    parts = dims.split()
    if any(not (part.isidentifier() or part.isdigit()) for part in parts):
        return Array(code, None)
    return Array(code, tuple(constant(int(part)) if part.isdigit() else axis(part) for part in parts))


def _jaxtyping_text(node: ast.expr) -> Type | None:
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Tuple) or len(node.slice.elts) != 2:
        return None
    kind = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    dims = node.slice.elts[1]
    known = kind in _JAXTYPING and isinstance(dims, ast.Constant) and isinstance(dims.value, str)
    return _jaxtyping(kind, str(dims.value)) if known and isinstance(dims, ast.Constant) else None
