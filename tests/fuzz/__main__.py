"""`python -m tests.fuzz --count 5000 --level 1..5 --seed 0 --jobs 2`: random programs under all oracles.

Programs are spread evenly over the levels; program number `i` of a level depends on the seed alone, so a line of the
report can be repeated with `--level L --only I`. Failing programs are shrunk and written to `tests/fuzz/failures/`.
`--validate` looks at the generator alone, without a compiler; `--replay FILES` runs files of failures again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.fuzz import files, validate
from tests.fuzz.examine import Plan, Verdict, examine, real_compiler
from tests.fuzz.program import Program, Workspace, generate
from tests.fuzz.shrink import shrink
from tests.oracles import orders

BATCH = 10
STATUSES = ("right", "kink", "refused", "wrong", "crashed")
Task = tuple[int, int, list[int], int, tuple[str, ...]]  # seed, level, indices, every how many at which orders
Row = tuple[int, int, Program, Verdict]


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and run; the exit status is 1 when something was wrong or crashed."""
    options = parser().parse_args(arguments)
    levels = level_range(options.level)
    if options.validate:
        return run_validation(options, levels)
    if real_compiler() is None:
        print("srcdiff.value_and_grad does not exist yet; --validate looks at the generator alone", file=sys.stderr)
        return 2
    if options.replay:
        return replay([Path(name) for name in options.replay])
    return run_fuzzer(options, levels)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split("\n")[0])
    made.add_argument("--count", type=int, default=500, help="programs, spread over the levels")
    made.add_argument("--level", default="1..5", help="one level, or a range such as 1..5")
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--jobs", type=int, default=1)
    made.add_argument("--only", type=int, help="the program of this number, printed with its verdict")
    made.add_argument("--second-order", type=int, default=5, metavar="K", help="every K-th program at second order")
    made.add_argument("--orders", default=",".join(orders.MODES), help="the modes of second order")
    made.add_argument("--shrink", type=int, default=3, metavar="K", help="shrink the first K programs of each class")
    made.add_argument("--shrink-seconds", type=float, default=60.0)
    made.add_argument("--shrink-refused", action="store_true", help="shrink a refused program of each code too")
    made.add_argument("--validate", action="store_true", help="look at the generator alone")
    made.add_argument("--replay", nargs="+", metavar="FILE", help="run files of failures or regressions again")
    return made


def level_range(text: str) -> list[int]:
    """`3` or `1..5`."""
    found = re.fullmatch(r"([1-5])(?:\.\.([1-5]))?", text)
    if not found:
        raise SystemExit(f"--level {text}: expected a level from 1 to 5, or a range such as 1..5")
    return list(range(int(found[1]), int(found[2] or found[1]) + 1))


# -- work, possibly in several processes


def batches(options: argparse.Namespace, levels: list[int]) -> list[Task]:
    """The indices of all programs in small batches."""
    tasks, count = [], options.count
    rest = options.second_order, tuple(options.orders.split(","))
    for k, level in enumerate(levels):
        share = count // len(levels) + (k < count % len(levels))
        starts = range(0, share, BATCH)
        tasks += [(options.seed, level, list(range(i, min(i + BATCH, share))), *rest) for i in starts]
    return tasks


def plan_for(index: int, every: int, modes: tuple[str, ...]) -> Plan:
    """Second order and the third setting of the optimiser for a sample."""
    return Plan(orders=modes if every and index % every == 0 else (), readable=bool(every) and index % every == 1)


def work(task: Task) -> list[Row]:
    """Generate and examine one batch."""
    seed, level, indices, every, modes = task
    workspace, compiler, rows = Workspace(), real_compiler(), []
    for index in indices:
        program = generate(seed, level, index, workspace)
        verdict = examine(program, compiler, workspace, plan_for(index, every, modes))
        rows.append((level, index, program, verdict))
    workspace.close()
    return rows


def work_validate(task: Task) -> tuple[int, validate.Figures]:
    """Look at one batch of programs without a compiler."""
    seed, level, indices, *_ = task
    workspace = Workspace()
    figures = validate.look(seed, level, indices, workspace)
    workspace.close()
    return level, figures


def work_shrink(item: tuple[Program, Verdict, Plan, float]) -> tuple[Program, Verdict]:
    """Make one failing program small."""
    program, verdict, plan, seconds = item
    workspace, compiler = Workspace(), real_compiler()
    plan = replace(plan, only=verdict.mode)

    def fails(candidate: Program) -> bool:
        found = examine(candidate, compiler, workspace, plan)
        return (found.status, found.key) == (verdict.status, verdict.key)

    small = shrink(program, fails, workspace, seconds) if seconds else program
    final = examine(small, compiler, workspace, plan) if seconds else verdict
    workspace.close()
    return small, final


def spread(function: Any, tasks: Iterable[Any], jobs: int) -> Iterator[Any]:
    """Map in this process or in several, in any order."""
    if jobs <= 1:
        yield from map(function, tasks)
        return
    with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=20) as pool:
        yield from pool.imap_unordered(function, tasks)


