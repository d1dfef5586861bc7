"""SymPy drafts and referees: drafts over the whole table, the known traps, and planted faults that the referee sees."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import srcdiff.rules  # noqa: F401  (the table of operations)
from srcdiff.ir.build import Builder
from srcdiff.ir.core import Block, Function, Value
from srcdiff.ir.dims import axis
from srcdiff.ir.interp import interpret
from srcdiff.ir.opdef import OPS, OpDef
from srcdiff.ir.structure import Leaf, Parameter
from srcdiff.ir.types import Array
from srcdiff.rules.draft import DraftError, draft, operand_names, partials
from srcdiff.rules.kinds import elementwise_rules
from srcdiff.rules.referee import RefereeError, disagreements, referee

ELEMENTWISE = [opdef for _, opdef in sorted(OPS.items()) if opdef.group == "elementwise"]
SELECTIONS = [opdef for _, opdef in sorted(OPS.items()) if opdef.group == "selection"]


def drafted(line: str) -> list[str | None]:
    """The partials in a declaration line."""
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    return [ast.literal_eval(argument) for argument in call.args[1:]]


def with_partials(opdef: OpDef, found: Sequence[str | None]) -> OpDef:
    """The operation with other partials."""
    vjp, jvp = elementwise_rules(opdef.info["signature"].inputs, found)
    return replace(opdef, vjp=vjp, jvp=jvp)


# ------------------------------------------------------------------------------------------------------ the whole table


@pytest.mark.parametrize("opdef", [*ELEMENTWISE, *SELECTIONS], ids=repr)
def test_every_written_partial_is_right(opdef: OpDef) -> None:
    """A function that SymPy does not know by name needs a line in ``draft.DERIVED``."""
    referee(opdef)


@pytest.mark.parametrize("opdef", ELEMENTWISE, ids=repr)
def test_every_draft_is_right(opdef: OpDef) -> None:
    if opdef.name in ("math_gamma", "math_lgamma"):
        pytest.skip("their derivative is a helper of ours, which the notation of a draft does not have")
    line = draft(opdef.info["signature"].text)
    if line.startswith("step("):
        assert opdef.name == "heaviside"
        return
    assert list(disagreements(with_partials(opdef, drafted(line)))) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("np.sinh", 'elementwise("np.sinh(x)", "cosh(x)")'),
        ("np.exp", 'elementwise("np.exp(x)", "g * y")'),
        ("np.tanh(x)", 'elementwise("np.tanh(x)", "1 - y * y")'),
        ("np.sqrt(x)", 'elementwise("np.sqrt(x)", "g / (2 * y)", domain=(0.0, INFINITE))'),
        ("np.log(x)", 'elementwise("np.log(x)", "g / x", domain=(0.0, INFINITE))'),
        ("np.log1p(x)", 'elementwise("np.log1p(x)", "g / (x + 1)", domain=(-1.0, INFINITE))'),
        ("np.log2(x)", 'elementwise("np.log2(x)", "g / (x * log(2.0))", domain=(0.0, INFINITE))'),
        ("np.cos(x)", 'elementwise("np.cos(x)", "-g * sin(x)")'),
        ("np.arcsin(x)", 'elementwise("np.arcsin(x)", "g / sqrt(1 - x * x)", domain=(-1.0, 1.0))'),
        ("np.square(x)", 'elementwise("np.square(x)", "2 * g * x")'),
        ("np.absolute(x)", 'elementwise("np.absolute(x)", "sign(x)")'),
        ("np.arctan2", 'elementwise("np.arctan2(a, b)", "g * b / (a * a + b * b)", "-g * a / (a * a + b * b)")'),
        ("np.divide", 'elementwise("np.divide(a, b)", "g / b", "-g * y / b")'),
        ("np.logaddexp", 'elementwise("np.logaddexp(a, b)", "exp(a - y)", "exp(b - y)")'),
        ("math.cos", 'elementwise("math.cos(x)", "-g * math_sin(x)")'),
        ("math.fabs(x)", 'elementwise("math.fabs(x)", "(g if x > 0 else -g) if x else 0.0")'),
        ("a / b", 'elementwise("a / b", "g / b", "-g * y / b")'),
        ("np.sign", 'step("np.sign(x)")'),
        ("np.floor(x)", 'step("np.floor(x)")'),
        ("a // b", 'step("a // b")'),
    ],
)
def test_lines_ready_to_paste(text: str, line: str) -> None:
    assert draft(text) == line


def test_drafts_are_the_same_every_time() -> None:
    assert draft("np.hypot") == draft("np.hypot(a, b)")


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        ("log(1 + exp(x))", ("1 - exp(-y)",)),
        ("1 / (1 + exp(-x))", ("g * y * (1 - y)",)),
        ("x * exp(-x * x)", ("g * (1 - 2 * x * x) * exp(-x * x)",)),
        ("x ** 3 / 3", ("x * x",)),
        ("a * a * sin(b)", ("2 * g * a * sin(b)", "g * a * a * cos(b)")),
        ("x - floor(x)", ("g",)),
        ("b ** 2", ("2 * g * b",)),
    ],
)
def test_functions_of_users(definition: str, found: tuple[str, ...]) -> None:
    drafts = partials(definition)
    assert len(drafts) == len(found)
    for text, expected in zip(drafts, found, strict=True):
        assert text is not None
        names = {"x": 0.7, "a": 0.7, "b": 1.3, "g": 1.0}
        names["y"] = value(definition, names)
        assert abs(factor(text, names) - factor(expected, names)) < 1e-12


def value(text: str, names: dict[str, float]) -> float:
    functions = {name: getattr(np, name) for name in ("exp", "log", "sin", "cos", "sqrt", "floor", "where")}
    return float(eval(text, functions, names))


def factor(text: str, names: dict[str, float]) -> float:
    return value(text if "g" in operand_names(text) else f"g * ({text})", names)


def test_a_function_is_defined_where_sympy_does_not_know_it() -> None:
    with pytest.raises(DraftError, match="SymPy knows nothing of `i0`"):
        draft("np.i0")
    assert draft("np.softplus(x)", "log(1 + exp(x))") == 'elementwise("np.softplus(x)", "1 - exp(-y)")'
    with pytest.raises(DraftError, match="not in the notation of rules"):
        draft("np.sinc(x)", "x if [x] else 0")
    with pytest.raises(DraftError, match="not real"):
        partials_of = draft("np.odd(x)", "sqrt(-1 - x * x)")
        assert partials_of


def test_sympy_is_imported_when_it_is_needed() -> None:
    code = "import sys, srcdiff.rules.referee; sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ------------------------------------------------------------------------------------------------------------ the traps


def gradient(opdef: OpDef, *arguments: Sequence[float]) -> list[list[float]]:
    """What the vjp gives for arrays and a cotangent of 1, by the reference evaluator."""
    b = Builder()
    inputs = [Value(Array("f64", (axis("n"),)), f"x{k}") for k in range(len(arguments))]
    g = Value(inputs[0].type, "g")
    b.op_many(opdef, *inputs)
    assert opdef.vjp is not None
    parts = opdef.vjp(b, b.ops[-1], (g,), [True] * len(inputs))
    params = (*inputs, g)
    parameters = tuple(Parameter(value.name, Leaf()) for value in params)
    function = Function("f", parameters, Block(params, b.ops, tuple(parts)), Leaf())
    arrays = [np.array(argument, dtype=float) for argument in arguments]
    with np.errstate(all="ignore"):
        found: list[Any] = interpret(function, [*arrays, np.ones(len(arrays[0]))])
    return [leaf.tolist() for leaf in found]


def test_powers_are_finite_at_zero() -> None:
    """SymPy's derivative of a**b by a is a**b*b/a: nan at a = 0."""
    base, exponent = [0.0, 0.0, 0.0, 2.0], [0.0, 1.0, 2.0, 0.0]
    good = gradient(with_partials(OPS["np_power"], drafted(draft("np.power"))), base, exponent)
    assert good[0] == [0.0, 1.0, 0.0, 0.0] and np.isfinite(good[1]).all()
    naive = gradient(with_partials(OPS["np_power"], ["g * b * y / a", "g * y * log(a)"]), base, exponent)
    assert np.isnan(naive[0]).any() and np.isnan(naive[1]).any()


