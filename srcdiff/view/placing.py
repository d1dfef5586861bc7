"""Where everything of a picture stands: what a layout gives to the SVG writer. Lengths in pixels, y downwards."""

from __future__ import annotations

from dataclasses import dataclass, field

from .model import Edge, Graph

Point = tuple[float, float]


@dataclass(frozen=True)
class Gate:
    """A place where an edge runs vertically at ``x``, entering at ``top`` and leaving at ``bottom``."""

    x: float
    top: float
    bottom: float

    def moved(self, x: float, y: float) -> Gate:
        return Gate(self.x + x, self.top + y, self.bottom + y)

    def flipped(self, height: float) -> Gate:
        return Gate(self.x, height - self.top, height - self.bottom)


@dataclass
class Placement:
    """centres: of the nodes; boxes: left, top, width and height of the regions; curves: for each edge a start and the
    points of cubic curves, three for each."""

    centres: dict[str, Point] = field(default_factory=dict)
    boxes: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    curves: dict[Edge, list[Point]] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0


def curve_of(gates: list[Gate]) -> list[Point]:
    """The curve through gates: straight inside a gate, an S between two."""
    first = gates[0]
    points: list[Point] = [(first.x, first.bottom)]
    for gate, following in zip(gates, gates[1:], strict=False):
        middle = (gate.bottom + following.top) / 2
        points += [(gate.x, middle), (following.x, middle), (following.x, following.top)]
        if following.top != following.bottom:
            x, a, b = following.x, following.top, following.bottom
            points += [(x, a + (b - a) / 3), (x, b - (b - a) / 3), (x, b)]
    return points


def sweep_of(graph: Graph, node: str) -> str:
    """The sweep that a node belongs to, where there are two."""
    path = graph.path(node)
    return path[0] if path and path[0] in ("forward", "backward") else ""


def crosses(graph: Graph, edge: Edge) -> bool:
    """Whether an edge leads from one sweep to the other: it does not decide where nodes stand."""
    return sweep_of(graph, edge.source) != sweep_of(graph, edge.target)
