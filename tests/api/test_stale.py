"""Gradients that must not be out of date: in one process, and from a cache that other processes have filled."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import srcdiff
from srcdiff.diagnostics import UnsupportedError
from tests.api.support import program, python


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to import from."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def load(folder: Path, name: str, text: str) -> Any:
    """The module of this text, imported or imported again."""
    (folder / f"{name}.py").write_text(text)
    importlib.invalidate_caches()
    return importlib.reload(sys.modules[name]) if name in sys.modules else importlib.import_module(name)


# --- helpers and constants


def test_an_edited_helper(folder: Path) -> None:
    helpers = load(folder, "helpers", "def h(x):\n    return x * x\n")
    module = load(folder, "uses", "import helpers\n\n\ndef f(x):\n    return helpers.h(x)\n")
    derived = srcdiff.grad(module.f)
    assert derived(3.0) == 6.0
    load(folder, "helpers", "def h(x):\n    return x * x * x\n")
    assert derived(3.0) == 27.0 and srcdiff.grad(module.f)(3.0) == 27.0
    assert helpers is sys.modules["helpers"]


def test_a_helper_whose_code_was_replaced() -> None:
    """What IPython's %autoreload does."""

    def helper(x):
        return x * x

    def cubed(x):
        return x * x * x

    derived = srcdiff.grad(lambda x: helper(x))
    assert derived(3.0) == 6.0
    helper.__code__ = cubed.__code__
    assert derived(3.0) == 27.0


def test_the_function_whose_code_was_replaced() -> None:
    def f(x):
        return x * x

    def cubed(x):
        return x * x * x

    derived = srcdiff.grad(f)
    assert derived(3.0) == 6.0
    f.__code__ = cubed.__code__
    assert derived(3.0) == 27.0


flag = True


def flagged(x):
    return x * x if flag else x * x * x


def test_a_rebound_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    derived = srcdiff.grad(flagged)
    assert derived(3.0) == 6.0
    monkeypatch.setitem(globals(), "flag", False)
    assert derived(3.0) == 27.0 and srcdiff.grad(flagged)(3.0) == 27.0
    monkeypatch.setitem(globals(), "flag", True)
    assert derived(3.0) == 6.0


config: dict[str, Any] = {"kind": "square", "rate": 2.0}
words = ["square"]


def configured(x):
    return config["rate"] * (x * x if config["kind"] == "square" else x * x * x)


def worded(x):
    return x * x if words[0] == "square" else x * x * x


def test_a_container_that_is_changed_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    derived, other = srcdiff.grad(configured), srcdiff.grad(worded)
    assert (derived(3.0), other(3.0)) == (12.0, 6.0)
    monkeypatch.setitem(config, "kind", "cube")
    words[0] = "cube"
    try:
        assert (derived(3.0), other(3.0)) == (54.0, 27.0)
    finally:
        words[0] = "square"


scale: Any = 2.0


def scaled(x):
    return np.sum(scale * x)


def test_a_constant_of_another_type(monkeypatch: pytest.MonkeyPatch) -> None:
    derived = srcdiff.grad(scaled)
    assert np.array_equal(derived(np.ones(2)), [2.0, 2.0])
    monkeypatch.setitem(globals(), "scale", np.array([1.0, 5.0]))
    assert np.array_equal(derived(np.ones(2)), [1.0, 5.0])


def shadowed(x):
    return abs(x) * x


def test_a_builtin_that_is_shadowed_later(monkeypatch: pytest.MonkeyPatch) -> None:
    derived = srcdiff.grad(shadowed)
    assert derived(-3.0) == 6.0
    monkeypatch.setitem(globals(), "abs", lambda x: x)
    assert derived(-3.0) == -6.0 and builtins.abs(-3.0) == 3.0


def test_rebound_defaults() -> None:
    def f(x, kind="square", a=2.0):
        return a * (x * x if kind == "square" else x * x * x)

    derived = srcdiff.grad(f)
    assert derived(3.0) == 12.0
    f.__defaults__ = ("cube", 1.0)
    assert derived(3.0) == 27.0


