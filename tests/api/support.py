"""Python programs in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def python(*words: str, text: str | None = None, cwd: Path | None = None, **variables: str) -> str:
    """What a Python process prints; it sees the checkout, the cache of the tests, and these environment variables."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(
        [sys.executable, *words], input=text, capture_output=True, text=True, env=environment, cwd=cwd, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def program(text: str) -> str:
    """A program with the usual imports."""
    return "import numpy as np\nimport srcdiff\n" + textwrap.dedent(text)


def refusal(error: Any) -> tuple[str, str]:
    """The code and the text of a refusal."""
    return error.value.diagnostics[0].code if hasattr(error.value, "diagnostics") else error.value.code, str(error.value)
