"""The author's loss itself: what metrics are computed with, as it costs less than value and gradient."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from srcdiff.compile import digest_of, signature_of
from srcdiff.diagnostics import SrcdiffError
from srcdiff.emit.header import Header
from srcdiff.frontend.lower import lowered


def author_of(header: Header, home: ModuleType | None) -> Callable[..., Any] | None:
    """The function of which a gradient module is made, from the author's file; None unless it is still the same.

    It is the same if it is read, for the types in the header, as what the header has the digest of.
    """
    function = getattr(home, header.function, None)
    try:
        known = callable(function) and digest_of(lowered(function, signature_of(function, header.signature)))
    except SrcdiffError:
        return None
    return function if known == header.digest else None
