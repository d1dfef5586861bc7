"""Operands for the cases, by short names: numbers, arrays of several ranks, masks, index arrays, lists."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np


def operands(seed: int = 3) -> dict[str, Any]:
    """The operands by name; random ones differ from seed to seed."""
    rng = np.random.default_rng(seed)
    n = rng.normal
    return {
        "V": n(size=5),
        "V4": n(size=4),
        "V3": n(size=3),
        "M": n(size=(3, 4)),
        "M2": n(size=(3, 2)),
        "T": n(size=(4, 2)),
        "C": n(size=(2, 3, 4)),
        "CT": n(size=(2, 4, 2)),
        "C1": n(size=(1, 3, 4)),
        "Q": n(size=(4, 4)) + 4 * np.eye(4),
        "ROW": n(size=(1, 4)),
        "COL": n(size=(3, 1)),
        "ONE": n(size=1),
        "ZERO": np.array(n()),  # of rank 0
        "EMPTY": np.zeros(0),
        "HOLES": np.array([1.5, 0.0, 2.0, 0.0, -1.0]),
        "NANS": np.array([1.5, np.nan, -0.5, 2.5, np.nan, 0.7]),
        "NANM": np.array([[1.5, np.nan, -0.5], [2.5, 0.2, 0.7], [0.1, -1.0, np.nan], [0.3, 0.4, 1.1]]),
        "P": np.abs(n(size=(3, 4))) + 0.1,
        "f": float(n()),
        "f2": abs(float(n())) + 0.5,
        "s": np.float64(n()),
        "B": np.array([True, False, True, True, False]),
        "B3": np.array([True, False, True]),
        "BM": n(size=(3, 4)) > 0,
        "I": np.array([0, 2, 2, 1]),
        "I2": np.array([0, 1, 1, 1]),
        "J": np.array([1, 0, 3, 1]),
        "L": [float(v) for v in n(size=4)],
    }


def arguments(spec: str, seed: int = 3) -> dict[str, Any]:
    """The arguments of a case from ``x=V, k=2``."""
    table = operands(seed)
    pairs = (part.split("=") for part in spec.split(", "))
    return {name: table[value] if value in table else ast.literal_eval(value) for name, value in pairs}
