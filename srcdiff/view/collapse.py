"""Makes a large graph small enough to be read: statements, then loops, then runs of lines become groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from .labels import short
from .model import Edge, Graph, Node

LIMIT = 300
"""With more nodes than this a graph is collapsed."""


def collapsed(graph: Graph, limit: int = LIMIT) -> Graph:
    """The graph with at most about ``limit`` nodes; unchanged if it has no more."""
    for step in (by_statement, by_region, lambda small: by_run(small, limit)):
        if len(graph.nodes) <= limit:
            break
        graph = step(graph)
    return graph


def by_statement(graph: Graph) -> Graph:
    """One node for each statement of the author's, in each sweep and region."""

    def statement(node: Node) -> Hashable:
        return None if _stays(node) or node.place < 0 else (node.region, node.why, node.place)

    return contracted(graph, statement)


def by_region(graph: Graph) -> Graph:
    """One node for each outermost loop or branch."""
    sweeps = {region.id for region in graph.regions if region.kind in ("forward", "backward")}

    def outermost(node: Node) -> Hashable:
        return next((region for region in graph.path(node.id) if region not in sweeps), None)

    return contracted(graph, outermost, lambda node: next(iter(sweeps & set(graph.path(node.id))), ""))


def by_run(graph: Graph, limit: int) -> Graph:
    """Runs of nodes of one kind become groups, as long as are needed."""
    length = math.ceil(len(graph.nodes) / max(1, limit // 2))
    keys: dict[str, Hashable] = {}
    present: Hashable = None
    count = number = 0
    for node in graph.nodes:
        kind = (node.region, node.kind if _stays(node) else "", node.why)
        if kind != present or count == length:
            present, count, number = kind, 0, number + 1
        count += 1
        keys[node.id] = number
    return contracted(graph, lambda node: keys[node.id])


def _stays(node: Node) -> bool:
    return node.kind in ("argument", "result")


def contracted(
    graph: Graph, key: Callable[[Node], Hashable], home: Callable[[Node], str] = lambda node: node.region
) -> Graph:
    """Each run of nodes with the same key becomes one node, in the region that ``home`` says; None is no key.

    Runs are taken in the order of the program, so that no two groups wait for each other.
    """
    runs: list[list[Node]] = []
    last: Hashable = None
    for node in graph.nodes:
        present = key(node)
        if runs and present is not None and present == last:
            runs[-1].append(node)
        else:
            runs.append([node])
        last = present
    nodes = tuple(run[0] if key(run[0]) is None else _group(graph, run, home(run[0])) for run in runs)
    owner = {node.id: run[0].id for run in runs for node in run}
    edges: dict[Edge, None] = {}
    for edge in graph.edges:
        source, target = owner[edge.source], owner[edge.target]
        if source != target:
            label = edge.label if (source, target) == (edge.source, edge.target) else ""
            edges[replace(edge, source=source, target=target, label=label)] = None
    small = Graph(graph.name, nodes, tuple(edges), graph.regions)
    used = {name for node in nodes for name in small.path(node.id)}
    return replace(small, regions=tuple(region for region in graph.regions if region.id in used))


def _group(graph: Graph, run: Sequence[Node], region: str) -> Node:
    """The node that stands for several."""
    first = run[0]
    if len(run) == 1 and first.region == region:
        return first
    if _stays(first):
        return replace(first, label=f"{len(run)} {first.kind}s", detail="")
    count = sum(node.count for node in run)
    lines = sorted({node.line for node in run if node.line})
    detail = f"{count} operation{'s' if count != 1 else ''}"
    if first.region != region:
        outside = graph.path(region) if region else ()
        label = graph.region(graph.path(first.id)[len(outside)]).title
    elif len(lines) == 1:
        label = next(node.text for node in run if node.line)
        detail = f"{'adjoint of ' if first.why == 'adjoint' else ''}line {lines[0]}, {detail}"
    else:
        label = f"lines {lines[0]}–{lines[-1]}" if lines else f"{len(run)} steps"
    return replace(first, kind="group", label=short(label), detail=detail, region=region, count=count)
