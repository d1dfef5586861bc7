"""What a picture shows: nodes for data and operations, edges for data flow, regions for loops and branches.

Nothing here knows how it is drawn: ``dot``, ``mermaid`` and ``svg`` read these records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

KINDS = ("argument", "value", "result", "constant", "operation", "condition", "group")
"""What a node is; all but the last three are data."""
EDGES = ("data", "shape", "control", "carried")
"""What flows: numbers; a length or a dtype alone; which branch was taken; what the next trip starts from."""


@dataclass(frozen=True)
class Node:
    """One node.

    id: unique, made of letters and digits; label: what it is called; detail: a second line (type, options); region:
    the region that holds it, ``""`` for none; why: ``""``, ``"adjoint"`` or ``"tangent"``; line, text: of the author's
    statement, 0 and ``""`` where there is none; place: what nodes of one statement share; count: the operations that a
    group stands for.
    """

    id: str
    kind: str
    label: str
    detail: str = ""
    region: str = ""
    why: str = ""
    line: int = 0
    text: str = ""
    place: int = -1
    count: int = 0


@dataclass(frozen=True)
class Edge:
    """Data flow from one node to another. kind: one of ``EDGES``; label: the branch, or the operand's number."""

    source: str
    target: str
    kind: str = "data"
    label: str = ""


@dataclass(frozen=True)
class Region:
    """A box. kind: ``loop``, ``branch``, ``arm``, ``forward`` or ``backward``; upwards: drawn from the bottom to the
    top, as the backward sweep is."""

    id: str
    kind: str
    title: str
    parent: str = ""
    upwards: bool = False


@dataclass(frozen=True)
class Graph:
    """A computation graph; nodes, edges and regions come in the order of the program, parents before their parts."""

    name: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    regions: tuple[Region, ...] = ()
    by_id: dict[str, Node] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {node.id: node for node in self.nodes})

    def region(self, name: str) -> Region:
        """A region by its id."""
        return next(region for region in self.regions if region.id == name)

    def path(self, node: str) -> tuple[str, ...]:
        """The regions around a node or region, from the outermost in; of a region, itself included."""
        parents = {region.id: region.parent for region in self.regions}
        inner = self.by_id[node].region if node in self.by_id else node
        found = []
        while inner:
            found.append(inner)
            inner = parents[inner]
        return tuple(reversed(found))

    def inside(self, region: str) -> Iterator[Node]:
        """The nodes that stand directly in a region."""
        return (node for node in self.nodes if node.region == region)
