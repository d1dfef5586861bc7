"""Small models that the tests train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SIMPLENET = ROOT / "generated" / "simplenet_grad.py"


def ridge(w: Any, x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Value and gradient of half the mean square, by hand."""
    r = x @ w - y
    return 0.5 * np.mean(r * r), x.T @ r / len(x)


def line_data(rows: int = 50, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(seed).standard_normal((rows, 3))
    return x, x @ np.array([1.0, -2.0, 0.5])


def class_data(rows: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(seed).standard_normal((rows, 10))
    return x, (x[:, 0] > x[:, 1]).astype(int)
