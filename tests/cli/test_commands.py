"""The commands: what they write, what they refuse, and their exit codes. The compiler is replaced by a small one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from srcdiff.cli import core, run
from srcdiff.cli.core import Derived
from srcdiff.diagnostics import CODES, Diagnostic, InternalError, Source, Span, UnsupportedError

LOSS = '''\
import numpy as np


def loss(w, x):
    return np.sum((w * x) ** 2)


def bowl(w):
    return w * w


def example():
    return np.array([1.0, 2.0]), np.array([3.0, 4.0])


def bowl_example():
    return 3.0
'''


def right(w: Any, x: Any = 1.0) -> tuple[Any, Any]:
    return (w * x) @ (w * x) if hasattr(w, "shape") else w * w, 2 * w * x * x


class Compiler:
    """Stands in for the compiler: gives out one callable, and remembers how it was asked."""

    def __init__(self) -> None:
        self.callable: Callable[..., Any] = right
        self.body = "def loss_grad(w, x):  # line 4\n    pass\n"
        self.asked: list[tuple[Any, ...]] = []
        self.error: Exception | None = None

    def derive(self, function: Any, wrt: Any, mode: str, sig: Any, args: Any, of: Any = None) -> Derived:
        self.asked.append((function.__name__, wrt, mode, sig, args))
        if self.error is not None:
            raise self.error
        return Derived(self.callable, lambda *header: "# {1}, {2}\n# {0}\n".format(*header) + self.body)


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> Compiler:
    fake = Compiler()
    monkeypatch.setattr(core, "derive", fake.derive)
    return fake


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty project with loss.py, the present folder; what it imports is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "loss.py").write_text(LOSS)
    before, path = set(sys.modules), list(sys.path)
    yield tmp_path
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]
    sys.path[:] = path


def forget(project: Path) -> None:
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(str(project)):
            del sys.modules[name]


# --- grad


def test_writes_a_checked_module(project: Path, compiler: Compiler, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["grad", "src/loss.py:loss", "--wrt", "w", "-o", "gen/loss_grad.py"]) == 0
    assert (project / "gen/loss_grad.py").read_text().splitlines()[:2] == [
        "# ../src/loss.py, checked against finite differences",
        "# srcdiff grad src/loss.py:loss --wrt w -o gen/loss_grad.py",
    ]
    assert [asked[:4] for asked in compiler.asked] == [("loss", "w", "value_and_grad", None)]
    assert capsys.readouterr().err.startswith("wrote gen/loss_grad.py: value and gradient of src/loss.py:loss, checked")


def test_a_gradient_that_is_wrong_writes_nothing(
    project: Path, compiler: Compiler, capsys: pytest.CaptureFixture[str]
) -> None:
    compiler.callable = lambda w, x: (1.0, w * x * x)
    assert run(["grad", "src/loss.py:loss", "-o", "out.py"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: the gradient of loss disagrees with differences:\n  w[1]: the gradient says 32, ")
    assert not (project / "out.py").exists()


def test_without_an_output_the_text_goes_to_standard_output(
    compiler: Compiler, capsys: pytest.CaptureFixture[str]
) -> None:
    for extra in ([], ["-o", "-"]):
        assert run(["grad", "src/loss.py:loss", *extra]) == 0
        out, err = capsys.readouterr()
        assert out.startswith("# src/loss.py, checked") and "\n# srcdiff grad src/loss.py:loss\n" in out
        assert err == ""


def test_wrt_sig_and_mode_reach_the_compiler(compiler: Compiler) -> None:
    compiler.callable = lambda w, x: ((w * x) @ (w * x), (2 * w * x * x, 2 * x * w * w))
    assert run(["grad", "src/loss.py:loss", "--wrt", "w,1", "--sig", "w: f64[d], x: f64[d]"]) == 0
    assert compiler.asked[-1][:4] == ("loss", ("w", 1), "value_and_grad", "w: f64[d], x: f64[d]")


def test_the_functions_own_example_comes_first(compiler: Compiler) -> None:
    assert run(["grad", "src/loss.py:bowl"]) == 0
    assert compiler.asked[-1] == ("bowl", 0, "value_and_grad", None, (3.0,))


def test_an_example_of_another_file(project: Path, compiler: Compiler, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "data.py").write_text("def points():\n    return (5.0,)\ndef pair():\n    return 1.0, 2.0\n")
    assert run(["grad", "src/loss.py:bowl", "--example", "data.py:points"]) == 0
    assert compiler.asked[-1][-1] == (5.0,)
    assert "--example data.py:points" in capsys.readouterr().out
    assert run(["grad", "src/loss.py:bowl", "--example", "data.py:pair"]) == 2
    assert "returns 2 arguments" in capsys.readouterr().err


def test_without_an_example_nothing_is_checked_and_the_header_says_so(
    project: Path, compiler: Compiler, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "f.py").write_text("def f(x: float):\n    return x\ndef example(n):\n    return n\n")
    assert run(["grad", "f.py:f"]) == 0
    assert compiler.asked[-1][-1] is None
    assert "not checked (no example arguments)" in capsys.readouterr().out


def test_kinks_are_said_in_the_header(project: Path, compiler: Compiler, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "f.py").write_text("def f(x):\n    return abs(x)\ndef example():\n    return 0.0\n")
    compiler.callable = lambda x: (abs(x), 0.5)
    assert run(["grad", "f.py:f"]) == 0
    assert "checked against finite differences, except at kinks" in capsys.readouterr().out


def pullback(factor: float) -> Callable[..., Any]:
    return lambda w, x: ((w * x) @ (w * x), lambda value_bar: factor * value_bar * w * x * x)


def tangent(factor: float) -> Callable[..., Any]:
    return lambda w, x, w_dot: ((w * x) @ (w * x), float((factor * w * x * x) @ w_dot))


@pytest.mark.parametrize(("mode", "make"), [("vjp", pullback), ("jvp", tangent)])
def test_the_other_modes_are_checked_too(
    compiler: Compiler, capsys: pytest.CaptureFixture[str], mode: str, make: Callable[[float], Callable[..., Any]]
) -> None:
    compiler.callable = make(2.0)
    assert run(["grad", "src/loss.py:loss", "--mode", mode]) == 0
    assert f"--mode {mode}\n" in capsys.readouterr().out
    compiler.callable = make(2.1)
    assert run(["grad", "src/loss.py:loss", "--mode", mode]) == 1
    assert "disagrees with differences" in capsys.readouterr().err


def test_paths_in_the_header_never_lead_upwards(project: Path, compiler: Compiler, monkeypatch: Any) -> None:
    (project / "work").mkdir()
    monkeypatch.chdir(project / "work")
    assert run(["grad", str(project / "src/loss.py") + ":loss", "-o", "../gen/loss_grad.py"]) == 0
    text = (project / "gen/loss_grad.py").read_text()
    assert "# srcdiff grad src/loss.py:loss -o gen/loss_grad.py\n" in text
    assert str(project) not in text


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["grad"], "Missing argument"),
        (["grad", "src/loss.py"], "is not of the form FILE:FUNCTION"),
        (["grad", "src/loss.py:"], "is not of the form FILE:FUNCTION"),
        (["grad", "src/lost.py:loss"], "there is no file src/lost.py"),
        (["grad", "src/loss.py:los"], "src/loss.py has no function los; did you mean loss?"),
        (["grad", "src/loss.py:zzz"], "has no function zzz; it has loss, bowl, example, bowl_example"),
        (["grad", "src/loss.py:np"], "np in src/loss.py is no function"),
        (["grad", "src/loss.py:loss", "--wrt", "w,,x"], "names or positions"),
        (["grad", "src/loss.py:loss", "--mode", "sideways"], "sideways"),
        (["check"], "Missing argument"),
        (["check", "nowhere.py"], "there is no file nowhere.py"),
        (["explain", "SD999"], "there is no code SD999"),
        (["differentiate"], "No such command"),
    ],
)
def test_a_wrong_command_exits_2(compiler: Compiler, capsys: Any, args: list[str], says: str) -> None:
    assert run(args) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import numpy\nimport no_such_module\n", "f.py:2: ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0\n", "f.py:1: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)\n", "the file calls exit (3)"),
        ("def f(x):\n    return x\ndef example():\n    return [][1]\n", "f.py:4: IndexError: list index out of range"),
        ("def f(x):\n    return x[3]\ndef example():\n    return 1.0\n", "f.py:2: TypeError: 'float' object"),
    ],
)
def test_errors_of_the_authors_code_are_one_message(
    project: Path, compiler: Compiler, capsys: Any, text: str, says: str
) -> None:
    (project / "f.py").write_text(text)
    assert run(["grad", "f.py:f", "-o", "out.py"]) == 1
    err = capsys.readouterr().err
    assert says in err and err.startswith("error: ") and "Traceback" not in err and len(err.splitlines()) == 2
    assert not (project / "out.py").exists()


def test_syntax_errors_have_a_caret(project: Path, compiler: Compiler, capsys: Any) -> None:
    (project / "f.py").write_text("def f(x:\n")
    assert run(["grad", "f.py:f"]) == 1
    assert capsys.readouterr().err.splitlines()[1:] == [
        "f.py:1:6: SyntaxError: '(' was never closed",
        "    1 | def f(x:",
        "      |      ^",
    ]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("src:f", "src is a folder, not a file"),
        ("k.py:K", "K in k.py is no function, but a class"),
        ("k.py:K.m", "K.m in k.py is a method"),
        ("k.py:n", "n in k.py is no function, but a value of type int"),
    ],
)
def test_what_is_no_function_is_said(project: Path, compiler: Compiler, capsys: Any, target: str, says: str) -> None:
    (project / "k.py").write_text("n = 3\nclass K:\n    def m(self, x):\n        return x\n")
    assert run(["grad", target]) == 2
    assert says in capsys.readouterr().err


def test_what_the_author_prints_stays_out_of_the_text(project: Path, compiler: Compiler, capsys: Any) -> None:
    (project / "f.py").write_text(
        "print('imported')\ndef f(w):\n    print('called')\n    return w * w\ndef example():\n    print('made')\n    return 3.0\n"
    )
    assert run(["grad", "f.py:f"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("# f.py, checked") and "called" not in out
    assert err.startswith("imported\nmade\n")


def test_the_source_itself_is_not_overwritten(project: Path, compiler: Compiler, capsys: Any) -> None:
    assert run(["grad", "src/loss.py:loss", "-o", "src/../src/loss.py"]) == 2
    assert "is the file of the function itself" in capsys.readouterr().err
    assert (project / "src/loss.py").read_text() == LOSS


def test_an_example_that_is_not_finite_is_no_disagreement(project: Path, compiler: Compiler, capsys: Any) -> None:
    (project / "f.py").write_text("def f(w):\n    return w * float('inf')\ndef example():\n    return 3.0\n")
    assert run(["grad", "f.py:f"]) == 0
    assert "not checked (f is not finite at its example arguments)" in capsys.readouterr().out


def test_refusals_are_shown_as_they_are(compiler: Compiler, capsys: Any) -> None:
    source = Source("loss.py", LOSS)
    compiler.error = UnsupportedError(
        [Diagnostic("SD001", "no such thing", Span(source, line, 4, line, 10)) for line in (5, 9)]
    )
    assert run(["grad", "src/loss.py:loss"]) == 1
    err = capsys.readouterr().err
    assert err == str(compiler.error) + "\n"
    assert err.count("error[SD001]") == 2 and "    5 |     return np.sum" in err


@pytest.mark.parametrize("error", [InternalError("lost a value", "%1"), KeyError("v")])
def test_bugs_say_that_they_are_bugs(compiler: Compiler, capsys: Any, error: Exception) -> None:
    compiler.error = error
    assert run(["grad", "src/loss.py:loss"]) == 3
    assert "bug in srcdiff" in capsys.readouterr().err


def test_a_target_that_cannot_be_written(project: Path, compiler: Compiler, capsys: Any) -> None:
    assert run(["grad", "src/loss.py:loss", "-o", "src/loss.py/x.py"]) == 1
    assert capsys.readouterr().err.startswith("error: cannot write ")


# --- loading


def test_files_of_a_package_are_imported_as_its_modules(project: Path, compiler: Compiler) -> None:
    (project / "pack" / "inner").mkdir(parents=True)
    for folder in ("pack", "pack/inner"):
        (project / folder / "__init__.py").write_text("")
    (project / "pack" / "helper.py").write_text("def square(x):\n    return x * x\n")
    (project / "pack" / "inner" / "f.py").write_text(
        "from ..helper import square\ndef f(w):\n    return square(w)\ndef example():\n    return 3.0\n"
    )
    assert run(["grad", "pack/inner/f.py:f"]) == 0
    assert "pack.inner.f" in sys.modules


def test_a_file_named_like_a_module_that_is_loaded(project: Path, compiler: Compiler) -> None:
    (project / "os.py").write_text("def f(w):\n    return w * w\ndef example():\n    return 3.0\n")
    assert run(["grad", "os.py:f"]) == 0
    assert sys.modules["os"] is os


def test_methods_and_dataclasses_are_found(project: Path, compiler: Compiler) -> None:
    (project / "m.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    w: float\n"
        "class A:\n    @staticmethod\n    def f(w):\n        return w * w\ndef example():\n    return 3.0\n"
    )
    assert run(["grad", "m.py:A.f"]) == 0


# --- check


def test_check_tells_current_from_stale(project: Path, compiler: Compiler, capsys: Any) -> None:
    assert run(["grad", "src/loss.py:loss", "--wrt", "w", "-o", "gen/loss_grad.py"]) == 0
    (project / "gen" / "other.py").write_text("x = 1\n")
    capsys.readouterr()
    assert run(["check", "gen"]) == 0
    assert capsys.readouterr().out == "gen/loss_grad.py: current\n"
    compiler.body = compiler.body.replace("line 4", "line 7")
    assert run(["check", "gen"]) == 0
    compiler.body = compiler.body.replace("pass", "return 1.0")
    assert run(["check", "gen/loss_grad.py"]) == 1
    out = capsys.readouterr().out
    assert "gen/loss_grad.py: out of date; in " in out
    assert "--- gen/loss_grad.py (as it is)\n+++ gen/loss_grad.py (as it would be now)\n" in out
    assert "\n-    pass\n" in out and "\n+    return 1.0\n" in out


def test_check_works_from_any_folder(project: Path, compiler: Compiler, capsys: Any, monkeypatch: Any) -> None:
    assert run(["grad", "src/loss.py:loss", "-o", "gen/loss_grad.py"]) == 0
    monkeypatch.chdir(project / "gen")
    assert run(["check", "."]) == 0
    monkeypatch.chdir("/")
    assert run(["check", str(project / "gen" / "loss_grad.py")]) == 0


def test_check_says_what_cannot_be_made_again(project: Path, compiler: Compiler, capsys: Any) -> None:
    assert run(["grad", "src/loss.py:loss", "-o", "gen/loss_grad.py"]) == 0
    text = (project / "gen/loss_grad.py").read_text()
    for name, change, says in [
        ("moved.py", text, "its header says that it stands at gen/loss_grad.py"),
        ("plain.py", "x = 1\n", "this is no generated module"),
        ("damaged.py", text.replace("-o gen", "-o 'gen"), "the command in the header is damaged"),
        ("option.py", text.replace("-o gen", "--bad gen"), "No such option"),
    ]:
        (project / name).write_text(change)
        assert run(["check", name]) == 1
        assert says in capsys.readouterr().out
    (project / "src" / "loss.py").write_text("def other():\n    pass\n")
    forget(project)
    assert run(["check", "gen"]) == 1
    assert "gen/loss_grad.py: cannot be made again: src/loss.py has no function loss" in capsys.readouterr().out


def test_a_folder_without_generated_modules_is_fine(project: Path, capsys: Any) -> None:
    assert run(["check", "src"]) == 0
    assert capsys.readouterr().out == ""


# --- explain, version


@pytest.mark.parametrize("written", ["SD021", "sd021", "21", "021"])
def test_explain(capsys: Any, written: str) -> None:
    assert run(["explain", written]) == 0
    out = capsys.readouterr().out
    assert out.startswith("SD021: a write that may touch two arrays\n")
    assert "    a[0] = 0.0\n" in out and "Write `a = " in out


def test_explain_lists_all(capsys: Any) -> None:
    assert run(["explain"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(CODES)


def test_version_and_help(capsys: Any) -> None:
    assert run(["--version"]) == 0
    assert run(["grad", "-h"]) == 0
    assert run([]) in (0, 2)
