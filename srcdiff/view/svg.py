"""Writes a placed graph as SVG."""

from __future__ import annotations

from html import escape

from .model import Edge, Graph, Node, Region
from .placing import Placement, Point, crosses
from .style import DETAIL_SIZE, EDGES, FONT, KEPT, LABEL_SIZE, REGIONS, TITLE_SIZE, TITLES, is_round, paint, size


def to_svg(graph: Graph, placed: Placement) -> str:
    """The picture; regions at the back, then edges, then nodes."""
    width, height = round(placed.width), round(placed.height)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT}" font-size="{LABEL_SIZE}" role="img">',
        f"<title>{escape(graph.name)}</title>",
        "<defs>",
        *(_marker(name, colour) for name, colour in _colours().items()),
        "</defs>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *(_region(region, placed.boxes[region.id]) for region in graph.regions),
    ]
    edges = sorted(graph.edges, key=lambda edge: not crosses(graph, edge))  # what crosses lies below
    sides = _sides(graph, placed)
    lines += [_edge(graph, edge, placed.curves[edge], sides.get(edge, 1)) for edge in edges]
    lines += [_region_title(region, placed.boxes[region.id]) for region in graph.regions]
    lines += [_node(node, placed.centres[node.id]) for node in graph.nodes]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _colours() -> dict[str, str]:
    return {**{kind: colour for kind, (colour, _) in EDGES.items()}, "kept": KEPT}


def _marker(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.8 L8 4 L0 7.2 z" fill="{colour}"/></marker>'
    )


def _region(region: Region, box: tuple[float, float, float, float]) -> str:
    fill, border = REGIONS[region.kind]
    x, y, w, h = map(_number, box)
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="8" fill="{fill}" stroke="{border}"/>'


def _region_title(region: Region, box: tuple[float, float, float, float]) -> str:
    """Above the edges that run through it, with a rim of the region's colour."""
    x, y = _number(box[0] + 10), _number(box[1] + 18)
    fill, _ = REGIONS[region.kind]
    return (
        f'<text x="{x}" y="{y}" font-size="{TITLE_SIZE}" fill="{TITLES[region.kind]}" stroke="{fill}" stroke-width="4" '
        f'stroke-linejoin="round" paint-order="stroke">{escape(region.title)}</text>'
    )


def _sides(graph: Graph, placed: Placement) -> dict[Edge, int]:
    """On which side of its tip the label of an edge stands: that on which the edge comes in."""
    sides = {}
    for node in graph.nodes:
        labelled = [edge for edge in graph.edges if edge.target == node.id and edge.label]
        labelled.sort(key=lambda edge: placed.curves[edge][-4][0])
        sides.update({edge: -1 if 2 * index < len(labelled) - 1 else 1 for index, edge in enumerate(labelled)})
    return sides


def _edge(graph: Graph, edge: Edge, points: list[Point], side: int) -> str:
    kept = crosses(graph, edge)
    colour, dashes = EDGES[edge.kind]
    colour = KEPT if kept and edge.kind == "data" else colour
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    start, *rest = (f"{_number(x)} {_number(y)}" for x, y in points)
    path = f"M{start} C{' '.join(rest)}"
    marker = "kept" if kept and edge.kind == "data" else edge.kind
    line = f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.2"{dashed} marker-end="url(#{marker})"/>'
    if not edge.label:
        return line
    (_, before), (x, y) = points[-4], points[-1]
    x, y = x + side * (5 + 3 * len(edge.label)), y - 7 if y > before else y + 13
    return (
        f'{line}<text x="{_number(x)}" y="{_number(y)}" font-size="9" fill="{colour}" text-anchor="middle">'
        f"{escape(edge.label)}</text>"
    )


def _node(node: Node, centre: Point) -> str:
    look, (w, h) = paint(node), size(node)
    x, y = centre
    stroke = f'fill="{look.fill}" stroke="{look.border}" stroke-width="{1.8 if node.kind == "result" else 1.2}"'
    if is_round(node):
        shape = f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(w / 2)}" {stroke}/>'
    elif node.kind == "condition":
        corners = [(x - w / 2, y), (x - w / 2 + 14, y - h / 2), (x + w / 2 - 14, y - h / 2)]
        corners += [(x + w / 2, y), (x + w / 2 - 14, y + h / 2), (x - w / 2 + 14, y + h / 2)]
        shape = f'<polygon points="{" ".join(f"{_number(a)},{_number(b)}" for a, b in corners)}" {stroke}/>'
    else:
        radius = h / 2 if node.kind in ("operation",) else 4 if node.kind == "group" else 6
        shape = (
            f'<rect x="{_number(x - w / 2)}" y="{_number(y - h / 2)}" width="{_number(w)}" height="{_number(h)}" '
            f'rx="{_number(radius)}" {stroke}/>'
        )
    said = f"<title>{escape(_title(node))}</title>" if _title(node) else ""
    weight = ' font-weight="600"' if node.kind in ("argument", "value", "result") else ""
    base = y + 4.5 if not node.detail else y - 2
    text = (
        f'<text x="{_number(x)}" y="{_number(base)}" text-anchor="middle" fill="{look.text}"{weight}>'
        f"{escape(node.label)}</text>"
    )
    if node.detail:
        text += (
            f'<text x="{_number(x)}" y="{_number(y + 12)}" text-anchor="middle" fill="{look.text}" fill-opacity="0.75" '
            f'font-size="{DETAIL_SIZE}">{escape(node.detail)}</text>'
        )
    return f'<g class="node {node.kind}">{said}{shape}{text}</g>'


def _title(node: Node) -> str:
    """What a pointer over the node shows: the author's statement."""
    if not node.line:
        return ""
    return f"{node.why + ' of ' if node.why else ''}line {node.line}: {node.text}"


def _number(value: float) -> str:
    """With one decimal at most.

    >>> _number(12.04), _number(3.25)
    ('12', '3.2')
    """
    return f"{value:.1f}".removesuffix(".0")
