"""Interleaved timing: every round measures each candidate once, so that a slow spell of the machine hits all alike."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Mapping
from time import perf_counter


def loops_for(function: Callable[[], object], seconds: float) -> int:
    """How many calls take about this long."""
    count = 1
    while True:
        start = perf_counter()
        for _ in range(count):
            function()
        spent = perf_counter() - start
        if spent >= seconds / 4 or count >= 1 << 22:
            return max(1, round(count * seconds / max(spent, 1e-9)))
        count *= 4


def medians(
    candidates: Mapping[str, Callable[[], object]], rounds: int = 15, seconds: float = 0.02
) -> dict[str, float]:
    """The median time of one call of each candidate, in seconds."""
    counts = {name: loops_for(function, seconds) for name, function in candidates.items()}
    times: dict[str, list[float]] = {name: [] for name in candidates}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, function in candidates.items():
                start = perf_counter()
                for _ in range(counts[name]):
                    function()
                times[name].append((perf_counter() - start) / counts[name])
    finally:
        gc.enable()
    return {name: statistics.median(values) for name, values in times.items()}
