"""What the cache of modules saves a new process: the first call of a gradient, made and found (20 lines of code)."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.compiling import TWENTY

ROUNDS = 9
CALL = """
import time
import numpy as np
import srcdiff.api, net
rng = np.random.default_rng(0)
args = [rng.standard_normal(shape) for shape in ((4, 5), (5,), (5, 3), (3,), (6, 4), (6, 3))]
derived = srcdiff.value_and_grad(net.net, (0, 1, 2, 3))
start = time.perf_counter()
derived(*args)
print(time.perf_counter() - start)
"""


def first_call(folder: str, cache: str) -> float:
    """Seconds that the first call of a gradient takes in a new process."""
    path = os.pathsep.join([folder, os.getcwd(), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "SRCDIFF_CACHE_DIR": cache, "PYTHONPATH": path}
    command = [sys.executable, "-c", CALL]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)


def main() -> None:
    made, found = [], []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "net.py").write_text(TWENTY.replace("{salt}", "0"))
        for number in range(ROUNDS):
            cache = str(Path(folder) / f"cache{number}")
            made.append(first_call(folder, cache))
            found.append(first_call(folder, cache))
    print(f"made:  {1e3 * statistics.median(made):7.1f} ms")
    print(f"found: {1e3 * statistics.median(found):7.1f} ms")


if __name__ == "__main__":
    main()
