"""The golden set: one file of tests/golden per case, each beside a gradient that was written by hand first.

A file has sections, each of which starts at a line like `# === function`:

    function    the author's module; what is differentiated is its last `def`
    arguments   `wrt`, `def arguments(rng)`, and perhaps `def more(rng)`: a list of further arguments, same signature
    by hand     the gradient module that a careful person would write, NAME_value_and_grad in it
    generated   what `srcdiff.value_and_grad(function, wrt).source` says after a call with `arguments`

`pytest tests/test_golden.py --update-golden` rewrites the last section and nothing else; look at the difference before
you commit it. A line number in a comment `# line N: statement` counts from the first line of the function section.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.oracles import differences, trees
from tests.oracles.golden_files import NAMES, Case, Reader, count_statements, read_sections, write_sections
from tests.oracles.renames import never_read, only_renames

LIMIT = 1.3  # generated statements over statements by hand, all cases together

every_case = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="session")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Case]:
    """Reads a case by its name."""
    return Reader(tmp_path_factory.mktemp("golden")).read


# -- what is right


def quietly(f: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    with np.errstate(all="ignore"):
        return f(*args)


def call_checked(gradient: Callable[..., Any], f: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Any]:
    """Calls a gradient function; its value must be the author's, bit for bit, and the arguments stay untouched."""
    given = trees.clone(args)
    value, grad = quietly(gradient, given)
    expected = quietly(f, trees.clone(args))
    assert trees.identical(value, expected), f"value {value!r} is not the author's {expected!r}"
    assert trees.identical(given, args), "an argument was written"
    assert not trees.shared_memory((value, grad), given), "a result shares memory with an argument"
    assert not trees.shared_within((value, grad)), "two results share memory"
    assert all(array.flags.writeable for _, array in trees.arrays(grad)), "a gradient is read-only"
    return value, grad


def wrong_entries(case: Case, parts: tuple[Any, ...], args: tuple[Any, ...], kinks_allowed: bool) -> list[str]:
    """The entries of a gradient that disagree with central differences at two step sizes."""
    wrong = []
    zeros = tuple(trees.zeros_like(arg) for arg in args)
    for k, part in zip(case.positions, parts, strict=True):
        flat = differences.flat(part)
        directions = trees.entry_directions(args[k])
        if len(flat) != len(directions):
            return [f"argument {k}: {len(flat)} entries, expected {len(directions)}"]
        for got, (entry, direction) in zip(flat, directions, strict=True):
            estimate = differences.directional(case.f, args, (*zeros[:k], direction, *zeros[k + 1 :]))
            if not estimate.smooth:
                wrong += [] if kinks_allowed else [f"argument {k}{entry}: differences do not converge"]
            elif not abs(got - estimate.numbers[0]) <= estimate.tolerance(1e-7)[0]:
                wrong.append(f"argument {k}{entry}: {got!r}, differences give {estimate.numbers[0]!r}")
    return wrong


def kind_difference(got: Any, argument: Any) -> str | None:
    """Where a gradient has not the kind of its argument; a NumPy double passes for a float, as it is one in Python."""
    loose = trees.map_leaves(lambda leaf: float(leaf) if isinstance(leaf, float) else leaf, got)
    return trees.structure_difference(loose, argument)


def same_numbers(left: Any, right: Any) -> bool:
    """Whether two gradients agree to 1e-10 of the largest entry of each leaf."""
    pairs = list(zip(trees.float_leaves(left), trees.float_leaves(right), strict=True))
    for (_, a), (_, b) in pairs:
        scale = float(np.max(np.abs(b), initial=0.0))
        if np.shape(a) != np.shape(b) or not np.allclose(a, b, rtol=0.0, atol=1e-10 * scale, equal_nan=True):
            return False
    return True


