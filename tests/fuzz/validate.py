"""The generator by itself: do its programs run, are they smooth, what do they contain, are they repeatable."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from tests.fuzz.program import Program, Workspace, generate, try_out


@dataclass
class Figures:
    """What was seen of the programs of one level."""

    programs: int = 0
    kinks: int = 0
    flat: int = 0  # derivative 0 along a random direction
    repeated: int = 0  # with second arguments
    lines: int = 0
    tags: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    def add(self, other: Figures) -> None:
        """Count another batch in."""
        self.programs += other.programs
        self.kinks += other.kinks
        self.flat += other.flat
        self.repeated += other.repeated
        self.lines += other.lines
        self.tags.update(other.tags)
        self.rejected.update(other.rejected)


def same(left: Program, right: Program) -> bool:
    """Whether two programs agree in everything."""
    return repr(left) == repr(right)


def look(seed: int, level: int, indices: list[int], workspace: Workspace) -> Figures:
    """Generate some programs, every 50th twice, and try each."""
    figures = Figures()
    for index in indices:
        rejected: list[str] = []
        program = generate(seed, level, index, workspace, rejected)
        if index % 50 == 0:
            assert same(program, generate(seed, level, index, workspace)), f"not deterministic: {program.seed}"
        function = workspace.load(program.source)
        estimate = try_out(function, program)
        workspace.forget()
        figures.programs += 1
        figures.kinks += not estimate.smooth
        figures.flat += estimate.smooth and not np.any(estimate.numbers)
        figures.repeated += program.more_args is not None
        figures.lines += program.source.count("\n")
        figures.tags.update(program.tags)
        figures.rejected.update(re.sub(r"'\w+'|\d+", "_", reason)[:60] for reason in rejected)
    return figures


def table(found: dict[int, Figures]) -> str:
    """Figures by level, then how often each construct occurs (per cent of the programs of each level)."""
    lines = [f"{'level':>6} {'programs':>9} {'rejected':>9} {'kinks':>6} {'flat':>6} {'2nd args':>9} {'lines':>6}"]
    for level, f in found.items():
        n = f.programs
        share = f"{100 * f.kinks / n:5.1f}% {100 * f.flat / n:5.1f}% {100 * f.repeated / n:8.1f}% {f.lines / n:6.1f}"
        lines.append(f"{level:>6} {n:>9} {f.rejected.total():>9} {share}")
    lines += ["", "rejected drafts:"]
    for level, f in found.items():
        lines += [f"{level:>6} {count:>6}  {reason}" for reason, count in f.rejected.most_common(5)]
    names = sorted({tag for f in found.values() for tag in f.tags})
    lines += ["", f"{'construct':<40}" + "".join(f"{f'level {level}':>9}" for level in found)]
    for name in names:
        cells = "".join(f"{100 * f.tags[name] / f.programs:8.1f}%" for f in found.values())
        lines.append(f"{name:<40}{cells}")
    return "\n".join(lines)
