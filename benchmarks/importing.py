"""Import time of srcdiff beyond that of NumPy, with a warm bytecode cache (goal: 50 ms)."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 15
TIMER = "import time; s = time.perf_counter(); import {}; print(time.perf_counter() - s)"


def measure(modules: str, cache: str) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = cache
    command = [sys.executable, "-c", TIMER.format(modules)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)


def main() -> None:
    cases = {"numpy": "numpy", "numpy and srcdiff": "numpy, srcdiff"}
    times: dict[str, list[float]] = {name: [] for name in cases}
    with tempfile.TemporaryDirectory() as cache:
        for modules in cases.values():
            measure(modules, cache)  # fills the cache
        for _ in range(ROUNDS):
            for name, modules in cases.items():
                times[name].append(measure(modules, cache))
    found = {name: 1e3 * statistics.median(values) for name, values in times.items()}
    for name, milliseconds in found.items():
        print(f"import {name:<18} {milliseconds:7.1f} ms")
    print(f"srcdiff beyond numpy     {found['numpy and srcdiff'] - found['numpy']:7.1f} ms")


if __name__ == "__main__":
    main()
