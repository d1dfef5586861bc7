"""SciPy's functions: their rules enter the table when a program that is read has imported the part they belong to.

The compiler never imports SciPy on its own account; a generated file imports the parts that its text names.
"""

from __future__ import annotations

import importlib
import sys

from srcdiff.ir.opdef import OPS, OpDef

from .signature import ROOTS

_PARTS = {"scipy.special": "scipy_special", "scipy.linalg": "scipy_linalg"}
_entered: set[str] = set()

OWN_OPS: dict[str, OpDef] = {}
"""The operations that srcdiff itself declares: the hash of its sources stands for them."""


def enter_scipy() -> None:
    """Enter the rules for the parts of SciPy that are there."""
    for module, rules in _PARTS.items():
        if module in sys.modules and module not in _entered:
            _entered.add(module)
            ROOTS["scipy"] = sys.modules["scipy"]
            before = set(OPS)
            importlib.import_module(f"{__package__}.{rules}")
            OWN_OPS.update((name, OPS[name]) for name in OPS.keys() - before)
