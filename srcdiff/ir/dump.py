"""Prints the IR between passes: ``SRCDIFF_DUMP=after=reverse,keep`` on standard error."""

from __future__ import annotations

import os
import sys

from .core import Function
from .text import to_text


def dump(stage: str, function: Function) -> None:
    """Print ``function`` if the environment asks for what ``stage`` leaves (``after=all``: every stage)."""
    wanted = os.environ.get("SRCDIFF_DUMP", "")
    if not wanted.startswith("after="):
        return
    stages = wanted.removeprefix("after=").split(",")
    if stage in stages or "all" in stages:
        print(f"# after {stage}\n{to_text(function)}", file=sys.stderr)
