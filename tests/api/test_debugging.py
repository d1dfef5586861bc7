"""Generated code in tracebacks, ``inspect`` and ``pdb``: its own lines, and those of the author that they come from."""

from __future__ import annotations

import inspect
import linecache
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import srcdiff
import srcdiff.cache.folder
from tests.api.support import program, python


def helper(a, b):
    return a @ b


def failing(x, w):
    z = helper(w, np.tanh(x))
    for _ in range(2):
        z = z / np.sqrt(
            z[5]
        )
    return np.sum(z)


LINES = {text.strip(): number for number, text in enumerate(Path(__file__).read_text().splitlines(), 1)}


def raised(function: Any, *args: Any) -> tuple[Exception, str]:
    """The exception of a call, and its traceback as it is shown."""
    with pytest.raises(Exception) as caught:
        function(*args)
    return caught.value, "".join(traceback.format_exception(caught.value))


def test_an_exception_names_both_lines() -> None:
    derived = srcdiff.value_and_grad(failing, ("x", "w"))
    error, shown = raised(derived, np.ones(3), np.ones((3, 3)))
    assert type(error) is IndexError
    assert f'File "{derived.filename}", line' in shown and "np.sqrt(z[5])" in shown
    line = LINES["z = z / np.sqrt("]
    assert error.__notes__[0].endswith(f'\n  File "{__file__}", line {line}\n    z = z / np.sqrt(z[5])')
    assert error.__notes__[0].startswith("line ") and "of failing_value_and_grad was made from" in error.__notes__[0]


def test_an_exception_in_a_backward_sweep() -> None:
    def f(x):
        y = np.exp(x)
        return np.sum(np.linalg.inv(y))

    value, pullback = srcdiff.vjp(f)(np.array([[1.0, 2.0], [4.0, 3.0]]))
    assert np.isfinite(value)
    derived = srcdiff.grad(f)
    error, _ = raised(derived, np.zeros((2, 2)))
    assert type(error) is np.linalg.LinAlgError and len(error.__notes__) == 1
    assert "return np.sum(np.linalg.inv(y))" in error.__notes__[0]


def test_each_line_of_a_module_has_its_statement() -> None:
    derived = srcdiff.value_and_grad(failing, ("x", "w"))
    derived(np.ones(6), np.ones((6, 6)))
    made = derived._module().made
    places = [origin for row in made.origins.values() for origin in row if origin is not None]
    wanted = {"z = helper(w, np.tanh(x))", "for _ in range(2):", "z = z / np.sqrt(z[5])", "return np.sum(z)"}
    assert {place.text for place in places} >= wanted - {"return np.sum(z)"}
    for place in places:
        written = linecache.getline(place.file, place.line).strip()
        assert place.text.split("(")[0] == written.split("(")[0]


def test_the_guard_is_nobody_elses_statement() -> None:
    derived = srcdiff.grad(helper_of_one)
    derived(2.0)
    error, _ = raised(derived._module().callable, "text")
    assert type(error) is TypeError and not hasattr(error, "__notes__")


def helper_of_one(x):
    return x * x


def test_the_source_is_found() -> None:
    derived = srcdiff.grad(helper_of_one)
    derived(2.0)
    function = derived._module().callable
    assert inspect.getsource(function) == derived.source
    assert inspect.getsourcefile(function) == derived.filename
    Path(derived.filename).unlink()  # another process has cleaned the cache
    linecache.checkcache()
    assert inspect.getsource(function) == derived.source


def test_in_memory_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SRCDIFF_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setattr(srcdiff.cache.folder, "_warned", {"said"})
    derived = srcdiff.value_and_grad(failing, ("x", "w"))
    error, shown = raised(derived, np.ones(3), np.ones((3, 3)))
    assert derived.filename is None
    assert "np.sqrt(z[5])" in shown and 'File "<srcdiff failing_value_and_grad ' in shown
    linecache.checkcache()
    assert inspect.getsource(derived._module().callable) in derived.source
    assert f"line {LINES['z = z / np.sqrt(']}" in error.__notes__[0]


def test_a_breakpoint_in_generated_code(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        program(
            """
            def f(x):
                y = np.tanh(x)
                return np.sum(y * y)

            derived = srcdiff.grad(f)
            print(derived(np.array([0.5])))
            print(derived.filename)
            """
        )
    )
    filename = python(str(script)).splitlines()[-1]
    lines = Path(filename).read_text().splitlines()
    line = next(k for k, text in enumerate(lines, 1) if text.strip().startswith("return "))
    said = python("-m", "pdb", "-c", f"b {filename}:{line}", "-c", "c", "-c", "l .", "-c", "p float(y[0])", "-c", "q", str(script))
    assert f"Breakpoint 1 at {filename}:{line}" in said
    assert f"{line} B->" in said and str(float(np.tanh(0.5))) in said
