"""Opens a file in the editor that ``$VISUAL`` or ``$EDITOR`` names, at a line where the editor can be told one."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import PurePath

from srcdiff.diagnostics import SrcdiffError

_PLUS = ("vi", "vim", "nvim", "gvim", "mvim", "view", "nano", "emacs", "emacsclient", "kak", "micro", "joe", "jed")
_COLON = ("subl", "sublime_text", "hx", "helix", "zed", "atom")
_GOTO = ("code", "code-insiders", "codium", "vscodium", "cursor")
_LINE = ("pycharm", "charm", "idea", "kate", "mate")


def command_for(editor: str, path: str, line: int) -> list[str]:
    """The command that opens a file at a line; at its beginning in an editor that is not known.

    editor: words as for a shell, or the path of a program as it stands. ValueError for neither.

    >>> command_for("vim", "f.py", 3), command_for("code --wait", "f.py", 3), command_for("ed", "f.py", 3)
    (['vim', '+3', 'f.py'], ['code', '--wait', '--goto', 'f.py:3'], ['ed', 'f.py'])
    """
    words = [editor] if os.path.isfile(editor) else shlex.split(editor)
    if not words or not words[0]:
        raise ValueError("it names no program")
    name = PurePath(words[0]).name.lower().removesuffix(".exe")
    if name in _PLUS:
        return [*words, f"+{line}", path]
    if name in _COLON:
        return [*words, f"{path}:{line}"]
    if name in _GOTO:
        return [*words, "--goto", f"{path}:{line}"]
    if name in _LINE:
        return [*words, "--line", str(line), path]
    return [*words, path]


def editor_command() -> str:
    """``$VISUAL``, else ``$EDITOR``. SrcdiffError if neither is set."""
    for name in ("VISUAL", "EDITOR"):
        if os.environ.get(name, "").strip():
            return os.environ[name]
    raise SrcdiffError("no editor is known: set VISUAL or EDITOR, such as `export EDITOR=nano`")


def open_in_editor(path: str | os.PathLike[str], line: int = 1) -> None:
    """Open a file and wait for the editor. SrcdiffError if there is no editor, or it cannot be started, or it fails."""
    editor = editor_command()
    try:
        command = command_for(editor, os.fspath(path), line)
        code = subprocess.call(command)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SrcdiffError(f"the editor `{editor}` cannot be started: {reason}") from None
    if code:
        raise SrcdiffError(f"the editor `{shlex.join(command)}` ended with exit code {code}")


def line_of(source: str, names: Sequence[str]) -> int:
    """The line on which the first of some functions is defined; 1 if none is.

    >>> line_of("import a\\ndef f():\\n    pass\\n", ["f"])
    2
    """
    for name in names:
        found = re.search(rf"^def {re.escape(name)}\(", source, re.MULTILINE)
        if found:
            return source.count("\n", 0, found.start()) + 1
    return 1
