"""Parts of the guard that get lines of their own where one line would be too long."""

from __future__ import annotations

import ast
import re

LINE = 120
"""The longest line that is written where a choice is left."""


class AnyOf(ast.BoolOp):
    """``a or b or …``, each on a line of its own if they do not fit on one."""

    def __init__(self, tests: list[ast.expr]) -> None:
        super().__init__(ast.Or(), tests)


class Message(ast.Constant):
    """A text that is broken between words and behind a semicolon; ``x: f64[n, d]`` stays together."""

    value: str

    def pieces(self, width: int) -> list[str]:
        """The text in pieces of at most so many characters, as far as its words allow.

        >>> Message("f is written for (x: f64[n, d], y: f64[n])").pieces(20)
        ['f is written for ', '(x: f64[n, d], ', 'y: f64[n])']
        """
        found = [""]
        for word in re.findall(r"(?:\[[^\]]*\]|: |\S)+\s*", self.value):
            if found[-1] and (len(found[-1] + word.rstrip()) > width or found[-1].endswith("; ")):
                found.append("")
            found[-1] += word
        return found
