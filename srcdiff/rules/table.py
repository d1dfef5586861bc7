"""The table of what an author may call: importing it declares every operation.

FUNCTIONS: binders by the object that is called; METHODS and ATTRIBUTES: by name, for arrays and numbers.
"""

from __future__ import annotations

import numpy as np

from . import (  # noqa: F401
    arrays,
    calculus,
    choosing,
    containers,
    conversions,
    creation,
    decompositions,
    draws,
    effects,
    elementwise,
    filters,
    foreign,
    fourier,
    indexing,
    joining,
    linalg,
    methods,
    miscellany,
    norms,
    ordering,
    padding,
    pieces,
    products,
    reductions,
    scalars,
    scans,
    selections,
    shaping,
    statistics,
    unbroadcasting,
)
from .binding import ATTRIBUTES, FUNCTIONS, METHODS, static_dtype

_AS_METHODS = (
    *("sum", "mean", "max", "min", "prod", "cumsum", "cumprod", "std", "var", "any", "all", "argmax", "argmin"),
    *("squeeze", "round", "argsort", "argpartition", "searchsorted", "choose", "repeat", "take"),
)
for _name in ("matmul", "matrix_transpose", "outer", "vecdot", "cross", "tensordot"):
    if hasattr(np.linalg, _name):  # NumPy 2 has them here too, as functions of their own
        FUNCTIONS.setdefault(getattr(np.linalg, _name), FUNCTIONS[getattr(np, _name)])
METHODS["conj"] = METHODS["conjugate"] = FUNCTIONS[np.conjugate]
FUNCTIONS.update({np.amax: FUNCTIONS[np.max], np.amin: FUNCTIONS[np.min], np.around: FUNCTIONS[np.round]})
METHODS.update({name: FUNCTIONS[getattr(np, name)] for name in _AS_METHODS if name not in METHODS})

__all__ = ["ATTRIBUTES", "FUNCTIONS", "METHODS", "static_dtype"]
