"""SciPy's functions: their rules enter the table when a program that is read has imported the part they belong to.

The compiler never imports SciPy on its own account; a generated file imports the parts that its text names.
"""

from __future__ import annotations

import importlib
import sys

from .signature import ROOTS

_PARTS = {"scipy.special": "scipy_special", "scipy.linalg": "scipy_linalg"}
_entered: set[str] = set()


def enter_foreign() -> None:
    """Enter the rules for the parts of SciPy that are there."""
    for module, rules in _PARTS.items():
        if module in sys.modules and module not in _entered:
            _entered.add(module)
            ROOTS["scipy"] = sys.modules["scipy"]
            importlib.import_module(f"{__package__}.{rules}")