# --- closures


def closed(power: float) -> tuple[Any, Any]:
    def f(x):
        return x * x if power == "square" else x * x * x

    def change(new):
        nonlocal power
        power = new

    return f, change


def test_two_closures_of_one_text() -> None:
    (square, change), (cube, _) = closed("square"), closed("cube")  # type: ignore[arg-type]
    first, second = srcdiff.grad(square), srcdiff.grad(cube)
    assert (first(3.0), second(3.0), first(3.0)) == (6.0, 27.0, 6.0)
    change("cube")
    assert first(3.0) == 27.0


def test_functions_of_one_name_and_text_with_other_helpers(folder: Path) -> None:
    text = "def h(x):\n    return {}\n\n\ndef f(x):\n    return h(x)\n"
    one, two = load(folder, "one", text.format("x * x")), load(folder, "two", text.format("x + x"))
    assert (srcdiff.grad(one.f)(3.0), srcdiff.grad(two.f)(3.0)) == (6.0, 2.0)


# --- files


def test_a_file_that_was_edited_after_its_import(folder: Path) -> None:
    module = load(folder, "edited", "def f(x):\n    return x * x\n")
    derived = srcdiff.grad(module.f)
    assert derived(3.0) == 6.0
    (folder / "edited.py").write_text("def f(x):\n    return x * x * x * x\n")
    assert derived(3.0) == 6.0  # what was imported still runs
    with pytest.raises(UnsupportedError, match="has changed since it was imported") as caught:
        derived(np.float32(3.0))
    assert caught.value.diagnostics[0].code == "SD002" and "edited.py" in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x * 2.0", "x * 3.0"),
        ("(lambda y: y * 2.0)(x)", "(lambda y: y * 3.0)(x)"),
        ("sum([y * 2.0 for y in (x, x)])", "sum([y * 3.0 for y in (x, x)])"),
    ],
)
def test_edits_inside_are_seen(folder: Path, before: str, after: str) -> None:
    text = "def f(x):\n    return {}\n"
    module = load(folder, "inside", text.format(before))
    (folder / "inside.py").write_text(text.format(after))
    with pytest.raises(UnsupportedError, match="has changed since it was imported"):
        srcdiff.grad(module.f)(3.0)


def test_lines_above_that_were_edited(folder: Path) -> None:
    module = load(folder, "moved", "def f(x):\n    return x * x\n")
    (folder / "moved.py").write_text("# new\n\n\ndef f(x):\n    return x * x\n")
    with pytest.raises(UnsupportedError, match="has changed since it was imported"):
        srcdiff.grad(module.f)(3.0)


def test_an_edited_helper_in_another_file_is_refused(folder: Path) -> None:
    load(folder, "below", "def h(x):\n    return x * x\n")
    module = load(folder, "above", "from below import h\n\n\ndef f(x):\n    return h(x)\n")
    (folder / "below.py").write_text("def h(x):\n    return x * x * x\n")
    with pytest.raises(UnsupportedError, match=r"below.py has changed"):
        srcdiff.grad(module.f)(3.0)


# --- from one process to the next


def test_edits_between_processes(tmp_path: Path) -> None:
    """A helper, a constant of a class, a default, a flag: each is edited, and the cache is asked again."""
    main = tmp_path / "main.py"
    text = program(
        """
        FLAG = True
        class C: kind = "a"
        def h(x): return x * x
        def f(x, k=2.0):
            y = h(x) if FLAG else x
            return y * k if C.kind == "a" else -y
        g = srcdiff.grad(f)
        print(g(3.0))
        """
    )
    versions = {
        text: "12.0\n",
        text.replace("x * x", "x * x * x"): "54.0\n",
        text.replace("FLAG = True", "FLAG = False"): "2.0\n",
        text.replace('kind = "a"', 'kind = "b"'): "-6.0\n",
        text.replace("k=2.0", "k=5.0"): "30.0\n",
    }
    assert len(versions) == 5
    for version, expected in versions.items():
        main.write_text(version)
        assert python(str(main)) == expected
