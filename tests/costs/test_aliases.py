"""Views, second names and callees that write cost no copy of the array in a loop, in neither sweep."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from srcdiff.compile import derive
from srcdiff.ir.core import FOR, WHILE, Block
from srcdiff.passes.inplace import update_in_place
from tests.programs import aliases

LARGE = frozenset(("zeros_like", "full_like", "copy", "copy_if_there"))
"""Ops that make an array."""
SLICED = frozenset(("callee_writes_rows_and_slices", "rows_of_two_arrays", "swapped_with_a_view", "handed_back"))
"""Programs that compute with whole rows or arrays on every trip."""


def made_in_loops(block: Block, inside: bool = False) -> Iterator[str]:
    """What makes an array in a loop: copies of slices that are kept are none."""
    ops = {result: op for op in block.ops for result in op.results}
    for op in block.ops:
        if inside and op.name in LARGE and op.inputs[0] in ops and ops[op.inputs[0]].name != "get":
            yield op.name
        if inside and op.name in LARGE and op.inputs[0] not in ops:
            yield op.name
        for inner in op.blocks:
            yield from made_in_loops(inner, inside or op.kind in (FOR, WHILE))


@pytest.mark.parametrize("name", sorted(set(aliases.CASES) - SLICED))
def test_no_array_is_made_in_a_loop(name: str) -> None:
    args = aliases.CASES[name](np.random.default_rng(0))
    function = update_in_place(derive(getattr(aliases, name), 0, args).derivative)
    assert list(made_in_loops(function.body)) == []
