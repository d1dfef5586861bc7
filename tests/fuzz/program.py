"""From a seed to a program that runs: drafting, loading, and the checks that make a draft usable."""

from __future__ import annotations

import importlib.util
import random
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

import tests.fuzz.gen.arrays
import tests.fuzz.gen.loops
import tests.fuzz.gen.stores  # noqa: F401  (the modules fill the tables of productions)
from tests.fuzz.gen import calls, params
from tests.fuzz.gen.core import ARRAYS, CONDITIONS, NUMBERS, STATEMENTS, Gen
from tests.fuzz.gen.statements import result_value
from tests.fuzz.gen.types import NUM, Draft, Ty
from tests.oracles import differences, trees
from tests.oracles.checks import Case

LARGEST = 1e5  # of a value or a derivative: beyond, differences say little


@dataclass(frozen=True)
class Program:
    """A program with arguments: everything that a failure file holds."""

    source: str
    args: tuple[Any, ...]
    wrt: Any
    more_args: tuple[Any, ...] | None = None  # for a second call of the same compiled function
    level: int = 0
    seed: str = ""
    tags: frozenset[str] = field(default_factory=frozenset)

    def with_changes(self, **changes: Any) -> Program:
        """The same program with other fields."""
        return replace(self, **changes)


class Unusable(Exception):
    """A draft that raises, is not finite, is too steep, or returns something else than floats."""


class Workspace:
    """A folder for the modules of programs, so that their source can be found; remove it with `close`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="srcdiff-fuzz-"))
        self.count = 0

    def load(self, source: str) -> Callable[..., Any]:
        """Import a program's text and return its function `f`."""
        self.count += 1
        name = f"program_{self.count}"
        path = self.folder / f"{name}.py"
        path.write_text(source)
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            spec.loader.exec_module(module)
        finally:
            sys.dont_write_bytecode = kept
        function: Callable[..., Any] = module.f
        return function

    def forget(self) -> None:
        """Drop the module loaded last."""
        sys.modules.pop(f"program_{self.count}", None)
        (self.folder / f"program_{self.count}.py").unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


# -- drafting


def draft(rng: random.Random, level: int) -> Draft:
    """Write a program of a level; nobody knows yet whether it runs."""
    sizes = params.random_sizes(rng)
    gen = Gen(rng, level, sizes[0])
    gen.used |= {"f", "np", "math", *calls.HELPER_NAMES}
    taken = params.make_params(gen)
    helpers: list[str] = []
    if level >= 5 and gen.chance(0.6):
        for name in rng.sample(calls.HELPER_NAMES, rng.choice([1, 2])):
            helpers += calls.write_helper(gen, name)
    gen.result = result_type(gen)
    for _ in range(rng.choice([2, 3, 4, 5, 6, 7])):
        gen.statements(1)
    value = result_value(gen)
    gen.emit(f"return {value}")
    header = ["import numpy as np"] + ["import math"] * any("math." in line for line in gen.lines + helpers)
    lines = [*sorted(header), "", "", *helpers, f"def f({', '.join(p.name for p in taken)}):", *gen.lines]
    gen.tag(f"result: {gen.result.kind}")
    return Draft("\n".join(lines) + "\n", taken, sizes, gen.tags)


def result_type(gen: Gen) -> Ty:
    """What the program returns: mostly a number, often an array, rarely a pair."""
    dims = gen.one(gen.variables("arr")).ty.dims
    if gen.level >= 5 and gen.chance(0.08):
        return Ty("pair", dims if gen.chance(0.5) else ())
    return Ty("arr", dims) if gen.chance(0.3) else NUM


LEVEL_TAGS = {
    level: {p.name for table in (NUMBERS, ARRAYS, CONDITIONS, STATEMENTS) for p in table if p.level == level}
    for level in range(1, 6)
}


