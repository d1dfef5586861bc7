"""Shows functions between the stages of compilation, where the environment asks for it.

``SRCDIFF_DUMP=after=reverse,keep`` prints the IR after these stages to stderr, ``SRCDIFF_DUMP=after=all`` after each.
"""

from __future__ import annotations

import os
import sys

from .core import Function
from .text import to_text

VARIABLE = "SRCDIFF_DUMP"


def wanted(stage: str, request: str) -> bool:
    """Whether a request such as ``after=reverse,keep`` names a stage. ValueError for a request of another form.

    >>> wanted("keep", "after=reverse,keep"), wanted("cse", "after=all"), wanted("cse", "")
    (True, True, False)
    """
    if not request:
        return False
    key, equals, names = request.partition("=")
    if key.strip() != "after" or not equals:
        raise ValueError(f"{VARIABLE}={request}: write after=STAGE,STAGE or after=all")
    return not {stage, "all"}.isdisjoint(name.strip() for name in names.split(","))


def requested() -> bool:
    """Whether the environment asks for any stage to be shown."""
    return bool(os.environ.get(VARIABLE))


def dump(stage: str, function: Function) -> None:
    """Print the function as it is after a stage, if the environment asks for that."""
    if wanted(stage, os.environ.get(VARIABLE, "")):
        print(f"# after {stage}\n{to_text(function, statements=True)}", file=sys.stderr)
