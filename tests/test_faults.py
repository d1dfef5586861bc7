"""Planted faults: each must be seen by the comparison of emitted derivatives with differences.

A check that cannot fail is no check. Every fault breaks one mechanism of the compiler; the programs of ``tests/ad`` are
then differentiated as usual, and at least one of them has to come out wrong (or to be refused by the verifier).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcdiff.ad import adjoints, reverse
from srcdiff.emit import python
from srcdiff.emit.module import emit, module_text
from srcdiff.ir.core import Op
from srcdiff.ir.opdef import OPS
from srcdiff.passes import available, columns, cse, inplace, rewind, simplify
from srcdiff.passes.inplace import update_in_place
from srcdiff.passes.pipeline import FINISH
from srcdiff.rules import fit, kinds
from srcdiff.rules.contributions import Masked, Update
from tests.ad.programs import PROGRAMS
from tests.ad.test_transforms import directions, dot, load, reversed_, slope

Plant = Callable[[pytest.MonkeyPatch], None]
FAULTS: dict[str, tuple[Plant, tuple[str, ...]]] = {}


def fault(*programs: str) -> Callable[[Plant], Plant]:
    def enter(plant: Plant) -> Plant:
        FAULTS[plant.__name__] = plant, programs
        return plant

    return enter


def is_right(name: str) -> bool:
    """Whether the emitted, optimised derivative of a program agrees with differences and leaves its arguments."""
    function, wrt, args = load(name)
    derivative = reversed_(function, wrt)
    for step in FINISH:
        derivative = step(derivative)
    text = module_text([emit(update_in_place(derivative))])
    namespace: dict[str, Any] = {"np": np, "math": math}
    exec(compile(text, name, "exec"), namespace)
    before = [np.copy(a) for a in args]
    _, gradients = namespace[derivative.name](*args)
    untouched = all(np.array_equal(a, b) for a, b in zip(before, args, strict=True))
    along = directions(function, wrt, args, 11)
    ours, expected = dot(gradients, along), slope(function, wrt, args, along)
    return untouched and bool(np.isclose(ours, expected, rtol=1e-6, atol=1e-8))


def survives(name: str) -> bool:
    try:
        return is_right(name)
    except Exception:
        return False


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_without_a_fault_all_are_right(name: str) -> None:
    assert is_right(name)


@fault("broadcast")
def an_unbroadcast_is_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kinds, "fitted", lambda b, value, x: fit.cast_like(b, value, x.type))


def _with_vjp(patch: pytest.MonkeyPatch, name: str, vjp: Any) -> None:
    patch.setitem(OPS, name, replace(OPS[name], vjp=vjp))


@fault("products")
def operands_of_a_product_are_swapped(patch: pytest.MonkeyPatch) -> None:
    right = OPS["matmul"].vjp
    assert right is not None

    def swapped(b: Any, op: Op, g: Any, wanted: Any) -> Any:
        return right(b, replace(op, inputs=(op.inputs[0], op.inputs[0])), g, wanted)

    _with_vjp(patch, "matmul", swapped)


@fault("scan", "elimination")
def a_written_cell_is_not_cleared(patch: pytest.MonkeyPatch) -> None:
    right = OPS["set"].vjp
    assert right is not None

    def uncleared(b: Any, op: Op, g: Any, wanted: Any) -> Any:
        return [g[0], *list(right(b, op, g, wanted))[1:]]

    _with_vjp(patch, "set", uncleared)


@fault("shifted")
def the_copy_of_a_view_is_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(inplace._Conflicts, "_copy_of_view", lambda self, value, update: True)


@fault("doubled")
def an_argument_is_not_copied(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(inplace, "_find_conflicts", lambda function: inplace.Copies())


@fault("scan", "swap")
def the_mirrored_loop_runs_forward(patch: pytest.MonkeyPatch) -> None:
    right = reverse._Reverse._emit_mirror

    def forward(self: Any, plan: Any, *rest: Any) -> None:
        op = replace(plan.loop.op, attrs={**plan.loop.op.attrs, "reverse": True})
        plan.loop = replace(plan.loop, op=op)
        right(self, plan, *rest)

    patch.setattr(reverse._Reverse, "_emit_mirror", forward)


@fault("elimination", "wrapping_scan")
def a_write_is_not_undone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rewind._Rewinder, "_undo_write", lambda self, level, op, after: after)


@fault("wrapping_scan")
def an_index_that_wraps_counts_as_read_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(available, "_apart", lambda read, write, later, counter: True)


@fault("swap", "newton")
def a_carried_cotangent_is_kept(patch: pytest.MonkeyPatch) -> None:
    right = reverse._Reverse._carried_cotangent

    def kept(self: Any, plan: Any, k: int, inner: Any) -> Any:
        right(self, plan, k, inner)
        return plan.carried_params[k]

    patch.setattr(reverse._Reverse, "_carried_cotangent", kept)


@fault("guarded_log")
def a_mask_is_applied_too_early(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reverse, "MASKABLE", frozenset())


@fault("guarded_log")
def a_mask_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    def unmasked(b: Any, cotangent: Any) -> Any:
        return cotangent.value if isinstance(cotangent, Masked) else cotangent

    patch.setattr(adjoints, "settle", unmasked)


@fault("broadcast")
def a_sign_is_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(simplify.RULES, "sub", [lambda p, inputs, attrs: p.b.op("add", *inputs)])
    patch.setitem(simplify.RULES, "neg", [lambda p, inputs, attrs: inputs[0]])


@fault("piecewise", "guarded_store")
def unlike_results_of_a_branch_are_merged(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(columns, "_fit", lambda left, right, column, other: left.type == right.type)


@fault("scan", "elimination")
def reads_of_different_versions_are_merged(patch: pytest.MonkeyPatch) -> None:
    def key(self: Any, op: Op) -> object:
        return op.name, op.inputs[0].type if op.name == "get" else tuple(map(self.get, op.inputs)), str(op.attrs)

    patch.setattr(cse._CommonSubexpressions, "_key", key)


@fault("swap")
def parallel_moves_are_made_one_by_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(python.Statements, "_is_needed", lambda self, entry, waiting: False)


@fault("gathered")
def every_writer_of_a_cell_is_paid(patch: pytest.MonkeyPatch) -> None:
    right = OPS["set"].vjp
    assert right is not None

    def all_paid(b: Any, op: Op, g: Any, wanted: Any) -> Any:
        parts = list(right(b, op, g, wanted))
        return [parts[0], b.op("get", g[0], *op.inputs[2:], index=op.attrs["index"]), *parts[2:]]

    _with_vjp(patch, "set", all_paid)


@fault("picked")
def repeated_indices_are_added_once(patch: pytest.MonkeyPatch) -> None:
    def once(b: Any, op: Op, g: Any, wanted: Any) -> Any:
        def apply(b: Any, acc: Any) -> Any:
            return b.op("add_at", acc, g[0], *op.inputs[1:], index=op.attrs["index"])

        return [Update(apply), *[None] * (len(op.inputs) - 1)]

    _with_vjp(patch, "get", once)


@fault("buffers")
def what_a_loop_collects_is_not_copied(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(inplace._Conflicts, "_outs", lambda self, op, loop: None)
    patch.setattr(inplace._Conflicts, "_copy_of_view", lambda self, value, update: True)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_planted_fault_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, programs = FAULTS[name]
    plant(monkeypatch)
    with np.errstate(all="ignore"):
        assert not all(map(survives, programs))
