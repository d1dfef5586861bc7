"""What a compiled function shows of itself: in a terminal, an editor, a notebook, and as a picture.

A picture is made from printed IR alone, so ``srcdiff.view`` stands on a floor below the functions that show it, and
they can be asked directly: no import waits for a call.
"""

from __future__ import annotations

import os
import sys
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from srcdiff.diagnostics import SignatureError
from srcdiff.editor import line_of, open_in_editor
from srcdiff.highlight import ansi, html
from srcdiff.view.picture import Picture, picture


class Shown(ABC):
    """The views of a compiled function. A subclass says what there is to show.

    source: the generated text; raises SignatureError as long as nothing is compiled.
    """

    @property
    @abstractmethod
    def source(self) -> str:
        """The generated text."""

    @abstractmethod
    def shown_function(self) -> tuple[str, str]:
        """The name of the generated function, and the file that it was executed from."""

    @abstractmethod
    def shown_ir(self, backward: bool) -> tuple[str, tuple[str, ...]]:
        """The printed IR of the author's function or of the derivative, and names for its results."""

    def graph(self, format: str = "svg", backward: bool = False) -> Picture:
        """The computation graph of the signature compiled last, as text; a notebook shows an SVG as a picture.

        format: ``"svg"``, ``"dot"`` or ``"mermaid"``; backward: the derivative, beside the function itself.
        SignatureError before the first call, SrcdiffError for another format.

        >>> import srcdiff
        >>> df = srcdiff.grad(lambda x: x * x)
        >>> df(3.0)
        6.0
        >>> df.graph("mermaid").splitlines()[:2]
        ['flowchart TD', '  n1("x<br>float"):::argument']
        """
        ir, names = self.shown_ir(backward)
        return picture(ir, format, names)

    def show(self) -> None:
        """Print the source, in colours where the output is a terminal and NO_COLOR is not set."""
        print(ansi(self.source) if wants_colour(sys.stdout) else self.source, end="")

    def open(self) -> None:
        """Open the source in ``$VISUAL`` or ``$EDITOR``, at the gradient function. SrcdiffError if neither is set.

        Where the module is no file on disk, a copy is opened; changes to it have no effect.
        """
        source = self.source
        name, file = self.shown_function()
        if not os.path.isfile(file):
            file = os.path.join(tempfile.mkdtemp(prefix="srcdiff-"), f"{name}.py")
            Path(file).write_text(source, encoding="utf-8")
        open_in_editor(file, line_of(Path(file).read_text(encoding="utf-8"), [name]))

    def _repr_html_(self) -> str | None:
        """The source in colours; nothing, and so the plain representation, before the first call."""
        source = self._source_if_any()
        return None if source is None else html(source)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The source in all forms that a notebook may ask for."""
        source = self._source_if_any()
        if source is None:
            return {"text/plain": repr(self)}
        return {"text/plain": source, "text/html": html(source)}

    def _source_if_any(self) -> str | None:
        try:
            return self.source
        except SignatureError:
            return None


def wants_colour(stream: Any) -> bool:
    """Whether a stream is a terminal that is to be written to in colours."""
    terminal = hasattr(stream, "isatty") and stream.isatty()
    return terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
