"""``unbroadcast(g, x)``: what the types do not tell about the shape and dtype of a contribution, at run time."""

from __future__ import annotations

from collections.abc import Sequence

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.opdef import Attrs, Typing, may_view
from srcdiff.ir.types import Type, cotangent_type

from . import helpers
from .fit import spread_over
from .kinds import linear


def _infer(typing: Typing, types: Sequence[Type], attrs: Attrs) -> Type:
    return cotangent_type(types[1])


def _back(b: Builder, op: Op, g: Value) -> Value:
    return spread_over(b, g, op.inputs[0])


linear(
    "unbroadcast(g, x)",
    _back,
    _infer,
    "unbroadcast",
    evaluate=helpers.unbroadcast,
    storage=(may_view(0),),
    shape_only=(1,),
    info={"helper": "unbroadcast"},
)
