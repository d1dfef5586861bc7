"""The compiler's own work grows with the length of the program, not with its square: steps are counted, not timed."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable
from types import FunctionType

import numpy as np
import pytest

import srcdiff

STATEMENTS: dict[str, Callable[[int], list[str]]] = {
    "numbers": lambda k: [f"s = np.tanh(s + {k} * 0.5)"],
    "stores": lambda k: [f"x[{k % 7}] = np.tanh(s + x[{(k + 1) % 7}])"],
    "views": lambda k: ["w = x[1:]", "s = s + np.sum(w)", "x[0] = s"],
    "branches": lambda k: [f"if s > {k}:", "    s = s * 2.0", "else:", "    s = np.sin(s)"],
    "loops": lambda k: ["for i in range(3):", "    x[i] = x[i] * s", "    s = s + x[i]"],
    "calls": lambda k: ["s = helper(s, x)"],
}


def function_of(text: str) -> FunctionType:
    """The function ``f`` of a program that is in no file."""
    name = f"<program {hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    names: dict[str, object] = {}
    exec(compile(text, name, "exec"), names)
    found = names["f"]
    assert isinstance(found, FunctionType)
    return found


def program(kind: str, count: int) -> FunctionType:
    body = [line for k in range(count) for line in STATEMENTS[kind](k)]
    helper = ["def helper(a, x):", "    return np.tanh(a) + x[0]", "", ""]
    lines = ["import numpy as np", "", *helper, "def f(x, s):", *(f"    {line}" for line in body)]
    return function_of("\n".join([*lines, "    return s + np.sum(x)", ""]))


def steps(kind: str, count: int) -> int:
    """How many functions are entered while a program is compiled."""
    gradient = srcdiff.value_and_grad(program(kind, count), (0, 1))
    entered = 0

    def count_entry(frame: object, event: str, argument: object) -> None:
        nonlocal entered
        entered += event == "call"

    sys.setprofile(count_entry)
    try:
        value, _ = gradient(np.linspace(0.1, 0.2, 8), 0.3)
    finally:
        sys.setprofile(None)
    assert np.isfinite(value)
    return entered


@pytest.mark.parametrize("kind", STATEMENTS)
def test_twice_the_statements_take_twice_the_steps(kind: str) -> None:
    steps(kind, 4)  # what is done once
    short, middle, long = (steps(kind, count) for count in (30, 60, 120))
    assert (long - middle) < 2.5 * (middle - short)


def test_many_arguments_may_be_written() -> None:
    names = [f"a{k}" for k in range(120)]
    stores = [f"    {name}[0] = x[{k % 3}] * 2.0" for k, name in enumerate(names)]
    total = " + ".join(f"np.sum({name})" for name in names)
    head = ["import numpy as np", "", "", f"def f(x, {', '.join(names)}):"]
    f = function_of("\n".join([*head, *stores, f"    return {total}", ""]))
    gradient = srcdiff.grad(f)(np.ones(3), *(np.ones(2) for _ in names))
    assert np.array_equal(gradient, [80.0, 80.0, 80.0])