def check_line_comments(case: Case, text: str) -> None:
    """Every `# line N: statement` names a line of the author's function section with that statement."""
    lines = [re.sub(r"  #.*", "", line).strip() for line in case.sections["function"].splitlines()]
    found = re.findall(r"^ *# line (\d+): (.*)$", text, flags=re.M)
    assert found, "no comment names a line"
    for number, statement in found:
        assert lines[int(number) - 1 : int(number)] == [statement], f"line {number}: {statement}"


def statements_of_author(case: Case) -> frozenset[str]:
    tree = ast.parse(case.sections["function"])
    return frozenset(ast.unparse(s) for s in ast.walk(tree) if isinstance(s, ast.Assign))


def table_of_statements() -> tuple[str, float, list[str]]:
    """Statements of every case, their ratio over all, and the cases with nothing generated yet."""
    rows, absent, every, by_hand, generated = [f"{'case':18}{'by hand':>9}{'generated':>11}{'ratio':>8}"], [], 0, 0, 0
    for name in NAMES:
        sections = read_sections(name)
        left = count_statements(sections["by hand"])
        every += left
        if "generated" not in sections:
            absent.append(name)
            rows.append(f"{name:18}{left:9}{'-':>11}{'-':>8}")
            continue
        right = count_statements(sections["generated"])
        by_hand, generated = by_hand + left, generated + right
        rows.append(f"{name:18}{left:9}{right:11}{right / left:8.2f}")
    ratio = generated / by_hand if by_hand else 0.0
    rows.append(f"{'all cases':18}{every:9}")
    rows.append(f"{'both present':18}{by_hand:9}{generated:11}{ratio:8.2f}")
    return "\n".join(rows), ratio, absent


# -- the gradients written by hand


@every_case
def test_by_hand_is_right(name: str, load: Callable[[str], Case]) -> None:
    case = load(name)
    gradient = case.run("by hand")
    for args in case.all_arguments():
        _, grad = call_checked(gradient, case.f, args)
        parts = case.by_argument(grad)
        for k, part in zip(case.positions, parts, strict=True):
            assert kind_difference(part, args[k]) is None
        assert wrong_entries(case, parts, args, kinks_allowed=False) == []


@every_case
def test_by_hand_is_written_with_care(name: str, load: Callable[[str], Case]) -> None:
    """The comments name the right lines, and nothing is renamed or computed in vain: it is the measure of the rest."""
    case = load(name)
    text = case.sections["by hand"]
    tree = ast.parse(text)
    check_line_comments(case, text)
    assert only_renames(tree, statements_of_author(case)) == []
    assert never_read(tree) == []


# -- what the compiler writes


@every_case
def test_compiler_writes_the_golden_text(
    name: str, load: Callable[[str], Case], request: pytest.FixtureRequest
) -> None:
    import srcdiff

    case = load(name)
    args = case.first_arguments()
    compiled = srcdiff.value_and_grad(case.f, case.wrt)
    _, grad = call_checked(compiled, case.f, args)
    assert same_numbers(grad, quietly(case.run("by hand"), trees.clone(args))[1])
    text = compiled.source.rstrip("\n") + "\n"
    if request.config.getoption("--update-golden"):
        write_sections(name, {**case.sections, "generated": text})
        return
    assert text == case.generated


@every_case
def test_generated_agrees_with_by_hand(name: str, load: Callable[[str], Case]) -> None:
    case = load(name)
    assert case.generated
    gradient, by_hand = case.run("generated"), case.run("by hand")
    for args in case.all_arguments():
        _, grad = call_checked(gradient, case.f, args)
        expected = quietly(by_hand, trees.clone(args))[1]
        assert same_numbers(grad, expected), f"{grad!r} is not {expected!r}"
        for k, part in zip(case.positions, case.by_argument(grad), strict=True):
            assert trees.structure_difference(part, args[k]) is None


