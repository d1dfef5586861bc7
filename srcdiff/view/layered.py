"""A layout without Graphviz: every region is laid out in layers with grandalf, from the inside out.

An edge that crosses the border of a region passes through a port, a point in the region's first or last layer; so the
edge is drawn in pieces that meet at the border. Sources stand directly above what first reads them. The backward sweep
is laid out as if it ran downwards, and then turned over: gradients come to stand beside their arguments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .layers import GAP, LAYER_GAP, Bend, Item, Piece, components, layers_of
from .model import Edge, Graph
from .placing import Gate, Placement, Point, crosses, curve_of
from .style import size

PAD = 16.0
TITLE = 24.0
MARGIN = 14.0
RAIL = 11.0
PORT = LAYER_GAP + 2.0
"""The height of a layer of ports."""


@dataclass
class _Level:
    """A region (or the whole) with what stands in it. Positions are relative to its top left corner."""

    region: str
    items: list[Item] = field(default_factory=list)
    pieces: dict[Piece, None] = field(default_factory=dict)
    centres: dict[Item, Point] = field(default_factory=dict)
    gates: dict[Piece, list[Gate]] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0
    carries: bool = False


def layered(graph: Graph) -> Placement:
    """A placement by grandalf. SrcdiffError if it is not installed."""
    return _Layout(graph).placement()


class _Layout:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.levels = {"": _Level(""), **{region.id: _Level(region.id) for region in graph.regions}}
        self.upwards = {region.id for region in graph.regions if region.upwards}
        for region in graph.regions:
            self.levels[region.parent].items.append(region.id)
        for node in graph.nodes:
            self.levels[node.region].items.append(node.id)
        self.routes: dict[Edge, list[tuple[str, Piece]]] = {}
        for edge in graph.edges:
            if edge.kind == "carried":
                self.levels[graph.by_id[edge.target].region].carries = True
            elif not crosses(graph, edge):
                self.routes[edge] = self.route(edge)

    def route(self, edge: Edge) -> list[tuple[str, Piece]]:
        """The pieces of an edge, level by level from its source to its target."""
        outer, inner = self.graph.path(edge.source), self.graph.path(edge.target)
        shared = 0
        while shared < min(len(outer), len(inner)) and outer[shared] == inner[shared]:
            shared += 1
        found: list[tuple[str, Piece]] = []
        item: Item = edge.source
        for region in reversed(outer[shared:]):
            found.append((region, (item, ("out", edge.source))))
            item = region
        level = outer[shared - 1] if shared else ""
        below = inner[shared:]
        found.append((level, (item, below[0] if below else edge.target)))
        for region, following in zip(below, [*below, edge.target][1:], strict=True):
            found.append((region, (("in", edge.source), following)))
        for name, piece in found:
            level_of = self.levels[name]
            level_of.pieces[piece] = None
            for end in piece:
                if isinstance(end, tuple) and end not in level_of.items:
                    level_of.items.append(end)
        return found

    def placement(self) -> Placement:
        for region in reversed(self.graph.regions):
            self.place(self.levels[region.id])
        root = self.levels[""]
        self.place(root)
        placed = Placement(width=root.width, height=root.height)
        self.settle(placed, "", 0.0, 0.0, {})
        return placed

    def size(self, item: Item) -> tuple[float, float]:
        if isinstance(item, tuple):
            return 2.0, 2.0
        if item in self.graph.by_id:
            return size(self.graph.by_id[str(item)])
        level = self.levels[str(item)]
        return level.width, level.height

    # ------------------------------------------------------------------------------------------------ one level

    def place(self, level: _Level) -> None:
        """Lay a level out: its components side by side, those with more in them first."""
        pad = (PAD if level.region else MARGIN) + (RAIL if level.carries else 0.0)
        left, bottom = pad, 0.0
        ports = {item[0] for item in level.items if isinstance(item, tuple)}
        for part in components(level.items, level.pieces):
            layers, routes = layers_of(part, [p for p in level.pieces if p[0] in set(part)], self.size)
            own = {item[0] for item in part if isinstance(item, tuple)}
            width, height = self.read(level, layers, routes, left, PORT if "in" in ports - own else 0.0)
            left += width + GAP
            bottom = max(bottom, height + (PORT if "out" in ports - own else 0.0))
        level.width = left - GAP + pad
        level.height = bottom
        for item, place in list(level.centres.items()):
            if isinstance(item, tuple):
                level.centres[item] = (place[0], 0.0 if item[0] == "in" else bottom)
        if level.region in self.upwards:
            self.turn(level)
        self.shift(level)

    def read(
        self, level: _Level, layers: list[list[Any]], routes: dict[Piece, list[Any]], left: float, top: float
    ) -> Point:
        """Take over what grandalf has found for one component; gives its width, and where it ends."""
        self.face(layers)
        views = [vertex.view for layer in layers for vertex in layer]
        start = min(view.xy[0] - view.w / 2 for view in views)
        y = top
        extents: dict[Any, tuple[float, float]] = {}
        for number, layer in enumerate(layers):
            high = max(vertex.view.h for vertex in layer)
            for vertex in layer:
                extents[vertex] = (y, y + high)
                vertex.view.xy = (vertex.view.xy[0] - start + left, y + high / 2)
                if not isinstance(vertex.data, Bend):
                    level.centres[vertex.data] = vertex.view.xy
            y += high + (LAYER_GAP if number + 1 < len(layers) else 0.0)
        for piece, dummies in routes.items():
            level.gates[piece] = [Gate(dummy.view.xy[0], *extents[dummy]) for dummy in dummies]
        return max(view.xy[0] + view.w / 2 for view in views) - left, y

    def face(self, layers: list[list[Any]]) -> None:
        """Mirror a branch whose second arm has come to stand on the left."""
        arms = [vertex for layer in layers for vertex in layer if self.is_arm(vertex.data)]
        arms.sort(key=lambda vertex: [region.id for region in self.graph.regions].index(vertex.data))
        if len(arms) == 2 and arms[0].view.xy[0] > arms[1].view.xy[0]:
            for layer in layers:
                for vertex in layer:
                    vertex.view.xy = (-vertex.view.xy[0], vertex.view.xy[1])

    def is_arm(self, item: Item) -> bool:
        return any(region.id == item and region.kind == "arm" for region in self.graph.regions)

    def turn(self, level: _Level) -> None:
        """Upside down."""
        level.centres = {item: (x, level.height - y) for item, (x, y) in level.centres.items()}
        level.gates = {piece: [gate.flipped(level.height) for gate in gates] for piece, gates in level.gates.items()}

    def shift(self, level: _Level) -> None:
        """Make room for the border and the title; ports stand on the border, and their layer is room already."""
        above, below = (PAD + TITLE, PAD) if level.region else (MARGIN, MARGIN)
        ports = {item[0] for item in level.items if isinstance(item, tuple)}
        upwards = level.region in self.upwards
        above -= PORT if ("out" if upwards else "in") in ports else 0.0
        below -= min(below, PORT) if ("in" if upwards else "out") in ports else 0.0
        inner, level.height = level.height, level.height + above + below
        for item, (x, y) in level.centres.items():
            level.centres[item] = (x, y + above)
            if isinstance(item, tuple):
                level.centres[item] = (x, 0.0 if y < inner / 2 else level.height)
        level.gates = {piece: [gate.moved(0.0, above) for gate in gates] for piece, gates in level.gates.items()}

    # ------------------------------------------------------------------------------------------------ the whole

    def settle(self, placed: Placement, region: str, x: float, y: float, corners: dict[str, Point]) -> None:
        """Absolute positions, from the outside in; edges when everything has its place."""
        corners[region] = (x, y)
        level = self.levels[region]
        for item, (cx, cy) in level.centres.items():
            if isinstance(item, tuple):
                continue
            name, (w, h) = str(item), self.size(item)
            if name in self.graph.by_id:
                placed.centres[name] = (x + cx, y + cy)
            else:
                placed.boxes[name] = (x + cx - w / 2, y + cy - h / 2, w, h)
                self.settle(placed, name, x + cx - w / 2, y + cy - h / 2, corners)
        if not region:
            for edge, pieces in self.routes.items():
                placed.curves[edge] = curve_of(self.whole(edge, pieces, placed, corners))
            for edge in self.graph.edges:
                if edge not in self.routes:
                    placed.curves[edge] = self.aside(edge, placed)

    def whole(
        self, edge: Edge, pieces: Sequence[tuple[str, Piece]], placed: Placement, corners: dict[str, Point]
    ) -> list[Gate]:
        """The gates of an edge: from its source over the ports to its target."""
        up = -1.0 if self.graph.by_id[edge.source].region in self.upwards else 1.0
        x, y = placed.centres[edge.source]
        half = size(self.graph.by_id[edge.source])[1] / 2 * up
        gates = [Gate(x, y + half, y + half)]
        for region, (tail, head) in pieces:
            left, top = corners[region]
            if isinstance(tail, tuple):
                px, py = self.levels[region].centres[tail]
                gates.append(Gate(left + px, top + py, top + py))
            gates += [gate.moved(left, top) for gate in self.levels[region].gates[tail, head]]
            if isinstance(head, tuple):
                px, py = self.levels[region].centres[head]
                gates.append(Gate(left + px, top + py, top + py))
        x, y = placed.centres[edge.target]
        half = size(self.graph.by_id[edge.target])[1] / 2 * up
        return [*gates, Gate(x, y - half, y - half)]

    def aside(self, edge: Edge, placed: Placement) -> list[Point]:
        """An edge that decides no place: from side to side between sweeps; around the right for the next trip."""
        (ax, ay), (bx, by) = placed.centres[edge.source], placed.centres[edge.target]
        a, b = size(self.graph.by_id[edge.source])[0] / 2, size(self.graph.by_id[edge.target])[0] / 2
        if edge.kind == "carried":
            return self.around(edge, placed)
        way = 1.0 if bx > ax else -1.0
        start, end = ax + way * a, bx - way * b
        middle = (start + end) / 2
        return [(start, ay), (middle, ay), (middle, by), (end, by)]


    def around(self, edge: Edge, placed: Placement) -> list[Point]:
        """An edge to the next trip: along the side of the loop's box where fewer nodes are in its way."""
        (ax, ay), (bx, by) = placed.centres[edge.source], placed.centres[edge.target]
        left, _, width, _ = placed.boxes[self.graph.by_id[edge.target].region]
        ways: list[tuple[int, int, list[Point]]] = []
        for rail, way in ((left + width - RAIL, 1.0), (left + RAIL, -1.0)):
            start, end = ax + way * self.half(edge.source), bx + way * self.half(edge.target)
            met = 0
            for x, y in placed.centres.values():
                for begin, level in ((start, ay), (end, by)):
                    met += abs(y - level) < 20 and min(begin, rail) < x < max(begin, rail)
            turn = math.copysign(min(12.0, abs(ay - by) / 2), by - ay)
            points = [(start, ay), (rail, ay), (rail, ay), (rail, ay + turn), (rail, ay + turn), (rail, by - turn)]
            points += [(rail, by - turn), (rail, by), (rail, by), (end, by)]
            ways.append((met, len(ways), points))
        return min(ways)[2]

    def half(self, node: str) -> float:
        return size(self.graph.by_id[node])[0] / 2
