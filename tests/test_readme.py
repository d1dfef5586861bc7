"""What README promises is so: its commands are single lines, its before and after are real."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from srcdiff.cli import run

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(marker: str) -> str:
    found = re.search(rf"<!-- {marker} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found, f"README has no block {marker}"
    return found.group(1)


@pytest.mark.parametrize("marker", ["main command", "test command"])
def test_the_commands_are_single_lines_of_shell(marker: str) -> None:
    command = block(marker)
    assert command.count("\n") == 1
    subprocess.run(["bash", "-n", "-c", command], check=True)


def test_ci_finds_the_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    extraction = next(line for line in script.splitlines() if line.startswith("test_command="))
    script = f'{extraction}\nprintf "%s" "$test_command"'
    result = subprocess.run(["bash", "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    assert result.stdout == block("test command").rstrip("\n")


def without_guard(text: str, name: str) -> str:
    """The text of a function without its guard, the statement that raises TypeError."""
    function = next(node for node in ast.parse(text).body if getattr(node, "name", "") == name)
    assert isinstance(function, ast.FunctionDef) and function.end_lineno is not None
    lines = text.split("\n")
    for node in function.body:
        if isinstance(node, ast.If) and "raise TypeError" in ast.unparse(node):
            assert node.end_lineno is not None
            del lines[node.lineno - 1 : node.end_lineno]
            function.end_lineno -= node.end_lineno - node.lineno + 1
            break
    return "\n".join(lines[function.lineno - 1 : function.end_lineno]) + "\n"


def test_before_and_after_are_real() -> None:
    assert block("before") in (ROOT / "examples" / "logistic.py").read_text(encoding="utf-8")
    generated = (ROOT / "generated" / "logistic_grad.py").read_text(encoding="utf-8")
    assert block("after") == without_guard(generated, "loss_value_and_grad")


def test_the_generated_module_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(ROOT / "generated")]) == 0, capsys.readouterr().out


def test_the_rules_that_are_shown_parse() -> None:
    for text in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        ast.parse(text)


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_top_level_holds_what_it_should() -> None:
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    folders = {"srcdiff", "tests", "examples", "generated", "benchmarks", "docs"}
    files = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"}
    assert names - {"__pycache__", "build", "dist"} <= folders | files
