"""Value and gradient over the plain function, for golden programs at three sizes (goal: 2 for arrays, 5 for loops).

Needs the checkout: the programs are those of tests/golden, the gradients written by hand beside them are timed too.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import srcdiff
from benchmarks.timing import medians
from tests.oracles.golden_files import Case, Reader

Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class Program:
    """A golden program, how arguments of a size are made, and the sizes; ``loops``: Python loops over elements."""

    name: str
    arguments: Callable[[np.random.Generator, int], Arguments]
    sizes: tuple[int, int, int]
    loops: bool


def _net(rng: np.random.Generator, n: int) -> Arguments:
    shapes = {"w1": (64, 64), "b1": (64,), "w2": (64, 10), "b2": (10,)}
    params = {key: 0.1 * rng.normal(size=shape) for key, shape in shapes.items()}
    return params, rng.normal(size=(n, 64)), rng.integers(0, 10, size=n)


def _elman(rng: np.random.Generator, n: int) -> Arguments:
    shapes = {"w": (32, 16), "u": (32, 32), "b": (32,), "v": (4, 32)}
    params = {key: 0.1 * rng.normal(size=shape) for key, shape in shapes.items()}
    return params, rng.normal(size=(n, 16)), rng.normal(size=(n, 4))


def _layers(rng: np.random.Generator, n: int) -> Arguments:
    sizes = (32, 64, 64, 8)
    pairs = zip(sizes, sizes[1:], strict=False)
    return [(0.1 * rng.normal(size=(a, b)), rng.normal(size=b)) for a, b in pairs], rng.normal(size=(n, 32))


def _logistic(rng: np.random.Generator, n: int) -> Arguments:
    return rng.normal(size=30), 0.1, rng.normal(size=(n, 30)), (rng.random(n) < 0.5).astype(float)


def _scatter(rng: np.random.Generator, n: int) -> Arguments:
    return rng.normal(size=n), rng.normal(size=4 * n), rng.integers(0, n, 4 * n), rng.integers(0, n, 4 * n)


def _matrix(rng: np.random.Generator, n: int) -> np.ndarray[Any, Any]:
    return rng.normal(size=(n, n)) / np.sqrt(n) + 4 * np.eye(n)


ARRAYS = (100, 3_000, 100_000)
LOOPS = (30, 300, 3_000)
PROGRAMS = [
    Program("logistic", _logistic, (100, 1_000, 20_000), False),
    Program("net", _net, (16, 128, 2_000), False),
    Program("layers", _layers, (16, 128, 2_000), False),
    Program("heat", lambda rng, n: (rng.normal(size=n), 0.2, 50), ARRAYS, False),
    Program("burgers", lambda rng, n: (rng.normal(size=n), 0.05, 0.001, 0.125, 50), ARRAYS, False),
    Program("guarded_log", lambda rng, n: (rng.uniform(-1, 1, size=n),), ARRAYS, False),
    Program("cumulative", lambda rng, n: (rng.uniform(0.1, 0.9, (n, 8)), rng.normal(size=n)), ARRAYS, False),
    Program("rescale", lambda rng, n: (rng.normal(size=(n, 8)),), ARRAYS, False),
    Program("mask", lambda rng, n: (1.3, rng.normal(size=n)), ARRAYS, False),
    Program("scatter", _scatter, (100, 2_000, 20_000), False),
    Program("elman", _elman, (10, 100, 1_000), True),
    Program("scan", lambda rng, n: (0.7, rng.uniform(-0.8, 0.8, size=n)), LOOPS, True),
    Program("gauss_seidel", lambda rng, n: (rng.uniform(-1.2, 1.2, size=n), 3), LOOPS, True),
    Program("smoothing", lambda rng, n: (0.4, rng.normal(size=n), rng.uniform(0.5, 1.5, n)), LOOPS, True),
    Program("leapfrog", lambda rng, n: (0.3, 0.1, 1.7, 0.1, n), LOOPS, True),
    Program("leaky", lambda rng, n: (rng.normal(size=n), 0.1), LOOPS, True),
    Program("lu", lambda rng, n: (_matrix(rng, n),), (8, 24, 64), True),
    Program("triangular_solve", lambda rng, n: (np.tril(_matrix(rng, n)), rng.normal(size=n)), (30, 300, 1000), True),
]


def row(case: Case, arguments: Arguments, by_hand: Callable[..., Any]) -> tuple[float, float, float]:
    """Microseconds of the plain function; how many times as long our gradient and the one by hand take."""
    ours = srcdiff.value_and_grad(case.f, case.wrt)
    # a program that writes its argument gets the same copy in all three
    fresh = lambda: tuple(a.copy() if isinstance(a, np.ndarray) else a for a in arguments)  # noqa: E731
    candidates = {
        "plain": lambda: case.f(*fresh()),
        "ours": lambda: ours(*fresh()),
        "by hand": lambda: by_hand(*fresh()),
    }
    with np.errstate(all="ignore"):
        ours(*fresh())
        times = medians(candidates, rounds=9)
    return 1e6 * times["plain"], times["ours"] / times["plain"], times["by hand"] / times["plain"]


def main() -> None:
    chosen = sys.argv[1:] if __name__ == "__main__" else []
    print(f"{'program':<17} {'size':>7} {'plain µs':>10} {'ratio':>6} {'by hand':>8}  goal")
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(Path(folder))
        for program in PROGRAMS:
            if chosen and program.name not in chosen:
                continue
            case = reader.read(program.name)
            by_hand = case.run("by hand")
            for size in program.sizes:
                arguments = program.arguments(np.random.default_rng(0), size)
                try:
                    plain, ours, hand = row(case, arguments, by_hand)
                except srcdiff.SrcdiffError as error:
                    print(f"{program.name:<17} {size:>7} refused: {str(error).splitlines()[0]}")
                    break
                goal = 5 if program.loops else 2
                print(f"{program.name:<17} {size:>7} {plain:>10.1f} {ours:>6.2f} {hand:>8.2f}  {goal}")


if __name__ == "__main__":
    main()
