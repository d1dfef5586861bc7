"""Central differences at two step sizes, which say themselves where they cannot be trusted.

Along a direction `v`, with `h` and `h / 2`:

* `D1`, `D2` are the central differences; `(4 D2 - D1) / 3` is the estimate and `|D1 - D2|` its error.
* `s(h) = (f(+h) - 2 f(0) + f(-h)) / h` tends to 0 where `f` is smooth and to the jump of the slope at a kink, which
  central differences alone cannot see when the kink lies exactly at the point: `2 s(h / 2) - s(h)` estimates that jump.

An entry of the result is a *kink* where either is large. Kinks are counted by the callers, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.oracles import trees

STEP = 1e-4
RELIABLE = 1e-4  # the largest relative disagreement of the two step sizes
JUMP = 2e-6  # the largest relative jump of the slope


@dataclass(frozen=True)
class Estimate:
    """The derivative of every entry of the result along one direction."""

    numbers: np.ndarray
    error: np.ndarray
    kink: np.ndarray

    @property
    def smooth(self) -> bool:
        """Whether no entry of the result is at a kink."""
        return not bool(np.any(self.kink))

    def tolerance(self, relative: float) -> np.ndarray:
        """How far a right derivative may be from the estimate, per entry."""
        limit: np.ndarray = relative * np.maximum(1.0, np.abs(self.numbers)) + 5 * self.error
        return limit


def flat(result: Any) -> np.ndarray:
    """All float entries of a result, in order, in double precision."""
    parts = [np.asarray(leaf, dtype=np.float64).ravel() for _, leaf in trees.float_leaves(result)]
    return np.concatenate(parts) if parts else np.zeros(0)


Function = Callable[..., Any]


def directional(function: Function, args: tuple[Any, ...], direction: tuple[Any, ...], step: float = STEP) -> Estimate:
    """The derivative of `function` at `args` along `direction` (a tree like `args`)."""

    def at(size: float) -> np.ndarray:
        with np.errstate(all="ignore"):
            return flat(function(*trees.moved(args, direction, size)))

    try:
        rows = [at(size) for size in (0.0, step, -step, step / 2, -step / 2)]
    except Exception:  # the author's function may raise beside the point: the point is at the edge of its domain
        return _nowhere_smooth(len(at(0.0)))
    if len({len(row) for row in rows}) > 1:
        return _nowhere_smooth(len(rows[0]))
    return _estimate(rows, step)


def _nowhere_smooth(size: int) -> Estimate:
    return Estimate(np.zeros(size), np.zeros(size), np.ones(size, dtype=bool))


def _estimate(rows: list[np.ndarray], step: float) -> Estimate:
    """Combine the five evaluations."""
    centre, up, down, half_up, half_down = rows
    with np.errstate(all="ignore"):
        coarse = (up - down) / (2 * step)
        fine = (half_up - half_down) / step
        numbers = (4 * fine - coarse) / 3
        error = np.abs(fine - coarse) + 1e-14 * np.abs(centre) / step
        bend = (up - 2 * centre + down) / step
        half_bend = 2 * (half_up - 2 * centre + half_down) / step
        jump = np.abs(2 * half_bend - bend)
        scale = np.maximum(1.0, np.abs(numbers))
        kink = ~((error <= RELIABLE * scale) & (jump <= JUMP * scale + 1e-13 * np.abs(centre) / step))
    return Estimate(numbers, error, kink)
