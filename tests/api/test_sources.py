"""Where functions come from: files, cells, shells, the command line, standard input, ``exec``."""

from __future__ import annotations

import linecache
import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import srcdiff
from srcdiff.diagnostics import UnsupportedError
from tests.api.support import ROOT, program, python

CUBE = program("def f(x):\n    return x * x * x\nprint(srcdiff.grad(f)(2.0), srcdiff.grad(lambda x: x * x)(3.0))\n")


def registered(name: str, text: str, **space: Any) -> Any:
    """The function ``f`` of a text that ``linecache`` knows."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), space)
    return space["f"]


# --- Python's own ways


def test_the_program_of_the_command_line() -> None:
    assert python("-c", CUBE) == "12.0 6.0\n"
    assert python("-Wignore", "-Xutf8", "-Bc", CUBE, "-c", "other") == "12.0 6.0\n"


def test_a_program_from_a_file_as_standard_input(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(CUBE)
    with open(tmp_path / "program.py") as file:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-"], stdin=file, capture_output=True, text=True, env=environment)
    assert done.stdout == "12.0 6.0\n", done.stderr


def test_a_program_from_a_pipe_is_refused() -> None:
    text = CUBE.replace("print(", "try:\n    print(").rstrip() + "\nexcept srcdiff.SrcdiffError as error:\n    print(error)\n"
    said = python("-", text=text)
    assert "error[SD002]: the source of `f` was not found" in said and "came through a pipe" in said


def test_a_package_in_a_zip_file(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as packed:
        packed.writestr("inside.py", "def f(x):\n    return x * x * x\n")
    script = program(f"import sys; sys.path.insert(0, {str(tmp_path / 'packed.zip')!r}); import inside\n")
    assert python("-c", script + "print(srcdiff.grad(inside.f)(2.0))") == "12.0\n"


def test_a_relative_script_after_a_change_of_folder(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("import os\nos.chdir('/')\n" + CUBE)
    assert python("script.py", cwd=tmp_path) == "12.0 6.0\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("basic", ["", "1"])
def test_the_shell(tmp_path: Path, basic: str) -> None:
    """What is typed into Python's own shell: known since 3.13, refused with the reason before."""
    lines = ["import srcdiff", "def f(x):\r    return x * x * x\r", "print('is', srcdiff.grad(f)(2.0))", "exit()"]
    said = typed(lines, tmp_path, {"PYTHON_BASIC_REPL": basic} if basic else {})
    if sys.version_info >= (3, 13):
        assert "is 12.0" in said
    else:
        assert re.search(r"the shell of Python 3\.\d+ does not keep what is typed", said)


def typed(lines: list[str], folder: Path, variables: dict[str, str]) -> str:
    """What Python's shell shows while these lines are typed."""
    import pty

    process, terminal = pty.fork()
    if process == 0:
        history = {"PYTHON_HISTORY": str(folder / "history"), "TERM": "xterm", "PYTHONPATH": str(ROOT)}
        os.execve(sys.executable, [sys.executable, "-q"], {**os.environ, **history, **variables})
    said, end, waiting = "", time.monotonic() + 60, list(lines)
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.3)
        try:
            said += os.read(terminal, 65536).decode("utf-8", "replace") if ready else ""
        except OSError:
            break
        if not ready and waiting and ">>>" in said:
            os.write(terminal, (waiting.pop(0) + "\r").encode())
    os.waitpid(process, 0)
    return said


# --- IPython


CELLS = '''
import os, sys
from traitlets.config import Config
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}))

def cell(text):
    result = shell.run_cell(text, store_history=True)
    assert result.success, result.error_in_exec or result.error_before_exec

cell("import numpy as np, pickle, srcdiff")
cell("def h(x):\\n    return x * x\\n\\ndef f(x):\\n    return 2.0 * h(x)\\n\\ng = srcdiff.grad(f)\\nprint('cells', g(3.0))")
cell("def h(x):\\n    return x * x * x\\n\\nprint('helper again', g(3.0))")
cell("def f(x):\\n    return 5.0 * h(x)\\n\\nprint('function again', srcdiff.grad(f)(3.0), g(3.0))")
cell("%precision 3\\n@srcdiff.grad\\ndef with_magic(x):\\n    return x ** 3.0\\nprint('magic', with_magic(2.0))")
cell("k = 2.0\\n!true\\nprint('lambda', srcdiff.grad(lambda x: k * x * x)(3.0))")
cell("copied = pickle.loads(pickle.dumps(srcdiff.grad(f)))\\nprint('pickled', copied(3.0))")
'''


def test_cells_of_ipython(tmp_path: Path) -> None:
    pytest.importorskip("IPython")
    said = python("-c", CELLS, cwd=tmp_path, IPYTHONDIR=str(tmp_path))
    for line in ("cells 12.0", "helper again 54.0", "function again 135.0 54.0", "magic 12.0", "lambda 12.0", "pickled 135.0"):
        assert line in said, said


# --- exec


def test_texts_that_linecache_knows() -> None:
    function = registered("<cell 17>", "def f(x):\n    return x * x * k\n", k=2.0)
    assert srcdiff.grad(function)(3.0) == 12.0


def test_another_text_under_the_same_name() -> None:
    first = registered("<cell 18>", "def f(x):\n    return x * x\n")
    registered("<cell 18>", "def f(x):\n    return x * x * x\n")
    with pytest.raises(UnsupportedError, match="the text that is kept as <cell 18> is another one by now"):
        srcdiff.grad(first)(3.0)


def test_texts_that_nobody_kept() -> None:
    space: dict[str, Any] = {}
    exec("def f(x): return x * x", space)
    with pytest.raises(UnsupportedError, match="given to `exec` and is not kept|is another one by now"):  # 3.13 keeps `-c`
        srcdiff.grad(space["f"])(3.0)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "gone.py"
    path.write_text("def f(x):\n    return x * x\n")
    space: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), space)
    path.unlink()
    with pytest.raises(UnsupportedError, match="there is no file"):
        srcdiff.grad(space["f"])(3.0)
