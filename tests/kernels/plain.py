"""The programs of a folder as their author runs them: the plain function and central differences, no compiler.

Each file is a module with the functions as a user has them and, at its end,

* ``example(rng)``: the arguments of a small call, fresh for each call;
* ``MAIN``: the name of the function that is differentiated, ``WRT``: the parameters to differentiate;
* ``OF`` (optional): the parameter that holds the result of a function that works through its arguments;
* ``OPTIONS`` (optional): keyword arguments for the compiler.

Run ``python -m tests.kernels.plain FOLDER...`` to see that every program works at its example point and that its
differences at two step sizes agree there, so that the point is a fair one to measure a gradient at.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib.util
import inspect
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

SEED = 20
STEPS = (1e-5, 1e-6)
AGREE = 1e-5
"""Differences at the two steps agree to this, relative to the slope: farther apart, the point is near a kink."""


@dataclasses.dataclass(frozen=True)
class Program:
    """One program: its module and what its last lines say of it."""

    module: ModuleType
    main: str
    wrt: tuple[str, ...]
    of: str | None
    options: dict[str, Any]

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return self.module.__name__.rsplit(".", 1)[-1]

    @property
    def function(self) -> Callable[..., Any]:
        """The function as its author wrote it."""
        function: Callable[..., Any] = getattr(self.module, self.main)
        return function

    def arguments(self) -> list[Any]:
        """Fresh arguments of the example call: equal each time, sharing nothing."""
        return list(self.module.example(np.random.default_rng(SEED)))

    def position(self, name: str) -> int:
        """Where the parameter ``name`` stands in the call.  Raises ``ValueError`` when it has none."""
        return list(inspect.signature(self.function).parameters).index(name)


def load(path: Path) -> Program:
    """The program in the file ``path``."""
    name = f"kernel_{path.parent.name}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    facts = (getattr(module, "OF", None), getattr(module, "OPTIONS", {}))
    return Program(module, module.MAIN, tuple(module.WRT), *facts)


def files(folder: Path) -> list[Path]:
    """The programs in ``folder``, by name."""
    return sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")


def leaves(value: Any) -> list[np.ndarray]:
    """The numbers of ``value`` (floats, arrays of floats, and containers of them) as arrays, in a fixed order.

    Integers, strings and other things that do not move hold no leaf.
    """
    if isinstance(value, float | np.floating):
        return [np.asarray(value)]
    if isinstance(value, np.ndarray):
        return [value] if value.dtype.kind in "fc" else []
    return [leaf for part in parts(value) for leaf in leaves(part)]


def parts(value: Any) -> list[Any]:
    """What a container holds: the items of a sequence, the values of a dict, the fields of an object."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list | tuple):
        return list(value)
    return list(vars(value).values()) if hasattr(value, "__dict__") and not callable(value) else []


def moved(value: Any, directions: list[np.ndarray], step: float) -> Any:
    """``value`` with each of its leaves moved by ``step`` along its direction; uses the directions up in order."""
    if isinstance(value, float | np.floating):
        return float(value + step * directions.pop(0))
    if isinstance(value, np.ndarray):
        return value + step * directions.pop(0) if value.dtype.kind in "fc" else value
    if isinstance(value, dict):
        return {key: moved(item, directions, step) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(moved(item, directions, step) for item in value))
    if isinstance(value, list | tuple):
        return type(value)(moved(item, directions, step) for item in value)
    if hasattr(value, "__dict__") and not callable(value):
        other = object.__new__(type(value))
        for field, item in vars(value).items():
            object.__setattr__(other, field, moved(item, directions, step))
        return other
    return value


def result(program: Program, arguments: list[Any]) -> np.ndarray:
    """What the author's function gives for ``arguments`` as one array; what it prints is dropped."""
    with contextlib.redirect_stdout(io.StringIO()):
        value = program.function(*arguments)
    return np.array(value if program.of is None else arguments[program.position(program.of)], dtype=float)


def directions_for(program: Program, name: str, rng: np.random.Generator) -> list[np.ndarray]:
    """A random direction for each leaf of the argument ``name``."""
    return [rng.normal(size=leaf.shape) for leaf in leaves(program.arguments()[program.position(name)])]


def slope(program: Program, name: str, directions: list[np.ndarray], weight: np.ndarray, step: float) -> float:
    """The central difference of the weighted result along ``directions`` in the argument ``name``."""
    ends = []
    for sign in (1.0, -1.0):
        arguments = program.arguments()
        place = program.position(name)
        arguments[place] = moved(arguments[place], list(directions), sign * step)
        ends.append(np.sum(weight * result(program, arguments)))
    return float((ends[0] - ends[1]) / (2 * step))


def slopes(program: Program, name: str, seed: int = 0) -> tuple[list[np.ndarray], np.ndarray, tuple[float, float]]:
    """A random direction in the argument ``name``, a random weight of the result (1 for a number), and the central
    differences along that direction at both steps."""
    rng = np.random.default_rng(seed)
    value = result(program, program.arguments())
    weight = rng.normal(size=value.shape) if value.ndim else np.ones(())
    directions = directions_for(program, name, rng)
    pair = [slope(program, name, directions, weight, step) for step in STEPS]
    return directions, weight, (pair[0], pair[1])


def examined(program: Program) -> list[str]:
    """What is wrong with ``program`` as a point to measure at; empty when nothing is."""
    faults = []
    start = time.perf_counter()
    value = result(program, program.arguments())
    seconds = time.perf_counter() - start
    if not np.all(np.isfinite(value)):
        faults.append(f"the result is {value}")
    if program.of is None and value.ndim:
        faults.append(f"the result has shape {value.shape}")
    if not np.array_equal(value, result(program, program.arguments())):
        faults.append("a second run gives another result")
    if seconds > 0.05:
        faults.append(f"one evaluation takes {1e3 * seconds:.0f} ms")
    for name in program.wrt:
        directions, _, (coarse, fine) = slopes(program, name)
        if not directions:
            faults.append(f"{name} has no number to move")
        elif abs(coarse - fine) > AGREE * max(1e-3, abs(coarse), abs(fine)):
            faults.append(f"slopes along {name} disagree: {coarse:.9g}, {fine:.9g}")
        elif max(abs(coarse), abs(fine)) < 1e-6:
            faults.append(f"the result does not depend on {name}: slope {coarse:.3g}")
    return faults


def main() -> int:
    """Examine every program of the folders named on the command line; 0 when all are fair."""
    parser = argparse.ArgumentParser(prog="python -m tests.kernels.plain", description=examined.__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    bad = count = 0
    for path in (path for folder in parser.parse_args().folder for path in files(folder)):
        program = load(path)
        faults = examined(program)
        lines = len(path.read_text().splitlines())
        count += 1
        bad += bool(faults)
        print(f"{program.name:22} {lines:4} lines  {'; '.join(faults) or 'fair'}")
    print(f"{count} programs, {bad} with a fault")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
