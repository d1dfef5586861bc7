"""The passes in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from srcdiff.ir.core import Function
from srcdiff.ir.dump import dump

from . import writes  # noqa: F401  (enters its rules)
from .accumulate import accumulate
from .branches import merge_branches
from .columns import merge_columns
from .cse import eliminate_common_subexpressions
from .dce import eliminate_dead_code, eliminate_dead_values
from .inplace import update_in_place
from .keep import keep
from .recognise import recognise
from .retype import narrow_types
from .rewind import rewind
from .shapes import take_shapes_elsewhere
from .simplify import simplify
from .witness import use_named_witnesses

Pass = Callable[[Function], Function]

CLEAN: tuple[Pass, ...] = (eliminate_common_subexpressions, eliminate_dead_code)
PREPARE: tuple[Pass, ...] = (*CLEAN, recognise)
REDUCE: tuple[Pass, ...] = (simplify, *CLEAN)
REGIONS: tuple[Pass, ...] = (
    *(narrow_types, merge_branches, merge_columns, *REDUCE),
    *(take_shapes_elsewhere, *CLEAN, rewind, merge_columns, *REDUCE, keep, merge_columns, *REDUCE),
)
FINISH: tuple[Pass, ...] = (*REDUCE, *REDUCE, *REGIONS, use_named_witnesses, *REDUCE, accumulate)
"""Functions without loops and branches skip what concerns these."""
FINISH_APART: tuple[Pass, ...] = tuple(step for step in FINISH if step is not merge_branches)
"""For derivatives whose sweeps are split afterwards: a branch of one is not merged with its mirror in the other."""
FINISH_SWEEP: tuple[Pass, ...] = (merge_branches, use_named_witnesses, *REDUCE)
PASSES: dict[str, Pass] = {
    "cse": eliminate_common_subexpressions,
    "dce": eliminate_dead_code,
    "values": eliminate_dead_values,
    "simplify": simplify,
    "recognise": recognise,
    "branches": merge_branches,
    "columns": merge_columns,
    "retype": narrow_types,
    "rewind": rewind,
    "shapes": take_shapes_elsewhere,
    "keep": keep,
    "witness": use_named_witnesses,
    "accumulate": accumulate,
    "inplace": update_in_place,
}
NEEDS_REGIONS = frozenset({narrow_types, merge_branches, merge_columns, take_shapes_elsewhere, rewind, keep})
_NAMES = {function: name for name, function in PASSES.items()}


def run(function: Function, passes: Sequence[Pass]) -> Function:
    """Run passes one after the other (``SRCDIFF_DUMP=after=cse,keep`` prints what they leave)."""
    regions = any(op.blocks for op in function.body.ops)
    for step in passes:
        if step in NEEDS_REGIONS and not regions:
            continue
        function = step(function)
        dump(_NAMES[step], function)
    return function
