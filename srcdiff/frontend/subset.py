"""The fence: every construct of Python in one table, accepted or refused with a message and a way out.

``check`` walks a function's tree and reports all that is refused; what is accepted here may still be refused where its
meaning is known (a store through a view, a method without a rule).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from srcdiff.diagnostics import Diagnostic

from .scopes import bound, walk
from .source import FunctionText


@dataclass(frozen=True)
class Refused:
    """A construct outside the accepted subset: how it is called, what to write instead, and its code."""

    what: str
    hint: str
    code: str = "SD001"


ACCEPTED = "accepted"
_PLAIN = "write it with assignments, loops and branches"
_OWN = "do it outside, and pass the result as an argument"
_TRY = "test for the case in front (`if d == 0:`), or call a `@srcdiff.constant` function that holds the `try`"

CONSTRUCTS: dict[type[ast.AST], str | Refused] = {
    # statements
    **dict.fromkeys([ast.FunctionDef, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If,
                     ast.Raise, ast.Assert, ast.Expr, ast.Pass, ast.Delete, ast.Import, ast.ImportFrom, ast.With,
                     ast.Break, ast.Continue], ACCEPTED),
    ast.AsyncFunctionDef: Refused("an async function", "write a plain function", "SD062"),
    ast.ClassDef: Refused("a class inside a function", "define the class at the top of the file", "SD064"),
    ast.AsyncFor: Refused("`async for`", "write a plain loop", "SD062"),
    ast.AsyncWith: Refused("`async with`", _OWN, "SD062"),
    ast.Match: Refused("`match`", "write it with `if` and `elif`"),
    ast.Try: Refused("`try`", _TRY, "SD060"),
    ast.TryStar: Refused("`try`", _TRY, "SD060"),
    ast.Global: ACCEPTED,
    ast.Nonlocal: ACCEPTED,
    # expressions
    **dict.fromkeys([ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict, ast.Compare, ast.Call,
                     ast.FormattedValue, ast.JoinedStr, ast.Constant, ast.Attribute, ast.Subscript, ast.Starred,
                     ast.Name, ast.List, ast.Tuple, ast.Slice, ast.NamedExpr, ast.ListComp, ast.DictComp,
                     ast.GeneratorExp, ast.comprehension], ACCEPTED),
    ast.Set: Refused("a set", "write a tuple"),
    ast.SetComp: Refused("a set comprehension", _PLAIN),
    ast.Await: Refused("`await`", "write a plain function", "SD062"),
    ast.Yield: Refused("`yield`", "collect the values in an array and return it", "SD061"),
    ast.YieldFrom: Refused("`yield from`", "collect the values in an array and return it", "SD061"),
    # operators, contexts, and parts of other constructs
    **dict.fromkeys([ast.And, ast.Or, ast.Add, ast.Sub, ast.Mult, ast.MatMult, ast.Div, ast.Mod, ast.Pow, ast.LShift,
                     ast.RShift, ast.BitOr, ast.BitXor, ast.BitAnd, ast.FloorDiv, ast.Invert, ast.Not, ast.UAdd,
                     ast.USub, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In,
                     ast.NotIn, ast.Load, ast.Store, ast.Del, ast.arguments, ast.arg, ast.keyword, ast.alias],
                    ACCEPTED),
    ast.withitem: ACCEPTED,
    **dict.fromkeys([ast.ExceptHandler, ast.match_case, ast.MatchValue, ast.MatchSingleton,
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
    return [*_parameters(text), *_within(text, text.body)]


def refusal(
    text: FunctionText, node: ast.AST, what: str, hint: str, label: str = "", code: str = "SD001"
) -> Diagnostic:
    """The diagnostic of a refused construct."""
    return Diagnostic(code, f"{what} is not supported", text.span(node), label, hint)


def _parameters(text: FunctionText) -> Iterator[Diagnostic]:
    if isinstance(text.node, ast.AsyncFunctionDef):
        yield refusal(text, text.node, "an async function", "write a plain function", code="SD062")


def _within(text: FunctionText, nodes: Iterable[ast.AST]) -> Iterator[Diagnostic]:
    """Problems in statements and expressions; a refused construct is reported once, not its parts."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        found = entry(node)
        if isinstance(found, Refused):
            yield refusal(text, node, found.what, found.hint, code=found.code)
            continue
        problem = _in_context(text, node)
        if problem is not None:
            yield problem
        waiting += ast.iter_child_nodes(node)


def _bound_beside(text: FunctionText, node: ast.AST) -> set[str]:
    """The names that are bound in the function in which a statement stands."""
    functions = [part for part in ast.walk(text.node) if isinstance(part, ast.FunctionDef) and node in walk(part.body)]
    own = functions[-1].body if functions else text.body
    return set(bound(own))


def _in_context(text: FunctionText, node: ast.AST) -> Diagnostic | None:
    """What is refused because of the place where it stands."""
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        return refusal(text, node.decorator_list[0], "a decorated inner function", "define it at the top of the file")
    if isinstance(node, (ast.Global, ast.Nonlocal)) and set(node.names) & _bound_beside(text, node):
        what = f"a write to a {'global' if isinstance(node, ast.Global) else 'nonlocal'} name"
        return refusal(text, node, what, "pass the value as an argument and return it", code="SD063")
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        return refusal(text, node, "a bytes literal", "write numbers")
    return None