@every_case
def test_generated_stands_alone(name: str, load: Callable[[str], Case]) -> None:
    case = load(name)
    imported = {
        (alias.name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
        for node in ast.walk(ast.parse(case.generated))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= {"numpy"} | sys.stdlib_module_names


@every_case
def test_generated_reads_well(name: str, load: Callable[[str], Case]) -> None:
    case = load(name)
    tree = ast.parse(case.generated)
    check_line_comments(case, case.generated)
    assert only_renames(tree, statements_of_author(case)) == []
    assert never_read(tree) == []


@every_case
def test_generated_survives_unparse(name: str, load: Callable[[str], Case]) -> None:
    tree = ast.parse(load(name).generated)
    assert ast.dump(ast.parse(ast.unparse(tree))) == ast.dump(tree)


# -- outside the signature


def distorted(leaf: np.ndarray) -> Iterator[tuple[str, Any]]:
    """An array with a wrong rank, a wrong dtype, and shortened to length 1 along each axis."""
    yield "rank + 1, first", leaf[None].copy()
    yield "rank + 1, last", leaf[..., None].copy()
    yield "rank - 1, first", leaf[0].copy()
    yield "rank - 1, last", leaf[..., 0].copy()
    yield "dtype", np.rint(2 * leaf).astype(np.int64) if trees.is_float(leaf) else leaf.astype(np.float64)
    for axis in range(leaf.ndim):
        if leaf.shape[axis] > 1:
            yield f"axis {axis} of length 1", np.take(leaf, [0], axis=axis)


def calls_outside(args: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The arguments with one array distorted, for every array in them, in containers too."""
    for path, array in trees.arrays(args):
        for how, other in distorted(array):
            swapped = trees.map_leaves(lambda leaf, a=array, o=other: o if leaf is a else leaf, args)
            yield f"argument {path}, {how}", swapped


def with_floats(case: Case, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Integer arrays that are differentiated become floating: value and gradient are those of `f(float(x))`."""

    def convert(leaf: Any) -> Any:
        return leaf.astype(np.float64) if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "i" else leaf

    return tuple(trees.map_leaves(convert, arg) if k in case.positions else arg for k, arg in enumerate(args))


def attempt(f: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    try:
        return quietly(f, trees.clone(args)), None
    except Exception as error:
        return None, error


def verdict_outside(case: Case, gradient: Callable[..., Any], args: tuple[Any, ...]) -> str | None:
    """What is wrong with a call outside the signature; None if it raises as it should, or is right."""
    args = trees.clone(args)
    result, error = attempt(gradient, args)
    smooth_args = with_floats(case, args)
    expected, expected_error = attempt(case.f, smooth_args)
    if error is not None:
        fine = isinstance(error, TypeError) or type(error) is type(expected_error)
        return None if fine else f"raises {error!r}, the author's function gives {expected_error or expected!r}"
    if expected_error is not None:
        return f"returns {result!r}, the author's function raises {expected_error!r}"
    value, grad = result
    if np.ndim(expected) or not np.array_equal(value, expected, equal_nan=True):
        return f"value {value!r}, the author's is {expected!r}"
    parts = case.by_argument(grad)
    for k, part in zip(case.positions, parts, strict=True):
        found = kind_difference(part, smooth_args[k])
        if found:
            return f"gradient by argument {k}: {found}"
    return "; ".join(wrong_entries(case, parts, smooth_args, kinks_allowed=True)) or None


@every_case
def test_generated_outside_the_signature(name: str, load: Callable[[str], Case]) -> None:
    """Right, or an error: never another number."""
    case = load(name)
    assert case.generated
    gradient = case.run("generated")
    verdicts = [(how, verdict_outside(case, gradient, args)) for how, args in calls_outside(case.first_arguments())]
    assert [f"{how}: {what}" for how, what in verdicts if what] == []


# -- the whole set


def test_statement_count(capsys: pytest.CaptureFixture[str]) -> None:
    table, ratio, absent = table_of_statements()
    with capsys.disabled():
        print(f"\n{table}")
    assert not absent, f"run pytest tests/test_golden.py --update-golden; nothing is generated for {', '.join(absent)}"
    assert ratio <= LIMIT


# -- the checks can fail


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f(x):\n    y = x\n    return y", ["line 2: y = x"]),
        ("def f(g, n):\n    y = g\n    for _ in range(n):\n        y = y * y\n    return y", ["line 2: y = g"]),
        ("def f(g, n):\n    y = g\n    for _ in range(n):\n        y = y * g\n    return y", []),
        ("def f(x, k):\n    value = x\n    while k:\n        x = k.pop()\n    return value, x", []),
        ("def f(x, c):\n    if c:\n        y = x\n    else:\n        y = -x\n    return x, y", []),
        ("def f(x, c):\n    if c:\n        y = x\n        return y * y\n    return x", ["line 3: y = x"]),
        ("def f(a, b):\n    for _ in range(3):\n        a, b = b, a\n    return a, b", []),
        ("def f(n, a):\n    for b in range(n):\n        c = a + b\n        a = c\n    return a", ["line 4: a = c"]),
    ],
)
def test_renames_are_found(text: str, found: list[str]) -> None:
    assert only_renames(ast.parse(text)) == found


def test_idle_names_are_found() -> None:
    text = "def f(x):\n    y = 0\n    y += 1\n    for i in x:\n        _, z = i\n    return x"
    assert never_read(ast.parse(text)) == ["f: y", "f: z"]


def test_statements_are_counted() -> None:
    text = '"""M."""\nimport numpy\n\ndef f(x):\n    """D."""\n    if x:\n        raise TypeError("no")\n    return x\n'
    assert count_statements(text) == 2
    assert count_statements(text + "\ndef g(x):\n    if x:\n        raise TypeError()\n") == 5


def faults() -> dict[str, tuple[str, str, str]]:
    """Faults to plant in gradients written by hand: case, text, its replacement."""
    return {
        "sign": ("logistic", "z_bar = p_bar * p * q", "z_bar = -p_bar * p * q"),
        "not cleared": ("scan", "y_bar[i] = 2 * g * y_kept[i]", "y_bar[i] += 2 * g * y_kept[i]"),
        "not summed": ("leapfrog", "v_bar += dt * x_bar", "v_bar = dt * x_bar"),
        "not rewound": ("gauss_seidel", "u[i] = u_kept.pop()", "u_kept.pop()"),
        "order of updates": ("swap", "a_bar, b_bar = b_bar, a_bar", "a_bar = b_bar; b_bar = a_bar"),
        "argument written": ("heat", "u = u.copy()", "pass"),
        "result shared": ("clipped", "return norm * norm, (2 * x, 0.0)", "return norm * norm, (x, 0.0)"),
        "nan leaks": ("guarded_log", "np.where(positive, -log_p - 1, 0.0)", "positive * (-log_p - 1)"),
        "repeated index": ("scatter", "np.add.at(x_bar, source, ", "x_bar[source] += (1 * "),
        "primal rounding": ("logistic", "p = 1 / (1 + np.exp(-z))\n    q", "p = np.exp(z) / (1 + np.exp(z))\n    q"),
    }


@pytest.mark.parametrize("fault", faults())
def test_planted_faults_are_caught(fault: str, load: Callable[[str], Case]) -> None:
    name, text, other = faults()[fault]
    case = load(name)
    assert case.sections["by hand"].count(text) == 1
    case.sections["by hand"] = case.sections["by hand"].replace(text, other)
    gradient = case.run("by hand")

    def right(args: tuple[Any, ...]) -> bool:
        try:
            grad = call_checked(gradient, case.f, args)[1]
        except AssertionError:
            return False
        return not wrong_entries(case, case.by_argument(grad), args, kinks_allowed=False)

    assert not all(right(args) for args in case.all_arguments())


def test_no_guard_is_caught(load: Callable[[str], Case]) -> None:
    """Gradients by hand have no guard: the class of tests outside the signature must see it."""
    case = load("net")
    gradient = case.run("by hand")
    verdicts = [verdict_outside(case, gradient, args) for _, args in calls_outside(case.first_arguments())]
    assert any(verdict and "differences give" in verdict for verdict in verdicts)
