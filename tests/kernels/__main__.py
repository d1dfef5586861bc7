"""``python -m tests.kernels FOLDER``: each program of a folder in reverse mode, and what came of it.

Prints for each program right, refused (code, line, message), wrong or crashed, and sums up.  The exit code is 1 where
one is wrong or crashed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.examine import real_compiler
from tests.fuzz.program import OutOfTime, time_limit
from tests.kernels.examine import MODES, Verdict, examine
from tests.kernels.program import files, load

SECONDS = 120


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m tests.kernels", description="Differentiate the programs of a folder")
    made.add_argument("folder", type=Path, help="a folder of programs, such as tests/kernels/programs")
    made.add_argument("names", nargs="*", help="only these programs")
    made.add_argument("--mode", choices=MODES, default="reverse")
    made.add_argument("-v", "--verbose", action="store_true", help="print messages whole")
    return made


def verdict_on(path: Path, mode: str) -> Verdict:
    """The verdict on one file, within the time allowed; what the program prints is dropped."""
    try:
        with time_limit(SECONDS), contextlib.redirect_stdout(io.StringIO()):
            return examine(load(path), real_compiler(), mode)
    except OutOfTime:
        return Verdict("crashed", f"longer than {SECONDS} s")


def headline(verdict: Verdict, folder: Path) -> str:
    """The first line of each message, without the folder."""
    lines = [text.strip().split("\n")[0].replace(f"{folder.resolve()}/", "") for text in verdict.texts]
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    return lines[0] + more if lines else ""


def main() -> int:
    """Run the folder; 1 where a program is wrong or crashed, 2 where there is none."""
    arguments = parser().parse_args()
    chosen = [path for path in files(arguments.folder) if not arguments.names or path.stem in arguments.names]
    if not chosen:
        print(f"no program in {arguments.folder}", file=sys.stderr)
        return 2
    totals: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for path in chosen:
        start = time.perf_counter()
        verdict = verdict_on(path, arguments.mode)
        seconds = time.perf_counter() - start
        totals[verdict.status] += 1
        codes.update([verdict.code] if verdict.status == "refused" else [])
        print(f"{path.stem:22} {seconds:5.1f} s  {verdict.status:8} {headline(verdict, arguments.folder)}", flush=True)
        if arguments.verbose and verdict.texts:
            print("\n".join(verdict.texts), flush=True)
    print(f"{len(chosen)} programs: " + ", ".join(f"{count} {status}" for status, count in totals.most_common()))
    if codes:
        print("refused by code: " + ", ".join(f"{code} {count}" for code, count in codes.most_common()))
    return 1 if totals["wrong"] or totals["crashed"] else 0


if __name__ == "__main__":
    sys.exit(main())
