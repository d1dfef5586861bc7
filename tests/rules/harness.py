"""Holds a rule against NumPy and against differences.

A case is a Python expression over named operands, such as ``np.sum(x, axis=0)``. ``lower`` turns it into ops through
the binders, as the compiler does; the checks then compare values, types, tangents, cotangents and second derivatives.
"""

from __future__ import annotations

import ast
import builtins
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import srcdiff.rules  # noqa: F401  (enters the operations)
from srcdiff.ir.build import Builder
from srcdiff.ir.core import IF, Block, Constant, Function, Op, Value, free_values
from srcdiff.ir.dims import Dim, axis, constant, integer, size
from srcdiff.ir.expr import BINARY, COMPARE, UNARY
from srcdiff.ir.interp import interpret
from srcdiff.ir.opdef import OPS
from srcdiff.ir.structure import Leaf
from srcdiff.ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    UNKNOWN,
    Array,
    List,
    Scalar,
    Type,
    Unknown,
    cotangent_type,
    dtype_code,
    int_of,
    is_inexact,
    kind,
)
from srcdiff.rules.contributions import Masked, Update, applied
from srcdiff.rules.regions import attributes
from srcdiff.rules.table import ATTRIBUTES, FUNCTIONS, METHODS


class Direct:
    """``op.set(x, v, i, index="@")`` in a case is the op itself, for ops that no function of NumPy's stands for."""

    def __getattr__(self, name: str) -> Any:
        return OPS[name].evaluate


ROOTS = {"np": np, "math": math, "op": Direct(), **{name: getattr(builtins, name) for name in dir(builtins)}}

# --- expressions to ops


class Lowering:
    """Reads an expression of the author's into ops, through the binders."""

    def __init__(self, b: Builder, names: Mapping[str, Any]) -> None:
        self.b = b
        self.names = names

    def read(self, node: ast.expr) -> Any:
        return getattr(self, f"read_{type(node).__name__}")(node)

    def read_Constant(self, node: ast.Constant) -> Any:
        return node.value

    def read_Name(self, node: ast.Name) -> Any:
        return self.names[node.id] if node.id in self.names else ROOTS[node.id]

    def read_Tuple(self, node: ast.Tuple) -> Any:
        return tuple(map(self.read, node.elts))

    def read_List(self, node: ast.List) -> Any:
        return list(map(self.read, node.elts))

    def read_Attribute(self, node: ast.Attribute) -> Any:
        owner = self.read(node.value)
        return ATTRIBUTES[node.attr](self.b, owner) if isinstance(owner, Value) else getattr(owner, node.attr)

    def read_UnaryOp(self, node: ast.UnaryOp) -> Any:
        operand = self.read(node.operand)
        if not isinstance(operand, Value):
            return eval(compile(ast.Expression(node), "", "eval"))
        return self.b.op(UNARY[type(node.op)], operand)

    def read_BinOp(self, node: ast.BinOp) -> Any:
        return self.b.op(BINARY[type(node.op)], self.read(node.left), self.read(node.right))

    def read_Compare(self, node: ast.Compare) -> Any:
        return self.b.op(COMPARE[type(node.ops[0])], self.read(node.left), self.read(node.comparators[0]))

    def read_Call(self, node: ast.Call) -> Any:
        arguments = [self.read(argument) for argument in node.args]
        keywords = {str(k.arg): self.read(k.value) for k in node.keywords}
        if isinstance(node.func, ast.Attribute):
            owner = self.read(node.func.value)
            if isinstance(owner, Direct):
                return self.b.op(node.func.attr, *arguments, **keywords)
            if isinstance(owner, Value):
                return METHODS[node.func.attr](self.b, owner, *arguments, **keywords)
        function = self.read(node.func)
        return FUNCTIONS[function](self.b, *arguments, **keywords)

    def read_Subscript(self, node: ast.Subscript) -> Any:
        owner = self.read(node.value)
        if not isinstance(owner, Value):
            return owner[self.read(node.slice)]
        pattern, operands = self.index(node.slice)
        values = [self.b.value(operand) for operand in operands]
        return self.b.op("get", owner, *values, **attributes(self.b, values, pattern))

    def index(self, node: ast.expr) -> tuple[str, list[Any]]:
        """The pattern of an index and its operands."""
        parts, operands = [], []
        for item in node.elts if isinstance(node, ast.Tuple) else [node]:
            if isinstance(item, ast.Slice):
                bounds = [item.lower, item.upper, item.step]
                operands += [self.read(bound) for bound in bounds if bound is not None]
                texts = ["@" if bound is not None else "" for bound in bounds]
                parts.append(":".join(texts if item.step is not None else texts[:2]))
            elif isinstance(item, ast.Constant) and item.value in (None, ...):
                parts.append("None" if item.value is None else "...")
            elif isinstance(item, ast.Attribute) and item.attr == "newaxis":
                parts.append("None")
            else:
                parts.append("@")
                operands.append(self.read(item))
        return ", ".join(parts) + ("," if isinstance(node, ast.Tuple) and len(parts) == 1 else ""), operands


