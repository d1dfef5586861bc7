"""What compiled functions show: in terminals, editors, notebooks, and as pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import srcdiff
from srcdiff.diagnostics import SignatureError, SrcdiffError
from srcdiff.editor import command_for, line_of
from srcdiff.highlight import ansi, html, pieces


def square(x):
    y = x * x
    return np.sum(y)


def compiled() -> Any:
    derived = srcdiff.value_and_grad(square)
    derived(np.ones(3))
    return derived


# --- highlighting


@pytest.mark.parametrize("path", ["api.py", "highlight.py", "codes.py"])
def test_pieces_join_to_the_source(path: str) -> None:
    text = (Path(srcdiff.__file__).parent / path).read_text()
    assert "".join(piece for _, piece in pieces(text)) == text
    assert {kind for kind, _ in pieces(text)} >= {"", "keyword", "text", "definition"}


def test_what_is_highlighted() -> None:
    found = list(pieces('def f(x):  # why\n    return len("é", 1.5)\n'))
    assert [piece for piece in found if piece[0]] == [
        ("keyword", "def"),
        ("definition", "f"),
        ("comment", "# why"),
        ("keyword", "return"),
        ("builtin", "len"),
        ("text", '"é"'),
        ("number", "1.5"),
    ]


@pytest.mark.parametrize("text", ["", "def f(:\n  '''", "\x00", "    x\n y\n", "a\r\nb\r\n", "x = (\n"])
def test_text_that_is_no_python_stays_whole(text: str) -> None:
    assert "".join(piece for _, piece in pieces(text)) == text


def test_a_form_feed_ends_no_line() -> None:
    assert [piece for piece in pieces("x = 1 \x0c\nreturn 2\n") if piece[0]] == [
        ("number", "1"),
        ("keyword", "return"),
        ("number", "2"),
    ]


def test_html_is_escaped() -> None:
    assert "1</span> &lt; x &amp; y" in html("1 < x & y")
    assert ansi("x") == "x"


# --- compiled functions


def test_show_prints_the_source_plainly_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    derived = compiled()
    derived.show()
    assert capsys.readouterr().out == derived.source


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_show_is_coloured_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, no_color: str, coloured: bool
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm")
    compiled().show()
    assert ("\x1b[35mdef\x1b[0m" in capsys.readouterr().out) == coloured


def test_notebooks_show_the_source() -> None:
    derived = srcdiff.value_and_grad(square)
    assert derived._repr_html_() is None
    assert derived._repr_mimebundle_() == {"text/plain": repr(derived)}
    derived(np.ones(3))
    assert derived._repr_html_().startswith('<pre class="srcdiff">')
    assert derived._repr_mimebundle_()["text/plain"] == derived.source
    assert '<span style="color:#005cc5">square_value_and_grad</span>' in derived._repr_mimebundle_()["text/html"]


def test_ipython_takes_the_bundle() -> None:
    formatters = pytest.importorskip("IPython.core.formatters")
    data, _ = formatters.DisplayFormatter().format(compiled())
    assert data["text/html"].startswith("<pre") and data["text/plain"].startswith("import numpy")


def test_graph_is_of_the_function_or_of_its_derivative() -> None:
    derived = compiled()
    forward, both = derived.graph("mermaid"), derived.graph("mermaid", backward=True)
    assert '"x<br>f64[n]"' in forward and "_bar" not in forward and '"result<br>f64"' in forward
    assert 'backward["backward"]' in both and '"x_bar<br>gradient: f64[n]"' in both and '"value<br>f64"' in both
    assert derived.graph("dot").startswith("digraph")


def test_a_pullback_shows_itself_too(capsys: pytest.CaptureFixture[str]) -> None:
    pull = srcdiff.vjp(square)
    pull(np.ones(3))[1](1.0)
    pull.show()
    assert "def square_vjp(" in capsys.readouterr().out
    assert "value_bar" in pull.graph("dot", backward=True)


def test_before_the_first_call_there_is_nothing_to_show() -> None:
    derived = srcdiff.grad(square)
    for ask in (derived.show, derived.open, derived.graph):
        with pytest.raises(SignatureError, match="call the function once"):
            ask()


def test_a_wrong_format_is_refused() -> None:
    with pytest.raises(SrcdiffError, match="not as 'png'"):
        compiled().graph("png")


# --- editors


@pytest.mark.parametrize(
    ("editor", "command"),
    [
        ("vim", "vim +7 f.py"),
        ("/usr/bin/nvim -R", "/usr/bin/nvim -R +7 f.py"),
        ("nano", "nano +7 f.py"),
        ("emacs -nw", "emacs -nw +7 f.py"),
        ("code --wait", "code --wait --goto f.py:7"),
        ("subl", "subl f.py:7"),
        ("notepad.exe", "notepad.exe f.py"),
    ],
)
def test_editors_are_told_the_line_in_their_own_way(editor: str, command: str) -> None:
    assert " ".join(command_for(editor, "f.py", 7)) == command


def test_the_line_of_a_function() -> None:
    text = '"""def g(x) in a text."""\n\ndef fg(x):\n    def g(x): ...\n\n\ndef g(x):\n    ...\n'
    assert line_of(text, ["g"]) == 7
    assert line_of(text, ["missing", "fg"]) == 3
    assert line_of(text, ["missing"]) == 1


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor that writes down how it was called, and what the file held."""
    script = tmp_path / "vim"
    script.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/said\ncat "$2" >> {tmp_path}/said\n')
    script.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(script))
    return tmp_path / "said"


def test_open_shows_the_gradient_function(editor: Path) -> None:
    derived = compiled()
    derived.open()
    head, _, text = editor.read_text().partition("\n")
    assert derived.source in text or text == derived.source
    assert text.splitlines()[int(head[1:]) - 1].startswith("def square_value_and_grad(")


@pytest.mark.parametrize("quoted", ['"{}" -R "two words"', "'{}' -R 'two words'", "{escaped} -R two\\ words"])
def test_editors_with_spaces_and_quotes(editor: Path, monkeypatch: pytest.MonkeyPatch, quoted: str) -> None:
    script = editor.parent / "an editor" / "vim"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nfor word in "$@"; do echo "$word" >> "{editor}"; done\n')
    script.chmod(0o755)
    monkeypatch.setenv("VISUAL", quoted.format(script, escaped=str(script).replace(" ", "\\ ")))
    derived = compiled()
    derived.open()
    option, words, line, path = editor.read_text().splitlines()
    assert (option, words) == ("-R", "two words") and path.endswith(".py")
    assert Path(path).read_text().splitlines()[int(line[1:]) - 1].startswith("def square_value_and_grad(")
    editor.unlink()
    monkeypatch.setenv("VISUAL", str(script))  # a path as it stands
    derived.open()
    assert len(editor.read_text().splitlines()) == 2


@pytest.mark.parametrize(("editor", "reason"), [("vim '", "No closing quotation"), ("''", "it names no program")])
def test_editors_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, editor: str, reason: str) -> None:
    monkeypatch.setenv("VISUAL", editor)
    with pytest.raises(SrcdiffError, match=f"^the editor `{editor}` cannot be started: {reason}$"):
        compiled().open()


def test_visual_comes_first(editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor --flag")
    with pytest.raises(SrcdiffError, match="the editor `no-such-editor --flag` cannot be started"):
        compiled().open()
    assert not editor.exists()


def test_an_editor_that_fails_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "false")
    with pytest.raises(SrcdiffError, match="ended with exit code 1"):
        compiled().open()


def test_without_an_editor_open_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", " ")
    with pytest.raises(SrcdiffError, match="set VISUAL or EDITOR"):
        compiled().open()
