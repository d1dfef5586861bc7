"""What README promises is so: its commands are single lines, its before and after are real."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

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


def test_before_and_after_are_real() -> None:
    assert block("before") in (ROOT / "examples" / "logistic.py").read_text(encoding="utf-8")
    assert block("after") in (ROOT / "generated" / "logistic_grad.py").read_text(encoding="utf-8")


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
