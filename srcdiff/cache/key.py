"""What a generated module depends on besides the program: the versions, and the sources of srcdiff itself."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

from srcdiff.version import __version__

PACKAGE = Path(__file__).resolve().parent.parent
_started = time.time()


def key_of(parts: Iterable[str]) -> str | None:
    """The key of a module with these ingredients; None if what this process runs is not what its files say."""
    sources = _sources()
    if sources is None:
        return None
    versions = (__version__, sources, np.__version__, f"{sys.version_info.major}.{sys.version_info.minor}")
    digest = hashlib.sha256()
    for part in (*versions, *parts):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d " % len(data) + data)  # with its length: nothing can move from one part to the next
    return digest.hexdigest()


@cache
def _sources() -> str | None:
    """The hash of the sources of srcdiff, an installed copy's too: two commits may have one version. None if a file
    was changed after it was imported: the code that runs is not the text that would be hashed."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.stat().st_mtime > _started:
            return None
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
