"""What is checked before a gradient is written where there are no example arguments: arguments that are drawn."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff.cli import core, run, verify
from srcdiff.cli.draw import Drawn, drawer
from srcdiff.compile import signature_of
from srcdiff.frontend.lower import lower

PROGRAMS = '''\
import numpy as np


def both(x):
    return np.sum(np.sin(x) * x)


def product(w, x):
    return np.sum(x @ w)


def log(x: float):
    return np.log(x)


def never(x: float):
    return np.log(-1.0 - x * x)


def raises(x: float):
    if x < 1e9:
        raise ValueError("out of range")
    return x


def picks(x: "f64[n]", labels: "i64[n]", k: int):
    return np.sum(x[labels]) * k


def net(p: "{'w': f64[d, k], 'b': f64[k]}", x: "f64[n, d]", scale: float = 2.0):
    return scale * np.sum(np.tanh(x @ p["w"] + p["b"]))


def keyword(x: float, *, s: float):
    return x * s


def endless(x: float):
    while x > -1.0:
        x = x * x + 1.0
    return x
'''


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drawn_programs.py").write_text(PROGRAMS)
    path = list(sys.path)
    yield tmp_path
    sys.modules.pop("drawn_programs", None)
    sys.path[:] = path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    found = re.search(r"^Gradient: (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["both"], "checked against finite differences at random arguments"),
        (["product", "--sig", "w: f64[d], x: f64[n, d]"], "checked against finite differences at random arguments"),
        (["log"], "checked against finite differences at random arguments"),
        (["picks"], "checked against finite differences at random arguments"),
        (["net", "--wrt", "p,scale"], "checked against finite differences at random arguments"),
        (["net", "--mode", "jvp"], "checked against finite differences at random arguments"),
        (["net", "--mode", "vjp"], "checked against finite differences at random arguments"),
        (["never"], "not checked (never is not finite at any of 20 arguments that were drawn)"),
        (["raises"], "not checked (raises raises at arguments that were drawn: ValueError: out of range)"),
        (["keyword"], "not checked (no example arguments for the keyword-only `s`)"),
    ],
)
def test_the_header_says_what_was_checked(capsys: Any, words: list[str], says: str) -> None:
    assert run(["grad", f"drawn_programs.py:{words[0]}", *words[1:]]) == 0
    assert said(capsys) == says


def test_a_loop_without_end_does_not_stop_the_command(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "SECONDS", 0.2)
    assert run(["grad", "drawn_programs.py:endless"]) == 0
    assert said(capsys) == "not checked (endless gives no result within 0.2 s at arguments that were drawn)"


def test_without_types_what_needs_them_is_refused_with_the_annotation(capsys: Any) -> None:
    assert run(["grad", "drawn_programs.py:product", "-o", "out.py"]) == 1
    err = capsys.readouterr().err
    assert "drawn_programs.py:9:19: error[SD011]" in err and "annotate the arguments, such as" in err
    assert not Path("out.py").exists()


def test_only_a_disagreement_writes_nothing(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    derive = core.derive

    def wrong(*args: Any) -> core.Derived:
        right = derive(*args)
        return core.Derived(lambda x: (np.log(x), 2.0 / x), right.readable, right.draw)

    monkeypatch.setattr(core, "derive", wrong)
    assert run(["grad", "drawn_programs.py:log", "-o", "out.py"]) == 1
    err = capsys.readouterr().err
    assert "the gradient of log disagrees with differences" in err and "(at arguments that were drawn: x: " in err
    assert not Path("out.py").exists()


def test_the_text_is_the_same_each_time(capsys: Any) -> None:
    texts = set()
    for _ in range(2):
        assert run(["grad", "drawn_programs.py:net"]) == 0
        texts.add(capsys.readouterr().out)
    assert len(texts) == 1


def test_a_broken_signature_has_a_caret(capsys: Any) -> None:
    assert run(["grad", "drawn_programs.py:product", "--sig", "w: f64[d], x: f64[n, d"]) == 1
    assert capsys.readouterr().err.splitlines()[:3] == [
        "signature:1:18: error[SD034]: the signature cannot be read",
        "    1 | w: f64[d], x: f64[n, d",
        "      |                  ^ '[' was never closed",
    ]
    assert run(["grad", "drawn_programs.py:product", "--sig", "w: f64[d]], x: f64[n, d]"]) == 1
    assert capsys.readouterr().err.splitlines()[2] == "      |          ^ ']' was never opened"


# --- drawing


def draw(function: Any, types: str | None, number: int = 0) -> Drawn:
    signature = signature_of(function, types)
    found = drawer(function, signature, lower(function, signature).facts)(np.random.default_rng(0), number)
    assert isinstance(found, Drawn)
    return found


def test_lengths_fit_together() -> None:
    def f(w, x, y):
        return np.sum(x @ w - y) + y[0]

    for number in range(8):
        w, x, y = draw(f, "w: f64[d], x: f64[n, k], y: f32[m]", number).args
        assert x.shape == (*y.shape, *w.shape) and y.dtype == np.float32


def test_numbers_are_of_their_kinds() -> None:
    def f(a, b, c, d, flag=True):
        return a * b * c * d[0]

    drawn = draw(f, "a: float, b: f64, c: int, d: [float]")
    assert [type(value) for value in drawn.args] == [float, np.float64, int, list, bool]
    assert draw(f, "a: float, b: f64, c: int, d: [float]", 1).args[0] > 0  # odd tries: positive


def test_an_unknown_type_is_drawn_as_a_number_and_as_an_array() -> None:
    def f(x):
        return x * x

    kinds = {draw(f, None, number).kind: np.ndim(draw(f, None, number).args[0]) for number in range(4)}
    assert kinds == {"numbers": 0, "arrays": 1}
    assert draw(f, None).kinds == {"numbers", "arrays"}
