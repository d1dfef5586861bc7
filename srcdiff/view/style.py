"""Colours and sizes, shared by the SVG, DOT and Mermaid writers."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Node

FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
LABEL_SIZE = 13
DETAIL_SIZE = 10
CHARACTER = 0.602
"""The width of a character of a monospaced font, in its size."""


@dataclass(frozen=True)
class Paint:
    """Fill, border and text of a node."""

    fill: str
    border: str
    text: str


PAINTS = {
    "argument": Paint("#dbeafe", "#2563eb", "#1e3a8a"),
    "value": Paint("#f1f5f9", "#94a3b8", "#0f172a"),
    "result": Paint("#dcfce7", "#16a34a", "#14532d"),
    "operation": Paint("#ffffff", "#475569", "#0f172a"),
    "condition": Paint("#fef9c3", "#ca8a04", "#713f12"),
    "group": Paint("#ffffff", "#475569", "#0f172a"),
    "adjoint value": Paint("#ffedd5", "#fb923c", "#7c2d12"),
    "adjoint result": Paint("#fed7aa", "#c2410c", "#7c2d12"),
    "adjoint operation": Paint("#ffffff", "#ea580c", "#7c2d12"),
    "tangent value": Paint("#f3e8ff", "#a855f7", "#581c87"),
    "tangent result": Paint("#e9d5ff", "#7e22ce", "#581c87"),
    "tangent operation": Paint("#ffffff", "#9333ea", "#581c87"),
}
REGIONS = {
    "loop": ("#f8fafc", "#64748b"),
    "branch": ("#fefce8", "#ca8a04"),
    "arm": ("#ffffff", "#d6c27a"),
    "forward": ("#ffffff", "#cbd5e1"),
    "backward": ("#fffaf5", "#fdba74"),
}
"""Fill and border of a region."""
TITLES = {"loop": "#475569", "branch": "#854d0e", "arm": "#854d0e", "forward": "#475569", "backward": "#c2410c"}
TITLE_SIZE = 11
EDGES = {
    "data": ("#475569", ""),
    "shape": ("#94a3b8", "2 3"),
    "control": ("#ca8a04", "4 3"),
    "carried": ("#64748b", "5 3"),
}
"""Colour and dashes of an edge."""
KEPT = "#b8c2d0"
"""The colour of what the backward sweep reads of the forward sweep."""


def style_name(node: Node) -> str:
    """The entry of ``PAINTS`` that a node is painted with."""
    kind = "operation" if node.kind == "group" and node.why else node.kind
    return f"{node.why} {kind}" if f"{node.why} {kind}" in PAINTS else node.kind


def paint(node: Node) -> Paint:
    """How a node is painted."""
    return PAINTS[style_name(node)]


def is_round(node: Node) -> bool:
    """Whether a node is a circle: an operator."""
    return node.kind == "operation" and len(node.label) <= 2 and not node.detail


def size(node: Node) -> tuple[float, float]:
    """Width and height in pixels.

    >>> size(Node("n1", "operation", "+"))
    (30.0, 30.0)
    """
    if is_round(node):
        return 30.0, 30.0
    wide = max(len(node.label) * LABEL_SIZE, len(node.detail) * DETAIL_SIZE) * CHARACTER
    high = 40.0 if node.detail else 28.0
    if node.kind == "condition":
        return max(56.0, round(wide + 34)), high + 6
    return max(34.0, float(round(wide + 20))), high
