"""The files of tests/golden: sections of text, the author's module imported from a file, statements counted."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "golden"
NAMES = sorted(path.stem for path in FOLDER.glob("*.golden"))
SECTIONS = ("function", "arguments", "by hand", "generated")
SEEDS = (0, 1, 2)
ABSENT = "golden/{}.golden has no section '# === generated': run pytest tests/test_golden.py --update-golden"


@dataclass(frozen=True)
class Case:
    """One golden file, its function section imported from a file NAME.py, so that its source can be found."""

    name: str
    sections: dict[str, str]
    f: Callable[..., Any]
    wrt: str | tuple[str, ...]
    make: dict[str, Any]  # the names of the arguments section

    @property
    def generated(self) -> str:
        if "generated" not in self.sections:
            pytest.fail(ABSENT.format(self.name), pytrace=False)
        return self.sections["generated"]

    @property
    def positions(self) -> list[int]:
        code = self.f.__code__
        wrt = (self.wrt,) if isinstance(self.wrt, str) else self.wrt
        return [code.co_varnames[: code.co_argcount].index(w) for w in wrt]

    def first_arguments(self) -> tuple[Any, ...]:
        return self.make["arguments"](np.random.default_rng(SEEDS[0]))

    def all_arguments(self) -> Iterator[tuple[Any, ...]]:
        for seed in SEEDS:
            yield self.make["arguments"](np.random.default_rng(seed))
        if "more" in self.make:
            yield from self.make["more"](np.random.default_rng(SEEDS[-1] + 1))

    def run(self, section: str) -> Callable[..., Any]:
        """The gradient function of a section, executed on its own."""
        space: dict[str, Any] = {"__name__": f"{self.name}_{section}"}
        exec(compile(self.sections[section], f"{self.name}.golden ({section})", "exec"), space)
        return space[f"{self.f.__name__}_value_and_grad"]

    def by_argument(self, gradient: Any) -> tuple[Any, ...]:
        """The gradient as a tuple, one part for each argument of `wrt`."""
        if isinstance(self.wrt, str):
            return (gradient,)
        assert type(gradient) is tuple and len(gradient) == len(self.wrt)
        return gradient


# -- files


def read_sections(name: str) -> dict[str, str]:
    parts = re.split(rf"^# === ({'|'.join(SECTIONS)})\n", (FOLDER / f"{name}.golden").read_text("utf-8"), flags=re.M)
    assert parts[0] == "", f"{name}.golden does not begin with a section"
    return {key: text.rstrip("\n") + "\n" for key, text in zip(parts[1::2], parts[2::2], strict=True)}


def write_sections(name: str, sections: dict[str, str]) -> None:
    texts = [f"# === {key}\n{sections[key].rstrip()}\n" for key in SECTIONS if key in sections]
    (FOLDER / f"{name}.golden").write_text("\n\n".join(texts), "utf-8")


class Reader:
    """Reads cases; each author's module is imported once, the texts are read again every time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder  # where the modules are written to
        self.modules: dict[str, ModuleType] = {}

    def module(self, name: str, text: str) -> ModuleType:
        if name not in self.modules:
            path = self.folder / f"{name}.py"
            path.write_text(text, "utf-8")
            spec = importlib.util.spec_from_file_location(f"golden_{name}", path)
            assert spec and spec.loader
            self.modules[name] = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(self.modules[name])
        return self.modules[name]

    def read(self, name: str) -> Case:
        sections = read_sections(name)
        module = self.module(name, sections["function"])
        last = [s.name for s in ast.parse(sections["function"]).body if isinstance(s, ast.FunctionDef)][-1]
        make = {"np": np, **vars(module)}
        exec(compile(sections["arguments"], f"{name}.golden (arguments)", "exec"), make)
        return Case(name, sections, getattr(module, last), make["wrt"], make)


# -- statements


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def is_guard(node: ast.AST) -> bool:
    """An `if` with nothing but `raise TypeError(…)` in it."""
    if not isinstance(node, ast.If) or node.orelse or len(node.body) != 1 or not isinstance(node.body[0], ast.Raise):
        return False
    error = node.body[0].exc
    return isinstance(error, ast.Call) and isinstance(error.func, ast.Name) and error.func.id == "TypeError"


def count_statements(text: str) -> int:
    """All `ast.stmt` nodes without docstrings, imports and the guard (the first `if` that only raises TypeError)."""
    nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.stmt)]
    guards = sorted((n for n in nodes if is_guard(n)), key=lambda n: n.lineno)
    imports = (ast.Import, ast.ImportFrom)
    return sum(not is_docstring(n) and not isinstance(n, imports) for n in nodes) - (2 if guards else 0)
