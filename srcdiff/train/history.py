"""The history of a training: the metrics of every epoch, the loss of every batch, and the settings."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from srcdiff.files import write_atomically
from srcdiff.train.errors import TrainingError
from srcdiff.train.metrics import Metrics
from srcdiff.train.plot import Curve, figure, image


@dataclass(frozen=True)
class Epoch:
    """The metrics after an epoch; number 0 is before the first step."""

    number: int
    training: Metrics
    validation: Metrics | None = None


@dataclass
class History:
    """What happened. settings: what was asked for; epochs: in order; losses: of the batches, before their steps."""

    settings: dict[str, Any] = field(default_factory=dict)
    epochs: list[Epoch] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the history as JSON, atomically; ``load`` gives an equal one."""
        write_atomically(path, json.dumps(self._as_json(), indent=1) + "\n")

    def _as_json(self) -> dict[str, Any]:
        epochs = [
            {"epoch": epoch.number, **{part: vars(metrics) for part, metrics in _parts(epoch).items()}}
            for epoch in self.epochs
        ]
        return {"settings": self.settings, "epochs": epochs, "losses": self.losses}

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> History:
        """The history in a file; TrainingError if it holds none."""
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
            epochs = [_epoch(entry) for entry in found["epochs"]]
            return cls(found["settings"], epochs, found["losses"])
        except FileNotFoundError:
            raise TrainingError(f"there is no file {os.fspath(path)}") from None
        except (ValueError, KeyError, TypeError) as error:
            raise TrainingError(f"{os.fspath(path)} holds no history: {error!r}") from None

    def curves(self, metric: str) -> list[Curve]:
        """The values of ``loss`` or ``accuracy`` against the epochs, one curve each for training and validation."""
        found = []
        for part in ("training", "validation"):
            pairs = [(epoch.number, getattr(_parts(epoch).get(part), metric, None)) for epoch in self.epochs]
            points = [(number, value) for number, value in pairs if value is not None]
            if points:
                found.append(Curve(part, *map(list, zip(*points, strict=True))))
        return found

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Loss and accuracy against the epochs, as a matplotlib Figure; written to ``path`` if there is one."""
        panels = {metric: self.curves(metric) for metric in ("loss", "accuracy")}
        drawn = figure({metric: curves for metric, curves in panels.items() if curves})
        if path is not None:
            write_atomically(path, image(drawn, path))
        return drawn


def _parts(epoch: Epoch) -> dict[str, Metrics]:
    parts = {"training": epoch.training, "validation": epoch.validation}
    return {part: metrics for part, metrics in parts.items() if metrics is not None}


def _epoch(entry: Mapping[str, Any]) -> Epoch:
    validation = entry.get("validation")
    return Epoch(entry["epoch"], Metrics(**entry["training"]), None if validation is None else Metrics(**validation))
