"""Programs that are refused, and the whole text of what is said about them: one file for each in `cases`.

A file holds the program (its last function is compiled), a call, and the message; `--update-golden` writes the message.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff.diagnostics import UnsupportedError
from srcdiff.frontend.lower import lower
from srcdiff.frontend.signature import of_arguments

CASES = sorted((Path(__file__).parent / "cases").glob("*.case"))
PARTS = ("program", "call", "error")


def parts_of(text: str) -> dict[str, str]:
    """The parts of a file, which begin with lines such as `# === call`."""
    found = {}
    for part in text.split("# === ")[1:]:
        name, _, body = part.partition("\n")
        found[name] = body.strip("\n")
    return found


def load(program: str, path: Path) -> Any:
    """The last function of a program."""
    path.write_text("import numpy as np\n\n\n" + program + "\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    names = [node.name for node in ast.parse(program).body if isinstance(node, ast.FunctionDef)]
    return getattr(module, names[-1])


def message(program: str, call: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said about a program."""
    monkeypatch.syspath_prepend(folder)
    function = load(program, folder / "example.py")
    args, kwargs = eval(call, {"np": np, "arguments": lambda *args, **kwargs: (args, kwargs)})
    with pytest.raises(UnsupportedError) as caught:
        lower(function, of_arguments(function, args, kwargs)[0])
    return str(caught.value).replace(str(folder / "example.py"), "example.py")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    parts = parts_of(path.read_text(encoding="utf-8"))
    found = message(parts["program"], parts["call"], tmp_path, monkeypatch)
    if request.config.getoption("--update-golden"):
        parts["error"] = found
        path.write_text("\n\n".join(f"# === {name}\n{parts[name]}" for name in PARTS) + "\n", encoding="utf-8")
    assert found == parts["error"]


def test_there_are_cases() -> None:
    assert len(CASES) > 25
