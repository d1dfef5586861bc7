"""One level of a layout: items in layers, by grandalf's version of Sugiyama's method.

The layers are ours (sources stand where they are first read, ports at the border), the order within them is
grandalf's, and so are the places, but for those that are too close.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from srcdiff.diagnostics import SrcdiffError

GAP = 22.0
"""Between neighbours in a layer."""
BEND_GAP = 14.0
"""Beside a line."""
LAYER_GAP = 30.0
NO_LAYOUT = (
    "an SVG needs a layout: install grandalf (`pip install grandalf`) or Graphviz, or ask for the format dot or "
    "mermaid, which need neither"
)
Item = Hashable
"""The id of a node or region, or a port ``("in" or "out", node)``."""
Piece = tuple[Item, Item]
"""An edge between items of one level."""


def components(items: Sequence[Item], pieces: Iterable[Piece]) -> list[list[Item]]:
    """What hangs together, in the order of the program."""
    links: dict[Item, list[Item]] = {item: [] for item in items}
    for tail, head in pieces:
        links[tail].append(head)
        links[head].append(tail)
    found: list[list[Item]] = []
    seen: set[Item] = set()
    for item in items:
        if item in seen:
            continue
        part: set[Item] = set()
        todo = [item]
        while todo:
            present = todo.pop()
            if present not in part:
                part.add(present)
                todo += links[present]
        seen |= part
        found.append([each for each in items if each in part])
    return found


def _ranks(items: Sequence[Item], pieces: Sequence[Piece]) -> dict[Item, int]:
    """The layer of each item: behind all that it reads; what reads little stands directly in front of its first reader;
    ports for what comes in at the top, for what goes out at the bottom."""
    readers: dict[Item, list[Item]] = {item: [] for item in items}
    waiting = dict.fromkeys(items, 0)
    for tail, head in pieces:
        readers[tail].append(head)
        waiting[head] += 1
    reads = dict(waiting)
    first = int(any(isinstance(item, tuple) and item[0] == "in" for item in items))
    ranks = {item: 0 if isinstance(item, tuple) and item[0] == "in" else first for item in items}
    order = [item for item in items if not waiting[item]]
    for item in order:  # grows as it goes
        for reader in readers[item]:
            ranks[reader] = max(ranks[reader], ranks[item] + 1)
            waiting[reader] -= 1
            if not waiting[reader]:
                order.append(reader)
    for item in reversed(order):
        if not isinstance(item, tuple) and readers[item] and reads[item] <= len(readers[item]):
            ranks[item] = min(ranks[reader] for reader in readers[item]) - 1
    last = max(ranks.values())
    outs = [item for item in items if isinstance(item, tuple) and item[0] == "out"]
    inner = max((rank for item, rank in ranks.items() if item not in outs), default=0)
    for item in outs:
        ranks[item] = max(last, inner + 1)
    return ranks


class Bend:
    """A point in a layer through which the long edges of one source run."""


def _trunks(pieces: Iterable[Piece], ranks: dict[Item, int]) -> tuple[dict[Piece, None], dict[Piece, list[Bend]]]:
    """Links between neighbouring layers alone, and the bends of each piece; ``ranks`` gets those of the bends.

    What several readers far below share is drawn as one line that they branch off from.
    """
    links: dict[Piece, None] = {}
    bends: dict[Piece, list[Bend]] = {}
    trunks: dict[Item, list[Bend]] = {}
    for tail, head in pieces:
        trunk = trunks.setdefault(tail, [])
        for rank in range(ranks[tail] + 1 + len(trunk), ranks[head]):
            trunk.append(Bend())
            ranks[trunk[-1]] = rank
        used = bends[tail, head] = trunk[: ranks[head] - ranks[tail] - 1]
        way: list[Item] = [tail, *used, head]
        links.update(dict.fromkeys(zip(way, way[1:], strict=False)))
    return links, bends


def layers_of(items: Sequence[Item], pieces: Sequence[Piece], size_of: Any) -> tuple[list[list[Any]], dict[Piece, Any]]:
    """The vertices of one component layer by layer, with x positions, and for each piece its bends.

    A vertex holds its item (or bend) as ``data``, its size and place as ``view``. SrcdiffError without grandalf.
    """
    try:
        from grandalf.graphs import Edge, Graph, Vertex
        from grandalf.layouts import Layer, SugiyamaLayout, VertexViewer
    except ImportError:
        raise SrcdiffError(NO_LAYOUT) from None
    ranks = _ranks(items, pieces)
    links, bends = _trunks(pieces, ranks)
    vertices = {item: Vertex(item) for item in ranks}
    for item, vertex in vertices.items():
        vertex.inner = functools.partial(_has_bend, vertex)
        vertex.view = VertexViewer(*((2.0, 2.0) if isinstance(item, Bend) else size_of(item)))
    edges = [Edge(vertices[tail], vertices[head]) for tail, head in links]
    (component,) = Graph(list(vertices.values()), edges).C
    layout = SugiyamaLayout(component)
    layout.xspace = GAP

    def rank_all(*_: Any, **__: Any) -> None:
        layout.layers += [Layer() for _ in range(max(ranks.values()) + 1)]
        for item, vertex in vertices.items():
            layout.grx[vertex].rank = ranks[item]
            layout.grx[vertex].dummy = int(isinstance(item, Bend))  # kept straight, as grandalf's own bends are
            layout.layers[ranks[item]].append(vertex)

    layout.rank_all = rank_all
    layout.init_all(roots=[], inverted_edges=[])
    layout.draw(3)
    for layer in layout.layers:
        _place(layer, [vertex.view.xy[0] for vertex in layer])
    found = {piece: [vertices[bend] for bend in used] for piece, used in bends.items()}
    return layout.layers, found


def _has_bend(vertex: Any, direction: int) -> bool:
    """Whether a vertex has a bend next to it: what grandalf asks of its own."""
    return any(isinstance(other.data, Bend) for other in vertex.N(direction))


def _place(layer: list[Any], wanted: Sequence[float]) -> None:
    """Give the vertices of a layer their wanted places, as nearly as their order and sizes allow."""
    offsets = [0.0]
    for left, right in zip(layer, layer[1:], strict=False):
        bend = isinstance(left.data, Bend) or isinstance(right.data, Bend)
        offsets.append(offsets[-1] + (left.view.w + right.view.w) / 2 + (BEND_GAP if bend else GAP))
    free = _monotone([place - offset for place, offset in zip(wanted, offsets, strict=True)])
    for vertex, offset, place in zip(layer, offsets, free, strict=True):
        vertex.view.xy = (place + offset, vertex.view.xy[1])


def _monotone(values: Sequence[float]) -> list[float]:
    """The nearest sequence that never falls (least squares, pooling neighbours).

    >>> _monotone([1.0, 4.0, 2.0])
    [1.0, 3.0, 3.0]
    """
    pools: list[tuple[float, int]] = []
    for value in values:
        pools.append((value, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, m), (b, n) = pools[-2:]
            pools[-2:] = [((a * m + b * n) / (m + n), m + n)]
    return [mean for mean, count in pools for _ in range(count)]
