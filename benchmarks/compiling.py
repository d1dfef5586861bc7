"""From a function to the text of its gradient: 20 lines (goal: 50 ms), 2,000 statements (goal: 10 s), and the growth.

Every round compiles a function that was never seen before: the text is the same but for one number.
"""

from __future__ import annotations

import importlib.util
import itertools
import math
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import srcdiff

TWENTY = '''\
import numpy as np


def net(w1, b1, w2, b2, x, y):
    """Twenty lines of ordinary code."""
    n = len(x)
    a = x @ w1 + b1
    h = np.maximum(a, {salt})
    o = h @ w2 + b2
    m = np.max(o, axis=1, keepdims=True)
    s = o - m
    e = np.exp(s)
    z = np.sum(e, axis=1)
    q = e / z[:, None]
    r = q - y
    total = 0.0
    for i in range(n):
        row = r[i] @ r[i]
        if row > 0.1:
            total += row * row
        else:
            total += 0.5 * row
    penalty = np.sum(w1 * w1) + np.sum(w2 * w2)
    smooth = np.mean(np.tanh(h))
    return total / n + 0.01 * penalty + smooth
'''

_numbers = itertools.count()
_folder = tempfile.TemporaryDirectory()


def straight_line(count: int, salt: float) -> str:
    """A function of ``count`` statements without loops, every one of which matters."""
    lines = ["import numpy as np", "", "", "def f(x, a):", f"    v0 = x * {salt}"]
    forms = ("np.sin(v{p}) + a", "v{p} * v{q}", "v{p} - 0.5 * v{q}", "np.tanh(v{p} + v{q})")
    for k in range(1, count - 1):
        lines.append(f"    v{k} = " + forms[k % 4].format(p=k - 1, q=max(0, k - 7)))
    return "\n".join([*lines, f"    return np.sum(v{count - 2})", ""])


def load(text: str, name: str) -> Callable[..., Any]:
    """A function from a file of its own: srcdiff reads sources."""
    module_name = f"benchmark_{next(_numbers)}"
    path = Path(_folder.name) / f"{module_name}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[module_name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)  # type: ignore[no-any-return]


def compile_time(text: str, name: str, wrt: Any, args: tuple[Any, ...]) -> float:
    """Seconds until the source of the gradient is there."""
    function = load(text, name)
    start = perf_counter()
    derived = srcdiff.value_and_grad(function, wrt)
    derived(*args)
    assert derived.source
    return perf_counter() - start


def twenty_lines(rounds: int = 15) -> float:
    rng = np.random.default_rng(0)
    shapes = ((4, 5), (5,), (5, 3), (3,), (6, 4), (6, 3))
    args = tuple(rng.standard_normal(shape) for shape in shapes)
    times = [
        compile_time(TWENTY.replace("{salt}", f"{1e-9 * k}"), "net", (0, 1, 2, 3), args) for k in range(rounds + 1)
    ]
    return statistics.median(times[1:])  # the first one imports what is imported when needed


def main() -> None:
    print(f"20 lines: {1e3 * twenty_lines():.1f} ms")
    sizes = (250, 500, 1000, 2000)
    args = (np.linspace(0.1, 0.9, 5), 0.3)
    found: dict[int, float] = {}
    for size in sizes:
        rounds = 3 if size < 2000 else 1
        times = [compile_time(straight_line(size, 1.0 + 1e-9 * k), "f", (0, 1), args) for k in range(rounds)]
        found[size] = statistics.median(times)
        print(f"{size:5} statements: {found[size]:7.2f} s  ({1e3 * found[size] / size:.2f} ms each)")
    growth = math.log(found[2000] / found[500]) / math.log(4)
    print(f"time grows with statements to the power {growth:.2f}")


if __name__ == "__main__":
    main()
