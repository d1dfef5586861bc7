"""From a tree to text, and from text to text that people read: the only place that knows astor and black."""

from __future__ import annotations

import ast
import warnings
from functools import cache
from typing import Any

from .comments import Comment
from .wrapped import LINE, AnyOf, Message

LONGEST = 1000  # lines that black gets to see
NOTE = "# Not formatted: more than 1,000 lines.\n"


def to_text(statements: list[ast.stmt]) -> str:
    """The text of statements, one line for each simple one."""
    generator = _generator_class()(" " * 4)
    generator.visit(ast.Module(statements, []))
    return "".join(generator.result).strip("\n") + "\n"


def readable(text: str) -> str:
    """The text as black writes it; a long one stays as it is, and says so.

    >>> readable("x = {'a':1}\\n")
    'x = {"a": 1}\\n'
    """
    if text.count("\n") > LONGEST:
        return NOTE + text
    import black

    return black.format_str(text, mode=black.Mode(line_length=LINE))


@cache
def _generator_class() -> Any:
    """astor's generator, with comments. (astor warns at import on new versions of Python.)"""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import astor.code_gen

    class Generator(astor.code_gen.SourceGenerator):  # type: ignore[misc]
        def visit_Comment(self, node: Comment) -> None:
            self.newline()
            if node.text:
                self.write(f"# {node.text}")
            else:
                self.newline(extra=1)

        def visit_Constant(self, node: ast.Constant) -> None:
            if isinstance(node.value, str):
                self.write(_quoted(node.value))
            else:
                super().visit_Constant(node)

        def visit_ListComp(self, node: ast.ListComp) -> None:
            # astor would write the entry in parentheses
            astor.code_gen.set_precedence(astor.code_gen.Precedence.Comma, node.elt)
            super().visit_ListComp(node)

        def visit_AnyOf(self, node: AnyOf) -> None:
            tests = [_expression(test) for test in node.values]
            one = " or ".join(tests)
            end = self.indent_with * self.indentation
            start = end + self.indent_with
            if len(end) + len(f"if {one}:") <= LINE:
                self.write(one)
            else:
                self.write("(\n", start, f"\n{start}or ".join(tests), f"\n{end})")

        def visit_Message(self, node: Message) -> None:
            indent = self.indent_with * self.indentation
            if len(f"{indent}raise TypeError({_quoted(node.value)})") <= LINE:
                self.write(_quoted(node.value))
            else:
                pieces = [_quoted(piece) for piece in node.pieces(LINE - len(f'{indent}    ""'))]
                start = f"\n{indent}{self.indent_with}"
                self.write(start, start.join(pieces), f"\n{indent}")

        def visit_Expr(self, node: ast.Expr) -> None:
            if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                self.statement(node, _docstring(node.value.value, self.indentation * 4))
            else:
                super().visit_Expr(node)

    return Generator


def _expression(node: ast.expr) -> str:
    """The text of an operand of ``or``."""
    return to_text([ast.Return(node)]).strip().removeprefix("return ")


def _quoted(text: str) -> str:
    """A string as a person writes it, in double quotes."""
    plain = repr(text)
    return f'"{plain[1:-1]}"' if plain[0] == "'" and '"' not in plain and "\\" not in plain else plain


def _docstring(text: str, indent: int) -> str:
    lines = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').splitlines() or [""]
    rest = [" " * indent + line if line else "" for line in lines[1:]]
    closing = ["\n" + " " * indent] if rest else []
    return "".join(['"""', "\n".join([lines[0], *rest]), *closing, '"""'])