def lower(b: Builder, text: str, names: Mapping[str, Any]) -> Any:
    """The value of an expression."""
    return Lowering(b, names).read(ast.parse(text, mode="eval").body)


# --- types of real values


class Signature:
    """Types of arguments. ``mode``: ``exact`` (axes known not to be 1 where they are not), ``open`` (all axes may be
    1), ``untyped`` (as exact, dtypes unknown), ``unknown`` (number or array)."""

    def __init__(self, mode: str = "exact") -> None:
        self.mode = mode
        self.lengths: dict[str, int] = {}

    def type_of(self, value: Any, name: str) -> Type:
        if isinstance(value, bool):
            return BOOL
        if isinstance(value, int):
            self.lengths[name] = value
            return int_of(integer(name))
        if isinstance(value, (float, complex)) and not isinstance(value, np.generic):
            return (UNKNOWN if self.mode == "unknown" else FLOAT) if isinstance(value, float) else COMPLEX
        if isinstance(value, list):
            return List(self.type_of(value[0], name) if value else FLOAT, self.dim(len(value), f"{name}_len"))
        if self.mode == "unknown" and value.dtype.kind == "f":
            return UNKNOWN
        if isinstance(value, np.generic):
            return Scalar(dtype_code(value.dtype))
        dims = tuple(self.dim(length, f"{name}_{k}") for k, length in enumerate(value.shape))
        untyped = self.mode == "untyped" and value.dtype.kind == "f"
        return Array(None if untyped else dtype_code(value.dtype), dims)

    def dim(self, length: int, name: str) -> Dim:
        exact = self.mode in ("exact", "untyped")
        if exact and length == 1:
            return constant(1)
        self.lengths[name] = length
        return (axis if exact else size)(name)


def length_of(dim: Dim, lengths: Mapping[str, int]) -> int | None:
    """The number that a dim stands for, where its symbols are arguments' or formulas of them."""

    def broadcast(left: int, right: int) -> int:
        return right if left == 1 else left

    formulas = {
        "max": max,
        "min": min,
        "broadcast": broadcast,
        "floordiv": lambda m, n: m // n,
        "mod": lambda m, n: m % n,
        "range_length": lambda *bounds: len(range(*bounds)),
        "slice_length": lambda n, *bounds: len(range(*slice(*bounds).indices(n))),
    }
    try:
        return eval(str(dim), {"__builtins__": {}}, {**formulas, **lengths})
    except NameError:
        return None


def type_problem(type_: Type, value: Any, lengths: Mapping[str, int]) -> str:
    """What is wrong with the claim that ``value`` is of ``type_``; empty if nothing is."""
    if isinstance(type_, Unknown):
        return ""
    if isinstance(type_, List):
        return "" if isinstance(value, (list, range, tuple)) else f"{value!r} is no list"
    if isinstance(type_, Array):
        return _array_problem(type_, value, lengths)
    assert isinstance(type_, Scalar)
    strong = isinstance(value, np.generic)
    if isinstance(value, np.ndarray) or strong is (type_.strength == "python"):
        if type_.strength != "either" or isinstance(value, np.ndarray):
            return f"{value!r} ({type(value).__name__}) is not {type_}"
    if strong and type_.strength == "numpy" and dtype_code(value.dtype) != type_.dtype:
        return f"{value!r} has dtype {value.dtype}, not {type_}"
    if not strong and type_.strength == "python":
        python = {"b": bool, "i": int, "f": (int, float), "c": complex}[kind(type_.dtype)]
        if not isinstance(value, python):
            return f"{value!r} is not {type_}"
    if type_.value is not None and length_of(type_.value, lengths) not in (None, value):
        return f"{value!r} is not {type_}"
    return ""


def _array_problem(type_: Array, value: Any, lengths: Mapping[str, int]) -> str:
    if not isinstance(value, np.ndarray):
        return f"{value!r} ({type(value).__name__}) is not {type_}"
    if type_.dtype is not None and dtype_code(value.dtype) != type_.dtype:
        return f"the dtype is {value.dtype}, not {type_}"
    if type_.dims is None:
        return ""
    if len(type_.dims) != value.ndim:
        return f"the shape is {value.shape}, not {type_}"
    for dim, length in zip(type_.dims, value.shape):
        if length_of(dim, lengths) not in (None, length):
            return f"the shape is {value.shape}, not {type_}"
    return ""


# --- functions of ops


class Case:
    """An expression lowered for arguments of certain types."""

    def __init__(self, text: str, args: Mapping[str, Any], mode: str = "exact") -> None:
        self.text = text
        self.args = dict(args)
        self.signature = Signature(mode)
        self.b = Builder()
        self.params = {name: Value(self.signature.type_of(value, name), name) for name, value in args.items()}
        self.result = lower(self.b, text, self.params)

    @property
    def active(self) -> list[str]:
        """The arguments that can carry a derivative."""
        return [name for name, value in self.params.items() if is_inexact(value.type)]

    def evaluate(self, result: Value, extra: Mapping[Value, Any] = {}) -> Any:
        """The value of a result, for the case's arguments and further parameters."""
        values = {**{self.params[name]: arg for name, arg in self.args.items()}, **extra}
        return evaluate(self.b.ops, list(values), result, list(values.values()))


