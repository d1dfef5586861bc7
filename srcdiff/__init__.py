"""srcdiff turns plain NumPy functions into readable gradient source code.

The compiler is loaded when one of the names below is used for the first time: ``import srcdiff`` itself takes no time.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from srcdiff.api import differentiable, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
    from srcdiff.check import check_grad
    from srcdiff.custom import constant, rule, stop_gradient
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

_HOMES = {
    **dict.fromkeys(("differentiable", "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"), "api"),
    **dict.fromkeys(("constant", "rule", "stop_gradient"), "custom"),
    **{"check_grad": "check", "CompiledFunction": "dispatch", "__version__": "version"},
    **dict.fromkeys(("GradientCheckError", "NoRuleError", "ShapeError"), "diagnostics"),
    **dict.fromkeys(("SignatureError", "SrcdiffError", "UnsupportedError"), "diagnostics"),
}

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
    "constant",
    "differentiable",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "rule",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'srcdiff' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"srcdiff.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
