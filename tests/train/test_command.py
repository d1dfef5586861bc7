"""``srcdiff train``: what it prints and writes, and what it says of mistakes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from srcdiff.cli import run
from srcdiff.train import History

from .support import ROOT, class_data

MODULE = "generated/simplenet_grad.py"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with SimpleNet's module, the file it comes from, and data."""
    monkeypatch.chdir(tmp_path)
    for file in (MODULE, "examples/simplenet.py", "examples/_generate.py"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text((ROOT / file).read_text())
    x, labels = class_data()
    np.savez("data.npz", labels=labels, x=x)
    return tmp_path


def test_the_digits(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(ROOT)
    plot, history = str(tmp_path / "loss.png"), str(tmp_path / "h.json")
    options = "--data digits --optimizer sgd --lr 0.01 --batch-size 32 --epochs 30".split()
    assert run(["train", MODULE, *options, "--plot", plot, "--history", history]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == f"loss_value_and_grad ({MODULE}): 2,410 parameters, 1,438 training rows, 359 validation rows"
    assert lines[1].split() == ["epoch", "training", "loss", "accuracy", "validation", "loss", "accuracy"]
    assert len(lines) == 33 and lines[-1].split()[0] == "30"
    _, loss, accuracy, held_loss, held_accuracy = map(float, lines[-1].split())
    assert loss < 1.0 and accuracy > 0.85 and held_loss < 1.0 and held_accuracy > 0.85
    assert err == f"wrote {history}\nwrote {plot}\n"
    assert Path(plot).read_bytes().startswith(b"\x89PNG")
    record = History.load(history)
    assert record.settings["data"] == "digits" and f"{record.epochs[-1].training.loss:.4f}" == lines[-1].split()[1]


def test_another_process_gives_the_same_bytes(project: Path) -> None:
    command = [*("-m", "srcdiff", "train", MODULE, "--data", "data.npz", "--momentum", "0.9", "--nesterov"), "--history"]
    files = []
    for seed in "01":
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, *command, f"{seed}.json"], env=environment, check=True, capture_output=True)
        files.append(Path(f"{seed}.json").read_bytes())
    assert files[0] == files[1] and b'"optimizer": "SGD(lr=0.01, momentum=0.9, nesterov=True)"' in files[0]


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (["--batch-size", "all", "--validation", "0"], "60 training rows"),
        (["--batch-size", "1", "--validation", "0.5"], "30 training rows, 30 validation rows"),
        (["--model", "examples/simplenet.py", "--seed", "3"], "48 training rows, 12 validation rows"),
    ],
)
def test_options(project: Path, capsys: pytest.CaptureFixture[str], words: list[str], rows: str) -> None:
    assert run(["train", MODULE, "--data", "data.npz", "--epochs", "2", *words]) == 0
    out, _ = capsys.readouterr()
    assert out.splitlines()[0].endswith(f"67 parameters, {rows}") and len(out.splitlines()) == 5


def test_a_model_without_predict_has_no_accuracy(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("start.py").write_text((ROOT / "examples/simplenet.py").read_text().replace("def predict", "def guess"))
    assert run(["train", MODULE, "--data", "data.npz", "--model", "start.py"]) == 0
    out, err = capsys.readouterr()
    assert err == "note: no accuracy: start.py has no `predict(params, x) -> scores`\n"
    assert out.splitlines()[1] == "epoch  training loss  validation loss"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["none.py", "--data", "digits"], 1, "error: there is no file none.py"),
        (["examples", "--data", "digits"], 1, "error: examples is a folder, not a file"),
        (["all.py", "--data", "data.npz"], 1, "value_and_grad (all.py) takes no data: all that it takes are parameters"),
        ([MODULE, "--data", "iris"], 1, "error: the data is one of digits, breast_cancer, or a file FILE.npz, not iris"),
        ([MODULE, "--data", "none.npz"], 1, "error: there is no file none.npz"),
        ([MODULE, "--data", "swapped.npz"], 1, "no array `labels`: the loss takes `x`, `labels`, the data has `x`, `y`"),
        ([MODULE, "--data", "short.npz"], 1, "differ in their number of rows: `x` has 60, `labels` has 59"),
        ([MODULE, "--data", "nan.npz"], 1, "`x` of the training data holds nan at [3, 4] (1 of 600 entries are not finite)"),
        ([MODULE, "--data", "data.npz", "--model", "none.py"], 1, "there is no file none.py"),
        ([MODULE, "--data", "data.npz", "--model", "empty.py"], 1, "empty.py has no `init(rng, data) -> params`"),
        (["empty.py", "--data", "data.npz"], 1, "empty.py has no function value_and_grad and is no gradient module"),
        ([MODULE, "--data", "data.npz", "--plot", "loss.xyz"], 1, "cannot draw loss.xyz"),
        ([MODULE, "--data", "data.npz", "--plot", "empty.py/loss.png"], 1, "cannot write empty.py/loss.png: empty.py is no folder"),
        ([MODULE, "--data", "data.npz", "--history", "examples"], 1, "cannot write examples: it is a folder"),
        ([MODULE, "--data", "data.npz", "--lr", "1e200"], 1, "a learning rate below lr = 1e+200"),
        ([MODULE], 2, "Missing option '--data'"),
        ([MODULE, "--data", "data.npz", "--lr", "0"], 2, "0.0 is not in the range x>0"),
        ([MODULE, "--data", "data.npz", "--nesterov"], 2, "--nesterov needs --momentum"),
        ([MODULE, "--data", "data.npz", "--batch-size", "0"], 2, "'0' is no number of rows from 1, and not `all`"),
        ([MODULE, "--data", "data.npz", "--validation", "1"], 2, "1.0 is not in the range 0<=x<1"),
        ([MODULE, "--data", "data.npz", "--optimizer", "adam"], 2, "'adam' is not 'sgd'"),
    ],
)
def test_mistakes(project: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, says: str) -> None:
    x, labels = class_data()
    Path("empty.py").write_text("x = 1\n")
    Path("all.py").write_text("def value_and_grad(w):\n    return w * w, 2 * w\n\n\ndef init(rng, data):\n    return 1.0\n")
    np.savez("swapped.npz", x=x, y=labels)
    np.savez("short.npz", x=x, labels=labels[:-1])
    x[3, 4] = np.nan
    np.savez("nan.npz", x=x, labels=labels)
    assert run(["train", *words]) == code
    _, err = capsys.readouterr()
    assert says in re.sub(r"\s+", " ", err) and "Traceback" not in err and str(project) not in err
    assert not list(project.glob("loss*")) and not list(project.glob("*.json"))


