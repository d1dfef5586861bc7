"""Python source in colours, for terminals and notebooks, with the standard library's tokenizer.

>>> html("x = 1  # one")
'<pre class="srcdiff">x = <span style="color:#1750eb">1</span>  <span style="color:#6a737d">\
# one</span></pre>'
>>> ansi("pass")
'\\x1b[35mpass\\x1b[0m'
"""

from __future__ import annotations

import builtins
import io
import keyword
import tokenize
from collections.abc import Iterator
from html import escape

ANSI = {"keyword": "35", "comment": "90", "text": "32", "number": "34", "definition": "1;36", "builtin": "36"}
"""SGR codes of terminals."""
COLOURS = {
    "keyword": "#a626a4",
    "comment": "#6a737d",
    "text": "#22863a",
    "number": "#1750eb",
    "definition": "#005cc5",
    "builtin": "#0b7285",
}


def ansi(source: str) -> str:
    """Source for a terminal that knows colours."""
    return "".join(f"\x1b[{ANSI[kind]}m{text}\x1b[0m" if kind else text for kind, text in pieces(source))


def html(source: str) -> str:
    """Source as HTML that needs no style sheet."""
    parts = (
        f'<span style="color:{COLOURS[kind]}">{escape(text, False)}</span>' if kind else escape(text, False)
        for kind, text in pieces(source)
    )
    return f'<pre class="srcdiff">{"".join(parts)}</pre>'


def pieces(source: str) -> Iterator[tuple[str, str]]:
    """The source in pieces with their kinds (``""``: none); joined they give the source. Text that is no Python comes
    as one piece.

    >>> list(pieces("def f(): ..."))
    [('keyword', 'def'), ('', ' '), ('definition', 'f'), ('', '(): ...')]
    """
    starts = [0]
    for line in io.StringIO(source):  # the lines of the tokenizer
        starts.append(starts[-1] + len(line))
    end, before, plain = 0, "", ""
    for token in _tokens(source):
        first = max(end, starts[token.start[0] - 1] + token.start[1])  # pieces of f-strings may overlap
        last = max(first, starts[token.end[0] - 1] + token.end[1])
        kind = _kind(token, before)
        before = token.string if token.type == tokenize.NAME else ""
        if kind:
            plain += source[end:first]
            if plain:
                yield "", plain
            yield kind, source[first:last]
            plain = ""
        else:
            plain += source[end:last]
        end = max(end, last)
    plain += source[end:]
    if plain:
        yield "", plain


def _tokens(source: str) -> list[tokenize.TokenInfo]:
    try:
        found = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return []
    idle = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    return [token for token in found if token.type not in idle]


def _kind(token: tokenize.TokenInfo, before: str) -> str:
    if token.type == tokenize.COMMENT:
        return "comment"
    if token.type == tokenize.STRING or tokenize.tok_name[token.type].startswith("FSTRING"):
        return "text"
    if token.type == tokenize.NUMBER:
        return "number"
    if token.type != tokenize.NAME:
        return ""
    if keyword.iskeyword(token.string):
        return "keyword"
    if before in ("def", "class"):
        return "definition"
    return "builtin" if hasattr(builtins, token.string) else ""
