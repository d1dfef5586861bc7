"""Writing files so that nobody ever sees half of one."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], text: str | bytes, lasting: bool = True) -> None:
    """Replace the file by one with this text (UTF-8, ``\\n`` line ends) or these bytes, or leave it as it was.

    The text goes to a new file in the same folder, which is flushed to disk and then renamed: a reader, a crash or a
    second writer meets the old text or the new one.  Missing folders are made; an existing file keeps its permissions,
    and a link stays a link.  An ``OSError`` names the target, not the file beside it.
    lasting: wait until the text is on the disk; without it a power failure may leave a file that is cut off.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "new" / "f.py", "x = 1\\n")
    ...     (Path(folder) / "new" / "f.py").read_text()
    'x = 1\\n'
    """
    target = Path(os.path.realpath(path))  # write through a link, do not replace it
    try:
        if target.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        if target.exists() and not target.is_file():  # a device: a rename would put a file in its place
            raise OSError(22, "it is no regular file")
        above = next(folder for folder in target.parents if folder.exists())
        if not above.is_dir():
            raise NotADirectoryError(20, f"{above.name} is no folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, text if isinstance(text, bytes) else text.encode("utf-8"), lasting)
    except OSError as error:
        raise type(error)(error.errno, f"cannot write {os.fspath(path)}: {error.strerror or error}") from None


def _replace(target: Path, data: bytes, lasting: bool) -> None:
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:  # not tempfile: this one gets the permissions of any new file
            file.write(data)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        if target.exists():
            os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    if lasting:
        _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last; folders cannot be opened everywhere, and then the system does it in its own time."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
