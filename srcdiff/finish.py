"""From a derivative in the IR to the functions of its text: updates go in place, a vjp becomes its two sweeps.

    f_value_and_grad -> f_value_and_grad
    f_vjp            -> f_forward, f_backward, and f_vjp, which joins them: (value, pullback)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcdiff.ad.motion import split
from srcdiff.emit.module import Emitted, Options, emit, emit_sweeps
from srcdiff.emit.pullback import emit_pullback
from srcdiff.ir.core import Function
from srcdiff.passes.inplace import update_in_place
from srcdiff.passes.pipeline import FINISH_SWEEP, Pass, run


def finished(derivative: Function, mode: str, optimize: str, doc: str) -> tuple[Function, ...]:
    """The functions of a derivative's text, as IR; doc: the docstring of the one that is called."""
    if mode != "vjp":
        return (run(replace(derivative, doc=doc), (update_in_place,)),)
    passes: tuple[Pass, ...] = () if optimize == "none" else FINISH_SWEEP
    return tuple(run(sweep, (*passes, update_in_place)) for sweep in split(derivative))


def texts(functions: Sequence[Function], name: str, doc: str, has_aux: bool, options: Options) -> list[Emitted]:
    """The texts of the functions that ``finished`` gives; name, doc: of the one that is called."""
    if len(functions) == 1:
        return [emit(functions[0], options)]
    forward, backward = functions
    return [*emit_sweeps(forward, backward, options), emit_pullback(forward, backward, name, doc, has_aux)]
