"""The commands that show things: show, open, graph, ir, opt, rules."""

from __future__ import annotations

import io
import os
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from srcdiff.cli import run
from srcdiff.ir.parse import parse
from srcdiff.passes.pipeline import PASSES

PROGRAMS = '''\
import numpy as np


def wave(x: float, y: float) -> float:
    z = x + y
    return np.sin(z) * np.sin(z)


def rough(x: "f64[n]") -> float:
    s = 0.0
    for i in range(len(x)):
        s = s + x[i] * s
    return s


def refused(x: float):
    with open("f"):
        return x
'''


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "viewed.py").write_text(PROGRAMS)
    path = list(sys.path)
    yield tmp_path
    sys.modules.pop("viewed", None)
    sys.path[:] = path


def output(capsys: Any, *words: str) -> str:
    assert run(list(words)) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def error(capsys: Any, code: int, *words: str) -> str:
    assert run(list(words)) == code
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


# --- show, open


@pytest.mark.parametrize("name", ["grad", "vjp", "differentiable", 'differentiable(wrt="y")'])
def test_a_decorated_function_stands_for_the_authors(project: Path, capsys: Any, name: str) -> None:
    decorated = f"import srcdiff\n\n\n@srcdiff.{name}  # shown\ndef wave"
    (project / "viewed.py").write_text(PROGRAMS.replace("def wave", decorated))
    assert "# shown" not in output(capsys, "show", "viewed.py:wave")
    assert "def wave_value_and_grad(x, y):" in output(capsys, "show", "viewed.py:wave")
    assert output(capsys, "ir", "viewed.py:wave").startswith("def wave(x: float, y: float) -> f64:")


def test_show_is_what_grad_writes(capsys: Any) -> None:
    text = output(capsys, "show", "viewed.py:wave", "--wrt", "y")
    assert text == output(capsys, "grad", "viewed.py:wave", "--wrt", "y")
    assert "\x1b[" not in text


def test_show_is_coloured_on_a_terminal(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[35mdef\x1b[0m \x1b[1;36mwave_value_and_grad\x1b[0m" in output(capsys, "show", "viewed.py:wave")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in output(capsys, "show", "viewed.py:wave")


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    script = tmp_path / "nano"
    script.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\n')
    script.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(script))
    return tmp_path / "said"


def test_open_writes_and_opens_at_the_gradient(project: Path, editor: Path, capsys: Any) -> None:
    output(capsys, "open", "viewed.py:wave")
    line, path = editor.read_text().split()
    assert path == str(project / "wave_grad.py")
    assert Path(path).read_text().splitlines()[int(line[1:]) - 1].startswith("def wave_value_and_grad(")
    output(capsys, "open", "viewed.py:wave")  # again, over its own file
    assert run(["check", "wave_grad.py"]) == 0


def test_open_does_not_write_over_other_files(project: Path, editor: Path, capsys: Any) -> None:
    (project / "wave_grad.py").write_text("mine = 1\n")
    assert "wave_grad.py is no generated module" in error(capsys, 2, "open", "viewed.py:wave")
    assert (project / "wave_grad.py").read_text() == "mine = 1\n" and not editor.exists()


def test_open_without_an_editor_writes_nothing(project: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    assert "set VISUAL or EDITOR" in error(capsys, 1, "open", "viewed.py:wave")
    assert not (project / "wave_grad.py").exists()


# --- graph


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ([], "<svg "),
        (["--format", "dot"], "digraph "),
        (["--format", "mermaid"], "flowchart TD"),
        (["-o", "out/g.svg"], "<svg "),
        (["-o", "g.dot"], "digraph "),
        (["-o", "g.mmd"], "flowchart TD"),
        (["-o", "g.txt", "--format", "dot"], "digraph "),
    ],
)
def test_the_format_of_a_graph(project: Path, capsys: Any, words: list[str], begins: str) -> None:
    text = output(capsys, "graph", "viewed.py:wave", *words)
    if "-o" in words:
        assert text == ""
        text = (project / words[1]).read_text()
    assert text.startswith(begins)


def test_the_backward_sweep_is_drawn_on_demand(capsys: Any) -> None:
    words = ("graph", "viewed.py:wave", "--format", "mermaid")
    assert "z_bar" not in output(capsys, *words)
    both = output(capsys, *words, "--backward", "--wrt", "x,y")
    assert "backward" in both and "gradient" in both
    ET.fromstring(output(capsys, "graph", "viewed.py:rough", "--backward"))


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["viewed.py:wave", "-o", "g.png"], 2, "g.png: a graph is written to a file .svg, .dot or .mmd"),
        (["viewed.py:wave", "-o", "viewed.py", "--format", "dot"], 2, "is the file of the function itself"),
        (["viewed.py:wave", "--wrt", "x"], 2, "it needs --backward"),
        (["viewed.py:wave", "--backward", "--wrt", "q"], 1, "no parameter 'q'"),
        (["viewed.py:wav"], 2, "did you mean wave?"),
        (["viewed.py:refused"], 1, "viewed.py:17:5: error[SD001]"),
        (["viewed.py:wave", "--sig", "x: flot"], 1, "not a type: flot"),
    ],
)
def test_mistakes_with_graph(project: Path, capsys: Any, words: list[str], code: int, says: str) -> None:
    assert says in error(capsys, code, "graph", *words)
    assert (project / "viewed.py").read_text() == PROGRAMS


# --- ir, opt