def generate(seed: int, level: int, index: int, workspace: Workspace, rejected: list[str] | None = None) -> Program:
    """The program number `index` of a level and seed: the first usable draft."""
    for attempt in range(200):
        rng = random.Random(f"{seed}/{level}/{index}/{attempt}")
        found = draft(rng, level)
        if level > 1 and not found.tags & LEVEL_TAGS[level]:
            continue
        try:
            with time_limit(20):
                return arranged(found, rng, level, f"{seed}/{level}/{index}/{attempt}", workspace)
        except (Unusable, OutOfTime) as reason:
            if rejected is not None:
                rejected.append(str(reason))
    raise AssertionError(f"no usable draft in 200: seed {seed}, level {level}, index {index}")


def arranged(found: Draft, rng: random.Random, level: int, seed: str, workspace: Workspace) -> Program:
    """Give a draft arguments and something to differentiate by, and try it."""
    numbers = np.random.default_rng(rng.randrange(2**32))
    first, second = (tuple(params.materialise(p.spec, s, numbers) for p in found.params) for s in found.sizes)
    function = workspace.load(found.source)
    try:
        able = [k for k, p in enumerate(found.params) if p.differentiable]
        program = Program(found.source, first, tuple(able), None, level, seed, frozenset(found.tags))
        active = [k for k in able if influence(function, program, k)]
        if not active and rng.random() < 0.9:
            raise Unusable("no influence")
        program = program.with_changes(wrt=choose_wrt(found, able, active, rng))
        repeated = usable_again(function, program.with_changes(args=second))
    finally:
        workspace.forget()
    return program.with_changes(more_args=second if repeated else None)


def choose_wrt(found: Draft, able: list[int], active: list[int], rng: random.Random) -> Any:
    """What to differentiate by: positions or names, one or several, mostly arguments that have an influence."""
    pool = active if active and rng.random() < 0.8 else able
    count = min(rng.choice([1, 1, 2, 3, len(pool)]), len(pool))
    chosen = sorted(rng.sample(pool, count))
    wrt: Any = tuple(chosen) if rng.random() < 0.7 else tuple(found.params[k].name for k in chosen)
    return wrt[0] if count == 1 and rng.random() < 0.7 else wrt


def influence(function: Callable[..., Any], program: Program, position: int) -> bool:
    """Whether the result changes with one argument (`Unusable` where the program will not do at all)."""
    slope = try_out(function, program.with_changes(wrt=position))
    return bool(np.any(slope.numbers)) or not slope.smooth


# -- trying


class OutOfTime(BaseException):
    """A program takes too long; not an `Exception`, so that nobody swallows it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` after so many seconds of computing (a busy machine does not count); in a main thread only."""

    def stop(*_: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def quiet(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Call on copies, warnings off."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return function(*trees.clone(args))


def try_out(function: Callable[..., Any], program: Program) -> differences.Estimate:
    """Run a program, and differences along one direction; `Unusable` with a reason where it will not do."""
    try:
        value = quiet(function, program.args)
    except Exception as error:
        raise Unusable(f"raises {type(error).__name__}: {error}") from error
    found = list(trees.leaves(value))
    if not all(trees.is_float(leaf) for _, leaf in found):
        raise Unusable(f"returns {', '.join(trees.kind(leaf) for _, leaf in found)}")
    if any(np.size(leaf) == 0 for _, leaf in found):
        raise Unusable("returns an empty array")
    if not np.all(np.isfinite(differences.flat(value))):
        raise Unusable("not finite")
    if np.max(np.abs(differences.flat(value))) > LARGEST:
        raise Unusable("too large")
    case = Case(function, program.args, program.wrt)
    rng = np.random.default_rng(1)
    direction = case.direction(tuple(trees.random_like(part, rng) for part in case.wanted))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimate = differences.directional(function, trees.as_double(program.args), direction)
    if not np.all(np.isfinite(estimate.numbers)) or np.max(np.abs(estimate.numbers)) > LARGEST:
        raise Unusable("too steep")
    return estimate


def usable_again(function: Callable[..., Any], program: Program) -> bool:
    """Whether the second arguments will do: usable, or the function raises (then its gradient must raise the same)."""
    try:
        try_out(function, program)
    except Unusable as reason:
        return str(reason).startswith("raises")
    return True
