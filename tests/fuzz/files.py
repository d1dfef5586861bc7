"""Failing programs as files: a module with `f`, its arguments, and a docstring that says what is wrong."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path

from tests.fuzz.examine import Verdict
from tests.fuzz.gen.params import literal
from tests.fuzz.program import Program

HERE = Path(__file__).resolve().parent
FAILURES, REGRESSIONS = HERE / "failures", HERE / "regressions"


def render(program: Program, verdict: Verdict) -> str:
    """The text of a failure file."""
    shown = "\n".join(line for message in verdict.messages[:4] for line in message.splitlines()[-30:])
    text = shown.replace("\\", "\\\\").replace('"""', "'''")
    lines = [f'"""{verdict.status}: {verdict.key} (seed {program.seed}).', "", text, '"""', "# ruff: noqa", ""]
    lines += [] if "import numpy as np" in program.source else ["import numpy as np", ""]
    lines += [program.source.rstrip(), "", "", f"ARGS = {literal(program.args)}"]
    if program.more_args is not None:
        lines.append(f"MORE_ARGS = {literal(program.more_args)}")
    lines.append(f"WRT = {program.wrt!r}")
    return "\n".join(line.rstrip() for line in "\n".join(lines).split("\n")) + "\n"


def write(program: Program, verdict: Verdict, folder: Path = FAILURES) -> Path:
    """Write a failure file; its name tells the class and depends on the program alone."""
    slug = re.sub(r"\W+", "_", f"{verdict.status}_{verdict.key}").strip("_")[:70]
    digest = hashlib.sha256(program.source.encode()).hexdigest()[:6]
    path = folder / f"{slug}_{digest}.py"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(render(program, verdict))
    return path


def read(path: Path) -> Program:
    """The program of a failure or regression file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    more = getattr(module, "MORE_ARGS", None)
    return Program(path.read_text(), module.ARGS, module.WRT, more, seed=path.stem)