def evaluate(ops: Sequence[Op], params: Sequence[Value], result: Value, args: Sequence[Any]) -> Any:
    """Run the ops that a result depends on, on real values."""
    function = Function("f", (), Block(tuple(params), needed(ops, result), (result,)), Leaf())
    with np.errstate(all="ignore"):
        return interpret(function, list(args))[0]


def needed(ops: Sequence[Op], result: Value) -> tuple[Op, ...]:
    """The ops that a value depends on, in order."""
    used, kept = {result}, []
    for op in reversed(ops):
        if used.intersection(op.results):
            kept.append(op)
            used.update(op.inputs)
            for block in op.blocks:
                used.update(free_values(block), block.results)
    return tuple(reversed(kept))


def expected(text: str, args: Mapping[str, Any]) -> Any:
    """What Python and NumPy themselves compute."""
    with np.errstate(all="ignore"):
        return eval(text, dict(ROOTS), dict(args))


def push(b: Builder, ops: Sequence[Op], dots: dict[Value, Value]) -> None:
    """Forward mode over ops already in ``b``: adds the tangents of their results to ``dots``."""
    for op in ops:
        if op.kind is IF:
            _push_branch(b, op, dots)
        elif op.kind.jvp is not None and any(value in dots for value in op.inputs):
            found = op.kind.jvp(b, op, [dots.get(value) for value in op.inputs])
            dots.update({value: dot for value, dot in zip(op.results, found) if dot is not None})


def _push_branch(b: Builder, op: Op, dots: dict[Value, Value]) -> None:
    def side(block: Block) -> Callable[[], list[Value]]:
        def build() -> list[Value]:
            inner = dict(dots)
            for one in block.ops:
                b.emit(one)
            push(b, block.ops, inner)
            return [inner.get(value, b.constant(0.0)) for value in block.results]

        return build

    types = [cotangent_type(value.type) for value in op.results]
    made = b.branch(op.inputs[0], types, side(op.blocks[0]), side(op.blocks[1]))
    dots.update(zip(op.results, made.results))


def pull(case: Case, bar: Value) -> dict[str, Value]:
    """Reverse mode over the case's straight-line ops: the cotangent of every active argument."""
    b, bars = case.b, {case.result: bar}
    reached = set(case.params[name] for name in case.active)
    for op in case.b.ops:
        if any(value in reached for value in op.inputs) and op.kind.vjp is not None:
            reached.update(op.results)
    for op in reversed(case.b.ops):
        if not any(value in bars for value in op.results) or op.kind.vjp is None:
            continue
        wanted = [value in reached and not isinstance(value, Constant) for value in op.inputs]
        found = op.kind.vjp(b, op, tuple(bars.get(value) for value in op.results), wanted)
        assert len(found) == len(op.inputs), f"{op}: one contribution for each input"
        for value, part in zip(op.inputs, found):
            if part is not None and value in reached:
                bars[value] = accumulated(b, bars.get(value), part, value)
    return {name: settled(b, bars.get(case.params[name]), case.params[name]) for name in case.active}


def accumulated(b: Builder, total: Any, part: Any, value: Value) -> Any:
    if isinstance(part, Update):
        return part.apply(b, settled(b, total, value))
    if total is None:
        return part
    return b.op("list_add" if isinstance(value.type, List) else "add", applied(b, total), applied(b, part))


def settled(b: Builder, total: Any, value: Value) -> Value:
    """An accumulator as a value: zeros where nothing came."""
    if total is not None:
        return applied(b, total) if isinstance(total, Masked) else total
    if isinstance(value.type, List):
        return b.op("list_zeros", value)
    return b.constant(0.0) if isinstance(value.type, Scalar) else b.op("zeros_like", value)


# --- numbers


def random_like(rng: np.random.Generator, value: Any) -> Any:
    """Random numbers of the kind, dtype and shape of a value."""
    if isinstance(value, list):
        return [float(rng.normal()) for _ in value]
    if isinstance(value, float) and not isinstance(value, np.generic):
        return float(rng.normal())
    drawn = rng.normal(size=np.shape(value)).astype(np.result_type(value))
    return drawn if np.ndim(drawn) else drawn[()]  # cotangents and tangents of 0-d arrays are numbers


def shifted(value: Any, direction: Any, step: float) -> Any:
    if isinstance(value, list):
        return [v + step * d for v, d in zip(value, direction)]
    moved = value + step * direction
    return np.asarray(moved) if isinstance(value, np.ndarray) else type(value)(moved)


def inner(left: Any, right: Any) -> float:
    """The inner product of two values of one shape."""
    return float(np.sum(np.asarray(left, float) * np.asarray(right, float)))


def finite_difference(f: Callable[[float], Any], step: float) -> Any:
    """Central differences with one extrapolation: from two step sizes."""
    coarse, fine = ((np.asarray(f(h), float) - np.asarray(f(-h), float)) / (2 * h) for h in (step, step / 2))
    return (4 * fine - coarse) / 3