# -- commands


def run_validation(options: argparse.Namespace, levels: list[int]) -> int:
    """Print the figures of the generator."""
    found = {level: validate.Figures() for level in levels}
    tasks = batches(options, levels)
    for done, (level, figures) in enumerate(spread(work_validate, tasks, options.jobs), 1):
        found[level].add(figures)
        if done % 50 == 0:
            print(f"{done * BATCH} programs", file=sys.stderr, flush=True)
    print(validate.table(found))
    return 0


def run_fuzzer(options: argparse.Namespace, levels: list[int]) -> int:
    """Generate, examine, report, shrink."""
    if options.only is not None:
        return show_one(options, levels[0])
    start, rows, seen = time.monotonic(), [], Counter[str]()
    tasks = batches(options, levels)
    for found in spread(work, tasks, options.jobs):
        rows += found
        seen.update(verdict.status for _, _, _, verdict in found)
        if len(rows) % 100 < BATCH:
            counts = ", ".join(f"{seen[s]} {s}" for s in STATUSES)
            print(f"{len(rows)} programs, {time.monotonic() - start:.0f} s: {counts}", file=sys.stderr, flush=True)
    rows.sort(key=lambda row: row[:2])
    print(report(rows, levels))
    print(f"\n{len(rows)} programs in {time.monotonic() - start:.0f} s, seed {options.seed}")
    shrink_all(rows, options)
    return 1 if any(verdict.status in ("wrong", "crashed") for *_, verdict in rows) else 0


def show_one(options: argparse.Namespace, level: int) -> int:
    """One program by number: its text, arguments and verdict."""
    workspace = Workspace()
    program = generate(options.seed, level, options.only, workspace)
    verdict = examine(program, real_compiler(), workspace, Plan(orders=orders.MODES, readable=True))
    workspace.close()
    print(files.render(program, verdict))
    return int(verdict.status in ("wrong", "crashed"))


def replay(paths: list[Path]) -> int:
    """Run files again and print their verdicts."""
    workspace, compiler, bad = Workspace(), real_compiler(), 0
    for path in paths:
        verdict = examine(files.read(path), compiler, workspace, Plan(orders=orders.MODES, readable=True))
        bad += verdict.status in ("wrong", "crashed")
        print(f"{verdict.status:>8}  {path.name}  {verdict.key}")
        for message in verdict.messages[:3]:
            print("          " + message.replace("\n", "\n          "))
    workspace.close()
    return int(bad > 0)


def shrink_all(rows: list[Row], options: argparse.Namespace) -> None:
    """Shrink and write the first failures of each class."""
    taken: Counter[tuple[str, str]] = Counter()
    tasks = []
    for _, index, program, verdict in rows:
        limit = options.shrink if verdict.status in ("wrong", "crashed") else 0
        limit = 1 if verdict.status == "refused" and options.shrink_refused else limit
        if taken[verdict.status, verdict.key] < limit:
            taken[verdict.status, verdict.key] += 1
            plan = plan_for(index, options.second_order, tuple(options.orders.split(",")))
            tasks.append((program, verdict, plan, options.shrink_seconds if verdict.mode else 0.0))
    for program, verdict in spread(work_shrink, tasks, options.jobs):
        path = files.write(program, verdict)
        print(f"\n--- {path}\n{path.read_text()}")


def report(rows: list[Row], levels: list[int]) -> str:
    """The final tables: by level, then refusals by code, then failures by class."""
    lines = [f"{'level':>8}" + "".join(f"{status:>9}" for status in STATUSES) + f"{'compared':>10}{'skipped':>9}"]
    for level in [*levels, 0]:
        mine = [verdict for found, _, _, verdict in rows if level in (0, found)]
        counts = Counter(verdict.status for verdict in mine)
        cells = "".join(f"{counts[status]:>9}" for status in STATUSES)
        compared, kinks = sum(v.compared for v in mine), sum(v.kinks for v in mine)
        lines.append(f"{level or 'all':>8}{cells}{compared:>10}{kinks:>9}")
    lines.append("compared: derivatives held against differences; skipped: those at a kink")
    groups: dict[tuple[str, str], list[str]] = {}
    for level, index, _, verdict in rows:
        where = f"--level {level} --only {index}"
        if verdict.status in ("refused", "wrong", "crashed"):
            groups.setdefault((verdict.status, verdict.key), []).append(where)
        for mode, code in verdict.partly:
            groups.setdefault(("refused", f"{code} (only in {mode})"), []).append(where)
    for (status, key), places in sorted(groups.items()):
        lines.append(f"{status:>8} {len(places):>5}  {key:<60} e.g. {places[0]}")
    missing = sorted({name for *_, verdict in rows for name in verdict.missing})
    lines += [f"not there, so not checked: {name}" for name in missing]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
