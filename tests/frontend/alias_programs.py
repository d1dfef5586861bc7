"""Random programs in which names share arrays: second names, views, swaps, stores, in branches, loops and callees.

What is accepted must give what Python gives; `python -m tests.frontend.alias_programs 2000 7` tries many.
"""

from __future__ import annotations

import collections
import importlib.util
import random
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from srcdiff.diagnostics import UnsupportedError
from tests.frontend.support import evaluate, read, same

NAMES = ("a", "b", "c", "d")
HEAD = """import numpy as np


def bump(v, s):
    v[0] += s
    return np.sum(v)


def pick(v, w, s):
    return v if s > 1 else w


def first(v, w):
    v = v * 1.0
    v[1] = 2.0
    return w


def early(v, w, s):
    if s > 1:
        v[1] = s
        return np.sum(v)
    if s > 0.7:
        if np.sum(w) > 0:
            w[0] = 0.5
        else:
            return s
        s = s * 0.5
    return np.sum(w)


def swapped(v, w):
    return w[:], v


def smooth(v):
    v[1:] = 0.5 * (v[1:] + v[:-1])
    v[0] *= 0.5


def scaled(m, s):
    for row in m:
        row[0] += s
        row *= 0.5
    return m.T


"""


class Writer:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []

    def name(self) -> str:
        return self.random.choice(NAMES)

    def program(self) -> str:
        body = self.block(1, self.random.randint(3, 9), 0)
        read = self.random.sample(NAMES, self.random.randint(1, 3))
        result = ", ".join(f"np.sum({name})" for name in read)
        head = ["def f(a, b, n, s):", "    c = a.copy()", "    d = b * 2"]
        return HEAD + "\n".join([*head, *body, f"    return {result}, s"]) + "\n"

    def block(self, depth: int, count: int, loops: int) -> list[str]:
        return [line for _ in range(count) for line in self.statement(depth, loops)]

    def statement(self, depth: int, loops: int) -> list[str]:
        pad = "    " * depth
        if depth < 4 and self.random.random() < 0.25:
            return self.compound(depth, loops)
        return [pad + self.simple()]

    def compound(self, depth: int, loops: int) -> list[str]:
        pad = "    " * depth
        kind = self.random.choice(("if", "if", "for", "for", "while", "items"))
        inner = self.block(depth + 1, self.random.randint(1, 4), loops + (kind != "if"))
        if kind == "if":
            other = self.block(depth + 1, self.random.randint(1, 3), loops) if self.random.random() < 0.5 else []
            return [f"{pad}if s > {self.random.choice((0.5, 1.0, 3.0))}:", *inner, *([f"{pad}else:"] if other else []), *other]
        if kind == "for":
            return [f"{pad}for i{depth} in range(n):", *inner]
        if kind == "items":
            return [f"{pad}for v{depth} in {self.name()}:", f"{pad}    s = 0.5 * s + v{depth}", *inner]
        start, step = f"{pad}k{depth} = 0", f"{pad}    k{depth} += 1"
        return [start, f"{pad}while k{depth} < n:", *inner, step]

    def simple(self) -> str:
        x, y, z = self.name(), self.name(), self.name()
        return self.random.choice((
            f"{x} = {y}",
            f"{x} = {y}[:]",
            f"{x} = {y}[::-1]",
            f"{x} = {y}.copy()",
            f"{x} = {y} * 0.5",
            f"{x} = {y}[:3].reshape(-1)",
            f"{x} = {y}[::-1].ravel()",
            f"{x}, {y} = {y}, {x}",
            f"{x}, {y} = {y}, {z}",
            f"{x} = {y} if s > 1 else {z}",
            f"{x} = pick({y}, {z}, s)",
            f"{x} = first({y}, {z})",
            f"{x}, {y} = swapped({x}, {z})",
            f"t = ({x}, {y}); {z} = t[0]",
            f"{x}[0] = s",
            f"{x}[0] = s",
            f"{x}[1] += np.sum({y})",
            f"{x}[1:] = {x}[:-1]",
            f"{x} += s",
            f"{x} *= 0.5",
            f"s = bump({x}, 0.25)",
            f"s = bump({x}, 0.25) if s > 0.5 else np.sum({y})",
            f"s = s > 0.5 and bump({x}, 0.5)",
            f"s = early({x}, {y}, s)",
            f"smooth({x})",
            f"smooth({x}[1:])",
            f"{x}[1:][0] = s",
            f"{x}[:-1][1:] += s",
            f"{x}[::2][-1] = np.sum({y}[1:][0])",
            f"{x}[:3][::-1][1:] = {y}[:2]",
            f"{x}[:2].reshape(2, 1)[1, 0] = s",
            f"t = {x}[:2].reshape(2, 1); t.T[0] += s; {y} = t[1:].reshape(-1)[:1] + {x}",
            f"t = scaled({x}[1:3].reshape(2, 1), s); s = np.tanh(t[0, 1] + {y}[0])",
            f"{x}[:3] = {y}[:3]",
            f"s = np.tanh(s + np.sum({x}))",
            f"s = np.tanh(s + {x}[0] * {y}[1])",
            f"s = np.tanh({x}[1] + np.sum({y} + {y}))",
        ))


def load(source: str, folder: Path, number: int) -> Any:
    path = folder / f"alias_{number}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


def look(seed: int, folder: Path) -> str:
    """What becomes of one program: right, wrong, or the code that it is refused with."""
    source = Writer(seed).program()
    function = load(source, folder, seed)
    start = np.array([0.5, -1.0, 2.0, 0.25])
    try:
        found = read(function, start, start[::-1].copy(), 2, 0.75)
    except UnsupportedError as error:
        return error.diagnostics[0].code
    for n, s in ((0, 0.75), (1, 2.0), (2, 0.75), (3, 5.0)):
        args = (start, start[::-1].copy(), n, s)
        got = evaluate(found, *args)
        wanted = function(start.copy(), start[::-1].copy(), n, s)
        if not same(got, wanted):
            print(source, args, got, wanted, sep="\n")
            return "wrong"
    return "right"


def main() -> None:
    count, first = map(int, sys.argv[1:3])
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        print(collections.Counter(look(first + k, Path(folder)) for k in range(count)))


if __name__ == "__main__":
    main()
