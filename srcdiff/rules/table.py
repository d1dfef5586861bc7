"""The table of what an author may call: importing it declares every operation.

FUNCTIONS: binders by the object that is called; METHODS and ATTRIBUTES: by name, for arrays and numbers.
"""

from __future__ import annotations

import numpy as np

from . import (  # noqa: F401
    containers,
    conversions,
    creation,
    draws,
    effects,
    elementwise,
    foreign,
    indexing,
    joining,
    linalg,
    reductions,
    scalars,
    scans,
    selections,
    shaping,
    unbroadcasting,
)
from .binding import ATTRIBUTES, FUNCTIONS, METHODS, static_dtype

_AS_METHODS = (
    *("sum", "mean", "max", "min", "prod", "cumsum", "cumprod", "std", "var", "any", "all", "argmax", "argmin"),
    *("squeeze", "round", "trace"),
)
FUNCTIONS.update({np.amax: FUNCTIONS[np.max], np.amin: FUNCTIONS[np.min], np.around: FUNCTIONS[np.round]})
METHODS.update({name: FUNCTIONS[getattr(np, name)] for name in _AS_METHODS})

__all__ = ["ATTRIBUTES", "FUNCTIONS", "METHODS", "static_dtype"]
