"""The fence: every construct of Python in one table, accepted or refused with a message and a way out.

``check`` walks a function's tree and reports all that is refused; what is accepted here may still be refused where its
meaning is known (a store through a view, a method without a rule).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from srcdiff.diagnostics import Diagnostic

from .source import FunctionText


@dataclass(frozen=True)
class Refused:
    """A construct outside the accepted subset: how it is called, and what to write instead."""

    what: str
    hint: str


ACCEPTED = "accepted"
_PLAIN = "write it with assignments, loops and branches"
_OWN = "do it outside, and pass the result as an argument"
_EXITS = "write the loop so that its condition says when it ends"

CONSTRUCTS: dict[type[ast.AST], str | Refused] = {
    # statements
    **dict.fromkeys([ast.FunctionDef, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If,
                     ast.Raise, ast.Assert, ast.Expr, ast.Pass], ACCEPTED),
    ast.AsyncFunctionDef: Refused("an async function", "write a plain function"),
    ast.ClassDef: Refused("a class inside a function", "define the class at the top of the file"),
    ast.Delete: Refused("`del`", "leave it out: a name that is not read costs nothing"),
    ast.AsyncFor: Refused("`async for`", "write a plain loop"),
    ast.With: Refused("`with`", _OWN),
    ast.AsyncWith: Refused("`async with`", _OWN),
    ast.Match: Refused("`match`", "write it with `if` and `elif`"),
    ast.Try: Refused("`try`", f"test for the case in front, or {_OWN}"),
    ast.TryStar: Refused("`try`", f"test for the case in front, or {_OWN}"),
    ast.Import: Refused("an import inside a function", "import at the top of the file"),
    ast.ImportFrom: Refused("an import inside a function", "import at the top of the file"),
    ast.Global: Refused("`global`", "pass the value as an argument and return it"),
    ast.Nonlocal: Refused("`nonlocal`", "pass the value as an argument and return it"),
    ast.Break: Refused("`break`", _EXITS),
    ast.Continue: Refused("`continue`", "put the rest of the body into an `if`"),
    # expressions
    **dict.fromkeys([ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict, ast.Compare, ast.Call,
                     ast.FormattedValue, ast.JoinedStr, ast.Constant, ast.Attribute, ast.Subscript, ast.Starred,
                     ast.Name, ast.List, ast.Tuple, ast.Slice, ast.NamedExpr, ast.ListComp, ast.DictComp,
                     ast.GeneratorExp, ast.comprehension], ACCEPTED),
    ast.Set: Refused("a set", "write a tuple"),
    ast.SetComp: Refused("a set comprehension", _PLAIN),
    ast.Await: Refused("`await`", "write a plain function"),
    ast.Yield: Refused("`yield`", "collect the values in an array and return it"),
    ast.YieldFrom: Refused("`yield from`", "collect the values in an array and return it"),
    # operators, contexts, and parts of other constructs
    **dict.fromkeys([ast.And, ast.Or, ast.Add, ast.Sub, ast.Mult, ast.MatMult, ast.Div, ast.Mod, ast.Pow, ast.LShift,
                     ast.RShift, ast.BitOr, ast.BitXor, ast.BitAnd, ast.FloorDiv, ast.Invert, ast.Not, ast.UAdd,
                     ast.USub, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In,
                     ast.NotIn, ast.Load, ast.Store, ast.arguments, ast.arg, ast.keyword, ast.alias], ACCEPTED),
    ast.Del: Refused("`del`", "leave it out: a name that is not read costs nothing"),
    **dict.fromkeys([ast.ExceptHandler, ast.withitem, ast.match_case, ast.MatchValue, ast.MatchSingleton,
                     ast.MatchSequence, ast.MatchMapping, ast.MatchClass, ast.MatchStar, ast.MatchAs, ast.MatchOr],
                    Refused("a part of a refused statement", _PLAIN)),
}
"""Every node of Python's grammar. A construct that is not listed (of a newer Python) is refused."""

_UNKNOWN = Refused("this construct", _PLAIN)


def entry(node: ast.AST) -> str | Refused:
    """What the table says of a node; constructs of newer versions of Python are refused."""
    return CONSTRUCTS.get(type(node), _UNKNOWN)


def check(text: FunctionText) -> list[Diagnostic]:
    """All that is refused in a function, whatever its values are (functions defined inside it included)."""
    return [*_parameters(text), *_within(text, text.body, loop=False)]


def refusal(text: FunctionText, node: ast.AST, what: str, hint: str, label: str = "") -> Diagnostic:
    """The diagnostic of a refused construct."""
    return Diagnostic("SD001", f"{what} is not supported", text.span(node), label, hint)


def _parameters(text: FunctionText) -> Iterator[Diagnostic]:
    if isinstance(text.node, ast.AsyncFunctionDef):
        yield refusal(text, text.node, "an async function", "write a plain function")
    for star, argument in (("*", text.node.args.vararg), ("**", text.node.args.kwarg)):
        if argument is not None:
            hint = "name the arguments one by one, or pass a tuple or a dict"
            yield refusal(text, argument, f"the parameter `{star}{argument.arg}`", hint)


def _within(text: FunctionText, nodes: Iterable[ast.AST], loop: bool) -> Iterator[Diagnostic]:
    """Problems in statements and expressions; a refused construct is reported once, not its parts."""
    waiting = [(node, loop) for node in nodes]
    while waiting:
        node, loop = waiting.pop()
        found = entry(node)
        if isinstance(found, Refused):
            yield refusal(text, node, found.what, found.hint)
            continue
        problem = _in_context(text, node, loop)
        if problem is not None:
            yield problem
        waiting += [(child, _in_loop(node, child, loop)) for child in ast.iter_child_nodes(node)]


def _in_loop(node: ast.AST, child: ast.AST, loop: bool) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        return False
    return loop or (isinstance(node, (ast.For, ast.While)) and isinstance(child, ast.stmt))


def _in_context(text: FunctionText, node: ast.AST, loop: bool) -> Diagnostic | None:
    """What is refused because of the place where it stands."""
    if isinstance(node, ast.Return) and loop:
        hint = "keep the result in a name, and return it behind the loop"
        return refusal(text, node, "a return inside a loop", hint)
    if isinstance(node, (ast.For, ast.While)) and node.orelse:
        return refusal(text, node.orelse[0], "`else` of a loop", "write the statements behind the loop")
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        return refusal(text, node.decorator_list[0], "a decorated inner function", "define it at the top of the file")
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        return refusal(text, node, "a bytes literal", "write numbers")
    return None
