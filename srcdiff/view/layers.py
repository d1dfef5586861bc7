"""One level of a layout: items in layers, by grandalf's version of Sugiyama's method.

The layers are ours (sources stand where they are first read, ports at the border), the order within them and the
places are grandalf's, and in the end whatever is too close moves apart.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from srcdiff.diagnostics import SrcdiffError

GAP = 22.0
"""Between neighbours in a layer."""
LAYER_GAP = 30.0
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
    """The layer of each item: behind all that it reads; sources directly in front of what first reads them; ports for
    what comes in at the top, for what goes out at the bottom."""
    readers: dict[Item, list[Item]] = {item: [] for item in items}
    waiting = dict.fromkeys(items, 0)
    for tail, head in pieces:
        readers[tail].append(head)
        waiting[head] += 1
    sources = [item for item in items if not waiting[item]]
    ranks = dict.fromkeys(items, 0)
    todo = list(sources)
    while todo:
        item = todo.pop(0)
        for reader in readers[item]:
            ranks[reader] = max(ranks[reader], ranks[item] + 1)
            waiting[reader] -= 1
            if not waiting[reader]:
                todo.append(reader)
    for item in sources:
        if not isinstance(item, tuple) and readers[item]:
            ranks[item] = min(ranks[reader] for reader in readers[item]) - 1
    last = max(ranks.values())
    outs = [item for item in items if isinstance(item, tuple) and item[0] == "out"]
    inner = max((rank for item, rank in ranks.items() if item not in outs), default=0)
    for item in outs:
        ranks[item] = max(last, inner + 1)
    return ranks


def layers_of(
    items: Sequence[Item], pieces: Sequence[Piece], size_of: Any
) -> tuple[list[list[Any]], dict[Piece, list[Any]]]:
    """The vertices of one component layer by layer, with x positions, and for each piece its bends."""
    try:
        from grandalf.graphs import Edge as Link
        from grandalf.graphs import Graph as Links
        from grandalf.graphs import Vertex
        from grandalf.layouts import Layer, SugiyamaLayout, VertexViewer
    except ImportError:
        raise SrcdiffError(
            "an SVG needs a layout: install grandalf (`pip install grandalf`) or Graphviz, or ask for the format dot "
            "or mermaid, which need neither"
        ) from None
    vertices = {item: Vertex(item) for item in items}
    for item, vertex in vertices.items():
        vertex.view = VertexViewer(*size_of(item))
    links = {piece: Link(vertices[piece[0]], vertices[piece[1]]) for piece in pieces}
    (component,) = Links(list(vertices.values()), list(links.values())).C
    layout = SugiyamaLayout(component)
    layout.xspace, layout.yspace, layout.dw, layout.dh = GAP, LAYER_GAP, 6.0, 2.0
    ranks = _ranks(items, pieces)

    def rank_all(*_: Any, **__: Any) -> None:
        while len(layout.layers) <= max(ranks.values()):
            layout.layers.append(Layer())
        for item in items:
            layout.grx[vertices[item]].rank = ranks[item]
            layout.layers[ranks[item]].append(vertices[item])

    layout.rank_all = rank_all
    layout.init_all(roots=[], inverted_edges=[])
    layout.draw(3)
    bends = {}
    for piece, link in links.items():
        control = layout.ctrls.get(link, {})
        bends[piece] = [control[rank] for rank in sorted(control) if getattr(control[rank], "dummy", 0)]
    for layer in layout.layers:
        for vertex in layer:
            vertex.data = getattr(vertex, "data", None)
    return layout.layers, bends


def spread(layers: list[list[Any]]) -> None:
    """Move vertices of a layer apart where they are too close, each as little as possible."""
    for layer in layers:
        ordered = sorted(layer, key=lambda vertex: vertex.view.xy[0])
        offsets, wanted, total = [], [], 0.0
        for index, vertex in enumerate(ordered):
            if index:
                total += (ordered[index - 1].view.w + vertex.view.w) / 2 + GAP
            offsets.append(total)
            wanted.append(vertex.view.xy[0] - total)
        for vertex, offset, place in zip(ordered, offsets, _monotone(wanted), strict=True):
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
