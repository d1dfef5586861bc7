"""What a warm call of a compiled gradient adds to the generated function (goal: 0.5 µs and 0.3 µs for an array)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import srcdiff
from benchmarks.timing import medians


def one(x):
    return x * x


def two(x, y):
    return np.sum(x * y)


def four(params, x, y):
    return np.sum((x @ params["w"] + params["b"] - y) ** 2)


def ten(layers, x):
    total = 0.0
    for w in layers:
        total += np.sum(w * x)
    return total


def generated(derived: Any, name: str) -> Callable[..., Any]:
    """The function of the generated module itself."""
    space: dict[str, Any] = {"__name__": "generated"}
    exec(compile(derived.source, "generated.py", "exec"), space)
    return space[name]  # type: ignore[no-any-return]


def main() -> None:
    a = np.ones(3)
    cases: list[tuple[Callable[..., Any], tuple[Any, ...], int]] = [
        (one, (3.0,), 0),
        (two, (a, a.copy()), 2),
        (four, ({"w": np.ones((3, 2)), "b": np.ones(2)}, np.ones((4, 3)), np.ones((4, 2))), 4),
        (ten, ([np.ones(3) for _ in range(9)], a), 10),
    ]
    print("arrays   generated    compiled       added   goal (µs)")
    for function, args, arrays in cases:
        compiled = srcdiff.value_and_grad(function)
        compiled(*args)
        bare = generated(compiled, f"{function.__name__}_value_and_grad")
        times = medians(
            {
                "bare": lambda bare=bare, args=args: bare(*args),
                "compiled": lambda compiled=compiled, args=args: compiled(*args),
            },
            rounds=31,
        )
        bare_time, full = 1e6 * times["bare"], 1e6 * times["compiled"]
        print(f"{arrays:6} {bare_time:11.2f} {full:11.2f} {full - bare_time:11.2f} {0.5 + 0.3 * arrays:11.1f}")


if __name__ == "__main__":
    main()
