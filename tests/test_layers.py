"""The floors of the house: who may import whom, where imports may stand, and how long files and functions may grow.

Everything is read from the text of the files with ``ast``; nothing is imported.  The checker itself is tested with
planted violations at the end of this file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FLOORS = {
    **dict.fromkeys(["codes", "diagnostics", "files", "highlight", "leaves", "version"], 0),
    **dict.fromkeys(["ir", "differences", "usercode", "cache", "editor"], 1),
    **dict.fromkeys(["rules", "compare"], 2),
    **dict.fromkeys(["frontend", "ad", "passes"], 3),
    "view": 3,  # printed IR is all that it reads, so that compiled functions may show themselves with it
    **dict.fromkeys(["emit", "request", "shown"], 4),
    **dict.fromkeys(["demands", "finish", "written"], 5),
    "compile": 6,
    **dict.fromkeys(["dispatch", "api", "check", "custom"], 7),
    **dict.fromkeys(["cli", "train"], 8),
    **dict.fromkeys(["", "__main__"], 9),  # the package itself and `python -m srcdiff`
}
"""A module imports from lower floors and from its own package only."""

SAME_FLOOR = {
    ("demands", "written"),
    *(("diagnostics", "codes"), ("api", "dispatch"), ("check", "api"), ("", "api"), ("", "check")),
    ("cli", "train"),
}
"""What may be imported on one floor all the same: checks are written with the public interface, and the command
line calls the trainer."""

NEVER = {("emit", "ad"), ("emit", "frontend"), ("view", "frontend"), ("view", "ad")}
"""Lower floors that all the same know too much: emission knows no derivative, a view reads printed IR."""

LAZY = {"numba", "sympy", "black", "astor", "matplotlib", "grandalf", "sklearn", "scipy", "tqdm"}
"""Third-party packages that are optional or slow: the only ones that a function may import."""

SLOW = LAZY - {"astor"}
"""... and these must not be imported by a module, so that ``import srcdiff`` stays fast."""

ONLY_IN = {
    "astor": ("emit/text.py",),
    "black": ("emit/text.py",),
    "sympy": ("rules/draft.py",),
    "click": ("cli/",),
}
"""Third-party packages that have one place."""

FILE_LINES = 450
FUNCTION_LINES = 60


@dataclass(frozen=True)
class Import:
    """One import: the file (relative to the package), its line, what is imported, whether a function does it, and
    whether it is there for type checkers alone."""

    file: str
    line: int
    target: str
    inside: bool
    for_types: bool


def module_name(file: str) -> str:
    """The dotted name of a file of the package: ``ir/core.py`` is ``srcdiff.ir.core``."""
    parts = ["srcdiff", *Path(file).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(module: str) -> str:
    """The part of the house that a module of ours belongs to: ``srcdiff.ir.core`` is in ``ir``."""
    return (module.split(".") + [""])[1]


def files_of(package: Path) -> list[str]:
    return sorted(str(path.relative_to(package)) for path in package.rglob("*.py"))


def imports_of(package: Path, file: str, modules: set[str]) -> Iterator[Import]:
    """All imports of one file, with every ``from a import b`` resolved to the module ``a.b`` where there is one."""
    tree = ast.parse((package / file).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    functions = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    inside = {id(node) for function in functions for node in ast.walk(function)}
    conditions = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    guarded = [node for node in conditions if "TYPE_CHECKING" in ast.unparse(node.test)]
    for_types = {id(node) for guard in guarded for statement in guard.body for node in ast.walk(statement)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name, id(node) in inside, id(node) in for_types)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(file, node)
            for alias in node.names:
                name = f"{base}.{alias.name}"
                target = name if name in modules else base
                yield Import(file, node.lineno, target, id(node) in inside, id(node) in for_types)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "__import__"):
            if node.args and isinstance(node.args[0], ast.Constant):
                yield Import(file, node.lineno, str(node.args[0].value), id(node) in inside, False)


def absolute(file: str, node: ast.ImportFrom) -> str:
    """The module named by ``from X import``, relative ones resolved."""
    if not node.level:
        return node.module or ""
    package = ["srcdiff", *Path(file).parent.parts]
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def import_violations(package: Path) -> list[str]:
    """Every import that breaks the order of the floors or stands in the wrong place."""
    files = files_of(package)
    modules = {module_name(file) for file in files}
    found = []
    edges: dict[str, set[str]] = {module: set() for module in modules}
    for file in files:
        for item in imports_of(package, file, modules):
            top = item.target.split(".")[0]
            place = f"{file}:{item.line}"
            if top == "srcdiff":
                if not item.for_types:  # what types refer to may go round in circles; floors hold for it all the same
                    edges[module_name(file)].add(item.target)
                found += [f"{place}: {problem}" for problem in floor_problems(file, item)]
            else:
                found += [f"{place}: {problem}" for problem in foreign_problems(file, item, top)]
    return found + cycles(edges)


def floor_problems(file: str, item: Import) -> Iterator[str]:
    here, there = part_of(module_name(file)), part_of(item.target)
    for part in (here, there):
        if part not in FLOORS:
            yield f"`{part}` stands on no floor"
            return
    if item.inside:
        yield f"{item.target} is imported inside a function"
    if (here, there) in NEVER:
        yield f"{here} must not know {there}"
    elif here != there and (here, there) not in SAME_FLOOR and FLOORS[there] >= FLOORS[here]:
        yield f"{here} (floor {FLOORS[here]}) imports {there or 'srcdiff'} (floor {FLOORS[there]})"


def foreign_problems(file: str, item: Import, top: str) -> Iterator[str]:
    if item.inside and top not in LAZY:
        yield f"{item.target} is imported inside a function"
    if not item.inside and top in SLOW:
        yield f"{item.target} is slow or optional: import it inside the function that needs it"
    if top in ONLY_IN and not file.startswith(ONLY_IN[top]):
        yield f"{top} belongs to {' '.join(ONLY_IN[top])} alone"


def cycles(edges: dict[str, set[str]]) -> list[str]:
    """One line for each import cycle that a depth-first walk meets."""
    found: list[str] = []
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        if module in path:
            found.append("a cycle: " + " -> ".join([*path[path.index(module) :], module]))
        elif module not in done:
            for target in sorted(edges.get(module, ())):
                visit(target, [*path, module])
            done.add(module)

    for module in sorted(edges):
        visit(module, [])
    return found


def size_violations(folder: Path) -> list[str]:
    """Files and functions that have grown past the limits; a docstring does not count as part of its function."""
    found = []
    for file in files_of(folder):
        text = (folder / file).read_text(encoding="utf-8")
        lines = len(text.splitlines())
        if lines > FILE_LINES:
            found.append(f"{file}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = function_length(node)
                if length > FUNCTION_LINES:
                    found.append(f"{file}:{node.lineno}: {node.name} has {length} lines")
    return found


def function_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    length = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None and first.end_lineno is not None:
        length -= first.end_lineno - first.lineno + 1
    return length


# --------------------------------------------------------------------------------------------------- the house itself


def test_the_floors_hold() -> None:
    assert import_violations(ROOT / "srcdiff") == []


@pytest.mark.parametrize("folder", ["srcdiff", "examples", "benchmarks"])
def test_files_and_functions_stay_short(folder: str) -> None:
    assert size_violations(ROOT / folder) == []


def test_every_part_is_on_a_floor() -> None:
    entries = [path for path in (ROOT / "srcdiff").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    parts = {path.stem for path in entries} - {"__init__"}
    assert parts <= set(FLOORS), "a new part of the house needs a floor in FLOORS"


# --------------------------------------------------------------------------------------- the checker sees what is wrong


def house(tmp_path: Path, **files: str) -> Path:
    """A package with these files; ``ir__core`` is ``ir/core.py``."""
    package = tmp_path / "srcdiff"
    for name, text in {"__init__": "", "ir____init__": "", "rules____init__": "", **files}.items():
        folder, _, stem = name.partition("__") if not name.startswith("__") else ("", "", name)
        path = package / folder / f"{stem or folder}.py" if stem else package / f"{folder or name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return package


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"ir__core": "from srcdiff.rules import table"}, "ir (floor 1) imports rules (floor 2)"),
        ({"ir__core": "import srcdiff.rules"}, "ir (floor 1) imports rules (floor 2)"),
        ({"ir__core": "from srcdiff import rules"}, "ir (floor 1) imports rules (floor 2)"),
        ({"ir__core": "from .. import rules"}, "ir (floor 1) imports rules (floor 2)"),
        ({"ir__core": "from ..rules import table"}, "ir (floor 1) imports rules (floor 2)"),
        ({"ir__core": "import importlib\nimportlib.import_module('srcdiff.rules')"}, "ir (floor 1) imports rules"),
        ({"ir__core": "from srcdiff import grad"}, "ir (floor 1) imports srcdiff (floor 9)"),
        ({"passes__cse": "import srcdiff.ad.reverse"}, "passes (floor 3) imports ad (floor 3)"),
        ({"emit__names": "import srcdiff.ad.reverse"}, "emit must not know ad"),
        ({"api": "import srcdiff.cli.grad"}, "api (floor 7) imports cli (floor 8)"),
        ({"train__page": "import srcdiff.cli.grad"}, "train (floor 8) imports cli (floor 8)"),
        ({"view__page": "import srcdiff.cli.grad"}, "view (floor 3) imports cli (floor 8)"),
        ({"view__page": "import srcdiff.passes.cse"}, "view (floor 3) imports passes (floor 3)"),
        ({"ir__core": "if TYPE_CHECKING:\n    import srcdiff.rules"}, "ir (floor 1) imports rules (floor 2)"),
        ({"cellar": "import srcdiff.ir"}, "`cellar` stands on no floor"),
        ({"rules__a": "def f():\n    import srcdiff.ir"}, "srcdiff.ir is imported inside a function"),
        ({"rules__a": "def f():\n    from .. import ir"}, "srcdiff.ir is imported inside a function"),
        ({"rules__a": "def f():\n    import json"}, "json is imported inside a function"),
        ({"rules__a": "class A:\n    def f(self):\n        import json"}, "json is imported inside a function"),
        ({"rules__draft": "import sympy"}, "sympy is slow or optional"),
        ({"rules__draft": "try:\n    import scipy.special\nexcept ImportError:\n    pass"}, "scipy.special is slow"),
        ({"rules__a": "def f():\n    import black"}, "black belongs to emit/text.py alone"),
        ({"api": "import click"}, "click belongs to cli/ alone"),
        (
            {"ir__a": "from srcdiff.ir import b", "ir__b": "from srcdiff.ir.c import x", "ir__c": "from . import a"},
            "a cycle: srcdiff.ir.a -> srcdiff.ir.b -> srcdiff.ir.c -> srcdiff.ir.a",
        ),
        (
            {"ir____init__": "from srcdiff.ir.core import Op", "ir__core": "from srcdiff.ir import Block"},
            "a cycle: srcdiff.ir -> srcdiff.ir.core -> srcdiff.ir",
        ),
    ],
)
def test_planted_imports_are_seen(tmp_path: Path, files: dict[str, str], problem: str) -> None:
    found = import_violations(house(tmp_path, **files))
    assert len(found) == 1
    assert problem in found[0]


def test_what_is_allowed_is_let_through(tmp_path: Path) -> None:
    package = house(
        tmp_path,
        __init__="from srcdiff.api import grad",
        ir__core="import json\nfrom srcdiff import diagnostics\nfrom srcdiff.ir import types",
        ir__types="if TYPE_CHECKING:\n    from .core import Op\nfrom srcdiff.diagnostics import Span",
        diagnostics="import ast",
        rules__draft="from srcdiff.ir import core\ndef f():\n    import sympy",
        emit__text="import astor\nfrom srcdiff.rules import table\ndef f():\n    import black",
        api="from srcdiff.ir.core import Op",
        check="from srcdiff.api import grad",
        cli__grad="import click\nfrom srcdiff import api",
    )
    assert import_violations(package) == []


def test_planted_lengths_are_seen(tmp_path: Path) -> None:
    long_function = "def g():\n" + "    x = 1\n" * FUNCTION_LINES
    documented = 'def h():\n    """A\n\n    docstring."""\n' + "    x = 1\n" * (FUNCTION_LINES - 1)
    files = {"ir__a": long_function + documented, "ir__b": "x = 1\n" * (FILE_LINES + 1), "ir__c": "x\n" * FILE_LINES}
    package = house(tmp_path, **files)
    assert size_violations(package) == ["ir/a.py:1: g has 61 lines", "ir/b.py: 451 lines"]
