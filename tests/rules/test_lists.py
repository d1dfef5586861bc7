"""Lists of numbers, scans, effects: operations that no NumPy call of one array stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Block, Function
from srcdiff.ir.interp import interpret
from srcdiff.ir.opdef import OPS
from srcdiff.ir.structure import Leaf

from .checks import check_derivatives
from .operands import arguments

CASES = """
op.list_add(x, x) | x=L
op.list_append(x, y) | x=L, y=f
op.list_of(x, y, x) | x=f, y=f2
op.list_full(y, x) | x=L, y=f
op.add_at(x, y, 1, index='@') | x=L, y=f
op.set(x, y, 1, index='@') | x=L, y=f
op.array_of_list(x) | x=L
op.list_of_array(x) | x=V
op.get(x, 1, index='@') | x=L
op.list_head(x) | x=L
op.sum_items(x, y) | x=L, y=f
op.linear_scan(x, y) | x=V, y=V
op.linear_scan(x, y, reverse=True) | x=V, y=V
op.linear_scan(x, y, axis=1) | x=M, y=M
op.linear_scan(x, y, axis=1, reverse=True) | x=M, y=M
op.mT(x) | x=C
op.reshape_like(x, y) | x=V4, y=Q[0]
op.broadcast_like(x, y) | x=V4, y=M
op.unbroadcast(x, y) | x=M, y=V4
op.unbroadcast(x, y) | x=M, y=ROW
""".strip().splitlines()


@pytest.mark.parametrize("case", CASES)
def test_derivatives(case: str) -> None:
    text, spec = case.split(" | ")
    if "Q[0]" in spec:
        args: dict[str, Any] = {"x": np.arange(4.0), "y": np.ones((2, 2))}
    else:
        args = arguments(spec)
    check_derivatives(text, args)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("length", [0, 1, 2, 5])
def test_linear_scan_is_the_recurrence(length: int, reverse: bool) -> None:
    rng = np.random.default_rng(length)
    a, u = rng.normal(size=length), rng.normal(size=length)
    s, last = np.zeros(length), 0.0
    for k in reversed(range(length)) if reverse else range(length):
        s[k] = last = u[k] + a[k] * last
    np.testing.assert_allclose(OPS["linear_scan"].evaluate(a, u, reverse=reverse), s)


@pytest.mark.parametrize(
    ("x", "g", "wanted"),
    [
        (np.float32(1.0), np.ones((2, 3)), np.float32(6.0)),
        (1.0, np.ones((2, 3)), 6.0),
        (2, np.ones((2, 3)), 6.0),
        (np.ones((2, 1), np.float32), np.ones((2, 3)), np.full((2, 1), 3, np.float32)),
        (np.ones(3), np.ones((2, 3), np.float32), np.full(3, 2.0)),
        (np.ones(3), np.ones(3) * 1j + 2, np.full(3, 2.0)),
        (np.ones(()), np.ones(3), np.array(3.0)),
        (np.arange(3), np.ones((2, 3)), np.full(3, 2.0)),
    ],
)
def test_unbroadcast(x: Any, g: Any, wanted: Any) -> None:
    found = OPS["unbroadcast"].evaluate(g, x)
    assert type(found) is type(wanted)
    assert np.result_type(found) == np.result_type(wanted)
    np.testing.assert_array_equal(found, wanted)


def test_effects(capsys: pytest.CaptureFixture[str]) -> None:
    b = Builder()
    b.op_many("effect", b.constant(2.0), text="print('loss', {0})")
    interpret(Function("f", (), Block((), b.ops, ()), Leaf()), [])
    assert capsys.readouterr().out == "loss 2.0\n"
    b.op_many("effect", b.constant(2.0), text="raise ValueError({0})", raises=True)
    with pytest.raises(ValueError, match="2.0"):
        interpret(Function("f", (), Block((), b.ops, ()), Leaf()), [])
    assert OPS["effect"].effect
