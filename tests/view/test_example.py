"""examples/graph.py runs, and the pictures in docs/ are those that it draws."""

from __future__ import annotations

import importlib.util
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from srcdiff.view import dot

ROOT = Path(__file__).resolve().parents[2]


def texts(path: Path) -> list[str | None]:
    return [element.text for element in ET.parse(path).iter() if element.text and element.text.strip()]


def test_the_pictures_of_the_documentation_are_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("graph_example", ROOT / "examples" / "graph.py")
    assert spec is not None and spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    monkeypatch.setattr(dot.shutil, "which", lambda name: None)
    example.main(tmp_path)
    out = capsys.readouterr().out
    assert out.startswith("z = 5.0, dz/dx and dz/dy = (1.0, 1.0)\nflowchart TD\n")
    for name in ("sum.svg", "network.svg"):
        assert texts(tmp_path / name) == texts(ROOT / "docs" / name)
    assert {"x", "y", "+", "z"} <= set(texts(tmp_path / "sum.svg"))
    assert {"params['w1']", "h", "logits_bar", "w1_bar", "forward", "backward"} <= set(texts(tmp_path / "network.svg"))
