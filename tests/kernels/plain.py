"""The programs of a folder as their author runs them: the plain function and central differences, no compiler.

``python -m tests.kernels.plain FOLDER...`` shows that every program works at its example point and is smooth there
(differences at two step sizes agree), so that the point is a fair one to measure a gradient at.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import time
from pathlib import Path

import numpy as np

from tests.kernels.program import Program, files, load
from tests.oracles import differences, trees

SLOW = 0.05
"""Seconds for one evaluation."""

FLAT = 1e-3
"""A smaller slope than this is too small to tell a right gradient from a wrong one."""


def examined(program: Program) -> list[str]:
    """What is wrong with ``program`` as a point to measure at; empty when nothing is."""
    function = program.returning()
    arguments = program.arguments()
    start = time.perf_counter()
    value = function(*arguments)
    seconds = time.perf_counter() - start
    faults = []
    if not np.all(np.isfinite(differences.flat(value))) or not trees.float_leaves(value):
        faults.append(f"the result is {value!r}")
    if program.of is None and np.ndim(value):
        faults.append(f"the result has shape {np.shape(value)}")
    if not trees.identical(function(*program.arguments()), value):
        faults.append("a second run gives another result")
    if seconds > SLOW:
        faults.append(f"one evaluation takes {1e3 * seconds:.0f} ms")
    return faults + [fault for position in program.positions for fault in slopes(program, position)]


def slopes(program: Program, position: int) -> list[str]:
    """What is wrong with the differences along two random directions in one argument."""
    faults = []
    arguments = program.arguments()
    rng = np.random.default_rng(position)
    for _ in range(2):
        direction = [trees.zeros_like(argument) for argument in arguments]
        direction[position] = trees.random_like(arguments[position], rng)
        estimate = differences.directional(program.returning(), arguments, tuple(direction))
        name = program.wrt[program.positions.index(position)]
        if not estimate.smooth:
            faults.append(f"a kink along {name} (error {estimate.error.max():.1g})")
        elif np.max(np.abs(estimate.numbers)) < FLAT:
            faults.append(f"hardly any slope along {name} ({np.max(np.abs(estimate.numbers)):.1g})")
    return faults


def main() -> int:
    """Examine every program of the folders named on the command line; 0 when all are fair."""
    parser = argparse.ArgumentParser(prog="python -m tests.kernels.plain", description="Run programs without compiling")
    parser.add_argument("folder", type=Path, nargs="+", help="a folder of programs")
    bad = count = 0
    for path in (path for folder in parser.parse_args().folder for path in files(folder)):
        program = load(path)
        with contextlib.redirect_stdout(io.StringIO()):
            faults = examined(program)
        count += 1
        bad += bool(faults)
        print(f"{program.name:22} {len(path.read_text().splitlines()):4} lines  {'; '.join(faults) or 'fair'}")
    print(f"{count} programs, {bad} with a fault")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
