"""Numbers and arrays of the author's module in written files: defaults, or arguments to be given by keyword."""

from __future__ import annotations

import importlib.util
import inspect
import types
from pathlib import Path

import numpy as np
import pytest

from srcdiff.cli import run
from srcdiff.compile import derive

PROGRAM = """\
import numpy as np

scale = {scale}
steps = 3
narrow = np.float32(0.5)
table = {{"a": 1.5, "b": (2.0, -3.0), "name": "x"}}
odd = -np.inf, 2j
weights = np.arange(3.0)
powers = [1.0, 2.0]


def loss(x):
    y = x * scale
    for _ in range(steps):
        y = y * narrow
    return np.sum(y * y @ weights) + table["a"] * table["b"][1] * powers[1] * np.sum(x)


def number(x):
    return np.maximum(x * x * scale, odd[0]) / table["b"][0]


def plain(x):
    return x * table["a"]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(name: str, function: str, sig: str, scale: float = 2.5) -> types.ModuleType:
    Path(f"{name}.py").write_text(PROGRAM.format(scale=scale))
    assert run(["grad", f"{name}.py:{function}", "--sig", sig, "-o", f"{name}_grad.py"]) == 0
    return imported(Path(f"{name}_grad.py"))


def imported(path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_numbers_are_defaults(project: Path) -> None:
    made = written("numbers", "number", "x: f64")
    author = imported(Path("numbers.py"))
    expected = derive(author.number, 0, "x: f64")
    x = np.float64(1.25)
    value, x_bar = made.number_value_and_grad(x)
    assert (value, x_bar) == expected.callable(x, **expected.hidden_values()) == (author.number(x), 2 * 1.25 * 2.5 / 2.0)
    assert made.number_grad(x) == x_bar
    assert made.number_value_and_grad(x, scale=5.0)[1] == 2 * x_bar
    doc = made.__doc__ or ""
    assert "\nConstants: scale=2.5, odd=(float('-inf'), complex(0.0, 2.0)), table={'a': 1.5, 'b': (2.0, -3.0), 'name': 'x'}\n" in doc


def test_arrays_and_lists_are_given_by_keyword(project: Path) -> None:
    made = written("arrays", "loss", "x: f64[n]")
    author = imported(Path("arrays.py"))
    x = np.array([0.5, -1.0, 2.0])
    with pytest.raises(TypeError, match="missing 2 required keyword-only arguments: 'weights' and 'powers'"):
        made.loss_value_and_grad(x)
    value, x_bar = made.loss_value_and_grad(x, weights=author.weights, powers=author.powers)
    y = x * 2.5 / 8
    assert value == author.loss(x)
    np.testing.assert_allclose(x_bar, 2 * y * author.weights * 2.5 / 8 + 1.5 * -3.0 * 2.0)
    defaults = {name: p.default for name, p in inspect.signature(made.loss_grad).parameters.items()}
    assert defaults["scale"] == 2.5 and defaults["steps"] == 3
    assert type(defaults["narrow"]) is np.float32 and defaults["narrow"] == 0.5
    doc = made.__doc__ or ""
    assert "narrow=np.float32(0.5)" in doc and "; to be given by keyword: weights, powers\n" in doc


def test_a_number_that_changed_is_out_of_date(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written("before", "number", "x: f64")
    made = written("after", "number", "x: f64", scale=3.5)
    assert made.number_grad(np.float64(2.0)) == 2 * 2.0 * 3.5 / 2
    digests = [next(line for line in Path(f"{n}_grad.py").read_text().splitlines() if "sha256" in line) for n in ("before", "after")]
    assert digests[0] != digests[1]
    assert run(["check", "before_grad.py"]) == 0


def test_written_files_with_defaults_are_input_again(project: Path) -> None:
    made = written("again", "plain", "x: float")
    assert made.plain_grad(2.0) == 1.5
    assert run(["grad", "again_grad.py:plain_grad", "--mode", "jvp", "--sig", "x: float", "-o", "second.py"]) == 0
    second = imported(Path("second.py"))
    (value, value_dot) = second.plain_grad_jvp(2.0, 1.0, table={"a": 1.5, "b": (2.0, -3.0), "name": "x"})
    assert (value, value_dot) == (1.5, 0.0)
