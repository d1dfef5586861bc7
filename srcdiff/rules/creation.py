"""Arrays from nothing, from numbers, from other arrays' shapes; copies and conversions; lengths."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from srcdiff.ir.build import Builder
from srcdiff.ir.core import Op, Value
from srcdiff.ir.dims import Dim, size
from srcdiff.ir.dims import constant as one_dim
from srcdiff.ir.opdef import Attrs, Infer, Storage, Typing, TypingError, may_view, view_of
from srcdiff.ir.types import (
    *(),
)
