"""What a header writes, it reads."""

from __future__ import annotations

import ast

import pytest

from srcdiff.emit.header import MODES, Header


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wrt", [("w",), ("w", "b"), ("a", "b", "c")])
def test_headers_are_read_back(mode: str, wrt: tuple[str, ...]) -> None:
    header = Header("loss", "../a b/größe (1).py", wrt, mode, "w: {'a': f64[d]}", "ab12", "srcdiff grad 'a b.py:loss'", "not checked (x)")
    docstring = ast.get_docstring(ast.parse(header.text()), clean=False)
    assert Header.read(docstring) == header


@pytest.mark.parametrize("text", [None, "", "Value and gradient of loss (loss.py) with respect to w.", "Value of x."])
def test_other_docstrings_are_none(text: str | None) -> None:
    assert Header.read(text) is None


def test_constants_are_a_line_of_their_own() -> None:
    header = Header("loss", "loss.py", ("w",), "grad", "w: float", "ab12", "srcdiff grad loss.py:loss", "x", "scale=2.5")
    assert "\nSignature: w: float\nConstants: scale=2.5\nSource: sha256 ab12\n" in header.text()
    assert Header.read(ast.get_docstring(ast.parse(header.text()), clean=False)) == header
