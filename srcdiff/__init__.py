"""srcdiff turns plain NumPy functions into readable gradient source code."""

from srcdiff.api import grad, jvp, value_and_grad, vjp
from srcdiff.check import check_grad
from srcdiff.diagnostics import (
    GradientCheckError,
    NoRuleError,
    ShapeError,
    SignatureError,
    SrcdiffError,
    UnsupportedError,
)
from srcdiff.dispatch import CompiledFunction
from srcdiff.version import __version__

__all__ = [
    "CompiledFunction",
    "GradientCheckError",
    "NoRuleError",
    "ShapeError",
    "SignatureError",
    "SrcdiffError",
    "UnsupportedError",
    "__version__",
    "check_grad",
    "grad",
    "jvp",
    "value_and_grad",
    "vjp",
]
