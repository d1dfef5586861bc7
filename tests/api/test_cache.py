"""The cache of modules: found by the next process, private, never trusted blindly, never in the way."""

from __future__ import annotations

import inspect
import os
import stat
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import srcdiff
import srcdiff.cache.folder
import srcdiff.cache.key
import srcdiff.compile
from srcdiff.cache import entries
from srcdiff.cache.entries import Made, Origin
from srcdiff.cli import run
from srcdiff.ir.opdef import OPS
from tests.api.support import program, python


def square(x):
    return np.sum(x * x)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("SRCDIFF_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(srcdiff.cache.folder, "_warned", set())
    return tmp_path / "cache"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that are compiled, not found."""
    names: list[str] = []
    right = srcdiff.compile._made

    def noted(parts: Any, name: str, primal: Any) -> Made:
        names.append(name)
        return right(parts, name, primal)

    monkeypatch.setattr(srcdiff.compile, "_made", noted)
    return names


def call() -> Any:
    """The gradient, and the object that gave it."""
    derived = srcdiff.grad(square)
    assert np.array_equal(derived(np.array([1.0, 2.0])), [2.0, 4.0])
    return derived


# --- files


def test_a_module_is_a_file(cache: Path) -> None:
    derived = call()
    assert Path(derived.filename).parent == cache
    assert Path(derived.filename).name.startswith("square_grad_")
    text = Path(derived.filename).read_text()
    assert text.startswith(derived.source) and "Kept by srcdiff" in text
    space: dict[str, Any] = {}
    exec(text, space)
    assert np.array_equal(space["square_grad"](np.array([3.0, 1.0])), [6.0, 2.0])
    assert os.listdir(cache) == [Path(derived.filename).name]  # no temporary file is left


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions are those of POSIX")
def test_the_folder_is_private(cache: Path) -> None:
    call()
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


def test_the_next_derivative_finds_it(cache: Path, made: list[str]) -> None:
    first, second = call(), call()
    assert made == ["square_grad"] and first.filename == second.filename


def test_the_next_process_finds_it(cache: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        program(
            """
            import sys
            import srcdiff.compile
            if sys.argv[1:]:
                srcdiff.compile._derivative = None  # must not be needed
            def f(w, x):
                y = x.copy()
                for i in range(1, len(y)):
                    y[i] = np.tanh(w * y[i - 1]) + y[i] * y[i]
                return np.sum(y)
            derived = srcdiff.value_and_grad(f, (0, 1))
            print(derived(0.5, np.ones(3)), derived.filename)
            """
        )
    )
    assert python(str(script)) == python(str(script), "found")


def test_two_processes_at_once(cache: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        program(
            """
            def f(x, k): return np.sum(x ** k)
            for k in range(2, 12):
                derived = srcdiff.grad(lambda x, k=k: f(x, float(k)))
                assert np.allclose(derived(np.ones(3)), k), k
            print("right")
            """
        )
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(srcdiff.__file__).parents[1])}
    started = [
        subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment) for _ in range(3)
    ]
    assert [process.communicate(timeout=120)[0] for process in started] == [b"right\n"] * 3
    assert all(name.endswith(".py") for name in os.listdir(cache))


# --- what is in the way


DAMAGES = {
    "truncated": lambda text: text[: len(text) // 2],
    "cut at the end": lambda text: text[:-1],
    "empty": lambda text: "",
    "changed": lambda text: text.replace("2 * x", "3 * x"),
    "foreign": lambda text: "raise SystemExit('executed')\n",
    "no text": lambda text: "\0\udc80".encode("utf-8", "surrogateescape").decode("latin-1"),
    "sealed, but without facts": lambda text: f"raise SystemExit\n# sha256 {entries._digest('raise SystemExit' + chr(10))}\n",
    "of another key": lambda text: entries.encode(Made("raise SystemExit\n", "square_grad"), "0" * 64),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_made_again(cache: Path, made: list[str], damage: str) -> None:
    path = Path(call().filename)
    whole = path.read_text()
    path.write_text(DAMAGES[damage](whole))
    assert path.read_text() != whole
    call()
    assert len(made) == 2 and path.read_text() == whole


def test_a_link_in_the_cache_is_replaced(cache: Path, tmp_path: Path) -> None:
    path = Path(call().filename)
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    path.unlink()
    path.symlink_to(precious)
    call()
    assert precious.read_text() == "mine" and not path.is_symlink()


def in_memory(folder: Path | str) -> str:
    """The warning with which a gradient is made in memory, and only the first."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        derived = call()
        call()
    assert derived.filename is None and len(caught) == 1 and str(folder) in str(caught[0].message)
    assert inspect.getsource(derived._module().callable) in derived.source + "\n"
    return str(caught[0].message)


def test_a_folder_that_cannot_be_made(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write_text("a file")
    assert "it cannot be made" in in_memory(cache) or "no folder" in in_memory(cache)
    assert cache.read_text() == "a file"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions are those of POSIX")
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_write_to(cache: Path, mode: int) -> None:
    cache.mkdir()
    cache.chmod(mode)
    assert "others may write to it (`chmod 700" in in_memory(cache)
    assert os.listdir(cache) == []


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions are those of POSIX")
def test_a_folder_of_another_user(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir(mode=0o700)
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert "belongs to another user" in in_memory(cache)


def test_a_full_disk(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(entries, "write_atomically", full)
    assert "No space left" in in_memory(cache)


# --- what the key holds


def test_rules_from_elsewhere_are_not_shared(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule is edited between two gradients of one function."""
    assert call().filename is not None
    rule = OPS["mul"]
    assert rule.vjp is not None
    doubled = lambda b, op, g, wanted: [p and b.op("add", p, p) for p in rule.vjp(b, op, g, wanted)]  # noqa: E731
    monkeypatch.setitem(OPS, "mul", srcdiff.compile.replace(rule, vjp=doubled))
    derived = srcdiff.grad(lambda x: np.sum(x * x))
    assert np.array_equal(derived(np.array([1.0, 2.0])), [4.0, 8.0])
    assert derived.filename is None


def test_sources_that_were_edited_after_their_import(monkeypatch: pytest.MonkeyPatch) -> None:
    assert srcdiff.cache.key.key_of(["a"]) != srcdiff.cache.key.key_of(["b"]) is not None
    assert srcdiff.cache.key.key_of(["a", "b"]) != srcdiff.cache.key.key_of(["ab", ""])
    monkeypatch.setattr(srcdiff.cache.key, "_started", 0.0)
    srcdiff.cache.key._sources.cache_clear()
    try:
        assert srcdiff.cache.key.key_of(["a"]) is None
    finally:
        srcdiff.cache.key._sources.cache_clear()


def test_the_sources_of_srcdiff_are_in_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules.py").write_text("a = 1\n")
    monkeypatch.setattr(srcdiff.cache.key, "PACKAGE", tmp_path)
    monkeypatch.setattr(srcdiff.cache.key, "_started", float("inf"))
    keys = []
    for text in ("a = 1\n", "a = 2\n"):
        (tmp_path / "rules.py").write_text(text)
        srcdiff.cache.key._sources.cache_clear()
        keys.append(srcdiff.cache.key.key_of(["the same"]))
    srcdiff.cache.key._sources.cache_clear()
    assert keys[0] != keys[1]


def test_other_options_are_other_files(cache: Path) -> None:
    names = set()
    for derived in (
        srcdiff.grad(square), srcdiff.value_and_grad(square), srcdiff.grad(square, (0,)), srcdiff.jvp(square),
        srcdiff.grad(square, optimize="none"), srcdiff.grad(lambda x: (np.sum(x * x), x), has_aux=True),
    ):
        derived(np.ones(2), *([np.ones(2)] if derived.request.mode == "jvp" else []))
        names.add(derived.filename)
    assert len(names) == 6


def test_stages_are_shown_though_the_module_is_there(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call()
    monkeypatch.setenv("SRCDIFF_DUMP", "after=cse")
    call()
    assert "# after cse" in capsys.readouterr().err


def test_the_stages_of_a_found_module_are_made_when_asked_for(cache: Path) -> None:
    call()
    module = call()._module()
    assert module.functions[0].name == "square_grad" and module.readable("command", "f.py", "no").startswith('"""Gradient')


def test_entries_are_read_as_they_were_written() -> None:
    origins = {"f": (None, Origin("a.py", 3, 'y = "é"'), None, Origin("a.py", 3, 'y = "é"')), "g": (None,)}
    whole = Made("def f():\n    pass\n", "f", ("x",), origins)
    assert entries.decode(entries.encode(whole, "k"), "k") == whole
    assert entries.decode(entries.encode(whole, "k"), "other") is None


# --- srcdiff clean


def test_clean_removes_what_is_ours(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(call().filename)
    left_over = cache / f".{path.name}.0123abcd.tmp"
    left_over.write_text("half")
    mine = [cache / "notes.txt", cache / "square_grad.py", cache / f"{path.stem}.txt"]
    for file in mine:
        file.write_text("mine")
    other = "1" if path.stem.endswith("0") else "0"
    (cache / f"{path.stem[:-1]}{other}.py").mkdir()
    assert run(["clean"]) == 0
    assert capsys.readouterr().out.startswith("removed 2 files (")
    assert not path.exists() and not left_over.exists() and all(file.read_text() == "mine" for file in mine)
    assert run(["clean"]) == 0 and "nothing to remove" in capsys.readouterr().out
    call()
    assert path.exists()


def test_clean_without_a_cache(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clean"]) == 0 and "nothing to remove" in capsys.readouterr().out
    assert not cache.exists()