def test_ir_prints_the_function_as_it_was_read(capsys: Any) -> None:
    text = output(capsys, "ir", "viewed.py:wave")
    function = parse(text)
    assert function.name == "wave" and [op.name for op in function.body.ops] == ["add", "sin", "sin", "mul"]
    assert "at(5, 'z = x + y', index=0, target='z')" in text


def test_ir_of_a_derivative(capsys: Any) -> None:
    assert parse(output(capsys, "ir", "viewed.py:wave", "--mode", "jvp", "--wrt", "y")).name == "wave_jvp"


def test_ir_after_a_pass(capsys: Any) -> None:
    text = output(capsys, "ir", "viewed.py:wave", "--after", "cse")
    first = text.split("# after cse\n")[1]
    assert [op.name for op in parse(first).body.ops] == ["add", "sin", "mul"]
    assert output(capsys, "ir", "viewed.py:wave", "--after", "rewind").startswith("# rewind: not run for viewed.py:wave")
    assert "# after rewind" in output(capsys, "ir", "viewed.py:rough", "--after", "rewind,keep")
    assert "# after inplace" in output(capsys, "ir", "viewed.py:wave", "--after", "all")
    assert "SRCDIFF_DUMP" not in os.environ


def test_unknown_passes_name_those_that_exist(project: Path, capsys: Any) -> None:
    said = error(capsys, 2, "ir", "viewed.py:wave", "--after", "csee")
    assert "there is no pass 'csee'; there are " in said and all(name in said for name in PASSES)
    (project / "f.ir").write_text("")
    assert "there is no pass 'x'" in error(capsys, 2, "opt", "f.ir", "-p", "cse,x")


def test_opt_runs_passes_on_text(project: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = output(capsys, "ir", "viewed.py:wave")
    (project / "f.ir").write_text(text)
    assert output(capsys, "opt", "f.ir") == text
    smaller = output(capsys, "opt", "f.ir", "-p", "cse,dce")
    assert [op.name for op in parse(smaller).body.ops] == ["add", "sin", "mul"]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    assert output(capsys, "opt", "-", "-p", "cse, dce") == smaller


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def f(x: float) -> float:\n    y = mul(x, z)\n    return y\n", "f.ir:2: a name that is not defined: z\n    2 |"),
        ("def f(x: float) -> float:\n    y: int = mul(x, 2)\n    return y\n", "f.ir: this IR is not valid: result 0 is"),
        ("def f(x: float) -> float:\n    y = foo(x)\n    return y\n", "f.ir:2: there is no operation foo"),
        ("import os\n", "f.ir:1: a function with an annotated result is due: import os"),
        ("def f(\n", "f.ir:1: '(' was never closed"),
        ("", "f.ir: "),
        ("\x00\x01", "f.ir: "),
    ],
)
def test_text_that_is_no_ir_is_refused_with_its_line(project: Path, capsys: Any, text: str, says: str) -> None:
    (project / "f.ir").write_text(text)
    assert error(capsys, 1, "opt", "f.ir").startswith(f"error: {says}")


def test_files_that_opt_cannot_read(project: Path, capsys: Any) -> None:
    (project / "folder").mkdir()
    assert "there is no file lost.ir" in error(capsys, 2, "opt", "lost.ir")
    assert "folder is a folder" in error(capsys, 2, "opt", "folder")


# --- rules


def test_rules_lists_functions_and_operators(capsys: Any) -> None:
    lines = output(capsys, "rules").splitlines()
    assert len(lines) > 200 and len(set(lines)) == len(lines)
    assert any(line.split() == ["np.tanh", "elementwise", "1", "-", "y", "*", "y"] for line in lines)
    assert any(line.startswith("a @ b ") and "multilinear" in line for line in lines)
    assert any(line.startswith("np.concatenate ") and "linear" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("np.arctan2", "np.arctan2: elementwise\n  declared as   np.arctan2(a, b)\n  a             g * b / (a * a"),
        ("@", "a @ b: multilinear\n  written out in rules/linalg.py"),
        ("a + b", "a + b: elementwise\n  a             g\n  b             g\n"),
        ("sinh", "np.sinh: elementwise\n"),
        ("np.floor", "np.floor: constant\n"),
    ],
)
def test_rules_of_one_name(capsys: Any, name: str, says: str) -> None:
    assert output(capsys, "rules", name).startswith(says)


def test_rules_as_markdown(capsys: Any) -> None:
    assert output(capsys, "rules", "np.hypot", "--markdown").splitlines() == [
        "| function | kind | derivative |",
        "|---|---|---|",
        "| `np.hypot` | elementwise | `g * a / where(y == 0, 1.0, y)`, `g * b / where(y == 0, 1.0, y)` |",
    ]


def test_rules_draft(capsys: Any) -> None:
    assert output(capsys, "rules", "draft", "np.sinh") == 'elementwise("np.sinh(x)", "cosh(x)")\n'
    assert output(capsys, "rules", "draft", "np.f(x)", "x * x") == 'elementwise("np.f(x)", "2 * g * x")\n'


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["np.tanhh"], 2, "there is no rule for np.tanhh; there is np.tanh"),
        (["a", "b"], 2, "rules takes one name"),
        (["draft"], 2, "rules draft takes a function such as np.sinh"),
        (["draft", "np.nothing"], 1, "there is no draft for np.nothing: SymPy knows nothing of `nothing`"),
        (["draft", "np.f(x)", "1 +"], 1, "there is no draft for np.f(x): invalid syntax"),
    ],
)
def test_mistakes_with_rules(capsys: Any, words: list[str], code: int, says: str) -> None:
    assert says in error(capsys, code, "rules", *words)
