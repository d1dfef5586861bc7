"""From printed IR to a picture: the only door of this package that others need."""

from __future__ import annotations

from collections.abc import Sequence

from srcdiff.diagnostics import SrcdiffError
from srcdiff.ir.parse import parse
from srcdiff.rules import table  # noqa: F401  (declares the operations that the text names)

from .build import graph_of
from .collapse import LIMIT, collapsed
from .dot import by_graphviz, to_dot
from .layered import layered
from .mermaid import to_mermaid
from .svg import to_svg

FORMATS = ("svg", "dot", "mermaid")


class Picture(str):
    """The text of a picture; a notebook shows an SVG as such.

    >>> Picture("<svg/>")._repr_svg_()
    '<svg/>'
    """

    def _repr_svg_(self) -> str | None:
        return str(self) if self.startswith("<svg") else None


def picture(ir: str, format: str = "svg", results: Sequence[str] = ("result",), limit: int = LIMIT) -> Picture:
    """The computation graph of a function.

    ir: its printed IR; format: one of ``FORMATS``; results: names for what it returns, where that has none; limit:
    graphs of more nodes are collapsed. SrcdiffError for another format, and for an SVG where neither Graphviz nor
    grandalf is installed.

    >>> print(picture("def f(x: float) -> float:\\n    y: float = mul(x, 2)\\n    return y", "mermaid"))
    flowchart TD
      n1("x<br>float"):::argument
      n2(["#42; 2"]):::operation
      n3("y<br>result: float"):::result
      n1 --> n2
      n2 --> n3
      classDef argument fill:#dbeafe,stroke:#2563eb,color:#1e3a8a
      classDef operation fill:#ffffff,stroke:#475569,color:#0f172a
      classDef result fill:#dcfce7,stroke:#16a34a,color:#14532d
    <BLANKLINE>
    """
    if format not in FORMATS:
        raise SrcdiffError(f"a graph is written as {', '.join(FORMATS)}, not as {format!r}")
    graph = collapsed(graph_of(parse(ir), results), limit)
    if format == "dot":
        return Picture(to_dot(graph))
    if format == "mermaid":
        return Picture(to_mermaid(graph))
    placed = by_graphviz(graph)
    return Picture(to_svg(graph, placed if placed is not None else layered(graph)))
