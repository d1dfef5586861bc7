"""One generated module as a file: its text, and behind it in comments what else is known of it.

The last line holds the sha256 of all lines above it, and these hold the key. A file that was cut off, changed, renamed
or put there by somebody else is therefore no entry: it is never executed, and written again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from srcdiff.files import write_atomically

_NOTE = "# Kept by srcdiff; `srcdiff clean` removes it. What is changed here is not used."
_SEAL = "# sha256 "
_NAME = re.compile(r"\w+_[0-9a-f]{32}\.py|\.\w+_[0-9a-f]{32}\.py\.[0-9a-f]+\.tmp", re.ASCII)


@dataclass(frozen=True)
class Origin:
    """A statement of the author's: its file, its line, its text on one line."""

    file: str
    line: int
    text: str


@dataclass(frozen=True)
class Made:
    """What compilation makes.

    text: of the module; name: of the function in it; written: the parameters that hold arrays into which the author's
    function writes; origins: for each function in the text, for each of its statements in the order of the text, where
    it comes from.
    """

    text: str
    name: str
    written: tuple[str, ...] = ()
    origins: Mapping[str, tuple[Origin | None, ...]] = field(default_factory=dict)


def path_of(folder: Path, stem: str, key: str) -> Path:
    """The file of a module: named for people, told apart by the key."""
    return folder / f"{re.sub(r'[^A-Za-z0-9_]', '_', stem)[:80]}_{key[:32]}.py"


def encode(made: Made, key: str) -> str:
    """The text of a file.

    >>> decode(encode(Made("x = 1\\n", "f"), "ab"), "ab")
    Made(text='x = 1\\n', name='f', written=(), origins={})
    >>> decode(encode(Made("x = 1\\n", "f"), "ab").replace("1", "2"), "ab") is None
    True
    """
    places = list(dict.fromkeys(origin for row in made.origins.values() for origin in row if origin is not None))
    numbers = {origin: number for number, origin in enumerate(places)}
    facts = {
        "key": key,
        "name": made.name,
        "written": made.written,
        "places": [(place.file, place.line, place.text) for place in places],
        "origins": {
            function: [None if origin is None else numbers[origin] for origin in row]
            for function, row in made.origins.items()
        },
    }
    body = f"{made.text}{_NOTE}\n# {json.dumps(facts)}\n"
    return f"{body}{_SEAL}{_digest(body)}\n"


def decode(content: str, key: str) -> Made | None:
    """The module in a file's text; None if it is not what was written under this key."""
    body, seal, digest = content.rpartition(_SEAL)
    if not seal or digest != _digest(body) + "\n":
        return None
    text, _, facts_line = body.rpartition(f"{_NOTE}\n# ")
    facts = json.loads(facts_line)
    if facts["key"] != key:
        return None
    places = [Origin(*place) for place in facts["places"]]
    origins = {
        function: tuple(None if number is None else places[number] for number in row)
        for function, row in facts["origins"].items()
    }
    return Made(text, facts["name"], tuple(facts["written"]), origins)


def read(path: Path, key: str) -> Made | None:
    """The module in a file; None if there is none, or another one."""
    try:
        return decode(path.read_bytes().decode("utf-8"), key)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(path: Path, key: str, made: Made) -> None:
    """Write the file; whoever reads it at the same time gets all of it or nothing. OSError if that fails."""
    if path.is_symlink():
        path.unlink()  # what it points to is not ours
    write_atomically(path, encode(made, key), lasting=False)


def ours(folder: Path) -> Iterator[Path]:
    """The files in a folder that srcdiff has put there, left-overs of killed processes among them."""
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if _NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                yield path


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