def test_kinks_are_no_delta_functions() -> None:
    assert gradient(with_partials(OPS["absolute"], drafted(draft("np.absolute"))), [-2.0, 0.0, 3.0]) == [
        [-1.0, 0.0, 1.0]
    ]
    hypot = gradient(with_partials(OPS["hypot"], drafted(draft("np.hypot"))), [0.0, 3.0], [0.0, 4.0])
    assert hypot == [[0.0, 0.6], [0.0, 0.8]]


def test_stable_forms_do_not_overflow() -> None:
    far = [-800.0, 800.0]
    assert gradient(with_partials(OPS["tanh"], drafted(draft("np.tanh"))), far) == [[0.0, 0.0]]
    mixed = gradient(with_partials(OPS["logaddexp"], drafted(draft("np.logaddexp"))), [800.0], [-800.0])
    assert mixed == [[1.0], [0.0]]


# ------------------------------------------------------------------------------------------------------- planted faults


@pytest.mark.parametrize(
    ("name", "faulty"),
    [
        ("tanh", ["1 + y * y"]),
        ("sin", ["-g * cos(x)"]),
        ("sin", ["cos(g * x)"]),
        ("exp", ["g * x"]),
        ("sqrt", ["g / y"]),
        ("log2", ["g / x"]),
        ("log10", ["g / (x * 2.302585093)"]),
        ("log1p", ["g / x"]),
        ("div", ["g / b", "g * y / b"]),
        ("div", ["g * b", "-g * y / b"]),
        ("sub", ["g", "g"]),
        ("sub", ["g", None]),
        ("arctan2", ["-g * a / (a * a + b * b)", "g * b / (a * a + b * b)"]),
        ("absolute", ["g"]),
        ("cbrt", ["g / (3 * y * x)"]),
        ("mod", ["g", None]),
        ("math_sin", ["math_sin(x)"]),
        ("math_fabs", ["g if x > 0 else g"]),
        ("math_erf", ["2 / math_sqrt(3.1415) * g * math_exp(-x * x)"]),
        ("math_copysign", ["g", None]),
        ("hypot", ["g * a / y", "g * a / y"]),
    ],
)
def test_a_wrong_partial_is_seen(name: str, faulty: list[str | None]) -> None:
    with pytest.raises(RefereeError, match=f"{name}:\n  (vjp|jvp) by "):
        referee(with_partials(OPS[name], faulty))


