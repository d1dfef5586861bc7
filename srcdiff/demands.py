"""What a function must return, and be called with, for a derivative of it to be written."""

from __future__ import annotations

from srcdiff.ad.derivative import Wrt
from srcdiff.diagnostics import SignatureError
from srcdiff.frontend.signature import is_record
from srcdiff.ir.core import Function
from srcdiff.ir.literals import is_literal
from srcdiff.ir.notation import notation_of
from srcdiff.ir.structure import Fixed, Leaf, classes, constants
from srcdiff.ir.types import Array, Scalar, Unknown, is_inexact
from srcdiff.request import Request
from srcdiff.written import output_names


def check_fresh(request: Request, primal: Function, wrt: Wrt) -> None:
    """Refuse to build objects of classes of which nothing says how they are built: as a gradient, as a result."""
    trees = {parameter.name: parameter.tree for parameter in primal.parameters}
    for tree, what in [*((trees[name], f"the gradient of {name}") for name in wrt.names), (primal.returns, "a result")]:
        for cls in classes(tree):
            if not is_record(cls):
                raise SignatureError(
                    f"{what} of {primal.name} would be a {cls.__name__}, and only dataclasses and named tuples can be "
                    "built from their fields: make it one, or name single arguments",
                    code="SD032",
                )
    for value in constants(primal.returns):
        if not is_literal(value):
            name = getattr(value, "__name__", type(value).__name__)
            raise SignatureError(f"{primal.name} returns `{name}`: return numbers, arrays, texts, containers of them")


def check_scalar(primal: Function, who: str, request: Request) -> None:
    results = primal.body.results
    type_ = results[0].type if isinstance(primal.returns, Leaf) else None
    scalar = isinstance(type_, (Scalar, Unknown)) or (isinstance(type_, Array) and type_.rank == 0)
    if not scalar and request.outputs is not None:
        names = " and ".join(output_names(request.function, request.outputs, request.skip))
        final = f"the final {names} of {primal.name} is {result_types(primal)}"
        raise SignatureError(f"{who} needs one number, and {final} (use srcdiff.jacobian or srcdiff.vjp)", code="SD030")
    if not scalar:
        raise SignatureError(
            f"{who} needs a function that returns one number; {primal.name} returns {result_types(primal)} "
            f"({_way_out(primal)})",
            code="SD030",
        )
    if not is_inexact(results[0].type):
        raise SignatureError(f"{primal.name} returns {result_types(primal)}: integers have no derivative")


def _way_out(primal: Function) -> str:
    if isinstance(primal.returns, Fixed):
        return 'if it writes its result into an argument, name that: of="A"'
    return (
        "use srcdiff.jacobian or srcdiff.vjp for other results, and has_aux=True for a pair of which the second is "
        "handed on"
    )


def result_types(function: Function) -> str:
    return notation_of(function.returns, [value.type for value in function.body.results])
