"""The commands and the code of docs/training.md run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from srcdiff.cli import run
from srcdiff.cli.train import train

from .support import ROOT

TEXT = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").mkdir()
    for name in ("simplenet.py", "_generate.py"):
        (tmp_path / "examples" / name).write_text((ROOT / "examples" / name).read_text())
    (commands,) = blocks("sh")
    for command in commands.splitlines():
        assert run(shlex.split(command)[1:]) == 0
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last[0] == "10" and float(last[2]) > 0.85 and float(last[4]) > 0.85
    assert (tmp_path / "loss.png").exists()


def test_the_code_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page.py"
    file.write_text("\n".join(blocks("python")))
    exec(compile(file.read_text(), str(file), "exec", dont_inherit=True), {"__name__": "page"})
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("[ 1.  -2.   0.5] 3.0 Metrics(loss=") and second == "True"


def test_every_option_is_one() -> None:
    options = {option for parameter in train.params for option in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)", TEXT)) - {"--wrt"} <= options
