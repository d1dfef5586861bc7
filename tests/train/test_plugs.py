"""What plugs into the trainer, and where init and predict come from."""

from __future__ import annotations

import importlib.util
import sys
import types
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import srcdiff
from srcdiff.cli import run
from srcdiff.diagnostics import SrcdiffError
from srcdiff.train import SGD, TrainingError, fit
from srcdiff.train.load import model_of

from .support import ROOT, SIMPLENET, class_data, line_data

AUTHOR = """\
import numpy as np

strength = 0.25


def loss(w, b, x, y):
    r = x @ w + b - y
    return np.mean(r * r) + strength * np.sum(w * w)


def example():
    return np.ones(2), 0.5, np.eye(2), np.ones(2)


def init(rng, data):
    x, _ = data
    return rng.standard_normal(x.shape[1]), 0.0


def predict(params, x):
    w, b = params
    return x @ w + b
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "author.py").write_text(AUTHOR.replace("strength * ", "0.25 * "))
    assert run(["grad", "author.py:loss", "--wrt", "w,b", "-o", "gen/author_grad.py"]) == 0
    return tmp_path


def imported(path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_path_and_an_imported_module_are_the_same() -> None:
    runs = [fit(plug, class_data(), optimizer=SGD(0.1)) for plug in (str(SIMPLENET), SIMPLENET, imported(SIMPLENET))]
    assert runs[0][1].losses == runs[1][1].losses == runs[2][1].losses
    assert runs[0][1].epochs[-1].training.accuracy is not None


def test_compiled_functions_and_what_carries_one() -> None:
    def loss(w, x, y):
        r = x @ w - y
        return np.mean(r * r)

    compiled = srcdiff.value_and_grad(loss)
    carrier = types.SimpleNamespace(value_and_grad=compiled)
    runs = [fit(plug, line_data(), optimizer=SGD(0.1), params=np.zeros(3), epochs=60)[0] for plug in (compiled, carrier)]
    assert np.array_equal(runs[0], runs[1])
    np.testing.assert_allclose(runs[0], [1.0, -2.0, 0.5], atol=0.01)
    with pytest.raises(TrainingError, match="`loss` is compiled for grad: the trainer needs srcdiff.value_and_grad"):
        fit(srcdiff.grad(loss), line_data(), optimizer=SGD(0.1), params=np.zeros(3))
    with pytest.raises(TrainingError, match="`loss` is compiled for vjp"):
        fit(srcdiff.vjp(loss), line_data(), optimizer=SGD(0.1), params=np.zeros(3))
    with pytest.raises(TrainingError, match="loss returns no pair .* with srcdiff.value_and_grad"):
        fit(loss, line_data(), optimizer=SGD(0.1), params=np.zeros(3))


def test_several_differentiated_arguments_are_a_tuple_of_parameters(project: Path) -> None:
    x, y = line_data()
    settings = {"optimizer": SGD(0.1), "batch_size": None, "epochs": 300, "validation": None}
    (w, b), history = fit("gen/author_grad.py", (x, y + 1), **settings)
    a = np.column_stack([x, np.ones(len(x))])
    closed = np.linalg.solve(a.T @ a / len(a) + np.diag([0.25, 0.25, 0.25, 0.0]), a.T @ (y + 1) / len(a))
    np.testing.assert_allclose([*w, b], closed, atol=1e-9)
    assert history.settings["model"] == "loss_value_and_grad (gen/author_grad.py)"

    def loss(w, b, x, y):
        r = x @ w + b - y
        return np.mean(r * r)

    (w, b), _ = fit(srcdiff.value_and_grad(loss, ("w", "b")), (x, y), params=(np.zeros(3), 0.0), **settings)
    np.testing.assert_allclose([*w, b], [1.0, -2.0, 0.5, 0.0], atol=1e-9)
    with pytest.raises(TrainingError, match="params is dict: it has to be a tuple of the first 2 arguments"):
        fit("gen/author_grad.py", (x, y), optimizer=SGD(0.1), params={"w": np.zeros(3), "b": 0.0})
    with pytest.raises(TrainingError, match="has the gradient of `x`, `w`: the trainer needs that of its first"):
        model_of(srcdiff.value_and_grad(loss, ("x", "w")))


def test_a_tuple_of_one(project: Path) -> None:
    (project / "one.py").write_text("def loss(w: float, x: float, y: float):\n    return (w * x - y) ** 2\n")
    assert run(["grad", "one.py:loss", "--wrt", "w,", "-o", "gen/one_grad.py"]) == 0
    model = model_of("gen/one_grad.py")
    assert model.inputs == ("x", "y") and model.call((3.0,), (2.0, 1.0)) == (25.0, (20.0,))  # type: ignore[arg-type]
    assert run(["grad", "one.py:loss", "--wrt", "w", "-o", "gen/one_grad.py"]) == 0
    assert model_of("gen/one_grad.py").call(3.0, (2.0, 1.0)) == (25.0, 20.0)  # type: ignore[arg-type]


def test_what_is_missing_is_said(project: Path) -> None:
    text = AUTHOR.replace("strength * ", "0.25 * ").replace("def init", "def start").replace("def predict", "def guess")
    (project / "author.py").write_text(text)
    model = model_of("gen/author_grad.py")
    assert model.init is None and model.predict is None
    with pytest.raises(TrainingError, match=r"author.py has no `init\(rng, data\) -> params`"):
        fit("gen/author_grad.py", line_data(), optimizer=SGD(0.1))
    (project / "other.py").write_text(AUTHOR)
    assert model_of("gen/author_grad.py", "other.py").predict is not None
    with pytest.raises(TrainingError, match="there is no file none.py"):
        model_of("gen/author_grad.py", "none.py")
    (project / "author.py").unlink()
    with pytest.raises(TrainingError, match=r"author.py \(from which loss_value_and_grad .* was made; it is not where"):
        fit("gen/author_grad.py", line_data(), optimizer=SGD(0.1))
    _, history = fit("gen/author_grad.py", line_data(), optimizer=SGD(0.1), params=(np.zeros(3), 0.0))
    assert history.epochs[-1].training.accuracy is None


def test_a_path_is_read_again_each_time(project: Path) -> None:
    def start(text: str) -> Any:
        (project / "author.py").write_text(text)
        return fit("gen/author_grad.py", line_data(), optimizer=SGD(0.1), epochs=0)[0][1]

    text = AUTHOR.replace("strength * ", "0.25 * ")
    assert (start(text), start(text.replace("0.0\n", "1.0\n"))) == (0.0, 1.0)


def test_annotations_of_the_author_stay_what_they_are(project: Path) -> None:
    text = AUTHOR.replace("strength * ", "0.25 * ").replace("def predict(params", "def predict(params: tuple")
    (project / "author.py").write_text(text)
    predict = model_of("gen/author_grad.py").predict
    assert predict is not None and predict.__annotations__ == {"params": tuple}


def test_code_of_the_author_that_raises_is_named_with_its_place(project: Path) -> None:
    (project / "author.py").write_text(AUTHOR.replace("return rng.standard", "return rng.standart"))
    with pytest.raises(SrcdiffError, match=r"init of author.py raises, .*x: f64\[40, 3\].*\n  .*author.py:17: AttributeError"):
        fit("gen/author_grad.py", line_data(), optimizer=SGD(0.1))
    (project / "author.py").write_text("import nothing_of_the_kind")
    with pytest.raises(SrcdiffError, match=r"author.py cannot be imported\n  .*author.py:1: ModuleNotFoundError"):
        fit("gen/author_grad.py", line_data(), optimizer=SGD(0.1))


def test_globals_that_a_module_takes_by_keyword(project: Path) -> None:
    def value_and_grad(w, x, *, strength):
        return strength * w * w, 2 * strength * w

    (project / "hand.py").write_text("strength = 2.0\n\n\ndef value_and_grad(w, x, *, strength):\n    return strength * w * w, 2 * strength * w\n")
    w, _ = fit("hand.py", np.ones(5), optimizer=SGD(0.1), params=1.0, epochs=1, validation=None)
    assert w == pytest.approx(1 - 0.1 * 4)
    with pytest.raises(TrainingError, match="value_and_grad needs `strength` by keyword: give it with functools.partial"):
        model_of(value_and_grad)
    bound = partial(value_and_grad, strength=1.0)
    assert fit(bound, np.ones(5), optimizer=SGD(0.1), params=1.0, epochs=1)[0] == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\n", "hand.py has no function value_and_grad and is no gradient module"),
        ("def a_value_and_grad(): pass\nb_value_and_grad = a_value_and_grad\n", "several functions to train with: pass one of a_value_and_grad, b_value_and_grad"),
        ("def f(:\n", "hand.py cannot be imported"),
    ],
)
def test_files_that_are_no_plug(project: Path, text: str, says: str) -> None:
    (project / "hand.py").write_text(text)
    with pytest.raises(SrcdiffError, match=says):
        model_of("hand.py")


def test_modules_of_other_modes_and_things_that_are_no_function(project: Path) -> None:
    assert run(["grad", "author.py:loss", "--wrt", "w", "--mode", "vjp", "-o", "gen/pull.py"]) == 0
    with pytest.raises(TrainingError, match="gen/pull.py is made with --mode vjp: make it without"):
        model_of("gen/pull.py")
    with pytest.raises(TrainingError, match="there is no file none.py"):
        model_of("none.py")
    with pytest.raises(TrainingError, match="a path, a module or a function is trained, not int"):
        model_of(3)


def test_a_function_of_a_gradient_module_knows_its_author() -> None:
    module = imported(SIMPLENET)
    sys.modules[module.__name__] = module
    try:
        model = model_of(module.loss_value_and_grad)
    finally:
        del sys.modules[module.__name__]
    assert model.inputs == ("x", "labels") and model.init is not None and model.home == "simplenet.py"
    assert {name: str(type_) for name, type_ in model.types.items()} == {"x": "f64[r, s]", "labels": "i64[n1]"}


def test_names_are_those_of_the_present_folder() -> None:
    assert (ROOT / "generated").is_dir()
    assert model_of(SIMPLENET).name in ("loss_value_and_grad (generated/simplenet_grad.py)", "loss_value_and_grad (simplenet_grad.py)")


def test_metrics_come_from_the_authors_loss(project: Path) -> None:
    model = model_of("gen/author_grad.py")
    x, y = line_data()
    params = np.ones(3), 0.5
    assert model.loss is not None and model.value(params, (x, y)) == model.call(params, (x, y))[0]

    def refuse(*args: Any) -> Any:
        raise AssertionError("no gradient is needed here")

    assert replace(model, value_and_grad=refuse).value(params, (x, y)) == model.call(params, (x, y))[0]
    assert model_of(srcdiff.value_and_grad(example_loss)).loss is example_loss


def test_a_lambda_in_a_file(project: Path) -> None:
    Path("short.py").write_text("import numpy as np\n\nloss = lambda w, x: np.mean((x - w) ** 2)\n")
    assert run(["grad", "short.py:loss", "--sig", "w: float, x: f64[n]", "-o", "short_grad.py"]) == 0
    w, _ = fit("short_grad.py", np.full(4, 3.0), optimizer=SGD(0.3), params=0.0, validation=None)
    assert w == pytest.approx(3.0, abs=1e-3)


def test_a_loss_that_changed_is_not_the_modules(project: Path) -> None:
    file = Path("author.py")
    file.write_text(file.read_text().replace("0.25", "0.5"))
    assert model_of("gen/author_grad.py").loss is None
    file.write_text("# moved down\n" + file.read_text().replace("0.5 *", "0.25 *"))
    assert model_of("gen/author_grad.py").loss is not None


def example_loss(w, x):
    x *= w
    return np.sum(x)


def test_a_loss_that_writes_to_its_data() -> None:
    model, x = model_of(srcdiff.value_and_grad(example_loss)), np.arange(4.0)
    assert model.value(2.0, (x,)) == 12.0 and np.array_equal(x, np.arange(4.0))
    params = [1.0, np.ones(2)]
    shrinks = model_of(srcdiff.value_and_grad(lambda p, x: pop(p) * np.sum(x)))
    assert shrinks.loss is not None and shrinks.value(params, (x,)) == 6.0 and len(params) == 2


def pop(p):
    p[0] = p[0] * 1.0
    return p[0]
