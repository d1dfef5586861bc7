"""The history, its file, its picture, and what is shown on the way."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff.train import SGD, Epoch, History, Lines, Metrics, TrainingError, fit
from srcdiff.train.plot import check_path

from .support import SIMPLENET, class_data, line_data, ridge


def history() -> History:
    return fit(SIMPLENET, class_data(), optimizer=SGD(0.1), epochs=3)[1]


def test_a_saved_history_is_the_same(tmp_path: Path) -> None:
    first = history()
    first.save(tmp_path / "h.json")
    assert History.load(tmp_path / "h.json") == first
    text = (tmp_path / "h.json").read_text()
    history().save(tmp_path / "h.json")
    assert (tmp_path / "h.json").read_text() == text and str(tmp_path) not in text
    numbers = {"batch_size": np.int64(8), "epochs": np.int32(2), "seed": np.uint8(3)}
    alone = fit(ridge, line_data(), optimizer=SGD(0.1), params=np.zeros(3), validation=None, **numbers)[1]
    alone.save(tmp_path / "alone.json")
    assert History.load(tmp_path / "alone.json") == alone


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"epochs": [{}], "settings": {}, "losses": []}', '{"epochs": 1}'])
def test_files_that_hold_no_history(tmp_path: Path, text: str) -> None:
    (tmp_path / "h.json").write_text(text)
    with pytest.raises(TrainingError, match="h.json holds no history"):
        History.load(tmp_path / "h.json")
    with pytest.raises(TrainingError, match="there is no file"):
        History.load(tmp_path / "none.json")


def test_curves() -> None:
    training, validation = history().curves("accuracy")
    assert (training.label, validation.label) == ("training", "validation") and training.x == [0, 1, 2, 3]
    found = History(epochs=[Epoch(0, Metrics(2.0)), Epoch(1, Metrics(1.0))])
    assert [(curve.x, curve.y) for curve in found.curves("loss")] == [([0, 1], [2.0, 1.0])]
    assert found.curves("accuracy") == []


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_pictures(tmp_path: Path, ending: str, start: bytes) -> None:
    pytest.importorskip("matplotlib")
    found = history()
    path = tmp_path / "new" / f"loss.{ending}"
    figure = found.plot(path)
    assert [axes.get_title() for axes in figure.axes] == ["loss", "accuracy"]
    lines = [line for axes in figure.axes for line in axes.get_lines()]
    assert [line.get_label() for line in lines] == ["training", "validation"] * 2
    assert list(lines[1].get_ydata()) == [epoch.validation.loss for epoch in found.epochs if epoch.validation]
    content = path.read_bytes()
    assert content.startswith(start)
    found.plot(path)
    assert path.read_bytes() == content


def test_pictures_that_cannot_be_drawn() -> None:
    pytest.importorskip("matplotlib")
    for path in ("loss.xyz", "loss"):
        with pytest.raises(TrainingError, match=f"cannot draw {path}: a picture ends in .png, .svg or .pdf"):
            check_path(path)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(terminal: io.StringIO, **options: Any) -> list[str]:
    out = io.StringIO()
    fit(SIMPLENET, class_data(), optimizer=SGD(0.1), epochs=2, progress=Lines(out, terminal), **options)
    return out.getvalue().splitlines()


def test_plain_lines_where_there_is_no_terminal() -> None:
    terminal = io.StringIO()
    lines = shown(terminal)
    assert lines[0].endswith("simplenet_grad.py): 67 parameters, 48 training rows, 12 validation rows")
    assert lines[1] == "epoch  training loss  accuracy  validation loss  accuracy"
    assert [len(line) for line in lines[1:]] == [len(lines[1])] * 4
    assert [line.split()[0] for line in lines[2:]] == ["0", "1", "2"]
    assert terminal.getvalue() == ""
    epoch = fit(SIMPLENET, class_data(), optimizer=SGD(0.1), epochs=2)[1].epochs[-1]
    assert lines[-1].split()[1] == f"{epoch.training.loss:.4f}"
    assert lines[-1].split()[2] == f"{epoch.training.accuracy:.4f}"
    assert shown(terminal, validation=None)[1] == "epoch  training loss  accuracy"


def test_a_bar_where_there_is_one() -> None:
    pytest.importorskip("tqdm")
    terminal = Terminal()
    assert shown(terminal) == shown(io.StringIO())
    assert "0/4" in terminal.getvalue() and "loss 0." in terminal.getvalue()


def test_the_bar_is_taken_away_when_the_training_fails() -> None:
    pytest.importorskip("tqdm")
    terminal = Terminal()
    with pytest.raises(TrainingError):
        fit(ridge, line_data(), optimizer=SGD(1e300), params=np.zeros(3), progress=Lines(io.StringIO(), terminal))
    assert terminal.getvalue().endswith("\r")


def test_packages_that_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("matplotlib", "matplotlib.figure", "sklearn", "sklearn.datasets", "tqdm"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(TrainingError, match="pictures are drawn by matplotlib: pip install matplotlib"):
        history().plot()
    with pytest.raises(TrainingError, match="the data digits comes with scikit-learn: pip install scikit-learn"):
        fit(SIMPLENET, "digits", optimizer=SGD(0.1))
    terminal = Terminal()
    assert len(shown(terminal)) == 5 and terminal.getvalue() == ""