def test_a_wrong_mode_is_seen() -> None:
    vjp, jvp = elementwise_rules(("x",), ["2 * cos(x)"])
    with pytest.raises(RefereeError, match="sin:\n  vjp by x on Python numbers"):
        referee(replace(OPS["sin"], vjp=vjp))
    with pytest.raises(RefereeError, match="sin:\n  jvp by x on Python numbers"):
        referee(replace(OPS["sin"], jvp=jvp))


def test_a_wrong_form_on_numbers_is_seen() -> None:
    vjp, jvp = elementwise_rules(("x",), ["g * sign(x)"], ["g if x > -1 else -g"])
    with pytest.raises(RefereeError) as caught:
        referee(replace(OPS["abs_"], vjp=vjp, jvp=jvp))
    assert "on Python numbers" in str(caught.value) and "on arrays" not in str(caught.value)


def test_a_wrong_choice_is_seen() -> None:
    swapped = replace(OPS["maximum"], vjp=OPS["minimum"].vjp)
    with pytest.raises(RefereeError, match="maximum:\n  vjp by a"):
        referee(swapped)


def test_a_wrong_meaning_is_seen() -> None:
    with pytest.raises(RefereeError, match="sin:\n  value at x = "):
        referee(replace(OPS["sin"], evaluate=np.cos))
