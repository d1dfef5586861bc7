"""The breadth of NumPy: value, type, tangent, cotangent and second derivatives of every case, in each knowledge of types."""

from __future__ import annotations

import numpy as np
import pytest

from srcdiff.ir.opdef import TypingError

from .breadth import CASES
from .checks import check_derivatives
from .operands import arguments

MODES = ("exact", "open", "untyped", "unknown")


@pytest.mark.parametrize("case", CASES)
def test_value_type_and_derivatives(case: str) -> None:
    text, spec = case.split(" | ")
    for mode in MODES:
        try:
            check_derivatives(text, arguments(spec), mode)
        except TypingError as error:
            assert mode in ("untyped", "unknown") and error.code == "SD011", str(error)


@pytest.mark.parametrize("case", CASES)
def test_float32_stays_float32(case: str) -> None:
    text, spec = case.split(" | ")
    args = {
        name: value.astype(np.float32)
        if isinstance(value, (np.ndarray, np.float64)) and value.dtype.kind == "f"
        else value
        for name, value in arguments(spec).items()
    }
    check_derivatives(text, args, order=0)
