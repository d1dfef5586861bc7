"""Optimisers: how a gradient moves the parameters.

An optimiser holds numbers of its own and no state: what it remembers from step to step is a value that the loop
carries. A new one needs two methods, and a line in ``OPTIMIZERS`` to be known to the command line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from srcdiff.train.errors import TrainingError
from srcdiff.train.trees import combine


class Optimizer(Protocol):
    """What the loop calls. Parameters whose gradient is None are to pass through unchanged."""

    def init(self, params: Any) -> Any:
        """The state before the first step."""

    def update(self, params: Any, gradient: Any, state: Any) -> tuple[Any, Any]:
        """The parameters and the state after one step; nothing that is given is written to."""


@dataclass(frozen=True)
class SGD:
    """Gradient descent: ``params - lr * velocity``, where ``velocity = momentum * velocity + gradient``.

    lr: the learning rate; momentum: from 0 (none) to below 1; nesterov: step along ``gradient + momentum * velocity``
    instead. The same steps as ``torch.optim.SGD``.

    >>> optimizer = SGD(lr=0.1)
    >>> optimizer.update({"w": 1.0}, {"w": 5.0}, optimizer.init({"w": 1.0}))
    ({'w': 0.5}, None)
    """

    lr: float
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        if not (_is_number(self.lr) and math.isfinite(self.lr) and self.lr > 0):
            raise TrainingError(f"the learning rate lr is a positive number, not {self.lr!r}")
        if not (_is_number(self.momentum) and 0 <= self.momentum < 1):
            raise TrainingError(f"momentum is at least 0 and below 1, not {self.momentum!r}")
        if self.nesterov and not self.momentum:
            raise TrainingError("nesterov needs momentum: say momentum=0.9, for example")

    def init(self, params: Any) -> Any:
        """No velocity yet."""
        return None

    def update(self, params: Any, gradient: Any, state: Any) -> tuple[Any, Any]:
        """One step; the state is the velocity, of the structure of the gradient."""
        if not self.momentum:
            return combine(self._moved, params, gradient), None
        velocity = combine(self._velocity, gradient, state)
        step = combine(self._ahead, gradient, velocity) if self.nesterov else velocity
        return combine(self._moved, params, step), velocity

    def _velocity(self, g: Any, velocity: Any) -> Any:
        if velocity is None or g is None:
            return np.copy(g) if isinstance(g, np.ndarray) else g  # the caller's function may use its buffer again
        return self.momentum * velocity + g

    def _ahead(self, g: Any, velocity: Any) -> Any:
        return None if g is None else g + self.momentum * velocity

    def _moved(self, p: Any, step: Any) -> Any:
        """A leaf after a step, of the same kind and dtype: a 0-d array stays one, float32 stays float32."""
        if step is None:
            return p
        moved = p - self.lr * step
        if isinstance(p, np.ndarray):
            return np.asarray(moved, p.dtype if p.dtype.kind == "f" else None)
        return type(p)(moved) if isinstance(p, float | np.floating) else moved


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_optimizer(optimizer: Any) -> None:
    """Refuse what is no optimiser: a name, a class that was not called."""
    methods = (getattr(optimizer, "init", None), getattr(optimizer, "update", None))
    if isinstance(optimizer, type) or not all(map(callable, methods)):
        given = optimizer.__name__ if isinstance(optimizer, type) else repr(optimizer)
        raise TrainingError(f"an optimizer is an object with init and update, such as SGD(lr=0.01), not {given}")


OPTIMIZERS = {"sgd": SGD}
"""The optimisers by the names that the command line knows."""
