"""One file of tests/emit/cases per feature: IR, arguments, and the text that is due.

The text is also executed, and must compute what the interpreter computes. ``--update-golden`` rewrites the texts.
"""

from __future__ import annotations

import ast
import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import srcdiff.rules  # noqa: F401
from srcdiff.emit.module import emit, module_text
from srcdiff.ir.interp import run
from srcdiff.ir.parse import parse
from srcdiff.ir.verify import verify

from .support import execute, same

CASES = sorted((Path(__file__).parent / "cases").glob("*.case"))
MARKS = ("# === ir\n", "# === arguments\n", "# === text\n")


def sections(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    parts = []
    for mark in reversed(MARKS):
        text, part = text.split(mark)
        parts.append(part)
    return parts[::-1]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    ir, arguments, expected = sections(path)
    function = parse(ir)
    verify(function)
    emitted = emit(function)
    text = module_text([emitted])
    if request.config.getoption("--update-golden"):
        whole = [part for pair in zip(MARKS, (ir, arguments, text), strict=True) for part in pair]
        path.write_text("".join(whole), encoding="utf-8")
    else:
        assert text == expected
    calls = eval(arguments, {"np": np, "rng": np.random.default_rng(1)})
    for args in calls:
        check_call(function, text, args)


def check_call(function: Any, text: str, args: tuple[Any, ...]) -> None:
    hidden = {p.name: 0.75 for p in function.parameters if p.kind == "hidden"}
    said, printed = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said):
        want = run(function, *args, **hidden)
    with contextlib.redirect_stdout(printed):
        got = execute(text, function.name)(*args, **hidden)
    assert same(want, got), (want, got)
    assert said.getvalue() == printed.getvalue()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_other_printer_agrees(path: Path) -> None:
    """What is printed parses to a tree that ``ast.unparse`` prints as the same program."""
    text = module_text([emit(parse(sections(path)[0]))])
    tree = ast.parse(text)
    assert ast.dump(ast.parse(ast.unparse(tree))) == ast.dump(tree)
