"""Writes a graph as DOT text, and lays it out with Graphviz where that is installed.

The backward sweep stands beside the forward sweep and runs upwards: its edges are written from head to tail.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

from .model import Edge, Graph, Node
from .placing import Placement, Point, crosses
from .style import EDGES, KEPT, REGIONS, TITLE_SIZE, TITLES, is_round, paint, size

SECONDS = 60
_SHAPES = {"condition": "hexagon", "group": "box"}


def to_dot(graph: Graph, fixed: bool = False) -> str:
    """The graph as DOT. fixed: nodes have the sizes of the SVG writer, whatever fonts Graphviz finds."""
    lines = [
        f"digraph {_quoted(graph.name)} {{",
        '  graph [rankdir=TB, nodesep=0.3, ranksep=0.4, fontname="monospace", labeljust=l]',
        '  node [fontname="monospace", fontsize=12, style="filled,rounded", shape=box, margin="0.12,0.06", height=0.3]',
        '  edge [fontname="monospace", fontsize=9, arrowsize=0.7]',
        *_region_lines(graph, "", "  ", fixed),
    ]
    upwards = {region.id for region in graph.regions if region.upwards}
    for number, edge in enumerate(graph.edges):
        lines.append(f"  {_edge_line(graph, edge, number, upwards)}")
    return "\n".join([*lines, "}"]) + "\n"


def _region_lines(graph: Graph, region: str, indent: str, fixed: bool) -> Iterator[str]:
    for node in graph.inside(region):
        yield f"{indent}{node.id} [{_node_attributes(node, fixed)}]"
    for inner in graph.regions:
        if inner.parent == region:
            fill, border = REGIONS[inner.kind]
            yield f"{indent}subgraph cluster_{inner.id} {{"
            yield (
                f'{indent}  label={_quoted(inner.title)}; style="filled,rounded"; fillcolor="{fill}"; '
                f'color="{border}"; fontcolor="{TITLES[inner.kind]}"; fontsize={TITLE_SIZE}; margin=12'
            )
            yield from _region_lines(graph, inner.id, indent + "  ", fixed)
            yield f"{indent}}}"


def _node_attributes(node: Node, fixed: bool) -> str:
    look = paint(node)
    label = node.label + (f"\n{node.detail}" if node.detail else "")
    shape = "circle" if is_round(node) else _SHAPES.get(node.kind, "")
    attributes = [f"label={_quoted(label)}", f'fillcolor="{look.fill}"', f'color="{look.border}"']
    attributes.append(f'fontcolor="{look.text}"')
    if shape:
        attributes += [f"shape={shape}", 'style="filled"']
    elif node.kind == "operation":
        attributes += ["shape=ellipse", 'style="filled"', 'margin="0.04,0.03"']
    if node.kind == "result":
        attributes.append("penwidth=2")
    if node.line:
        attributes.append(f"tooltip={_quoted(f'line {node.line}: {node.text}')}")
    if fixed:
        width, height = size(node)
        attributes += [f"width={width / 72:.4f}", f"height={height / 72:.4f}", "fixedsize=true", "margin=0"]
    return ", ".join(attributes)


def _edge_line(graph: Graph, edge: Edge, number: int, upwards: set[str]) -> str:
    kept, turned = crosses(graph, edge), _turned(graph, edge, upwards)
    colour = KEPT if kept and edge.kind == "data" else EDGES[edge.kind][0]
    attributes = [f'id="e{number}"', f'color="{colour}"']
    if EDGES[edge.kind][1]:
        attributes.append("style=dashed" if edge.kind != "shape" else "style=dotted")
    if kept or edge.kind == "carried":
        attributes.append("constraint=false")
    if edge.label:
        attributes.append(f"{'taillabel' if turned else 'headlabel'}={_quoted(edge.label)}")
    if turned:
        attributes.append("dir=back")
    ends = (edge.target, edge.source) if turned else (edge.source, edge.target)
    return f"{ends[0]} -> {ends[1]} [{', '.join(attributes)}]"


def _turned(graph: Graph, edge: Edge, upwards: set[str]) -> bool:
    """Whether an edge is written from head to tail."""
    return not crosses(graph, edge) and graph.by_id[edge.target].region in upwards


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


# --- Graphviz as a layout


def by_graphviz(graph: Graph) -> Placement | None:
    """A placement by ``dot``; None where it is not installed or fails."""
    program = shutil.which("dot")
    if program is None:
        return None
    try:
        made = subprocess.run(
            [program, "-Tjson"], input=to_dot(graph, fixed=True), capture_output=True, text=True, timeout=SECONDS
        )
        return read_layout(graph, json.loads(made.stdout)) if made.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
        return None


def read_layout(graph: Graph, found: dict[str, Any]) -> Placement:
    """The placement in what ``dot -Tjson`` prints."""
    margin = 10.0
    left, low, right, high = _numbers(found["bb"])
    placed = Placement(width=right - left + 2 * margin, height=high - low + 2 * margin)

    def point(x: float, y: float) -> Point:
        return x - left + margin, high - y + margin

    for item in found["objects"]:
        if item["name"].startswith("cluster_"):
            x0, y0, x1, y1 = _numbers(item["bb"])
            placed.boxes[item["name"].removeprefix("cluster_")] = (*point(x0, y1), x1 - x0, y1 - y0)
        else:
            x, y = _numbers(item["pos"])
            placed.centres[item["name"]] = point(x, y)
    for item in found["edges"]:
        placed.curves[graph.edges[int(item["id"][1:])]] = _curve(item["pos"], point)
    boxes = placed.boxes
    if "backward" in boxes and boxes["backward"][0] < boxes["forward"][0]:
        _mirror(placed)
    return placed


def _mirror(placed: Placement) -> None:
    """Left and right exchanged: the forward sweep stands on the left."""
    width = placed.width
    placed.centres = {name: (width - x, y) for name, (x, y) in placed.centres.items()}
    placed.boxes = {name: (width - x - w, y, w, h) for name, (x, y, w, h) in placed.boxes.items()}
    placed.curves = {edge: [(width - x, y) for x, y in points] for edge, points in placed.curves.items()}


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _curve(text: str, point: Any) -> list[Point]:
    """The points of an edge, from its source to its target: ``e,x,y`` is the tip at its end, ``s,x,y`` at its start."""
    tips = {part[0]: point(*_numbers(part[2:])) for part in text.split() if part[0] in "es"}
    points = [point(*_numbers(part)) for part in text.split() if part[0] not in "es"]
    if "s" in tips:
        points.reverse()
    tip = tips.get("s") or tips.get("e")
    return [*points, points[-1], tip, tip] if tip is not None else points
