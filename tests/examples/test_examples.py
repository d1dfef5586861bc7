"""Every example runs in a copy of the folders, says what it should, and writes the module that stands in generated/."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The examples alone: what they write must not hide that a committed module is out of date."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "docs").mkdir()
    return tmp_path


def output(copy: Path, name: str, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = (sys.executable, f"examples/{name}.py", *words)
    result = subprocess.run(words, cwd=copy, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def assert_twin(copy: Path, name: str) -> None:
    file = f"generated/{name}_grad.py"
    assert (copy / file).read_text() == (ROOT / file).read_text(), f"{file} is out of date: srcdiff check generated"


def numbers(text: str) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text)]


def test_mean(copy: Path) -> None:
    said = output(copy, "mean")
    gradient, closed_form = said.splitlines()[:2]
    assert numbers(gradient) == numbers(closed_form) == [0.66666667] * 3
    assert "x_bar = np.full_like(z, 2 / len(z))" in said


def test_logistic(copy: Path) -> None:
    pytest.importorskip("sklearn")
    training, validation = output(copy, "logistic").splitlines()
    assert_twin(copy, "logistic")
    for line, name, rows in ((training, "training", 398), (validation, "validation", 171)):
        assert line.startswith(name) and line.endswith(f"({rows} rows)")
        loss, accuracy = numbers(line)
        assert loss < 0.08 and accuracy > 0.96


def test_simplenet(copy: Path) -> None:
    pytest.importorskip("sklearn")
    made_up, digits = output(copy, "simplenet").split("\ndigits\n")
    assert_twin(copy, "simplenet")
    assert "67 parameters" in made_up and "2,410 parameters" in digits
    for part in (made_up, digits):
        first, last = numbers(part.splitlines()[-11]), numbers(part.splitlines()[-1])
        assert last[0] < first[0] / 2 and last[2] < first[2] / 2
        assert last[1] > 0.9 and last[3] > 0.9


def test_scan(copy: Path) -> None:
    said = output(copy, "scan").splitlines()
    assert_twin(copy, "scan")
    value, *gradient = *numbers(said[0]), *numbers(said[1])
    assert value == 1.843195 and gradient == [1.879268, 2.283109, -1.240126, 0.665583, 1.2]
    assert numbers(said[2]) == [1.879268]
    assert [int(line.split()[0]) for line in said[3:]] == [1000, 4000, 16000]


def test_rosenbrock(copy: Path) -> None:
    pytest.importorskip("scipy")
    with_gradient, without = output(copy, "rosenbrock").splitlines()
    assert_twin(copy, "rosenbrock")
    assert numbers(with_gradient)[-1] < 1e-5
    assert 10 * int(with_gradient.split()[1]) < int(without.split()[1])


def test_batches(copy: Path) -> None:
    pytest.importorskip("matplotlib")
    said = output(copy, "batches")
    assert_twin(copy, "batches")
    found = dict(re.findall(r"^(.+?) +\d+ steps: .*loss ([\d.]+)", said, re.MULTILINE))
    assert list(found) == ["stochastic", "mini-batch of 20", "batch"]
    assert float(found["mini-batch of 20"]) < float(found["stochastic"]) < float(found["batch"])
    assert (copy / "docs" / "batches.png").read_bytes().startswith(b"\x89PNG")


def test_the_mean_has_its_twin(copy: Path) -> None:
    command = ["grad", "examples/mean.py:f", "--wrt", "x", "-o", "generated/mean_grad.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "srcdiff", *command], cwd=copy, env=environment, check=True)
    assert_twin(copy, "mean")
