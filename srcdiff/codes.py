"""The table of diagnostic codes: what each means, a program that provokes it, and the way out.

``srcdiff explain CODE`` prints it; a test runs every example and expects its code.
"""

from __future__ import annotations

import textwrap
from typing import NamedTuple


class Code(NamedTuple):
    """What a code stands for: a title, a program that provokes it as it is run, and the way out."""

    title: str
    example: str
    way_out: str


def _code(title: str, example: str, way_out: str) -> Code:
    lines = "import numpy as np\nimport srcdiff\n\n\n" + textwrap.dedent(example).strip() + "\n"
    return Code(title, lines, " ".join(way_out.split()))


CODES: dict[str, Code] = {
    "SD001": _code(
        "this construct is not supported",
        """
        def f(x):
            with open("log.txt") as log:
                return x * x

        srcdiff.grad(f)(3.0)
        """,
        """Write the statement with the constructs that the README lists, or move it into a function of its own
        that is called outside, and pass its result as an argument.""",
    ),
    "SD002": _code(
        "the source of the function was not found",
        """
        exec("def f(x): return x * x")

        srcdiff.grad(f)(3.0)
        """,
        """srcdiff reads the text of a function. Put the function into a file, or run the text in a notebook cell;
        functions written in C and functions made by `exec` have no text to read.""",
    ),
    "SD003": _code(
        "a decorator stands between the name and the function",
        """
        import functools

        def doubled(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return 2.0 * function(*args, **kwargs)
            return wrapper

        @doubled
        def f(x):
            return x * x

        srcdiff.grad(f)(3.0)
        """,
        """A wrapper is part of the program, and one that takes any arguments cannot be read. If it computes nothing of
        its own, differentiate `f.__wrapped__`; otherwise write its parameters one by one. `functools.cache`,
        `numba.njit` and wrappers that only hand their arguments on are looked through.""",
    ),
    "SD010": _code(
        "there is no derivative rule for this function",
        """
        def f(x):
            return np.sum(np.roots(x))

        srcdiff.grad(f)(np.ones(3))
        """,
        """Write it with functions that have rules, compute it outside and pass the result as an argument, or add a rule
        to `srcdiff/rules` (one line for an element-wise function).""",
    ),
    "SD011": _code(
        "the meaning depends on a type that is not known",
        """
        from srcdiff.compile import derive

        def f(x: np.ndarray):
            return np.sum(x @ x)

        derive(f, "x", None)
        """,
        """Annotate the argument (`x: float`, `x: Float[Array, "n d"]`), give `--sig "x: f64[n, d]"`, or give example
        arguments.""",
    ),
    "SD012": _code(
        "the types of two paths do not join",
        """
        def f(x):
            a = (x, x) if np.sum(x) > 0 else x
            return np.sum(a[0])

        srcdiff.grad(f)(np.ones(3))
        """,
        """A name must be of one kind on every path: use two names, or make both sides an array, a number, or a
        container of the same structure.""",
    ),
    "SD013": _code(
        "these shapes can never fit",
        """
        def f(x):
            return np.sum(np.zeros(3) + np.ones(4) * x)

        srcdiff.grad(f)(2.0)
        """,
        "Make the axes equal, or one of them 1 (`a[:, None]`), or transpose an operand.",
    ),
    "SD020": _code(
        "a store into an array that the function does not own",
        """
        TABLE = np.zeros(3)

        def f(x):
            TABLE[0] = x
            return np.sum(TABLE * TABLE)

        srcdiff.grad(f)(2.0)
        """,
        """A gradient leaves the arrays of the module and of closures as they are. Work on a copy (`t = TABLE.copy()`),
        or pass the array as an argument. An augmented assignment whose right-hand side changes its own target is
        refused with this code too: evaluate it on a line of its own.""",
    ),
    "SD021": _code(
        "a write that may touch two arrays",
        """
        def f(x, y):
            a = x if np.sum(x) > 0 else y
            a[0] = 0.0
            return np.sum(x * y)

        srcdiff.grad(f)(np.ones(3), np.ones(3))
        """,
        "Write `a = (x if condition else y).copy()`, or write inside each branch.",
    ),
    "SD022": _code(
        "something is read whose array may have been written",
        """
        def f(x):
            y = x.copy()
            part = y[:1] if np.sum(x) > 0 else y[1:2]
            y[0] = 2.0 * y[1]
            return np.sum(part * y)

        srcdiff.grad(f)(np.ones(3))
        """,
        """Views and second names see what is written into their array, where it is known which part of which array they
        are. Where that depends on a branch, a loop or the layout of memory: take a `.copy()` where the name is bound if
        the old value is meant, or bind the name again after the write.""",
    ),
    "SD030": _code(
        "the result is not a scalar",
        """
        def f(x):
            return x * x

        srcdiff.grad(f)(np.ones(3))
        """,
        "`grad` needs one number: reduce the result (`np.sum`, `np.mean`), or use `srcdiff.jacobian` or `srcdiff.vjp`.",
    ),
    "SD031": _code(
        "wrt names no argument",
        """
        def f(x):
            return x * x

        srcdiff.grad(f, "w")(3.0)
        """,
        "Give the name or the position of an argument, or a tuple of them; positions may count from the end.",
    ),
    "SD032": _code(
        "this argument cannot be differentiated",
        """
        def f(x, kind):
            return x * x if kind == "square" else x

        srcdiff.grad(f, "kind")(3.0, "square")
        """,
        """Strings, bools, None and functions have no derivative, and neither has an integer that is used as an index, a
        bound or a shape. Leave the argument out of `wrt`, or pass a float.""",
    ),
    "SD033": _code(
        "has_aux asks for a pair",
        """
        def f(x):
            return x * x

        srcdiff.grad(f, has_aux=True)(3.0)
        """,
        "With `has_aux` the function returns two things: what is differentiated, and what is handed on as it is.",
    ),
    "SD034": _code(
        "the signature cannot be read",
        """
        from srcdiff.compile import derive

        def f(x):
            return x * x

        derive(f, "x", "x: f64[n")
        """,
        """A signature is a list of names with types, as in `w: f64[d], x: f64[n, d], b: float, p: {'w': f64[d]}`: dtype
        and dims of arrays, `float`, `int`, `f64` for numbers, tuples, lists and dicts of these.""",
    ),
    "SD040": _code(
        "a name may have no value here",
        """
        def f(x):
            if x > 0:
                y = x * x
            return y

        srcdiff.grad(f)(3.0)
        """,
        "Give the name a value on every path: in an `else`, or in front of the branch or loop.",
    ),
    "SD050": _code(
        "this must be a constant",
        """
        def f(x):
            return np.sum(np.max(x, axis=np.argmin(x.shape)))

        srcdiff.grad(f)(np.ones((2, 3)))
        """,
        """An axis, a number of dimensions and the structure of a container must be known when the gradient is written:
        write the number itself, or pass it as an argument that is used as it is.""",
    ),
    "SD051": _code(
        "a recursion whose depth is not known",
        """
        def root(x, guess):
            if abs(guess * guess - x) < 1e-9:
                return guess
            return root(x, 0.5 * (guess + x / guess))

        def f(x):
            return root(x, 1.0)

        srcdiff.grad(f)(2.0)
        """,
        """A recursion is written out call by call, so it has to end at a constant, at an integer argument or at the
        length of an array, after at most 24 levels and 256 calls. Write it as a loop otherwise.""",
    ),
    "SD060": _code(
        "try is not supported",
        """
        def f(x):
            try:
                return 1.0 / x
            except ZeroDivisionError:
                return 0.0

        srcdiff.grad(f)(2.0)
        """,
        """Test for the case in front of it (`if x == 0:`), or put the `try` into a function of its own: one marked
        `@srcdiff.constant` has no derivative and is called as it is, one with `@srcdiff.rule` brings its own.""",
    ),
    "SD061": _code(
        "generators are not supported",
        """
        def f(x):
            yield x * x

        srcdiff.grad(f)(2.0)
        """,
        "Collect the values in a list or an array, and return it.",
    ),
    "SD062": _code(
        "async functions are not supported",
        """
        async def f(x):
            return x * x

        srcdiff.grad(f)(2.0)
        """,
        "Write a plain function that computes, and await what it needs outside.",
    ),
    "SD063": _code(
        "a write to a global or nonlocal name",
        """
        calls = 0

        def f(x):
            global calls
            calls += 1
            return x * x

        srcdiff.grad(f)(2.0)
        """,
        """Pass the value as an argument and return the new one; with `has_aux=True` a function may return more than
        what is differentiated. Reading globals is fine.""",
    ),
    "SD064": _code(
        "a class inside a function",
        """
        def f(x):
            class Scale:
                factor = 2.0
            return Scale.factor * x

        srcdiff.grad(f)(2.0)
        """,
        "Define the class at the top of the file.",
    ),
    "SD065": _code(
        "a write to an attribute",
        """
        class Model:
            def __init__(self):
                self.w = 2.0

        def f(x, model):
            model.w = x
            return model.w * x

        srcdiff.grad(f)(2.0, Model())
        """,
        """Objects are not changed: use a local name, or build a new object (`dataclasses.replace(model, w=x)`) and
        return what the caller needs.""",
    ),
    "SD066": _code(
        "exec and eval are not supported",
        """
        def f(x):
            return eval("x * x")

        srcdiff.grad(f)(2.0)
        """,
        """The text that is run is not known when the gradient is written. Write the statements out, or pick a function
        from a dict by its name.""",
    ),
    "SD067": _code(
        "del of a part",
        """
        def f(x):
            xs = [x, 2.0 * x]
            del xs[0]
            return xs[0]

        srcdiff.grad(f)(2.0)
        """,
        "Build a new list without it (`xs = xs[1:]`). `del name` of a local name is fine.",
    ),
}
"""Every code: what it means, a program that is refused with it when it is run, and what to do."""
