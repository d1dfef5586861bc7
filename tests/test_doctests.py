"""The examples in the docstrings run."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest
import scipy.linalg
import scipy.special  # noqa: F401  (its rules are entered where it is there)

from srcdiff.rules.optional import enter_scipy

ROOT = Path(__file__).resolve().parent.parent


def module_names() -> list[str]:
    paths = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / "srcdiff").rglob("*.py"))
    names = (".".join(path.parts).removesuffix(".__init__") for path in paths)
    return sorted(name for name in names if not name.endswith("__main__"))


@pytest.mark.parametrize("name", module_names())
def test_docstring_examples(name: str) -> None:
    enter_scipy()
    assert doctest.testmod(importlib.import_module(name)).failed == 0
