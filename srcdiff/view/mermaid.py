"""Writes a graph as Mermaid text, which GitHub, GitLab and notebooks draw."""

from __future__ import annotations

from collections.abc import Iterator

from .model import Edge, Graph, Node
from .style import PAINTS, is_round, style_name

_ARROWS = {"data": "-->", "shape": "-.->", "control": "-.->", "carried": "-.->"}
_BRACKETS = {"operation": ("([", "])"), "condition": ("{{", "}}"), "group": ("[[", "]]")}


def to_mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart.

    >>> print(to_mermaid(Graph("f", (Node("n1", "argument", "x", "float"),), ())))
    flowchart TD
      n1("x<br>float"):::argument
      classDef argument fill:#dbeafe,stroke:#2563eb,color:#1e3a8a
    <BLANKLINE>
    """
    lines = ["flowchart TD", *_region_lines(graph, "", "  ")]
    lines += [f"  {_edge(edge)}" for edge in graph.edges]
    for name in dict.fromkeys(map(style_name, graph.nodes)):
        look = PAINTS[name]
        lines.append(f"  classDef {_word(name)} fill:{look.fill},stroke:{look.border},color:{look.text}")
    return "\n".join(lines) + "\n"


def _region_lines(graph: Graph, region: str, indent: str) -> Iterator[str]:
    for node in graph.inside(region):
        yield f"{indent}{_node(node)}"
    for inner in graph.regions:
        if inner.parent == region:
            yield f'{indent}subgraph {inner.id}["{_escaped(inner.title)}"]'
            yield from _region_lines(graph, inner.id, indent + "  ")
            yield f"{indent}end"


def _node(node: Node) -> str:
    start, end = ("((", "))") if is_round(node) else _BRACKETS.get(node.kind, ("(", ")"))
    text = _escaped(node.label) + (f"<br>{_escaped(node.detail)}" if node.detail else "")
    return f'{node.id}{start}"{text}"{end}:::{_word(style_name(node))}'


def _edge(edge: Edge) -> str:
    label = f'|"{_escaped(edge.label)}"|' if edge.label else ""
    return f"{edge.source} {_ARROWS[edge.kind]}{label} {edge.target}"


def _word(name: str) -> str:
    return name.replace(" ", "_")


def _escaped(text: str) -> str:
    """Text inside quotes; Mermaid knows entities, and would read ``*`` and ``_`` at its start as Markdown."""
    for character, code in (("&", "#amp;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;")):
        text = text.replace(character, code)
    return text.replace("*", "#42;")