def test_a_module_whose_source_changed(project: Path) -> None:
    command = "srcdiff grad examples/simplenet.py:loss --wrt params -o generated/simplenet_grad.py"

    def warning() -> str:
        words = [sys.executable, *f"-m srcdiff train {MODULE} --data data.npz --epochs 0".split()]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stderr

    source = Path("examples/simplenet.py")
    text = source.read_text()
    assert warning() == ""
    source.write_text(text.replace("np.maximum(", "2.0 * np.maximum("))
    changed = f"warning: {MODULE} was made before loss in ../examples/simplenet.py changed; its command is\n    {command}\n"
    assert warning() == changed
    source.write_text(text.replace("def loss(", "def cost("))
    err = warning()
    assert err.startswith(f"warning: {MODULE} cannot be made again: examples/simplenet.py has no function loss")
    assert err.endswith(f"its command is\n    {command}\n")


SLOW = """\
import os, signal

import numpy as np

steps = 0


def value_and_grad(w, x, labels):
    global steps
    steps += 1
    if steps == 8:
        os.kill(os.getpid(), signal.SIGINT)
    return float(np.exp(w)), 0.1


def init(rng, data):
    return 1.0
"""


def test_what_there_is_is_written_on_control_c(project: Path) -> None:
    Path("slow.py").write_text(SLOW)
    words = "-m srcdiff train slow.py --data data.npz --epochs 9 --batch-size all --history h.json --plot p.svg"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.run([sys.executable, *words.split()], env=environment, capture_output=True, text=True)
    assert process.returncode == 130 and "Traceback" not in process.stderr
    assert process.stderr.splitlines()[-3:] == ["wrote h.json", "wrote p.svg", "interrupted after epoch 1 of 9"]
    record = History.load("h.json")
    assert [epoch.number for epoch in record.epochs] == [0, 1] and record.settings["epochs"] == 9
    assert len(record.losses) == 2 and Path("p.svg").read_text().startswith("<?xml")


def test_what_there_is_is_written_when_nobody_reads_the_lines(project: Path) -> None:
    command = f"{sys.executable} -m srcdiff train {MODULE} --data data.npz --epochs 3000 --history h.json | head -2"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True)
    assert process.stdout.count("\n") == 2 and "wrote h.json\nerror: Broken pipe\n  after epoch" in process.stderr
    assert 0 < len(History.load("h.json").epochs) < 3000


def test_what_there_is_is_written_on_divergence(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("wild.py").write_text(SLOW.replace("0.1", "-1e3").replace("steps == 8", "False"))
    assert run("train wild.py --data data.npz --history h.json --plot p.png --lr 0.1 --batch-size all".split()) == 1
    err = capsys.readouterr().err.splitlines()
    assert err[-3:-1] == ["wrote h.json", "wrote p.png"]
    assert "the loss of value_and_grad (wild.py) of the training data after epoch 8 is inf" in err[-1]
    assert [epoch.number for epoch in History.load("h.json").epochs] == list(range(8))
