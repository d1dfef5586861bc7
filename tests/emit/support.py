"""What the tests of emission share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcdiff.ir.core import HOLE_VALUE


def execute(text: str, name: str) -> Callable[..., Any]:
    """The function of a module text."""
    namespace: dict[str, Any] = {}
    exec(compile(text, f"<{name}>", "exec"), namespace)
    return namespace[name]  # type: ignore[no-any-return]


def same(want: Any, got: Any) -> bool:
    """Whether two results agree bit for bit; what is not there may be anything."""
    if want is HOLE_VALUE:
        return True
    if isinstance(want, dict):
        return want.keys() == got.keys() and all(same(want[key], got[key]) for key in want)
    if isinstance(want, (list, tuple)):
        return type(want) is type(got) and len(want) == len(got) and all(map(same, want, got))
    return bool(np.array_equal(want, got, equal_nan=not isinstance(want, (str, type(None)))))
